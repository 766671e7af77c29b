"""What is known of a parcel by those who attach it, ask about it and react to it."""

from __future__ import annotations

from dataclasses import dataclass

from carriers.statuses import Change, Finality, Meaning, TrackingStatus
from orders.enums import Source
from orders.models import Shipment
from orders.services.actors import Actor

#: A carrier as the one who states a fact.
CARRIER = Actor(Source.CARRIER)


@dataclass(frozen=True, slots=True)
class Moved:
    """A shipment whose status its carrier has just changed: ``shipment`` holds what is stored now.

    ``before`` is None when nothing was known. ``entries``: keys of the timeline entries that were written for it.
    """

    shipment: Shipment
    before: Meaning | None
    after: Meaning
    change: Change
    entries: tuple[str, ...] = ()


def known(shipment: Shipment) -> Meaning | None:
    """What is stored of a shipment's status; None when its carrier has told nothing that is understood."""
    if shipment.status == TrackingStatus.UNKNOWN:
        return None
    return Meaning(TrackingStatus(shipment.status), Finality(shipment.finality), shipment.needs_look)
