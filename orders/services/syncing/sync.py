"""One pass over an account: orders in, statuses, buyers, windows, codes' verdicts. The network is never inside a transaction."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.errors import RateLimited
from orders.enums import OPEN_STAGES, CodeState, Stage
from orders.marketplaces.base import BuyerInfo, Marketplace
from orders.models import AssemblyTask, MarketplaceAccount, MarkingCode
from orders.services import accounts, buyers

from . import changes, intake, statuses, verdicts, windows
from .calling import recovered, with_provider

BATCH = 1000
#: Among the cursors of an account: the last page of new tasks that is stored whole.
NEW_PAGE = "new_page"
BUYER_PART = 20
BUYER_SECONDS = 100.0
#: Minutes until a buyer whose phones are not assigned yet is asked for again, by how long ago he was first asked for.
BUYER_AGAIN = ((10, 1), (60, 5), (24 * 60, 30), (14 * 24 * 60, 6 * 60))


def pull_new(account: MarketplaceAccount) -> intake.Taken:
    """Fetch and store what waits for us, and the delivery windows of new tasks where they come apart. Idempotent.

    Where a marketplace tells what has changed, that is stored too: orders and their statuses in one.
    """

    def work(provider: Marketplace) -> intake.Taken:
        if provider.incremental:
            taken = changes.pull(account, provider)
            recovered(account)
            return taken
        taken = receive_new(account, provider)
        recovered(account)
        if taken.created:
            _windows(account, provider, AssemblyTask.objects.filter(pk__in=taken.created))
        return taken

    return with_provider(account, work) or intake.Taken()


def receive_new(account: MarketplaceAccount, provider: Marketplace) -> intake.Taken:
    """Store what waits for us. Most minutes bring the page of the minute before: it is known as a whole and not even read."""
    known = account.cursors.get(NEW_PAGE) or {"digest": "", "tasks": 0}
    asked_at = timezone.now()
    page = provider.new_orders(known["digest"])
    if page.digest and page.digest == known["digest"]:
        return intake.Taken(unchanged=known["tasks"])
    taken = intake.receive_page(account, provider, page.tasks, asked_at=asked_at)
    stored = len(taken.created) + taken.changed + taken.unchanged
    # What is broken is tried again: the program may have learned to read it.
    if page.digest and stored == len(page.tasks):
        accounts.remember(account, NEW_PAGE, {"digest": page.digest, "tasks": len(page.tasks)})
    return taken


def refresh_windows(account: MarketplaceAccount) -> int:
    """Ask anew when the buyers of open tasks want their delivery: they may change it. Idempotent."""
    waiting = AssemblyTask.objects.filter(account=account, stage__in=(Stage.NEW, Stage.ASSEMBLING, Stage.READY))
    return int(with_provider(account, lambda provider: _windows(account, provider, waiting)) or 0)


def _windows(account: MarketplaceAccount, provider: Marketplace, tasks: Any) -> int:
    ids = list(tasks.values_list("external_id", flat=True)[:BATCH])
    return windows.set_windows(account, provider.windows(ids)) if ids else 0


def sweep(account: MarketplaceAccount) -> int:
    """Ask for the statuses of tasks that are due: open ones each minute, finished ones for 30 more days, slower.

    Returns how many tasks changed. Without news a batch of 1000 costs one read and one write of our own rows.
    """

    def work(provider: Marketplace) -> int:
        changed, more = 0, True
        while more:
            tasks = _due(account, provider.status_batch + 1)
            more, tasks = len(tasks) > provider.status_batch, tasks[: provider.status_batch]
            if tasks:
                changed += _ask(account, provider, tasks)
                accounts.went_well(account)
        return changed

    return int(with_provider(account, work) or 0)


def _ask(account: MarketplaceAccount, provider: Marketplace, tasks: Sequence[AssemblyTask]) -> int:
    """One call about these tasks: their statuses, or the whole orders where they come with them."""
    ids = [task.external_id for task in tasks]
    if not provider.incremental:
        return statuses.apply_statuses(provider.offer, tasks, provider.statuses(ids))
    asked_at = timezone.now()
    page = provider.lookup(ids)
    statuses.plan_next(provider.offer, tasks)
    return intake.receive_page(account, provider, page.tasks, asked_at=asked_at).changed


def _due(account: MarketplaceAccount, size: int) -> list[AssemblyTask]:
    rows = AssemblyTask.objects.filter(account=account, sweep_at__lte=timezone.now()).order_by("sweep_at")
    return list(rows.only(*statuses.FIELDS)[:size])


def fetch_buyers(account: MarketplaceAccount) -> int:
    """Ask who the buyers of confirmed tasks are; again later where phones are not assigned yet. Idempotent."""
    now = timezone.now()
    due = AssemblyTask.objects.filter(account=account, buyer_due_at__lte=now).order_by("buyer_due_at")
    tasks = {task.external_id: task for task in due.only("id", "order_id", "external_id", "buyer_asked_at")[:BATCH]}
    if not tasks:
        return 0

    def work(provider: Marketplace) -> int:
        told = 0
        for part in _parts(list(tasks), provider.buyer_batch):
            asked, infos = _told(provider, part)
            known = [info for info in infos if info.external_id in tasks]
            buyers.learn([(tasks[info.external_id], info) for info in known])
            _plan_buyers([tasks[external_id] for external_id in asked], known, now)
            told += len(known)
            if len(asked) < len(part) or time.monotonic() > stop_at:
                break
        return told

    stop_at = time.monotonic() + BUYER_SECONDS
    return int(with_provider(account, work) or 0)


def _parts(ids: list[str], batch: int) -> list[list[str]]:
    """What is stored together: a call, or some calls of one task each, so that an error loses little."""
    size = max(batch, BUYER_PART)
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def _told(provider: Marketplace, ids: Sequence[str]) -> tuple[list[str], list[BuyerInfo]]:
    """Who was asked about and what was told, call by call; when the budget ends on the way, what is known by then."""
    asked: list[str] = []
    told: list[BuyerInfo] = []
    for start in range(0, len(ids), provider.buyer_batch):
        part = ids[start : start + provider.buyer_batch]
        try:
            told += _ask_buyers(provider, part)
        except RateLimited:
            if not asked:
                raise
            break
        asked += part
    return asked, told


def _ask_buyers(provider: Marketplace, ids: Sequence[str], depth: int = 3) -> list[BuyerInfo]:
    """One call; but one unknown task may make the marketplace tell of none, so an empty answer is asked for in halves."""
    told = provider.buyers(ids)
    if told or len(ids) < 2 or not depth:
        return told
    half = len(ids) // 2
    return [info for part in (ids[:half], ids[half:]) for info in _ask_buyers(provider, part, depth - 1)]


def _plan_buyers(tasks: Sequence[AssemblyTask], told: Sequence[BuyerInfo], now: datetime) -> None:
    complete = {info.external_id for info in told if info.complete}
    done = [task.pk for task in tasks if task.external_id in complete]
    AssemblyTask.objects.filter(pk__in=done).update(buyer_due_at=None, buyer_asked_at=now)
    later: dict[datetime | None, list[AssemblyTask]] = {}
    for task in tasks:
        if task.external_id not in complete:
            later.setdefault(_ask_again(task.buyer_asked_at or now, now), []).append(task)
    for moment, rows in later.items():
        due = AssemblyTask.objects.filter(pk__in=[task.pk for task in rows])
        due.update(buyer_due_at=moment)
        due.filter(buyer_asked_at=None).update(buyer_asked_at=now)


def _ask_again(first: datetime, now: datetime) -> datetime | None:
    age = (now - first).total_seconds() / 60
    return next((now + timedelta(minutes=pause) for limit, pause in BUYER_AGAIN if age < limit), None)


def check_codes(account: MarketplaceAccount) -> int:
    """Ask what the marketplace thinks of codes it has taken but not judged. Idempotent."""
    recent = timezone.now() - timedelta(days=3)
    waiting = MarkingCode.objects.filter(
        task__account=account, state=CodeState.SENT, created_at__gte=recent, task__stage__in=OPEN_STAGES
    )
    ids = list(waiting.order_by("changed_at").values_list("task__external_id", flat=True)[:50])
    if not ids:
        return 0
    ids = list(dict.fromkeys(ids))
    by_id = dict(AssemblyTask.objects.filter(account=account, external_id__in=ids).values_list("external_id", "pk"))

    def work(provider: Marketplace) -> int:
        told = [verdict for verdict in provider.codes(ids) if verdict.external_id in by_id]
        with transaction.atomic():
            for verdict in told:
                verdicts.judge(by_id[verdict.external_id], verdict)
            # Those without news go to the end of the line: others wait for their turn.
            MarkingCode.objects.filter(task__in=by_id.values(), state=CodeState.SENT).update(changed_at=timezone.now())
        return len(told)

    return int(with_provider(account, work) or 0)
