"""What a carrier's people wrote about a parcel: who took it, or why nobody did. It may name people, so it is kept encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backoffice.secrets import InvalidToken, box
from carriers.statuses import TrackingStatus
from carriers.types import Snapshot
from orders.models import Shipment

#: Among a shipment's details; a cipher.
SEALED = "remark"
#: Then it is the name of who took it, which nobody needs: it stays in the raw answer.
_TAKEN = frozenset(
    {
        TrackingStatus.DELIVERED,
        TrackingStatus.DELIVERED_UNCONFIRMED,
        TrackingStatus.PARTIALLY_DELIVERED,
        TrackingStatus.PARTIALLY_DELIVERED_UNCONFIRMED,
    }
)


def details(snapshot: Snapshot) -> dict[str, str]:
    """The facts of a snapshot, and its remark where that says why a parcel was not taken."""
    taken = snapshot.meaning is not None and snapshot.meaning.status in _TAKEN
    if taken or not snapshot.remark:
        return dict(snapshot.details)
    return {**snapshot.details, SEALED: box().encrypt(snapshot.remark.encode()).decode()}


def of(details_: Mapping[str, Any]) -> str:
    """For those who may see buyers. Nothing where there is none, or no key opens it."""
    try:
        return box().decrypt(str(details_.get(SEALED) or "")).decode()
    except (InvalidToken, ValueError):
        return ""


def forget(order_id: int) -> None:
    """Of all parcels of an order. Idempotent."""
    for row in Shipment.objects.filter(order_id=order_id, details__has_key=SEALED).only("details"):
        row.details.pop(SEALED)
        row.save(update_fields=["details"])
