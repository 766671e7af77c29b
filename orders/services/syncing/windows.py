"""Delivery windows that come apart from the orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from orders.enums import EntryKind
from orders.marketplaces.base import DeliveryWindow, Window
from orders.models import AssemblyTask, MarketplaceAccount, Order
from orders.services import timeline
from orders.services.actors import MARKETPLACE


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
