"""Who assembles what: two people cannot have the same task."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict
from orders.enums import CLOSED_STAGES, EntryKind
from orders.models import AssemblyTask
from orders.services import stages, timeline
from orders.services.actors import Actor

from . import endings


@transaction.atomic
def take(task_id: int, *, actor: Actor, take_over: bool = False) -> AssemblyTask:
    """Make the task the actor's. Idempotent for its owner; raises ``Conflict`` naming who has it unless ``take_over``."""
    task = lock_open(task_id)
    if task.assignee_id == actor.user_id:
        return task
    if not take_over:
        refuse_other(task, actor)
    return _assign(task, actor, EntryKind.ASSIGNED)


def refuse_other(task: AssemblyTask, actor: Actor) -> None:
    """Raises ``Conflict`` ("taken") when somebody else has the task."""
    if task.assignee_id and task.assignee_id != actor.user_id:
        owner = task.assignee.short_name if task.assignee else ""
        text = _("%(name)s has taken this task. Take it over?") % {"name": owner}
        raise Conflict("taken", text, assignee=task.assignee_id)


def take_locked(task: AssemblyTask, *, actor: Actor) -> None:
    """Who works on a task that nobody has makes it his. Idempotent; the task has to be locked."""
    if task.assignee_id is None and actor.user is not None:
        _assign(task, actor, EntryKind.ASSIGNED)


@transaction.atomic
def release(task_id: int, *, actor: Actor) -> AssemblyTask:
    """Give the task back to everybody. Idempotent."""
    task = lock_open(task_id)
    return task if task.assignee_id is None else _assign(task, Actor(actor.source, actor.user), EntryKind.RELEASED)


def hand_out(tasks: Sequence[AssemblyTask], *, actor: Actor, wave_id: int | None) -> None:
    """Give locked tasks to the actor, in a wave or without one: two statements, however many.

    Guarded: raises ``Conflict`` when one of them is somebody else's.
    """
    if not tasks:
        return
    now = timezone.now()
    rows = AssemblyTask.objects.filter(pk__in=[task.pk for task in tasks])
    mine = Q(assignee=None) | Q(assignee=actor.user)
    if rows.filter(mine).update(assignee=actor.user, wave=wave_id, taken_at=now, updated_at=now) != len(tasks):
        raise Conflict("stale", _("Somebody else has changed it meanwhile."))
    fresh = [task for task in tasks if task.assignee_id is None]
    timeline.record([timeline.about(task, EntryKind.ASSIGNED, actor, now.isoformat()) for task in fresh], now=now)


def give_back(tasks: Sequence[AssemblyTask], *, actor: Actor) -> None:
    """Give locked tasks back to everybody, out of their wave: two statements, however many."""
    if not tasks:
        return
    now = timezone.now()
    rows = AssemblyTask.objects.filter(pk__in=[task.pk for task in tasks])
    rows.update(assignee=None, wave=None, taken_at=None, updated_at=now)
    timeline.record([timeline.about(task, EntryKind.RELEASED, actor, now.isoformat()) for task in tasks], now=now)


def lock_open(task_id: int) -> AssemblyTask:
    """A task that is not closed, locked. Raises ``Conflict`` when it is, or does not exist. Needs a transaction."""
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
        assignee=owner, wave=None, taken_at=now if owner else None, updated_at=now
    )
    if not changed:
        raise Conflict("stale", _("Somebody else has changed it meanwhile."))
    timeline.record([timeline.about(task, kind, actor, now.isoformat())], now=now)
    endings.close_waves({task.wave_id} if task.wave_id else ())  # it has left the wave of its owner
    task.assignee, task.wave, task.taken_at = owner, None, now if owner else None
    return task
