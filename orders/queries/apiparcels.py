"""Parcels as the API shows them, read as tuples."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from orders.models import Shipment

Json = dict[str, Any]


class ShipmentRow(NamedTuple):
    id: int
    order_id: int
    carrier: str
    carrier_account_id: int
    number: str
    status: str
    finality: str
    raw_status: str
    raw_title: str
    checked_at: datetime | None
    changed_at: datetime | None
    created_at: datetime


FIELDS = (
    "id", "order_id", "carrier_account__kind", "carrier_account_id", "number", "status", "finality", "raw_status", "raw_title",
    "checked_at", "changed_at", "created_at",
)  # fmt: skip


def moment(value: datetime | None) -> str | None:
    """ISO 8601 with offset."""
    return value.isoformat() if value else None


def shipment_rows(rows: QuerySet[Shipment]) -> QuerySet[Any, Any]:
    """To be sliced, then given to ``shipment`` by way of ``ShipmentRow._make``."""
    return rows.values_list(*FIELDS)


def shipments_of(order_ids: Sequence[int]) -> dict[int, list[Json]]:
    """Attached parcels by order: one statement."""
    found: dict[int, list[Json]] = {}
    rows = Shipment.objects.filter(order_id__in=order_ids, detached_at=None).order_by("pk")
    for row in map(ShipmentRow._make, shipment_rows(rows)):
        found.setdefault(row.order_id, []).append(shipment(row))
    return found


def shipment(row: ShipmentRow) -> Json:
    return {
        "id": row.id,
        "order": row.order_id,
        "carrier": row.carrier,
        "carrier_account": row.carrier_account_id,
        "number": row.number,
        "status": row.status,
        "finality": row.finality,
        "raw_status": row.raw_status,
        "raw_title": row.raw_title,
        "checked_at": moment(row.checked_at),
        "changed_at": moment(row.changed_at),
    }
