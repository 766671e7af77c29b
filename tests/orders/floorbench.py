"""A person with a scanner in front of a browser, for tests of the floor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orders.enums import ActionKind
from orders.models import AssemblyTask, MarketplaceAccount, Wave
from orders.services import actors
from orders.services.warehouse import floor, undoing
from orders.services.warehouse.floor import Answer, Place
from orders.services.warehouse.scanning import Shot
from sandbox.server import RunningSandbox

from .conftest import Ask, made, pulled

MUG = "4600439931256"
CUP = "6665956397512"
FOREIGN = "4006381333931"


@dataclass
class Floor:
    """One person at one browser."""

    actor: actors.Actor
    count: int = 0

    def scan(self, raw: str, *, task: AssemblyTask | None = None, wave: Wave | None = None, **more: Any) -> Answer:
        self.count += 1
        more.setdefault("nonce", f"n-{self.actor.user_id}-{self.count}")
        place = Place(task.pk if task else None, wave.pk if wave else None, may_act=True)
        return floor.answer(Shot(raw, **more), place, actor=self.actor)

    def undo(self, scan_id: int | None = None) -> Any:
        self.count += 1
        return undoing.undo(scan_id, Shot("BO-C-UNDO", f"n-{self.actor.user_id}-{self.count}"), actor=self.actor)


def scan_of(found: Answer) -> int:
    assert found.verdict.scan is not None
    return found.verdict.scan.pk


def tasks_of(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, *wanted: dict[str, Any]
) -> list[AssemblyTask]:
    """Tasks that are being assembled, in the order of the wishes."""
    numbers = [made(upstream, **fields)[0] for fields in wanted]
    known = {task.external_id: task for task in pulled(shop)}
    found = [known[str(number)] for number in numbers]
    for task in found:
        ask(task, ActionKind.CONFIRM)
    return found
