"""What a marketplace says of tasks, written down: stage and words, and whether the buyer wants to cancel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from orders.enums import CLOSED_STAGES, OPEN_STAGES, ActionKind, AttentionKind, EntryKind, Severity
from orders.marketplaces.base import Offer, TaskStatus
from orders.models import AssemblyTask
from orders.services import attention, stages, timeline
from orders.services.actors import MARKETPLACE

#: What is read of a task to know whether there is news.
FIELDS = (
    "id", "order_id", "account_id", "external_id", "stage", "marketplace_status", "version", "assignee_id", "closed_at",
    "said_at", "cancel_requested_at", "wave_id",
)  # fmt: skip


def apply_statuses(offer: Offer, tasks: Sequence[AssemblyTask], statuses: Sequence[TaskStatus]) -> int:
    """Store what the marketplace says of tasks; returns how many changed. Idempotent: no news writes only the next check."""
    said = {status.external_id: status for status in statuses}
    plan_next(offer, tasks)
    news = [task for task in tasks if (status := said.get(task.external_id)) and is_news(task, status)]
    if news:
        _apply(offer, {task.pk: task.version for task in news}, said)
    return len(news)


def is_news(task: AssemblyTask, status: TaskStatus) -> bool:
    """Other words, or another wish to cancel, than what is stored; not when they are older than that."""
    if not status.found or _is_older(task, status):
        return False
    return dict(status.words) != task.marketplace_status or _wish_differs(task, status)


def _is_older(task: AssemblyTask, status: TaskStatus) -> bool:
    return bool(status.updated_at and task.said_at and status.updated_at < task.said_at)


def _wish_differs(task: AssemblyTask, status: TaskStatus) -> bool:
    if status.cancel_requested is None:
        return False
    return status.cancel_requested != bool(task.cancel_requested_at) and task.stage not in CLOSED_STAGES


def plan_next(offer: Offer, tasks: Sequence[AssemblyTask]) -> None:
    """When each task is asked about next: open ones soon, finished ones for 30 more days, slower. One statement."""
    now = timezone.now()
    over = now - timedelta(days=stages.CLOSED_SWEEP_DAYS)
    AssemblyTask.objects.filter(pk__in=[task.pk for task in tasks]).update(
        sweep_at=Case(
            When(stage__in=OPEN_STAGES, then=Value(now + offer.sweep)),
            When(closed_at__gt=over, then=Value(now + stages.CLOSED_SWEEP)),
            default=Value(None),
        )
    )


@transaction.atomic
def _apply(offer: Offer, versions: dict[int, int], said: dict[str, TaskStatus]) -> None:
    """A task that moved since it was read is left to the next time: the answer may be older than the move."""
    locked = [task for task in stages.lock(versions) if task.version == versions[task.pk]]
    write(offer, [(task, said[task.external_id]) for task in locked])


def write(offer: Offer, pairs: Sequence[tuple[AssemblyTask, TaskStatus]]) -> None:
    """Store the words said of locked tasks. Idempotent: what is no news writes nothing. Needs a transaction.

    A fixed number of statements for each pair of old and new words, however many tasks.
    """
    news = [(task, status) for task, status in pairs if is_news(task, status)]
    other = [(task, status) for task, status in news if dict(status.words) != task.marketplace_status]
    unknown = [(task, status) for task, status in other if status.stage is None]
    same = [(task, status) for task, status in other if _same_stage(offer, task, status)]
    moves = [
        stages.Move(task, status.stage, status.words, happened_at=status.updated_at)
        for task, status in other
        if status.stage is not None and not _same_stage(offer, task, status)
    ]
    _note_wishes(offer, [(task, status) for task, status in news if _wish_differs(task, status)])
    stages.move_many(moves, actor=MARKETPLACE)
    _store_words(same + unknown)
    raise_unknown(unknown)
    _remember_times(news)


def _same_stage(offer: Offer, task: AssemblyTask, status: TaskStatus) -> bool:
    if status.stage is None:
        return False
    return status.stage == task.stage or task.stage in offer.covers.get(status.stage, frozenset())


def _remember_times(pairs: Sequence[tuple[AssemblyTask, TaskStatus]]) -> None:
    dated = [(task, status.updated_at) for task, status in pairs if status.updated_at]
    for task, moment in dated:
        task.said_at = moment
    AssemblyTask.objects.bulk_update([task for task, _moment in dated], ["said_at"])


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
        facts.append(
            timeline.about(
                task, EntryKind.STATUS, MARKETPLACE, key, code=words, status=task.stage, happened_at=status.updated_at
            )
        )
    for said, ids in by_words.items():
        rows = AssemblyTask.objects.filter(pk__in=ids)
        rows.update(marketplace_status=dict(said), updated_at=now, moved_at=now, version=F("version") + 1)
    timeline.record(facts, now=now)


def raise_unknown(pairs: Sequence[tuple[AssemblyTask, TaskStatus]]) -> None:
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


def _note_wishes(offer: Offer, pairs: Sequence[tuple[AssemblyTask, TaskStatus]]) -> None:
    """The buyer asks to cancel, or does so no longer: the clock of the answer, the timeline, a question for a person."""
    now = timezone.now()
    asked = [(task, status.updated_at or now) for task, status in pairs if status.cancel_requested]
    over = [task for task, status in pairs if not status.cancel_requested]
    for task, moment in asked:
        task.cancel_requested_at = moment
    AssemblyTask.objects.bulk_update([task for task, _moment in asked], ["cancel_requested_at"])
    facts = [_wish_fact(task, EntryKind.CANCEL_REQUESTED, moment) for task, moment in asked]
    facts += [_wish_fact(task, EntryKind.CANCEL_WITHDRAWN, None) for task in over]
    timeline.record(facts, now=now)
    attention.open_many([wish_question(offer, task, moment) for task, moment in asked], now=now)
    if over:
        AssemblyTask.objects.filter(pk__in=[task.pk for task in over]).update(cancel_requested_at=None)
        attention.settle_many([stages.wish_key(task) for task in over], actor=MARKETPLACE)
    for task in over:
        task.cancel_requested_at = None


def _wish_fact(task: AssemblyTask, kind: EntryKind, moment: datetime | None) -> timeline.Fact:
    key = moment.isoformat() if moment else f"{task.cancel_requested_at}"
    return timeline.about(task, kind, MARKETPLACE, key, happened_at=moment)


def wish_question(offer: Offer, task: AssemblyTask, moment: datetime) -> attention.Question:
    """The question a buyer's wish to cancel raises; ``until`` is when it cancels by itself. ``answer``: whether it can be
    answered at this stage.
    """
    word = task.marketplace_status.get(offer.step_word, "")
    facts = {
        "until": (moment + offer.approval).isoformat(),
        "answer": word in offer.details.get(ActionKind.ACCEPT_CANCEL, frozenset()),
    }
    return attention.Question(
        AttentionKind.CANCEL_REQUESTED, stages.wish_key(task), Severity.URGENT, account_id=task.account_id,
        order_id=task.order_id, task_id=task.pk, facts=facts,
    )  # fmt: skip
