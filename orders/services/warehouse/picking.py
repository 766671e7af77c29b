"""Units taken off the shelf and verified by their barcodes: the only writer of Pick.

A marking code verifies its unit as well, without a row here: codes and picks both count units from one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.errors import Conflict
from orders.enums import LIVE_CODE_STATES, EntryKind, Stage
from orders.models import AssemblyTask, MarkingCode, Pick, Scan, TaskItem
from orders.services import timeline
from orders.services.actors import Actor

#: While these last a unit can be verified; a new task is picked before the marketplace is told anything.
PICKED_IN = (Stage.NEW, Stage.ASSEMBLING, Stage.READY)


@dataclass(frozen=True, slots=True)
class Plan:
    """The unit to be verified, and how many are left of its item and of its task when it is."""

    item: TaskItem
    unit: int
    left_of_item: int
    left_of_task: int


def plan(task: AssemblyTask, items: Sequence[TaskItem], item: TaskItem) -> Plan:
    """Which unit of an item comes next: one statement, nothing is written.

    Raises ``Conflict``: "stage" when the task is not being assembled, "picked_all" when all units of the item are there.
    """
    if task.stage not in PICKED_IN:
        text = _("Goods are picked while the task is being assembled; this one is “%(stage)s”.")
        raise Conflict("stage", text % {"stage": Stage(task.stage).label}, stage=task.stage)
    known = of_items(items)
    free = _free_units(item, known)
    if not free:
        text = ngettext(
            "Only %(count)d pc is needed, and it is there.",
            "Only %(count)d pcs are needed, and they are there.",
            item.quantity,
        )
        raise Conflict("picked_all", text % {"count": item.quantity}, article=item.article)
    return Plan(item, free[0], len(free) - 1, _left(items, known) - 1)


def write(task: AssemblyTask, planned: Plan, *, scan: Scan, actor: Actor, by_eye: bool = False) -> None:
    """Verify the unit. Guarded: one live row a unit, and the task has to be locked since the plan; needs a transaction.

    ``by_eye``: there was no barcode to scan, and that is written down for each such unit.
    """
    Pick.objects.create(item=planned.item, unit=planned.unit, scan=scan, user=actor.user)
    facts, key = [], str(scan.pk)
    if by_eye:
        facts.append(timeline.about(task, EntryKind.SEEN, actor, key, data=_place(planned.item, planned.unit)))
    if not planned.left_of_task:
        facts.append(timeline.about(task, EntryKind.PICKED, actor, key))
    if facts:
        timeline.record(facts)


def undo(scan: Scan, *, actor: Actor) -> int:
    """Take back what a scan picked, with an entry for each unit; returns how many units. Idempotent."""
    rows = list(Pick.objects.select_related("item__task").filter(scan=scan, undone_at=None).order_by("unit"))
    done = Pick.objects.filter(pk__in=[row.pk for row in rows], undone_at=None).update(undone_at=timezone.now())
    timeline.record(
        [
            timeline.about(row.item.task, EntryKind.PICK_UNDONE, actor, str(row.pk), data=_place(row.item, row.unit))
            for row in rows
        ]
    )
    return done


def _place(item: TaskItem, unit: int) -> dict[str, Any]:
    return {"article": item.article, "unit": unit, "of": item.quantity}


def of_items(items: Sequence[TaskItem]) -> Mapping[int, set[int]]:
    """Verified units by item, those with a marking code among them: one statement."""
    found: dict[int, set[int]] = defaultdict(set)
    ids = [item.pk for item in items]
    picked = Pick.objects.filter(item_id__in=ids, undone_at=None).values_list("item_id", "unit")
    coded = MarkingCode.objects.filter(item_id__in=ids, state__in=LIVE_CODE_STATES).order_by()
    for item_id, unit in picked.union(coded.values_list("item_id", "unit"), all=True):
        found[item_id].add(unit)
    return found


def left(items: Sequence[TaskItem]) -> int:
    """How many units of these items are not verified yet: one statement."""
    return _left(items, of_items(items))


def _free_units(item: TaskItem, known: Mapping[int, set[int]]) -> list[int]:
    taken = known.get(item.pk, set())
    return [unit for unit in range(1, item.quantity + 1) if unit not in taken]


def _left(items: Sequence[TaskItem], known: Mapping[int, set[int]]) -> int:
    return sum(len(_free_units(item, known)) for item in items)
