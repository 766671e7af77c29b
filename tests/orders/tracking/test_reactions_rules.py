"""Rules: how far a carrier's word may go, and the rehearsal on history that comes before *automatic*."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone, translation

from backoffice.errors import Conflict, Invalid
from carriers.statuses import TrackingStatus
from orders.enums import ActionKind, EntryKind, ReactionMode, Stage
from orders.models import Reaction, ReactionRule
from orders.queries import reactions as queries
from orders.reactions import Hand
from orders.services import actors, timeline
from orders.services.reacting import reactions, rules
from orders.services.reacting.rehearsal import Rehearsal, Wrong
from orders.services.shipping import arrivals
from tests.orders.statements import counted

from .parcels import carrier_account, snapshot
from .reacting import NOW, Parcel, World, asked, open_reactions, world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with translation.override("en"), time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


# Rules -------------------------------------------------------------------------------------------------------------------


def test_the_default_suggests_and_is_not_stored() -> None:
    rule = reactions.rule_of(carrier_account())

    assert (rule.mode, rule.grace_minutes, rule.cap_per_hour, rule.killed, rule.version) == (
        "suggest", 30, 100, False, 1,
    )  # fmt: skip
    assert not ReactionRule.objects.exists()


def test_automatic_needs_a_rehearsal_of_the_last_seven_days(clock: time_machine.Traveller, staff: actors.Actor) -> None:
    couriers = carrier_account()
    for days in (None, 8):
        if days is not None:
            reactions.rehearse(couriers)
            clock.shift(timedelta(days=days))
        with pytest.raises(Conflict) as caught:
            reactions.change_rule(couriers, mode=ReactionMode.AUTOMATIC, actor=staff)
        assert caught.value.code == "not_rehearsed"
        assert (reactions.rule_of(couriers).mode, reactions.rule_of(couriers).version) == ("suggest", 1)

    reactions.rehearse(couriers)
    clock.shift(timedelta(days=7))
    rule = reactions.change_rule(couriers, mode=ReactionMode.AUTOMATIC, actor=staff)

    assert (rule.mode, rule.version, rule.changed_by) == ("automatic", 2, staff.user)


def test_a_shorter_wait_is_bolder_and_needs_one_too(clock: time_machine.Traveller, staff: actors.Actor) -> None:
    couriers = carrier_account()
    reactions.rehearse(couriers)
    reactions.change_rule(couriers, mode=ReactionMode.AUTOMATIC, actor=staff)
    clock.shift(timedelta(days=30))

    assert reactions.change_rule(couriers, grace_minutes=60, actor=staff).version == 3
    with pytest.raises(Conflict):
        reactions.change_rule(couriers, grace_minutes=5, actor=staff)
    assert reactions.rule_of(couriers).grace_minutes == 60


def test_automatic_and_a_shorter_wait_in_one_go_are_refused(staff: actors.Actor) -> None:
    couriers = carrier_account()
    reactions.rehearse(couriers)
    bolder: tuple[dict[str, Any], ...] = ({"grace_minutes": 29}, {"cap_per_hour": 101})
    for wanted in bolder:
        with pytest.raises(Conflict) as caught:
            reactions.change_rule(couriers, mode=ReactionMode.AUTOMATIC, actor=staff, **wanted)
        assert caught.value.code == "not_rehearsed"
    rule = reactions.rule_of(couriers)
    assert (rule.mode, rule.grace_minutes, rule.cap_per_hour, rule.version) == ("suggest", 30, 100, 1)

    rule = reactions.change_rule(couriers, mode=ReactionMode.AUTOMATIC, grace_minutes=31, cap_per_hour=99, actor=staff)
    assert (rule.mode, rule.grace_minutes, rule.cap_per_hour) == ("automatic", 31, 99)


@pytest.mark.parametrize("bolder", [{"grace_minutes": 29}, {"cap_per_hour": 101}])
def test_a_trial_counts_for_the_rule_that_was_tried(bolder: dict[str, Any], staff: actors.Actor) -> None:
    couriers = carrier_account()
    reactions.rehearse(couriers)
    reactions.change_rule(couriers, mode=ReactionMode.SHADOW, actor=staff)
    assert reactions.is_rehearsed(reactions.rule_of(couriers))
    reactions.change_rule(couriers, actor=staff, **bolder)

    assert reactions.rule_of(couriers).rehearsed_at is None
    with pytest.raises(Conflict) as caught:
        reactions.change_rule(couriers, mode=ReactionMode.AUTOMATIC, actor=staff)
    assert caught.value.code == "not_rehearsed"
    assert reactions.rule_of(couriers).mode == "shadow"

    reactions.rehearse(couriers)
    assert reactions.change_rule(couriers, mode=ReactionMode.AUTOMATIC, actor=staff).mode == "automatic"


def test_a_trial_of_a_rule_that_was_changed_meanwhile_does_not_count(staff: actors.Actor) -> None:
    couriers = carrier_account()
    tried = reactions.rule_of(couriers)
    reactions.change_rule(couriers, grace_minutes=5, actor=staff)
    rules.rehearsed(couriers, tried.version, NOW)

    assert reactions.rule_of(couriers).rehearsed_at is None


def test_nothing_new_is_no_new_version(staff: actors.Actor) -> None:
    couriers = carrier_account()
    reactions.change_rule(couriers, mode=ReactionMode.SHADOW, cap_per_hour=5, actor=staff)
    rule = reactions.change_rule(couriers, mode=ReactionMode.SHADOW, cap_per_hour=5, actor=staff)

    assert (rule.version, rule.mode, rule.cap_per_hour, rule.grace_minutes) == (2, "shadow", 5, 30)
    assert reactions.unkill(couriers, actor=staff).version == 2


@pytest.mark.parametrize(
    ("wanted", "code"),
    [({"mode": "always"}, "mode"), ({"grace_minutes": -1}, "grace"), ({"cap_per_hour": 10_001}, "cap")],
)
def test_what_makes_no_sense_is_refused(wanted: dict[str, Any], code: str, staff: actors.Actor) -> None:
    couriers = carrier_account()
    with pytest.raises(Invalid) as caught:
        reactions.change_rule(couriers, actor=staff, **wanted)

    assert (caught.value.code, reactions.rule_of(couriers).version) == (code, 1)


def test_what_waits_is_held_when_a_rule_ends_automatic(staff: actors.Actor) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel().say("COMPLETE")

    reactions.change_rule(here.couriers, mode=ReactionMode.SUGGEST, actor=staff)

    assert open_reactions() == [("delivered", "receive", "suggested")]
    assert Reaction.objects.get().note == "The rule is not automatic any more."


def test_rules_of_all_accounts_in_three_statements() -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel().say("COMPLETE")
    carrier_account("dellin", "A dellin")
    with counted() as statements:
        rows = queries.rule_rows()

    assert len(statements) == 3
    assert [(row.account.title, row.rule.mode, row.waiting, row.suggested, row.may_start, row.acts) for row in rows] == [
        ("A dellin", "suggest", 0, 0, False, False),
        ("Couriers", "automatic", 1, 0, True, True),
    ]  # fmt: skip


# Rehearsal ---------------------------------------------------------------------------------------------------------------


def lived(clock: time_machine.Traveller, parcel: Parcel, *words: str, minutes: float = 60) -> None:
    """Polls, so many minutes apart, each with one more word."""
    for word in words:
        clock.shift(timedelta(minutes=minutes))
        parcel.say(word)


def past(clock: time_machine.Traveller, days: int) -> None:
    clock.move_to(NOW - timedelta(days=days))


def test_would_have_acted_four_times_and_one_would_have_been_wrong(clock: time_machine.Traveller) -> None:
    past(clock, 10)
    good, bad, caught = (world(number=number) for number in ("1", "2", "3"))
    parcels = [each.parcel(f"P-{number}", under_way=False) for number, each in enumerate((good, bad, caught), 1)]
    for parcel in parcels:
        parcel.say("ACCEPTED")
    lived(clock, parcels[0], "DELIVERY", "COMPLETE")
    lived(clock, parcels[1], "COMPLETE")
    wrong_from = timezone.now()
    lived(clock, parcels[1], "NEW", minutes=31)
    lived(clock, parcels[2], "DELIVERY", "COMPLETE")
    lived(clock, parcels[2], "NEW", minutes=29)
    clock.move_to(NOW)

    found = reactions.rehearse(good.couriers)

    shipment = parcels[1].shipment
    assert found == Rehearsal(
        days=30,
        parcels=3,
        acted=4,
        caught=1,
        wrong_count=1,
        wrong=[
            Wrong(
                shipment.pk, "P-2", bad.order.pk, ActionKind.RECEIVE, TrackingStatus.DELIVERED, wrong_from + timedelta(minutes=30),
                TrackingStatus.PENDING, wrong_from + timedelta(minutes=31),
            )
        ],
    )  # fmt: skip
    assert ReactionRule.objects.get().rehearsed_at == NOW
    assert asked() == []


def test_the_wait_of_the_rule_counts(clock: time_machine.Traveller, staff: actors.Actor) -> None:
    past(clock, 10)
    here = world()
    parcel = here.parcel(under_way=False)
    lived(clock, parcel, "ACCEPTED", "COMPLETE", "NEW")
    clock.move_to(NOW)

    assert (reactions.rehearse(here.couriers).acted, reactions.rehearse(here.couriers).wrong_count) == (1, 1)
    reactions.change_rule(here.couriers, grace_minutes=61, actor=staff)
    found = reactions.rehearse(here.couriers)
    assert (found.acted, found.caught, found.wrong_count) == (0, 1, 0)


def test_an_event_that_was_taken_out_of_the_history_counts_as_taken_back(clock: time_machine.Traveller) -> None:
    past(clock, 10)
    here = world()
    parcel = here.parcel(under_way=False)
    lived(clock, parcel, "ACCEPTED", "DELIVERY", "COMPLETE")
    clock.shift(timedelta(minutes=45))
    arrivals.apply(here.couriers, [snapshot("P-1", *parcel.history[:-1])], timezone.now())
    clock.move_to(NOW)

    found = reactions.rehearse(here.couriers)

    assert (found.acted, found.wrong_count, found.wrong[0].then) == (2, 1, "out_for_delivery")


def test_what_is_left_to_people_is_counted_apart(clock: time_machine.Traveller) -> None:
    past(clock, 10)
    refused, seen_late = world(number="1"), world(number="2")
    lived(clock, refused.parcel("P-1", under_way=False), "ACCEPTED", "DELIVERY", "CANCELED")
    lived(clock, seen_late.parcel("P-2", under_way=False), "COMPLETE")
    clock.move_to(NOW)

    found = reactions.rehearse(refused.couriers)

    assert (found.acted, found.suggested, found.doubts, found.wrong) == (1, 1, {Hand.FIRST: 1}, [])


def test_an_order_that_somebody_cancelled_is_over_in_the_rehearsal_too(clock: time_machine.Traveller) -> None:
    past(clock, 10)
    here = world()
    parcel = here.parcel(under_way=False)
    lived(clock, parcel, "ACCEPTED")
    _stage(here, "cancelled")
    lived(clock, parcel, "DELIVERY", "COMPLETE")
    clock.move_to(NOW)

    assert reactions.rehearse(here.couriers).acted == 0


def test_what_our_own_action_received_is_found_by_the_rule(clock: time_machine.Traveller) -> None:
    past(clock, 10)
    here = world()
    parcel = here.parcel(under_way=False)
    lived(clock, parcel, "ACCEPTED", "COMPLETE")
    _stage(here, "received", action=1)
    clock.move_to(NOW)

    assert reactions.rehearse(here.couriers).acted == 1


def _stage(here: World, status: str, **data: int) -> None:
    timeline.record([timeline.about(here.task, EntryKind.STAGE, actors.MARKETPLACE, status, status=status, data=data)])


def test_older_than_the_days_is_left_out(clock: time_machine.Traveller) -> None:
    past(clock, 40)
    here = world()
    lived(clock, here.parcel(under_way=False), "ACCEPTED", "DELIVERY", "COMPLETE")
    clock.move_to(NOW)

    assert reactions.rehearse(here.couriers) == Rehearsal(days=30)
    assert reactions.rehearse(here.couriers, days=60).acted == 2


def test_a_long_history_costs_the_statements_of_a_short_one(clock: time_machine.Traveller) -> None:
    past(clock, 10)
    first = world(number="0")
    first.rule()
    first.parcel("P-0").say("DELIVERY")
    counts = []
    for numbers in (range(1, 2), range(2, 12)):
        for number in numbers:
            lived(clock, world(number=str(number)).parcel(f"P-{number}"), "DELIVERY", "COMPLETE")
        with counted() as statements:
            reactions.rehearse(first.couriers, now=NOW)
        counts.append(len(statements))

    assert counts == [8, 8]
