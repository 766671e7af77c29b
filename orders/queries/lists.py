"""Rows of the queue and of the order list, each in a fixed number of statements."""

from __future__ import annotations

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet

from orders import masking
from orders.enums import LIVE_CODE_STATES, OPEN_ACTION_STATES, ActionKind, CodeState, Stage
from orders.models import (
    AssemblyTask,
    Attention,
    Buyer,
    MarketplaceAction,
    MarkingCode,
    Order,
    Reaction,
    Shipment,
    TaskItem,
)
from orders.models.assembly import OPEN
from orders.services import guards

from . import keyset, parcels
from .board import OVERDUE, Board

BY_DEADLINE = keyset.Order("deadline_at")
BY_NEWEST = keyset.Order("created_at", newest_first=True)
#: The natural next action of a stage.
NEXT = {
    Stage.NEW: ActionKind.CONFIRM,
    Stage.READY: ActionKind.DELIVER,
    Stage.DELIVERING: ActionKind.RECEIVE,
    Stage.AT_PICKUP_POINT: ActionKind.RECEIVE,
}
#: What somebody has in hand, in whatever stage: no tab of its own, the page of the shift leads here.
HAND = "hand"
IN_HAND = (Stage.NEW, Stage.ASSEMBLING, Stage.READY)
#: What may be asked for many tasks of a stage at once.
MANY = {
    Stage.NEW.value: (ActionKind.CONFIRM,),
    Stage.ASSEMBLING.value: (ActionKind.READY, ActionKind.DELIVER),
    Stage.READY.value: (ActionKind.DELIVER,),
    OVERDUE: (ActionKind.CONFIRM, ActionKind.READY, ActionKind.DELIVER),
    HAND: (ActionKind.CONFIRM, ActionKind.READY, ActionKind.DELIVER),
}
_UNREAD_OF_BUYER = ("name", "phones", "codes")


@dataclass(frozen=True, slots=True)
class Need:
    """Codes of one kind: how many there are of how many."""

    kind: str
    have: int
    need: int


@dataclass(frozen=True, slots=True)
class Step:
    """The one button of a row. ``verb``: act (post at once), code (asks first, ``coded``: for the buyer's code), take, or open.

    ``local``: it is done here, the marketplace is not asked.
    """

    verb: str
    kind: str = ""
    reason: str = ""
    coded: bool = False
    local: bool = False


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One task as the queue shows it; ``place`` is masked. ``reaction``: what its parcel suggests, ``coded`` by the buyer."""

    task: AssemblyTask
    kind: str
    items: Sequence[TaskItem]
    place: str
    comment: str
    needs: Sequence[Need]
    step: Step
    action: MarketplaceAction | None
    parcel: Shipment | None = None
    parcels: int = 0
    reaction: Reaction | None = None
    coded: frozenset[ActionKind] = frozenset()

    @property
    def item(self) -> TaskItem | None:
        return self.items[0] if self.items else None

    @property
    def quantity(self) -> int:
        return sum(item.quantity for item in self.items)

    @property
    def more(self) -> int:
        return len(self.items) - 1


@dataclass(frozen=True, slots=True)
class Queue:
    rows: list[QueueRow]
    previous: str
    next: str

    @property
    def parcels(self) -> bool:
        """A row has a parcel."""
        return any(row.parcels for row in self.rows)


def of_tab(rows: QuerySet[AssemblyTask], tab: str, now: datetime) -> QuerySet[AssemblyTask]:
    """Tasks of one tab: a stage, those whose deadline has passed, or those that somebody has."""
    if tab == HAND:
        return rows.filter(stage__in=IN_HAND, assignee__isnull=False)
    if tab == OVERDUE:
        return rows.filter(OPEN, deadline_at__lt=now).exclude(stage=Stage.WAITING)
    return rows.filter(stage=tab)


def queue(rows: QuerySet[AssemblyTask], params: Mapping[str, str], board: Board, user_id: int) -> Queue:
    """One page of tasks, the most urgent first: five statements, whatever is filtered; one more where a parcel is."""
    wanted = rows.select_related("order__buyer", "assignee").defer(*(f"order__buyer__{f}" for f in _UNREAD_OF_BUYER))
    page = keyset.page(wanted, params, BY_DEADLINE)
    facts = _facts(page.rows)
    known = parcels.parcels({task.order_id for task in page.rows})
    rows_ = [_with_parcel(_row(facts[task.pk], board, user_id), known, board) for task in page.rows]
    return Queue(rows_, page.previous, page.next)


def _with_parcel(row: QueueRow, known: parcels.Parcels, board: Board) -> QueueRow:
    """The row with the parcel of its order that is told, and the first suggestion of the task."""
    task, offer = row.task, board.offer(row.task.account_id)
    return replace(
        row,
        parcel=known.first(task.order_id),
        parcels=len(known.of_order(task.order_id)),
        reaction=next(iter(known.of_task(task.pk)), None),
        coded=offer.coded if offer else frozenset(),
    )


def _facts(tasks: Sequence[AssemblyTask]) -> dict[int, guards.Facts]:
    ids = [task.pk for task in tasks]
    items: dict[int, list[TaskItem]] = defaultdict(list)
    codes: dict[int, list[MarkingCode]] = defaultdict(list)
    actions: dict[int, list[MarketplaceAction]] = defaultdict(list)
    for item in TaskItem.objects.filter(task_id__in=ids):
        items[item.task_id].append(item)
    live = MarkingCode.objects.filter(task_id__in=ids, state__in=LIVE_CODE_STATES)
    for code in live.only("task_id", "item_id", "kind", "state"):
        codes[code.task_id].append(code)
    for action in MarketplaceAction.objects.filter(task_id__in=ids, state__in=OPEN_ACTION_STATES).order_by("pk"):
        actions[action.task_id].append(action)
    return {task.pk: guards.facts_of(task, items[task.pk], codes[task.pk], actions[task.pk]) for task in tasks}


def _row(facts: guards.Facts, board: Board, user_id: int) -> QueueRow:
    task = facts.task
    buyer: Buyer | None = getattr(task.order, "buyer", None)
    return QueueRow(
        task=task,
        kind=board.by_id[task.account_id].kind,
        items=facts.items,
        place=masking.place_of(buyer.address) if buyer else "",
        comment=str(buyer.comment or "") if buyer else "",
        needs=needs(facts),
        step=_step(facts, board, user_id),
        action=next((row for row in facts.open_actions if row.kind in NEXT.values()), None),
    )


def needs(facts: guards.Facts) -> list[Need]:
    """Codes a task needs, and those it has without needing them."""
    good = Tally(code.kind for code in facts.codes if code.state != CodeState.REFUSED)
    units: Tally[str] = Tally()
    for item in facts.items:
        units.update({kind: item.quantity for kind in guards.needed_kinds(facts.task, item) if item.quantity})
    found = [Need(kind, good[kind], count) for kind, count in units.items()]
    return found + [Need(kind, count, 0) for kind, count in good.items() if kind not in units]


def _step(facts: guards.Facts, board: Board, user_id: int) -> Step:
    task, stage = facts.task, Stage(facts.task.stage)
    if stage == Stage.ASSEMBLING:
        return Step("take" if task.assignee_id in (None, user_id) else "open")
    if task.cancel_requested_at is not None:  # the buyer's wish is answered before anything else
        return Step("open")
    kind, offer = NEXT.get(stage), board.offer(task.account_id)
    if kind is None or offer is None:
        return Step("open")
    if stage == Stage.DELIVERING and task.delivery_type in offer.points and ActionKind.ARRIVE in offer.steps:
        kind = ActionKind.ARRIVE
    refusal = guards.why_not(facts, kind, offer)
    if refusal is not None:
        return Step("open", reason=str(refusal.text))
    coded = kind in offer.coded
    verb = "code" if coded or kind in offer.dated else "act"
    return Step(verb, kind.value, coded=coded, local=kind in offer.local)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order with the articles of its tasks and whether it has an open question."""

    order: Order
    kind: str
    articles: Sequence[str]
    numbers: Sequence[str]
    asked: bool
    parcels: Sequence[Shipment] = ()
    parcel: Shipment | None = None

    @property
    def tasks(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class OrderList:
    rows: list[OrderRow]
    previous: str
    next: str


def orders(rows: QuerySet[Order], params: Mapping[str, str], board: Board) -> OrderList:
    """One page of orders, the newest first: four statements."""
    page = keyset.page(rows, params, BY_NEWEST)
    ids = [order.pk for order in page.rows]
    articles: dict[int, list[str]] = defaultdict(list)
    numbers: dict[int, dict[str, None]] = defaultdict(dict)
    items = TaskItem.objects.filter(task__order_id__in=ids).order_by("pk")
    for order_id, number, article in items.values_list("task__order_id", "task__external_id", "article"):
        articles[order_id].append(article)
        numbers[order_id][number] = None
    asked = set(Attention.objects.filter(order_id__in=ids, resolved_at=None).values_list("order_id", flat=True))
    known = parcels.parcels(ids, reactions=False)
    found = [
        OrderRow(
            order,
            board.by_id[order.account_id].kind,
            articles[order.pk],
            list(numbers[order.pk]),
            order.pk in asked,
            known.of_order(order.pk),
            known.first(order.pk),
        )
        for order in page.rows
    ]
    return OrderList(found, page.previous, page.next)
