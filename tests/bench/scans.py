"""Scans over HTTP: a verdict beside the page of the queue, and twenty scanners at once."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import quantiles
from typing import Any

from django.db import connection
from django.db.models import Min

from backoffice.models import User
from backoffice.people import Role, create_user
from orders import signs
from orders.enums import Stage
from orders.models import AssemblyTask, TaskItem
from sandbox.server import RunningSandbox

from . import data
from .measure import Line, alternate
from .web import Web

SCANNERS = 20
TASKS_OF_ONE = 5
BARCODE = "4600439931256"
FOREIGN = "4006381333931"
ANSWER = "/scan/answer/"
QUEUE = "/tasks/?tab=new"
#: What a scanner does at a task and what it has to hear, in this order: the outcome and the reason of each.
AT_A_TASK = (
    (FOREIGN, ("refused", "foreign_item")),
    (BARCODE, ("accepted", "picked")),
    (BARCODE, ("refused", "picked_all")),
    ("no such code", ("refused", "foreign_item")),
)


def run(world: data.World, _upstream: RunningSandbox, rounds: int) -> Iterator[Line]:
    tasks = _tasks(world, SCANNERS * TASKS_OF_ONE + rounds * 6 + 10)
    yield _verdict(world, tasks[SCANNERS * TASKS_OF_ONE :], rounds)
    yield _twenty(tasks[: SCANNERS * TASKS_OF_ONE])


def _tasks(world: data.World, count: int) -> list[int]:
    """Tasks to be assembled that nobody has, each with one item that counts and the same barcode, without marking codes."""
    stages = (Stage.NEW, Stage.ASSEMBLING)
    free = AssemblyTask.objects.filter(stage__in=stages, is_test=False, codes=None).exclude(
        pk__in=[world.rich, world.rich_yandex]
    )
    ids = list(free.order_by("pk").values_list("pk", flat=True)[:count])
    AssemblyTask.objects.filter(pk__in=ids).update(assignee=None, code_kinds=[], required_kinds=[])
    items = TaskItem.objects.filter(task_id__in=ids)
    items.update(barcodes=[], quantity=0, code_kinds=None, required_kinds=None)
    firsts = items.order_by().values("task_id").annotate(first=Min("pk")).values_list("first", flat=True)
    TaskItem.objects.filter(pk__in=list(firsts)).update(barcodes=[BARCODE], quantity=1)
    return ids


def _scan(web: Web, raw: str, **more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(web.post(ANSWER, raw=raw, nonce=uuid.uuid4().hex, **more))
    return found


def _verdict(world: data.World, tasks: Sequence[int], rounds: int) -> Line:
    """A scan that is accepted, each of another task, takes a third of the time of the first page of the queue at most."""
    web, left = Web(world.picker), iter(tasks)

    def accepted() -> None:
        told = _scan(web, BARCODE, task=str(next(left)))
        assert told["outcome"] == "accepted", told

    pair = alternate(partial(web.get, QUEUE), accepted, rounds=min(rounds * 2, len(tasks) - 3))
    notes = f"page {pair.floor:.2f} ms, verdict {pair.ours:.2f} ms, request to answer"
    return Line("scan verdict, beside the page of the queue", pair.ratio, 1 / 3, "× page", notes)


@dataclass
class _Scanner:
    """One person with a scanner: what was heard wrongly, and how long each answer took in milliseconds."""

    user: User
    tasks: Sequence[int]
    wrong: list[str] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)

    def work(self, start: threading.Barrier) -> None:
        try:
            web = Web(self.user)
            start.wait(30)
            for task in self.tasks:
                self._task(web, task)
        except Exception as error:  # an error of any kind is what is counted
            self.wrong.append(repr(error))
        finally:
            connection.close()

    def _task(self, web: Web, task: int) -> None:
        self._hear(web, signs.of_task(task), ("opened", "opened"))
        for raw, wanted in AT_A_TASK:
            self._hear(web, raw, wanted, task=str(task))

    def _hear(self, web: Web, raw: str, wanted: tuple[str, str], **more: str) -> None:
        began = time.perf_counter()
        told = _scan(web, raw, at=str(time.time_ns() // 1_000_000 + len(self.spent) * 2_000), **more)
        self.spent.append((time.perf_counter() - began) * 1000)
        if (told["outcome"], told["reason"]) != wanted:
            self.wrong.append(f"{raw}: {told['outcome']}, {told['reason']}")


def _twenty(tasks: Sequence[int]) -> Line:
    """Twenty at once, each at tasks of his own: every verdict is the right one, and in its order."""
    people = [create_user(f"bench-scanner-{n}", role=Role.WAREHOUSE, password="x", weak=True) for n in range(SCANNERS)]
    each = len(tasks) // SCANNERS
    scanners = [_Scanner(user, tasks[n * each : (n + 1) * each]) for n, user in enumerate(people)]
    start = threading.Barrier(SCANNERS)
    threads = [threading.Thread(target=scanner.work, args=[start]) for scanner in scanners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = [ms for scanner in scanners for ms in scanner.spent]
    wrong = [text for scanner in scanners for text in scanner.wrong]
    percent = quantiles(spent, n=20)[-1] if len(spent) > 1 else 0
    notes = f"{len(spent)} scans, 95 % within {percent:.0f} ms with all of them in one process" + "".join(
        f"; {text}" for text in wrong[:3]
    )
    return Line("wrong verdicts or errors, 20 scanners at once", len(wrong), 0, "answers", notes)
