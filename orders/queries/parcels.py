"""Parcels of orders with what follows from them, and carrier accounts to attach them at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from carriers.models import CarrierAccount
from carriers.statuses import TrackingStatus
from orders.enums import OPEN_REACTION_STATES
from orders.models import Reaction, Shipment

#: The parcel of an order that is told where only one fits: the one that needs a person most, then the least far on.
_FIRST = (
    TrackingStatus.LOST,
    TrackingStatus.UNDELIVERED,
    TrackingStatus.RETURNING,
    TrackingStatus.RETURNED,
    TrackingStatus.CANCELLED,
    TrackingStatus.DELIVERY_FAILED,
    TrackingStatus.DELIVERY_DELAYED,
    TrackingStatus.ON_HOLD,
    TrackingStatus.UNKNOWN,
    TrackingStatus.PENDING,
    TrackingStatus.PICKED_UP,
    TrackingStatus.IN_TRANSIT,
    TrackingStatus.READY_FOR_PICKUP,
    TrackingStatus.OUT_FOR_DELIVERY,
    TrackingStatus.PARTIALLY_DELIVERED_UNCONFIRMED,
    TrackingStatus.DELIVERED_UNCONFIRMED,
    TrackingStatus.PARTIALLY_DELIVERED,
    TrackingStatus.DELIVERED,
)


@dataclass(frozen=True, slots=True)
class Parcels:
    """Attached parcels by order, and open reactions (a suggestion, or one that waits) by task; ``gone``: taken off again."""

    by_order: Mapping[int, Sequence[Shipment]]
    by_task: Mapping[int, Sequence[Reaction]]
    gone: Sequence[Shipment] = ()

    def of_order(self, order_id: int) -> Sequence[Shipment]:
        return self.by_order.get(order_id, ())

    def first(self, order_id: int) -> Shipment | None:
        """The parcel that is told where only one fits."""
        return min(self.of_order(order_id), key=_weight, default=None)

    def of_task(self, task_id: int) -> Sequence[Reaction]:
        return self.by_task.get(task_id, ())


NONE = Parcels({}, {})


def _weight(parcel: Shipment) -> int:
    return _FIRST.index(TrackingStatus(parcel.status)) if parcel.status in TrackingStatus.values else 0


def parcels(order_ids: Collection[int], *, reactions: bool = True) -> Parcels:
    """One statement; another for the reactions where there is a parcel."""
    mine = Shipment.objects.filter(order__id__among=list(order_ids)).order_by("pk")
    rows = mine.select_related("carrier_account").defer(
        "carrier_account__credentials"
    )  # opened for each parcel otherwise
    by_order: dict[int, list[Shipment]] = defaultdict(list)
    gone: list[Shipment] = []
    for row in rows:
        (by_order[row.order_id] if row.detached_at is None else gone).append(row)
    known = {row.pk: row for attached in by_order.values() for row in attached}
    return Parcels(by_order, _open(known) if reactions and known else {}, gone)


def _open(parcels_: Mapping[int, Shipment]) -> dict[int, list[Reaction]]:
    found: dict[int, list[Reaction]] = defaultdict(list)
    rows = Reaction.objects.filter(shipment_id__in=list(parcels_), state__in=OPEN_REACTION_STATES)
    for row in rows.order_by("pk"):
        row.shipment = parcels_[row.shipment_id]
        found[row.task_id].append(row)
    return found


def accounts(*, training: bool = False) -> list[CarrierAccount]:
    """Carrier accounts that parcels may be attached at: one statement."""
    return list(CarrierAccount.objects.filter(enabled=True, training=training).order_by("title", "pk"))
