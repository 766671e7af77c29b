"""An order of a shop with a parcel of a carrier that says what a test wants, through the real door of tracking."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from carriers.models import CarrierAccount
from carriers.types import Event
from orders.enums import AttentionKind, ReactionMode, Stage
from orders.models import (
    AssemblyTask,
    Attention,
    MarketplaceAccount,
    MarketplaceAction,
    Order,
    Reaction,
    ReactionRule,
    Shipment,
    TaskItem,
    TimelineEntry,
)
from orders.services.shipping import arrivals

from .parcels import carrier_account, event, shop_account, snapshot

#: Noon in Moscow.
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
ORDERED = NOW - timedelta(days=5)
WORDS = {
    ("yandex_market", Stage.WAITING): {"status": "PENDING", "substatus": "AWAIT_CONFIRMATION"},
    ("yandex_market", Stage.NEW): {"status": "PROCESSING", "substatus": "STARTED"},
    ("yandex_market", Stage.READY): {"status": "PROCESSING", "substatus": "READY_TO_SHIP"},
    ("yandex_market", Stage.DELIVERING): {"status": "DELIVERY", "substatus": "DELIVERY_SERVICE_RECEIVED"},
    ("yandex_market", Stage.AT_PICKUP_POINT): {"status": "PICKUP", "substatus": "PICKUP_SERVICE_RECEIVED"},
    ("yandex_market", Stage.RECEIVED): {"status": "DELIVERED", "substatus": "DELIVERY_SERVICE_DELIVERED"},
    ("wildberries", Stage.READY): {"supplierStatus": "confirm", "wbStatus": "waiting"},
    ("wildberries", Stage.DELIVERING): {"supplierStatus": "deliver", "wbStatus": "waiting"},
    ("wildberries", Stage.RECEIVED): {"supplierStatus": "receive", "wbStatus": "sold"},
}


@dataclass
class Parcel:
    """``say`` is a poll: the carrier tells its whole history with one more word."""

    shipment: Shipment
    account: CarrierAccount
    history: list[Event] = field(default_factory=list)

    def say(self, word: str, *, happened: datetime | None = None, **more: Any) -> None:
        moment = happened or timezone.now()
        self.history.append(event(word, happened_at=moment))
        arrivals.apply(self.account, [snapshot(self.shipment.number, *self.history, **more)], timezone.now())
        self.shipment.refresh_from_db()

    def bare(self, word: str) -> None:
        """A poll of an old server: the present word, without a time, and nothing else."""
        told = snapshot(self.shipment.number, event(word, happened_at=None), complete=False)
        arrivals.apply(self.account, [told], timezone.now())
        self.shipment.refresh_from_db()


@dataclass
class World:
    """One order with its task, ready to be told of."""

    shop: MarketplaceAccount
    couriers: CarrierAccount
    order: Order
    task: AssemblyTask

    def parcel(self, number: str = "P-1", *, under_way: bool = True) -> Parcel:
        """Attached; ``under_way``: its carrier has told of it before."""
        row = Shipment.objects.create(order=self.order, carrier_account=self.couriers, number=number)
        found = Parcel(row, self.couriers)
        if under_way:
            found.say("ACCEPTED", happened=NOW - timedelta(days=1))
        return found

    def rule(self, mode: str = ReactionMode.AUTOMATIC, **fields: Any) -> ReactionRule:
        """As it is after all doors to it were passed."""
        row, _made = ReactionRule.objects.update_or_create(
            carrier_account=self.couriers, defaults={"mode": mode, "rehearsed_at": timezone.now(), **fields}
        )
        return row


def world(kind: str = "yandex_market", stage: Stage = Stage.READY, *, number: str = "1001", **task: Any) -> World:
    shop = MarketplaceAccount.objects.filter(kind=kind).first() or shop_account(kind)
    couriers = CarrierAccount.objects.first() or carrier_account()
    ordered = min(ORDERED, timezone.now() - timedelta(days=1))
    order = Order.objects.create(
        account=shop, external_id=number, deadline_at=NOW + timedelta(days=1), created_at=ordered, stage=stage,
        delivery_type=task.get("delivery_type", ""),
    )  # fmt: skip
    row = AssemblyTask.objects.create(
        order=order, account=shop, external_id=number, stage=stage, marketplace_status=WORDS[kind, stage],
        deadline_at=order.deadline_at, created_at=ordered, raw_digest="x", **task,
    )  # fmt: skip
    TaskItem.objects.create(task=row, article="MUG", price=599, currency="RUB")
    return World(shop, couriers, order, row)


def at(world: World, stage: Stage) -> None:
    """The marketplace says where the task is now."""
    words = WORDS[world.shop.kind, stage]
    AssemblyTask.objects.filter(pk=world.task.pk).update(stage=stage, marketplace_status=words)


def open_reactions() -> list[tuple[str, str, str]]:
    """Status, action and state of all reactions."""
    return list(Reaction.objects.order_by("pk").values_list("status", "kind", "state"))


def asked() -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, source and payload of all that is asked of marketplaces."""
    return list(MarketplaceAction.objects.order_by("pk").values_list("kind", "source", "payload"))


def corrections() -> int:
    return Attention.objects.filter(kind=AttentionKind.TRACKING_CORRECTION, resolved_at=None).count()


def story() -> list[str]:
    """States of reactions as the timeline tells them."""
    return list(TimelineEntry.objects.filter(kind="reaction").order_by("pk").values_list("status", flat=True))


def heard() -> None:
    """Every carrier was asked just now and had nothing new."""
    Shipment.objects.update(checked_at=timezone.now())
