"""Pages of a list by the place of their first and last row: any depth costs the same, nothing is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from backoffice.text import whole

M = TypeVar("M", bound=Model)

SIZE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_MOST = 2**62


@dataclass(frozen=True, slots=True)
class Slice(Generic[M]):
    """Rows of one page; ``previous`` and ``next`` are cursors, empty where the list ends."""

    rows: list[M]
    previous: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """Sorted by ``field`` and id, both falling when ``newest_first``."""

    field: str
    newest_first: bool = False

    def cursor(self, row: Model) -> str:
        return f"{(getattr(row, self.field) - _EPOCH) // _TICK}-{row.pk}"

    def beyond(self, cursor: tuple[datetime, int], *, back: bool) -> Q:
        """Rows after the cursor in the direction asked for; the first condition alone lets an index be used."""
        moment, pk = cursor
        side = "lt" if self.newest_first is not back else "gt"
        return Q(**{f"{self.field}__{side}e": moment}) & (
            Q(**{f"{self.field}__{side}": moment}) | Q(**{f"pk__{side}": pk})
        )

    def sorting(self, *, back: bool) -> tuple[str, str]:
        sign = "-" if self.newest_first is not back else ""
        return f"{sign}{self.field}", f"{sign}pk"


def parse(text: str) -> tuple[datetime, int] | None:
    """None for what is no cursor: the list then begins at its first page."""
    said, _, number = text.partition("-")
    ticks, pk = whole(said, _MOST), whole(number)
    if ticks is None or pk is None:
        return None
    try:
        return _EPOCH + ticks * _TICK, pk
    except OverflowError:
        return None


def page(rows: QuerySet[M, Any], params: Mapping[str, str], order: Order, size: int = SIZE) -> Slice[M]:
    """One page by ``after`` or ``before`` of the parameters: one statement of ``size`` + 1 rows."""
    after, before = parse(params.get("after", "")), parse(params.get("before", ""))
    back = before is not None and after is None
    cursor = after or before
    if cursor is not None:
        rows = rows.filter(order.beyond(cursor, back=back))
    found = list(rows.order_by(*order.sorting(back=back))[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    if not found:
        return Slice([])
    has_previous, has_next = (more, True) if back else (after is not None, more)
    return Slice(found, order.cursor(found[0]) if has_previous else "", order.cursor(found[-1]) if has_next else "")
