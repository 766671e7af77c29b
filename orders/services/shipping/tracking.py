"""Asking carriers about parcels: those that are due, what changed, and the nightly sweep. The network is in no transaction."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from backoffice.errors import Gone, Refused, Unreadable
from carriers import services as carriers
from carriers.base import Carrier
from carriers.models import CarrierAccount
from carriers.types import Page, Problem, ProblemKind, Reply
from orders.enums import ReactionState
from orders.models import Reaction, Shipment

from . import carrier_calling, feeds, matching
from .arrivals import Applied, apply

__all__ = ["Applied", "apply", "poll", "pull_changes", "sweep"]

#: Answers that are stored together: many calls of a carrier that takes one number a call.
STORED_AT_ONCE = 1000
#: Parcels and seconds of one run; the rest waits for the next minute.
MOST = 5000
RUN_SECONDS = 200.0
#: So many parcels in a row may be refused or unreadable before it is taken for the carrier's fault.
MOST_FAILED = 5
#: Pages of changes in one run.
MOST_PAGES = 50
#: Among the cursors of an account: where its changes were read to, and when.
CHANGES, CHANGES_AT = "changes", "changes_at"
#: What was not asked about for so long is asked about in the sweep, whatever was planned.
SWEPT_AFTER = timedelta(hours=20)


def poll(account: CarrierAccount, *, seconds: float = RUN_SECONDS) -> Applied:
    """Ask about the parcels that are due, in the carrier's batches, and store what it says. Idempotent.

    Answers that came before an error or the end of the call budget are stored.
    """
    due = matching.Asked(_due(account, timezone.now()).values_list("number", "details")[:MOST])
    if not due.numbers:
        return Applied()
    until = time.monotonic() + seconds
    total = _Total()
    carrier_calling.with_carrier(account, lambda carrier: _poll(account, carrier, due, until=until, total=total))
    if total.applied.told:
        carrier_calling.recovered(account, news=total.applied.news > 0)
    return total.applied


class _Total:
    """What a run has done so far, also when it ends with an error."""

    def __init__(self) -> None:
        self.applied = Applied()


def _due(account: CarrierAccount, now: datetime) -> QuerySet[Shipment]:
    """In turn: one whose word is to be acted on, one that was never asked about, one of the others; each by its time.

    A sweep of thousands holds up nobody who waits for an answer, and an import of thousands does not hold up the others.
    """
    rows = Shipment.objects.filter(carrier_account=account, next_poll_at__lte=now, detached_at=None)
    waited_for = Exists(Reaction.objects.filter(shipment=OuterRef("pk"), state=ReactionState.WAITING))
    line = Case(When(waited_for, then=Value(0)), When(checked_at=None, then=Value(1)), default=Value(2))
    turn = Window(RowNumber(), partition_by=[F("line")], order_by=["next_poll_at", "pk"])
    return rows.annotate(line=line, turn=turn).order_by("turn", "line")


def _poll(account: CarrierAccount, carrier: Carrier, due: matching.Asked, *, until: float, total: _Total) -> None:
    failed: list[str] = []
    for part in _parts(due.numbers, STORED_AT_ONCE):
        asked_at, replies = timezone.now(), []
        try:
            for numbers in _parts(part, carrier.offer.batch):
                replies += _track(carrier, numbers, failed)
                if time.monotonic() > until:
                    break
        finally:
            total.applied += apply(account, due.back(replies), asked_at)
        if time.monotonic() > until:
            break


def _track(carrier: Carrier, numbers: Sequence[str], failed: list[str]) -> list[Reply]:
    """One parcel whose answer cannot be read, or is refused, does not hold up the others: it is asked alone, and said so of.

    ``failed``: numbers in a row; after some of them it is the carrier, and the error goes on.
    """
    try:
        found = carrier.track(numbers)
    except (Refused, Unreadable) as error:
        if isinstance(error, Gone) or len(failed) >= MOST_FAILED:
            raise
        if len(numbers) > 1:
            return [reply for number in numbers for reply in _track(carrier, [number], failed)]
        failed += numbers
        return [Problem(numbers[0], ProblemKind.UNREADABLE, error.code)]
    failed.clear()
    return list(found)


def _parts(numbers: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (numbers[start : start + size] for start in range(0, len(numbers), size))


def pull_changes(account: CarrierAccount, *, now: datetime | None = None) -> Applied:
    """Read what a carrier says has changed, where it says so, as often as it wants to be asked. Idempotent.

    A page is stored first and committed after: until then the carrier tells it again.
    """
    moment = now or timezone.now()
    offer = carriers.offer(account)
    last = account.cursors.get(CHANGES_AT)
    if not offer.tells_changes or (last and moment - datetime.fromisoformat(last) < offer.changes_every):
        return Applied()
    total = _Total()
    carrier_calling.with_carrier(account, lambda carrier: _pull(account, carrier, total))
    carriers.remember(account, CHANGES_AT, moment.isoformat())
    return total.applied


def _pull(account: CarrierAccount, carrier: Carrier, total: _Total) -> None:
    for _page in range(MOST_PAGES):
        asked_at = timezone.now()
        page = feeds.read(account, carrier, str(account.cursors.get(CHANGES, "")), asked_at)
        total.applied += _store(account, page, asked_at)
        carrier.commit(page)
        carrier_calling.recovered(account, news=total.applied.news > 0)
        if not page.more:
            break


@transaction.atomic
def _store(account: CarrierAccount, page: Page, asked_at: datetime) -> Applied:
    """What is told whole is applied, what is only named is asked for next; with it the place in the changes."""
    matching.adopt(account, [*page.snapshots, *page.changed])
    replies = matching.addressed(account, [*page.snapshots, *page.broken])
    applied = apply(account, replies, asked_at)
    named = [name for each in page.changed for name in (*each.names, each.own_number) if name]
    if named:
        rows = Shipment.objects.filter(carrier_account=account, number__among=named, detached_at=None)
        rows.update(next_poll_at=asked_at)
    carriers.remember(account, CHANGES, page.cursor or None)
    return applied


def sweep(account: CarrierAccount) -> int:
    """Have every open or recently finished parcel asked about that was not for long; returns how many. One statement."""
    now, offer = timezone.now(), carriers.offer(account)
    rows = Shipment.objects.filter(carrier_account=account, detached_at=None)
    current = Q(final_at=None) | Q(final_at__gt=now - offer.final_for)
    old = Q(checked_at=None) | Q(checked_at__lt=now - SWEPT_AFTER)
    later = Q(next_poll_at=None) | Q(next_poll_at__gt=now)
    return rows.filter(current, old, later).update(next_poll_at=now)
