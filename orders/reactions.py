"""What a carrier's word makes us do at the marketplace: a pure function and its tables. Nothing here reads or writes anything.

Only a final word may bring about what cannot be taken back; a provisional one brings about nothing (contract 3.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import cast

from django.utils import timezone

from carriers.statuses import Change, Finality, Meaning, TrackingStatus
from orders.enums import ActionKind, Stage
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask
from orders.services import guards


class Hand(StrEnum):
    """Why a person has to do it: no automation may."""

    CODE = "code"  # the buyer's code is asked
    DECISION = "decision"  # whether the order is over, and why, is not for a program to say
    WISH = "wish"  # the buyer wants to cancel, and that waits for an answer
    PARCELS = "parcels"  # another parcel of the order is still with us
    DAY = "day"  # the carrier's day lies before the order
    FIRST = "first"  # the first word of the parcel was final already: the number may be a wrong one
    AGAIN = "again"  # it was done, stopped or taken back before, or the word itself takes another one back
    TURNED = "turned"  # a carrier has corrected itself about a parcel of the order before
    RETURN = "return"  # of this carrier's parcels nobody is told here whether they went back
    LATER = "later"  # no news of the parcel: the order has changed around it


#: Reasons of doubt: without them it would be done by itself.
DOUBTS = (Hand.FIRST, Hand.AGAIN, Hand.TURNED, Hand.RETURN)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task is. ``words``: the marketplace's raw ones. Named like ``AssemblyTask`` where the guards read it."""

    stage: str
    marketplace_status: Mapping[str, str]
    delivery_type: str = ""
    cancel_requested_at: datetime | None = None
    ordered_on: date | None = None

    @classmethod
    def of(cls, task: AssemblyTask) -> Place:
        return cls(
            task.stage,
            task.marketplace_status,
            task.delivery_type,
            task.cancel_requested_at,
            timezone.localdate(task.created_at),
        )


@dataclass(frozen=True, slots=True)
class Follow:
    """What follows. ``date``: the day the buyer got it, where the marketplace takes one. ``hand``: why only a person may do it."""

    kind: ActionKind
    reason: str = ""
    date: date | None = None
    hand: Hand | None = None

    @property
    def irreversible(self) -> bool:
        return self.kind in IRREVERSIBLE


#: What cannot be taken back: it waits for a correction first.
IRREVERSIBLE = frozenset({ActionKind.RECEIVE, ActionKind.CANCEL, ActionKind.REJECT, ActionKind.ACCEPT_CANCEL})
#: Whether an order is over without a delivery a person says.
_OVER = (ActionKind.ACCEPT_CANCEL, ActionKind.REJECT, ActionKind.CANCEL)
#: Status → what follows, the first that the marketplace allows now. Where it has no "arrived", or takes no "received" of what was
#: never handed over, the parcel has at least left us.
#: A waybill cancelled before the hand-over says nothing of the order: another parcel may go instead.
ACTIONS: Mapping[TrackingStatus, tuple[ActionKind, ...]] = {
    TrackingStatus.OUT_FOR_DELIVERY: (ActionKind.DELIVER,),
    TrackingStatus.READY_FOR_PICKUP: (ActionKind.ARRIVE, ActionKind.DELIVER),
    TrackingStatus.DELIVERED: (ActionKind.RECEIVE, ActionKind.DELIVER),
    TrackingStatus.UNDELIVERED: _OVER,
    TrackingStatus.RETURNED: _OVER,
}
#: Wherever a parcel goes on to from here, it has left us: "hand over" stays right until the marketplace has been told. Only a
#: correction or the way back takes it away.
_LEFT_US = frozenset(
    {
        TrackingStatus.IN_TRANSIT,
        TrackingStatus.ON_HOLD,
        TrackingStatus.OUT_FOR_DELIVERY,
        TrackingStatus.READY_FOR_PICKUP,
        TrackingStatus.DELIVERY_DELAYED,
        TrackingStatus.DELIVERY_FAILED,
        TrackingStatus.DELIVERED_UNCONFIRMED,
        TrackingStatus.PARTIALLY_DELIVERED_UNCONFIRMED,
        TrackingStatus.DELIVERED,
        TrackingStatus.PARTIALLY_DELIVERED,
    }
)
#: No action of the marketplace settles these; a person has to look.
WORTH_A_LOOK = frozenset({TrackingStatus.PARTIALLY_DELIVERED, TrackingStatus.LOST})
#: Statuses that only count when they are final.
FINAL_ONLY = frozenset({TrackingStatus.DELIVERED, TrackingStatus.UNDELIVERED, TrackingStatus.RETURNED})

#: Reasons a suggestion may name, the best first; of these the first one that is allowed now. Never in here, whatever a
#: marketplace allows: SHOP_FAILED (blames the shop, and no carrier's word proves it), USER_UNREACHABLE (has to be proven by a
#: log of calls), INCORRECT_PERSONAL_DATA (customs). Without a good one nothing is suggested.
REASONS = (
    "PICKUP_EXPIRED",  # allowed at the pick-up point only: nobody came for it, and it goes back
    "USER_CHANGED_MIND",  # the courier was there, and the buyer did not take it
)

_BACK = frozenset({TrackingStatus.UNDELIVERED, TrackingStatus.RETURNING, TrackingStatus.RETURNED})
#: What the other parcels of the order must have come to, so that one parcel may speak for all.
_OTHERS: Mapping[ActionKind, frozenset[TrackingStatus]] = {
    ActionKind.RECEIVE: frozenset({TrackingStatus.DELIVERED}),
    ActionKind.ARRIVE: frozenset({TrackingStatus.READY_FOR_PICKUP, TrackingStatus.DELIVERED}),
    **dict.fromkeys(_OVER, _BACK),
}
_STILL_HERE = frozenset({TrackingStatus.PENDING, TrackingStatus.UNKNOWN})


def may_follow(meaning: Meaning) -> bool:
    """Whether anything can follow from a word, whatever the marketplace allows."""
    if meaning.status not in ACTIONS or meaning.finality == Finality.PROVISIONAL:
        return False
    return meaning.finality == Finality.FINAL or meaning.status not in FINAL_ONLY


def still_stands(kind: str, told: str, now: Meaning) -> bool:
    """Whether an action that rests on the word ``told`` is still right where the parcel is ``now``. A correction is not seen here."""
    return now.status == told or (kind == ActionKind.DELIVER and now.status in _LEFT_US)


def follow(
    meaning: Meaning,
    offer: Offer,
    place: Place,
    *,
    others: Iterable[TrackingStatus] = (),
    delivered_on: date | None = None,
    today: date | None = None,
) -> Follow | None:
    """What follows for a task from the word of a parcel; None when nothing does: it is done already, or not allowed now.

    ``others``: where the other parcels of the order are. ``delivered_on``: the carrier's own day.
    """
    if not may_follow(meaning):
        return None
    kind = next((kind for kind in ACTIONS[meaning.status] if allows(offer, place, kind)), None)
    if kind is None:
        return None
    # A parcel cancelled before the hand-over was replaced by another one.
    rest = [status for status in others if status != TrackingStatus.CANCELLED]
    if kind in _OTHERS and not _OTHERS[kind].issuperset(rest):
        return None
    if kind == ActionKind.RECEIVE:
        return _received(offer, place, _no_later(delivered_on, today))
    if kind in _OVER:
        return _over(offer, place, kind)
    left_behind = not _STILL_HERE.isdisjoint(rest)
    return Follow(kind, hand=_wish(place) or (Hand.PARCELS if left_behind else None))


def allows(offer: Offer, place: Place, kind: ActionKind) -> bool:
    """Whether the marketplace takes an action now, by the table that all others use too."""
    if kind == ActionKind.ARRIVE and place.delivery_type not in offer.points:
        return False  # a carrier's terminal is not the buyer's pick-up point
    return guards.why_not(guards.Facts(_as_task(place), (), (), ()), kind, offer) is None


def _as_task(place: Place) -> AssemblyTask:
    """It has every attribute the guards read for an action of the table."""
    return cast("AssemblyTask", place)


def _received(offer: Offer, place: Place, day: date | None) -> Follow:
    kind = ActionKind.RECEIVE
    told = day if kind in offer.dated else None
    hand = Hand.CODE if kind in offer.coded else _wish(place)
    if told and place.ordered_on and told < place.ordered_on:
        return Follow(kind, hand=Hand.DAY)
    return Follow(kind, date=told, hand=hand)


def _no_later(day: date | None, today: date | None) -> date | None:
    """Far in the east a day begins earlier than here, and a marketplace takes no day of the future."""
    return min(day, today) if day and today else day


def _over(offer: Offer, place: Place, kind: ActionKind) -> Follow | None:
    hand = Hand.CODE if kind in offer.coded else Hand.DECISION
    known = guards.reasons(_as_task(place), kind, offer)
    if not known:
        return Follow(kind, hand=hand)
    best = next((reason for reason in REASONS if reason in known), None)
    return Follow(kind, reason=best, hand=hand) if best else None


@dataclass(frozen=True, slots=True)
class Word:
    """What a carrier's word is to all that was known. ``before``: what it said last; ``again``: the same action was done, stopped
    or overtaken before, ``stopped``: by a person; ``turned``: a parcel of the order was corrected; ``hides_returns``: asked only
    where it matters.
    """

    before: Meaning | None
    change: Change
    again: bool = False
    stopped: bool = False
    turned: bool = False
    hides_returns: Callable[[], bool] = bool


def with_care(follow: Follow, word: Word) -> Follow:
    """What cannot be taken back is left to a person wherever the carrier's word is open to doubt; live and in a rehearsal.

    What a person has said no to is not done by itself in any case.
    """
    if follow.hand is not None or not (follow.irreversible or word.stopped):
        return follow
    hand = _doubt(word) if follow.irreversible else Hand.AGAIN
    return replace(follow, hand=hand) if hand else follow


def _doubt(word: Word) -> Hand | None:
    if word.before is None:  # never seen under way: it may be somebody else's, its number was typed by a person
        return Hand.FIRST
    if word.again or word.change == Change.CORRECTION:
        return Hand.AGAIN
    if word.turned:
        return Hand.TURNED
    return Hand.RETURN if word.hides_returns() else None


def _wish(place: Place) -> Hand | None:
    return Hand.WISH if place.cancel_requested_at else None


def after(place: Place, kind: ActionKind, offer: Offer) -> Place:
    """Where a task would be once an action is done: for a rehearsal."""
    effect = offer.effects[kind]
    words = {**place.marketplace_status, **effect.words}
    return Place(effect.stage, words, place.delivery_type, place.cancel_requested_at, place.ordered_on)


def packed(offer: Offer, delivery_type: str = "") -> Place:
    """A task that waits to be handed over: where a rehearsal begins."""
    words: Sequence[str] = sorted(offer.steps[ActionKind.DELIVER])
    return Place(Stage.READY, {offer.step_word: words[0]}, delivery_type)
