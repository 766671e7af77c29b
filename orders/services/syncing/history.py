"""Finished orders: the last days each hour, and the import of any range by windows. Resumable: progress is kept at the account."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from backoffice.errors import Refused
from orders.enums import AttentionKind
from orders.marketplaces.base import Marketplace, Page
from orders.models import AssemblyTask, MarketplaceAccount
from orders.services import accounts, attention

from . import calling, intake, statuses

CURSOR = "finished"
RUN = "finished_run"
IMPORT = "import"
OVERLAP = timedelta(days=3)


def pull_finished(account: MarketplaceAccount) -> int:
    """Store finished tasks since the last run (overlapping, because it is not told what the dates mean). Returns new tasks."""
    start, end = _latest(account)
    created = run(account, start, end, key=RUN)
    if created is None:
        return 0
    accounts.remember(account, CURSOR, end.isoformat())
    return created


def _latest(account: MarketplaceAccount) -> tuple[datetime, datetime]:
    """The range of a run that was cut short, else since the last one."""
    cut_short = account.cursors.get(RUN)
    if cut_short:
        return datetime.fromisoformat(cut_short["start"]), datetime.fromisoformat(cut_short["end"])
    end = timezone.now()
    since = account.cursors.get(CURSOR)
    return (datetime.fromisoformat(since) - OVERLAP if since else end - timedelta(days=30)), end


def import_range(
    account: MarketplaceAccount, start: datetime, end: datetime, *, seconds: float = math.inf
) -> int | None:
    """Import any range. Idempotent and resumable: called again with the same range it goes on where it stopped.

    None when ``seconds`` or the call budget are used up before the end: call it again later.
    """
    return run(account, start, end, key=IMPORT, seconds=seconds)


def run(
    account: MarketplaceAccount, start: datetime, end: datetime, *, key: str, seconds: float = math.inf
) -> int | None:
    stop_at = time.monotonic() + seconds

    def work(provider: Marketplace) -> int | None:
        return _windows(account, provider, _Span(key, start, end), stop_at)

    found = calling.with_provider(account, work)
    return None if found is None else int(found)


@dataclass(frozen=True, slots=True)
class _Span:
    """A range under its key among the cursors of the account."""

    key: str
    start: datetime
    end: datetime


def _windows(account: MarketplaceAccount, provider: Marketplace, span: _Span, stop_at: float) -> int | None:
    place = _resume(account, span)
    created, left = 0, datetime.fromisoformat(place["left"])
    while left < span.end:
        if time.monotonic() > stop_at:
            return None
        right = min(left + timedelta(days=provider.window_days), span.end)
        asked_at = timezone.now()
        page = _page(provider, left, right, place)
        taken = intake.receive_page(account, provider, page.tasks, asked_at=asked_at)
        created += len(taken.created)
        if not provider.incremental:
            _learn_statuses(provider, taken.created)
        if page.next_cursor is None:
            left = right
        place = {**place, "left": left.isoformat(), "cursor": page.next_cursor}
        accounts.remember(account, span.key, place)
    accounts.remember(account, span.key, None)
    return created


def _page(provider: Marketplace, left: datetime, right: datetime, place: dict[str, Any]) -> Page:
    """A kept token may be too old, or of another list: the window is read again from its first page."""
    try:
        return provider.finished_orders(left, right, place["cursor"])
    except Refused:
        if place["cursor"] is None:
            raise
        return provider.finished_orders(left, right, None)


def _resume(account: MarketplaceAccount, span: _Span) -> dict[str, Any]:
    kept: dict[str, Any] | None = account.cursors.get(span.key)
    start, end = span.start.isoformat(), span.end.isoformat()
    fresh = {"start": start, "end": end, "left": start, "cursor": None}
    return kept if kept and kept["start"] == fresh["start"] else fresh


def _learn_statuses(provider: Marketplace, created: list[int]) -> None:
    """The list of finished tasks carries no statuses: ask at once, so that nothing finished stands in the queue."""
    tasks = list(AssemblyTask.objects.filter(pk__in=created))
    for start in range(0, len(tasks), provider.status_batch):
        part = tasks[start : start + provider.status_batch]
        said = provider.statuses([task.external_id for task in part])
        statuses.apply_statuses(provider.offer, part, said)
        _raise_unknown(part, {status.external_id for status in said if not status.found})


def _raise_unknown(tasks: Sequence[AssemblyTask], unknown: set[str]) -> None:
    """Finished tasks whose end the marketplace does not tell: they stay as they are, and a person is asked once."""
    lost = [task for task in tasks if task.external_id in unknown]
    if lost:
        key = f"{AttentionKind.UNKNOWN_STATUS}:{lost[0].account_id}:not found"
        facts = {"words": "NotFound", "task": lost[0].external_id}
        question = attention.Question(
            AttentionKind.UNKNOWN_STATUS, key, account_id=lost[0].account_id, order_id=lost[0].order_id,
            task_id=lost[0].pk, facts=facts,
        )  # fmt: skip
        attention.open_one(question)
