"""What a person looks for while typing: each kind of number by its own index, a bounded number of rows and statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, QuerySet, When
from django.db.models.functions import Right

from orders import codes
from orders.enums import OPEN_STAGES, CodeKind
from orders.models import ArticleBarcode, AssemblyTask, MarkingCode, Order, Shipment, TaskItem

from .search import LONGEST, buyers

#: Rows of a section, and rows that are looked at for it.
SHOWN = 20
LOOKED_AT = 200
#: Fewer characters of a code, or of anything, say nothing.
SHORTEST_CODE = 8
SHORTEST = 2
#: Digits at the end of a number by which a task is found.
TAIL = 4


@dataclass(frozen=True, slots=True)
class Found:
    """``more``: there is more than is shown. A parcel's order is read with it."""

    tasks: list[AssemblyTask]
    orders: list[Order]
    parcels: list[Shipment]
    more: bool

    def __bool__(self) -> bool:
        return bool(self.tasks or self.orders or self.parcels)


NOTHING = Found([], [], [], more=False)


def look(text: str, tasks: QuerySet[AssemblyTask], orders: QuerySet[Order]) -> Found:
    """Ten statements at most. ``tasks`` and ``orders``: those this person may see; open work and what is new come first."""
    wanted = text.strip()[:LONGEST]
    if len(wanted) < SHORTEST:
        return NOTHING
    parcels = _parcels(wanted, orders)
    of_orders = {*_orders(wanted, orders), *(parcel.order_id for parcel in parcels)}
    of_tasks = {*_numbers(wanted, tasks), *_goods(wanted), *_codes(wanted)}
    found = list(_best(tasks.filter(Q(pk__in=of_tasks) | Q(order_id__in=of_orders)))) if of_tasks or of_orders else []
    shown = found[:SHOWN]
    others = of_orders | {task.order_id for task in shown}
    rows = list(orders.filter(pk__in=others).order_by("-created_at", "-pk")[: SHOWN + 1]) if others else []
    more = len(found) > SHOWN or len(rows) > SHOWN or len(parcels) > SHOWN
    return Found(shown, rows[:SHOWN], parcels[:SHOWN], more=more)


def _best(rows: QuerySet[AssemblyTask]) -> QuerySet[AssemblyTask]:
    closed = Case(When(stage__in=OPEN_STAGES, then=0), default=1)
    return rows.order_by(closed, "-created_at", "-pk")[: SHOWN + 1]


def _some(rows: QuerySet[Any, Any]) -> Iterable[int]:
    return rows.order_by()[:LOOKED_AT]


def _numbers(text: str, tasks: QuerySet[AssemblyTask]) -> Iterable[int]:
    """By how they begin, or by their last four digits, as people tell them to each other."""
    found = Q(external_id__startswith=text)
    if len(text) == TAIL and text.isdigit():
        tasks, found = tasks.alias(tail=Right("external_id", TAIL)), found | Q(tail=text)
    return _some(tasks.filter(found).values_list("pk", flat=True))


def _orders(text: str, orders: QuerySet[Order]) -> set[int]:
    """By their own number, and by a buyer's name or phone."""
    numbers = orders.filter(external_id__startswith=text).values_list("pk", flat=True)
    return {*_some(numbers), *_some(buyers(text))}


def _goods(text: str) -> Iterable[int]:
    """Tasks with an article that begins like this, or whose barcode this is."""
    understood = codes.read(text)
    said = {form for form in (understood.gtin, text) if form}
    articles = list(ArticleBarcode.objects.filter(value__in=said).values_list("article", flat=True)[:SHOWN])
    named = TaskItem.objects.filter(article__startswith=text)
    rows = named | TaskItem.objects.filter(article__in=articles) if articles else named
    return _some(rows.values_list("task_id", flat=True))


def _codes(text: str) -> Iterable[int]:
    """A marking code is scanned whole: equality is what every index can do."""
    understood = codes.read(text)
    if len(understood.value) < SHORTEST_CODE or understood.errors:
        return ()
    known = {codes.identity(understood.value, kind) for kind in understood.kinds if kind in CodeKind.values}
    return _some(MarkingCode.objects.filter(identity__in=known).values_list("task_id", flat=True)) if known else ()


def _parcels(text: str, orders: QuerySet[Order]) -> list[Shipment]:
    if not any(map(str.isdigit, text)):
        return []
    rows = Shipment.objects.filter(number__startswith=text, detached_at=None, order__in=orders)
    return list(rows.select_related("order", "carrier_account").order_by("number", "pk")[: SHOWN + 1])
