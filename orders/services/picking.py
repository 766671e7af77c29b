"""Units taken off the shelf and verified by their barcodes: the only writer of Pick.

A marking code verifies its unit as well, without a row here: codes and picks both count units from one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.errors import Conflict
from orders.enums import LIVE_CODE_STATES, EntryKind, Stage
from orders.models import AssemblyTask, MarkingCode, Pick, Scan, TaskItem

from . import timeline
from .actors import Actor

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
        raise Conflict("stage", text % {"stage": Stage(task.stage).label})
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


def write(task: AssemblyTask, planned: Plan, *, scan: Scan, actor: Actor) -> None:
    """Verify the unit. Guarded: one live row a unit, and the task has to be locked since the plan; needs a transaction."""
    Pick.objects.create(item=planned.item, unit=planned.unit, scan=scan, user=actor.user)
    if not planned.left_of_task:
        timeline.record([timeline.about(task, EntryKind.PICKED, actor, str(scan.pk))])


def undo(scan_ids: Collection[int]) -> int:
    """Take back what these scans picked; returns how many units. Idempotent."""
    return Pick.objects.filter(scan_id__in=scan_ids, undone_at=None).update(undone_at=timezone.now())


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
