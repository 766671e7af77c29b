"""The two lists over one store: the business's (contract 2.4.1) and the deprecated one of a shop (contract 2.4.2)."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.wire import Call, Reply
from sandbox.yandex_market import asking, errors, paging, ranges
from sandbox.yandex_market.business import business_order
from sandbox.yandex_market.days import midnight
from sandbox.yandex_market.legacy import legacy_order
from sandbox.yandex_market.order import Order
from sandbox.yandex_market.world import World

MOST: Final = 50
STATUSES: Final = (
    "PLACING", "RESERVED", "UNPAID", "PROCESSING", "DELIVERY", "PICKUP", "DELIVERED", "CANCELLED", "PENDING",
    "PARTIALLY_RETURNED", "RETURNED", "UNKNOWN",
)  # fmt: skip
PROGRAMS: Final = ("FBY", "FBS", "DBS", "EXPRESS", "LAAS")
PLATFORMS: Final = ("MARKET", "OZON", "WILDBERRIES", "OTHER")
DISPATCHES: Final = ("UNKNOWN", "BUYER", "MARKET_BRANDED_OUTLET", "SHOP_OUTLET")
LEGACY_FILTERS: Final = (
    "status", "substatus", "fromDate", "toDate", "supplierShipmentDateFrom", "supplierShipmentDateTo",
    "updatedAtFrom", "updatedAtTo", "dispatchType", "hasCis", "onlyWaitingForCancellationApprove",
    "onlyEstimatedDelivery", "buyerType",
)  # fmt: skip
EVER: Final = ranges.Range()


@dataclass(slots=True)
class Filter:
    """What an order must be. None: it does not matter."""

    numbers: Collection[int] | None = None
    externals: Collection[str] | None = None
    campaigns: Collection[int] | None = None
    statuses: Collection[str] | None = None
    substatuses: Collection[str] | None = None
    created: ranges.Range = EVER
    shipped: ranges.Range = EVER
    updated: ranges.Range = EVER
    fake: bool = False
    waiting: bool = False
    more: list[Callable[[Order], bool]] = field(default_factory=list)

    def __call__(self, order: Order) -> bool:
        return (
            (self.numbers is None or order.id in self.numbers)
            and (self.externals is None or order.external in self.externals)
            and (self.campaigns is None or order.campaign in self.campaigns)
            and (self.statuses is None or order.status in self.statuses)
            and (self.substatuses is None or order.substatus in self.substatuses)
            and order.fake == self.fake
            and (not self.waiting or order.waits_for_cancel)
            and self._in_time(order)
            and all(fits(order) for fits in self.more)
        )

    def _in_time(self, order: Order) -> bool:
        shipped = self.shipped == EVER or (
            "shipment" in order.delivery and midnight(ranges.iso_day(order.delivery["shipment"])) in self.shipped
        )
        return shipped and order.created in self.created and order.updated in self.updated


def _options(
    asked: dict[str, Any], name: str, options: tuple[str, ...] = (), *, most: int | None = None
) -> list[str] | None:
    """A list of words, each of them one of `options` when there are such."""
    found = _several(asked, name, most=most)
    for value in found or ():
        if not isinstance(value, str):
            raise errors.mismatch(value)
        if options and value not in options:
            raise errors.illegal(name)
    return found


def _numbers(asked: dict[str, Any], name: str) -> list[int] | None:
    found = _several(asked, name, most=MOST)
    for value in found or ():
        if not asking.is_number(value):
            raise errors.mismatch(value)
    return found


def _several(asked: dict[str, Any], name: str, *, most: int | None) -> list[Any] | None:
    """A list of one at least, each of them once; null is as good as nothing."""
    found = asked.get(name)
    if found is None:
        return None
    if not isinstance(found, list):
        raise errors.mismatch(found)
    if not found or (most is not None and len(found) > most):
        raise errors.wrong_size(name, len(found), least=1, most=most or 2**31 - 1)
    if len({str(one) for one in found}) != len(found):
        raise errors.illegal(name)
    return found


def _flag(asked: dict[str, Any], name: str) -> bool:
    found = asked.get(name)
    if found is not None and not isinstance(found, bool):
        raise errors.mismatch(found)
    return bool(found)


def business_orders(world: World, call: Call) -> Reply:
    """`{"orders": [BusinessOrderDTO], "paging": {"nextPageToken"}}`"""
    limit = asking.query_number(call, "limit", least=1, most=MOST, default=MOST)
    wanted = _business_filter(world, asking.body(call))
    orders = [order for order in world.shops[call.seller].values() if order.raw is None or "v1" in order.raw]
    found = paging.page(orders, wanted, below=_below(call), limit=limit)
    entries = [business_order(order, world.tuning) for order in found[:limit]]
    return Reply(200, {"orders": entries, "paging": _paging(found, limit)})


def _below(call: Call) -> int | None:
    given = call.query.get("pageToken") or call.query.get("page_token")
    return paging.place_of(given) if given else None


def _paging(found: list[Order], limit: int) -> dict[str, str]:
    """`nextPageToken` only when there is a next page."""
    return {"nextPageToken": paging.token(found[limit - 1].id)} if len(found) > limit else {}


def _business_filter(world: World, asked: dict[str, Any]) -> Filter:
    dates = asked.get("dates") or {}
    if not isinstance(dates, dict) or not all(isinstance(one, str | None) for one in dates.values()):
        raise errors.mismatch(dates)
    wanted = Filter(
        numbers=_numbers(asked, "orderIds"),
        externals=_options(asked, "externalOrderIds", most=MOST),
        campaigns=_numbers(asked, "campaignIds"),
        statuses=_options(asked, "statuses", STATUSES),
        substatuses=_options(asked, "substatuses"),
        fake=_flag(asked, "fake"),
        waiting=_flag(asked, "waitingForCancellationApprove"),
        more=[world.is_kept],
    )
    programs, platforms = _options(asked, "programTypes", PROGRAMS), _options(asked, "sourcePlatforms", PLATFORMS)
    if "DBS" not in (programs or ["DBS"]) or "MARKET" not in (platforms or ["MARKET"]):
        wanted.more.append(lambda order: False)
    _business_dates(world, wanted, dates)
    return wanted


def _business_dates(world: World, wanted: Filter, dates: dict[str, str | None]) -> None:
    get, read = dates.get, ranges.iso_day
    wanted.shipped = ranges.of_days(get("shipmentDateFrom"), get("shipmentDateTo"), what="shipment", read=read)
    wanted.updated = ranges.of_moments(get("updateDateFrom"), get("updateDateTo"), what="update")
    since, until = get("creationDateFrom"), get("creationDateTo")
    alone = wanted.numbers is None and wanted.externals is None and not any(dates.values())
    if since or until or alone or world.tuning.creation_default == "always":
        wanted.created = ranges.of_creation(since, until, now=world.now, read=read)


# the deprecated list


def orders(world: World, call: Call) -> Reply:
    """`{"pager", "orders": [OrderDTO], "paging"}`, without an envelope."""
    wanted = _legacy_filter(world, call)
    campaign = asking.path_number(call, "campaign")
    shop = [order for order in world.shops[call.seller].values() if order.campaign == campaign]
    known = [order for order in shop if order.raw is None or "v2" in order.raw]
    fitting = paging.page(known, wanted, below=None, limit=len(known))
    limit, skipped = _legacy_place(world, call)
    below = _below(call)
    found = [order for order in fitting if below is None or order.id < below][skipped : skipped + limit + 1]
    entries = [legacy_order(order, world.tuning) for order in found[:limit]]
    pager = _pager(len(fitting), limit, skipped, shown=len(entries))
    return Reply(200, {"pager": pager, "orders": entries, "paging": _paging(found, limit)})


def _legacy_place(world: World, call: Call) -> tuple[int, int]:
    """How many, and after how many: by `limit`, or by the deprecated `page` and `pageSize`."""
    limit = asking.query_number(call, "limit", least=1, default=0)
    if limit > MOST and not world.tuning.v2_truncate:
        raise errors.bad(f"Parameter limit must be less than or equal to '{MOST}' (rejected value: '{limit}')")
    size = asking.query_number(call, "pageSize", least=1, most=MOST, default=MOST)
    number = asking.query_number(call, "page", least=1, most=10_000, default=1)
    return (min(limit, MOST), 0) if limit else (size, (number - 1) * size)


def _pager(total: int, limit: int, skipped: int, *, shown: int) -> dict[str, int]:
    return {
        "total": total,
        "from": skipped + 1 if shown else 0,
        "to": skipped + shown,
        "currentPage": skipped // limit + 1,
        "pagesCount": math.ceil(total / limit),
        "pageSize": limit,
    }


def _legacy_filter(world: World, call: Call) -> Filter:
    numbers = _legacy_numbers(call)
    if numbers is not None and any(name in call.query for name in LEGACY_FILTERS):
        raise errors.bad("Invalid filters: orderIds can't be used together with other filters")
    wanted = Filter(
        numbers=numbers,
        statuses=_words(call, "status", STATUSES),
        substatuses=_words(call, "substatus"),
        fake=asking.query_flag(call, "fake"),
        waiting=asking.query_flag(call, "onlyWaitingForCancellationApprove"),
        more=[world.is_kept, lambda order: not _is_hidden(world, order), *_legacy_more(call)],
    )
    get, read = call.query.get, ranges.russian_day
    wanted.shipped = ranges.of_days(
        get("supplierShipmentDateFrom"), get("supplierShipmentDateTo"), what="shipment", read=read
    )
    wanted.updated = ranges.of_moments(get("updatedAtFrom"), get("updatedAtTo"), what="update")
    since, until = get("fromDate"), get("toDate")
    alone = numbers is None and wanted.shipped == EVER and wanted.updated == EVER
    if since or until or alone or world.tuning.creation_default == "always":
        wanted.created = ranges.of_creation(since, until, now=world.now, read=read)
    return wanted


def _is_hidden(world: World, order: Order) -> bool:
    """Delivered or cancelled more than 30 days ago."""
    return order.finished is not None and world.now - order.finished > world.tuning.finished_hidden


def _legacy_numbers(call: Call) -> list[int] | None:
    given = asking.query_list(call, "orderIds")
    if not given:
        return None
    if len(given) > MOST:
        raise errors.wrong_size("orderIds", len(given), least=1, most=MOST)
    if not all(one.isascii() and one.isdigit() for one in given):
        raise errors.mismatch(",".join(given))
    return [int(one) for one in given]


def _words(call: Call, name: str, options: tuple[str, ...] = ()) -> list[str] | None:
    found = asking.query_list(call, name)
    if options and not set(found) <= set(options):
        raise errors.mismatch(",".join(found))
    return found or None


def _legacy_more(call: Call) -> list[Callable[[Order], bool]]:
    """Filters that only this list has."""
    found: list[Callable[[Order], bool]] = []
    if "dispatchType" in call.query:
        (dispatch,) = _words(call, "dispatchType", DISPATCHES) or [""]
        found.append(lambda order: dispatch == ("SHOP_OUTLET" if order.kind == "PICKUP" else "BUYER"))
    if "buyerType" in call.query:
        buyer = call.query["buyerType"]
        found.append(lambda order: order.buyer.get("type") == buyer)
    if asking.query_flag(call, "onlyEstimatedDelivery"):
        found.append(lambda order: bool(order.delivery.get("estimated")))
    if asking.query_flag(call, "hasCis"):
        found.append(lambda order: any(_has_cis(item) for item in order.items))
    return found


def _has_cis(item: dict[str, Any]) -> bool:
    return any(kind.startswith("CIS") for kind in item["required"])
