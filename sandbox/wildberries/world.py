"""All shops and their tasks; the only place where a task changes."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import heapq
import random
import time
from collections import defaultdict
from typing import Any

from sandbox.store import Store
from sandbox.wildberries.task import Task
from sandbox.wildberries.tuning import Tuning
from sandbox.wire import Effect

EPOCH = 1_704_067_200  # 2024-01-01: numbers of a new sandbox begin above those of an older one
FIRST_NUMBER = 4_000_000_000


class World:
    """The caller holds the store's lock, through `Store.work` or a call."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.tuning = Tuning()
        self.tasks: dict[int, Task] = {}
        self.shops: defaultdict[str, dict[int, Task]] = defaultdict(dict)
        self._arrivals: list[tuple[float, int]] = []
        self._load()
        store.on_reset(self._forget)

    def _load(self) -> None:
        for _, body in self.store.documents("wildberries.task"):
            task = Task(**body)
            self.tasks[task.id] = self.shops[task.seller][task.id] = task
            self._expect_arrival(task)
        self.tuning.update(self.store.document("wildberries", "tuning") or {})
        saved = self.store.document("wildberries", "number")
        self._number = int(saved or FIRST_NUMBER + int(time.time()) - EPOCH)

    def _forget(self) -> None:
        self.tasks.clear()
        self.shops.clear()
        self._arrivals.clear()
        self.tuning.reset()
        self.store.save("wildberries", "number", lambda: self._number)

    @property
    def now(self) -> float:
        return self.store.clock.now()

    def number(self) -> int:
        """The next assembly task number: rising, with gaps."""
        self._number += random.randint(1, 40)
        self.store.save("wildberries", "number", lambda: self._number)
        return self._number

    def find(self, seller: str, number: int) -> Task | None:
        return self.shops[seller].get(number)

    def tune(self, changes: dict[str, Any]) -> None:
        """Raises ValueError for what cannot be set."""
        self.tuning.update(changes)
        self.store.save("wildberries", "tuning", self.tuning.state)

    # changes

    def save(self, task: Task) -> None:
        self.store.save("wildberries.task", str(task.id), lambda: vars(task))

    def add(self, task: Task, *, cause: str) -> None:
        """Raises ValueError when the number is taken."""
        if task.id in self.tasks:
            raise ValueError(f"order {task.id} is already there")
        self.tasks[task.id] = self.shops[task.seller][task.id] = task
        self._number = max(self._number, task.id)
        task.history.append({"at": self.now, "status": task.status, "cause": cause})
        self._record(task, kind="made", cause=cause, before=None, after=task.status)
        self._expect_arrival(task)

    def move(self, task: Task, supplier: str, wb: str, *, cause: str) -> None:
        before, was_open = task.status, task.is_open
        task.supplier, task.wb = supplier, wb
        if supplier == "confirm" and task.confirmed is None:
            task.confirmed = self.now
        if was_open and not task.is_open:
            task.finished = self.now
        task.history.append({"at": self.now, "status": task.status, "cause": cause})
        self._record(task, kind="status", cause=cause, before=before, after=task.status)
        self._expect_arrival(task)

    def write(self, task: Task, kind: str, value: Any, *, cause: str, **more: Any) -> None:
        """Set an identifier, or remove it with None; the same value again is no effect."""
        old = task.meta.get(kind)
        if (old or {}).get("value") == value and all((old or {}).get(name) == one for name, one in more.items()):
            return
        task.meta = {name: one for name, one in task.meta.items() if name != kind}
        if value is not None:
            task.meta[kind] = {"value": value, "at": self.now, **more}
        self._record(task, kind=f"meta.{kind}", cause=cause, before=(old or {}).get("value"), after=value)

    def _record(self, task: Task, *, kind: str, cause: str, before: Any, after: Any) -> None:
        self.store.effect(Effect(task.id, kind, cause, before, after, task.seller))
        self.save(task)

    # what happens by itself

    def _expect_arrival(self, task: Task) -> None:
        if task.at_pickup_point and task.supplier == "deliver" and task.wb == "waiting" and self.tuning.pickup_delay:
            heapq.heappush(self._arrivals, (self.now + self.tuning.pickup_delay, task.id))

    def settle(self) -> None:
        """Let what is due by now have happened, as an event of its own and not of the call that sees it first."""
        while self._arrivals and self._arrivals[0][0] <= self.now:
            task = self.tasks.get(heapq.heappop(self._arrivals)[1])
            if task is not None and task.supplier == "deliver" and task.wb == "waiting":
                with self.store.work():
                    self.move(task, "deliver", "ready_for_pickup", cause="wildberries")
