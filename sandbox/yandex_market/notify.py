"""API notifications: what the Market posts to a shop's address (contract 2.9), sent on demand to this machine only."""

from __future__ import annotations

import http.client
import json
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sandbox.yandex_market.order import Order

HERE: Final = ("127.0.0.1", "localhost", "::1")
PING_SECONDS, OTHER_SECONDS = 1.0, 10.0
TYPES: Final = (
    "PING", "ORDER_CREATED", "ORDER_CANCELLED", "ORDER_STATUS_UPDATED", "ORDER_UPDATED",
    "ORDER_CANCELLATION_REQUEST", "ORDER_RETURN_CREATED", "ORDER_RETURN_STATUS_UPDATED",
)  # fmt: skip


def utc(seconds: float) -> str:
    """`2026-11-21T09:00:00.213000Z`"""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def ping(now: float) -> dict[str, Any]:
    return {"notificationType": "PING", "time": utc(now)}


def about(order: Order, kind: str, *, now: float) -> dict[str, Any]:
    """The notification of `kind` about an order; a kind that is not known is sent with what all have."""
    base = {"notificationType": kind, "orderId": order.id, "campaignId": order.campaign}
    items = [{"offerId": item["offerId"], "count": item["count"]} for item in order.items]
    returned = {"returnId": order.id % 10**8}
    more: dict[str, dict[str, Any]] = {
        "ORDER_CREATED": {"items": items, "createdAt": utc(order.created)},
        "ORDER_CANCELLED": {"items": items, "cancelledAt": utc(order.updated)},
        "ORDER_STATUS_UPDATED": {
            "status": order.status,
            "substatus": order.substatus,
            "updatedAt": utc(order.updated),
        },
        "ORDER_UPDATED": {"updateType": "DELIVERY_DATE_UPDATED", "updatedAt": utc(order.updated)},
        "ORDER_CANCELLATION_REQUEST": {"requestedAt": utc(order.cancel_asked or now)},
        "ORDER_RETURN_CREATED": {**returned, "returnType": "RETURN", "items": items, "createdAt": utc(now)},
        "ORDER_RETURN_STATUS_UPDATED": {**returned, "updateType": [], "updatedAt": utc(now)},
    }
    if kind == "PING":
        return ping(now)
    return {**base, **more.get(kind, {"updatedAt": utc(now)})}


def usual_kind(order: Order) -> str:
    """What the Market would say about an order as it is now."""
    if order.waits_for_cancel:
        return "ORDER_CANCELLATION_REQUEST"
    if order.status == "CANCELLED":
        return "ORDER_CANCELLED"
    return "ORDER_CREATED" if len(order.history) < 2 else "ORDER_STATUS_UPDATED"


def send(url: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
    """POST `body` to `url`: `{"sent", "status", "body"}`; status 0 and `error` when there was no answer.

    Must not be called under the store's lock: who is notified may ask the sandbox at once. Raises ValueError for an
    address that is not on this machine.
    """
    place = urlsplit(url)
    if place.scheme != "http" or place.hostname not in HERE:
        raise ValueError(f"url is http://{HERE[0]}:<port>/…")
    seconds = PING_SECONDS if body["notificationType"] == "PING" else OTHER_SECONDS
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=seconds)
    target = (place.path or "/") + (f"?{place.query}" if place.query else "")
    try:
        connection.request("POST", target, json.dumps(body), {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        return {"sent": body, "status": answer.status, "body": _read(answer.read())}
    except (OSError, http.client.HTTPException) as error:
        return {"sent": body, "status": 0, "body": None, "error": f"{type(error).__name__}: {error}"}
    finally:
        connection.close()


def _read(body: bytes) -> Any:
    """JSON where it is JSON, else text."""
    text = body.decode(errors="replace")
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
