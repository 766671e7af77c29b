"""Suggestions as people decide about them; receipts; what a batch of changes costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from backoffice.errors import Conflict, Invalid
from carriers.statuses import Change, Meaning, TrackingStatus
from orders.enums import ReactionMode, Stage
from orders.models import AssemblyTask, Attention, MarketplaceAction, Reaction
from orders.queries import reactions as receipts
from orders.services import actors
from orders.services.reacting import reactions
from orders.services.shipping.parcels import Moved
from tests.orders.statements import counted

from .parcels import event
from .reacting import NOW, World, asked, heard, open_reactions, story, world

pytestmark = pytest.mark.django_db
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


# People ------------------------------------------------------------------------------------------------------------------


def test_a_suggestion_is_one_click(staff: actors.Actor) -> None:
    here = world(stage=Stage.DELIVERING)
    here.parcel().say("CANCELED")
    assert (only().kind, only().reason) == ("cancel", "USER_CHANGED_MIND")

    reactions.take(only().pk, actor=staff)
    again = reactions.take(only().pk, actor=staff)

    assert asked() == [("cancel", "staff", {"reason": "USER_CHANGED_MIND"})]
    assert (again.state, again.decided_by, again.action) == ("taken", staff.user, MarketplaceAction.objects.get())
    assert story() == ["suggested", "taken"]


def test_wildberries_asks_the_buyers_code(staff: actors.Actor) -> None:
    here = world("wildberries", Stage.DELIVERING)
    here.rule(grace_minutes=0)
    here.parcel().say("COMPLETE")
    assert (only().state, only().note) == ("suggested", "The buyer's code is needed.")

    with pytest.raises(Invalid) as caught:
        reactions.take(only().pk, actor=staff)
    assert (caught.value.code, only().state, asked()) == ("code_required", "suggested", [])

    reactions.take(only().pk, actor=staff, code="123456")
    assert (only().state, asked()) == ("taken", [("receive", "staff", {})])


def test_what_the_marketplace_does_not_allow_leaves_the_suggestion(staff: actors.Actor) -> None:
    here = world(required_kinds=["sgtin"])
    here.parcel().say("DELIVERY")

    with pytest.raises(Conflict) as caught:
        reactions.take(only().pk, actor=staff)

    assert (caught.value.code, only().state, only().action, asked()) == ("codes_missing", "suggested", None, [])


def test_what_waits_is_stopped_or_done_now(clock: time_machine.Traveller, staff: actors.Actor) -> None:
    here, other = world(stage=Stage.DELIVERING), world(stage=Stage.DELIVERING, number="1002")
    here.rule()
    here.parcel().say("COMPLETE")
    other.parcel("P-2").say("COMPLETE")
    one, two = Reaction.objects.order_by("pk")

    assert reactions.stop(one.pk, actor=staff).state == "stopped"
    assert reactions.stop(one.pk, actor=staff).state == "stopped"
    assert reactions.take(two.pk, actor=staff).state == "taken"
    assert pass_by(clock, 60) == 0
    assert [source for _kind, source, _payload in asked()] == ["staff"]
    with pytest.raises(Conflict) as caught:
        reactions.take(one.pk, actor=staff)
    assert (caught.value.code, len(asked())) == ("stage", 1)


def test_a_suggestion_is_put_away_with_a_note(staff: actors.Actor) -> None:
    here = world(stage=Stage.DELIVERING)
    here.parcel().say("RETURNED")
    row = only()

    with pytest.raises(Conflict):
        reactions.stop(row.pk, actor=staff)
    assert only().state == "suggested"
    reactions.dismiss(row.pk, actor=staff, note="the buyer takes it tomorrow")

    assert (only().state, only().note, only().decided_by) == ("stopped", "the buyer takes it tomorrow", staff.user)
    with pytest.raises(Conflict):
        reactions.dismiss(row.pk + 1, actor=staff)


# What is worth a look, statements, receipts ------------------------------------------------------------------------------


def test_a_part_that_was_delivered_is_for_people_to_look_at() -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel().say("PARTIALLY")

    assert (open_reactions(), asked()) == ([], [])
    question = Attention.objects.get(kind="tracking_look")
    assert (question.facts["to"], question.facts["number"]) == ("partially_delivered", "P-1")


def many(count: int, first: int, mode: str) -> tuple[World, list[Moved]]:
    moved = []
    for number in range(first, first + count):
        here = world(number=str(number))
        here.rule(mode)
        parcel = here.parcel(f"P-{number}")
        parcel.shipment.status = TrackingStatus.OUT_FOR_DELIVERY
        parcel.shipment.save()
        now = Meaning(TrackingStatus.OUT_FOR_DELIVERY)
        moved.append(Moved(parcel.shipment, Meaning(TrackingStatus.IN_TRANSIT), now, Change.PROGRESS))
    return here, moved


@pytest.mark.parametrize(("mode", "statements"), [(ReactionMode.SUGGEST, 7), (ReactionMode.AUTOMATIC, 25)])
def test_many_changes_cost_what_one_costs(mode: str, statements: int) -> None:
    _here, one = many(1, 100, mode)
    _here, some = many(30, 200, mode)
    with counted() as for_one:
        reactions.consider(one, now=timezone.now())
    with counted() as for_some:
        reactions.consider(some, now=timezone.now())

    assert Reaction.objects.count() == 31
    assert (len(for_one), len(for_some)) == (statements, statements)


def test_a_rule_that_is_off_costs_two_statements_and_does_nothing() -> None:
    _here, moved = many(3, 300, ReactionMode.OFF)
    with counted() as found:
        reactions.consider(moved, now=timezone.now())

    assert (len(found), Reaction.objects.count(), MarketplaceAction.objects.count()) == (2, 0, 0)


def test_a_change_that_leads_nowhere_costs_one_statement() -> None:
    here = world()
    parcel = here.parcel()
    moved = Moved(parcel.shipment, Meaning(TrackingStatus.PENDING), Meaning(TrackingStatus.IN_TRANSIT), Change.PROGRESS)
    with counted() as found:
        reactions.consider([moved], now=timezone.now())

    assert len(found) == 1


def test_why_was_received_sent(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule(version=7)
    here.parcel().say("COMPLETE", happened=YESTERDAY)
    pass_by(clock, 30)
    action = MarketplaceAction.objects.get()
    with counted() as statements:
        found = receipts.explain(action.pk)

    assert found is not None
    assert len(statements) == 5
    assert (found.reaction.rule_version, found.reaction.state) == (7, "acted")
    assert [(entry.code, entry.happened_at) for entry in found.entries] == [("COMPLETE", YESTERDAY)]
    assert [entry.status for entry in found.story] == ["waiting", "acted"]
    assert found.inputs == {
        "status": "delivered",
        "finality": "final",
        "before": "in_transit",
        "change": "progress",
        "raw_status": "COMPLETE",
        "raw_title": "Complete",
        "happened_at": YESTERDAY.isoformat(),
        "learned_at": NOW.isoformat(),
        "stage": "delivering",
        "words": {"status": "DELIVERY", "substatus": "DELIVERY_SERVICE_RECEIVED"},
        "grace_minutes": 30,
        "cap_per_hour": 100,
        "killed": False,
    }
    shown = receipts.as_json(found)
    assert (shown["action"]["kind"], shown["rule_version"], shown["date"]) == ("receive", 7, "2026-11-26")
    assert receipts.explain(0) is None
    assert receipts.receipt(0) is None


def test_settings_that_make_no_sense_stop_nothing_else() -> None:
    here = world()
    here.rule()
    here.shop.options = {"dialect": "business", "limits": 1}
    here.shop.save()
    parcel = here.parcel()
    parcel.say("DELIVERY")

    assert parcel.shipment.status == "out_for_delivery"
    assert (open_reactions(), asked()) == ([], [])
    assert event("DELIVERY").meaning is not None
    assert AssemblyTask.objects.get().stage == Stage.READY
