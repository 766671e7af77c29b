"""Orders of Yandex Market come in: whole, with their status, by what has changed; both order models."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from backoffice.models import RawPayload, UpstreamDrift
from backoffice.payloads import open_payload
from orders.enums import ActionKind, AttentionKind, EntryKind, Stage
from orders.marketplaces import facts
from orders.marketplaces.base import Outgoing
from orders.models import (
    AssemblyTask,
    Attention,
    Buyer,
    MarketplaceAccount,
    Order,
    OrderToRead,
    TaskItem,
    TimelineEntry,
)
from orders.services import accounts
from orders.services.syncing import changes, intake, reread, sync
from sandbox.server import RunningSandbox
from tests.orders.statements import counted

from .conftest import KEY, connected, made, pulled

MUGS: list[dict[str, Any]] = [
    {"offerId": "MUG", "offerName": "Кружка", "count": 3, "price": 599, "requiredInstanceTypes": []}
]


def counts() -> dict[str, int]:
    models = (Order, AssemblyTask, TaskItem, Buyer, TimelineEntry, RawPayload, Attention)
    return {model.__name__: model.objects.count() for model in models}


def list_calls(upstream: RunningSandbox) -> list[dict[str, Any]]:
    return [
        call for call in upstream.calls("/orders") if call["method"] in ("GET", "POST") and "buyer" not in call["path"]
    ]


def test_an_order_with_its_status_and_lines(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    (number,) = made(upstream, items=MUGS)

    (task,) = pulled(shop)
    item = task.items.get()

    assert (task.external_id, task.stage, task.marketplace_status) == (
        number, Stage.NEW, {"status": "PROCESSING", "substatus": "STARTED"},
    )  # fmt: skip
    assert (item.article, item.name, item.quantity, str(item.price), item.currency) == (
        "MUG",
        "Кружка",
        3,
        "599.00",
        "RUB",
    )
    assert task.order.external_id == number
    assert facts.of_order(task.order.data).totals.items == "1797"
    assert task.raw is not None
    assert number.encode() in open_payload(task.raw)
    assert TimelineEntry.objects.filter(kind=EntryKind.ORDER_RECEIVED).count() == 1


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        ("UNPAID", Stage.WAITING),
        ("PENDING", Stage.WAITING),
        ("PROCESSING", Stage.NEW),
        ("DELIVERY", Stage.DELIVERING),
        ("PICKUP", Stage.AT_PICKUP_POINT),
        ("DELIVERED", Stage.RECEIVED),
        ("CANCELLED", Stage.CANCELLED),
        ("RETURNED", Stage.RETURNED),
        ("PARTIALLY_RETURNED", Stage.PARTIALLY_RETURNED),
    ],
)
def test_a_status_is_a_stage(shop: MarketplaceAccount, upstream: RunningSandbox, status: str, stage: Stage) -> None:
    made(upstream, status=status, type="PICKUP")

    (task,) = pulled(shop)

    assert (task.stage, task.order.stage, task.closed_at is not None) == (stage, stage, not task.is_open)


def test_pages_of_fifty_to_the_end(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=120, items=MUGS)

    taken = sync.pull_new(shop)

    assert len(taken.created) == 120
    # Three pages of real orders, one of test orders, one of those that wait for an answer to a cancellation.
    assert len(list_calls(upstream)) == 5
    assert MarketplaceAccount.objects.get().cursors[changes.CURSOR]["page"] is None


def test_the_same_again_writes_only_the_place(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=50, items=MUGS)
    sync.pull_new(shop)
    before = counts()

    with counted() as statements:
        taken = sync.pull_new(shop)

    assert (taken.created, taken.changed, taken.unchanged) == ([], 0, 50)
    assert counts() == before
    tables = {sql.split('"')[1] for sql in statements if not sql.startswith("SELECT")}
    assert tables == {"backoffice_lease", "backoffice_ratebudget", "orders_marketplaceaccount"}


def test_new_orders_cost_a_fixed_number_of_statements(db: None, upstream: RunningSandbox) -> None:
    shop = connected(upstream)
    provider = accounts.provider(shop)
    lengths = []
    for count in (10, 40):
        numbers = made(upstream, count=count, items=MUGS)
        page = provider.lookup(numbers)
        with counted() as statements:
            taken = intake.receive_page(shop, provider, page.tasks)
        assert len(taken.created) == count
        lengths.append(len(statements))
    assert lengths[0] == 8
    # SQLite takes only so many values in one statement.
    assert lengths[1] == {"postgresql": 8, "sqlite": 9}[connection.vendor]


def test_changed_orders_cost_a_fixed_number_of_statements(db: None, upstream: RunningSandbox) -> None:
    shop = connected(upstream)
    provider = accounts.provider(shop)
    numbers = made(upstream, count=50, items=MUGS)
    sync.pull_new(shop)
    for number in numbers:
        upstream.ym.patch(int(number), status="DELIVERY", substatus="DELIVERY_SERVICE_RECEIVED")
    lengths = []
    for part in (numbers[:10], numbers[10:]):
        page = provider.lookup(part)
        with counted() as statements:
            taken = intake.receive_page(shop, provider, page.tasks)
        assert taken.changed == len(part)
        lengths.append(len(statements))
    assert lengths == [19, 19]  # one of them asks whether goods were missing that nobody waits for any more
    assert AssemblyTask.objects.filter(stage=Stage.DELIVERING).count() == 50


def test_a_run_cut_short_goes_on_where_it_stopped(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=70, items=MUGS)
    upstream.fault("500", "/orders", times=None)

    with pytest.raises(Exception, match="Temporary 500"):
        sync.pull_new(shop)
    assert AssemblyTask.objects.count() == 0
    upstream.store.faults.clear()
    provider = accounts.provider(shop)
    changes.pull(shop, provider, seconds=-1)
    assert AssemblyTask.objects.count() == 50
    shop.refresh_from_db()
    changes.pull(shop, provider)

    assert AssemblyTask.objects.count() == 70


def test_a_change_of_status_is_a_step_with_the_markets_own_time(
    shop: MarketplaceAccount, upstream: RunningSandbox
) -> None:
    (number,) = made(upstream)
    pulled(shop)
    upstream.advance(3600)
    upstream.ym.patch(int(number), status="DELIVERY", substatus="DELIVERY_SERVICE_RECEIVED")

    (page_task,) = pulled_at(shop, upstream)

    assert page_task.stage == Stage.DELIVERING
    entry = TimelineEntry.objects.get(kind=EntryKind.STAGE)
    assert (entry.status, entry.source, entry.correction) == ("delivering", "marketplace", False)
    assert entry.happened_at == page_task.said_at
    assert entry.happened_at > entry.recorded_at + timedelta(minutes=50)


def pulled_at(shop: MarketplaceAccount, upstream: RunningSandbox) -> list[AssemblyTask]:
    """A pass that asks for what changed by the clock of the sandbox, which may be ahead."""
    account = MarketplaceAccount.objects.get(pk=shop.pk)
    ids = [task.external_id for task in AssemblyTask.objects.filter(account=account)]
    reread.mark(account.pk, ids)
    reread.run(account)
    assert not OrderToRead.objects.exists()
    return list(AssemblyTask.objects.filter(account=account).order_by("external_id"))


def test_a_line_that_gets_fewer_and_one_that_goes(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    lines = [*MUGS, {"offerId": "LAMP", "offerName": "Лампа", "count": 1, "price": 990}]
    (number,) = made(upstream, items=lines)
    (task,) = pulled(shop)
    mug = task.items.get(article="MUG")
    less = Outgoing(
        number, ActionKind.CHANGE_ITEMS, reason="PARTNER_REQUESTED_REMOVE", data={"items": {mug.external_id: 2}}
    )
    (result,) = accounts.provider(shop).send(ActionKind.CHANGE_ITEMS, [less])
    assert result.ok

    pulled_at(shop, upstream)

    assert dict(task.items.values_list("article", "quantity")) == {"MUG": 2, "LAMP": 0}
    told = TimelineEntry.objects.filter(kind=EntryKind.ITEMS_CHANGED).order_by("id")
    assert [(entry.data["article"], entry.data["from"], entry.data["to"]) for entry in told] == [
        ("MUG", 3, 2), ("LAMP", 1, 0),
    ]  # fmt: skip


def test_a_broken_order_among_good_ones(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=2)
    upstream.ym.make_raw({"v1": {"orderId": 77, "status": "PROCESSING"}, "v2": {"id": 77, "status": "PROCESSING"}}, KEY)

    taken = sync.pull_new(shop)
    sync.pull_new(shop)

    assert (len(taken.created), taken.broken) == (2, 1)
    question = Attention.objects.get()
    assert (question.kind, question.facts["external_id"]) == (AttentionKind.BAD_ORDER, "77")
    assert question.payload is not None


@pytest.mark.parametrize("model", ["FBS", "FBY", "EXPRESS"])
def test_an_order_of_a_model_we_do_not_serve(db: None, upstream: RunningSandbox, model: str) -> None:
    shop = connected(upstream)
    made(upstream)
    made(upstream, fields={"v1": {"programType": model}})

    taken = sync.pull_new(shop)

    assert (len(taken.created), taken.broken) == (1, 1)
    assert model in Attention.objects.get(kind=AttentionKind.BAD_ORDER).facts["reason"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "TELEPORTED"),
        ("substatus", "ON_MARS"),
        ("paymentMethod", "SEASHELLS"),
    ],
)
def test_an_unknown_word_is_stored_and_counted(
    shop: MarketplaceAccount, upstream: RunningSandbox, field: str, value: str
) -> None:
    made(upstream, fields={"v1": {field: value}, "v2": {field: value}})

    (task,) = pulled(shop)

    stored = {**task.marketplace_status, "paymentMethod": facts.of_order(task.order.data).payment_method}
    assert stored[field] == value
    assert UpstreamDrift.objects.filter(kind="value", name__contains=value).count() == 1
    asked = Attention.objects.filter(kind=AttentionKind.UNKNOWN_STATUS)
    assert asked.count() == (1 if field == "status" else 0)
    assert task.stage == (Stage.WAITING if field == "status" else Stage.NEW)


def test_a_known_order_with_an_unknown_status_is_not_moved(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    (number,) = made(upstream)
    pulled(shop)
    upstream.ym.patch(int(number), fields={"v1": {"status": "TELEPORTED"}, "v2": {"status": "TELEPORTED"}})

    (task,) = pulled_at(shop, upstream)

    assert (task.stage, task.marketplace_status["status"]) == (Stage.NEW, "TELEPORTED")
    assert Attention.objects.get().kind == AttentionKind.UNKNOWN_STATUS


def test_test_orders_are_marked_and_left_out_by_a_setting(db: None, upstream: RunningSandbox) -> None:
    made(upstream, count=2, fake=True)
    made(upstream)
    assert [task.is_test for task in pulled(connected(upstream))] == [True, True, False]

    without = connected(upstream, dialect="v2", test_orders=False)
    assert [task.is_test for task in pulled(without)] == [False]


def test_the_same_shop_by_both_models_is_the_same_here(db: None, upstream: RunningSandbox) -> None:
    made(upstream, count=8)
    made(upstream, business=True)
    made(upstream, type="PICKUP", status="PICKUP")
    new, old = connected(upstream), connected(upstream, dialect="v2")
    by_new, by_old = pulled(new), pulled(old)
    sync.fetch_buyers(new)
    sync.fetch_buyers(old)

    assert [task.external_id for task in by_new] == [task.external_id for task in by_old]
    for one, other in zip(by_new, by_old, strict=True):
        assert described(one) == described(other)


def described(task: AssemblyTask) -> dict[str, Any]:
    """An order as people work with it; what only one model tells is left out (contract 2.4.1)."""
    order = Order.objects.select_related("buyer").get(pk=task.order_id)
    known = facts.of_order(order.data)
    columns = (
        "external_id", "stage", "marketplace_status", "delivery_type", "code_kinds", "required_kinds", "deadline_at",
        "created_at", "is_test", "said_at",
    )  # fmt: skip
    lines = task.items.order_by("external_id").values_list(
        "external_id", "article", "name", "quantity", "price", "final_price", "currency", "code_kinds", "required_kinds"
    )
    buyer = order.buyer
    return {
        **{name: getattr(task, name) for name in columns},
        "lines": list(lines),
        "window": (order.window_from, order.window_to),
        "business": order.is_business,
        "payment": (known.payment_type, known.payment_method, known.buyer_type),
        "totals": (known.totals.items, known.totals.delivery, known.totals.currency),
        "delivery": (known.delivery.dates, known.delivery.region, known.delivery.service_id, known.delivery.outlet),
        "comment": buyer.comment,
        "town": (buyer.address or {}).get("parts", {}).get("city"),
        "phones": [phone["number"] for phone in buyer.phones or []][:1],
        "buyer": (buyer.name or {}).get("first"),
    }


def test_an_order_by_its_number(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    (number,) = made(upstream, created=(timezone.now() - timedelta(days=80)).isoformat(), status="DELIVERY")
    assert pulled(shop) == []

    order = reread.find(shop, number)

    assert (order.external_id, order.stage) == (number, Stage.DELIVERING)
    assert reread.find(shop, number).pk == order.pk


def test_a_number_nobody_knows(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    with pytest.raises(Exception, match="not_found"):
        reread.find(shop, "123456")

    assert Order.objects.count() == 0


def test_marked_orders_are_forgotten_when_nobody_knows_them(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    reread.mark(shop.pk, ["123456"])
    for _round in range(reread.TRIES):
        reread.run(shop)

    assert OrderToRead.objects.count() == 0
