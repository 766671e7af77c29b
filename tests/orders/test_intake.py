"""Orders come in: fixed statements, nothing twice, one broken order does not hold up the others."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from backoffice.models import RawPayload
from backoffice.payloads import open_payload
from orders.enums import AttentionKind, Stage
from orders.models import AssemblyTask, Attention, Buyer, MarketplaceAccount, Order, TaskItem, TimelineEntry
from orders.services import accounts
from orders.services.syncing import intake, sync
from sandbox.server import RunningSandbox

from .conftest import made, pulled
from .statements import counted


def counts() -> dict[str, int]:
    models = (Order, AssemblyTask, TaskItem, Buyer, TimelineEntry, RawPayload, Attention)
    return {model.__name__: model.objects.count() for model in models}


def test_a_page_of_1000_costs_a_fixed_number_of_statements(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=1000)
    provider = accounts.provider(shop)
    page = provider.new_orders()
    with counted() as statements:
        intake.receive_page(shop, provider, page.tasks)
    assert AssemblyTask.objects.count() == 1000
    # Known tasks, known orders, and one insert a table, that of what barcodes stand for among them; SQLite takes only so
    # many values in one statement.
    assert len(statements) == {"postgresql": 9, "sqlite": 95}[connection.vendor]


def test_the_same_page_again_writes_nothing(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=30)
    sync.pull_new(shop)
    before = counts()
    with counted() as statements:
        taken = sync.pull_new(shop)
    assert (taken.created, taken.changed, taken.unchanged) == ([], 0, 30)
    assert counts() == before
    written = [sql for sql in statements if not sql.startswith("SELECT")]
    assert [sql.split('"')[1] for sql in written] == ["backoffice_ratebudget", "orders_marketplaceaccount"]


def test_a_broken_order_among_good_ones(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=999)
    broken = {"id": "not a number", "price": "many", "address": 7}
    upstream.make_raw(broken, "sandbox-tests")
    taken = sync.pull_new(shop)
    assert (len(taken.created), taken.broken) == (999, 1)
    question = Attention.objects.get()
    assert question.kind == AttentionKind.BAD_ORDER
    assert question.payload is not None
    assert b"not a number" in open_payload(question.payload)
    sync.pull_new(shop)
    assert Attention.objects.count() == 1
    assert RawPayload.objects.exclude(error="").count() == 1


def test_the_whole_raw_order_is_kept_encrypted(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, comment="Упакуйте в плёнку")
    (task,) = pulled(shop)
    assert task.raw is not None
    assert "Упакуйте в плёнку".encode() in open_payload(task.raw)
    assert "плёнку".encode() not in bytes(task.raw.body)


def test_money_and_both_prices(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    prices: dict[str, Any] = {"price": 1014, "convertedPrice": 28322, "currencyCode": 933, "convertedCurrencyCode": 643}
    made(upstream, **prices)
    item = pulled(shop)[0].items.get()
    assert (item.price, item.currency) == (Decimal("10.14"), "BYN")
    assert (item.converted_price, item.converted_currency) == (Decimal("283.22"), "RUB")


def test_tasks_of_one_basket_share_an_order(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=3, orderUid="165918930_629fbc924b984618a44354475ca58675")
    tasks = pulled(shop)
    assert {task.order_id for task in tasks} == {Order.objects.get().pk}
    made(upstream, orderUid="165918930_629fbc924b984618a44354475ca58675")
    assert len(pulled(shop)) == 4
    assert Order.objects.get().stage == Stage.NEW


def test_a_foreign_task_of_another_account_is_another_task(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream)
    (task,) = pulled(shop)
    other = MarketplaceAccount.objects.get(pk=shop.pk)
    other.pk = None
    other.save()
    page_of_other = intake.receive_page(other, accounts.provider(other), accounts.provider(shop).new_orders().tasks)
    assert len(page_of_other.created) == 1
    assert AssemblyTask.objects.filter(external_id=task.external_id).count() == 2


def test_created_at_is_the_marketplaces_clock(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, createdAt="2022-05-04T07:56:29Z")
    (task,) = pulled(shop)
    assert task.created_at == datetime(2022, 5, 4, 7, 56, 29, tzinfo=UTC)
    assert task.timeline.get(kind="order_received").happened_at == task.created_at
