"""What is measured and how: floor and ours take turns in one run, and the medians are compared."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from django.db import connection
from django.test.utils import CaptureQueriesContext

MARKS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK", "BEGIN", "COMMIT")
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report. ``value`` is compared with ``most``; ``unit`` says of what. ``notes`` tell the rest."""

    case: str
    value: float
    most: float
    unit: str
    notes: str = ""

    @property
    def ok(self) -> bool:
        return self.value <= self.most


@dataclass(frozen=True, slots=True)
class Pair:
    """Medians in milliseconds."""

    floor: float
    ours: float

    @property
    def ratio(self) -> float:
        return self.ours / self.floor

    @property
    def words(self) -> str:
        return f"floor {self.floor:.2f} ms, ours {self.ours:.2f} ms"


def timed(work: Work) -> float:
    """Milliseconds of one call. Garbage of others is not ours to collect."""
    gc.collect()
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def alternate(floor: Work, ours: Work, *, rounds: int, warm: int = 2) -> Pair:
    """Both in turns, the one that goes first changing each round, after ``warm`` rounds that do not count."""
    spent: dict[Work, list[float]] = {floor: [], ours: []}
    for each in range(rounds + warm):
        for work in (floor, ours) if each % 2 else (ours, floor):
            spent[work].append(timed(work))
    return Pair(median(spent[floor][warm:]), median(spent[ours][warm:]))


@contextmanager
def statements() -> Iterator[list[str]]:
    """Statements without the marks of transactions; the list fills when the block ends."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as context:
        yield found
    found += [query["sql"] for query in context.captured_queries if not query["sql"].startswith(MARKS)]


def writes(found: list[str]) -> list[str]:
    return [sql for sql in found if not sql.startswith("SELECT")]
