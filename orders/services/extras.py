"""Facts that come apart from the orders: what buyers pay for delivery, organisations behind business orders, their documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from orders.enums import OPEN_STAGES, Stage
from orders.marketplaces.base import DeliveryCost, Marketplace, Money
from orders.models import AssemblyTask, Buyer, MarketplaceAccount, Order

from . import calling

#: Keys of ``Order.data``; once one is there, it is not asked for again.
COST = "delivery_cost"
ORGANISATION = "organisation_asked"
DOCUMENTS = "documents"
DOCUMENT_DAYS = timedelta(days=60)
DOCUMENTS_AGAIN = timedelta(hours=1)
BATCH = 500


def fetch(account: MarketplaceAccount) -> int:
    """Ask for what open orders still lack; returns how many orders learnt something. Idempotent."""

    def work(provider: Marketplace) -> int:
        return _costs(account, provider) + _organisations(account, provider) + _documents(account, provider)

    return int(calling.with_provider(account, work, optional=True) or 0)


def _open(account: MarketplaceAccount, key: str) -> Any:
    rows = Order.objects.filter(account=account, stage__in=OPEN_STAGES)
    return rows.exclude(data__has_key=key).order_by("pk")


def _costs(account: MarketplaceAccount, provider: Marketplace) -> int:
    orders = list(_open(account, COST).filter(data__has_key="group")[:BATCH])
    groups = sorted({order.data["group"] for order in orders})
    if not groups:
        return 0
    told = {cost.group: cost for cost in provider.delivery_costs(groups)}
    _mark(orders, COST, {order.pk: _cost_json(told.get(order.data["group"])) for order in orders})
    return sum(order.data["group"] in told for order in orders)


def _cost_json(cost: DeliveryCost | None) -> dict[str, str] | None:
    """None is an answer as well: delivery costs the buyer nothing."""
    if cost is None:
        return None
    return {**_money("", cost.cost), **(_money("converted_", cost.converted) if cost.converted else {})}


def _money(prefix: str, money: Money) -> dict[str, str]:
    return {f"{prefix}amount": str(money.amount), f"{prefix}currency": money.currency}


def _organisations(account: MarketplaceAccount, provider: Marketplace) -> int:
    orders = list(_open(account, ORGANISATION).filter(is_business=True)[:BATCH])
    tasks = AssemblyTask.objects.filter(order__in=orders).values_list("external_id", "order_id")
    by_task = dict(tasks)
    if not by_task:
        return 0
    told = {by_task[each.external_id]: dict(each.facts) for each in provider.organisations(list(by_task))}
    with transaction.atomic():
        for order_id, facts in told.items():
            Buyer.objects.update_or_create(order_id=order_id, defaults={"organisation": facts})
        _mark(orders, ORGANISATION, {order.pk: order.pk in told for order in orders})
    return len(told)


def _documents(account: MarketplaceAccount, provider: Marketplace) -> int:
    """Documents come late and change: business orders are asked about again each hour until all are there."""
    now = timezone.now()
    rows = Order.objects.filter(account=account, is_business=True, created_at__gt=now - DOCUMENT_DAYS)
    due = [order for order in rows.exclude(stage=Stage.WAITING).order_by("pk")[:BATCH] if _wants_documents(order, now)]
    by_task = dict(AssemblyTask.objects.filter(order__in=due).values_list("external_id", "order_id"))
    if not by_task:
        return 0
    told: dict[int, list[dict[str, str]]] = {order.pk: [] for order in due}
    for each in provider.documents(list(by_task)):
        told[by_task[each.external_id]].append(
            {"kind": each.kind, "status": each.status, "number": each.number, "date": each.date}
        )
    _mark(due, DOCUMENTS, {pk: {"asked": now.isoformat(), "rows": rows} for pk, rows in told.items()})
    return sum(map(bool, told.values()))


def _wants_documents(order: Order, now: datetime) -> bool:
    known = order.data.get(DOCUMENTS)
    return known is None or datetime.fromisoformat(known["asked"]) < now - DOCUMENTS_AGAIN


def _mark(orders: Sequence[Order], key: str, values: dict[int, Any]) -> None:
    for order in orders:
        order.data = {**order.data, key: values[order.pk]}
    Order.objects.bulk_update(orders, ["data"], batch_size=BATCH)
