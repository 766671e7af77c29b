"""The one-order dialect of seed 004: 204 or `{code, message}` (contract 1.2)."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.wildberries import asking, codes, errors
from sandbox.wildberries.machine import act
from sandbox.wildberries.world import World
from sandbox.wildberries.writes import cannot_write
from sandbox.wire import Call, Reply


def move_one(action: str) -> Callable[[World, Call], Reply]:
    """confirm, deliver, cancel: no body."""

    def answer(world: World, call: Call) -> Reply:
        return _act(world, call, action, "")

    return answer


def close_one(action: str) -> Callable[[World, Call], Reply]:
    """receive, reject: `{code}`"""

    def answer(world: World, call: Call) -> Reply:
        code = asking.body(call, refusal=asking.bad_body).get("code")
        if not isinstance(code, str):
            raise asking.bad_body()
        return _act(world, call, action, code)

    return answer


def _act(world: World, call: Call, action: str, code: str) -> Reply:
    """Marking codes are not judged on deliver here: that came with the batch dialect."""
    obstacle = act(world, asking.one_task(world, call), action, code=code, validates=False)
    if obstacle is not None:
        raise errors.legacy(obstacle.code, obstacle.detail)
    return Reply(204)


def set_one(kind: str) -> Callable[[World, Call], Reply]:
    field = codes.field_of(kind)

    def answer(world: World, call: Call) -> Reply:
        value = asking.body(call, refusal=asking.bad_body).get(field)
        if not codes.fits_call(kind, value):
            raise asking.bad_body()
        task = asking.one_task(world, call)
        if cannot_write(task, kind):
            raise errors.legacy(409, "FailedToUpdateMeta")
        world.write(task, kind, value, cause="meta")
        return Reply(204)

    return answer


def delete_one(world: World, call: Call) -> Reply:
    """One `key`; an order that is not the seller's is a 409 here, for the method documents no 404."""
    kind = call.query.get("key")
    if kind not in codes.LEGACY_KINDS or len(call.query) != 1:
        raise errors.legacy(400, "IncorrectRequest")
    if not call.args["order"].isdigit():
        raise asking.bad_parameter()
    task = world.find(call.seller, int(call.args["order"]))
    if task is None or cannot_write(task, kind):
        raise errors.legacy(409, "FailedToUpdateMeta")
    world.write(task, kind, None, cause="meta")
    return Reply(204)
