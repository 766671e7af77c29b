"""Methods that only the official sandbox has (contract 1.1); their bodies are not documented beyond `deliveryType`."""

from __future__ import annotations

from typing import Any

from sandbox.wildberries import asking, errors
from sandbox.wildberries.machine import CannotPlay, play
from sandbox.wildberries.making import DELIVERY_TYPES, Wish, make
from sandbox.wildberries.world import World
from sandbox.wire import Call, Reply

MOST_AT_ONCE = 100


def make_orders(world: World, call: Call) -> Reply:
    """`{count?, deliveryType?}` → `{orders: [id]}`"""
    asked: dict[str, Any] = asking.body(call, refusal=asking.bad_body) if call.body else {}
    count, kind = asked.get("count", 1), asked.get("deliveryType")
    if not asking.is_number(count) or not 1 <= count <= MOST_AT_ONCE or kind not in (None, *DELIVERY_TYPES):
        raise errors.legacy(400, "IncorrectRequest")
    fields = {"deliveryType": kind} if kind else {}
    made = make(world, Wish(call.seller, count=count, fields=fields, cause="test"))
    return Reply(200, {"orders": [task.id for task in made]})


def decline(world: World, call: Call) -> Reply:
    """The buyer declines; 409 when it is too late for that."""
    try:
        play(world, asking.one_task(world, call), "decline")
    except CannotPlay:
        raise errors.legacy(409, "StatusMismatch") from None
    return Reply(204)
