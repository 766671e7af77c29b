"""Statuses, corrections, buyers, history: what the marketplace says is stored as said."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from backoffice.errors import Conflict, CredentialsError, Temporary, Unreadable
from orders.enums import ActionKind, AttentionKind, CodeState, EntryKind, Stage
from orders.models import AssemblyTask, Attention, Buyer, BuyerToken, MarketplaceAccount, Order
from orders.queries import search
from orders.services import accounts, actors, buyers, stages
from orders.services.syncing import extras, history, sync
from orders.services.warehouse import assembly, scanning
from sandbox.server import RunningSandbox

from .conftest import Ask, made, pulled, work
from .statements import counted


def due_again(account: MarketplaceAccount) -> None:
    AssemblyTask.objects.filter(account=account).update(sweep_at=timezone.now())


def test_a_sweep_without_news_costs_five_statements(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=1000)
    pulled(shop)
    sync.sweep(shop)
    due_again(shop)
    with counted() as statements:
        assert sync.sweep(shop) == 0
    # Due tasks, budget read and written, next check, health of the account.
    assert len(statements) == 5
    assert AssemblyTask.objects.filter(sweep_at__lte=timezone.now()).count() == 0


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        ("new/waiting", Stage.NEW),
        ("confirm/waiting", Stage.ASSEMBLING),
        ("confirm/sorted", Stage.ASSEMBLING),
        ("deliver/waiting", Stage.DELIVERING),
        ("deliver/sorted", Stage.DELIVERING),
        ("deliver/ready_for_pickup", Stage.AT_PICKUP_POINT),
        ("receive/sold", Stage.RECEIVED),
        ("reject/canceled_by_client", Stage.REJECTED),
        ("cancel/canceled", Stage.CANCELLED),
        ("cancel_missed_call/canceled_by_missed_call", Stage.CANCELLED),
        ("new/declined_by_client", Stage.CANCELLED),
        ("confirm/defect", Stage.CANCELLED),
        ("receive/canceled", Stage.RETURNED),
    ],
)
def test_every_pair_of_the_contract(
    shop: MarketplaceAccount, upstream: RunningSandbox, status: str, stage: Stage
) -> None:
    (number,) = made(upstream)
    (task,) = pulled(shop)
    said(upstream, number, status)
    due_again(shop)
    sync.sweep(shop)
    task.refresh_from_db()
    supplier, wb = status.split("/")
    assert (task.stage, task.order.stage) == (stage, stage)
    assert task.marketplace_status == {"supplierStatus": supplier, "wbStatus": wb}
    assert Attention.objects.count() == 0


def said(upstream: RunningSandbox, number: int, status: str) -> None:
    supplier, wb = status.split("/")
    with upstream.store.work():
        upstream.world.move(upstream.world.tasks[number], supplier, wb, cause="test")


def test_the_buyer_declines_in_the_first_hour(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    (number,) = made(upstream)
    (task,) = pulled(shop)
    upstream.play(number, "decline")
    due_again(shop)
    assert sync.sweep(shop) == 1
    task.refresh_from_db()
    assert (task.stage, task.closed_at is None) == (Stage.CANCELLED, False)


def test_cancelled_while_somebody_assembles_it(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    (number,) = made(upstream, requiredMeta=["uin"])
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    assembly.take(task.pk, actor=staff)
    scanning.scan(task.pk, scanning.Shot("1234567890123456"), actor=staff)
    upstream.play(number, "miss_call")
    due_again(shop)
    sync.sweep(shop)
    task.refresh_from_db()
    question = Attention.objects.get()
    assert (task.stage, question.kind, question.severity) == (
        Stage.CANCELLED,
        AttentionKind.CANCELLED_IN_WORK,
        "urgent",
    )
    assert task.codes.get().state == CodeState.RELEASED


def test_a_step_back_is_recorded_and_raised(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    (number,) = made(upstream)
    (task,) = pulled(shop)
    for status in ("deliver/waiting", "confirm/waiting"):
        said(upstream, number, status)
        due_again(shop)
        sync.sweep(shop)
    task.refresh_from_db()
    assert task.stage == Stage.ASSEMBLING
    assert list(task.timeline.filter(kind=EntryKind.STAGE).values_list("correction", flat=True)) == [False, True]
    assert Attention.objects.get().kind == AttentionKind.CORRECTION


def test_packed_here_is_no_news_there(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    made(upstream, requiredMeta=[])
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    ask(task, ActionKind.READY)
    due_again(shop)
    assert sync.sweep(shop) == 0
    task.refresh_from_db()
    assert task.stage == Stage.READY


def test_an_unknown_status_moves_nothing_and_is_raised_once(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    numbers = made(upstream, count=3)
    pulled(shop)
    for number in numbers:
        said(upstream, number, "teleport/beamed")
    due_again(shop)
    sync.sweep(shop)
    assert set(AssemblyTask.objects.values_list("stage", flat=True)) == {Stage.NEW}
    assert AssemblyTask.objects.filter(marketplace_status__supplierStatus="teleport").count() == 3
    assert Attention.objects.get().kind == AttentionKind.UNKNOWN_STATUS


def test_a_return_after_receipt(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    (number,) = made(upstream)
    (task,) = pulled(shop)
    for status in ("receive/sold", "receive/canceled"):
        said(upstream, number, status)
        due_again(shop)
        sync.sweep(shop)
    task.refresh_from_db()
    assert (task.stage, Attention.objects.count()) == (Stage.RETURNED, 0)


def test_finished_tasks_are_watched_slower_and_not_for_ever(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    (number,) = made(upstream)
    (task,) = pulled(shop)
    said(upstream, number, "receive/sold")
    due_again(shop)
    sync.sweep(shop)
    task.refresh_from_db()
    assert task.sweep_at is not None
    assert task.sweep_at > timezone.now() + timedelta(minutes=50)
    AssemblyTask.objects.update(closed_at=timezone.now() - timedelta(days=31))
    due_again(shop)
    sync.sweep(shop)
    task.refresh_from_db()
    assert task.sweep_at is None


def test_the_buyer_is_known_after_confirming_and_asked_again_for_the_phone(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    upstream.tune(phone_delay=3600)
    made(upstream)
    (task,) = pulled(shop)
    assert sync.fetch_buyers(shop) == 0
    ask(task, ActionKind.CONFIRM)
    assert sync.fetch_buyers(shop) == 1
    buyer = Buyer.objects.get()
    task.refresh_from_db()
    assert (bool(buyer.name), task.buyer_due_at is None) == (True, False)
    upstream.advance(7200)
    AssemblyTask.objects.update(buyer_due_at=timezone.now())
    sync.fetch_buyers(shop)
    buyer.refresh_from_db()
    task.refresh_from_db()
    assert (len(buyer.phones) > 0, task.buyer_due_at) == (True, None)


def test_personal_data_is_searched_by_tokens_and_stands_nowhere_else(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    upstream.tune(phone_delay=0)
    made(upstream)
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    sync.fetch_buyers(shop)
    buyer = Buyer.objects.get()
    number, name = buyer.phones[0]["number"], buyer.name["full"]
    for text in (number, number[-4:], name, name.split()[0].upper()):
        assert list(search.orders(Order.objects.all(), text)) == [task.order]
    assert list(search.orders(Order.objects.all(), "0000000000")) == []
    stored = json.dumps([list(rows.objects.values()) for rows in (Order, AssemblyTask, BuyerToken)], default=str)
    assert number not in stored
    assert name not in stored
    assert buyers.erase(task.order_id)
    assert list(search.orders(Order.objects.all(), number)) == []


def test_history_is_imported_by_windows_and_resumed(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=5, status="receive/sold")
    end = timezone.now() + timedelta(minutes=1)
    start = end - timedelta(days=75)
    assert history.import_range(shop, start, end) == 5
    assert set(AssemblyTask.objects.values_list("stage", flat=True)) == {Stage.RECEIVED}
    windows = [call for call in upstream.calls("/dbs/orders") if call["method"] == "GET"]
    assert len(windows) == 3
    assert history.import_range(shop, start, end) == 0
    assert shop.cursors == {}


def test_an_interrupted_import_goes_on_where_it_stopped(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=2, status="cancel/canceled")
    end = timezone.now() + timedelta(minutes=1)
    start = end - timedelta(days=75)
    place = {"start": start.isoformat(), "left": (end - timedelta(days=15)).isoformat(), "cursor": None}
    accounts.remember(shop, history.IMPORT, place)
    assert history.import_range(shop, start, end) == 2
    windows = [call for call in upstream.calls("/dbs/orders") if call["method"] == "GET"]
    assert len(windows) == 1


def test_an_import_without_time_left_keeps_its_place(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=2, status="receive/sold")
    end = timezone.now() + timedelta(minutes=1)
    assert history.import_range(shop, end - timedelta(days=75), end, seconds=-1) is None
    assert AssemblyTask.objects.count() == 0
    assert history.import_range(shop, end - timedelta(days=75), end) == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("html", Unreadable),
        ("truncated", Temporary),
        ("huge", Unreadable),
        ("list_instead", Unreadable),
        ("500", Temporary),
    ],
)
def test_a_lying_upstream_leaves_nothing_half_done(
    shop: MarketplaceAccount, upstream: RunningSandbox, fault: str, error: type[Exception]
) -> None:
    made(upstream, count=3)
    upstream.fault(fault, "/orders/new", times=1)
    with pytest.raises((error, Unreadable)):
        sync.pull_new(shop)
    assert AssemblyTask.objects.count() == 0
    shop.refresh_from_db()
    assert shop.last_error
    assert len(sync.pull_new(shop).created) == 3
    shop.refresh_from_db()
    assert shop.last_error == ""


def test_a_wrong_token_pauses(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    MarketplaceAccount.objects.update(credentials={"token": "wrong"})
    shop.refresh_from_db()
    with pytest.raises(CredentialsError):
        sync.pull_new(shop)
    shop.refresh_from_db()
    assert not shop.active
    assert "wrong" not in shop.last_error


def test_only_the_marketplace_may_step_back(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream)
    (task,) = pulled(shop)
    stages.move(task, Stage.DELIVERING, actor=actors.MARKETPLACE)
    with pytest.raises(Conflict):
        stages.move(task, Stage.NEW, actor=actors.SYSTEM)
    task.refresh_from_db()
    assert task.stage == Stage.DELIVERING


def test_two_writers_one_wins(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream)
    (task,) = pulled(shop)
    stale = AssemblyTask.objects.get(pk=task.pk)
    stages.move(task, Stage.ASSEMBLING, actor=actors.MARKETPLACE)
    with pytest.raises(Conflict) as refused:
        stages.move(stale, Stage.CANCELLED, actor=actors.SYSTEM)
    assert refused.value.code == "stale"
    task.refresh_from_db()
    assert (task.stage, task.timeline.filter(kind=EntryKind.STAGE).count()) == (Stage.ASSEMBLING, 1)


def test_codes_are_judged_later(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    made(upstream, requiredMeta=["sgtin"])
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    sgtin = "0104600439931256215RJZx80hlqAq3\x1d91FFD0\x1d92sGGtBnYBxYJ2bpEx55+DjlbOAUSHWVQQO9IxBPo3uA="
    scanning.scan(task.pk, scanning.Shot(sgtin), actor=staff)
    work(shop)
    upstream.advance(3600)
    assert sync.check_codes(shop) == 1
    assert task.codes.get().state == CodeState.VERIFIED


def test_delivery_costs_and_organisations_are_asked_for_once(
    shop: MarketplaceAccount, upstream: RunningSandbox
) -> None:
    upstream.make("sandbox-tests", b2b=True, paid_delivery=True, fields={"currencyCode": 643})
    assert len(pulled(shop)) == 1
    assert extras.fetch(shop) == 2
    order = Order.objects.get()
    assert order.data["delivery_cost"]["currency"] == "RUB"
    assert set(order.buyer.organisation) >= {"inn", "name"}
    calls = len(upstream.calls())
    assert extras.fetch(shop) == 0
    assert len(upstream.calls()) == calls
