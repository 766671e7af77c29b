"""What both models have in common: money, codes, and that nothing empty is shown (contract 2.1)."""

from __future__ import annotations

from typing import Any, Final

from sandbox.yandex_market.order import AFTER_DEPARTURE, Order

KINDS_OF_CODE: Final = ("cis", "uin", "rnpt", "gtd")


def money(kopecks: int) -> int | float:
    """Roubles as a JSON number: whole where they are whole."""
    return kopecks // 100 if kopecks % 100 == 0 else kopecks / 100


def shown(fields: dict[str, Any]) -> dict[str, Any]:
    """Without what is absent: null, empty text, empty list, empty object."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def merged(entry: Any, over: Any) -> Any:
    """`over` on top of `entry`, object by object."""
    if not isinstance(entry, dict) or not isinstance(over, dict):
        return over
    return entry | {name: merged(entry[name], value) if name in entry else value for name, value in over.items()}


def instances(item: dict[str, Any]) -> list[dict[str, str]]:
    """Codes as both models and the answers show them: `cis` without its crypto tail, and `cisFull`."""
    return [instance(one) for one in item["instances"]]


def instance(given: dict[str, str]) -> dict[str, str]:
    cis = given.get("cis")
    if cis is None:
        return dict(given)
    short = cis.lstrip("\x1d").split("\x1d")[0]
    return {**given, "cis": short, "cisFull": cis}


def items_paid(order: Order) -> int:
    """What the buyer pays in money for all goods, in kopecks."""
    return sum(item["paid"] * item["count"] for item in order.items)


def items_points(order: Order) -> int:
    return sum(item["points"] * item["count"] for item in order.items)


def items_subsidy(order: Order) -> int:
    """The Market's share of promotions, without points and delivery."""
    return sum(item["subsidy"] * item["count"] for item in order.items)


def delivery_total(order: Order) -> int:
    """The price of the delivery: what the buyer pays, and what the Market adds."""
    return int(order.delivery.get("price", 0) + order.delivery.get("subsidy", 0))


def unit_statuses(order: Order, item: dict[str, Any]) -> list[dict[str, Any]]:
    """`itemStatuses`: how many units are where."""
    rest = item["count"] - item["returned"]
    found = [(_unit_status(order), rest), ("RETURNED", item["returned"]), ("CANCELLED", item["removed"])]
    return [{"status": status, "count": count} for status, count in found if count]


def _unit_status(order: Order) -> str:
    if order.status in AFTER_DEPARTURE:
        return "SHIPPED"
    if order.status == "CANCELLED":
        return "CANCELLED"
    return "CREATED" if order.is_open else "DELIVERED_TO_BUYER"
