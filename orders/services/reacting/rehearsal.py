"""A rule on trial: what it would have done in the last days, and where the carrier took its word back afterwards.

Here the history is read, order by order; it is played in ``replay``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import TypeVar

from django.db.models import Q
from django.utils import timezone

from backoffice.errors import Invalid, Refused
from backoffice.registry import UnknownKind
from carriers import services as carriers
from carriers.models import CarrierAccount
from orders.enums import CLOSED_STAGES, EntryKind
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, MarketplaceAccount, Shipment, TimelineEntry
from orders.services.sending import outbox

from . import rules
from .replay import Box, Line, Rehearsal, Replay, Trial, Work, Wrong

__all__ = ["Rehearsal", "Wrong", "rehearse"]

CHUNK = 2000
_PARCEL = (EntryKind.TRACKING, EntryKind.TRACKING_RETRACTED)
_WISHES = (EntryKind.CANCEL_REQUESTED, EntryKind.CANCEL_WITHDRAWN)
_LINE = (
    "id", "order_id", "task_id", "shipment_id", "kind", "code", "status", "happened_at", "recorded_at", "correction",
    "data__action",
)  # fmt: skip
_BOX = (
    "id", "order_id", "carrier_account_id", "carrier_account__kind", "number", "created_at", "detached_at", "returned",
    "delivered_on",
)  # fmt: skip
_WORK = ("id", "order_id", "account_id", "delivery_type", "created_at")
Part = TypeVar("Part", Box, Work)


def rehearse(account: CarrierAccount, *, days: int = 30, now: datetime | None = None) -> Rehearsal:
    """Run the rule over the last days with its wait, and note that it was done. Changes nothing else.

    A fixed number of statements; of the history one order at a time is in memory, of tasks and parcels a few columns.
    """
    moment = now or timezone.now()
    rule, since = rules.rule_of(account), moment - timedelta(days=days)
    grace = timedelta(minutes=rule.grace_minutes)
    trial = Trial(account.pk, grace, _hides_returns(account), since, moment, Rehearsal(days))
    mine = _of_orders(account, since)
    offers, works, boxes = _offers(), _works(mine), _boxes(mine)
    for order_id, lines in groupby(_lines(mine), key=attrgetter("order_id")):
        Replay(trial, offers, works.get(order_id, ()), boxes.get(order_id, ())).run(lines)
    rules.rehearsed(account, rule.version, moment)
    return trial.found


def _hides_returns(account: CarrierAccount) -> bool:
    try:
        return carriers.offer(account).hides_returns
    except (Refused, UnknownKind):  # its settings make no sense: nothing is beyond doubt there
        return True


def _offers() -> dict[int, Offer]:
    found = {}
    for account in MarketplaceAccount.objects.all():
        try:
            found[account.pk] = outbox.offer_of(account)
        except Invalid:  # its settings make no sense: nothing would follow there
            continue
    return found


def _of_orders(account: CarrierAccount, since: datetime) -> Q:
    """Orders that had a parcel of this carrier that moved, also one that was taken off since."""
    parcels = Shipment.objects.filter(carrier_account=account, changed_at__gte=since)
    return Q(order_id__in=parcels.values("order_id"))


def _works(mine: Q) -> dict[int, list[Work]]:
    rows = AssemblyTask.objects.filter(mine).order_by("pk")
    return _by_order(map(Work._make, rows.values_list(*_WORK).iterator(chunk_size=CHUNK)))


def _boxes(mine: Q) -> dict[int, list[Box]]:
    """All parcels of the orders, of other carriers too: they speak together."""
    rows = Shipment.objects.filter(mine).order_by("pk")
    return _by_order(map(Box._make, rows.values_list(*_BOX).iterator(chunk_size=CHUNK)))


def _by_order(parts: Iterable[Part]) -> dict[int, list[Part]]:
    found: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        found[part.order_id].append(part)
    return found


def _lines(mine: Q) -> Iterator[Line]:
    of_parcels = Q(kind__in=_PARCEL, shipment__isnull=False)
    of_tasks = Q(kind=EntryKind.STAGE, status__in=CLOSED_STAGES) | Q(kind__in=_WISHES)
    rows = TimelineEntry.objects.filter(of_parcels | of_tasks, mine)
    ordered = rows.order_by("order_id", "recorded_at", "id")
    return map(Line._make, ordered.values_list(*_LINE).iterator(chunk_size=CHUNK))
