"""Who assembles what: two people cannot have the same task."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict
from orders.enums import CLOSED_STAGES, EntryKind
from orders.models import AssemblyTask

from . import stages, timeline
from .actors import Actor


@transaction.atomic
def take(task_id: int, *, actor: Actor, take_over: bool = False) -> AssemblyTask:
    """Make the task the actor's. Idempotent for its owner; raises ``Conflict`` naming who has it unless ``take_over``."""
    task = _locked(task_id)
    if task.assignee_id == actor.user_id:
        return task
    if task.assignee_id and not take_over:
        owner = task.assignee.short_name if task.assignee else ""
        text = _("%(name)s has taken this task. Take it over?") % {"name": owner}
        raise Conflict("taken", text, assignee=task.assignee_id)
    return _assign(task, actor, EntryKind.ASSIGNED)


@transaction.atomic
def release(task_id: int, *, actor: Actor) -> AssemblyTask:
    """Give the task back to everybody. Idempotent."""
    task = _locked(task_id)
    return task if task.assignee_id is None else _assign(task, Actor(actor.source, actor.user), EntryKind.RELEASED)


def _locked(task_id: int) -> AssemblyTask:
    found = stages.lock([task_id])
    if not found:
        raise Conflict("not_found", _("There is no such task."))
    if found[0].stage in CLOSED_STAGES:
        raise Conflict("stage", _("This task is closed."))
    return found[0]


def _assign(task: AssemblyTask, actor: Actor, kind: EntryKind) -> AssemblyTask:
    now = timezone.now()
    owner = actor.user if kind == EntryKind.ASSIGNED else None
    changed = AssemblyTask.objects.filter(pk=task.pk, assignee_id=task.assignee_id).update(
        assignee=owner, taken_at=now if owner else None, updated_at=now
    )
    if not changed:
        raise Conflict("stale", _("Somebody else has changed it meanwhile."))
    timeline.record([timeline.about(task, kind, actor, now.isoformat())], now=now)
    task.assignee, task.taken_at = owner, now if owner else None
    return task
