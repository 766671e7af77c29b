"""One pass over an account: orders in, statuses, buyers, windows, codes' verdicts. The network is never inside a transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from backoffice import payloads
from backoffice.drift import DriftCollector
from backoffice.errors import RateLimited, Refused, Temporary, Unreadable, UpstreamError
from orders.enums import (
    OPEN_STAGES,
    AttentionKind,
    CodeState,
    EntryKind,
    Severity,
    Stage,
)
from orders.marketplaces.base import BuyerInfo, Marketplace, Offer, TaskStatus
from orders.models import AssemblyTask, MarketplaceAccount, MarkingCode

from . import accounts, attention, buyers, intake, settle, stages, timeline
from .actors import MARKETPLACE, SYSTEM

BATCH = 1000
#: Among the cursors of an account: the last page of new tasks that is stored whole.
NEW_PAGE = "new_page"
FAILING_AFTER = timedelta(minutes=15)
#: Minutes until a buyer whose phones are not assigned yet is asked for again, by how long ago he was first asked for.
BUYER_AGAIN = ((10, 1), (60, 5), (24 * 60, 30), (14 * 24 * 60, 6 * 60))


def with_provider(account: MarketplaceAccount, work: Callable[[Marketplace], Any], *, optional: bool = False) -> Any:
    """Run ``work`` with the account's provider; what went well or wrong is noted at the account.

    A used-up budget is no failure: the rest waits for the next run. Raises the other upstream errors after noting them.
    ``optional``: facts one can do without; a token without the right to them, or a method that is not there, does not
    trouble the account.
    """
    with DriftCollector(account.kind) as drift:
        try:
            done = work(accounts.provider(account, drift))
        except RateLimited:
            return None
        except UpstreamError as error:
            if not (optional and (error.status == 403 or isinstance(error, Refused))):
                accounts.went_wrong(account, error)
                _ask_when_failing(account, error)
            raise
    return done


def _ask_when_failing(account: MarketplaceAccount, error: UpstreamError) -> None:
    since = account.last_ok_at or account.created_at
    if isinstance(error, Temporary) and timezone.now() - since < FAILING_AFTER:
        return
    key = f"{AttentionKind.SYNC_FAILING}:{account.ref}"
    facts = {"detail": f"{error.message} {error.detail}"[:300]}
    question = attention.Question(
        AttentionKind.SYNC_FAILING, key, Severity.URGENT, account_id=account.pk, payload_id=_kept(account, key, error),
        facts=facts,
    )  # fmt: skip
    attention.open_one(question)


def _kept(account: MarketplaceAccount, key: str, error: UpstreamError) -> int | None:
    """The text that could not be read, kept until the question is answered: once, however often it comes meanwhile."""
    if not isinstance(error, Unreadable) or not error.body or attention.open_keys([key]):
        return None
    return payloads.keep(account.kind, account.pk, error.path, error.body, error=error.detail or error.code).pk


def recovered(account: MarketplaceAccount) -> None:
    """A good pass closes the question that bad ones raised. Idempotent."""
    if account.last_error:
        attention.settle(f"{AttentionKind.SYNC_FAILING}:{account.ref}", actor=SYSTEM)
    accounts.went_well(account)


def pull_new(account: MarketplaceAccount) -> intake.Taken:
    """Fetch and store what waits for us: one call, and one more for the delivery windows of new tasks. Idempotent."""

    def work(provider: Marketplace) -> intake.Taken:
        taken = receive_new(account, provider)
        recovered(account)
        if taken.created:
            _windows(account, provider, AssemblyTask.objects.filter(pk__in=taken.created))
        return taken

    return with_provider(account, work) or intake.Taken()


def receive_new(account: MarketplaceAccount, provider: Marketplace) -> intake.Taken:
    """Store what waits for us. Most minutes bring the page of the minute before: it is known as a whole and not even read."""
    known = account.cursors.get(NEW_PAGE) or {"digest": "", "tasks": 0}
    page = provider.new_orders(known["digest"])
    if page.digest and page.digest == known["digest"]:
        return intake.Taken(unchanged=known["tasks"])
    taken = intake.receive_page(account, provider, page.tasks)
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
    return intake.set_windows(account, provider.windows(ids)) if ids else 0


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
                changed += apply_statuses(
                    provider.offer, tasks, provider.statuses([task.external_id for task in tasks])
                )
                accounts.went_well(account)
        return changed

    return int(with_provider(account, work) or 0)


def _due(account: MarketplaceAccount, size: int) -> list[AssemblyTask]:
    rows = AssemblyTask.objects.filter(account=account, sweep_at__lte=timezone.now()).order_by("sweep_at")
    fields = ("id", "order_id", "account_id", "external_id", "stage", "marketplace_status", "version", "assignee_id")
    return list(rows.only(*fields, "closed_at")[:size])


def apply_statuses(offer: Offer, tasks: Sequence[AssemblyTask], statuses: Sequence[TaskStatus]) -> int:
    """Store what the marketplace says of tasks; returns how many changed. Idempotent: no news writes only the next check."""
    said = {status.external_id: status for status in statuses}
    _plan_next(tasks)
    news = [task for task in tasks if (status := said.get(task.external_id)) and _is_news(task, status)]
    if news:
        _apply(offer, {task.pk: task.version for task in news}, said)
    return len(news)


def _is_news(task: AssemblyTask, status: TaskStatus) -> bool:
    return status.found and dict(status.words) != task.marketplace_status


def _plan_next(tasks: Sequence[AssemblyTask]) -> None:
    now = timezone.now()
    over = now - timedelta(days=stages.CLOSED_SWEEP_DAYS)
    AssemblyTask.objects.filter(pk__in=[task.pk for task in tasks]).update(
        sweep_at=Case(
            When(stage__in=OPEN_STAGES, then=Value(now + stages.OPEN_SWEEP)),
            When(closed_at__gt=over, then=Value(now + stages.CLOSED_SWEEP)),
            default=Value(None),
        )
    )


@transaction.atomic
def _apply(offer: Offer, versions: dict[int, int], said: dict[str, TaskStatus]) -> None:
    """A task that moved since it was read is left to the next sweep: the answer may be older than the move."""
    moves, same_stage, unknown = [], [], []
    for task in stages.lock(versions):
        status = said[task.external_id]
        if task.version != versions[task.pk] or not _is_news(task, status):
            continue
        if status.stage is None:
            unknown.append((task, status))
        elif status.stage == task.stage or task.stage in offer.covers.get(status.stage, frozenset()):
            same_stage.append((task, status))
        else:
            moves.append(stages.Move(task, status.stage, status.words))
    stages.move_many(moves, actor=MARKETPLACE)
    _store_words(same_stage + unknown)
    _raise_unknown(unknown)


def _store_words(pairs: Sequence[tuple[AssemblyTask, TaskStatus]]) -> None:
    """New words without a new stage: stored raw and told; an unknown word moves nothing. One statement a pair of words.

    The tasks are locked by the caller.
    """
    now = timezone.now()
    by_words: dict[tuple[tuple[str, str], ...], list[int]] = defaultdict(list)
    facts = []
    for task, status in pairs:
        by_words[tuple(status.words.items())].append(task.pk)
        words = " / ".join(status.words.values())
        key = f"{task.version + 1}:{words}"
        facts.append(timeline.about(task, EntryKind.STATUS, MARKETPLACE, key, code=words, status=task.stage))
    for said, ids in by_words.items():
        rows = AssemblyTask.objects.filter(pk__in=ids)
        rows.update(marketplace_status=dict(said), updated_at=now, version=F("version") + 1)
    timeline.record(facts, now=now)


def _raise_unknown(pairs: Sequence[tuple[AssemblyTask, TaskStatus]]) -> None:
    """Once a pair of words, not once a task."""
    questions = []
    for task, status in pairs:
        words = " / ".join(status.words.values())
        key = f"{AttentionKind.UNKNOWN_STATUS}:{task.account_id}:{words}"
        facts = {"words": words, "task": task.external_id}
        questions.append(
            attention.Question(
                AttentionKind.UNKNOWN_STATUS, key, account_id=task.account_id, task_id=task.pk,
                order_id=task.order_id, facts=facts,
            )
        )  # fmt: skip
    attention.open_many(questions)


def fetch_buyers(account: MarketplaceAccount) -> int:
    """Ask who the buyers of confirmed tasks are; again later where phones are not assigned yet. Idempotent."""
    now = timezone.now()
    due = AssemblyTask.objects.filter(account=account, buyer_due_at__lte=now).order_by("buyer_due_at")
    tasks = {task.external_id: task for task in due.only("id", "order_id", "external_id", "buyer_asked_at")[:BATCH]}
    if not tasks:
        return 0

    def work(provider: Marketplace) -> int:
        told = [info for info in _ask_buyers(provider, list(tasks)) if info.external_id in tasks]
        buyers.learn([(tasks[info.external_id], info) for info in told])
        _plan_buyers(list(tasks.values()), told, now)
        return len(told)

    return int(with_provider(account, work) or 0)


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
        verdicts = [verdict for verdict in provider.codes(ids) if verdict.external_id in by_id]
        with transaction.atomic():
            for verdict in verdicts:
                settle.judge(by_id[verdict.external_id], verdict)
            # Those without news go to the end of the line: others wait for their turn.
            MarkingCode.objects.filter(task__in=by_id.values(), state=CodeState.SENT).update(changed_at=timezone.now())
        return len(verdicts)

    return int(with_provider(account, work) or 0)
