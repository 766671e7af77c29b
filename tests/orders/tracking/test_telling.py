"""Numbers of parcels are told to the marketplace when it takes them: at once, or later, and never a number that was replaced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone, translation

from backoffice.errors import Conflict
from carriers.models import CarrierAccount
from orders.enums import ActionKind, ActionState, AttentionKind, Stage
from orders.models import MarketplaceAction, Shipment
from orders.services import actors, attention
from orders.services.reacting import catchup
from orders.services.shipping import shipments, telling
from tests.orders.statements import counted

from .parcels import carrier_account
from .reacting import NOW, World, at, world

pytestmark = pytest.mark.django_db
SERVICE = "1006360"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with translation.override("en"), time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def couriers() -> CarrierAccount:
    return carrier_account(track_service=SERVICE)


@pytest.fixture
def here(couriers: CarrierAccount) -> World:
    return world(stage=Stage.READY)


def attach(here: World, number: str) -> Shipment:
    return shipments.attach(here.order.pk, here.couriers.pk, number, actor=actors.SYSTEM)


def told() -> list[tuple[str, str]]:
    """Numbers and states of all that is to be told."""
    rows = MarketplaceAction.objects.filter(kind=ActionKind.SEND_TRACK).order_by("pk")
    return [(row.payload["data"]["track"], row.state) for row in rows]


def answer(state: ActionState) -> None:
    """The marketplace has answered what waits."""
    rows = MarketplaceAction.objects.filter(state__in=(ActionState.QUEUED, ActionState.SENDING))
    rows.update(state=state, finished_at=timezone.now())


def minute(clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(minutes=1))
    catchup.act_due()


def test_a_number_that_is_replaced_before_it_was_told_is_not_told(here: World, staff: actors.Actor) -> None:
    wrong = attach(here, "WRONG1")

    shipments.replace(wrong.pk, "RIGHT1", actor=staff)

    assert told() == [("WRONG1", "cancelled"), ("RIGHT1", "queued")]
    assert MarketplaceAction.objects.get(state="queued").payload["data"]["service"] == SERVICE


def test_one_on_its_way_is_followed_by_the_number_in_its_place(
    here: World, staff: actors.Actor, clock: time_machine.Traveller
) -> None:
    wrong = attach(here, "WRONG1")
    MarketplaceAction.objects.update(state=ActionState.SENDING)
    shipments.replace(wrong.pk, "RIGHT1", actor=staff)
    minute(clock)
    assert told() == [("WRONG1", "sending")]

    answer(ActionState.SUCCEEDED)
    minute(clock)
    minute(clock)

    assert told() == [("WRONG1", "succeeded"), ("RIGHT1", "queued")]


def test_a_refused_number_that_is_replaced_asks_nobody_any_more(here: World, staff: actors.Actor) -> None:
    wrong = attach(here, "WRONG1")
    answer(ActionState.FAILED)
    key = f"action_failed:{here.task.pk}:send_track:"
    attention.open_one(attention.Question(AttentionKind.ACTION_FAILED, key, task_id=here.task.pk))

    shipments.replace(wrong.pk, "RIGHT1", actor=staff)

    assert told() == [("WRONG1", "failed"), ("RIGHT1", "queued")]
    assert attention.open_keys([key]) == set()


@pytest.mark.parametrize("number", ["WRONG1", "TAKEN"])
def test_a_replacement_that_does_not_come_about_stops_nothing(here: World, staff: actors.Actor, number: str) -> None:
    attach(world(number="1002"), "TAKEN")
    MarketplaceAction.objects.all().delete()
    wrong = attach(here, "WRONG1")

    if number == "TAKEN":
        with pytest.raises(Conflict):
            shipments.replace(wrong.pk, number, actor=staff)
    else:
        assert shipments.replace(wrong.pk, number, actor=staff) == wrong

    assert told() == [("WRONG1", "queued")]
    assert Shipment.objects.get(pk=wrong.pk).detached_at is None


def test_a_number_that_is_taken_off_before_it_was_told_is_not_told(
    here: World, staff: actors.Actor, clock: time_machine.Traveller
) -> None:
    parcel = attach(here, "A1")

    shipments.detach(parcel.pk, "another order", actor=staff)
    minute(clock)

    assert told() == [("A1", "cancelled")]


def test_an_order_that_is_not_accepted_yet_is_told_when_it_is(
    couriers: CarrierAccount, clock: time_machine.Traveller
) -> None:
    here = world(stage=Stage.WAITING)
    attach(here, "A1")
    minute(clock)
    assert told() == []

    clock.shift(timedelta(days=3))
    at(here, Stage.READY)
    type(here.task).objects.update(updated_at=timezone.now())
    minute(clock)
    minute(clock)

    assert told() == [("A1", "queued")]


def test_the_second_parcel_of_an_order_is_told_after_the_first(here: World, clock: time_machine.Traveller) -> None:
    attach(here, "A1")
    attach(here, "A2")
    assert told() == [("A1", "queued")]

    answer(ActionState.SUCCEEDED)
    minute(clock)

    assert told() == [("A1", "succeeded"), ("A2", "queued")]


@pytest.mark.parametrize("state", [ActionState.FAILED, ActionState.CANCELLED, ActionState.SUCCEEDED])
def test_what_was_asked_once_is_not_asked_again_by_itself(
    here: World, clock: time_machine.Traveller, state: ActionState
) -> None:
    attach(here, "A1")
    answer(state)

    for _twice in range(2):
        minute(clock)

    assert told() == [("A1", state.value)]


def test_without_a_service_or_a_marketplace_that_takes_numbers_nothing_is_told(clock: time_machine.Traveller) -> None:
    silent = world(stage=Stage.READY)
    attach(silent, "A1")
    CarrierAccount.objects.update(options={"extra": "8", "track_service": "not a number"})
    minute(clock)
    CarrierAccount.objects.update(options={"extra": "8", "track_service": SERVICE})
    attach(world("wildberries", stage=Stage.READY, number="7"), "W1")
    at(silent, Stage.RECEIVED)
    type(silent.task).objects.filter(pk=silent.task.pk).update(stage=Stage.RECEIVED)
    minute(clock)

    assert told() == []


def test_a_service_that_is_chosen_later_is_told_for_parcels_of_the_day(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.READY)
    attach(here, "A1")
    CarrierAccount.objects.update(options={"extra": "8", "track_service": SERVICE})

    minute(clock)

    assert told() == [("A1", "queued")]


def test_a_look_around_costs_one_statement_where_nobody_has_a_service(clock: time_machine.Traveller) -> None:
    attach(world(stage=Stage.READY), "A1")
    with counted() as statements:
        assert telling.tell_untold(timezone.now()) == 0
    assert len(statements) == 1, statements

    CarrierAccount.objects.update(options={"extra": "8", "track_service": SERVICE})
    attach(world(stage=Stage.READY, number="1002"), "A2")
    telling.tell_untold(timezone.now())
    with counted() as statements:
        assert telling.tell_untold(timezone.now()) == 0
    # carrier accounts, marketplaces, parcels that are not told; nothing to tell
    assert len(statements) == 3, statements


def test_a_recalled_number_takes_no_other_with_it(here: World, staff: actors.Actor) -> None:
    first = attach(here, "A1")
    answer(ActionState.SUCCEEDED)
    second: Any = attach(here, "A2")

    shipments.detach(first.pk, "not sent", actor=staff)

    assert told() == [("A1", "succeeded"), ("A2", "queued")]
    assert second.detached_at is None
