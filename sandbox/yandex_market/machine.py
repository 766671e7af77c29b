"""What may follow what (contract 2.6), and the plays of the buyer and the Market."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from sandbox.yandex_market import asking, errors
from sandbox.yandex_market.days import today
from sandbox.yandex_market.order import Order
from sandbox.yandex_market.world import World

SETTABLE: Final = ("PROCESSING", "CANCELLED", "DELIVERY", "PICKUP", "DELIVERED")
SHOPS_TURN: Final = ("PROCESSING", "DELIVERY", "PICKUP")
RECEIVED: Final = "DELIVERED/DELIVERY_SERVICE_DELIVERED"
# The shop sends the status, the Market adds the substatus.
MOVES: Final = {
    ("PROCESSING", "DELIVERY"): "DELIVERY/DELIVERY_SERVICE_RECEIVED",
    ("DELIVERY", "PICKUP"): "PICKUP/PICKUP_SERVICE_RECEIVED",
    ("DELIVERY", "DELIVERED"): RECEIVED,
    ("PICKUP", "DELIVERED"): RECEIVED,
}
REASONS: Final = {
    "PROCESSING": ("SHOP_FAILED", "USER_CHANGED_MIND", "USER_UNREACHABLE", "INCORRECT_PERSONAL_DATA"),
    "DELIVERY": ("SHOP_FAILED", "USER_CHANGED_MIND", "USER_UNREACHABLE"),
    "PICKUP": ("SHOP_FAILED", "USER_CHANGED_MIND", "USER_UNREACHABLE", "PICKUP_EXPIRED"),
}
# From here only the Market goes on: it has asked the buyer, or the parcel is its own courier's.
MARKETS_TURN: Final = ("DELIVERY/USER_RECEIVED", "DELIVERY/DELIVERY_USER_NOT_RECEIVED")
CALLS: Final = "three calls between 08:00 and 21:00, 90 minutes between the first and the third, 5 seconds each"


def change_status(world: World, order: Order, asked: dict[str, Any]) -> None:
    """`{status, substatus?, delivery?}` of the shop. Raises Refusal; then nothing has changed."""
    status = asked.get("status")
    if status is None:
        raise errors.is_null("order.status")
    if status not in SETTABLE:
        raise errors.bad(f"Status not allowed: '{status}'")
    if _is_there(world, order, asked):
        return
    if order.status not in SHOPS_TURN:
        raise errors.bad(f"No permission to set status '{status}' for order '{order.id}' with status '{order.status}'")
    place = _next(world, order, status, asked.get("substatus"))
    day = _real_day(world, order, asked) if status in ("PICKUP", "DELIVERED") else None
    world.move(order, place, cause="status")
    _arrive(world, order, day)


def _is_there(world: World, order: Order, asked: dict[str, Any]) -> bool:
    """The same status again, where that is taken for a repetition."""
    same = order.status == asked["status"] and asked.get("substatus") in (None, order.substatus)
    return same and world.tuning.same_status == "accept"


def _next(world: World, order: Order, status: str, substatus: Any) -> str:
    if status == "CANCELLED":
        return f"CANCELLED/{_reason(world, order, substatus)}"
    if status == "PROCESSING":
        ready = order.place == "PROCESSING/STARTED" and substatus == "READY_TO_SHIP" and world.tuning.ready_to_ship
        if ready:
            return "PROCESSING/READY_TO_SHIP"
    place = MOVES.get((order.status, status))
    if place is None:
        raise errors.bad(f"No transition found: '{order.status}' -> '{status}'")
    if order.place in MARKETS_TURN:
        raise errors.bad("Status change was forbidden for client role = 'SHOP'")
    reason = _obstacle(world, order, status)
    if reason:
        raise _forbidden(order, status, reason)
    return place


def _forbidden(order: Order, status: str, reason: str) -> Exception:
    return errors.bad(f"Transition '{order.status}' -> '{status}' is not allowed. Reason: {reason}")


def _obstacle(world: World, order: Order, status: str) -> str:
    """Why a move of the table is not for this order; empty when it is."""
    tuning = world.tuning
    if status == "PICKUP" and order.kind != "PICKUP" and tuning.pickup_needs_outlet:
        return f"delivery type is {order.kind}"
    lacking = [item["id"] for item in order.items if "CIS" in item["required"] and not item["instances"]]
    if status == "DELIVERY" and order.company and lacking and tuning.business_needs_codes:
        return f"no cis for items {', '.join(map(str, lacking))}"
    return ""


def _reason(world: World, order: Order, substatus: Any) -> str:
    if substatus is None:
        raise errors.is_null("order.substatus")
    if substatus not in REASONS[order.status]:
        raise errors.bad(
            f"Cancellation request substatus '{substatus}' is not available for status '{order.status}' "
            f"and role 'SHOP' for order '{order.id}'"
        )
    if substatus == "USER_UNREACHABLE" and not world.tuning.unreachable_proven:
        raise _forbidden(order, "CANCELLED", CALLS)
    return str(substatus)


def _real_day(world: World, order: Order, asked: dict[str, Any]) -> str | None:
    """`delivery.dates.realDeliveryDate`: when it was not today."""
    delivery = asked.get("delivery") or {}
    dates = delivery.get("dates") or {} if isinstance(delivery, dict) else {}
    if not isinstance(dates, dict):
        raise errors.mismatch(dates)
    if dates.get("realDeliveryDate") is None:
        return None
    found = asking.day(dates, "realDeliveryDate")
    if date.fromisoformat(found) > today(world.now):
        raise errors.bad(f"Delivery date {found} can't be in the future")
    if date.fromisoformat(found) < today(order.created):
        raise errors.bad("Real delivery date should be from order creation date to current date inclusively")
    return found


def _arrive(world: World, order: Order, day: str | None) -> None:
    """The day it came, and how long a pick-up point keeps it."""
    now = today(world.now)
    if order.status in ("PICKUP", "DELIVERED"):
        order.delivery["real"] = day or now.isoformat()
    if order.status == "PICKUP" and "outlet" in order.delivery:
        order.delivery["outlet"]["limit"] = (now + timedelta(days=world.tuning.storage_days)).isoformat()


# plays


class CannotPlay(ValueError):
    """The order is not where this can happen to it."""


MIND_CHANGED: Final = "CANCELLED/USER_CHANGED_MIND"
ON_THE_WAY: Final = "DELIVERY/DELIVERY_SERVICE_RECEIVED"
DISPUTED_ON_THE_WAY: Final = "DELIVERY/DELIVERY_USER_NOT_RECEIVED"
DISPUTED: Final = "DELIVERED/DELIVERED_USER_NOT_RECEIVED"
# By play: from which status, or status with substatus, to where. The same place: nothing moves, something is asked.
PLAYS: Final[dict[str, dict[str, str]]] = {
    "pay": {"UNPAID": "PROCESSING/STARTED"},
    "cancel": {"UNPAID": MIND_CHANGED, "PENDING": MIND_CHANGED, "PROCESSING": MIND_CHANGED},
    "request_cancel": {"DELIVERY": "", "PICKUP": ""},
    "refuse": {ON_THE_WAY: "CANCELLED/USER_REFUSED_PRODUCT", "PICKUP": "CANCELLED/USER_REFUSED_PRODUCT"},
    "user_received": {ON_THE_WAY: "DELIVERY/USER_RECEIVED"},
    "confirm": {"DELIVERY/USER_RECEIVED": RECEIVED},
    "return": {RECEIVED: "RETURNED/DELIVERY_SERVICE_DELIVERED", "PARTIALLY_RETURNED": "RETURNED/DELIVERY_SERVICE_DELIVERED"},
    "partial_return": {RECEIVED: "PARTIALLY_RETURNED/DELIVERY_SERVICE_DELIVERED"},
    "arbitrate": {ON_THE_WAY: DISPUTED_ON_THE_WAY, RECEIVED: DISPUTED},
    "win": {DISPUTED_ON_THE_WAY: RECEIVED, DISPUTED: RECEIVED},
    "lose": {DISPUTED_ON_THE_WAY: "CANCELLED/DELIVERY_USER_NOT_RECEIVED", DISPUTED: "CANCELLED/DELIVERED_USER_NOT_RECEIVED"},
    "expire": {"UNPAID": "CANCELLED/USER_NOT_PAID", "PICKUP": "CANCELLED/PICKUP_EXPIRED"},
    "market_cancel": dict.fromkeys(("UNPAID", "PROCESSING", "DELIVERY", "PICKUP"), "CANCELLED/TECHNICAL_ERROR"),
}  # fmt: skip


def possible_plays(order: Order) -> list[str]:
    """Plays that would work now, in the order of the table."""
    return [name for name in PLAYS if _target(order, name) is not None]


def _target(order: Order, name: str) -> str | None:
    """Where a play leads; None when it makes no sense now."""
    table = PLAYS[name]
    found = table.get(order.place, table.get(order.status))
    if name == "request_cancel" and order.cancel_asked is not None:
        return None
    if name == "partial_return" and order.units < 2:
        return None
    return found


def play(world: World, order: Order, name: str) -> None:
    """Let the buyer or the Market do something. Raises CannotPlay, KeyError for an unknown play."""
    place = _target(order, name)
    if place is None:
        raise CannotPlay(f"{name}: order {order.id} is {order.place}")
    if name == "request_cancel":
        order.cancel_asked = world.now
        world.note(order, "cancellation", None, "requested", cause=name)
        return
    if name in ("return", "partial_return"):
        _bring_back(order, whole=name == "return")
    world.move(order, place, cause=name)
    _arrive(world, order, order.delivery.get("real"))


def _bring_back(order: Order, *, whole: bool) -> None:
    """All units, or one of the first item."""
    for place, item in enumerate(order.items):
        item["returned"] = item["count"] if whole else int(place == 0)
