"""Facts that come apart from the orders: what buyers pay for delivery, organisations behind business orders, their documents."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
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
#: Orders a run asks about one by one at most, and for how long.
MOST = 200
SECONDS = 100.0

#: Orders' ids by the numbers of their tasks.
Numbered = Mapping[str, int]


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
    _mark(COST, {order.pk: _cost_json(told.get(order.data["group"])) for order in orders})
    return sum(order.data["group"] in told for order in orders)


def _cost_json(cost: DeliveryCost | None) -> dict[str, str] | None:
    """None is an answer as well: delivery costs the buyer nothing."""
    if cost is None:
        return None
    return {**_money("", cost.cost), **(_money("converted_", cost.converted) if cost.converted else {})}


def _money(prefix: str, money: Money) -> dict[str, str]:
    return {f"{prefix}amount": str(money.amount), f"{prefix}currency": money.currency}


def _organisations(account: MarketplaceAccount, provider: Marketplace) -> int:
    rows = _open(account, ORGANISATION).filter(is_business=True).exclude(stage=Stage.WAITING)
    return _one_by_one(list(rows[:MOST]), lambda part: _learn_organisations(provider, part))


def _learn_organisations(provider: Marketplace, part: Numbered) -> int:
    asked = list(part)
    told = {
        part[each.external_id]: dict(each.facts) for each in provider.organisations(asked) if each.external_id in part
    }
    with transaction.atomic():
        for order_id, facts in told.items():
            Buyer.objects.update_or_create(order_id=order_id, defaults={"organisation": facts})
        _mark(ORGANISATION, {order_id: order_id in told for order_id in part.values()})
    return len(told)


def _documents(account: MarketplaceAccount, provider: Marketplace) -> int:
    """Documents come late and change: business orders are asked about again each hour until all are there."""
    now = timezone.now()
    rows = Order.objects.filter(account=account, is_business=True, created_at__gt=now - DOCUMENT_DAYS)
    due = rows.exclude(stage=Stage.WAITING).filter(~Q(data__has_key=DOCUMENTS) | _due(now))
    return _one_by_one(list(due.order_by("pk")[:MOST]), lambda part: _learn_documents(provider, part, now))


def _due(now: datetime) -> Q:
    """``next`` is in seconds of the epoch, so that both databases compare it as a number."""
    return Q(**{f"data__{DOCUMENTS}__next__lte": int(now.timestamp())})


def _learn_documents(provider: Marketplace, part: Numbered, now: datetime) -> int:
    told: dict[int, list[dict[str, str]]] = {order_id: [] for order_id in part.values()}
    for each in provider.documents(list(part)):
        if each.external_id in part:
            told[part[each.external_id]].append(
                {"kind": each.kind, "status": each.status, "number": each.number, "date": each.date}
            )
    again = int((now + DOCUMENTS_AGAIN).timestamp())
    _mark(DOCUMENTS, {pk: {"next": again, "rows": rows} for pk, rows in told.items()})
    return sum(map(bool, told.values()))


def _one_by_one(orders: Sequence[Order], learn: Callable[[Numbered], int]) -> int:
    """Each is stored before the next is asked for: what an error or an empty budget ends is not lost."""
    tasks = AssemblyTask.objects.filter(order__in=orders).order_by("pk")
    stop_at = time.monotonic() + SECONDS
    learnt = 0
    for external_id, order_id in list(tasks.values_list("external_id", "order_id")):
        learnt += learn({external_id: order_id})
        if time.monotonic() > stop_at:
            break
    return learnt


@transaction.atomic
def _mark(key: str, values: Mapping[int, Any]) -> None:
    """Keep one fact of each order; the others in the column may have been written meanwhile and stay."""
    orders = list(Order.objects.select_for_update().filter(pk__in=values).order_by("pk"))
    for order in orders:
        order.data = {**order.data, key: values[order.pk]}
    Order.objects.bulk_update(orders, ["data"], batch_size=BATCH)
