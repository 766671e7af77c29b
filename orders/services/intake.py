"""Orders come in: a page becomes rows in a fixed number of statements; the same page again writes nothing.

One broken element is one attention with its raw text; the rest of the page goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from backoffice import payloads
from backoffice.errors import Unreadable
from backoffice.models import RawPayload
from orders.enums import CLOSED_STAGES, AttentionKind, EntryKind, Severity
from orders.marketplaces.base import DeliveryWindow, IncomingItem, IncomingTask, Marketplace, RawTask, Window
from orders.models import AssemblyTask, Buyer, MarketplaceAccount, Order, TaskItem

from . import attention, buyers, stages, timeline
from .actors import MARKETPLACE

ORDER_ENDPOINT = "order"


@dataclass(slots=True)
class Taken:
    """What became of a page. ``created`` are ids of our new tasks."""

    created: list[int] = field(default_factory=list)
    changed: int = 0
    unchanged: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class _Parsed:
    raw: RawTask
    task: IncomingTask


def receive_page(account: MarketplaceAccount, provider: Marketplace, tasks: Sequence[RawTask]) -> Taken:
    """Store a page of tasks with their raw text. Idempotent: an unchanged task is known by its digest and left alone."""
    fresh = {raw.external_id or raw.digest: raw for raw in tasks}
    known = _known_digests(account, [raw.external_id for raw in fresh.values()])
    todo = [raw for raw in fresh.values() if known.get(raw.external_id) != raw.digest]
    taken = Taken(unchanged=len(fresh) - len(todo))
    if not todo:
        return taken
    parsed, broken = _parse(provider, todo)
    _keep_broken(account, broken)
    taken.broken = len(broken)
    new = [each for each in parsed if each.task.external_id not in known]
    changed = [each for each in parsed if each.task.external_id in known]
    taken.created = _create_safely(account, new)
    taken.broken += len(new) - len(taken.created)
    for each in changed:
        _change(account, each)
    taken.changed = len(changed)
    return taken


def _known_digests(account: MarketplaceAccount, ids: Sequence[str]) -> dict[str, str]:
    rows = AssemblyTask.objects.filter(account=account, external_id__among=ids)
    return dict(rows.values_list("external_id", "raw_digest"))


def _parse(provider: Marketplace, todo: Sequence[RawTask]) -> tuple[list[_Parsed], list[tuple[RawTask, Unreadable]]]:
    parsed, broken = [], []
    for raw in todo:
        try:
            parsed.append(_Parsed(raw, provider.parse(raw)))
        except Unreadable as error:
            broken.append((raw, error))
    return parsed, broken


def _keep_broken(account: MarketplaceAccount, broken: Sequence[tuple[RawTask, Unreadable]]) -> None:
    """The raw text of what could not be read, and a question for a person: once a text, however often it comes."""
    if not broken:
        return
    asked = attention.open_keys([_bad_key(account, raw) for raw, _ in broken])
    fresh = [(raw, error) for raw, error in broken if _bad_key(account, raw) not in asked]
    drafts = [_draft(account, raw, error.detail or error.code) for raw, error in fresh]
    rows = payloads.keep_many(drafts) if drafts else []
    questions = [_bad(account, raw, error, row) for (raw, error), row in zip(fresh, rows, strict=True)]
    attention.open_many(questions)


def _bad_key(account: MarketplaceAccount, raw: RawTask) -> str:
    return f"{AttentionKind.BAD_ORDER}:{account.ref}:{raw.digest}"


def _bad(account: MarketplaceAccount, raw: RawTask, error: Unreadable, row: RawPayload) -> attention.Question:
    return attention.Question(
        kind=AttentionKind.BAD_ORDER,
        severity=Severity.URGENT,
        key=_bad_key(account, raw),
        account_id=account.pk,
        payload_id=row.pk,
        facts={"external_id": raw.external_id, "reason": (error.detail or error.code)[:300]},
    )


def _draft(account: MarketplaceAccount, raw: RawTask, error: str = "") -> payloads.Draft:
    return payloads.Draft(account.kind, account.pk, ORDER_ENDPOINT, raw.body, subject=raw.external_id, error=error)


def _create_safely(account: MarketplaceAccount, new: Sequence[_Parsed]) -> list[int]:
    """Create; when another process was faster with some of them, the constraint says so and the rest is created."""
    if not new:
        return []
    try:
        return _create(account, new)
    except (IntegrityError, DataError):
        known = _known_digests(account, [each.task.external_id for each in new])
        rest = [each for each in new if each.task.external_id not in known]
        return _create_one_by_one(account, rest)


def _create_one_by_one(account: MarketplaceAccount, new: Sequence[_Parsed]) -> list[int]:
    """One row the database refuses must not hold up the others."""
    created: list[int] = []
    for each in new:
        try:
            created += _create(account, [each])
        except (IntegrityError, DataError) as error:
            _keep_broken(account, [(each.raw, Unreadable("constraint", type(error).__name__))])
    return created


@transaction.atomic
def _create(account: MarketplaceAccount, new: Sequence[_Parsed]) -> list[int]:
    now = timezone.now()
    raws = payloads.keep_many([_draft(account, each.raw) for each in new])
    orders, created = _orders(account, [each.task for each in new])
    tasks = [
        _task_row(account, each, orders[each.task.order_external_id].pk, raw, now)
        for each, raw in zip(new, raws, strict=True)
    ]
    AssemblyTask.objects.bulk_create(tasks)
    items = [_item_row(row.pk, item) for row, each in zip(tasks, new, strict=True) for item in each.task.items]
    TaskItem.objects.bulk_create(items)
    _store_buyers(orders, [each.task for each in new], created)
    timeline.record([_received(row, each.task) for row, each in zip(tasks, new, strict=True)], now=now)
    joined = {row.order_id for row in tasks} - {order.pk for order in created.values()}
    if joined:
        stages.refresh_orders(joined, now=now)
    return [row.pk for row in tasks]


def _orders(account: MarketplaceAccount, tasks: Sequence[IncomingTask]) -> tuple[dict[str, Order], dict[str, Order]]:
    """All orders of the tasks by external id, and those that were created just now."""
    first = {task.order_external_id: task for task in reversed(tasks)}
    found = {
        order.external_id: order for order in Order.objects.filter(account=account, external_id__among=list(first))
    }
    missing = {key: _order_row(account, task) for key, task in first.items() if key not in found}
    Order.objects.bulk_create(missing.values())
    return {**found, **missing}, missing


def _order_row(account: MarketplaceAccount, task: IncomingTask) -> Order:
    window = task.window
    return Order(
        account=account,
        external_id=task.order_external_id,
        stage=task.stage,
        delivery_type=task.delivery_type,
        window_from=window.start if window else None,
        window_to=window.end if window else None,
        deadline_at=task.deadline_at or task.created_at,
        is_business=task.is_business,
        is_test=task.is_test,
        data=dict(task.data),
        created_at=task.created_at,
    )


def _task_row(
    account: MarketplaceAccount, each: _Parsed, order_id: int, raw: RawPayload, now: datetime
) -> AssemblyTask:
    task = each.task
    return AssemblyTask(
        order_id=order_id,
        account=account,
        external_id=task.external_id,
        stage=task.stage,
        marketplace_status=dict(task.words),
        delivery_type=task.delivery_type,
        code_kinds=[kind.value for kind in task.code_kinds],
        required_kinds=[kind.value for kind in task.required_kinds],
        deadline_at=task.deadline_at or task.created_at,
        created_at=task.created_at,
        closed_at=now if task.stage in CLOSED_STAGES else None,
        sweep_at=now,
        raw=raw,
        raw_digest=each.raw.digest,
    )


def _item_row(task_id: int, item: IncomingItem) -> TaskItem:
    converted = item.converted_price
    return TaskItem(
        task_id=task_id,
        external_id=item.external_id,
        article=item.article,
        name=item.name,
        barcodes=list(item.barcodes),
        quantity=item.quantity,
        price=item.price.amount,
        currency=item.price.currency,
        final_price=item.final_price.amount if item.final_price else None,
        converted_price=converted.amount if converted else None,
        converted_final_price=item.converted_final_price.amount if item.converted_final_price else None,
        converted_currency=converted.currency if converted else "",
        data=dict(item.data),
    )


def _store_buyers(orders: dict[str, Order], tasks: Sequence[IncomingTask], created: dict[str, Order]) -> None:
    first = {task.order_external_id: task for task in reversed(tasks)}
    rows = [buyers.fresh(orders[key].pk, first[key].address, first[key].comment) for key in created]
    Buyer.objects.bulk_create(rows)


def _received(row: AssemblyTask, task: IncomingTask) -> timeline.Fact:
    return timeline.about(
        row,
        EntryKind.ORDER_RECEIVED,
        MARKETPLACE,
        "received",
        code=" / ".join(task.words.values()),
        status=task.stage.value,
        data={"articles": [item.article for item in task.items][:10]},
        happened_at=task.created_at,
    )


@transaction.atomic
def _change(account: MarketplaceAccount, each: _Parsed) -> None:
    """The marketplace describes a known task anew: keep the new text and what follows from it; the stage is not touched here."""
    rows = AssemblyTask.objects.select_for_update(of=("self",), no_key=True)
    row = rows.get(account=account, external_id=each.task.external_id)
    raw = payloads.keep_many([_draft(account, each.raw)])[0]
    facts: dict[str, Any] = {"raw": raw, "raw_digest": each.raw.digest, "updated_at": timezone.now()}
    if each.task.code_kinds:
        facts["code_kinds"] = [kind.value for kind in each.task.code_kinds]
    AssemblyTask.objects.filter(pk=row.pk).update(**facts)
    if each.task.address or each.task.comment:
        buyer = buyers.fresh(row.order_id, each.task.address, each.task.comment)
        Buyer.objects.filter(order_id=row.order_id).update(address=buyer.address, comment=buyer.comment)
    timeline.record([timeline.about(row, EntryKind.ORDER_CHANGED, MARKETPLACE, each.raw.digest)])


@transaction.atomic
def set_windows(account: MarketplaceAccount, windows: Sequence[DeliveryWindow]) -> int:
    """Store delivery windows that came apart from the orders; returns how many orders changed. Idempotent.

    Orders that share a window are written together: a shop has a few windows a day, however many orders.
    """
    said = {each.external_id: each.window for each in windows}
    rows = AssemblyTask.objects.filter(account=account, external_id__among=list(said)).select_related("order")
    by_order: dict[int, tuple[AssemblyTask, Window]] = {}
    for task in rows.order_by("pk"):
        window = said[task.external_id]
        known = by_order.get(task.order_id)
        if known is None or _sooner(window, known[1]):
            by_order[task.order_id] = (task, window)
    changed = [(task, window) for task, window in by_order.values() if _window_differs(task.order, window)]
    now = timezone.now()
    by_window: dict[Window, set[int]] = defaultdict(set)
    for task, window in changed:
        by_window[window].add(task.order_id)
    for window, order_ids in by_window.items():
        _write_window(window, order_ids, now)
    timeline.record([_window_fact(task, window) for task, window in changed], now=now)
    return len(changed)


def _sooner(one: Window, other: Window) -> bool:
    """Tasks of one order go out together: where their windows differ, the earlier one counts."""
    return one.deadline is not None and (other.deadline is None or one.deadline < other.deadline)


def _window_differs(order: Order, window: Window) -> bool:
    return (order.window_from, order.window_to) != (window.start, window.end)


def _write_window(window: Window, order_ids: set[int], now: datetime) -> None:
    facts: dict[str, Any] = {"updated_at": now}
    if deadline := window.deadline:
        facts["deadline_at"] = deadline
    AssemblyTask.objects.filter(order_id__in=order_ids).update(**facts)
    Order.objects.filter(pk__in=order_ids).update(window_from=window.start, window_to=window.end, **facts)


def _window_fact(task: AssemblyTask, window: Window) -> timeline.Fact:
    start = window.start.isoformat() if window.start else ""
    end = window.end.isoformat() if window.end else ""
    key = f"{task.order.window_from}|{start}|{end}"
    return timeline.about(task, EntryKind.DELIVERY_WINDOW, MARKETPLACE, key, data={"from": start, "to": end})
