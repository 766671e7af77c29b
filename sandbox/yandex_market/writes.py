"""Methods about the order as a whole: status, cancellation, track, dates, the shop's own number."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from sandbox.wire import Call, Refusal, Reply
from sandbox.yandex_market import asking, errors
from sandbox.yandex_market.days import today
from sandbox.yandex_market.legacy import legacy_order
from sandbox.yandex_market.machine import change_status
from sandbox.yandex_market.order import Order
from sandbox.yandex_market.reads import ok
from sandbox.yandex_market.world import World

MOST_STATUSES: Final = 30
MOST_STORAGE_DAYS: Final = 30
MOVE_REASONS: Final = ("USER_MOVED_DELIVERY_DATES", "PARTNER_MOVED_DELIVERY_DATES")
DECLINE_REASONS: Final = ("ORDER_DELIVERED", "ORDER_IN_DELIVERY")


def status(world: World, call: Call) -> Reply:
    """`{"order": {status, substatus?, delivery?}}` → `{"order": OrderDTO}`, without an envelope."""
    asked = asking.body(call).get("order")
    if not isinstance(asked, dict):
        raise errors.is_null("order") if asked is None else errors.mismatch(asked)
    order = asking.one_order(world, call)
    change_status(world, order, asked)
    return Reply(200, {"order": legacy_order(order, world.tuning)})


def statuses(world: World, call: Call) -> Reply:
    """1 … 30 orders, each with a result of its own inside a 200."""
    asked = asking.listed(asking.body(call), "orders", most=MOST_STATUSES)
    numbers = [asking.number(one, "id", path=f"orders[{place}].id") for place, one in enumerate(asked)]
    campaign = asking.path_number(call, "campaign")
    results = [
        _one_status(world, world.find(call.seller, campaign, number), number, one)
        for number, one in zip(numbers, asked, strict=True)
    ]
    return ok({"orders": results})


def _one_status(world: World, order: Order | None, number: int, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        if order is None:
            raise errors.no_order(number)
        change_status(world, order, asked)
    except Refusal as refusal:
        text = errors.message_of(refusal)
        words = text if str(number) in text else f"{text} (orderId = {number})"
        return {"id": number, "updateStatus": "ERROR", "errorDetails": words}
    return {"id": number, "status": order.status, "substatus": order.substatus, "updateStatus": "OK"}


def cancellation(world: World, call: Call) -> Reply:
    """The shop's answer to a buyer who wants to cancel what has left already."""
    asked, order = asking.body(call), asking.one_order(world, call)
    accepted = asked.get("accepted")
    if not isinstance(accepted, bool):
        raise errors.is_null("accepted") if accepted is None else errors.mismatch(accepted)
    if not accepted:
        asking.choice(asked, "reason", DECLINE_REASONS)
    if not order.waits_for_cancel:
        raise errors.not_allowed(order.id, order.status, order.substatus)
    order.cancel_asked = None
    answer = "accepted" if accepted else f"declined: {asked['reason']}"
    world.note(order, "cancellation", "requested", answer, cause="cancellation")
    if accepted:
        world.move(order, "CANCELLED/USER_CHANGED_MIND", cause="cancellation")
    return ok()


def track(world: World, call: Call) -> Reply:
    """A parcel's number; another one is added to those that are there."""
    asked = asking.body(call)
    code = asking.text(asked, "trackCode")
    service = asking.number(asked, "deliveryServiceId", least=1)
    number, campaign = asking.path_number(call, "order"), asking.path_number(call, "campaign")
    order = world.find(call.seller, campaign, number)
    if order is None:
        raise errors.error(404, f"Campaign '{campaign}' has no order id '{number}'")
    if order.status not in ("PROCESSING", "DELIVERY", "PICKUP"):
        raise errors.not_allowed(order.id, order.status, order.substatus)
    before, entry = list(order.tracks), {"trackCode": code, "deliveryServiceId": service}
    order.tracks = before if entry in before else [*before, entry]
    world.note(order, "track", before, order.tracks, cause="track")
    return ok()


def delivery_date(world: World, call: Call) -> Reply:
    asked = asking.body(call)
    dates = asked.get("dates")
    if not isinstance(dates, dict):
        raise errors.is_null("dates")
    new = asking.day(dates, "toDate", path="dates.toDate")
    asking.choice(asked, "reason", MOVE_REASONS)
    order = asking.one_order(world, call)
    if order.status not in ("PROCESSING", "DELIVERY"):
        raise errors.not_allowed(order.id, order.status, order.substatus)
    _check_date(world, order, new)
    old, known = order.delivery["to"], order.delivery
    order.delivery = {"first_to": old, **known, "to": new, "from": min(known["from"], new)}
    order.date_edits += 1
    world.note(order, "date", old, new, cause="date")
    return ok()


def _check_date(world: World, order: Order, new: str) -> None:
    """Not the same, not into the past, not too often, not too far."""
    tuning, wanted = world.tuning, date.fromisoformat(new)
    if new == order.delivery["to"]:
        raise errors.bad("New delivery dates are the same as the current!")
    if wanted < today(world.now):
        raise errors.too_small("dates.toDate", new, least=today(world.now).isoformat())
    if order.date_edits >= tuning.date_edits:
        raise errors.bad(f"Exceeded the number of edits of delivery dates! limit is: '{tuning.date_edits}'")
    first = date.fromisoformat(order.delivery.get("first_to", order.delivery["to"]))
    if wanted > first + timedelta(days=tuning.date_days):
        raise errors.bad(f"Exceeded the number of days to edit delivery dates! limit is: '{tuning.date_days}' days")


def storage_limit(world: World, call: Call) -> Reply:
    """Once, and by 30 days at most."""
    new = asking.day(asking.body(call), "newDate")
    order = asking.one_order(world, call)
    if order.status != "PICKUP" or order.storage_moved or "outlet" not in order.delivery:
        raise errors.not_allowed(order.id, order.status, order.substatus)
    outlet = order.delivery["outlet"]
    old = date.fromisoformat(outlet["limit"])
    if date.fromisoformat(new) <= old:
        raise errors.too_small("newDate", new, least=(old + timedelta(days=1)).isoformat())
    if date.fromisoformat(new) > old + timedelta(days=MOST_STORAGE_DAYS):
        raise errors.bad(f"Storage limit can't be extended by more than {MOST_STORAGE_DAYS} days")
    order.storage_moved = True
    outlet["limit"] = new
    world.note(order, "storage", old.isoformat(), new, cause="storage")
    return ok()


def external_id(world: World, call: Call) -> Reply:
    """The shop's own number: once, before READY_TO_SHIP."""
    new = asking.text(asking.body(call), "externalOrderId")
    number, campaign = asking.path_number(call, "order"), asking.path_number(call, "campaign")
    order = world.find(call.seller, campaign, number)
    if order is None:
        raise errors.error(404, f"Order not found: partnerId = {campaign}, orderId = {number}")
    who = f"(partnerId = {campaign}, orderId = {number}"
    if order.external:
        raise errors.bad(
            f"Cannot do operation, external ID already set for order {who}, externalId = {order.external})"
        )
    if order.status not in ("UNPAID", "PENDING") and order.place != "PROCESSING/STARTED":
        raise errors.bad(
            f"Cannot do operation for order with status '{order.status}', and substatus '{order.substatus}' {who})"
        )
    order.external = new
    world.note(order, "external", "", new, cause="external")
    return ok()
