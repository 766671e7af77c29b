"""Codes that two orders of one article have swapped: what lies on the bench of one is written down at the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict, DomainError, Invalid
from orders import codes as reading
from orders.enums import LIVE_CODE_STATES, CodeKind, CodeState, EntryKind
from orders.models import AssemblyTask, MarkingCode, TaskItem
from orders.services import attention, guards, timeline
from orders.services.actors import Actor
from orders.services.sending import nudge, outbox
from orders.services.syncing import verdicts

from . import articles, marking
from .marking import Bench

#: The same code scanned once more within this time says yes.
AGREED_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Offer:
    """A code of another task that may be put on this one. ``back``: what goes there for it; None when nothing does."""

    code: MarkingCode
    item: TaskItem
    unit: int
    back: MarkingCode | None

    @property
    def question(self) -> Invalid:
        """What a person is asked."""
        number = {"number": self.code.task.external_id}
        lead = _("This code is on order %(number)s, which is of the same article.") % number
        if self.back is None:
            rest = _("Take it here? Order %(number)s then waits for its own code.") % number
        else:
            rest = _("Swap the codes of the two orders?")
        text = " ".join([lead, rest, _("Scan it once more to say yes.")])
        where = {"task": self.code.task_id, "order": self.code.task.order_id, "number": self.code.task.external_id}
        return Invalid("warnings", text, warning="swap", swap=self.code.pk, kind=self.code.kind, **where)


@dataclass(frozen=True, slots=True)
class Swapped:
    """``table`` is the bench where ``code`` lies now; ``number`` names the other order, ``back`` is the code it got."""

    code: MarkingCode
    table: Bench
    there: AssemblyTask
    back: MarkingCode | None


def offered(task_id: int, code_id: int) -> Offer | None:
    """How the code of another task could be put on this one; None when it cannot. Three statements, nothing is written."""
    live = MarkingCode.objects.filter(state__in=LIVE_CODE_STATES)
    code = live.select_related("task__account", "item").filter(pk=code_id).first()
    items = list(TaskItem.objects.select_related("task__account").filter(task_id=task_id).order_by("pk"))
    if code is None or not items:
        return None
    try:
        return _plan(code, Bench(items[0].task, items, list(live.filter(task_id=task_id).order_by("pk"))))
    except DomainError:
        return None


@transaction.atomic
def swap(code_id: int, to_task_id: int, *, actor: Actor) -> Swapped:
    """Put a code that is on another task on this one, and the code of this one's unit on the other.

    Guarded: both tasks have to take codes now and be of the same goods; both are locked, the lower number first. Both
    marketplaces are told anew of what they knew. Raises ``Conflict``: "gone" when the code has left that task, "which" when
    nobody can say which of several codes goes back, "other_goods", "stage".
    """
    from_id = MarkingCode.objects.filter(pk=code_id).values_list("task_id", flat=True).first()
    if from_id is None or from_id == to_task_id:
        raise Conflict("gone", _("This code has left that order meanwhile. Scan it again."))
    tables = {pk: marking.bench(pk) for pk in sorted((from_id, to_task_id))}
    theirs, mine = tables[from_id], tables[to_task_id]
    code = next((row for row in theirs.codes if row.pk == code_id), None)
    if code is None:
        raise Conflict("gone", _("This code has left that order meanwhile. Scan it again."))
    code.task, code.item = theirs.task, next(item for item in theirs.items if item.pk == code.item_id)
    plan = _plan(code, mine)
    known = {row.pk for row in (code, plan.back) if row is not None and marking.is_known(row)}
    _take_off([row for row in (code, plan.back) if row is not None], actor)
    put = _put_on(mine, code, plan.item, plan.unit, actor)
    back = _put_on(theirs, plan.back, code.item, code.unit, actor) if plan.back else None
    _tell(mine, plan.back, known, actor)
    _tell(theirs, code, known, actor)
    _record(plan, put, back, actor)
    return Swapped(put, mine, theirs.task, back)


def _plan(code: MarkingCode, table: Bench) -> Offer:
    """Where it would go, and what would go back. Raises ``DomainError`` when it cannot."""
    for task in (code.task, table.task):
        marking.in_stage(task, outbox.offer_of(task.account), [code.kind])
    items = [item for item in table.items if item.quantity and _same_goods(item, code.item)]
    items = [item for item in items if code.kind in guards.taken_kinds(table.task, item)]
    if not items or _side(code.task) != _side(table.task):
        raise Conflict("other_goods", _("The two orders are of different goods."))
    _refuse_form(code, table.task)
    of_kind = [row for row in table.codes if row.kind == code.kind]
    for item in items:
        if sum(row.item_id == item.pk for row in of_kind) < item.quantity:
            return Offer(code, item, marking.free_unit(table, item, CodeKind(code.kind)), None)
    held = [row for row in of_kind if row.item_id in {item.pk for item in items}]
    if len(held) > 1:
        text = _("This order has several codes: remove the one that is not on its goods, then scan again.")
        raise Conflict("which", text)
    _refuse_form(held[0], code.task)
    return Offer(code, items[0], held[0].unit, held[0])


def _side(task: AssemblyTask) -> tuple[bool, bool]:
    """Real orders, test orders of a marketplace and exercises have nothing in common."""
    return task.is_test, task.account.training


def _same_goods(one: TaskItem, other: TaskItem) -> bool:
    theirs = {articles.value_of(barcode) for barcode in other.barcodes}
    return one.article == other.article or any(articles.value_of(barcode) in theirs for barcode in one.barcodes)


def _refuse_form(code: MarkingCode, task: AssemblyTask) -> None:
    """Another marketplace may want another form of the same code."""
    marking.warnings_of(reading.read(code.value), CodeKind(code.kind), outbox.offer_of(task.account))


def _take_off(codes: list[MarkingCode], actor: Actor) -> None:
    """The old rows stay, so that the ledger shows where a code has been. What was asked about them is settled."""
    refused = [verdicts.refusal_key(row.pk) for row in codes if row.state == CodeState.REFUSED]
    attention.settle_many(refused, actor=actor)
    rows = MarkingCode.objects.filter(pk__in=[row.pk for row in codes])
    rows.update(state=CodeState.REMOVED, changed_at=timezone.now())


def _put_on(table: Bench, code: MarkingCode, item: TaskItem, unit: int, actor: Actor) -> MarkingCode:
    row = MarkingCode.objects.create(
        task=table.task,
        item=item,
        unit=unit,
        kind=code.kind,
        value=code.value,
        identity=code.identity,
        country=code.country,
        created_by=actor.user,
    )
    table.codes.append(row)
    return row


def _tell(table: Bench, left: MarkingCode | None, known: set[int], actor: Actor) -> None:
    """Have the marketplace told what the task has now; it only needs the new code when it did not know the one that left."""
    table.codes = [row for row in table.codes if left is None or row.pk != left.pk]
    if left is not None and left.pk in known:
        marking.tell_of_removal(table, left, actor)
    else:
        nudge.send_codes(table.task.pk)


def _record(plan: Offer, put: MarkingCode, back: MarkingCode | None, actor: Actor) -> None:
    there, here = plan.code.task, put.task
    # The rows that were taken off: the ledger finds by them who did it.
    gone = [row.pk for row in (plan.code, plan.back) if row is not None]
    shared = {"kind": put.kind, "article": plan.item.article, "back": back is not None, "codes": gone}
    pairs = ((here, there, plan.unit, True), (there, here, plan.code.unit, False))
    timeline.record(
        [
            timeline.about(
                task,
                EntryKind.CODE_SWAPPED,
                actor,
                f"{plan.code.pk}:{put.pk}",
                code=put.kind,
                data={**shared, "unit": unit, "number": other.external_id, "taken": taken},
            )
            for task, other, unit, taken in pairs
        ]
    )
