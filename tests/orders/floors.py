"""Tasks made by hand, for tests of the floor: no marketplace has to tell of them first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from backoffice.models import User
from backoffice.people import Role, create_user
from orders.enums import EntryKind, Stage
from orders.models import AssemblyTask, MarketplaceAccount, Order, Pick, TaskItem, TimelineEntry
from orders.services import actors

MUG = "4600439931256"
TRAIN = "2000000000015"
_WORDS = {Stage.NEW: "new", Stage.ASSEMBLING: "confirm", Stage.READY: "confirm", Stage.DELIVERING: "deliver"}
_numbers = count(9_000_000)

Item = tuple[str, int, Sequence[str]]
ONE: Item = ("MUG-1", 1, [MUG])


def wildberries(**fields: Any) -> MarketplaceAccount:
    """A shop nobody calls."""
    given = {"title": "Shop", "base_url": "http://127.0.0.1:9", "dialect": "batch", "credentials": {"token": "x"}}
    return MarketplaceAccount.objects.create(**{"kind": "wildberries", **given, **fields})


def yandex(**fields: Any) -> MarketplaceAccount:
    options = {"campaign_id": "1", "business_id": "2"}
    return wildberries(kind="yandex_market", dialect="business", options=options, **fields)


def made(
    shop: MarketplaceAccount, *items: Item, stage: Stage = Stage.ASSEMBLING, minutes: int = 60, **fields: Any
) -> AssemblyTask:
    """A task due in so many minutes."""
    now = timezone.now()
    number, due = str(next(_numbers)), now + timedelta(minutes=minutes)
    order = Order.objects.create(account=shop, external_id=f"O{number}", deadline_at=due, created_at=now, stage=stage)
    words = {"supplierStatus": _WORDS[stage], "wbStatus": "waiting"}
    if shop.kind == "yandex_market":
        words = {"status": "PROCESSING", "substatus": "STARTED"}
    task = AssemblyTask.objects.create(
        order=order, account=shop, external_id=number, stage=stage, deadline_at=due, created_at=now,
        raw_digest="saved", marketplace_status=words, **fields,
    )  # fmt: skip
    for n, (article, quantity, barcodes) in enumerate(items or (ONE,)):
        TaskItem.objects.create(
            task=task, external_id=f"{number}-{n}", article=article, name=f"Name of {article}", quantity=quantity,
            barcodes=list(barcodes), price=Decimal(100), currency="RUB",
        )  # fmt: skip
    return task


def picked(task: AssemblyTask, units: int = 1, *, article: str = "") -> None:
    """So many units of the task's first item, or of the one with this article, are verified."""
    item = task.items.filter(article=article).get() if article else task.items.all()[0]
    Pick.objects.bulk_create(Pick(item=item, unit=unit) for unit in range(1, units + 1))


def somebody(name: str, **fields: Any) -> User:
    user = create_user(name, role=Role.WAREHOUSE, password=name, weak=True)
    User.objects.filter(pk=user.pk).update(**fields)
    return User.objects.get(pk=user.pk)


def hand(name: str) -> actors.Actor:
    """A new warehouse user who does something."""
    return actors.staff(somebody(name))


def told(task: AssemblyTask, kind: EntryKind) -> int:
    """How many entries of a kind the task has."""
    return TimelineEntry.objects.filter(task=task, kind=kind).count()
