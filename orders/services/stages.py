"""The only writer of ``AssemblyTask.stage`` and ``Order.stage``: by table and compare-and-set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict
from orders.enums import (
    CLOSED_STAGES,
    LIVE_CODE_STATES,
    AttentionKind,
    CodeState,
    EntryKind,
    Severity,
    Source,
    Stage,
)
from orders.models import AssemblyTask, MarkingCode, Order
from orders.transitions import is_step_back, order_stage

from . import attention, timeline
from .actors import Actor
from .warehouse import endings

OPEN_SWEEP = timedelta(seconds=55)
CLOSED_SWEEP = timedelta(hours=1)
CLOSED_SWEEP_DAYS = 30
#: Stages that free the codes of a task: its goods are back with us.
_RELEASING = (Stage.CANCELLED, Stage.REJECTED, Stage.RETURNED)
_IN_WORK = (Stage.ASSEMBLING, Stage.READY)


@dataclass(frozen=True, slots=True)
class Move:
    """``words``: the marketplace's raw status to store beside the stage; None leaves it as it is.

    ``happened_at``: the marketplace's own time of it; None where it did not say.
    """

    task: AssemblyTask
    to: Stage
    words: Mapping[str, str] | None = None
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    happened_at: datetime | None = None

    @property
    def old(self) -> Stage:
        return Stage(self.task.stage)

    @property
    def step_back(self) -> bool:
        return is_step_back(self.old, self.to)


def lock(ids: Iterable[int]) -> list[AssemblyTask]:
    """Tasks read for writing, always in the same order, so that two writers cannot lock each other out."""
    rows = AssemblyTask.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=list(ids)).order_by("pk")
    return list(rows)


def move(
    task: AssemblyTask, to: Stage, *, actor: Actor, words: Mapping[str, str] | None = None, reason: str = ""
) -> None:
    """Move one task. Guarded: raises ``Conflict`` when the table does not allow it or another writer was faster."""
    move_many([Move(task, to, words, reason)], actor=actor)


@transaction.atomic
def move_many(moves: Sequence[Move], *, actor: Actor, now: datetime | None = None) -> None:
    """Move tasks in a fixed number of statements a kind of move; timeline, order stages, codes and attention with them.

    Guarded by compare-and-set on stage and version. A step back is refused to everybody but the marketplace, whose word is
    stored, recorded as a correction and raised.
    """
    if not moves:
        return
    moment = now or timezone.now()
    _refuse_steps_back(moves, actor)
    for group in _groups(moves):
        _write(group, moment)
    timeline.record([_fact(item, actor) for item in moves], now=moment)
    _free_codes(moves)
    _forget_wishes(moves, actor)
    endings.moved([(item.task, item.to) for item in moves], actor=actor, now=moment)
    refresh_orders({item.task.order_id for item in moves}, now=moment)
    attention.open_many(_questions(moves, actor), now=moment)
    for item in moves:
        _reflect(item)


def _refuse_steps_back(moves: Sequence[Move], actor: Actor) -> None:
    if actor.source == Source.MARKETPLACE:
        return
    for item in moves:
        if item.step_back or item.to == item.old:
            raise Conflict("stage", _("The stage does not allow it."), stage=item.old.value, to=item.to.value)


def _groups(moves: Sequence[Move]) -> list[list[Move]]:
    """Moves that one statement can write: same old stage, new stage and words."""
    found: dict[tuple[Any, ...], list[Move]] = defaultdict(list)
    for item in moves:
        words = None if item.words is None else tuple(sorted(item.words.items()))
        found[item.old, item.to, words].append(item)
    return list(found.values())


def _write(group: Sequence[Move], now: datetime) -> None:
    first = group[0]
    closed = first.to in CLOSED_STAGES
    changes: dict[str, Any] = {
        "stage": first.to,
        "updated_at": now,
        "moved_at": now,
        "version": F("version") + 1,
        "closed_at": now if closed else None,
        "sweep_at": now + (CLOSED_SWEEP if closed else OPEN_SWEEP),
    }
    if first.words is not None:
        changes["marketplace_status"] = dict(first.words)
    if first.to not in CLOSED_STAGES and first.old in (Stage.WAITING, Stage.NEW):
        changes["buyer_due_at"] = now  # buyers are told from here on
    if closed:
        changes["buyer_due_at"] = changes["cancel_requested_at"] = None
    ids = [item.task.pk for item in group]
    rows = AssemblyTask.objects.filter(pk__in=ids, stage=first.old).update(**changes)
    if rows != len(ids):
        raise Conflict("stale", _("Somebody else has changed it meanwhile."), stage=first.old.value, to=first.to.value)


def _fact(item: Move, actor: Actor) -> timeline.Fact:
    return timeline.about(
        item.task,
        EntryKind.STAGE,
        actor,
        f"{item.task.version + 1}:{item.to}",
        code=_raw_words(item),
        status=item.to.value,
        data={"from": item.old.value, **({"reason": item.reason} if item.reason else {}), **item.data},
        happened_at=item.happened_at,
        correction=item.step_back,
    )


def _raw_words(item: Move) -> str:
    return " / ".join(item.words.values()) if item.words else ""


def _free_codes(moves: Sequence[Move]) -> None:
    freed = [item.task.pk for item in moves if item.to in _RELEASING]
    if freed:
        live = MarkingCode.objects.filter(task_id__in=freed, state__in=LIVE_CODE_STATES)
        live.update(state=CodeState.RELEASED, changed_at=timezone.now())


def wish_key(task: AssemblyTask) -> str:
    """Key of the question that a buyer's wish to cancel raises."""
    return f"{AttentionKind.CANCEL_REQUESTED}:task:{task.pk}"


def _forget_wishes(moves: Sequence[Move], actor: Actor) -> None:
    """A closed task has nothing left to cancel."""
    over = [item.task for item in moves if item.to in CLOSED_STAGES and item.task.cancel_requested_at]
    attention.settle_many([wish_key(task) for task in over], actor=actor)


def _questions(moves: Sequence[Move], actor: Actor) -> list[attention.Question]:
    found = []
    for item in moves:
        if item.step_back:
            found.append(_question(item, AttentionKind.CORRECTION, Severity.WARNING))
        elif item.to == Stage.CANCELLED and item.old in _IN_WORK and actor.source == Source.MARKETPLACE:
            found.append(_question(item, AttentionKind.CANCELLED_IN_WORK, Severity.URGENT))
    return found


def _question(item: Move, kind: AttentionKind, severity: Severity) -> attention.Question:
    return attention.Question(
        kind=kind,
        severity=severity,
        key=f"{kind}:task:{item.task.pk}",
        account_id=item.task.account_id,
        order_id=item.task.order_id,
        task_id=item.task.pk,
        facts={"from": item.old.value, "to": item.to.value, "words": _raw_words(item)},
    )


def refresh_orders(order_ids: Collection[int], *, now: datetime) -> None:
    """Bring the stage of orders in line with their tasks. Idempotent. Needs a transaction.

    The orders are locked before their tasks are read: of two writers that move two tasks of one order, the second sees both.
    """
    list(Order.objects.select_for_update(no_key=True).filter(pk__in=order_ids).order_by("pk").values_list("pk"))
    stages: dict[int, list[Stage]] = defaultdict(list)
    rows = AssemblyTask.objects.filter(order_id__in=order_ids).values_list("order_id", "stage")
    for order_id, stage in rows:
        stages[order_id].append(Stage(stage))
    by_stage: dict[Stage, list[int]] = defaultdict(list)
    for order_id, present in stages.items():
        by_stage[order_stage(present)].append(order_id)
    for stage, ids in by_stage.items():
        Order.objects.filter(pk__in=ids).update(stage=stage, updated_at=now)


def _reflect(item: Move) -> None:
    """Let the caller's object show what the database now holds."""
    item.task.stage = item.to
    item.task.version += 1
    if item.words is not None:
        item.task.marketplace_status = dict(item.words)
