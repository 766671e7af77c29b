"""Badges: one that was replaced is no badge, and a station knows its picker as long as both still count."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from backoffice.errors import Conflict
from backoffice.models import User
from backoffice.people import Role, create_user
from orders import signs
from orders.models import Badge
from orders.services.warehouse import badges


def test_a_badge_is_issued_once(picker: User) -> None:
    first, again = badges.issue(picker), badges.issue(picker)

    assert (first.pk, first.serial) == (again.pk, 1)
    assert badges.who(picker.pk, 1) == picker
    assert Badge.objects.count() == 1


def test_a_new_issue_takes_the_place_of_the_old_one(picker: User) -> None:
    badges.issue(picker)
    badge = badges.renew(picker, seen=1)
    twice = badges.renew(picker, seen=1)

    assert (badge.serial, twice.serial) == (2, 2)
    assert badges.renew(picker).serial == 3
    for old in (1, 2):
        with pytest.raises(Conflict) as error:
            badges.who(picker.pk, old)
        assert error.value.code == "badge"
    assert badges.who(picker.pk, 3) == picker


def test_the_first_badge_of_somebody_may_be_asked_for_as_a_new_one(picker: User) -> None:
    assert badges.renew(picker).serial == 1


@pytest.mark.parametrize("what", ["off", "no role"])
def test_nobody_without_the_right_to_work_has_a_badge(picker: User, what: str) -> None:
    badges.issue(picker)
    if what == "off":
        picker.is_active = False
        picker.save()
    else:
        picker.groups.clear()
    person = User.objects.get(pk=picker.pk)
    for refused in (badges.issue, badges.renew, lambda user: badges.who(user.pk, 1)):
        with pytest.raises(Conflict) as error:
            refused(person)
        assert error.value.code == "person"
    assert Badge.objects.get().serial == 1


def test_nobody_has_the_badge_of_a_stranger(db: None) -> None:
    with pytest.raises(Conflict):
        badges.who(12345, 1)


def test_a_sign_that_was_made_up_is_no_badge(picker: User) -> None:
    badges.issue(picker)
    printed = signs.of_badge(picker.pk, 1)
    sign = signs.parse(printed)

    assert sign is not None
    assert badges.who(sign.user_id or 0, sign.serial) == picker
    assert signs.parse(printed.replace(f"-{picker.pk}-1-", f"-{picker.pk}-2-")) is None


def test_a_badge_outlives_a_change_of_keys_and_not_the_loss_of_its_own(settings: Settings) -> None:
    settings.FIELD_KEYS = ["the-first-key-of-all"]
    printed = signs.of_badge(7, 1)
    settings.SECRET_KEY = "another one, fifty characters long, for the sessions"
    settings.FIELD_KEYS = ["a-newer-key-in-front", "the-first-key-of-all"]

    assert signs.parse(printed) == signs.Sign(user_id=7, serial=1)
    assert signs.parse(signs.of_badge(7, 1)) == signs.Sign(user_id=7, serial=1)
    assert signs.of_badge(7, 1) != printed
    settings.FIELD_KEYS = ["a-newer-key-in-front"]
    assert signs.parse(printed) is None


# At a station -------------------------------------------------------------------------------------------------------
def test_a_picker_signs_in_and_off(picker: User) -> None:
    session: dict[str, Any] = {"other": 1}
    badges.issue(picker)
    badges.sign_in(session, picker)

    assert session == {"other": 1, "picker": picker.pk, "picker_serial": 1, "picker_name": picker.short_name}
    assert badges.signed_in(session) == picker
    badges.sign_out(session)
    badges.sign_out(session)
    assert session == {"other": 1}
    assert badges.signed_in(session) is None


def test_nobody_signs_in_without_a_badge(picker: User) -> None:
    session: dict[str, Any] = {}
    with pytest.raises(Conflict):
        badges.sign_in(session, picker)
    assert session == {}


@pytest.mark.parametrize("what", ["renewed", "switched off"])
def test_who_does_not_count_any_more_is_signed_off(picker: User, what: str) -> None:
    session: dict[str, Any] = {}
    badges.issue(picker)
    badges.sign_in(session, picker)
    if what == "renewed":
        badges.renew(picker)
    else:
        User.objects.filter(pk=picker.pk).update(is_active=False)

    assert badges.signed_in(session) is None
    assert session == {}


def test_a_second_badge_takes_the_place_of_the_first(picker: User) -> None:
    other = create_user("other", role=Role.WAREHOUSE, password="other", weak=True)
    session: dict[str, Any] = {}
    for user in (picker, other):
        badges.issue(user)
        badges.sign_in(session, user)

    assert badges.signed_in(session) == other
