"""What goes wrong with a parcel although marketplace and carrier agree. Pure: no statement, no time of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from carriers.statuses import CarrierTrouble, Finality, TrackingStatus
from orders.divergence import Risk
from orders.enums import OPEN_STAGES, ActionKind, Severity, Stage


class Trouble(TextChoices):
    QUIET = "quiet", pgettext_lazy("trouble", "no news of the parcel")
    STORAGE = "storage", pgettext_lazy("trouble", "the storage time runs out or costs money")
    NOT_AGREED = "not_agreed", pgettext_lazy("trouble", "the delivery could not be agreed")
    LOST = "lost", pgettext_lazy("trouble", "the carrier lost it")


#: A parcel in these is nobody's to wait for: it has not begun, nothing is known of it, or it has ended.
_NOT_UNDER_WAY = frozenset({TrackingStatus.PENDING, TrackingStatus.UNKNOWN})
#: Silence of a parcel that was not asked about is silence of the account.
ASKED_WITHIN = timedelta(days=2)
_STORAGE_SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Parcel:
    """``heard_at``: its last news; ``asked_at``: when its carrier last answered about it.

    ``trouble``: what the carrier's word says is wrong with it; a word that needs a look may say nothing of why.
    """

    status: TrackingStatus
    finality: Finality
    needs_look: bool
    heard_at: datetime
    asked_at: datetime | None
    quiet_after: timedelta
    trouble: CarrierTrouble | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """``since``: None where it is not known better than by when it was first seen. ``until``: the last day of the storage."""

    code: Trouble
    risk: Risk
    severity: Severity
    actions: tuple[ActionKind, ...] = ()
    since: datetime | None = None
    until: date | None = None


def of_parcel(parcel: Parcel, stage: Stage, *, now: datetime) -> Iterator[Found]:
    """What is wrong with one parcel of an order at this stage."""
    open_order = stage in OPEN_STAGES
    if parcel.status == TrackingStatus.LOST:
        actions = (ActionKind.CANCEL,) if open_order else ()
        yield Found(Trouble.LOST, Risk.LOST, Severity.URGENT, actions, parcel.heard_at)
    elif is_quiet(parcel, now=now):
        yield Found(Trouble.QUIET, Risk.QUIET, Severity.WARNING, (), parcel.heard_at)
    why = parcel.trouble if parcel.needs_look else None
    if why == CarrierTrouble.STORAGE:
        yield Found(Trouble.STORAGE, Risk.STORAGE, Severity.URGENT, (), parcel.heard_at)
    elif why == CarrierTrouble.NOT_AGREED:
        actions = (ActionKind.MOVE_DATE,) if open_order else ()
        yield Found(Trouble.NOT_AGREED, Risk.APPOINTMENT, Severity.WARNING, actions, parcel.heard_at)


def is_quiet(parcel: Parcel, *, now: datetime) -> bool:
    """No news for longer than its carrier usually needs, though it was asked."""
    if parcel.finality == Finality.FINAL or parcel.status in _NOT_UNDER_WAY:
        return False
    asked = parcel.asked_at is not None and now - parcel.asked_at <= ASKED_WITHIN
    return asked and now - parcel.heard_at >= parcel.quiet_after


def is_kept(status: TrackingStatus, stage: Stage) -> bool:
    """Whether it lies at a pick-up point and waits for its buyer."""
    return stage == Stage.AT_PICKUP_POINT or (stage in OPEN_STAGES and status == TrackingStatus.READY_FOR_PICKUP)


def of_storage(until: date | None, *, today: date) -> Found | None:
    """The pick-up point keeps it until the end of ``until``: worth a look the day before, urgent on the day and after it."""
    if until is None or today < until - _STORAGE_SOON:
        return None
    severity = Severity.URGENT if today >= until else Severity.WARNING
    return Found(Trouble.STORAGE, Risk.STORAGE, severity, (ActionKind.EXTEND_STORAGE,), until=until)
