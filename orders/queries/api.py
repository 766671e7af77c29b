"""What the API shows, as plain dictionaries in the shapes of its documents: a fixed number of statements a page.

Rows are read as tuples, not as models: a page of 100 tasks is 300 rows.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, TypeVar, cast

import msgspec
from django.db.models import Q, QuerySet

from orders.enums import LIVE_CODE_STATES, OPEN_ACTION_STATES, ActionState
from orders.marketplaces import facts, registry
from orders.marketplaces.base import Connection, Offer
from orders.models import (
    AssemblyTask,
    Attention,
    Buyer,
    MarketplaceAction,
    MarkingCode,
    Order,
    TaskItem,
    TimelineEntry,
)
from orders.queries.apiparcels import moment, shipments_of
from orders.services import guards
from orders.wording import attention_text, entry_title

Json = dict[str, Any]


class OfTask(Protocol):
    """A row that belongs to a task."""

    @property
    def task_id(self) -> int: ...


Row = TypeVar("Row", bound=OfTask)


class TaskRow(NamedTuple):
    """Named like the attributes of ``AssemblyTask`` where the guards read them."""

    id: int
    order_id: int
    order_number: str
    account_id: int
    marketplace: str
    dialect: str
    options: dict[str, Any]
    external_id: str
    stage: str
    marketplace_status: dict[str, str]
    code_kinds: list[str]
    required_kinds: list[str]
    raw_digest: str
    delivery_type: str
    cancel_requested_at: datetime | None
    assignee: str | None
    deadline_at: datetime
    created_at: datetime
    updated_at: datetime


TASK_FIELDS = (
    "id", "order_id", "order__external_id", "account_id", "account__kind", "account__dialect", "account__options",
    "external_id", "stage", "marketplace_status", "code_kinds", "required_kinds", "raw_digest",
    "delivery_type", "cancel_requested_at", "assignee__username", "deadline_at", "created_at", "updated_at",
)  # fmt: skip


class ItemRow(NamedTuple):
    pk: int
    task_id: int
    external_id: str
    article: str
    name: str
    barcodes: list[str]
    quantity: int
    price: Decimal
    currency: str
    code_kinds: list[str] | None
    required_kinds: list[str] | None


class CodeRow(NamedTuple):
    pk: int
    task_id: int
    item_id: int
    unit: int
    kind: str
    value: str
    state: str
    detail: str


class ActionRow(NamedTuple):
    pk: int
    task_id: int
    kind: str
    state: str


class OrderRow(NamedTuple):
    id: int
    external_id: str
    marketplace: str
    account_id: int
    stage: str
    deadline_at: datetime
    created_at: datetime
    updated_at: datetime
    is_test: bool
    data: Json


ORDER_FIELDS = (
    "id", "external_id", "account__kind", "account_id", "stage", "deadline_at", "created_at", "updated_at", "is_test", "data",
)  # fmt: skip


def task_rows(rows: QuerySet[AssemblyTask]) -> QuerySet[Any, Any]:
    """To be sliced, then given to ``tasks`` by way of ``TaskRow._make``."""
    return rows.values_list(*TASK_FIELDS)


def order_rows(rows: QuerySet[Order]) -> QuerySet[Any, Any]:
    return rows.values_list(*ORDER_FIELDS)


def tasks(rows: Sequence[TaskRow]) -> list[Json]:
    """Three statements however many tasks, none for none."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    of_tasks = TaskItem.objects.filter(task__id__among=ids).order_by("pk")
    items = _by_task(map(ItemRow._make, of_tasks.values_list(*ItemRow._fields)))
    live = MarkingCode.objects.filter(task__id__among=ids, state__in=LIVE_CODE_STATES)
    codes = _by_task(map(CodeRow._make, live.order_by("pk").values_list(*CodeRow._fields)))
    actions, wrong, done = _actions(ids)
    may = _Allowed()
    found = []
    for row in rows:
        mine, marks = items.get(row.id, []), codes.get(row.id, [])
        watched = Watched(mine, marks, actions.get(row.id, []), wrong[row.id], done.get(row.id, frozenset()))
        found.append(_task(row, mine, marks, may.actions(row, watched)))
    return found


def _actions(ids: Sequence[int]) -> tuple[dict[int, list[ActionRow]], Tally[int], dict[int, frozenset[str]]]:
    """Open actions, how many confirmation codes were refused lately, which details were done, by task: one statement."""
    telling = Q(state__in=OPEN_ACTION_STATES) | guards.lately_wrong() | guards.details_done()
    asked = MarketplaceAction.objects.filter(telling, task__id__among=ids).order_by("pk")
    rows = [ActionRow._make(row) for row in asked.values_list(*ActionRow._fields)]
    wrong = Tally(row.task_id for row in rows if row.state == ActionState.FAILED)
    done: dict[int, frozenset[str]] = {}
    for row in rows:
        if row.state == ActionState.SUCCEEDED:
            done[row.task_id] = done.get(row.task_id, frozenset()) | {row.kind}
    return _by_task(row for row in rows if row.state in OPEN_ACTION_STATES), wrong, done


def _by_task(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.task_id, []).append(row)
    return found


class Watched(NamedTuple):
    """What the guards look at besides the task itself."""

    items: Sequence[ItemRow]
    codes: Sequence[CodeRow]
    actions: Sequence[ActionRow]
    wrong_codes: int
    done_once: frozenset[str]

    def facts(self, row: TaskRow) -> guards.Facts:
        """The tuples have every attribute the guards read."""
        return guards.Facts(
            cast("AssemblyTask", row), cast("Sequence[TaskItem]", self.items), cast("Sequence[MarkingCode]", self.codes),
            cast("Sequence[MarketplaceAction]", self.actions), self.wrong_codes, self.done_once,
        )  # fmt: skip


#: What the guards have said of tasks, by all that they look at: they are pure, and most tasks are alike.
_KNOWN: dict[tuple[Any, ...], list[str]] = {}
_MOST_KNOWN = 5000


class _Allowed:
    """The guards, asked once for all tasks that are alike in everything the guards look at."""

    def __init__(self) -> None:
        self._offers: dict[int, tuple[Offer, Hashable]] = {}

    def _offer(self, row: TaskRow) -> tuple[Offer, Hashable]:
        """What the marketplace of an account offers, and what that depends on."""
        if row.account_id not in self._offers:
            account = Connection(base_url="", dialect=row.dialect, options=row.options, credentials={})
            settings = (row.marketplace, row.dialect, msgspec.json.encode(row.options, order="sorted"))
            self._offers[row.account_id] = registry.offer(row.marketplace, account), settings
        return self._offers[row.account_id]

    def actions(self, row: TaskRow, watched: Watched) -> list[str]:
        (offer, settings), known = self._offer(row), watched.facts(row)
        key = (
            settings,
            row.stage,
            tuple(row.marketplace_status.items()),
            bool(row.raw_digest),
            row.delivery_type,
            row.cancel_requested_at is None,
            bool(guards.codes_lacking(known, offer)),
            bool(known.refused_codes),
            tuple([action.kind for action in watched.actions]),
            watched.wrong_codes,
            watched.done_once,
        )
        found = _KNOWN.get(key)
        if found is None:
            verdicts = guards.allowed(known, offer) + guards.allowed_details(known, offer)
            found = [kind.value for kind, refusal in verdicts if refusal is None]
            if len(_KNOWN) >= _MOST_KNOWN:
                _KNOWN.clear()
            _KNOWN[key] = found
        return found


def _task(row: TaskRow, items: Sequence[ItemRow], codes: Sequence[CodeRow], allowed: list[str]) -> Json:
    return {
        "id": row.id,
        "order": {
            "id": row.order_id,
            "external_id": row.order_number,
            "marketplace": row.marketplace,
            "account": row.account_id,
        },
        "external_id": row.external_id,
        "stage": row.stage,
        "marketplace_status": row.marketplace_status,
        "items": [_item(item) for item in items],
        "code_kinds": row.code_kinds,
        "codes": [_code(code) for code in codes],
        "allowed_actions": allowed,
        "cancel_requested_at": moment(row.cancel_requested_at),
        "assignee": row.assignee,
        "deadline_at": row.deadline_at.isoformat(),
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }


def _item(item: ItemRow) -> Json:
    return {
        "id": item.pk,
        "external_id": item.external_id,
        "article": item.article,
        "name": item.name,
        "barcodes": item.barcodes,
        "quantity": item.quantity,
        "price": str(item.price),
        "currency": item.currency,
        "code_kinds": item.code_kinds,
        "required_kinds": item.required_kinds,
    }


def _code(code: CodeRow | MarkingCode) -> Json:
    return {
        "id": code.pk,
        "item": code.item_id,
        "unit": code.unit,
        "kind": code.kind,
        "value": code.value,
        "state": code.state,
        "detail": code.detail,
    }


def code(row: MarkingCode) -> Json:
    return _code(row)


def orders(rows: Sequence[OrderRow], *, with_buyers: bool) -> list[Json]:
    """At most seven statements however many orders. ``with_buyers``: address and comment, for those who may see them."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    of_orders = task_rows(AssemblyTask.objects.filter(order_id__in=ids).order_by("pk"))
    by_order: dict[int, list[Json]] = {}
    for task in tasks([TaskRow._make(row) for row in of_orders]):
        by_order.setdefault(task["order"]["id"], []).append(task)
    asked: dict[int, list[Json]] = {}
    for question in Attention.objects.filter(order_id__in=ids, resolved_at=None).order_by("pk"):
        asked.setdefault(question.order_id or 0, []).append(attention(question))
    buyers = _buyers(ids) if with_buyers else {}
    parcels = shipments_of(ids)
    return [
        _order(row, by_order.get(row.id, []), asked.get(row.id, []), buyers.get(row.id))
        | {"shipments": parcels.get(row.id, [])}
        for row in rows
    ]


def _buyers(ids: Sequence[int]) -> dict[int, tuple[Any, Any]]:
    rows = Buyer.objects.filter(order_id__in=ids).values_list("order_id", "address", "comment")
    return {order_id: (address, comment) for order_id, address, comment in rows}


def _order(row: OrderRow, found: list[Json], asked: list[Json], buyer: tuple[Any, Any] | None) -> Json:
    address, comment = buyer or (None, None)
    return {
        "id": row.id,
        "external_id": row.external_id,
        "marketplace": row.marketplace,
        "account": row.account_id,
        "stage": row.stage,
        "address": address,
        "comment": comment,
        "deadline_at": row.deadline_at.isoformat(),
        "tasks": found,
        "shipments": [],
        "attention": asked,
        "is_test": row.is_test,
        "facts": row.data.get(facts.KEY) or {},
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }


def action(row: MarketplaceAction) -> Json:
    error = {"code": row.error_code, "detail": row.error_detail}
    return {
        "id": row.pk,
        "task": row.task_id,
        "kind": row.kind,
        "state": row.state,
        "attempts": row.attempts,
        "error": error if row.error_code or row.error_detail else None,
        "created_at": moment(row.created_at),
        "finished_at": moment(row.finished_at),
    }


def entry(row: TimelineEntry) -> Json:
    """``shipment`` is for entries about a parcel. ``row`` has its actor."""
    return {
        "id": row.pk,
        "task": row.task_id,
        "shipment": row.shipment_id,
        "source": row.source,
        "kind": row.kind,
        "code": row.code,
        "status": row.status,
        "title": entry_title(row),
        "happened_at": moment(row.happened_at),
        "recorded_at": moment(row.recorded_at),
        "actor": row.actor.username if row.actor else None,
        "correction": row.correction,
    }


def attention(row: Attention) -> Json:
    """``title``: what is asked; ``todo``: what to do about it, both in the language of the request."""
    title, todo = attention_text(row)
    return {
        "id": row.pk,
        "kind": row.kind,
        "severity": row.severity,
        "title": title,
        "todo": todo,
        "account": row.account_id,
        "order": row.order_id,
        "task": row.task_id,
        "shipment": row.shipment_id,
        "carrier_account": row.carrier_account_id,
        "count": row.count,
        "opened_at": moment(row.opened_at),
        "last_seen_at": moment(row.last_seen_at),
        "assignee": row.assignee_id,
        "snoozed_until": moment(row.snoozed_until),
        "resolved_at": moment(row.resolved_at),
        "note": row.note,
    }
