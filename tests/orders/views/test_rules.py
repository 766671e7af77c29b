"""The rules of carrier accounts: for managers only, automatic after a trial on history only, stopped at once."""

from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import User
from carriers.models import CarrierAccount
from orders.enums import ReactionMode
from orders.models import MarketplaceAction, ReactionRule
from sandbox.server import RunningSandbox
from tests.orders.statements import counted

from .conftest import Order, ParcelOf, browser, text_of, told


@pytest.fixture
def manager(boss: User) -> Client:
    return browser(boss)


def form(account: CarrierAccount, **values: object) -> dict[str, object]:
    given = {"mode": "suggest", "grace_minutes": 30, "cap_per_hour": 100, **values}
    return {f"{account.pk}-{name}": value for name, value in given.items()}


def test_the_rules_are_for_managers(courier: CarrierAccount, web: Client, onlooker: Client) -> None:
    for client in (web, onlooker):
        for what in ("rule", "kill", "unkill", "rehearse"):
            assert client.post(f"/carriers/{courier.pk}/{what}/", form(courier, mode="off")).status_code == 403
    assert web.get("/carriers/").status_code == 403
    assert ReactionRule.objects.count() == 0


def test_an_empty_page_says_who_connects_a_carrier(manager: Client) -> None:
    assert "No carrier is connected" in text_of(manager.get("/carriers/"))


def test_a_rule_is_changed(courier: CarrierAccount, manager: Client, boss: User) -> None:
    words = text_of(manager.get("/carriers/"))
    assert "Swift couriers" in words
    assert "Try it on history first" in words
    address = f"/carriers/{courier.pk}/rule/"
    assert manager.post(address, form(courier, mode="shadow", grace_minutes=45, cap_per_hour=9)).status_code == 302

    rule = ReactionRule.objects.get()
    assert (rule.mode, rule.grace_minutes, rule.cap_per_hour, rule.version) == ("shadow", 45, 9, 2)
    assert rule.changed_by == boss
    assert manager.post("/carriers/999/rule/", form(courier)).status_code == 404


@pytest.mark.parametrize(
    ("values", "status", "said"),
    [
        ({"mode": "automatic"}, 409, ""),
        ({"mode": "reckless"}, 422, "not one of the available choices"),
        ({"grace_minutes": -1}, 422, "greater than or equal to 0"),
        ({"cap_per_hour": "many"}, 422, "whole number"),
    ],
)
def test_what_may_not_be_is_said_and_nothing_changes(
    courier: CarrierAccount, manager: Client, values: dict[str, object], status: int, said: str
) -> None:
    answer = manager.post(f"/carriers/{courier.pk}/rule/", form(courier, **values))

    assert answer.status_code == status
    assert said in text_of(answer)
    assert 'role="alert"' in answer.content.decode()
    assert not ReactionRule.objects.exclude(mode=ReactionMode.SUGGEST, version=1).exists()


def test_a_trial_on_history_opens_automatic(
    courier: CarrierAccount, order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, manager: Client
) -> None:
    for correct in (False, True):
        row = parcel_of(order_at(status="DELIVERY"), steps=3)
        upstream.measoft.finish(row.number)
        told(courier)
        if correct:
            upstream.measoft.correct(row.number)
            told(courier)
    ReactionRule.objects.filter(pk=courier.pk).update(grace_minutes=0)
    manager.post(f"/carriers/{courier.pk}/rule/", form(courier, grace_minutes=0))
    words = text_of(manager.post(f"/carriers/{courier.pk}/rehearse/"))

    assert "2 parcels told of" in words
    assert "1 of them wrong: the status went back later" in words
    assert f"{row.number} Received by the buyer" in words
    assert "Delivered → Not handed over yet" in words
    assert "Switch automatic on" in words
    assert MarketplaceAction.objects.count() == 0
    assert manager.post(f"/carriers/{courier.pk}/rule/", form(courier, mode="automatic")).status_code == 302
    assert ReactionRule.objects.get().mode == ReactionMode.AUTOMATIC
    assert "acts by itself" in text_of(manager.get("/carriers/"))


def test_a_trial_on_history_says_when_a_person_would_have_been_asked(
    courier: CarrierAccount, order_at: Order, parcel_of: ParcelOf, manager: Client
) -> None:
    parcel_of(order_at(status="DELIVERY"), steps=5)
    words = text_of(manager.post(f"/carriers/{courier.pk}/rehearse/"))

    assert "1 would have been asked of a person: in doubt" in words
    assert "Why a person would have been asked 1 The parcel was at its end when it was seen first" in words
    assert "It would not have acted at all" in words


def test_automatic_and_a_shorter_wait_in_one_go_are_refused(courier: CarrierAccount, manager: Client) -> None:
    manager.post(f"/carriers/{courier.pk}/rehearse/")
    answer = manager.post(f"/carriers/{courier.pk}/rule/", form(courier, mode="automatic", grace_minutes=5))

    assert answer.status_code == 409
    assert "Nobody has tried it with a shorter wait or more an hour" in text_of(answer)
    assert ReactionRule.objects.get().version == 1


def test_everything_is_stopped_at_once_and_works_again(courier: CarrierAccount, manager: Client) -> None:
    for what, killed in (("kill", True), ("kill", True), ("unkill", False)):
        assert manager.post(f"/carriers/{courier.pk}/{what}/").status_code == 302
        assert ReactionRule.objects.get().killed is killed
    assert ReactionRule.objects.get().version == 3


def test_the_rules_take_six_statements(courier: CarrierAccount, manager: Client) -> None:
    manager.get("/tasks/")
    with counted() as statements:
        manager.get("/carriers/")

    assert len(statements) == 6, statements
