"""Methods that change nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.clock import parse_rfc3339
from sandbox.wildberries import asking, codes, errors, shapes
from sandbox.wildberries.machine import NOT_FOUND, Obstacle
from sandbox.wildberries.stickers import sticker_file
from sandbox.wildberries.task import Task
from sandbox.wildberries.world import World
from sandbox.wire import Call, Reply

MOST_DAYS = 30
MOST_STICKERS = 100
PRICES_SINCE = parse_rfc3339("2026-07-23T00:00:00+00:00")


def ping(world: World, call: Call) -> Reply:
    return Reply(200, {"TS": datetime.now(UTC).isoformat(timespec="seconds"), "Status": "OK"})


def new_orders(world: World, call: Call) -> Reply:
    """All at once, no paging: what the seller has not taken and the buyer has not declined."""
    profile = world.tuning.profile
    shop = world.shops[call.seller]
    return Reply(200, {"orders": [shapes.new_order(task, profile) for task in shop.values() if task.is_new]})


def finished_orders(world: World, call: Call) -> Reply:
    """A page of finished orders by rising number (contract 1.3.3); 400 for a window of more than 30 days."""
    limit, after = asking.integer(call, "limit"), asking.integer(call, "next")
    since, until = asking.integer(call, "dateFrom"), asking.integer(call, "dateTo")
    if not 1 <= limit <= asking.MOST or after < 0 or not 0 <= until - since <= MOST_DAYS * 86_400:
        raise asking.bad_parameter()
    fitting = [
        task
        for task in world.shops[call.seller].values()
        if not task.is_open and task.id > after and since <= _moment(world, task) <= until
    ]
    page = sorted(fitting, key=lambda task: task.id)[:limit]
    following = _following(world, page, after=after, more=len(fitting) > len(page))
    return Reply(200, {"next": following, "orders": [shapes.finished_order(t, world.tuning.profile) for t in page]})


def _moment(world: World, task: Task) -> float:
    return task.created if not world.tuning.finished_by_completion or task.finished is None else task.finished


def _following(world: World, page: list[Task], *, after: int, more: bool) -> int:
    """`next`; how a list ends is not documented, so it can be set."""
    style = world.tuning.list_end
    if page and (more or style != "zero"):
        return page[-1].id
    return after if style == "repeat" else 0


def client(world: World, call: Call) -> Reply:
    """Buyers of orders that were confirmed; others are not mentioned."""
    asked = asking.numbers(call, "orders", refusal=asking.bad_body)
    tuning = world.tuning
    found = []
    for number in dict.fromkeys(asked):
        task = world.find(call.seller, number)
        if task is not None and task.confirmed is not None:
            phones = world.now - task.confirmed >= tuning.phone_delay
            found.append(shapes.buyer(task, phones=phones, profile=tuning.profile))
    if not found and tuning.no_buyer == "404":
        raise errors.legacy(404, "NotFound")
    return Reply(200, {"orders": found or (None if tuning.no_buyer == "null" else [])})


def groups(world: World, call: Call) -> Reply:
    """Costs of paid deliveries: a bare array, null when there is none (contract 1.3.6)."""
    asked = asking.listed(call, "groups", refusal=asking.bad_body)
    if not all(isinstance(one, str) for one in asked):
        raise asking.bad_body()
    costs = {task.delivery_cost["groupID"]: task.delivery_cost for task in _shop(world, call) if task.delivery_cost}
    return Reply(200, [costs[one] for one in dict.fromkeys(asked) if one in costs] or None)


def delivery_dates(world: World, call: Call) -> Reply:
    asked = asking.numbers(call, "orders", refusal=asking.bad_body, least=1)
    known = [task for number in asked if (task := world.find(call.seller, number)) is not None]
    return Reply(200, {"orders": [shapes.delivery_date(task, world.now) for task in known]})


def companies(world: World, call: Call) -> Reply:
    """Requisites of a buyer that is a company."""
    return _asked_results(world, call, "ordersIds", lambda task: task.company or Obstacle(400, "OrderNotB2B"))


def final_prices(world: World, call: Call) -> Reply:
    return _asked_results(world, call, "orders", lambda task: _final_price(world, task))


def _final_price(world: World, task: Task) -> dict[str, Any] | Obstacle:
    if task.created < PRICES_SINCE:
        return Obstacle(422, "PriceNotCalculated")
    if task.supplier.startswith("cancel") or task.wb == "declined_by_client":
        return Obstacle(400, "StatusMismatch")
    return {} if world.now - task.created < world.tuning.price_delay else shapes.final_price(task)


def _asked_results(world: World, call: Call, key: str, answer: Any) -> Reply:
    """`{requestId, results: [{orderId, isError, errors | data}]}`"""
    results: list[dict[str, Any]] = []
    for number in asking.numbers(call, key, refusal=asking.bad_batch):
        task = world.find(call.seller, number)
        found = NOT_FOUND if task is None else answer(task)
        if isinstance(found, Obstacle):
            results.append({"orderId": number, "isError": True, "errors": [found.state()]})
        else:
            results.append({"orderId": number, "isError": False, "errors": [], "data": found})
    return Reply(200, {"requestId": errors.request_id(), "results": results})


def statuses(world: World, call: Call) -> Reply:
    """Numbers that are not the seller's come back with empty statuses and NotFound."""
    orders: list[dict[str, Any]] = []
    for number in asking.numbers(call, "ordersIds", refusal=asking.bad_batch):
        task = world.find(call.seller, number)
        orders.append(
            {
                "orderId": number,
                "supplierStatus": task.supplier if task else "",
                "wbStatus": task.wb if task else "",
                "errors": [] if task else [NOT_FOUND.state()],
            }
        )
    return Reply(200, {"orders": orders})


def legacy_statuses(world: World, call: Call) -> Reply:
    """One-order dialect: what is not the seller's is left out."""
    asked = asking.numbers(call, "orders", refusal=asking.bad_body, least=1)
    known = [task for number in asked if (task := world.find(call.seller, number)) is not None]
    found = [{"id": task.id, "supplierStatus": task.supplier, "wbStatus": task.wb} for task in known]
    return Reply(200, {"orders": found})


def meta_details(world: World, call: Call) -> Reply:
    orders = []
    for number in asking.numbers(call, "ordersIds", refusal=asking.bad_batch):
        task = world.find(call.seller, number)
        orders.append(
            {
                "orderId": number,
                "isError": task is None,
                "errors": [] if task else [NOT_FOUND.state()],
                "metaDetails": codes.details(world, task) if task else [],
            }
        )
    return Reply(200, {"requestId": errors.request_id(), "orders": orders})


def meta_info(world: World, call: Call) -> Reply:
    """Deprecated; removed on 27.07.2026."""
    if not world.tuning.meta_info:
        raise errors.no_path(world.tuning.off_status)
    found: list[dict[str, Any]] = []
    for number in asking.numbers(call, "ordersIds", refusal=asking.bad_batch):
        task = world.find(call.seller, number)
        if task is None:
            found.append({"orderId": number, "error": "not found"})
            continue
        value = {kind: task.meta[kind]["value"] if kind in task.meta else None for kind in codes.KINDS}
        entry = {kind: value[kind] for kind in task.available if kind in codes.LEGACY_KINDS}
        found.append({"orderId": number, "error": "", **entry, "customsDeclaration": {"value": value[codes.KINDS[4]]}})
    return Reply(200, {"meta": found})


def stickers(world: World, call: Call) -> Reply:
    """Labels of pick-up-point orders in confirm or deliver; one that cannot have a label refuses all."""
    if dict(call.query) != {"type": "pdf", "width": "58", "height": "40"}:
        raise asking.bad_parameter()
    asked = asking.numbers(call, "orders", refusal=asking.bad_parameter, least=1, most=MOST_STICKERS)
    found = []
    for number in asked:
        task = world.find(call.seller, number)
        if task is None:
            raise asking.bad_parameter()
        if not (task.at_pickup_point and task.supplier in ("confirm", "deliver") and task.is_open):
            raise errors.legacy(400, "StatusMismatch")
        found.append({"orderId": number, **task.sticker, "file": sticker_file(task)})
    return Reply(200, {"stickers": found})


def legacy_meta(world: World, call: Call) -> Reply:
    task = asking.one_task(world, call)
    return Reply(200, {"meta": shapes.legacy_meta(task, world.tuning.profile)})


def _shop(world: World, call: Call) -> list[Task]:
    return list(world.shops[call.seller].values())
