"""Tracking statuses: one set for all carriers, how final each word of a carrier is, and what a change of them means.

The set is that of contract 3.2. What a carrier's word means is a :class:`Meaning`, in the carrier's status map; a word that
is in no map has none and moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from backoffice.faces import Face


class TrackingStatus(TextChoices):
    """Where a parcel is."""

    PENDING = "pending", pgettext_lazy("tracking", "Not handed over yet")
    PICKED_UP = "picked_up", pgettext_lazy("tracking", "Picked up from the sender")
    IN_TRANSIT = "in_transit", pgettext_lazy("tracking", "In transit")
    ON_HOLD = "on_hold", pgettext_lazy("tracking", "On hold")
    READY_FOR_PICKUP = "ready_for_pickup", pgettext_lazy("tracking", "Ready for pick-up")
    OUT_FOR_DELIVERY = "out_for_delivery", pgettext_lazy("tracking", "Out for delivery")
    DELIVERY_DELAYED = "delivery_delayed", pgettext_lazy("tracking", "Delivery postponed")
    DELIVERY_FAILED = "delivery_failed", pgettext_lazy("tracking", "Delivery attempt failed")
    DELIVERED_UNCONFIRMED = "delivered_unconfirmed", pgettext_lazy("tracking", "Delivered, not confirmed yet")
    PARTIALLY_DELIVERED_UNCONFIRMED = (
        "partially_delivered_unconfirmed",
        pgettext_lazy("tracking", "Delivered in part, not confirmed yet"),
    )
    DELIVERED = "delivered", pgettext_lazy("tracking", "Delivered")
    PARTIALLY_DELIVERED = "partially_delivered", pgettext_lazy("tracking", "Delivered in part")
    UNDELIVERED = "undelivered", pgettext_lazy("tracking", "Not delivered")
    RETURNING = "returning", pgettext_lazy("tracking", "On the way back")
    RETURNED = "returned", pgettext_lazy("tracking", "Returned to the sender")
    LOST = "lost", pgettext_lazy("tracking", "Lost")
    CANCELLED = "cancelled", pgettext_lazy("tracking", "Cancelled before hand-over")
    UNKNOWN = "unknown", pgettext_lazy("tracking", "Unknown")


class Finality(TextChoices):
    """Whether the carrier may still think better of it. Only ``final`` may make a marketplace act."""

    OPEN = "open", pgettext_lazy("finality", "under way")
    PROVISIONAL = "provisional", pgettext_lazy("finality", "to be confirmed")
    FINAL = "final", pgettext_lazy("finality", "final")


class CarrierTrouble(TextChoices):
    """What a carrier's word says is wrong with a parcel, one set for all carriers.

    Neither of them has a word for damaged goods, a buyer who was not found or one who refused: MeaSoft's CANCELED is a refusal
    and a cancellation alike, and why it was is a free text.
    """

    STORAGE = "storage", pgettext_lazy("carrier trouble", "storage costs money")
    NOT_AGREED = "not_agreed", pgettext_lazy("carrier trouble", "the delivery could not be agreed")
    LOST = "lost", pgettext_lazy("carrier trouble", "lost")


class Change(TextChoices):
    """What a new status is to the one before it (contract 3.5). A correction is recorded, shown and raised."""

    FIRST = "first", pgettext_lazy("change", "first word")
    REPEAT = "repeat", pgettext_lazy("change", "the same again")
    PROGRESS = "progress", pgettext_lazy("change", "a step on")
    LATERAL = "lateral", pgettext_lazy("change", "neither on nor back")
    CORRECTION = "correction", pgettext_lazy("change", "correction")


FACES: Mapping[TrackingStatus, Face] = {
    TrackingStatus.PENDING: Face("plain", "hourglass"),
    TrackingStatus.PICKED_UP: Face("info", "package"),
    TrackingStatus.IN_TRANSIT: Face("delivering", "truck"),
    TrackingStatus.ON_HOLD: Face("warn", "circle-pause"),
    TrackingStatus.READY_FOR_PICKUP: Face("pickup", "map-pin"),
    TrackingStatus.OUT_FOR_DELIVERY: Face("delivering", "bike"),
    TrackingStatus.DELIVERY_DELAYED: Face("warn", "calendar-clock"),
    TrackingStatus.DELIVERY_FAILED: Face("warn", "triangle-alert"),
    TrackingStatus.DELIVERED_UNCONFIRMED: Face("info", "check"),
    TrackingStatus.PARTIALLY_DELIVERED_UNCONFIRMED: Face("info", "check"),
    TrackingStatus.DELIVERED: Face("ok", "circle-check"),
    TrackingStatus.PARTIALLY_DELIVERED: Face("warn", "circle-check"),
    TrackingStatus.UNDELIVERED: Face("bad", "x"),
    TrackingStatus.RETURNING: Face("warn", "undo-2"),
    TrackingStatus.RETURNED: Face("plain", "undo-2"),
    TrackingStatus.LOST: Face("bad", "circle-alert"),
    TrackingStatus.CANCELLED: Face("plain", "ban"),
    TrackingStatus.UNKNOWN: Face("plain", "circle-question-mark"),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word of a carrier means. ``attention``: a person should look; ``trouble``: at what, where the word says it.

    ``name``: the word for people, in their language.
    """

    status: TrackingStatus
    finality: Finality = Finality.OPEN
    attention: bool = False
    name: str | Promise = ""
    trouble: CarrierTrouble | None = None


#: How far on the way a parcel is. On hold, postponed and failed may come anywhere after the hand-over.
_STAGES: Mapping[TrackingStatus, int] = {
    TrackingStatus.PENDING: 0,
    TrackingStatus.PICKED_UP: 1,
    TrackingStatus.IN_TRANSIT: 2,
    TrackingStatus.READY_FOR_PICKUP: 3,
    TrackingStatus.OUT_FOR_DELIVERY: 3,
    TrackingStatus.DELIVERED_UNCONFIRMED: 4,
    TrackingStatus.PARTIALLY_DELIVERED_UNCONFIRMED: 4,
    TrackingStatus.DELIVERED: 5,
    TrackingStatus.PARTIALLY_DELIVERED: 5,
    TrackingStatus.UNDELIVERED: 5,
    TrackingStatus.CANCELLED: 5,
    TrackingStatus.LOST: 5,
    TrackingStatus.RETURNING: 6,
    TrackingStatus.RETURNED: 7,
}
_HANDED_OVER = 2
_WAY_BACK = frozenset({TrackingStatus.RETURNING, TrackingStatus.RETURNED})
#: What may follow these without anybody having been wrong; anything else after them is a correction.
_FOLLOWS: Mapping[TrackingStatus, frozenset[TrackingStatus]] = {
    TrackingStatus.DELIVERED_UNCONFIRMED: frozenset({TrackingStatus.DELIVERED}),
    TrackingStatus.PARTIALLY_DELIVERED_UNCONFIRMED: frozenset({TrackingStatus.PARTIALLY_DELIVERED}),
    TrackingStatus.DELIVERED: frozenset(),
    TrackingStatus.PARTIALLY_DELIVERED: frozenset(),
    TrackingStatus.UNDELIVERED: _WAY_BACK,
    TrackingStatus.CANCELLED: _WAY_BACK,
    TrackingStatus.LOST: frozenset(),
    TrackingStatus.RETURNING: _WAY_BACK,
    TrackingStatus.RETURNED: frozenset(),
}


def classify(before: Meaning | None, after: Meaning) -> Change:
    """What ``after`` is to ``before``, which is None when nothing was known of the parcel.

    A failed attempt is never final, so nothing that follows it but the very beginning is a correction.
    """
    if before is None or before.status == TrackingStatus.UNKNOWN:
        return Change.FIRST
    if before.status == after.status:
        return Change.REPEAT if before.finality == after.finality else Change.PROGRESS
    follows = _FOLLOWS.get(before.status)
    if follows is not None:
        return Change.PROGRESS if after.status in follows else Change.CORRECTION
    return _on_the_way(before.status, after.status)


def _on_the_way(before: TrackingStatus, after: TrackingStatus) -> Change:
    here, there = _STAGES.get(before, _HANDED_OVER), _STAGES.get(after)
    if there is None or here == there:
        return Change.LATERAL
    return Change.PROGRESS if there > here else Change.CORRECTION
