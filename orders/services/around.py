"""What decides about the tasks of parcels, read in a fixed number of statements however many they are."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from backoffice.errors import Invalid
from carriers import services as carriers
from carriers.statuses import Meaning, TrackingStatus
from orders import reactions as pure
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, MarketplaceAccount, ReactionRule, Shipment, TimelineEntry

from . import outbox


@dataclass(frozen=True, slots=True)
class Around:
    """Rules by carrier account, tasks and attached parcels by order, offers by marketplace account, entries by id."""

    rules: Mapping[int, ReactionRule]
    tasks: Mapping[int, Sequence[AssemblyTask]]
    offers: Mapping[int, Offer]
    parcels: Mapping[int, Sequence[Shipment]]
    entries: Mapping[int, TimelineEntry]
    now: dt.datetime

    def follow(
        self, shipment: Shipment, task: AssemblyTask, meaning: Meaning, delivered_on: dt.date | None
    ) -> pure.Follow | None:
        """What follows for one task; None also where the settings of its account make no sense."""
        offer = self.offers.get(task.account_id)
        if offer is None:
            return None
        return pure.follow(
            meaning,
            offer,
            pure.Place.of(task),
            others=self.others(shipment),
            delivered_on=delivered_on,
            today=timezone.localdate(self.now),
        )

    def others(self, shipment: Shipment) -> list[TrackingStatus]:
        """Where the other parcels of the order are."""
        mine = self.parcels.get(shipment.order_id, ())
        return [TrackingStatus(each.status) for each in mine if each.pk != shipment.pk]

    def hides_returns(self, shipment: Shipment) -> bool:
        """Whether a parcel that went back reads as delivered, as far as the carrier's account tells."""
        rule = self.rules.get(shipment.carrier_account_id)
        return rule is not None and carriers.offer(rule.carrier_account).hides_returns

    def told(self, ids: Iterable[int]) -> TimelineEntry | None:
        """The latest of these entries."""
        found = [self.entries[pk] for pk in ids if pk in self.entries]
        return max(found, key=lambda entry: (entry.happened_at, entry.pk), default=None)


def look(
    shipments: Sequence[Shipment], *, now: dt.datetime, entries: Collection[int] = (), lock_rules: bool = False
) -> Around:
    """Five statements, four without entries. ``lock_rules``: the caps are about to be counted. Needs a transaction."""
    order_ids = sorted({row.order_id for row in shipments})
    account_ids = {row.carrier_account_id for row in shipments}
    stored = ReactionRule.objects.filter(pk__in=account_ids).select_related("carrier_account").order_by("pk")
    rows = stored.select_for_update(of=("self",), no_key=True) if lock_rules else stored
    tasks: dict[int, list[AssemblyTask]] = defaultdict(list)
    for task in AssemblyTask.objects.filter(order__id__among=order_ids).order_by("pk"):
        tasks[task.order_id].append(task)
    parcels: dict[int, list[Shipment]] = defaultdict(list)
    for parcel in Shipment.objects.filter(order__id__among=order_ids, detached_at=None).order_by("pk"):
        parcels[parcel.order_id].append(parcel)
    known = {row.pk: row for row in TimelineEntry.objects.filter(id__among=list(entries))} if entries else {}
    offers = _offers({task.account_id for mine in tasks.values() for task in mine})
    return Around({rule.pk: rule for rule in rows}, tasks, offers, parcels, known, now)


def _offers(account_ids: Collection[int]) -> dict[int, Offer]:
    found = {}
    for account in MarketplaceAccount.objects.filter(pk__in=account_ids):
        try:
            found[account.pk] = outbox.offer_of(account)
        except Invalid:  # its settings make no sense: its own jobs say so
            continue
    return found


def day_of(shipment: Shipment, entry: TimelineEntry | None) -> dt.date | None:
    """The local day a parcel was delivered: the carrier's own, or that of its last word."""
    if shipment.delivered_on or entry is None:
        return shipment.delivered_on
    local = parse_datetime(str(entry.data.get("local") or ""))
    return local.date() if local else timezone.localdate(entry.happened_at)
