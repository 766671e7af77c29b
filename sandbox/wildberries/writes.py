"""Methods of the batch dialect that change something: 200 with a result for each order (contract 1.3.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from sandbox.wildberries import asking, codes, errors
from sandbox.wildberries.machine import MISMATCH, NOT_FOUND, Obstacle, act
from sandbox.wildberries.task import Task
from sandbox.wildberries.world import World
from sandbox.wire import Call, Reply

FAILED_META: Final = Obstacle(409, "FailedToUpdateMeta")
# OKSM numbers the stand-in knows; enough to tell a country from a slip.
COUNTRIES: Final = frozenset("643 112 398 051 417 860 156 792 356 704 276 380 250 724 840 410 392 050 616 788".split())
Outcome = tuple[int, Obstacle | None]


def envelope(outcomes: Iterable[Outcome]) -> Reply:
    results = [
        {"orderId": number, "isError": True, "errors": [obstacle.state()]}
        if obstacle
        else {"orderId": number, "isError": False}
        for number, obstacle in outcomes
    ]
    return Reply(200, {"requestId": errors.request_id(), "results": results})


def move_many(action: str) -> Callable[[World, Call], Reply]:
    """confirm, deliver, cancel: `{ordersIds: […]}`"""

    def answer(world: World, call: Call) -> Reply:
        asked = asking.numbers(call, "ordersIds", refusal=asking.bad_batch)
        return envelope([(number, _move(world, call, number, action)) for number in asked])

    return answer


def close_many(action: str) -> Callable[[World, Call], Reply]:
    """receive, reject: `{orders: [{orderId, code}]}`"""

    def answer(world: World, call: Call) -> Reply:
        asked = asking.entries(call, refusal=asking.bad_batch)
        if not all(isinstance(one.get("code", ""), str) for one in asked):
            raise asking.bad_batch()
        return envelope(
            [(one["orderId"], _move(world, call, one["orderId"], action, one.get("code", ""))) for one in asked]
        )

    return answer


def _move(world: World, call: Call, number: int, action: str, code: str = "") -> Obstacle | None:
    task = world.find(call.seller, number)
    return NOT_FOUND if task is None else act(world, task, action, code=code)


def set_many(kind: str) -> Callable[[World, Call], Reply]:
    """sgtin (`sgtins`, replaces the whole set), uin, imei, gtin. A value of a wrong length refuses the whole call."""
    field = codes.field_of(kind)

    def answer(world: World, call: Call) -> Reply:
        asked = asking.entries(call, refusal=asking.bad_batch)
        if not all(codes.fits_call(kind, one.get(field)) for one in asked):
            raise asking.bad_batch()
        outcomes = [(one["orderId"], _write(world, call, one["orderId"], kind, one[field])) for one in asked]
        _refuse_whole(world, outcomes, by_item=kind == "sgtin")
        return envelope(outcomes)

    return answer


def delete_many(world: World, call: Call) -> Reply:
    """`{key, orderIds}`; the customs declaration goes with its country."""
    kind = asking.body(call, refusal=asking.bad_batch).get("key")
    asked = asking.numbers(call, "orderIds", refusal=asking.bad_batch)
    if kind not in codes.KINDS:
        raise asking.bad_batch()
    outcomes = [(number, _write(world, call, number, kind, None)) for number in asked]
    _refuse_whole(world, outcomes, by_item=False)
    return envelope(outcomes)


def declare_many(world: World, call: Call) -> Reply:
    """Customs declarations of companies' orders; refused in the older shape (contract 1.3.1)."""
    asked = asking.entries(call, refusal=asking.bad_body)
    for one in asked:
        country = one.get("originCountryCode")
        if not (codes.fits("customsDeclaration", one.get("customsDeclaration")) and isinstance(country, str)):
            raise asking.bad_body()
        if len(country) > 3:
            raise asking.bad_body()
    return envelope([(one["orderId"], _declare(world, call, one)) for one in asked])


def _declare(world: World, call: Call, entry: dict[str, Any]) -> Obstacle | None:
    task = world.find(call.seller, entry["orderId"])
    if task is not None and task.company is None:
        return Obstacle(400, "OrderNotB2B")
    if entry["originCountryCode"] not in COUNTRIES:
        return NOT_FOUND if task is None else Obstacle(400, "InvalidOriginCountryCode")
    country = {"country": entry["originCountryCode"]}
    return _write(world, call, entry["orderId"], "customsDeclaration", entry["customsDeclaration"], **country)


def _write(world: World, call: Call, number: int, kind: str, value: Any, **more: Any) -> Obstacle | None:
    task = world.find(call.seller, number)
    if task is None:
        return NOT_FOUND
    obstacle = cannot_write(task, kind)
    if obstacle is None:
        world.write(task, kind, value, cause="meta", **more)
    return obstacle


def cannot_write(task: Task, kind: str) -> Obstacle | None:
    if not codes.may_write(task, kind):
        return MISMATCH
    return None if kind in task.available else FAILED_META


def _refuse_whole(world: World, outcomes: list[Outcome], *, by_item: bool) -> None:
    """When it is so set: a call of which nothing could be written is a 409 (not for sgtin, which has none)."""
    if world.tuning.meta_conflict_whole and outcomes and not by_item and all(o == FAILED_META for _, o in outcomes):
        raise errors.batch(409, "FailedToUpdateMeta")
