"""Who may end somebody's wave and take somebody's badge, and what is asked first."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from backoffice.models import User
from orders.models import AssemblyTask, Badge, MarketplaceAccount, Wave
from orders.services import actors
from orders.services.warehouse import badges, waves
from tests.orders.exercises import begin
from tests.orders.floors import made, somebody, wildberries

from .conftest import HTMX, browser, hidden, text_of


@pytest.fixture
def shop(db: None) -> MarketplaceAccount:
    return wildberries()


@pytest.fixture
def annas(shop: MarketplaceAccount) -> Wave:
    """A wave of two tasks of somebody else's."""
    made(shop, minutes=1)
    made(shop, minutes=2)
    return waves.start(2, actor=actors.staff(somebody("anna", first_name="Anna", last_name="Kim")))


def as_picker(web: Client, user: User) -> Client:
    """A badge was scanned at this browser."""
    badges.issue(user)
    session = web.session
    badges.sign_in(session, user)
    session.save()
    return web


# Waves ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["form", "htmx"])
def test_somebody_elses_wave_is_not_ended(annas: Wave, web: Client, headers: dict[str, str]) -> None:
    before = list(AssemblyTask.objects.order_by("pk").values())
    task = before[0]["id"]
    answers = [
        web.get(f"/waves/{annas.pk}/close/", headers=headers),
        web.post(f"/waves/{annas.pk}/close/", headers=headers),
        web.post(f"/waves/{annas.pk}/tasks/{task}/remove/", headers=headers),
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert all("This is the wave of Anna K." in text_of(answer) for answer in answers)
    assert list(AssemblyTask.objects.order_by("pk").values()) == before
    assert Wave.objects.get().closed_at is None
    assert 'id="close-wave"' not in web.get(f"/waves/{annas.pk}/").content.decode()


def test_a_lead_ends_it_and_sees_whose_it_is(annas: Wave, boss: User) -> None:
    lead = browser(boss)
    assert 'id="close-wave"' in lead.get(f"/waves/{annas.pk}/").content.decode()
    asked = text_of(lead.get(f"/waves/{annas.pk}/close/", headers=HTMX))
    assert "Close the wave of Anna K.?" in asked
    first = annas.tasks.order_by("deadline_at")[0]
    assert lead.post(f"/waves/{annas.pk}/tasks/{first.pk}/remove/").status_code == 302
    assert "1 task was given back." in text_of(lead.post(f"/waves/{annas.pk}/close/", follow=True))
    assert Wave.objects.get().closed_at is not None


def test_the_badge_says_whose_wave_it_is(annas: Wave, web: Client, boss: User) -> None:
    picker = as_picker(web, User.objects.get(username="anna"))
    assert 'id="close-wave"' in picker.get(f"/waves/{annas.pk}/").content.decode()
    assert "Close the wave?" in text_of(picker.get(f"/waves/{annas.pk}/close/", headers=HTMX))
    assert picker.post(f"/waves/{annas.pk}/close/").status_code == 302
    assert Wave.objects.get().closed_at is not None


def test_exercises_of_both_people_are_given_back_at_the_end(
    shop: MarketplaceAccount, web: Client, picker: User
) -> None:
    school = wildberries(title="School", training=True)
    anna = somebody("anna")
    for _each in range(2):
        made(school, is_test=True)
    begin(web)
    web.post("/waves/start/", {"count": "1"})
    as_picker(web, anna).post("/waves/start/", {"count": "1"})
    assert set(Wave.objects.filter(closed_at=None).values_list("picker", flat=True)) == {picker.pk, anna.pk}

    web.post("/training/stop/")

    assert Wave.objects.filter(closed_at=None).count() == 0
    assert AssemblyTask.objects.filter(assignee=None, wave=None).count() == 2


def test_a_forgotten_wave_of_exercises_is_not_shown_in_real_work(
    shop: MarketplaceAccount, web: Client, picker: User
) -> None:
    made(wildberries(title="School", training=True), is_test=True)
    made(shop)
    wave = waves.start(1, actor=actors.staff(picker, training=True))
    assert "A new wave" in text_of(web.get("/waves/"))
    begin(web)
    assert f"Wave {wave.pk}" in text_of(web.get("/waves/"))


# Badges --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
def test_a_new_badge_is_asked_for_first(picker: User, boss: User, headers: dict[str, str]) -> None:
    badges.issue(picker)
    lead = browser(boss)
    page = lead.get("/shift/badges/").content.decode()
    asked = lead.get(f"/shift/badges/{picker.pk}/", headers=headers)

    assert f'href="/shift/badges/{picker.pk}/"' in page
    assert f'action="/shift/badges/{picker.pk}/"' not in page
    assert f"Issue a new badge to {picker.short_name}?" in text_of(asked)
    assert f"Badge no. 1 of {picker.short_name} stops working at once" in text_of(asked)
    assert hidden(asked, "seen") == "1"
    assert Badge.objects.get().serial == 1

    for _twice in range(2):
        assert lead.post(f"/shift/badges/{picker.pk}/", {"seen": "1"}).status_code == 302
        assert Badge.objects.get().serial == 2


def test_a_first_badge_costs_nobody_anything(picker: User, boss: User) -> None:
    lead = browser(boss)
    assert f'action="/shift/badges/{picker.pk}/"' in lead.get("/shift/badges/").content.decode()
    asked = text_of(lead.get(f"/shift/badges/{picker.pk}/"))
    assert f"Issue a badge to {picker.short_name}?" in asked
    assert "stops working" not in asked
    assert lead.get("/shift/badges/999999/").status_code == 404
    assert Badge.objects.count() == 0


@pytest.mark.parametrize("enters_the_admin", [False, True])
def test_who_only_looks_issues_none(picker: User, enters_the_admin: bool) -> None:
    looker = somebody("looker")
    User.objects.filter(pk=looker.pk).update(is_staff=enters_the_admin)
    group = Group.objects.create(name="lookers")
    group.permissions.add(Permission.objects.get(content_type__app_label="orders", codename="view_badge"))
    looker.groups.add(group)
    badges.issue(picker)  # after the group is there: permissions of roles are remembered
    web = browser(looker)

    page = web.get("/shift/badges/").content.decode()
    answers = [
        web.get(f"/shift/badges/{picker.pk}/"),
        web.post(f"/shift/badges/{picker.pk}/", {"seen": "1"}),
        web.get("/print/badges/"),
    ]

    assert "has a badge" in page
    assert f"/shift/badges/{picker.pk}/" not in page
    assert "/print/badges/" not in page
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert b"BO-U-" not in answers[2].content
    assert Badge.objects.get().serial == 1
