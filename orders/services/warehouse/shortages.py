"""Goods that are missing: reported at an item, told with what the marketplace allows, settled by a person or by what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict, Invalid
from orders.enums import ActionKind, AttentionKind, EntryKind, ShortageReason, Stage
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, Order, Shortage, TaskItem
from orders.services import accounts, attention, guards, stages, timeline
from orders.services.actors import Actor
from orders.services.sending import details

from . import endings

#: Goods can be missing as long as the parcel is not on its way.
REPORTED_IN = (Stage.NEW, Stage.ASSEMBLING, Stage.READY)
LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True)
class Report:
    """So many units of an item are missing, and why."""

    quantity: int
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a shortage: an action there is, and why it cannot be asked now; ``given``: the reason it would give."""

    kind: ActionKind
    refusal: guards.Refusal | None = None
    given: str = ""


@dataclass(frozen=True, slots=True)
class Ways:
    """What the marketplace allows when goods are missing. None where it has no such action."""

    take_out: Way | None
    cancel: Way | None


@transaction.atomic
def report(task_id: int, item_id: int, told: Report, *, actor: Actor) -> Shortage:
    """Tell that units of an item are missing. Idempotent: told again it is one shortage, with what was told last.

    Raises ``Conflict`` when the parcel is under way, ``Invalid`` for a quantity or a reason that makes no sense.
    """
    task, item = _locked(task_id, item_id)
    _check(task, item, told)
    known = Shortage.objects.filter(item=item, settled_at=None).first()
    if known is not None and _same(known, told):
        return known
    now = timezone.now()
    row = known or Shortage(item=item)
    row.quantity, row.reason, row.note = told.quantity, told.reason, told.note[:LONGEST_NOTE]
    row.reported_by, row.reported_at = actor.user, now
    row.save()
    facts = {"article": item.article, "count": row.quantity, "of": item.quantity}
    key = f"{row.pk}:{now.isoformat()}"
    entry = timeline.about(task, EntryKind.SHORTAGE, actor, key, code=row.reason, data={**facts, "note": row.note})
    timeline.record([entry], now=now)
    if known is not None:  # what is asked has changed
        attention.settle(endings.question_key(item.pk), actor=actor)
    attention.open_one(_question(task, item, row, facts), now=now)
    return row


def _locked(task_id: int, item_id: int) -> tuple[AssemblyTask, TaskItem]:
    tasks = stages.lock([task_id])
    item = TaskItem.objects.filter(pk=item_id, task_id=task_id).first()
    if not tasks or item is None:
        raise Conflict("not_found", _("There is no such item."))
    return tasks[0], item


def _check(task: AssemblyTask, item: TaskItem, told: Report) -> None:
    if task.stage not in REPORTED_IN:
        text = _("Goods can be reported missing until the parcel is handed over; this task is “%(stage)s”.")
        raise Conflict("stage", text % {"stage": Stage(task.stage).label})
    if not 1 <= told.quantity <= item.quantity:
        text = _("Between 1 and %(count)d pcs can be missing.") % {"count": item.quantity}
        raise Invalid("quantity", text if item.quantity else _("This item was taken out of the order."))
    if told.reason not in ShortageReason.values:
        raise Invalid("reason", _("Choose a reason."))


def _same(row: Shortage, told: Report) -> bool:
    return (row.quantity, row.reason, row.note) == (told.quantity, told.reason, told.note[:LONGEST_NOTE])


def _question(task: AssemblyTask, item: TaskItem, row: Shortage, facts: dict[str, Any]) -> attention.Question:
    order = Order.objects.select_related("account").get(pk=task.order_id)
    known = guards.gather([task])[task.pk]
    ways_ = ways(known, item, row.quantity, offer=accounts.offer_of(order.account), order=order)
    out = ways_.take_out is not None and ways_.take_out.refusal is None
    return attention.Question(
        AttentionKind.SHORTAGE, endings.question_key(item.pk), account_id=task.account_id, order_id=task.order_id,
        task_id=task.pk, facts={**facts, "reason": row.reason, "item": item.pk, "out": out},
    )  # fmt: skip


def ways(facts: guards.Facts, item: TaskItem, missing: int, *, offer: Offer, order: Order) -> Ways:
    """What the marketplace lets be done about missing units of an item. No statement."""
    return Ways(_take_out(facts, item, missing, offer, order), _cancel(facts, offer))


def _take_out(facts: guards.Facts, item: TaskItem, missing: int, offer: Offer, order: Order) -> Way | None:
    kind = ActionKind.CHANGE_ITEMS
    if kind not in offer.details:
        return None
    refusal = guards.why_not(facts, kind, offer)
    if refusal is None:
        left = {each.external_id: each.quantity for each in facts.items if each.quantity}
        left[item.external_id] = max(item.quantity - missing, 0)
        refusal = details.problem(order, facts.items, kind, data={"items": left}, code="")
    return Way(kind, refusal)


def _cancel(facts: guards.Facts, offer: Offer) -> Way | None:
    kind = ActionKind.CANCEL
    if kind not in offer.steps:
        return None
    allowed = guards.reasons(facts.task, kind, offer)
    return Way(kind, guards.why_not(facts, kind, offer), offer.out_of_stock if offer.out_of_stock in allowed else "")


@transaction.atomic
def found(task_id: int, item_id: int, *, actor: Actor) -> bool:
    """The goods are there after all. Idempotent: False when nothing is missing (any more)."""
    _locked(task_id, item_id)
    rows: Sequence[Shortage] = list(
        Shortage.objects.filter(item_id=item_id, settled_at=None).select_related("item__task")
    )
    endings.end(rows, endings.How.FOUND, actor=actor, now=timezone.now())
    return bool(rows)
