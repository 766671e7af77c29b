"""Marking codes on their way: the outbox actions that carry them.

The other half of ``outbox``; what is queued here is sent by ``dispatch`` like everything else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from orders.enums import CODE_ACTIONS, OPEN_ACTION_STATES, ActionKind, CodeState
from orders.models import AssemblyTask, MarketplaceAccount, MarketplaceAction, MarkingCode
from orders.services import guards
from orders.services.accounts import offer_of
from orders.services.actors import SYSTEM, Actor

from . import nudge


def queue_codes(task_ids: Collection[int], *, actor: Actor = SYSTEM, now: datetime | None = None) -> int:
    """Queue the sending of codes that wait for it. Idempotent: one open action a task and kind.

    Where all codes of a task travel together they wait for each other: the marketplace refuses a part of them.
    """
    waiting = MarkingCode.objects.filter(task_id__in=task_ids, state=CodeState.PENDING)
    codes = list(waiting.select_related("task__account"))
    unfinished = _unfinished({code.task_id: code.task for code in codes})
    wanted = {
        (code.task_id, code_subject(code.task.account, code.kind)): code.task
        for code in codes
        if code.task_id not in unfinished
    }
    busy = MarketplaceAction.objects.filter(
        task_id__in=task_ids, kind__in=CODE_ACTIONS, state__in=OPEN_ACTION_STATES
    ).values_list("task_id", "subject")
    moment = now or timezone.now()
    rows = [
        _code_row(task, ActionKind.PUT_CODES, subject, actor, moment)
        for (task_id, subject), task in wanted.items()
        if (task_id, subject) not in set(busy)
    ]
    MarketplaceAction.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _unfinished(tasks: Mapping[int, AssemblyTask]) -> set[int]:
    """Those of the tasks whose codes travel together and are not all there yet."""
    together = [task for task in tasks.values() if offer_of(task.account).codes_together]
    if not together:
        return set()
    facts = guards.gather(together)
    return {task.pk for task in together if guards.codes_lacking(facts[task.pk], offer_of(task.account))}


def code_subject(account: MarketplaceAccount, kind: str) -> str:
    """Under which subject codes of a kind travel: their kind, or nothing where all of a task travel together."""
    return "" if offer_of(account).codes_together else kind


def codes_of(actions: Collection[MarketplaceAction]) -> QuerySet[MarkingCode]:
    """The codes that these actions carry; they are of one subject."""
    rows = MarkingCode.objects.filter(task_id__in=[row.task_id for row in actions])
    subjects = {row.subject for row in actions}
    return rows if subjects == {""} else rows.filter(kind__in=subjects)


def queue_deletion(task: AssemblyTask, subject: str, *, actor: Actor) -> None:
    """Ask the marketplace to forget all codes of a kind of a task. Idempotent: one open action."""
    row = _code_row(task, ActionKind.DELETE_CODES, subject, actor, timezone.now())
    MarketplaceAction.objects.bulk_create([row], ignore_conflicts=True)
    nudge.send_due(task.account_id)


def _code_row(task: AssemblyTask, kind: ActionKind, subject: str, actor: Actor, now: datetime) -> MarketplaceAction:
    return MarketplaceAction(
        task=task, account_id=task.account_id, kind=kind, subject=subject, actor=actor.user,
        source=actor.source, not_before=now,
    )  # fmt: skip
