"""What one number or code leads to: the task, order or parcel that has exactly it, or the task of a wave that waits for it."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orders import codes as reading
from orders.enums import LIVE_CODE_STATES, CodeState, ScanOutcome, Stage
from orders.models import AssemblyTask, MarkingCode, Order, Scan, Shipment, TaskItem, Wave
from orders.services import guards

from . import marking, picking, waves
from .scanning import barcodes_of, held_by
from .training import sides, visible

#: Numbers of orders and parcels are shorter.
LONGEST_NUMBER = 80
#: Tasks of a wave that are looked at.
MOST_TASKS = 200


@dataclass(frozen=True, slots=True)
class There:
    """``what`` is "task" or "order"."""

    what: str
    pk: int


def number(text: str, *, training: bool | None = None) -> There | None:
    """The one task, order or parcel with exactly this number; three statements at most. ``training``: among exercises only."""
    wanted = text.strip()[:LONGEST_NUMBER]
    if not wanted:
        return None
    tasks = list(visible(AssemblyTask.objects.filter(external_id=wanted), training).values_list("pk", flat=True)[:2])
    if len(tasks) == 1:
        return There("task", tasks[0])
    orders = list(visible(Order.objects.filter(external_id=wanted), training).values_list("pk", flat=True)[:2])
    if not tasks and len(orders) == 1:
        return There("order", orders[0])
    parcels = visible(Shipment.objects.filter(number=wanted, detached_at=None), training)
    of_parcels = set(parcels.values_list("order_id", flat=True)[:2])
    return There("order", of_parcels.pop()) if len(of_parcels) == 1 else None


def task(task_id: int) -> There | None:
    """A task by our own number; one statement."""
    return There("task", task_id) if AssemblyTask.objects.filter(pk=task_id).exists() else None


def code(understood: reading.Reading, *, training: bool | None = None) -> There | None:
    """The task that has this marking code; a statement for each kind it may be, and one to tell an exercise."""
    if understood.errors:
        return None
    for kind in understood.kinds:
        found = marking.holder(kind, understood.value)
        if found is not None and (training is None or sides("task", [found.task_id]) == {training}):
            return There("task", found.task_id)
    return None


# A wave: which of its tasks does a scan belong to ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Bench:
    """The tasks of a wave, the one in the hand first, then the most urgent; what each item has."""

    tasks: Sequence[AssemblyTask]
    items: Mapping[int, Sequence[TaskItem]]
    picked: Mapping[int, set[int]]
    codes: Tally[tuple[int, str]]
    holders: Mapping[tuple[str, str], int]


def in_wave(wave_id: int, understood: reading.Reading, *, user_id: int | None) -> int | None:
    """The task of the wave that waits for this barcode or code: the one in the hand, else the most urgent. Five statements.

    When all of them have what they need it is one of them, whose own answer then says so; None when it belongs to none.
    """
    bench = _bench(wave_id, user_id)
    kinds = [kind for kind in understood.kinds if kind in reading.UNIT_KINDS]
    holding = [bench.holders.get((kind, reading.identity(understood.value, kind))) for kind in kinds]
    if there := next(filter(None, holding), None):
        return there
    found = _by_code(bench, understood) if "barcode" not in understood.kinds[:1] else None
    if found is None and "barcode" in understood.kinds:
        found = _by_barcode(bench, barcodes_of(understood))
    return found if found is not None else _by_code(bench, understood)


def _bench(wave_id: int, user_id: int | None) -> _Bench:
    rows = AssemblyTask.objects.filter(wave_id=wave_id, stage__in=picking.PICKED_IN)
    tasks = list(rows.order_by("deadline_at", "pk")[:MOST_TASKS])
    ids = [task.pk for task in tasks]
    items: dict[int, list[TaskItem]] = {pk: [] for pk in ids}
    for item in TaskItem.objects.filter(task_id__in=ids, quantity__gt=0):
        items[item.task_id].append(item)
    codes = list(MarkingCode.objects.filter(task_id__in=ids, state__in=LIVE_CODE_STATES))
    good = [code for code in codes if code.state != CodeState.REFUSED]
    held = hand(ids, user_id)
    # What is packed, or about to be cancelled, comes last, also when it was in the hand a moment ago.
    tasks.sort(key=lambda task: (task.stage == Stage.READY or task.cancel_requested_at is not None, task.pk != held))
    picked = picking.of_items([item for mine in items.values() for item in mine])
    holders = {(code.kind, code.identity): code.task_id for code in codes}
    return _Bench(tasks, items, picked, Tally((code.item_id, code.kind) for code in good), holders)


def hand(task_ids: Sequence[int], user_id: int | None) -> int | None:
    """The one of these tasks that this person's last good scan was for. One statement."""
    if user_id is None:
        return None
    good = Scan.objects.filter(task_id__in=task_ids, user_id=user_id, outcome=ScanOutcome.ACCEPTED, undone_at=None)
    return good.order_by("-scanned_at", "-pk").values_list("task_id", flat=True).first()


def head(task_id: int, wave_id: int | None) -> str:
    """What names a task before everything else: in a wave its place there and its number. One statement, two for an old wave."""
    row = AssemblyTask.objects.select_related("wave").filter(pk=task_id).first()
    if row is None or row.wave is None or row.wave.pk != wave_id:
        return row.external_id if row else ""
    return f"#{slot_of(row.wave, task_id)} · {row.external_id}"


def slot_of(wave: Wave, task_id: int) -> int:
    """The number of a task in its wave; a statement for one that was given none, as in a wave from before there were any."""
    missing = () if task_id in wave.slots else AssemblyTask.objects.filter(wave=wave).order_by("deadline_at", "pk")
    return waves.slots(wave, [*(task.pk for task in missing), task_id])[task_id]


def hand_of_wave(wave_id: int, user_id: int | None) -> int | None:
    """The task of the wave that is in this person's hand. Two statements."""
    rows = AssemblyTask.objects.filter(wave_id=wave_id, stage__in=picking.PICKED_IN)
    return hand(list(rows.values_list("pk", flat=True)[:MOST_TASKS]), user_id)


def _by_barcode(bench: _Bench, said: set[str]) -> int | None:
    fitting = [(task, item) for task in bench.tasks for item in bench.items[task.pk] if said & held_by(item)]
    free = [task.pk for task, item in fitting if len(bench.picked.get(item.pk, ())) < item.quantity]
    return next(iter(free), fitting[0][0].pk if fitting else None)


def _by_code(bench: _Bench, understood: reading.Reading) -> int | None:
    """A code goes where its article is and a unit lacks one of its kind; where none does, to the task that is full."""
    fitting = [
        (task, item, kind)
        for task in bench.tasks
        for item in bench.items[task.pk]
        for kind in understood.kinds
        if kind in guards.taken_kinds(task, item) and _may_carry(item, understood)
    ]
    lacking = [each for each in fitting if bench.codes[each[1].pk, each[2]] < each[1].quantity]
    needed = [each for each in lacking if each[2] in guards.needed_kinds(each[0], each[1])]
    return next((task.pk for task, _item, _kind in [*needed, *lacking, *fitting]), None)


def _may_carry(item: TaskItem, understood: reading.Reading) -> bool:
    return understood.gtin is None or not item.barcodes or understood.gtin in held_by(item)
