"""One action on many tasks: a rehearsal on a frozen list of ids, then a run with a result a row."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict, DomainError, Invalid
from backoffice.models import User
from orders.enums import ActionKind, ActionState
from orders.models import AssemblyTask, BulkRun, MarketplaceAccount, MarketplaceAction
from orders.services import guards
from orders.services.actors import Actor

from . import outbox

#: What a person may do to many tasks at once: nothing that needs a code of a buyer, nothing that cannot be undone.
BULK_KINDS = (ActionKind.CONFIRM, ActionKind.READY, ActionKind.DELIVER)
MOST = 1000


@dataclass(slots=True)
class Rehearsal:
    """Tasks by what would become of them."""

    will_do: list[AssemblyTask] = field(default_factory=list)
    will_fail: list[tuple[AssemblyTask, guards.Refusal]] = field(default_factory=list)
    already: list[AssemblyTask] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Row:
    """One task of a run: ``state`` is an action state, or ``refused`` when it never got into the outbox."""

    task: AssemblyTask
    state: str
    text: str = ""
    action: MarketplaceAction | None = None


def freeze(task_ids: Sequence[int], kind: str, *, actor: Actor) -> BulkRun:
    """Keep the chosen ids. Nothing is asked of anybody yet. Raises ``Invalid`` for an empty list or an action not made for many."""
    ids = list(dict.fromkeys(task_ids))
    if kind not in BULK_KINDS:
        raise Invalid("kind", _("This action is not made for many tasks at once."))
    if not ids:
        raise Invalid("empty", _("Choose at least one task."))
    if len(ids) > MOST:
        raise Invalid("too_many", _("At most %(most)d tasks at once.") % {"most": MOST})
    return BulkRun.objects.create(kind=kind, actor=_person(actor), task_ids=ids)


def _person(actor: Actor) -> User:
    if actor.user is None:
        raise Invalid("actor", _("Only a person or a program can start a bulk run."))
    return actor.user


def rehearse(run: BulkRun) -> Rehearsal:
    """What would happen if it were started now. Reads only."""
    tasks = list(
        AssemblyTask.objects.filter(pk__in=run.task_ids).select_related("account").order_by("deadline_at", "pk")
    )
    accounts = MarketplaceAccount.objects.in_bulk({task.account_id for task in tasks})
    offers = {pk: outbox.offer_of(account) for pk, account in accounts.items()}
    facts = guards.gather(tasks)
    found = Rehearsal()
    for task in tasks:
        refusal = guards.why_not(facts[task.pk], ActionKind(run.kind), offers[task.account_id])
        if refusal is None:
            found.will_do.append(task)
        elif refusal.code in ("already_done", "already_queued"):
            found.already.append(task)
        else:
            found.will_fail.append((task, refusal))
    return found


@transaction.atomic
def start(run_id: uuid.UUID, *, actor: Actor) -> BulkRun:
    """Ask for the action on the frozen list. Guarded by compare-and-set: a run starts once, however often the form is posted."""
    mine = BulkRun.objects.filter(pk=run_id, actor=actor.user)
    started = mine.filter(started_at=None).update(started_at=timezone.now())
    run = mine.first()
    if run is None:
        raise Conflict("not_found", _("There is no such run."))
    if started:
        _ask(run, run.task_ids, actor)
    return run


@transaction.atomic
def retry(run_id: uuid.UUID, *, actor: Actor) -> BulkRun:
    """Ask again for what failed or was refused. Idempotent: what is under way or done is left alone."""
    mine = BulkRun.objects.select_for_update().filter(pk=run_id, actor=actor.user)
    run = mine.exclude(started_at=None).first()
    if run is None:
        raise Conflict("not_found", _("There is no such run."))
    failed = [row.task.pk for row in result(run) if row.state in ("refused", ActionState.FAILED, ActionState.CANCELLED)]
    _ask(run, failed, actor)
    return run


def _ask(run: BulkRun, task_ids: Sequence[int], actor: Actor) -> None:
    outcomes = outbox.request_many(task_ids, outbox.Wish(ActionKind(run.kind)), actor=actor)
    refused, actions = dict(run.refused), dict(run.action_ids)
    for task_id, outcome in outcomes.items():
        key = str(task_id)
        refused.pop(key, None)
        if isinstance(outcome, DomainError):
            refused[key] = str(outcome.message)
        else:
            actions[key] = outcome.pk
    BulkRun.objects.filter(pk=run.pk).update(refused=refused, action_ids=actions)
    run.refused, run.action_ids = refused, actions


def result(run: BulkRun) -> list[Row]:
    """A row a task, in the order they were chosen. Two statements."""
    tasks = AssemblyTask.objects.select_related("account").in_bulk(run.task_ids)
    actions = MarketplaceAction.objects.in_bulk(list(run.action_ids.values()))
    return [_row(run, tasks[pk], actions) for pk in run.task_ids if pk in tasks]


def _row(run: BulkRun, task: AssemblyTask, actions: dict[int, MarketplaceAction]) -> Row:
    key = str(task.pk)
    if key in run.refused:
        return Row(task, "refused", run.refused[key])
    action = actions.get(run.action_ids.get(key, 0))
    if action is None:
        return Row(task, ActionState.QUEUED)
    return Row(task, action.state, action.error_detail or action.error_code, action)
