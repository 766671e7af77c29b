"""How orders, buyers and codes look on the wire: of July 2026 (`batch`), or as seed 004 has them (`seed`)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sandbox.wildberries.codes import LEGACY_KINDS
from sandbox.wildberries.task import Task

OLD_VALUES_FOR = 24 * 3600.0
NOT_WHEN_FINISHED: Final = ("salePrice", "requiredMeta")
SEED_NEW: Final = (
    "address", "ddate", "salePrice", "dTimeFrom", "dTimeTo", "requiredMeta", "deliveryType", "comment", "orderUid",
    "article", "colorCode", "rid", "createdAt", "skus", "id", "warehouseId", "nmId", "chrtId", "price",
    "convertedPrice", "currencyCode", "convertedCurrencyCode", "cargoType", "isZeroOrder",
)  # fmt: skip
SEED_FINISHED: Final = tuple(
    name for name in SEED_NEW if name not in ("ddate", "dTimeFrom", "dTimeTo", "salePrice", "requiredMeta")
)


def new_order(task: Task, profile: str) -> Any:
    """An entry of `GET /orders/new`."""
    if task.raw or profile != "seed":
        return task.item
    return _picked({**task.item, **_seed_window(task)}, SEED_NEW)


def finished_order(task: Task, profile: str) -> Any:
    """An entry of `GET /orders`: no status, no `requiredMeta`; `scanPrice` only on the way to a pick-up point."""
    if task.raw or not isinstance(task.item, dict):
        return task.item
    if profile == "seed":
        return _picked(task.item, SEED_FINISHED)
    item = {name: value for name, value in task.item.items() if name not in NOT_WHEN_FINISHED}
    if task.at_pickup_point:
        item.setdefault("scanPrice", item.get("finalPrice") if task.supplier == "receive" else None)
    return item


def _picked(item: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: item[name] for name in names if name in item}


def _seed_window(task: Task) -> dict[str, Any]:
    """`ddate` "17.05.2024" and the window stood in the order itself."""
    if not task.delivery:
        return {}
    day = date.fromisoformat(task.delivery["dDate"])
    window = {name: task.delivery[name] for name in ("dTimeFrom", "dTimeTo")}
    return {"ddate": day.strftime("%d.%m.%Y"), **window}


def buyer(task: Task, *, phones: bool, profile: str) -> dict[str, Any]:
    """An entry of `client`; phones are empty strings until they are assigned (contract 1.3.4)."""
    known = task.buyer
    phone, code = (known["phone"], known["phoneCode"]) if phones else ("", "")
    extra = known["additionalPhoneCodes"] if phones else []
    if profile == "seed":
        return {
            "firstName": known["firstName"],
            "fullName": known["fullName"],
            "orderID": task.id,
            "phone": _number(phone.removeprefix("+")),
            "phoneCode": code,
            "additionalPhoneCodes": [_number(one) for one in extra],
        }
    return {
        "replacementPhone": known["replacementPhone"] if phones else "",
        "firstName": known["firstName"],
        "fullName": known["fullName"],
        "orderID": task.id,
        "phone": phone,
        "phoneCode": code,
        "additionalPhoneCodes": extra,
    }


def legacy_meta(task: Task, profile: str) -> dict[str, Any]:
    """`meta` of the one-order dialect: the kinds the task can have; the seed shows digits as numbers."""
    found: dict[str, Any] = {}
    for kind in LEGACY_KINDS:
        if kind not in task.available:
            continue
        value = task.meta.get(kind, {}).get("value", [] if kind == "sgtin" else None)
        found[kind] = {"value": _numbers(value) if profile == "seed" else value}
    return found


def delivery_date(task: Task, now: float) -> dict[str, Any]:
    """An entry of `delivery-date`; the values before a change are shown for a day (contract 1.3.5)."""
    moved = task.delivery.get("moved_at")
    old = task.delivery.get("old") if moved is not None and now - moved < OLD_VALUES_FOR else None
    return {
        "id": task.id,
        "dDate": task.delivery.get("dDate", ""),
        "dTimeFrom": task.delivery.get("dTimeFrom"),
        "dTimeTo": task.delivery.get("dTimeTo"),
        "dDateOld": old["dDate"] if old else None,
        "dTimeFromOld": old["dTimeFrom"] if old else None,
        "dTimeToOld": old["dTimeTo"] if old else None,
        "dDateFrom": "",
        "dDateTo": "",
    }


def final_price(task: Task) -> dict[str, Any]:
    """`data` of `final-price` (contract 1.3.7)."""
    item = task.item
    return {
        "originalPrice": item["price"],
        "convertedOriginalPrice": item["convertedPrice"],
        "originalFinalPrice": item["finalPrice"],
        "convertedOriginalFinalPrice": item["convertedFinalPrice"],
        "currencyCode": item["currencyCode"],
        "convertedCurrencyCode": item["convertedCurrencyCode"],
    }


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() else text


def _numbers(value: Any) -> Any:
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    return _number(value) if isinstance(value, str) else value
