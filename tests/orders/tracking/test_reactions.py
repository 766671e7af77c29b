"""What a carrier's word brings about: suggested, tried, waited for, done once, and never taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from carriers.statuses import Change, Finality, Meaning, TrackingStatus
from orders.enums import ActionState, ReactionMode, ReactionState, Stage
from orders.models import Attention, MarketplaceAction, Reaction
from orders.services import actors
from orders.services.reacting import reactions, receipts
from orders.services.shipping import arrivals
from orders.services.shipping.parcels import Moved

from .parcels import snapshot
from .reacting import NOW, asked, at, corrections, heard, open_reactions, story, world

pytestmark = pytest.mark.django_db
GRACE = timedelta(minutes=30)
YESTERDAY = NOW - timedelta(hours=14)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with translation.override("en"), time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


def pass_by(clock: time_machine.Traveller, minutes: float) -> int:
    """The job of that minute; how many reactions it did."""
    clock.shift(timedelta(minutes=minutes))
    heard()
    return reactions.act_due()


def only() -> Reaction:
    return Reaction.objects.get()


# Modes -------------------------------------------------------------------------------------------------------------------


def test_without_a_rule_it_is_suggested() -> None:
    here = world()
    here.parcel().say("DELIVERY")

    assert open_reactions() == [("out_for_delivery", "deliver", "suggested")]
    assert (only().mode, only().rule_version, only().note, only().due_at) == ("suggest", 1, "", None)
    assert (asked(), story()) == ([], ["suggested"])


def test_off_is_off() -> None:
    here = world()
    here.rule(ReactionMode.OFF)
    parcel = here.parcel()
    parcel.say("DELIVERY")
    parcel.say("COMPLETE")

    assert (open_reactions(), asked(), story()) == ([], [], [])


def test_a_trial_run_suggests_and_notes_what_would_have_been_done(clock: time_machine.Traveller) -> None:
    here = world()
    here.rule(ReactionMode.SHADOW)
    parcel = here.parcel()
    parcel.say("DELIVERY")
    parcel.say("COMPLETE")

    assert pass_by(clock, 31) == 0
    assert open_reactions() == [("out_for_delivery", "deliver", "overtaken"), ("delivered", "receive", "suggested")]
    received = Reaction.objects.get(kind="receive")
    assert (received.mode, received.due_at) == ("shadow", NOW + GRACE)
    assert received.note == "Trial run: the rule would do this by itself."
    assert (asked(), story()) == ([], ["suggested", "shadow", "overtaken", "suggested", "shadow"])
    assert receipts.is_tried(received, timezone.now())
    parcel.say("NEW")
    assert list(Reaction.objects.order_by("pk").values_list("state", "note")) == [
        ("overtaken", "The carrier says something else now."),
        ("overtaken", "It would have been wrong: the carrier took its word back later."),
    ]


def test_a_trial_run_waits_for_a_correction_too(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule(ReactionMode.SHADOW)
    parcel = here.parcel()
    parcel.say("COMPLETE")
    clock.shift(timedelta(minutes=29))
    parcel.say("NEW")

    assert open_reactions() == [("delivered", "receive", "overtaken")]
    assert only().note == "The carrier says something else now."


def test_what_a_trial_run_suggests_is_taken_by_a_person_and_judged_all_the_same(
    clock: time_machine.Traveller, staff: actors.Actor
) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule(ReactionMode.SHADOW)
    parcel = here.parcel()
    parcel.say("COMPLETE")
    reactions.take(only().pk, actor=staff)
    assert [source for _kind, source, _payload in asked()] == ["staff"]
    pass_by(clock, 31)
    parcel.say("NEW")

    assert (only().state, only().note) == (
        "taken", "It would have been wrong: the carrier took its word back later.",
    )  # fmt: skip
    assert corrections() == 1


def test_what_is_in_doubt_a_trial_run_would_not_do(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule(ReactionMode.SHADOW)
    here.parcel(under_way=False).say("COMPLETE")

    assert (only().state, only().due_at, story()) == ("suggested", None, ["suggested"])


def test_what_can_be_taken_back_is_done_at_once() -> None:
    here = world()
    here.rule()
    here.parcel().say("DELIVERY")

    assert open_reactions() == [("out_for_delivery", "deliver", "acted")]
    assert asked() == [("deliver", "system", {})]
    action = MarketplaceAction.objects.get()
    assert (only().action, action.state, action.actor) == (action, "queued", None)
    assert story() == ["waiting", "acted"]


# Grace -------------------------------------------------------------------------------------------------------------------


def test_received_waits_for_a_correction_and_is_asked_once_with_the_real_day(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel().say("COMPLETE", happened=YESTERDAY, delivered_on=date(2026, 11, 26))

    assert open_reactions() == [("delivered", "receive", "waiting")]
    assert (only().due_at, only().date, asked()) == (NOW + GRACE, date(2026, 11, 26), [])
    assert (pass_by(clock, 29), asked()) == (0, [])
    assert pass_by(clock, 1) == 1
    assert asked() == [("receive", "system", {"date": "2026-11-26"})]
    assert (pass_by(clock, 1), len(asked())) == (0, 1)
    assert (only().state, only().decided_at) == ("acted", NOW + GRACE)


def test_the_day_is_that_of_the_carriers_word_where_it_names_no_other(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel().say("COMPLETE", happened=YESTERDAY)

    assert only().date == date(2026, 11, 26)


def test_a_delivery_of_today_needs_no_date_and_at_midnight_it_does(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule(grace_minutes=60)
    here.parcel().say("COMPLETE")
    here.shop.refresh_from_db()
    other = world(stage=Stage.DELIVERING, number="1002")
    clock.move_to(NOW + timedelta(hours=11, minutes=30))  # 23:30 in Moscow
    heard()
    reactions.act_due()
    other.parcel("P-2").say("COMPLETE")
    pass_by(clock, 61)

    assert asked() == [("receive", "system", {}), ("receive", "system", {"date": "2026-11-27"})]


def test_without_a_grace_it_is_done_at_once() -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule(grace_minutes=0)
    here.parcel().say("COMPLETE")

    assert open_reactions() == [("delivered", "receive", "acted")]
    assert asked() == [("receive", "system", {})]


def test_a_correction_in_the_grace_sends_nothing_and_is_raised(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    parcel = here.parcel()
    parcel.say("COMPLETE")
    clock.shift(timedelta(minutes=29))
    parcel.say("NEW")

    assert pass_by(clock, 60) == 0
    assert open_reactions() == [("delivered", "receive", "overtaken")]
    assert (asked(), corrections(), story()) == ([], 1, ["waiting", "overtaken"])
    assert only().note == "The carrier says something else now."


def test_said_again_after_a_correction_it_is_left_to_a_person(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    parcel = here.parcel()
    for word in ("COMPLETE", "NEW", "COMPLETE"):
        clock.shift(timedelta(minutes=5))
        parcel.say(word)

    assert pass_by(clock, 60) == 0
    assert open_reactions() == [("delivered", "receive", "suggested")]
    assert only().note == "The carrier said so before, then something else, and now again: a person decides."
    assert (asked(), len(only().entries)) == ([], 2)


def test_a_correction_after_it_was_done_reverses_nothing(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    parcel = here.parcel()
    parcel.say("COMPLETE")
    pass_by(clock, 30)
    MarketplaceAction.objects.update(state=ActionState.SUCCEEDED)
    at(here, Stage.RECEIVED)
    parcel.say("NEW")
    parcel.say("COMPLETE")

    assert pass_by(clock, 60) == 0
    assert open_reactions() == [("delivered", "receive", "acted")]
    assert (len(asked()), corrections()) == (1, 1)
    assert Attention.objects.get(kind="tracking_correction").severity == "urgent"


def test_a_correction_is_raised_here_when_nobody_has(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    parcel = here.parcel()
    parcel.say("COMPLETE")
    pass_by(clock, 30)
    before, now = Meaning(TrackingStatus.DELIVERED, Finality.FINAL), Meaning(TrackingStatus.PENDING)

    reactions.consider([Moved(parcel.shipment, before, now, Change.CORRECTION)], now=timezone.now())

    question = Attention.objects.get(kind="tracking_correction")
    assert question.facts == {
        "number": "P-1", "external_id": "P-1", "from": "delivered", "to": "pending", "kind": "receive",
        "action": MarketplaceAction.objects.get().pk,
    }  # fmt: skip


def test_an_event_that_was_taken_out_of_the_history_stops_it_too(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    parcel = here.parcel()
    parcel.say("DELIVERY")
    parcel.say("COMPLETE", happened=NOW + timedelta(minutes=1))
    clock.shift(timedelta(minutes=5))
    arrivals.apply(here.couriers, [snapshot("P-1", *parcel.history[:-1])], timezone.now())

    assert pass_by(clock, 60) == 0
    assert Reaction.objects.get(status="delivered").state == ReactionState.OVERTAKEN
    assert asked() == []
