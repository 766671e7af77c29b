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
from orders.models.shipment import ATTACHED
from orders.services.sending import outbox


@dataclass(frozen=True, slots=True)
class Around:
    """Rules by carrier account, tasks by order, offers by marketplace account, entries by key.

    ``parcels``: ids and statuses of those that are attached, by order.
    """

    rules: Mapping[int, ReactionRule]
    tasks: Mapping[int, Sequence[AssemblyTask]]
    offers: Mapping[int, Offer]
    parcels: Mapping[int, Sequence[tuple[int, str]]]
    entries: Mapping[str, TimelineEntry]
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
        return [TrackingStatus(status) for pk, status in mine if pk != shipment.pk]

    def hides_returns(self, shipment: Shipment) -> bool:
        """Whether a parcel that went back reads as delivered, as far as the carrier's account tells."""
        rule = self.rules.get(shipment.carrier_account_id)
        return rule is not None and carriers.offer(rule.carrier_account).hides_returns

    def told(self, keys: Iterable[str]) -> TimelineEntry | None:
        """The latest of these entries."""
        return max(self._written(keys), key=lambda entry: (entry.happened_at, entry.pk), default=None)

    def ids(self, keys: Iterable[str]) -> list[int]:
        """Of these entries, as they were written."""
        return sorted(entry.pk for entry in self._written(keys))

    def _written(self, keys: Iterable[str]) -> list[TimelineEntry]:
        return [self.entries[key] for key in keys if key in self.entries]


Rules = Mapping[int, ReactionRule]
#: What ``Place`` and the inputs of a receipt are made of.
_OF_TASKS = (
    "order_id", "account_id", "stage", "marketplace_status", "delivery_type", "cancel_requested_at", "created_at",
)  # fmt: skip


def rules_of(shipments: Sequence[Shipment], *, lock: bool = False) -> Rules:
    """The stored rules by carrier account: one statement. ``lock``: before any reaction is locked. Needs a transaction."""
    account_ids = {row.carrier_account_id for row in shipments}
    stored = ReactionRule.objects.filter(pk__in=account_ids).select_related("carrier_account").order_by("pk")
    rows = stored.select_for_update(of=("self",), no_key=True) if lock else stored
    return {rule.pk: rule for rule in rows}


def look(
    shipments: Sequence[Shipment], *, now: dt.datetime, entries: Collection[str] = (), rules: Rules | None = None
) -> Around:
    """Five statements, four without entries, one less where the ``rules`` are read already."""
    order_ids = sorted({row.order_id for row in shipments})
    known_rules = rules_of(shipments) if rules is None else rules
    tasks: dict[int, list[AssemblyTask]] = defaultdict(list)
    for task in AssemblyTask.objects.filter(order__id__among=order_ids).only(*_OF_TASKS).order_by("pk"):
        tasks[task.order_id].append(task)
    parcels: dict[int, list[tuple[int, str]]] = defaultdict(list)
    attached = Shipment.objects.filter(ATTACHED, order__id__among=order_ids).order_by("pk")
    for order_id, pk, status in attached.values_list("order_id", "pk", "status"):
        parcels[order_id].append((pk, status))
    told = TimelineEntry.objects.filter(dedupe_key__among=list(entries)).only("dedupe_key", "happened_at", "data")
    known = {row.dedupe_key: row for row in told} if entries else {}
    offers = _offers({task.account_id for mine in tasks.values() for task in mine})
    return Around(known_rules, tasks, offers, parcels, known, now)


def _offers(account_ids: Collection[int]) -> dict[int, Offer]:
    found = {}
    for account in MarketplaceAccount.objects.filter(pk__in=account_ids):
        try:
            found[account.pk] = outbox.offer_of(account)
        except Invalid:  # its settings make no sense: its own jobs say so
            continue
    return found


def day_of(shipment: Shipment, entry: TimelineEntry | None) -> dt.date | None:
    """The local day a parcel was delivered: the carrier's own, or that of its last word.

    A carrier that told UTC has told no local time: in Moscow its day ends three hours early.
    """
    if shipment.delivered_on or entry is None:
        return shipment.delivered_on
    local = parse_datetime(str(entry.data.get("local") or ""))
    if local is None or entry.data.get("offset") == "+00:00":
        return timezone.localdate(entry.happened_at)
    return local.date()
