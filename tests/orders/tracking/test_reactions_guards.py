"""Once a parcel and status, within a cap, never what is done already: what keeps an automatic action from being one too many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from carriers.statuses import Change, Meaning, TrackingStatus
from orders.enums import ActionKind, Stage
from orders.models import MarketplaceAction, MarkingCode, Reaction, TimelineEntry
from orders.services import actors
from orders.services.reacting import reactions
from orders.services.sending import outbox
from orders.services.shipping.parcels import Moved

from .reacting import NOW, asked, at, heard, open_reactions, world

pytestmark = pytest.mark.django_db


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


def test_once_a_parcel_and_status() -> None:
    here = world()
    here.rule()
    parcel = here.parcel()
    for word in ("DELIVERY", "DELIVERY", "COURIERRETURN", "DATECHANGE", "DELIVERY"):
        parcel.say(word)

    assert open_reactions() == [("out_for_delivery", "deliver", "acted")]
    assert len(asked()) == 1


def test_the_same_changes_told_twice_change_nothing() -> None:
    here = world()
    here.rule()
    parcel = here.parcel()
    parcel.say("DELIVERY")
    now = Meaning(TrackingStatus.OUT_FOR_DELIVERY)
    moved = Moved(parcel.shipment, Meaning(TrackingStatus.IN_TRANSIT), now, Change.PROGRESS)
    before = TimelineEntry.objects.count()

    reactions.consider([moved], now=timezone.now())

    assert (len(asked()), Reaction.objects.count(), TimelineEntry.objects.count()) == (1, 1, before)


def test_a_parcel_that_was_never_seen_under_way_is_left_to_a_person() -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule(grace_minutes=0)
    here.parcel(under_way=False).say("COMPLETE")

    assert open_reactions() == [("delivered", "receive", "suggested")]
    assert only().note.startswith("The parcel was at its end when it was seen first")


def test_a_provisional_word_does_nothing(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule(grace_minutes=0)
    here.parcel().say("COURIERDELIVERED")

    assert (pass_by(clock, 60), open_reactions(), asked()) == (0, [], [])


def test_two_parcels_are_received_when_the_last_one_is(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    first, second = here.parcel("P-1"), here.parcel("P-2")
    first.say("COMPLETE")
    assert open_reactions() == []
    second.say("COMPLETE")
    assert open_reactions() == [("delivered", "receive", "waiting")]
    first.say("NEW")

    assert pass_by(clock, 60) == 0
    assert open_reactions() == [("delivered", "receive", "overtaken")]
    assert asked() == []


def test_more_than_the_cap_an_hour_is_suggested(clock: time_machine.Traveller) -> None:
    worlds = [world(number=str(number)) for number in (1, 2, 3)]
    worlds[0].rule(cap_per_hour=2)
    for number, each in enumerate(worlds):
        each.parcel(f"P-{number}").say("DELIVERY")
    clock.shift(timedelta(minutes=61))
    world(number="4").parcel("P-4").say("DELIVERY")

    assert list(Reaction.objects.order_by("pk").values_list("state", "note")) == [
        ("acted", ""),
        ("acted", ""),
        ("suggested", "More than the rule may do in an hour."),
        ("acted", ""),
    ]
    assert len(asked()) == 3


def test_what_waits_counts_towards_the_cap() -> None:
    one, two = world(stage=Stage.DELIVERING, number="1"), world(stage=Stage.DELIVERING, number="2")
    one.rule(cap_per_hour=1)
    one.parcel("P-1").say("COMPLETE")
    two.parcel("P-2").say("COMPLETE")

    assert list(Reaction.objects.order_by("pk").values_list("state", flat=True)) == ["waiting", "suggested"]


def test_the_kill_switch_holds_what_waits_and_what_comes(clock: time_machine.Traveller, staff: actors.Actor) -> None:
    here, other = world(stage=Stage.DELIVERING), world(number="1002")
    here.rule()
    here.parcel().say("COMPLETE")
    rule = reactions.kill(here.couriers, actor=staff)
    other.parcel("P-2").say("DELIVERY")

    assert (rule.killed, rule.version, rule.changed_by) == (True, 2, staff.user)
    assert pass_by(clock, 60) == 0
    assert list(Reaction.objects.order_by("pk").values_list("state", "note")) == [
        ("suggested", "The rule is stopped."),
        ("suggested", "The rule is stopped."),
    ]
    assert asked() == []
    assert reactions.unkill(here.couriers, actor=staff).version == 3
    assert pass_by(clock, 60) == 0


def test_what_a_person_did_meanwhile_is_not_done_again(clock: time_machine.Traveller, staff: actors.Actor) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel().say("COMPLETE")
    action = outbox.request(here.task.pk, outbox.Wish(ActionKind.RECEIVE), actor=staff)

    assert pass_by(clock, 30) == 0
    assert (only().state, only().action, len(asked())) == ("overtaken", action, 1)


def test_what_a_person_asked_with_another_day_is_left_to_him(
    clock: time_machine.Traveller, staff: actors.Actor
) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel().say("COMPLETE", happened=NOW - timedelta(days=1))
    outbox.request(here.task.pk, outbox.Wish(ActionKind.RECEIVE), actor=staff)

    assert pass_by(clock, 30) == 0
    assert (only().state, only().note) == (
        "overtaken", "It is done already, or the marketplace does not allow it any more.",
    )  # fmt: skip
    assert asked() == [("receive", "staff", {})]


def test_what_the_table_never_takes_is_refused_and_not_tried_again(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel().say("COMPLETE")
    Reaction.objects.update(date=NOW.date() + timedelta(days=3))

    assert pass_by(clock, 30) == 0
    assert (only().state, only().note, asked()) == ("refused", "The day lies between the order and today.", [])
    assert pass_by(clock, 30) == 0


def test_what_is_there_already_is_not_done_again(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel().say("COMPLETE")
    at(here, Stage.RECEIVED)

    assert pass_by(clock, 30) == 0
    assert (only().state, asked()) == ("overtaken", [])


def test_a_step_that_waits_for_its_answer_holds_it_up(clock: time_machine.Traveller) -> None:
    here = world(delivery_type="PICKUP")
    here.rule()
    parcel = here.parcel()
    parcel.say("DELIVERY")
    parcel.say("PICKUPREADY")
    assert open_reactions()[-1] == ("ready_for_pickup", "arrive", "waiting")
    MarketplaceAction.objects.update(state="succeeded")
    at(here, Stage.DELIVERING)

    assert pass_by(clock, 4) == 0
    assert pass_by(clock, 1) == 1
    assert [kind for kind, _source, _payload in asked()] == ["deliver", "arrive"]


def test_what_the_table_refuses_is_left_to_people_with_the_reason() -> None:
    here = world(required_kinds=["sgtin"])
    here.rule()
    here.parcel().say("DELIVERY")

    assert (only().state, only().note) == ("suggested", "1 code is missing (Chestny ZNAK): scan it first.")
    assert (asked(), MarkingCode.objects.count()) == ([], 0)


def test_a_suggestion_that_is_there_already_is_put_away() -> None:
    here = world()
    here.parcel().say("DELIVERY")
    at(here, Stage.DELIVERING)

    assert reactions.act_due() == 0
    assert open_reactions() == [("out_for_delivery", "deliver", "overtaken")]


def test_a_parcel_that_was_taken_off_makes_nothing_happen(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    parcel = here.parcel()
    parcel.say("COMPLETE")
    parcel.shipment.detached_at = timezone.now()
    parcel.shipment.save()

    assert pass_by(clock, 60) == 0
    assert (only().state, only().note, asked()) == ("overtaken", "The parcel was taken off the order.", [])
