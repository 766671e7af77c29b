"""Waves: tasks that one person assembles together, and the next task of somebody who works one by one.

Two people never get the same task: what is free is locked while it is given out, and the write takes only what is still free.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict, Invalid
from orders.enums import OPEN_ACTION_STATES, ActionKind
from orders.models import AssemblyTask, MarketplaceAction, Shortage, TaskItem, Wave
from orders.services import stages
from orders.services.actors import Actor

from . import assembly, endings, training
from .endings import TO_PACK

#: More than a trolley holds.
MOST = 50
#: Who has asked for one of these has packed the task, or packs it no more.
_PACKING = (ActionKind.READY, ActionKind.DELIVER, ActionKind.CANCEL)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which free tasks are wanted. ``single_first``: those of one article before the others."""

    account_id: int | None = None
    delivery_type: str = ""
    single_first: bool = False


ANY = Choice()


def to_pack() -> Q:
    """Tasks that wait to be packed: not those whose packing has been asked for."""
    asked = MarketplaceAction.objects.filter(task=OuterRef("pk"), state__in=OPEN_ACTION_STATES, kind__in=_PACKING)
    return Q(~Exists(asked), stage__in=TO_PACK)


def free(choice: Choice = ANY, *, exercises: bool = False) -> QuerySet[AssemblyTask]:
    """Tasks that somebody may begin, in the order in which they are given out. ``exercises``: only those, else none.

    Not among them: what somebody has, what the buyer wants to cancel, what waits for goods, tests and exercises.
    """
    missing = Shortage.objects.filter(item__task=OuterRef("pk"), settled_at=None)
    rows = AssemblyTask.objects.filter(to_pack(), ~Exists(missing), assignee=None, cancel_requested_at=None)
    rows = rows.filter(account__training=True) if exercises else rows.filter(is_test=False)
    if choice.account_id is not None:
        rows = rows.filter(account_id=choice.account_id)
    if choice.delivery_type:
        rows = rows.filter(delivery_type=choice.delivery_type)
    if not choice.single_first:
        return rows.order_by("deadline_at", "pk")
    return rows.annotate(several=_has_several()).order_by("several", "deadline_at", "pk")


def _has_several() -> Exists:
    """Whether a task has more than one article."""
    articles = TaskItem.objects.filter(task=OuterRef("pk"), quantity__gt=0).order_by().values("task")
    return Exists(articles.annotate(count=Count("article", distinct=True)).filter(count__gt=1))


def open_of(actor: Actor) -> Wave | None:
    """The wave a person has open on the side he is on (``Actor.training``): one statement."""
    rows = Wave.objects.filter(picker_id=actor.user_id, closed_at=None)
    return of_side(rows, actor.training).first() if actor.user_id else None


def of_side(rows: QuerySet[Wave], on: bool | None) -> QuerySet[Wave]:
    """Waves without tasks of the other side; None: all. A wave has no side of its own, and one without tasks fits both."""
    if on is None:
        return rows
    return rows.filter(~Exists(AssemblyTask.objects.filter(wave=OuterRef("pk"), account__training=not on)))


def start(count: int, choice: Choice = ANY, *, actor: Actor) -> Wave:
    """Give the most urgent free tasks to the actor as a wave. Idempotent: the wave he has open. Six statements, however many.

    A wave of exercises left open is given back before real work. Raises ``Invalid`` for a count out of bounds and
    ``Conflict``: "nothing" when no task is free, "wave_open" in training while a wave of real tasks is open.
    """
    if not 1 <= count <= MOST:
        raise Invalid("count", _("A wave has 1 to %(most)d tasks.") % {"most": MOST})
    if actor.user is None:
        raise Invalid("actor", _("Only a person can assemble a wave."))
    try:
        with transaction.atomic():
            return open_of(actor) or _start(count, choice, actor)
    except IntegrityError:  # the same person at the same moment, or on the other side
        wave = open_of(actor)
        if wave is not None:
            return wave
        leave_other_side(actor)
    with transaction.atomic():
        return _start(count, choice, actor)


def leave_other_side(actor: Actor) -> None:
    """Give back exercises that a person holds as a wave. Idempotent. Raises ``Conflict`` ("wave_open") for a wave of real tasks."""
    wave = open_of(replace(actor, training=None))
    if wave is None:
        return
    if training.sides("wave", [wave.pk]) != {True}:
        raise Conflict("wave_open", _("You have a wave of real tasks. Finish it or give it back first."))
    close(wave.pk, actor=actor)


def _start(count: int, choice: Choice, actor: Actor) -> Wave:
    wave = Wave.objects.create(picker=actor.user)  # first, so that a second window of the same person waits here
    tasks = _claim(count, choice, actor)
    if not tasks:
        raise Conflict("nothing", _("No task waits for somebody. New ones come in by themselves."))
    assembly.hand_out(tasks, actor=actor, wave_id=wave.pk)
    _give_slots(wave, tasks)
    return wave


def slots(wave: Wave, task_ids: Iterable[int]) -> Mapping[int, int]:
    """The number from 1 that each task of a wave has, ``task_ids`` in the order in which those without one get it.

    A task keeps its number when another leaves the wave or a deadline moves: goods lie in its place.
    """
    return {pk: number for number, pk in enumerate(dict.fromkeys([*wave.slots, *task_ids]), start=1)}


def _give_slots(wave: Wave, tasks: Sequence[AssemblyTask]) -> None:
    """Numbers for tasks that came into a locked or new wave: one statement. Idempotent."""
    wave.slots = list(slots(wave, [task.pk for task in tasks]))
    wave.save(update_fields=["slots"])


def _claim(count: int, choice: Choice, actor: Actor) -> list[AssemblyTask]:
    """Free tasks, locked; those that somebody else is being given right now are passed over. Needs a transaction."""
    rows = free(choice, exercises=bool(actor.training))
    return list(rows.select_for_update(of=("self",), no_key=True, skip_locked=True)[:count])


def next_task(
    wave_id: int | None = None, *, actor: Actor, after: int | None = None, choice: Choice = ANY
) -> AssemblyTask | None:
    """The task to go on with: of this wave or the one the actor has open, else the most urgent free one, which becomes his.

    ``after``: the task he comes from. None when nothing waits.
    """
    wave = open_of(actor)
    if wave is not None and wave_id in (None, wave.pk):
        following = next_in_wave(wave.pk, after=after)
        if following is not None:
            return following
    with transaction.atomic():
        tasks = _claim(1, choice, actor)
        assembly.hand_out(tasks, actor=actor, wave_id=None)
    return tasks[0] if tasks else None


def next_in_wave(wave_id: int, *, after: int | None = None) -> AssemblyTask | None:
    """The task of the wave to go on with: not packed, the most urgent after ``after`` and then from the beginning.

    Those that wait for goods come last. None when there is no other. One statement.
    """
    missing = Exists(Shortage.objects.filter(item__task=OuterRef("pk"), settled_at=None))
    rows = AssemblyTask.objects.filter(to_pack() | Q(pk=after), wave_id=wave_id).annotate(missing=missing)
    tasks = list(rows.order_by("deadline_at", "pk"))
    at = next((n for n, task in enumerate(tasks) if task.pk == after), -1)
    others = [task for task in [*tasks[at + 1 :], *tasks[: at + 1]] if task.pk != after]
    return min(others, key=lambda task: bool(vars(task)["missing"]), default=None)


@transaction.atomic
def add(wave_id: int, task_id: int, *, actor: Actor) -> AssemblyTask:
    """Put a task into an open wave; it becomes its picker's. Idempotent.

    Raises ``Conflict``: "closed", "stage" when it is packed already, "taken" when somebody else has it.
    """
    task = assembly.lock_open(task_id)
    wave = _open_wave(wave_id)
    if wave.picker_id != actor.user_id:
        raise Conflict("taken", _("This wave is somebody else's."))
    if task.wave_id == wave.pk:
        return task
    if task.stage not in TO_PACK:
        raise Conflict("stage", _("This task is packed already."))
    assembly.refuse_other(task, actor)
    training.refuse_other_side(task, actor)
    left = task.wave_id
    assembly.hand_out([task], actor=actor, wave_id=wave.pk)
    _give_slots(wave, [task])
    endings.close_waves({left} if left else ())
    return task


def _open_wave(wave_id: int) -> Wave:
    wave = Wave.objects.select_for_update(no_key=True).filter(pk=wave_id).first()
    if wave is None:
        raise Conflict("not_found", _("There is no such wave."))
    if wave.closed_at is not None:
        raise Conflict("closed", _("This wave is closed."))
    return wave


@transaction.atomic
def remove(wave_id: int, task_id: int, *, actor: Actor, lead: bool = False) -> None:
    """Take a task out of a wave and give it back to everybody. Idempotent; a packed one stays where it is (``Conflict``).

    Raises ``Conflict`` ("taken") for somebody else's wave, unless the actor leads (``lead``).
    """
    task = assembly.lock_open(task_id)
    if task.wave_id != wave_id:
        return
    refuse_stranger(Wave.objects.select_related("picker").get(pk=wave_id), actor, lead=lead)
    if task.stage not in TO_PACK:
        raise Conflict("stage", _("This task is packed already."))
    assembly.give_back([task], actor=actor)
    endings.close_waves([wave_id])


@transaction.atomic
def close(wave_id: int, *, actor: Actor, lead: bool = False) -> int:
    """Close a wave; tasks that were not packed are given back. Returns how many. Idempotent: a closed one stays closed.

    Raises ``Conflict`` ("taken") for somebody else's wave, unless the actor leads (``lead``).
    """
    tasks = stages.lock(_left(wave_id).values_list("pk", flat=True))
    wave = Wave.objects.select_for_update(no_key=True).filter(pk=wave_id).first()
    if wave is None:
        raise Conflict("not_found", _("There is no such wave."))
    if wave.closed_at is not None:
        return 0
    refuse_stranger(wave, actor, lead=lead)
    back = [task for task in tasks if task.wave_id == wave_id and task.stage in TO_PACK]
    assembly.give_back(back, actor=actor)
    Wave.objects.filter(pk=wave.pk, closed_at=None).update(closed_at=timezone.now())
    return len(back)


def refuse_stranger(wave: Wave, actor: Actor, *, lead: bool) -> None:
    """Raises ``Conflict`` ("taken") unless the wave is the actor's or he leads those who pick."""
    if wave.picker_id == actor.user_id or lead:
        return
    if wave.picker is None:
        raise Conflict("taken", _("Nobody has this wave any more: the shift lead can close it."))
    text = _("This is the wave of %(name)s: only its picker or the shift lead can end it.")
    raise Conflict("taken", text % {"name": wave.picker.short_name})


def refuse_other(wave_id: int, actor: Actor) -> None:
    """Raises ``Conflict`` ("taken") unless the wave is the actor's own: nobody works in the wave of another."""
    wave = Wave.objects.select_related("picker").filter(pk=wave_id).first()
    if wave is None:
        raise Conflict("not_found", _("There is no such wave."))
    if wave.picker_id != actor.user_id:
        name = wave.picker.short_name if wave.picker else "—"
        raise Conflict("taken", _("This is the wave of %(name)s.") % {"name": name})


def _left(wave_id: int) -> QuerySet[AssemblyTask]:
    return AssemblyTask.objects.filter(to_pack(), wave_id=wave_id)
