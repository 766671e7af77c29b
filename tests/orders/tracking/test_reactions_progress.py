"""A parcel that goes on has still left us: "hand over" stays until the marketplace knows, and then comes what follows next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from orders.enums import ActionState, ReactionMode, Stage
from orders.models import MarketplaceAction, Reaction
from orders.services import actors, stages
from orders.services.reacting import catchup, reactions

from .reacting import NOW, WORDS, World, asked, heard, open_reactions, world

pytestmark = pytest.mark.django_db
SUGGESTED = ("out_for_delivery", "deliver", "suggested")


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


@pytest.mark.parametrize("kind", ["yandex_market", "wildberries"])
@pytest.mark.parametrize(
    "words",
    [
        ("COURIERDELIVERED",),
        ("COURIERPARTIALLY", "PARTIALLY"),
        ("DATECHANGE",),
        ("DATECHANGE", "DELIVERY"),
        ("COURIERRETURN", "CONFIRM", "DATECHANGE"),
        ("UNCONFIRM",),
        ("SOMETHING_NEW",),
    ],
)
def test_hand_over_stays_suggested_while_the_parcel_goes_on(
    kind: str, words: tuple[str, ...], clock: time_machine.Traveller, staff: actors.Actor
) -> None:
    here = world(kind)
    parcel = here.parcel()
    for word in ("DELIVERY", *words):
        parcel.say(word)
        minute(clock)

    assert (open_reactions(), asked()) == ([SUGGESTED], [])
    reactions.take(Reaction.objects.get().pk, actor=staff)
    assert [(action, source) for action, source, _payload in asked()] == [("deliver", "staff")]


@pytest.mark.parametrize(
    ("word", "also"),
    [
        ("NEW", []),
        ("ACCEPTED", []),
        ("RETURNING", []),
        ("LOST", []),
        ("CANCELED", [("undelivered", "cancel", "suggested")]),
    ],
)
def test_a_correction_or_the_way_back_takes_it_away(word: str, also: list[tuple[str, str, str]]) -> None:
    parcel = world().parcel()
    parcel.say("DELIVERY")
    parcel.say(word)

    assert open_reactions() == [("out_for_delivery", "deliver", "overtaken"), *also]


def test_wildberries_is_asked_for_the_hand_over_and_then_for_the_code(
    clock: time_machine.Traveller, staff: actors.Actor
) -> None:
    here = world("wildberries")
    parcel = here.parcel()
    for word in ("DELIVERY", "COURIERDELIVERED", "COMPLETE"):
        parcel.say(word)
        minute(clock)
    assert open_reactions() == [SUGGESTED]

    reactions.take(Reaction.objects.get().pk, actor=staff)
    MarketplaceAction.objects.update(state=ActionState.SUCCEEDED)
    arrive(here, Stage.DELIVERING)
    minute(clock)

    assert open_reactions() == [("out_for_delivery", "deliver", "taken"), ("delivered", "receive", "suggested")]
    assert Reaction.objects.get(kind="receive").inputs["hand"] == "code"


def test_delivered_where_nothing_was_said_before_both_steps_come_one_after_the_other(
    clock: time_machine.Traveller,
) -> None:
    """The parcel was attached late: both reactions rest on the same word."""
    here = world("wildberries")
    here.parcel().say("COMPLETE")
    assert open_reactions() == [("delivered", "deliver", "suggested")]
    minute(clock)

    arrive(here, Stage.DELIVERING)
    minute(clock)
    minute(clock)

    assert open_reactions() == [("delivered", "deliver", "overtaken"), ("delivered", "receive", "suggested")]
    assert asked() == []


def test_by_itself_a_delivered_parcel_is_handed_over_first() -> None:
    here = world("wildberries")
    here.rule()
    here.parcel().say("COMPLETE")

    assert open_reactions() == [("delivered", "deliver", "acted")]
    assert asked() == [("deliver", "system", {})]


def test_what_can_be_received_at_once_is_not_handed_over_first() -> None:
    here = world()
    parcel = here.parcel()
    parcel.say("DELIVERY")
    parcel.say("COMPLETE")

    assert open_reactions() == [
        ("out_for_delivery", "deliver", "overtaken"), ("delivered", "receive", "suggested"),
    ]  # fmt: skip
    assert Reaction.objects.get(kind="deliver").note == "The carrier says something else now."


def test_a_hand_over_that_waits_for_another_step_is_done_though_the_parcel_has_gone_on(
    clock: time_machine.Traveller,
) -> None:
    here = world()
    here.rule()
    parcel = here.parcel()
    parcel.say("DELIVERY")
    MarketplaceAction.objects.all().delete()
    Reaction.objects.update(state="waiting", due_at=timezone.now() + timedelta(minutes=5))
    parcel.say("COURIERDELIVERED")
    assert open_reactions() == [("out_for_delivery", "deliver", "waiting")]

    assert minute(clock, 5) == 1
    assert asked() == [("deliver", "system", {})]


@pytest.mark.parametrize("mode", [ReactionMode.SUGGEST, ReactionMode.AUTOMATIC])
def test_what_a_person_said_no_to_is_not_done_by_itself_later(
    mode: str, clock: time_machine.Traveller, staff: actors.Actor
) -> None:
    here = world("wildberries")
    parcel = here.parcel()
    parcel.say("DELIVERY")
    reactions.dismiss(Reaction.objects.get().pk, actor=staff)
    here.rule(mode)
    parcel.say("DATECHANGE")
    minute(clock)
    assert open_reactions() == [("out_for_delivery", "deliver", "stopped")]

    parcel.say("COMPLETE")
    assert open_reactions()[1:] == [("delivered", "deliver", "suggested")]
    assert (minute(clock), asked()) == (0, [])
