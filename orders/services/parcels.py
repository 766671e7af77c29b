"""What happened to a parcel, as those who react to it need it."""

from __future__ import annotations

from dataclasses import dataclass

from carriers.statuses import Change, Meaning
from orders.models import Shipment


@dataclass(frozen=True, slots=True)
class Moved:
    """A shipment whose status its carrier has just changed: ``shipment`` holds what is stored now.

    ``before`` is None when nothing was known. ``entries``: ids of the timeline entries that were written for it.
    """

    shipment: Shipment
    before: Meaning | None
    after: Meaning
    change: Change
    entries: tuple[int, ...] = ()
