"""What changes around a parcel: it is taken off, another one is, or the marketplace's stage comes later than the carrier's word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from orders import wording
from orders.enums import ActionState, ReactionMode, Stage
from orders.models import AssemblyTask, Attention, MarketplaceAction, Reaction, TimelineEntry
from orders.services import actors, stages
from orders.services.reacting import catchup, reactions
from orders.services.shipping import shipments
from tests.orders.statements import counted

from .reacting import NOW, WORDS, Parcel, World, asked, corrections, heard, open_reactions, story, world

pytestmark = pytest.mark.django_db
LATER = "The parcel was there already; only now the order allows it."


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with translation.override("en"), time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


def minute(clock: time_machine.Traveller, minutes: float = 1) -> int:
    """The job of that minute."""
    clock.shift(timedelta(minutes=minutes))
    heard()
    return catchup.act_due()


def arrive(here: World, stage: Stage) -> None:
    """The marketplace's word comes, through its own door."""
    here.task.refresh_from_db()
    stages.move(here.task, stage, actor=actors.MARKETPLACE, words=WORDS[here.shop.kind, stage])


def off(parcel: Parcel, staff: actors.Actor) -> None:
    shipments.detach(parcel.shipment.pk, "a wrong number", actor=staff)


# The stage comes later ---------------------------------------------------------------------------------------------------


def test_what_the_carrier_said_before_the_stage_allowed_it_is_suggested(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.WAITING)
    here.rule()
    here.parcel().say("DELIVERY")
    assert (minute(clock), open_reactions()) == (0, [])

    arrive(here, Stage.READY)

    assert minute(clock) == 0
    assert open_reactions() == [("out_for_delivery", "deliver", "suggested")]
    row = Reaction.objects.get()
    assert (row.note, row.inputs["hand"], row.due_at) == (LATER, "later", None)
    assert [TimelineEntry.objects.get(pk=pk).code for pk in row.entries] == ["DELIVERY"]
    assert (asked(), story()) == ([], ["suggested"])


def test_it_is_suggested_once(clock: time_machine.Traveller, staff: actors.Actor) -> None:
    here = world(stage=Stage.WAITING)
    here.parcel().say("DELIVERY")
    arrive(here, Stage.READY)
    minute(clock)
    minute(clock)
    reactions.dismiss(Reaction.objects.get().pk, actor=staff)
    AssemblyTask.objects.update(updated_at=timezone.now())

    minute(clock)
    assert open_reactions() == [("out_for_delivery", "deliver", "stopped")]


def test_nothing_is_suggested_where_the_rule_is_off_or_the_word_is_provisional(clock: time_machine.Traveller) -> None:
    silent, unsure = world(stage=Stage.WAITING, number="1"), world(stage=Stage.WAITING, number="2")
    silent.parcel("P-1").say("DELIVERY")
    silent.rule(ReactionMode.OFF)
    arrive(silent, Stage.READY)
    minute(clock)
    silent.rule(ReactionMode.SUGGEST)
    AssemblyTask.objects.filter(pk=silent.task.pk).update(updated_at=NOW - timedelta(hours=2))
    unsure.parcel("P-2").say("COURIERDELIVERED")
    arrive(unsure, Stage.READY)

    minute(clock)
    assert open_reactions() == []


def test_what_was_said_no_to_is_not_suggested_for_the_other_parcel(
    clock: time_machine.Traveller, staff: actors.Actor
) -> None:
    here = world(stage=Stage.DELIVERING)
    first, second = here.parcel("P-1"), here.parcel("P-2")
    first.say("COMPLETE")
    second.say("COMPLETE")
    reactions.dismiss(Reaction.objects.get().pk, actor=staff)
    AssemblyTask.objects.update(updated_at=timezone.now())

    minute(clock)
    assert open_reactions() == [("delivered", "receive", "stopped")]


def test_a_look_around_costs_one_statement_and_many_cost_what_one_costs(clock: time_machine.Traveller) -> None:
    counts = []
    for numbers in (range(0), range(1), range(1, 4)):
        for number in numbers:
            here = world(stage=Stage.WAITING, number=str(number))
            here.parcel(f"P-{number}").say("DELIVERY")
            arrive(here, Stage.READY)
        with counted() as statements:
            catchup.look_around(timezone.now())
        counts.append(len(statements))

    assert counts == [1, 11, 11]
    assert open_reactions() == [("out_for_delivery", "deliver", "suggested")] * 4


# Another parcel is taken off ---------------------------------------------------------------------------------------------


def test_when_the_other_parcel_is_taken_off_what_follows_now_is_suggested(staff: actors.Actor) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    first, second = here.parcel("P-1"), here.parcel("P-2")
    first.say("COMPLETE")
    assert open_reactions() == []

    off(second, staff)
    off(second, staff)

    assert open_reactions() == [("delivered", "receive", "suggested")]
    row = Reaction.objects.get()
    assert (row.note, row.shipment.number, asked()) == (LATER, "P-1", [])


def test_a_replaced_parcel_leaves_nothing_to_say_while_the_new_one_is_unknown(staff: actors.Actor) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    first, second = here.parcel("P-1"), here.parcel("P-2")
    first.say("COMPLETE")

    shipments.replace(second.shipment.pk, "P-3", actor=staff)

    assert open_reactions() == []


def test_what_was_overtaken_by_another_parcel_comes_again_without_it(
    clock: time_machine.Traveller, staff: actors.Actor
) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel("P-1").say("COMPLETE")
    second = here.parcel("P-2")
    assert minute(clock, 31) == 0
    assert open_reactions() == [("delivered", "receive", "overtaken")]

    off(second, staff)

    assert (open_reactions(), Reaction.objects.get().note) == ([("delivered", "receive", "suggested")], LATER)
    assert minute(clock, 31) == 0
    assert asked() == []


# The parcel itself is taken off ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [ReactionMode.SUGGEST, ReactionMode.SHADOW, ReactionMode.AUTOMATIC])
def test_what_is_open_ends_with_the_parcel(mode: str, clock: time_machine.Traveller, staff: actors.Actor) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule(mode)
    parcel = here.parcel()
    parcel.say("COMPLETE")
    off(parcel, staff)

    row = Reaction.objects.get()
    assert (row.state, row.note, row.decided_by) == ("overtaken", "The parcel was taken off the order.", staff.user)
    assert minute(clock, 60) == 0
    assert (asked(), Attention.objects.filter(resolved_at=None).count()) == ([], 0)


def test_what_has_not_left_yet_is_recalled(clock: time_machine.Traveller, staff: actors.Actor) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    parcel = here.parcel()
    parcel.say("COMPLETE")
    assert minute(clock, 31) == 1

    off(parcel, staff)

    assert MarketplaceAction.objects.get().state == ActionState.CANCELLED
    assert open_reactions() == [("delivered", "receive", "overtaken")]
    assert not Attention.objects.filter(resolved_at=None).exists()


@pytest.mark.parametrize("state", [ActionState.SENDING, ActionState.UNCERTAIN, ActionState.SUCCEEDED])
def test_of_what_has_left_a_person_is_asked(
    state: ActionState, clock: time_machine.Traveller, staff: actors.Actor
) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    parcel = here.parcel()
    parcel.say("COMPLETE")
    minute(clock, 31)
    MarketplaceAction.objects.update(state=state)

    off(parcel, staff)

    assert (MarketplaceAction.objects.get().state, open_reactions()) == (state, [("delivered", "receive", "acted")])
    question = Attention.objects.get(kind="tracking_look", resolved_at=None)
    assert (question.severity, question.shipment, question.task) == ("urgent", parcel.shipment, here.task)
    assert wording.attention_text(question)[0] == (
        "Parcel P-1: taken off the order, but the marketplace was told of it: Received by the buyer"
    )
    assert corrections() == 0


def test_what_the_marketplace_refused_is_nothing_to_ask_about(
    clock: time_machine.Traveller, staff: actors.Actor
) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    parcel = here.parcel()
    parcel.say("COMPLETE")
    minute(clock, 31)
    MarketplaceAction.objects.update(state=ActionState.FAILED)

    off(parcel, staff)

    assert not Attention.objects.filter(resolved_at=None).exists()


def test_a_parcel_replaced_on_its_way_is_nothing_to_ask_about(staff: actors.Actor) -> None:
    here, alone = world(number="1"), world(number="2")
    here.rule()
    parcels = [here.parcel("P-1"), alone.parcel("P-2")]
    for parcel in parcels:
        parcel.say("DELIVERY")
    MarketplaceAction.objects.update(state=ActionState.SUCCEEDED)

    shipments.replace(parcels[0].shipment.pk, "P-3", actor=staff)
    assert not Attention.objects.filter(kind="tracking_look").exists()
    off(parcels[1], staff)
    assert Attention.objects.get(kind="tracking_look").severity == "warning"
