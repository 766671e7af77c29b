"""Reading of requests; what is wrong with one is refused in the words of the called method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.wildberries import errors
from sandbox.wildberries.task import Task
from sandbox.wildberries.world import World
from sandbox.wire import Call, Refusal

MOST = 1000


def bad_batch() -> Refusal:
    return errors.batch(400, "IncorrectRequest")


def bad_body() -> Refusal:
    return errors.legacy(400, "IncorrectRequestBody")


def bad_parameter() -> Refusal:
    return errors.legacy(400, "IncorrectParameter")


def listed(call: Call, key: str, *, refusal: Callable[[], Refusal], least: int = 0, most: int = MOST) -> list[Any]:
    """The list under `key` of a JSON object; its length is checked, its entries are not."""
    found = body(call, refusal=refusal).get(key)
    if not isinstance(found, list) or not least <= len(found) <= most:
        raise refusal()
    return found


def body(call: Call, *, refusal: Callable[[], Refusal]) -> dict[str, Any]:
    try:
        found = call.json()
    except ValueError:
        raise refusal() from None
    if not isinstance(found, dict):
        raise refusal()
    return found


def numbers(call: Call, key: str, *, refusal: Callable[[], Refusal], least: int = 0, most: int = MOST) -> list[int]:
    """Order numbers under `key`; strings are not numbers here."""
    found = listed(call, key, refusal=refusal, least=least, most=most)
    if not all(is_number(one) for one in found):
        raise refusal()
    return found


def entries(call: Call, *, refusal: Callable[[], Refusal]) -> list[dict[str, Any]]:
    """`orders` as objects, each with its `orderId`."""
    found = listed(call, "orders", refusal=refusal)
    if not all(isinstance(one, dict) and is_number(one.get("orderId")) for one in found):
        raise refusal()
    return found


def is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def integer(call: Call, name: str) -> int:
    """A required query parameter; 400 IncorrectParameter."""
    try:
        return int(call.query[name])
    except (KeyError, ValueError):
        raise bad_parameter() from None


def one_task(world: World, call: Call) -> Task:
    """The order of the path: 400 for what is no number, 404 for what is not this seller's."""
    try:
        number = int(call.args["order"])
    except ValueError:
        raise bad_parameter() from None
    task = world.find(call.seller, number)
    if task is None:
        raise errors.legacy(404, "NotFound")
    return task
