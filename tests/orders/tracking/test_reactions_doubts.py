"""What cannot be taken back is done only where the carrier's word is beyond doubt: heard once more, and not taken back before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from backoffice.errors import Conflict
from orders.enums import ActionState, Stage
from orders.models import MarketplaceAction, Reaction, Shipment
from orders.services import actors
from orders.services.reacting import reactions
from orders.services.shipping import shipments

from .reacting import NOW, asked, corrections, heard, open_reactions, story, world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_silence_is_no_confirmation(clock: time_machine.Traveller) -> None:
    """A final parcel is asked about once a day: before it is told onwards it is asked about once more."""
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel().say("COMPLETE")
    clock.shift(timedelta(minutes=31))

    assert reactions.act_due() == 0
    assert (asked(), open_reactions()) == ([], [("delivered", "receive", "waiting")])
    assert Shipment.objects.get().next_poll_at == timezone.now()
    assert Reaction.objects.get().due_at == timezone.now() + timedelta(minutes=1)

    clock.shift(timedelta(minutes=1))
    heard()
    assert reactions.act_due() == 1
    assert asked() == [("receive", "system", {})]


def test_a_carrier_that_cannot_be_asked_leaves_it_to_a_person(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel().say("COMPLETE")
    clock.shift(timedelta(hours=25))

    assert reactions.act_due() == 0
    assert (asked(), open_reactions()) == ([], [("delivered", "receive", "suggested")])
    assert (
        Reaction.objects.get().note == "The carrier could not be asked once more before it was due: a person decides."
    )


def test_a_correction_stops_what_has_not_left_yet(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    parcel = here.parcel()
    parcel.say("COMPLETE")
    clock.shift(timedelta(minutes=31))
    heard()
    assert reactions.act_due() == 1

    parcel.say("NEW")

    assert MarketplaceAction.objects.get().state == ActionState.CANCELLED
    assert open_reactions() == [("delivered", "receive", "overtaken")]
    assert (corrections(), story()) == (1, ["waiting", "acted", "overtaken"])


def test_the_kill_switch_stops_what_has_not_left_yet(clock: time_machine.Traveller, staff: actors.Actor) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel().say("COMPLETE")
    clock.shift(timedelta(minutes=31))
    heard()
    reactions.act_due()

    reactions.kill(here.couriers, actor=staff)

    assert MarketplaceAction.objects.get().state == ActionState.CANCELLED
    assert open_reactions() == [("delivered", "receive", "suggested")]


def test_what_was_sent_is_not_touched_by_the_kill_switch(clock: time_machine.Traveller, staff: actors.Actor) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel().say("COMPLETE")
    clock.shift(timedelta(minutes=31))
    heard()
    reactions.act_due()
    MarketplaceAction.objects.update(state=ActionState.SENDING)

    reactions.kill(here.couriers, actor=staff)

    assert MarketplaceAction.objects.get().state == ActionState.SENDING
    assert open_reactions() == [("delivered", "receive", "acted")]


def test_a_word_that_is_a_correction_itself_is_left_to_a_person(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    parcel = here.parcel()
    parcel.say("RETURNED")
    parcel.say("COMPLETE")

    received = Reaction.objects.get(kind="receive")
    assert (received.state, received.note) == (
        "suggested", "The carrier said so before, then something else, and now again: a person decides.",
    )  # fmt: skip


def test_a_stop_holds_for_the_other_parcel_of_the_order(clock: time_machine.Traveller, staff: actors.Actor) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    first, second = here.parcel("P-1"), here.parcel("P-2")
    first.say("COMPLETE")
    second.say("COMPLETE")
    reactions.stop(Reaction.objects.get(state="waiting").pk, actor=staff)

    first.say("DELIVERY")
    first.say("COMPLETE")
    clock.shift(timedelta(hours=1))
    heard()

    assert reactions.act_due() == 0
    assert asked() == []
    assert "waiting" not in {state for _status, _kind, state in open_reactions()}


def test_a_suggestion_whose_parcel_was_taken_off_cannot_be_taken(
    clock: time_machine.Traveller, staff: actors.Actor
) -> None:
    here = world(stage=Stage.DELIVERING)
    here.parcel().say("COMPLETE")
    Shipment.objects.update(detached_at=timezone.now())

    with pytest.raises(Conflict) as refused:
        reactions.take(Reaction.objects.get().pk, actor=staff)

    assert refused.value.code == "stale"
    assert (asked(), Reaction.objects.get().state) == ([], "suggested")


def test_a_suggestion_cannot_be_taken_while_another_parcel_is_under_way(
    clock: time_machine.Traveller, staff: actors.Actor
) -> None:
    here = world(stage=Stage.DELIVERING)
    here.parcel("P-1").say("COMPLETE")
    here.parcel("P-2").say("DELIVERY")

    with pytest.raises(Conflict) as refused:
        reactions.take(Reaction.objects.get(kind="receive").pk, actor=staff)

    assert refused.value.code == "stale"
    assert asked() == []


def test_after_any_correction_what_cannot_be_taken_back_is_left_to_a_person(clock: time_machine.Traveller) -> None:
    """The correction was one step earlier, and days ago."""
    here = world(stage=Stage.DELIVERING)
    here.rule()
    parcel = here.parcel()
    for word in ("CANCELED", "DELIVERY"):
        parcel.say(word)
    clock.shift(timedelta(days=2))
    parcel.say("COMPLETE")
    clock.shift(timedelta(hours=1))
    heard()

    assert reactions.act_due() == 0
    received = Reaction.objects.get(kind="receive")
    assert (received.state, received.note) == (
        "suggested", "The carrier has corrected itself about this order before: a person decides.",
    )  # fmt: skip
    assert received.inputs["hand"] == "turned"
    assert asked() == []


def test_a_correction_of_the_other_parcel_counts_too(clock: time_machine.Traveller) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    first, second = here.parcel("P-1"), here.parcel("P-2")
    for word in ("CANCELED", "DELIVERY", "COMPLETE"):
        first.say(word)
    second.say("COMPLETE")

    assert Reaction.objects.get(shipment=second.shipment).inputs["hand"] == "turned"


def test_a_correction_of_a_parcel_that_was_taken_off_does_not_count(
    clock: time_machine.Traveller, staff: actors.Actor
) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    wrong, right = here.parcel("P-1"), here.parcel("P-2")
    for word in ("CANCELED", "DELIVERY"):
        wrong.say(word)
    shipments.detach(wrong.shipment.pk, "a wrong number", actor=staff)
    right.say("COMPLETE")

    assert Reaction.objects.get(shipment=right.shipment).state == "waiting"


def test_what_can_be_taken_back_is_done_after_a_correction_too(clock: time_machine.Traveller) -> None:
    here = world()
    here.rule()
    parcel = here.parcel()
    for word in ("RETURNED", "DELIVERY"):
        parcel.say(word)

    assert asked() == [("deliver", "system", {})]
