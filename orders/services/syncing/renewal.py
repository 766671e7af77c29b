"""Known orders told anew: what changed is written in a fixed number of statements, however many orders a page has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from backoffice import bulk, payloads
from orders.enums import LIVE_CODE_STATES, CodeState, EntryKind
from orders.marketplaces import facts
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, Buyer, MarketplaceAccount, MarkingCode, Order, TaskItem
from orders.services import buyers, stages, timeline
from orders.services.actors import MARKETPLACE
from orders.services.warehouse import articles, endings

from . import rows, statuses
from .rows import Parsed

Pair = tuple[AssemblyTask, Parsed]
_TASK = (
    "raw_id",
    "raw_digest",
    "code_kinds",
    "required_kinds",
    "deadline_at",
    "delivery_type",
    "is_test",
    "updated_at",
)
_ORDER = (
    "window_from", "window_to", "deadline_at", "delivery_type", "is_business", "is_test", "data", "updated_at",
)  # fmt: skip
_ITEM = (
    "article", "name", "barcodes", "quantity", "price", "currency", "final_price", "code_kinds", "required_kinds", "data",
)  # fmt: skip
_BUYER = ("address", "comment", "handover")


def renew(
    account: MarketplaceAccount, offer: Offer, changed: Sequence[Parsed], *, asked_at: datetime
) -> tuple[int, list[tuple[Parsed, str]]]:
    """Store what orders say of themselves now; returns how many were taken, and those the database refuses with the name of
    its error. Idempotent.

    One that moved after ``asked_at`` is left as it is, digest and all: the page may be older than the move, and the next
    one brings it again. One that is refused stays as it was, does not hold up the others and is tried whenever it comes.
    """
    try:
        return _renew(account, offer, changed, asked_at), []
    except (IntegrityError, DataError) as error:
        if len(changed) == 1:
            return 0, [(changed[0], type(error).__name__)]
    taken, refused = 0, list[tuple[Parsed, str]]()
    for each in changed:
        count, problems = renew(account, offer, [each], asked_at=asked_at)
        taken, refused = taken + count, refused + problems
    return taken, refused


@transaction.atomic
def _renew(account: MarketplaceAccount, offer: Offer, changed: Sequence[Parsed], asked_at: datetime) -> int:
    said = {each.task.external_id: each for each in changed}
    known = AssemblyTask.objects.filter(account=account, external_id__among=list(said)).values_list("pk", flat=True)
    pairs = [(task, said[task.external_id]) for task in stages.lock(known)]
    pairs = [(task, each) for task, each in pairs if not each.whole or _is_older(task, asked_at)]
    if not pairs:
        return 0
    now = timezone.now()
    raws = payloads.keep_many([rows.draft(account, each.raw) for _task, each in pairs])
    for (task, each), raw in zip(pairs, raws, strict=True):
        task.raw, task.raw_digest, task.updated_at = raw, each.raw.digest, now
        _take_over(task, each, account)
    bulk.update([task for task, _each in pairs], _TASK)
    whole = [(task, each) for task, each in pairs if each.whole]
    told = {task.pk for task, each in pairs if not each.whole} | _items(whole, now) | _orders(account, whole, now)
    told |= _buyers(pairs)
    timeline.record(
        [
            timeline.about(
                task, EntryKind.ORDER_CHANGED, MARKETPLACE, each.raw.digest, happened_at=each.task.updated_at
            )
            for task, each in pairs
            if task.pk in told
        ],
        now=now,
    )
    statuses.write(offer, [(task, each.status) for task, each in whole])
    return len(pairs)


def _is_older(task: AssemblyTask, asked_at: datetime) -> bool:
    return task.moved_at is None or task.moved_at < asked_at


def _take_over(task: AssemblyTask, each: Parsed, account: MarketplaceAccount) -> None:
    """A whole order replaces what is known; one told in part only adds."""
    if each.whole or each.task.code_kinds:
        task.code_kinds = rows.values(each.task.code_kinds)
    if each.whole:
        task.required_kinds = rows.values(each.task.required_kinds)
        task.deadline_at = each.task.deadline_at or task.deadline_at
        task.delivery_type = each.task.delivery_type
        task.is_test = each.task.is_test or account.training


def _differs(old: Any, new: Any, fields: Iterable[str]) -> bool:
    return any(getattr(old, name) != getattr(new, name) for name in fields)


def _copy(old: Any, new: Any, fields: Iterable[str]) -> None:
    for name in fields:
        setattr(old, name, getattr(new, name))


def _items(pairs: Sequence[Pair], now: datetime) -> set[int]:
    """Lines that changed, came or were taken out (they keep their row, with the quantity 0). Returns ids of their tasks."""
    stored = TaskItem.objects.filter(task_id__in=[task.pk for task, _each in pairs])
    known = {(item.task_id, item.external_id): item for item in stored}
    fresh, changed, entries, fewer, told = [], [], [], set(), set()
    for task, each in pairs:
        said = {item.external_id: rows.item_row(task.pk, item) for item in each.task.items}
        mine = {external_id: item for (task_id, external_id), item in known.items() if task_id == task.pk}
        fresh += [row for external_id, row in said.items() if external_id not in mine]
        for external_id, item in mine.items():
            new = said.get(external_id)
            if new is None and item.quantity == 0:
                continue
            if new is not None and not _differs(item, new, _ITEM):
                continue
            told_of = _quantity_fact(task, each, item, new)
            entries += told_of
            fewer |= {item.pk} if told_of else set()
            if new is None or _says_more(item, new):
                told.add(task.pk)
            _copy(item, new, _ITEM) if new is not None else setattr(item, "quantity", 0)
            changed.append(item)
    TaskItem.objects.bulk_create(fresh)
    articles.learn(fresh)
    bulk.update(changed, _ITEM)
    if changed:
        _free_units([item.pk for item in changed], now)
    timeline.record(entries, now=now)
    endings.changed(fewer, actor=MARKETPLACE, now=now)
    return told | {item.task_id for item in fresh}


def _says_more(item: TaskItem, new: TaskItem) -> bool:
    """Whether more has changed than what follows from steps and codes: where its units are, and which codes they have."""
    columns = [name for name in _ITEM if name != "data"]
    return _differs(item, new, columns) or _lasting(item.data) != _lasting(new.data)


def _lasting(data: dict[str, Any]) -> dict[str, Any]:
    known = {name: value for name, value in (data.get(facts.KEY) or {}).items() if name not in ("states", "instances")}
    return {**data, facts.KEY: known}


def _quantity_fact(task: AssemblyTask, each: Parsed, item: TaskItem, new: TaskItem | None) -> list[timeline.Fact]:
    left = new.quantity if new is not None else 0
    if left == item.quantity:
        return []
    data = {"article": item.article, "from": item.quantity, "to": left}
    key = f"{item.pk}:{item.quantity}:{left}:{each.raw.digest}"
    return [
        timeline.about(
            task, EntryKind.ITEMS_CHANGED, MARKETPLACE, key, data=data, happened_at=each.task.updated_at
        )
    ]  # fmt: skip


def _free_units(item_ids: Sequence[int], now: datetime) -> None:
    """Codes on units that are not part of the order any more: their goods go back to the shelf."""
    left = MarkingCode.objects.filter(item_id__in=item_ids, unit__gt=F("item__quantity"), state__in=LIVE_CODE_STATES)
    ids = list(left.values_list("pk", flat=True))
    if ids:
        MarkingCode.objects.filter(pk__in=ids).update(state=CodeState.RELEASED, changed_at=now)


def _orders(account: MarketplaceAccount, pairs: Sequence[Pair], now: datetime) -> set[int]:
    """Ids of the tasks whose orders changed in more than the time they were last touched."""
    ids = [task.order_id for task, _each in pairs]
    # Locked: what comes apart from the order (``extras``) is kept in the same column.
    orders = {order.pk: order for order in Order.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    changed, told = [], set()
    for task, each in pairs:
        order, new = orders[task.order_id], rows.order_row(account, each.task)
        new.data = {**order.data, **new.data}
        new.updated_at = order.updated_at
        if each.task.deadline_at is None:
            new.deadline_at = order.deadline_at
        if not _differs(order, new, _ORDER):
            continue
        if _differs(order, new, [name for name in _ORDER if name != "data"]) or _facts(order) != _facts(new):
            told.add(task.pk)
        _copy(order, new, _ORDER)
        order.updated_at = now
        changed.append(order)
    bulk.update(changed, _ORDER)
    return told


def _facts(order: Order) -> dict[str, Any]:
    """What is known of an order, without the moment it was last touched."""
    known = dict(order.data.get(facts.KEY) or {})
    known.pop("updated_at", None)
    return {**order.data, facts.KEY: known}


def _buyers(pairs: Sequence[Pair]) -> set[int]:
    """What orders tell of their buyers. Returns ids of the tasks that brought something new."""
    telling = [(task, each) for task, each in pairs if each.whole or each.task.address or each.task.comment]
    known = Buyer.objects.in_bulk([task.order_id for task, _each in telling])
    changed, fresh, told, names = [], [], set(), []
    for task, each in telling:
        new, buyer = rows.buyer_row(task.order_id, each.task), known.get(task.order_id)
        if each.task.buyer and (buyer is None or not buyer.name):
            names.append((task, each.task.buyer))
        if buyer is None:
            fresh.append(new)
        elif _differs(buyer, new, _BUYER):
            _copy(buyer, new, _BUYER)
            changed.append(buyer)
            told.add(task.pk)
    Buyer.objects.bulk_create(fresh, ignore_conflicts=True)
    bulk.update(changed, _BUYER)
    if names:
        buyers.learn(names)
    return told
