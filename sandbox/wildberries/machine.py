"""What may follow what (contract 1.4), and the plays of buyer and marketplace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.wildberries import codes
from sandbox.wildberries.task import Task
from sandbox.wildberries.world import World

DECLINE_WITHIN = 3600.0


@dataclass(frozen=True, slots=True)
class Move:
    sources: frozenset[str]
    supplier: str
    wb: str
    with_code: bool = False


MOVES: Final = {
    "confirm": Move(frozenset({"new"}), "confirm", "waiting"),
    "deliver": Move(frozenset({"confirm"}), "deliver", "waiting"),
    "receive": Move(frozenset({"deliver"}), "receive", "sold", with_code=True),
    "reject": Move(frozenset({"deliver"}), "reject", "canceled_by_client", with_code=True),
    "cancel": Move(frozenset({"new", "confirm"}), "cancel", "canceled"),
}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an order cannot do what was asked: `errors[]` of the batch dialect."""

    code: int
    detail: str
    meta: list[dict[str, Any]] = field(default_factory=list)

    def state(self) -> dict[str, Any]:
        return {"code": self.code, "detail": self.detail} | ({"metaDetails": self.meta} if self.meta else {})


NOT_FOUND: Final = Obstacle(404, "NotFound")
MISMATCH: Final = Obstacle(409, "StatusMismatch")


def act(world: World, task: Task, action: str, *, code: str = "", validates: bool = True) -> Obstacle | None:
    """Do `action`, or say why not; then nothing has changed. `validates`: marking codes are looked at on deliver."""
    move = MOVES[action]
    if task.supplier not in move.sources or not task.is_open:
        return MISMATCH
    obstacle = _missing_codes(world, task, action, validates=validates)
    if obstacle is None and move.with_code and not _code_taken(world, task, code):
        obstacle = Obstacle(world.tuning.wrong_code_status, world.tuning.wrong_code_detail)
    if obstacle is None:
        world.move(task, move.supplier, move.wb, cause=action)
    return obstacle


def _missing_codes(world: World, task: Task, action: str, *, validates: bool) -> Obstacle | None:
    if action not in ("deliver", "receive"):
        return None
    if "imei" in task.mandatory and "imei" not in task.meta:
        return Obstacle(409, "ImeiIsNotFilled")
    if action == "receive":
        return Obstacle(409, "SGTINIsNotFilled") if "sgtin" in task.mandatory and "sgtin" not in task.meta else None
    if not (validates and world.tuning.deliver_validates):
        return None
    blocked = [
        {**one, "value": one["value"] or ""} for one in codes.details(world, task) if one["decision"] in codes.BLOCKING
    ]
    return Obstacle(409, "MetaValidationFail", blocked) if blocked else None


def _code_taken(world: World, task: Task, code: str) -> bool:
    """Production refuses right codes for hours: `code_delay` counts from the first time the right one was tried."""
    if code != task.code:
        return False
    delay = world.tuning.code_delay if task.code_delay is None else task.code_delay
    if task.code_first is None:
        task.code_first = world.now
        world.save(task)
    return world.now - task.code_first >= delay


class CannotPlay(ValueError):
    """The order is not where this can happen to it."""


def play(world: World, task: Task, name: str) -> None:
    """Let the buyer or the marketplace do something. Raises CannotPlay, KeyError for an unknown play."""
    sources, supplier, wb = PLAYS[name]
    if task.status not in sources:
        raise CannotPlay(f"{name}: order {task.id} is {task.status}")
    if name == "decline" and world.now - task.created > DECLINE_WITHIN:
        raise CannotPlay(f"decline: order {task.id} is older than an hour")
    if name == "arrive" and not task.at_pickup_point:
        raise CannotPlay(f"arrive: order {task.id} does not go to a pick-up point")
    world.move(task, supplier or task.supplier, wb, cause=name)


OPEN_STATUSES: Final = (
    "new/waiting", "new/sorted", "confirm/waiting", "confirm/sorted", "deliver/waiting", "deliver/sorted",
    "deliver/ready_for_pickup",
)  # fmt: skip
EARLY: Final = ("new/waiting", "new/sorted", "confirm/waiting", "confirm/sorted")
PLAYS: Final[dict[str, tuple[tuple[str, ...], str, str]]] = {
    "decline": (("new/waiting", "new/sorted"), "", "declined_by_client"),
    "miss_call": (EARLY, "cancel_missed_call", "canceled_by_missed_call"),
    "sort": (("new/waiting", "confirm/waiting", "deliver/waiting"), "", "sorted"),
    "arrive": (("deliver/waiting", "deliver/sorted"), "", "ready_for_pickup"),
    "collect": (("deliver/ready_for_pickup",), "receive", "sold"),
    "return": (("receive/sold",), "", "canceled"),
    "defect": (OPEN_STATUSES, "", "defect"),
    "lose": (OPEN_STATUSES, "", "canceled"),
}


def possible_plays(world: World, task: Task) -> list[str]:
    """Plays that would work now, in the order of the table."""
    late = world.now - task.created > DECLINE_WITHIN
    found = [name for name, (sources, _, _) in PLAYS.items() if task.status in sources]
    return [
        name
        for name in found
        if not (name == "decline" and late) and not (name == "arrive" and not task.at_pickup_point)
    ]
