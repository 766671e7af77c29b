"""What ends on the floor when tasks move on: waves in which nothing is left to be packed, shortages nobody waits for any more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from orders.enums import CLOSED_STAGES, AttentionKind, EntryKind, Stage
from orders.models import AssemblyTask, Shortage, Wave
from orders.services import attention, timeline
from orders.services.actors import Actor

#: A task of these has to be packed yet.
TO_PACK = (Stage.NEW, Stage.ASSEMBLING)


class How(StrEnum):
    """How a shortage was settled; the words are in ``orders.floorwords``."""

    FOUND = "found"
    PACKED = "packed"
    CLOSED = "closed"
    CHANGED = "changed"


def close_waves(wave_ids: Collection[int], *, now: datetime | None = None) -> None:
    """Close waves with nothing left to be packed. Idempotent. Two statements; needs a transaction.

    The waves are locked first: of two writers that pack the last two tasks, the second sees both.
    """
    if not wave_ids:
        return
    rows = Wave.objects.filter(pk__in=wave_ids, closed_at=None)
    list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    left = AssemblyTask.objects.filter(wave=OuterRef("pk"), stage__in=TO_PACK)
    rows.filter(~Exists(left)).update(closed_at=now or timezone.now())


def moved(pairs: Sequence[tuple[AssemblyTask, Stage]], *, actor: Actor, now: datetime) -> None:
    """After tasks went to these stages. Idempotent. One statement for their shortages, two more for their waves if they are in one."""
    done = [(task, stage) for task, stage in pairs if stage not in (Stage.WAITING, *TO_PACK)]
    if not done:
        return
    close_waves({task.wave_id for task, _stage in done if task.wave_id}, now=now)
    closed = {task.pk for task, stage in done if stage in CLOSED_STAGES}
    rows = list(_open().filter(item__task_id__in=[task.pk for task, _stage in done]))
    end([row for row in rows if row.item.task_id in closed], How.CLOSED, actor=actor, now=now)
    end([row for row in rows if row.item.task_id not in closed], How.PACKED, actor=actor, now=now)


def changed(item_ids: Collection[int], *, actor: Actor, now: datetime) -> None:
    """After so much of these items is wanted no more. Idempotent. One statement where nothing was missing."""
    if item_ids:
        end(list(_open().filter(item_id__in=item_ids)), How.CHANGED, actor=actor, now=now)


def end(rows: Sequence[Shortage], how: How, *, actor: Actor, now: datetime) -> None:
    """Settle open shortages, read with their items and tasks. Idempotent; needs a transaction."""
    if not rows:
        return
    open_rows = Shortage.objects.filter(pk__in=[row.pk for row in rows], settled_at=None)
    open_rows.update(settled_at=now, settled_by=actor.user)
    facts = [
        timeline.about(
            row.item.task, EntryKind.SHORTAGE_SETTLED, actor, str(row.pk), code=how.value,
            data={"article": row.item.article},
        )
        for row in rows
    ]  # fmt: skip
    timeline.record(facts, now=now)
    attention.settle_many([question_key(row.item_id) for row in rows], actor=actor)


def question_key(item_id: int) -> str:
    """Key of the question that a shortage raises."""
    return f"{AttentionKind.SHORTAGE}:item:{item_id}"


def _open() -> QuerySet[Shortage]:
    return Shortage.objects.filter(settled_at=None).select_related("item__task")
