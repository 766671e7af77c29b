"""Orders, tasks and parcels as two upstreams have left them, for tests of what does not fit together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from carriers.models import CarrierAccount
from carriers.statuses import Finality, TrackingStatus
from orders.enums import ActionKind, ReactionState, Stage
from orders.models import AssemblyTask, Attention, MarketplaceAccount, MarketplaceAction, Order, Reaction, Shipment

NOW = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SAID_AT = NOW - 20 * HOUR
CHANGED_AT = NOW - 2 * HOUR
WORDS = {
    ("wildberries", Stage.DELIVERING): {"supplierStatus": "deliver", "wbStatus": "sorted"},
    ("wildberries", Stage.RECEIVED): {"supplierStatus": "receive", "wbStatus": "sold"},
    ("yandex_market", Stage.DELIVERING): {"status": "DELIVERY", "substatus": "DELIVERY_SERVICE_RECEIVED"},
    ("yandex_market", Stage.AT_PICKUP_POINT): {"status": "PICKUP", "substatus": "PICKUP_SERVICE_RECEIVED"},
    ("yandex_market", Stage.CANCELLED): {"status": "CANCELLED", "substatus": "USER_CHANGED_MIND"},
}


def order_at(shop: MarketplaceAccount, stage: Stage, number: str = "52000077", **fields: Any) -> Order:
    """An order with one task."""
    order = Order.objects.create(
        account=shop, external_id=number, stage=stage, deadline_at=NOW, created_at=NOW - 100 * HOUR, **fields
    )
    AssemblyTask.objects.create(
        order=order,
        account=shop,
        external_id=number,
        stage=stage,
        deadline_at=NOW,
        created_at=order.created_at,
        moved_at=SAID_AT,
        marketplace_status=WORDS.get((shop.kind, stage), {}),
    )
    return order


def stands(order: Order, stage: Stage, *, said_at: datetime = NOW) -> None:
    """The marketplace has moved it."""
    words = WORDS.get((order.account.kind, stage), {})
    order.tasks.update(stage=stage, moved_at=said_at, marketplace_status=words)
    Order.objects.filter(pk=order.pk).update(stage=stage, updated_at=said_at)


def parcel_of(
    order: Order, carrier: CarrierAccount, status: TrackingStatus, finality: Finality = Finality.OPEN, **fields: Any
) -> Shipment:
    known: dict[str, Any] = {
        "number": "MW-1", "changed_at": CHANGED_AT, "news_at": CHANGED_AT, "checked_at": NOW - HOUR,
        "next_poll_at": NOW + HOUR,
    }  # fmt: skip
    return Shipment.objects.create(
        order=order, carrier_account=carrier, status=status, finality=finality, **{**known, **fields}
    )


def moves(parcel: Shipment, status: TrackingStatus, finality: Finality = Finality.OPEN, **fields: Any) -> None:
    """Its carrier says something else."""
    known: dict[str, Any] = {"changed_at": NOW, "news_at": NOW}
    Shipment.objects.filter(pk=parcel.pk).update(status=status, finality=finality, **{**known, **fields})


def asked(order: Order, kind: ActionKind, *, at: datetime = NOW) -> MarketplaceAction:
    task = order.tasks.get()
    action = MarketplaceAction.objects.create(task=task, account=order.account, kind=kind, not_before=at)
    MarketplaceAction.objects.filter(pk=action.pk).update(created_at=at)
    return action


def reacts(parcel: Shipment, kind: ActionKind, state: ReactionState, **fields: Any) -> Reaction:
    return Reaction.objects.create(
        shipment=parcel, task=parcel.order.tasks.get(), status=parcel.status, kind=kind, state=state, mode="suggest",
        rule_version=1, **fields,
    )  # fmt: skip


def open_ones(order: Order) -> dict[str, Attention]:
    """Open questions of an order by their code."""
    rows = Attention.objects.filter(order=order, kind="divergence", resolved_at=None)
    return {row.facts["code"]: row for row in rows}
