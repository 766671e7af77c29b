"""Three clocks of an order: what the marketplace says, what the carrier says, what is under way here. Do they fit together?

Pure: no statement, no time of its own. ``judge`` has a verdict for every cell of the state space.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from carriers.statuses import Finality, TrackingStatus
from orders.enums import TASK_ACTIONS, ActionKind, Severity, Stage

Carrier = tuple[TrackingStatus, Finality]


class Agreement(TextChoices):
    """``we_are_behind``: something is to be done here. ``they_are_behind``: only news of theirs are awaited.

    ``contradiction``: the two cannot both be true, or doing one of our steps does not make them so.
    """

    AGREE = "agree", pgettext_lazy("divergence", "they agree")
    WE_ARE_BEHIND = "we_are_behind", pgettext_lazy("divergence", "we are behind")
    THEY_ARE_BEHIND = "they_are_behind", pgettext_lazy("divergence", "they are behind")
    CONTRADICTION = "contradiction", pgettext_lazy("divergence", "they contradict each other")


class Risk(TextChoices):
    """What is lost while it stays like that."""

    NONE = "", pgettext_lazy("risk", "nothing")
    HAND_OVER = "hand_over", pgettext_lazy("risk", "the deadline of the hand-over")
    LATE = "late", pgettext_lazy("risk", "the share of late deliveries")
    NOT_TOLD = "not_told", pgettext_lazy("risk", "the buyer does not know that it waits for him")
    BUYER = "buyer", pgettext_lazy("risk", "the buyer waits in vain")
    MONEY = "money", pgettext_lazy("risk", "money: it counts as sold and the buyer does not have it")
    GOODS = "goods", pgettext_lazy("risk", "the goods: they go to a buyer who does not pay for them")
    UNPAID = "unpaid", pgettext_lazy("risk", "the goods: they were sent before the order was ours")
    PARTIAL = "partial", pgettext_lazy("risk", "money for the part that was not taken")
    PARCEL = "parcel", pgettext_lazy("risk", "a trip for nothing: the parcel is still ordered at the carrier")
    NO_PARCEL = "no_parcel", pgettext_lazy("risk", "the deadline: no parcel is on its way any more")
    NEWS = "news", pgettext_lazy("risk", "nothing yet: the carrier's news are late")
    ANSWER = "answer", pgettext_lazy("risk", "nothing yet: the marketplace has not answered")
    LOST = "lost", pgettext_lazy("risk", "the goods are lost")
    QUIET = "quiet", pgettext_lazy("risk", "the parcel may be stuck or lost")
    STORAGE = "storage", pgettext_lazy("risk", "money for the storage, then a return")
    APPOINTMENT = "appointment", pgettext_lazy("risk", "the delivery: no time could be agreed with the buyer")


#: What a person does about it, beside the actions that settle it.
TODO: Mapping[Risk, Promise] = {
    Risk.HAND_OVER: pgettext_lazy("todo", "Tell the marketplace that it is handed over"),
    Risk.LATE: pgettext_lazy("todo", "Tell the marketplace that the buyer has it"),
    Risk.NOT_TOLD: pgettext_lazy("todo", "Tell the marketplace that it can be picked up"),
    Risk.BUYER: pgettext_lazy("todo", "The buyer will not get this parcel: cancel the order, or send another one"),
    Risk.MONEY: pgettext_lazy("todo", "Ask the carrier what is true, then settle it in the marketplace's cabinet"),
    Risk.GOODS: pgettext_lazy("todo", "Have the carrier bring the parcel back"),
    Risk.UNPAID: pgettext_lazy("todo", "Have the carrier stop the parcel until the order is ours"),
    Risk.PARTIAL: pgettext_lazy("todo", "Find out what was taken, settle the rest in the marketplace's cabinet"),
    Risk.PARCEL: pgettext_lazy("todo", "Cancel the parcel at the carrier"),
    Risk.NO_PARCEL: pgettext_lazy("todo", "Order another parcel, or cancel the order"),
    Risk.NEWS: pgettext_lazy("todo", "Wait for the carrier, or ask where the parcel is"),
    Risk.ANSWER: pgettext_lazy("todo", "Wait for the marketplace's answer"),
    Risk.LOST: pgettext_lazy("todo", "Claim it from the carrier and tell the buyer"),
    Risk.QUIET: pgettext_lazy("todo", "Ask the carrier where the parcel is"),
    Risk.STORAGE: pgettext_lazy("todo", "Have it taken in time, or extend the storage"),
    Risk.APPOINTMENT: pgettext_lazy("todo", "Call the buyer and agree on another day"),
}


@dataclass(frozen=True, slots=True)
class Ours:
    """What is under way here, as kinds of actions.

    ``asked``: in the outbox, not answered. ``waiting``: of a reaction whose grace runs; ``suggested``: of one that waits for
    a person; ``overtaken``: of one the carrier's correction has stopped. ``known``: what the marketplace has at all.
    """

    asked: frozenset[ActionKind] = frozenset()
    waiting: frozenset[ActionKind] = frozenset()
    suggested: frozenset[ActionKind] = frozenset()
    overtaken: frozenset[ActionKind] = frozenset()
    known: frozenset[ActionKind] = frozenset(TASK_ACTIONS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``actions`` would settle it, in their order; none where no marketplace can help. ``patience``: how long it may stand

    before a person is asked, because it mostly settles by itself; None: not at all, it is watched elsewhere.
    """

    kind: Agreement
    risk: Risk = Risk.NONE
    severity: Severity = Severity.INFO
    actions: tuple[ActionKind, ...] = ()
    patience: timedelta | None = timedelta(0)

    def due(self, age: timedelta) -> bool:
        """Whether a person should look at it now that it is so old."""
        return self.kind != Agreement.AGREE and self.patience is not None and age >= self.patience


class Way(Enum):
    """Tracking statuses that mean the same beside a marketplace's word."""

    UNKNOWN = auto()
    BEFORE = auto()
    MOVING = auto()
    OUT = auto()
    POINT = auto()
    FAILED = auto()
    HANDED = auto()
    DELIVERED = auto()
    PARTLY = auto()
    BACK = auto()
    LOST = auto()
    CANCELLED = auto()


_WAYS: Mapping[TrackingStatus, Way] = {
    TrackingStatus.UNKNOWN: Way.UNKNOWN,
    TrackingStatus.PENDING: Way.BEFORE,
    TrackingStatus.PICKED_UP: Way.MOVING,
    TrackingStatus.IN_TRANSIT: Way.MOVING,
    TrackingStatus.ON_HOLD: Way.MOVING,
    TrackingStatus.DELIVERY_DELAYED: Way.MOVING,
    TrackingStatus.OUT_FOR_DELIVERY: Way.OUT,
    TrackingStatus.READY_FOR_PICKUP: Way.POINT,
    TrackingStatus.DELIVERY_FAILED: Way.FAILED,
    TrackingStatus.DELIVERED_UNCONFIRMED: Way.HANDED,
    TrackingStatus.PARTIALLY_DELIVERED_UNCONFIRMED: Way.HANDED,
    TrackingStatus.DELIVERED: Way.DELIVERED,
    TrackingStatus.PARTIALLY_DELIVERED: Way.PARTLY,
    TrackingStatus.UNDELIVERED: Way.BACK,
    TrackingStatus.RETURNING: Way.BACK,
    TrackingStatus.RETURNED: Way.BACK,
    TrackingStatus.LOST: Way.LOST,
    TrackingStatus.CANCELLED: Way.CANCELLED,
}
#: What an end is worth that the carrier has not made final.
_NOT_FINAL: Mapping[Way, Way] = {
    Way.DELIVERED: Way.HANDED,
    Way.PARTLY: Way.HANDED,
    Way.LOST: Way.FAILED,
    Way.CANCELLED: Way.BEFORE,
}


def way_of(carrier: Carrier | None) -> Way:
    """Without a parcel nothing is known. A way back is one before it is final too."""
    if carrier is None:
        return Way.UNKNOWN
    status, finality = carrier
    way = _WAYS[status]
    if status == TrackingStatus.UNDELIVERED and finality != Finality.FINAL:
        return Way.FAILED
    return way if finality == Finality.FINAL else _NOT_FINAL.get(way, way)


#: A carrier tells in the evening what happened in the day.
_A_DAY = timedelta(days=1)
_HOURS = timedelta(hours=4)
_AN_HOUR = timedelta(hours=1)
_OK = Verdict(Agreement.AGREE)
_LATE_NEWS = Verdict(Agreement.THEY_ARE_BEHIND, Risk.NEWS, Severity.WARNING, patience=_A_DAY)


def _behind(
    risk: Risk, *actions: ActionKind, urgent: bool = False, patience: timedelta | None = timedelta(0)
) -> Verdict:
    severity = Severity.URGENT if urgent else Severity.WARNING
    return Verdict(Agreement.WE_ARE_BEHIND, risk, severity, actions, patience)


def _clash(risk: Risk, *, urgent: bool = False) -> Verdict:
    return Verdict(Agreement.CONTRADICTION, risk, Severity.URGENT if urgent else Severity.WARNING)


_DELIVER, _ARRIVE, _RECEIVE = ActionKind.DELIVER, ActionKind.ARRIVE, ActionKind.RECEIVE
_NOT_TAKEN = (ActionKind.REJECT, ActionKind.CANCEL)

#: The marketplace still waits for us to be paid for, or to accept it.
_WAITING: Mapping[Way, Verdict] = {
    Way.BEFORE: _OK,
    Way.MOVING: _clash(Risk.UNPAID, urgent=True),
    Way.OUT: _clash(Risk.UNPAID, urgent=True),
    Way.POINT: _clash(Risk.UNPAID, urgent=True),
    Way.FAILED: _clash(Risk.UNPAID),
    Way.HANDED: _clash(Risk.UNPAID, urgent=True),
    Way.DELIVERED: _clash(Risk.UNPAID, urgent=True),
    Way.PARTLY: _clash(Risk.UNPAID, urgent=True),
    Way.BACK: _OK,  # the goods are home, the order is not ours
    Way.LOST: _clash(Risk.LOST, urgent=True),
    Way.CANCELLED: _OK,
}
#: The marketplace thinks that we are still packing. What the carrier has was handed over, only nobody told it.
_PACKING: Mapping[Way, Verdict] = {
    Way.BEFORE: _OK,
    Way.MOVING: _behind(Risk.HAND_OVER, _DELIVER, patience=_HOURS),
    Way.OUT: _behind(Risk.HAND_OVER, _DELIVER),
    Way.POINT: _behind(Risk.HAND_OVER, _DELIVER, _ARRIVE),
    Way.FAILED: _behind(Risk.HAND_OVER, _DELIVER),
    Way.HANDED: _behind(Risk.HAND_OVER, _DELIVER, urgent=True),
    Way.DELIVERED: _behind(Risk.LATE, _DELIVER, _RECEIVE, urgent=True),
    Way.PARTLY: _behind(Risk.PARTIAL, _DELIVER, urgent=True),
    Way.BACK: _behind(Risk.BUYER, ActionKind.CANCEL),
    Way.LOST: _behind(Risk.LOST, ActionKind.CANCEL, urgent=True),
    Way.CANCELLED: _behind(Risk.NO_PARCEL),  # a new parcel has to be ordered
}
_DELIVERING: Mapping[Way, Verdict] = {
    Way.BEFORE: _LATE_NEWS,  # handed over, and the carrier has not written it down
    Way.MOVING: _OK,
    Way.OUT: _OK,
    Way.POINT: _behind(Risk.NOT_TOLD, _ARRIVE, patience=_AN_HOUR),
    Way.FAILED: _OK,  # it is tried again
    Way.HANDED: _OK,  # not confirmed yet: nothing may follow from it
    Way.DELIVERED: _behind(Risk.LATE, _RECEIVE),
    Way.PARTLY: _behind(Risk.PARTIAL),  # a person decides: no action says it
    Way.BACK: _behind(Risk.BUYER, *_NOT_TAKEN),
    Way.LOST: _behind(Risk.LOST, ActionKind.CANCEL, urgent=True),
    Way.CANCELLED: _clash(Risk.BUYER, urgent=True),
}
_AT_POINT: Mapping[Way, Verdict] = {
    **_DELIVERING,
    Way.MOVING: _LATE_NEWS,
    Way.OUT: _LATE_NEWS,
    Way.POINT: _OK,
}
_RECEIVED: Mapping[Way, Verdict] = {
    Way.BEFORE: _clash(Risk.MONEY),  # the correction "delivered, no: new" ends here
    Way.MOVING: _LATE_NEWS,
    Way.OUT: _LATE_NEWS,
    Way.POINT: _LATE_NEWS,
    Way.FAILED: _clash(Risk.MONEY),
    Way.HANDED: _OK,
    Way.DELIVERED: _OK,
    Way.PARTLY: _clash(Risk.PARTIAL),
    Way.BACK: _clash(Risk.MONEY, urgent=True),
    Way.LOST: _clash(Risk.LOST, urgent=True),
    Way.CANCELLED: _clash(Risk.MONEY),
}
#: Refused by the buyer on receipt: the carrier may tell it later.
_REJECTED: Mapping[Way, Verdict] = {
    Way.BEFORE: _behind(Risk.PARCEL, patience=_AN_HOUR),
    Way.MOVING: _LATE_NEWS,
    Way.OUT: _LATE_NEWS,
    Way.POINT: _LATE_NEWS,
    Way.FAILED: _OK,
    Way.HANDED: _clash(Risk.GOODS),
    Way.DELIVERED: _clash(Risk.GOODS, urgent=True),
    Way.PARTLY: _clash(Risk.GOODS, urgent=True),
    Way.BACK: _OK,
    Way.LOST: _OK,  # not sold; the loss itself is a trouble of its own
    Way.CANCELLED: _OK,
}
_CANCELLED: Mapping[Way, Verdict] = {
    Way.BEFORE: _behind(Risk.PARCEL, patience=_AN_HOUR),
    Way.MOVING: _clash(Risk.GOODS, urgent=True),
    Way.OUT: _clash(Risk.GOODS, urgent=True),
    Way.POINT: _clash(Risk.GOODS, urgent=True),
    Way.FAILED: _LATE_NEWS,  # it may be tried again, or come back
    Way.HANDED: _clash(Risk.GOODS, urgent=True),
    Way.DELIVERED: _clash(Risk.GOODS, urgent=True),
    Way.PARTLY: _clash(Risk.GOODS, urgent=True),
    Way.BACK: _OK,
    Way.LOST: _OK,
    Way.CANCELLED: _OK,
}
#: After the buyer had it. The way back is mostly another parcel than the one that was tracked.
_PARTLY_RETURNED: Mapping[Way, Verdict] = {
    Way.BEFORE: _clash(Risk.MONEY),
    Way.MOVING: _LATE_NEWS,
    Way.OUT: _LATE_NEWS,
    Way.POINT: _LATE_NEWS,
    Way.FAILED: _LATE_NEWS,
    Way.HANDED: _OK,
    Way.DELIVERED: _OK,
    Way.PARTLY: _OK,
    Way.BACK: _clash(Risk.MONEY),
    Way.LOST: _clash(Risk.LOST),
    Way.CANCELLED: _clash(Risk.MONEY),
}
_RETURNED: Mapping[Way, Verdict] = {**_PARTLY_RETURNED, Way.BACK: _OK}

_TABLE: Mapping[Stage, Mapping[Way, Verdict]] = {
    Stage.WAITING: _WAITING,
    Stage.NEW: _PACKING,
    Stage.ASSEMBLING: _PACKING,
    Stage.READY: _PACKING,
    Stage.DELIVERING: _DELIVERING,
    Stage.AT_PICKUP_POINT: _AT_POINT,
    Stage.RECEIVED: _RECEIVED,
    Stage.REJECTED: _REJECTED,
    Stage.CANCELLED: _CANCELLED,
    Stage.PARTIALLY_RETURNED: _PARTLY_RETURNED,
    Stage.RETURNED: _RETURNED,
}


def fits(marketplace: Stage, carrier: Carrier | None) -> bool:
    """Whether they agree whatever is under way here: ``judge`` says so then too."""
    way = way_of(carrier)
    return way == Way.UNKNOWN or _TABLE[marketplace][way].kind == Agreement.AGREE


def judge(marketplace: Stage, carrier: Carrier | None, ours: Ours) -> Verdict:
    """Whether the three fit together, what is at risk, and which actions would settle it.

    ``marketplace``: the stage of the order; ``carrier``: its parcels together (``combine``), None without any.
    """
    way = way_of(carrier)
    if way == Way.UNKNOWN:
        return _OK
    verdict = _TABLE[marketplace][way]
    if verdict.kind == Agreement.WE_ARE_BEHIND:
        return _with_ours(_steps(verdict, marketplace), ours)
    if verdict.kind == Agreement.THEY_ARE_BEHIND and ours.overtaken:
        return replace(verdict, patience=timedelta(0))  # the carrier took its word back: a person should know at once
    return verdict


def _steps(verdict: Verdict, marketplace: Stage) -> Verdict:
    """From the very beginning a step comes before the others."""
    if marketplace == Stage.NEW and _DELIVER in verdict.actions:
        return replace(verdict, actions=(ActionKind.CONFIRM, *verdict.actions))
    return verdict


def _with_ours(verdict: Verdict, ours: Ours) -> Verdict:
    """What is asked already is the marketplace's to answer; what waits for its grace is watched where its clock is shown."""
    wanted = verdict.actions
    if ours.asked.intersection(wanted):
        return Verdict(Agreement.THEY_ARE_BEHIND, Risk.ANSWER, Severity.INFO, patience=_AN_HOUR)
    known = tuple(kind for kind in wanted if kind in ours.known)
    if wanted and not known:
        return _OK  # the marketplace has no such step: it learns of it by itself
    # What is suggested comes first: it is one click.
    ordered = tuple(sorted(known, key=lambda kind: kind not in ours.suggested))
    if ours.waiting.intersection(known):
        return replace(verdict, severity=Severity.INFO, actions=ordered, patience=None)
    return replace(verdict, actions=ordered)


#: Of several parcels the one that is least far decides.
_FAR: Mapping[Way, int] = {way: position for position, way in enumerate(Way)}


def combine(parcels: Iterable[Carrier]) -> Carrier | None:
    """The parcels of an order as one; None without any.

    While one is under way, the least far of those decides. A parcel that is unknown, or was cancelled before the carrier had
    it, does not count beside others. When all have ended differently, the buyer has got a part.
    """
    told = list(parcels)
    if len(told) == 1:
        return told[0]
    counted = [parcel for parcel in told if way_of(parcel) not in (Way.UNKNOWN, Way.CANCELLED)] or told
    if not counted:
        return None
    ended = (Way.DELIVERED, Way.PARTLY, Way.BACK, Way.LOST)
    open_ones = [parcel for parcel in counted if way_of(parcel) not in ended]
    if open_ones:
        return min(open_ones, key=_least_far)
    ways = {way_of(parcel) for parcel in counted}
    if len(ways) > 1 and ways.intersection((Way.DELIVERED, Way.PARTLY)):
        return TrackingStatus.PARTIALLY_DELIVERED, Finality.FINAL
    return min(counted, key=_least_far) if Way.LOST not in ways else max(counted, key=_least_far)


def _least_far(parcel: Carrier) -> tuple[int, int]:
    return _FAR[way_of(parcel)], list(TrackingStatus).index(parcel[0])
