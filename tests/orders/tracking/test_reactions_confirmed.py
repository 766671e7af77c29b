"""After the wait only a carrier that still says so confirms: no trouble, no unknown word, no turn between two polls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from carriers.types import Problem, ProblemKind
from orders.enums import ActionState, Stage
from orders.models import Attention, MarketplaceAction, Reaction
from orders.services.reacting import catchup, reactions
from orders.services.shipping import arrivals
from tests.orders.statements import counted

from .parcels import event, told
from .reacting import NOW, Parcel, World, asked, corrections, heard, open_reactions, story, world

pytestmark = pytest.mark.django_db
WAITS = [("delivered", "receive", "waiting")]
LEFT = [("delivered", "receive", "suggested")]
AGAIN = "The carrier said so before, then something else, and now again: a person decides."
STRANGE = "The carrier says a word now that nobody knows here: a person decides."
UNTOLD = "The carrier cannot tell of the parcel any more: a person decides."
TURNED = "The carrier has corrected itself about this order before: a person decides."


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with translation.override("en"), time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


def delivered(*, grace: int = 30) -> tuple[World, Parcel]:
    """An order on its way whose parcel was just delivered."""
    here = world(stage=Stage.DELIVERING)
    here.rule(grace_minutes=grace)
    parcel = here.parcel()
    parcel.say("DELIVERY")
    parcel.say("COMPLETE")
    return here, parcel


def trouble(parcel: Parcel, kind: ProblemKind) -> None:
    """The carrier is asked, and cannot tell."""
    arrivals.apply(parcel.account, [Problem(parcel.shipment.number, kind, "gone")], timezone.now())


def minutes(clock: time_machine.Traveller, count: float) -> int:
    """The job of that minute, without anybody having been asked; how many reactions it did."""
    clock.shift(timedelta(minutes=count))
    return catchup.act_due()


# Trouble is no confirmation ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ProblemKind.NOT_FOUND, ProblemKind.AMBIGUOUS])
def test_a_parcel_the_carrier_cannot_find_any_more_is_left_to_a_person(
    kind: ProblemKind, clock: time_machine.Traveller
) -> None:
    _here, parcel = delivered()
    assert (minutes(clock, 31), open_reactions()) == (0, WAITS)
    clock.shift(timedelta(seconds=30))
    trouble(parcel, kind)

    assert minutes(clock, 1) == 0
    assert (open_reactions(), Reaction.objects.get().note) == (LEFT, UNTOLD)
    assert asked() == []


def test_an_answer_that_cannot_be_read_is_asked_for_again(clock: time_machine.Traveller) -> None:
    _here, parcel = delivered()
    assert minutes(clock, 31) == 0
    trouble(parcel, ProblemKind.UNREADABLE)

    assert (minutes(clock, 1), open_reactions(), asked()) == (0, WAITS, [])
    parcel.shipment.refresh_from_db()
    assert parcel.shipment.next_poll_at == timezone.now()

    parcel.say("COMPLETE", happened=parcel.history.pop().happened_at)
    assert minutes(clock, 1) == 1
    assert asked() == [("receive", "system", {})]


def test_an_answer_that_can_never_be_read_is_left_to_a_person(clock: time_machine.Traveller) -> None:
    _here, parcel = delivered()
    clock.shift(timedelta(hours=25))
    trouble(parcel, ProblemKind.UNREADABLE)

    assert minutes(clock, 0) == 0
    assert (open_reactions(), asked()) == (LEFT, [])


def test_trouble_that_is_over_when_the_wait_ends_does_not_count(clock: time_machine.Traveller) -> None:
    _here, parcel = delivered()
    clock.shift(timedelta(minutes=10))
    trouble(parcel, ProblemKind.NOT_FOUND)
    assert (minutes(clock, 21), open_reactions()) == (0, WAITS)

    parcel.say("COMPLETE", happened=parcel.history.pop().happened_at)
    assert minutes(clock, 1) == 1


# An unknown word is no confirmation --------------------------------------------------------------------------------------


def test_an_unknown_word_in_the_wait_leaves_it_to_a_person_at_once(clock: time_machine.Traveller) -> None:
    _here, parcel = delivered()
    clock.shift(timedelta(minutes=5))
    parcel.say("WITHDRAWN_FROM_PICKUP_POINT")

    assert (parcel.shipment.status, open_reactions()) == ("delivered", LEFT)
    assert (Reaction.objects.get().note, story()) == (STRANGE, ["waiting", "suggested"])
    assert minutes(clock, 60) == 0
    heard()
    assert (minutes(clock, 1), asked()) == (0, [])


def test_an_unknown_word_stops_what_has_not_left_yet(clock: time_machine.Traveller) -> None:
    _here, parcel = delivered(grace=0)
    assert asked() == [("receive", "system", {})]
    parcel.say("WITHDRAWN_FROM_PICKUP_POINT")

    assert MarketplaceAction.objects.get().state == ActionState.CANCELLED
    assert (open_reactions(), Reaction.objects.get().note) == (LEFT, STRANGE)


def test_what_has_left_is_not_touched_by_an_unknown_word() -> None:
    _here, parcel = delivered(grace=0)
    MarketplaceAction.objects.update(state=ActionState.SENDING)
    parcel.say("WITHDRAWN_FROM_PICKUP_POINT")

    assert (MarketplaceAction.objects.get().state, open_reactions()) == ("sending", [("delivered", "receive", "acted")])


def test_the_last_door_looks_at_the_present_word_too(clock: time_machine.Traveller) -> None:
    """However it came to be stored."""
    _here, parcel = delivered()
    clock.shift(timedelta(minutes=31))
    heard()
    type(parcel.shipment).objects.update(raw_status="WITHDRAWN_FROM_PICKUP_POINT")

    assert minutes(clock, 0) == 0
    assert (open_reactions(), Reaction.objects.get().note, asked()) == (LEFT, STRANGE, [])


def test_what_can_be_taken_back_is_not_held_up_by_an_unknown_word() -> None:
    here = world()
    here.rule()
    parcel = here.parcel()
    parcel.say("DELIVERY")
    parcel.say("WITHDRAWN_FROM_PICKUP_POINT")

    assert (open_reactions(), asked()) == (
        [("out_for_delivery", "deliver", "acted")], [("deliver", "system", {})],
    )  # fmt: skip
    assert MarketplaceAction.objects.get().state == ActionState.QUEUED


# Taken back and said again between two polls -----------------------------------------------------------------------------


def turn(parcel: Parcel) -> None:
    """The next poll tells of two more events: the word was taken back, and is there again."""
    parcel.history.append(event("NEW", happened_at=timezone.now() - timedelta(minutes=2)))
    parcel.say("COMPLETE")


def test_a_turn_between_two_polls_is_raised_and_left_to_a_person(clock: time_machine.Traveller) -> None:
    _here, parcel = delivered()
    clock.shift(timedelta(minutes=5))
    turn(parcel)

    assert told(parcel.shipment)[-2:] == [
        ("tracking", "NEW", "pending", True), ("tracking", "COMPLETE", "delivered", False),
    ]  # fmt: skip
    question = Attention.objects.get(kind="tracking_correction", resolved_at=None)
    assert (question.severity, question.facts["from"], question.facts["to"]) == ("urgent", "delivered", "pending")
    assert (open_reactions(), Reaction.objects.get().note) == (LEFT, AGAIN)
    clock.shift(timedelta(minutes=60))
    heard()
    assert (minutes(clock, 1), asked()) == (0, [])


def test_a_turn_between_two_polls_stops_what_has_not_left_yet(clock: time_machine.Traveller) -> None:
    _here, parcel = delivered(grace=0)
    clock.shift(timedelta(minutes=5))
    turn(parcel)

    assert MarketplaceAction.objects.get().state == ActionState.CANCELLED
    assert (open_reactions(), corrections()) == (LEFT, 1)


def test_a_turn_after_it_was_sent_is_raised_and_reverses_nothing(clock: time_machine.Traveller) -> None:
    _here, parcel = delivered(grace=0)
    MarketplaceAction.objects.update(state=ActionState.SUCCEEDED)
    clock.shift(timedelta(minutes=5))
    turn(parcel)

    assert (open_reactions(), len(asked())) == ([("delivered", "receive", "acted")], 1)
    assert Attention.objects.get(kind="tracking_correction").severity == "urgent"


def test_a_turn_in_the_first_history_is_past_and_raises_nothing() -> None:
    here = world(stage=Stage.DELIVERING)
    parcel = here.parcel(under_way=False)
    for hours, word in enumerate(("DELIVERY", "COMPLETE", "NEW", "ACCEPTED")):
        parcel.history.append(event(word, happened_at=NOW - timedelta(hours=9 - hours)))
    parcel.say("DELIVERY")

    assert corrections() == 0


def test_a_turn_of_the_other_parcel_while_it_waits_is_looked_at_before_it_is_done(
    clock: time_machine.Traveller,
) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    first, second = here.parcel("P-1"), here.parcel("P-2")
    for parcel in (first, second):
        parcel.say("DELIVERY")
        parcel.say("COMPLETE")
    assert open_reactions() == WAITS
    clock.shift(timedelta(minutes=5))
    turn(first)
    clock.shift(timedelta(minutes=26))
    heard()

    assert minutes(clock, 0) == 0
    assert (open_reactions(), Reaction.objects.get().note, asked()) == (LEFT, TURNED, [])


def test_the_last_look_costs_one_statement_however_many_wait(clock: time_machine.Traveller) -> None:
    """Of those 20 one asks whether a carrier has corrected itself about one of the orders meanwhile."""
    counts = []
    for numbers in (range(1), range(1, 4)):
        for number in numbers:
            here = world(stage=Stage.DELIVERING, number=str(number))
            here.rule()
            parcel = here.parcel(f"P-{number}")
            parcel.say("COMPLETE")
        clock.shift(timedelta(minutes=31))
        heard()
        with counted() as statements:
            assert reactions.act_due() == len(numbers)
        counts.append(len(statements))

    assert counts == [20, 20]


# Without a time ----------------------------------------------------------------------------------------------------------


def test_a_bare_word_that_takes_another_back_says_so() -> None:
    here = world(stage=Stage.DELIVERING)
    parcel = here.parcel(under_way=False)
    for word in ("NEW", "DELIVERY", "COMPLETE", "NEW", "DELIVERY"):
        parcel.bare(word)

    assert [(word, correction) for _kind, word, _status, correction in told(parcel.shipment)] == [
        ("NEW", False), ("DELIVERY", False), ("COMPLETE", False), ("NEW", True), ("DELIVERY", False),
    ]  # fmt: skip
    assert corrections() == 1


# A look that is over -----------------------------------------------------------------------------------------------------


def open_looks() -> list[str]:
    return list(Attention.objects.filter(kind="tracking_look", resolved_at=None).values_list("facts__to", flat=True))


@pytest.mark.parametrize(
    ("words", "open_then"),
    [
        (("PARTIALLY",), ["partially_delivered"]),
        (("PARTIALLY", "COMPLETE"), []),
        (("PARTIALLY", "NEW"), []),
        (("PARTIALLY", "PARTLYRETURNED"), ["partially_delivered"]),
        (("PARTIALLY", "LOST"), ["partially_delivered"]),  # the question that is open counts the new one
        (("PARTIALLY", "SOMETHING_NEW"), ["partially_delivered"]),
        (("LOST", "COMPLETE"), []),
    ],
)
def test_a_parcel_that_has_gone_on_is_not_asked_about_any_more(words: tuple[str, ...], open_then: list[str]) -> None:
    parcel = world(stage=Stage.DELIVERING).parcel()
    for word in words:
        parcel.say(word)

    assert open_looks() == open_then
