"""A rehearsal decides as the rule does live: the same doubts, all parcels of the order, also those that were taken off since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from carriers.models import CarrierAccount
from orders.enums import ActionState, EntryKind, Stage
from orders.models import MarketplaceAction, Reaction, Shipment, TimelineEntry
from orders.reactions import DOUBTS, Hand
from orders.services import actors, timeline
from orders.services.reacting import reactions
from orders.services.reacting.rehearsal import Rehearsal
from orders.services.shipping import arrivals, shipments

from .parcels import carrier_account, event, snapshot
from .reacting import NOW, Parcel, World, at, heard, world

pytestmark = pytest.mark.django_db
BEGAN = NOW - timedelta(days=10)
STAGES = {"deliver": Stage.DELIVERING, "receive": Stage.RECEIVED}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with translation.override("en"), time_machine.travel(BEGAN, tick=False) as travelling:
        yield travelling


def lived(clock: time_machine.Traveller, parcel: Parcel, *words: str) -> None:
    """Polls, an hour apart, each with one more word."""
    for word in words:
        clock.shift(timedelta(hours=1))
        parcel.say(word)


def rehearsed(clock: time_machine.Traveller, couriers: CarrierAccount) -> Rehearsal:
    clock.move_to(NOW)
    return reactions.rehearse(couriers)


def counts(found: Rehearsal) -> tuple[int, int, dict[Hand, int], int]:
    return found.acted, found.caught, found.doubts, found.wrong_count


# The same as live --------------------------------------------------------------------------------------------------------


def live(clock: time_machine.Traveller, here: World, parcel: Parcel, words: tuple[str, ...]) -> None:
    """Told and acted, with a marketplace that says yes."""
    for word in words:
        clock.shift(timedelta(minutes=29))
        parcel.say(word)
        clock.shift(timedelta(minutes=31))
        heard()
        reactions.act_due()
        for action in MarketplaceAction.objects.filter(state=ActionState.QUEUED):
            at(here, STAGES[action.kind])
        MarketplaceAction.objects.update(state=ActionState.SUCCEEDED)


@pytest.mark.parametrize(
    "words",
    [
        ("ACCEPTED", "DELIVERY", "COMPLETE"),
        ("ACCEPTED", "COMPLETE"),
        ("COMPLETE",),
        ("DELIVERY", "COMPLETE"),
        ("ACCEPTED", "CANCELED", "DELIVERY", "COMPLETE"),
        ("ACCEPTED", "DELIVERY", "ACCEPTED", "DELIVERY", "COMPLETE"),
        ("ACCEPTED", "RETURNED", "COMPLETE"),
        ("ACCEPTED", "COMPLETE", "NEW", "COMPLETE"),
        ("ACCEPTED", "DELIVERY", "COURIERRETURN", "DELIVERY", "COURIERDELIVERED", "COMPLETE"),
        ("ACCEPTED", "DELIVERY", "CANCELED", "RETURNED"),
        ("ACCEPTED", "DELIVERY", "DATECHANGE", "COURIERDELIVERED", "COMPLETE"),
    ],
)
def test_it_does_what_the_rule_does_live(clock: time_machine.Traveller, words: tuple[str, ...]) -> None:
    here = world()
    here.rule()
    live(clock, here, here.parcel(under_way=False), words)
    hands = Counter(Hand(row.inputs["hand"]) for row in Reaction.objects.all() if "hand" in row.inputs)
    acted = TimelineEntry.objects.filter(kind="reaction", status="acted").count()

    found = rehearsed(clock, here.couriers)

    assert found.acted == acted
    assert found.doubts == {hand: count for hand, count in hands.items() if hand in DOUBTS}
    assert found.suggested == sum(count for hand, count in hands.items() if hand not in DOUBTS)


def test_at_wildberries_it_hands_over_what_is_delivered_as_live(clock: time_machine.Traveller) -> None:
    here = world("wildberries")
    here.rule()
    live(clock, here, here.parcel(under_way=False), ("ACCEPTED", "COMPLETE"))
    assert TimelineEntry.objects.filter(kind="reaction", status="acted").count() == 1

    found = rehearsed(clock, here.couriers)

    assert (found.acted, found.doubts) == (1, {})


def test_a_word_taken_back_and_said_again_between_two_polls_would_have_been_asked(
    clock: time_machine.Traveller,
) -> None:
    here = world()
    parcel = here.parcel(under_way=False)
    lived(clock, parcel, "ACCEPTED", "COMPLETE")
    clock.shift(timedelta(minutes=20))
    parcel.history.append(event("NEW", happened_at=timezone.now() - timedelta(minutes=10)))
    parcel.say("COMPLETE")

    assert counts(rehearsed(clock, here.couriers)) == (0, 0, {Hand.TURNED: 1}, 0)


@pytest.mark.parametrize(
    ("words", "hand"),
    [
        (("COMPLETE",), Hand.FIRST),
        (("ACCEPTED", "RETURNED", "COMPLETE"), Hand.AGAIN),
        (("ACCEPTED", "CANCELED", "DELIVERY", "COMPLETE"), Hand.TURNED),
    ],
)
def test_a_doubt_would_have_been_asked(clock: time_machine.Traveller, words: tuple[str, ...], hand: Hand) -> None:
    here = world()
    lived(clock, here.parcel(under_way=False), *words)

    found = rehearsed(clock, here.couriers)

    assert (found.doubts, found.asked, found.wrong_count) == ({hand: 1}, 1, 0)


@pytest.mark.parametrize(("returned", "acted"), [(None, 0), (False, 1)])
def test_a_carrier_that_hides_returns_is_asked_about(
    clock: time_machine.Traveller, returned: bool | None, acted: int
) -> None:
    freight = carrier_account("dellin", "Freight")
    here = world()
    here.parcel(under_way=False)
    history = []
    for word in ("inway", "finished"):
        clock.shift(timedelta(hours=1))
        history.append(event(word, kind="dellin", happened_at=timezone.now()))
        arrivals.apply(freight, [snapshot("P-1", *history, returned=returned)], timezone.now())

    found = rehearsed(clock, freight)

    assert (found.acted, found.doubts) == (acted, {} if acted else {Hand.RETURN: 1})


def test_a_wish_of_the_buyer_is_answered_first(clock: time_machine.Traveller) -> None:
    here = world()
    parcel = here.parcel(under_way=False)
    lived(clock, parcel, "ACCEPTED")
    timeline.record([timeline.about(here.task, EntryKind.CANCEL_REQUESTED, actors.MARKETPLACE, "once")])
    lived(clock, parcel, "DELIVERY")
    clock.shift(timedelta(minutes=5))
    timeline.record([timeline.about(here.task, EntryKind.CANCEL_WITHDRAWN, actors.MARKETPLACE, "once")])
    lived(clock, parcel, "COMPLETE")

    found = rehearsed(clock, here.couriers)

    assert (found.acted, found.suggested, found.doubts) == (1, 1, {})


# All parcels of the order ------------------------------------------------------------------------------------------------


def test_a_parcel_of_another_carrier_holds_it_up(clock: time_machine.Traveller) -> None:
    here = world()
    Shipment.objects.create(order=here.order, carrier_account=carrier_account("dellin", "Freight"), number="D-1")
    lived(clock, here.parcel(under_way=False), "ACCEPTED", "COMPLETE")

    assert counts(rehearsed(clock, here.couriers)) == (0, 0, {}, 0)


def test_a_parcel_that_was_taken_off_after_it_was_done_was_wrong(
    clock: time_machine.Traveller, staff: actors.Actor
) -> None:
    here = world()
    parcel = here.parcel(under_way=False)
    lived(clock, parcel, "ACCEPTED", "DELIVERY", "COMPLETE")
    clock.shift(timedelta(hours=1))
    off_at = timezone.now()
    shipments.detach(parcel.shipment.pk, "a wrong number", actor=staff)

    found = rehearsed(clock, here.couriers)

    assert (found.parcels, counts(found)) == (1, (2, 0, {}, 1))
    assert [(each.kind, each.status, each.then, each.then_at) for each in found.wrong] == [
        ("receive", "delivered", None, off_at)
    ]


def test_a_parcel_that_was_taken_off_in_time_was_caught(clock: time_machine.Traveller, staff: actors.Actor) -> None:
    here = world()
    parcel = here.parcel(under_way=False)
    lived(clock, parcel, "ACCEPTED", "COMPLETE")
    clock.shift(timedelta(minutes=29))
    shipments.detach(parcel.shipment.pk, "a wrong number", actor=staff)

    assert counts(rehearsed(clock, here.couriers)) == (0, 1, {}, 0)


def test_a_parcel_says_nothing_after_it_was_taken_off(clock: time_machine.Traveller, staff: actors.Actor) -> None:
    """Its correction does not count against the one that took its place, and it holds nothing up."""
    here = world()
    wrong, right = here.parcel("P-1", under_way=False), here.parcel("P-2", under_way=False)
    lived(clock, wrong, "ACCEPTED", "CANCELED", "DELIVERY")
    shipments.detach(wrong.shipment.pk, "a wrong number", actor=staff)
    lived(clock, right, "ACCEPTED", "COMPLETE")

    found = rehearsed(clock, here.couriers)

    assert (found.parcels, found.acted, found.doubts) == (2, 1, {})
