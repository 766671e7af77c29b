"""Edges of the sync: what is optional, what cannot be read, what one unknown task does to the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from backoffice.errors import Conflict, CredentialsError, Unreadable
from backoffice.models import RawPayload
from backoffice.payloads import open_payload
from orders.enums import ActionKind, ActionState, AttentionKind, EntryKind, Stage
from orders.marketplaces.base import BuyerInfo, DeliveryWindow, TaskStatus, Window
from orders.models import AssemblyTask, Attention, Buyer, MarketplaceAccount, Order, TimelineEntry
from orders.queries import board
from orders.services import accounts
from orders.services.syncing import extras, history, needs, sync, windows
from sandbox.server import RunningSandbox

from .conftest import Ask, connected, made, pulled


def test_tasks_of_one_order_share_the_earlier_window(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=2, orderUid="165918930_629fbc924b984618a44354475ca58675")
    tasks = pulled(shop)
    early = Window(datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 12, tzinfo=UTC))
    late = Window(datetime(2026, 12, 2, 9, tzinfo=UTC), datetime(2026, 12, 2, 12, tzinfo=UTC))
    said = [DeliveryWindow(tasks[0].external_id, late), DeliveryWindow(tasks[1].external_id, early)]
    before = TimelineEntry.objects.filter(kind=EntryKind.DELIVERY_WINDOW).count()
    assert windows.set_windows(shop, said) == 1
    assert windows.set_windows(shop, said) == 0
    order = Order.objects.get()
    assert (order.window_from, order.window_to, order.deadline_at) == (early.start, early.end, early.end)
    assert TimelineEntry.objects.filter(kind=EntryKind.DELIVERY_WINDOW).count() == before + 1


def test_an_answer_nobody_can_read_is_kept_until_it_is_solved(
    shop: MarketplaceAccount, upstream: RunningSandbox
) -> None:
    made(upstream)
    upstream.fault("html", "/orders/new", times=2)
    for _again in range(2):
        with pytest.raises(Unreadable):
            sync.pull_new(shop)
    question = Attention.objects.get()
    assert (question.kind, RawPayload.objects.count()) == (AttentionKind.SYNC_FAILING, 1)
    assert question.payload is not None
    assert b"<html" in open_payload(question.payload).lower()
    assert question.payload.expires_at is None
    shop.refresh_from_db()
    assert len(sync.pull_new(shop).created) == 1
    question.refresh_from_db()
    assert question.resolved_at is not None
    assert RawPayload.objects.exclude(error="").get().expires_at is not None


def test_no_right_to_optional_facts_pauses_nothing(
    shop: MarketplaceAccount, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.make("sandbox-tests", b2b=True)
    pulled(shop)

    def forbidden(_self: object, _ids: object) -> None:
        raise CredentialsError("AccessDenied", status=403)

    provider = accounts.provider(shop)
    for name in ("organisations", "delivery_costs"):
        monkeypatch.setattr(type(provider), name, forbidden)
    with pytest.raises(CredentialsError):
        extras.fetch(shop)
    shop.refresh_from_db()
    assert shop.active
    assert Attention.objects.count() == 0


def test_one_unknown_task_does_not_hide_the_buyers_of_the_others(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(upstream, count=4, requiredMeta=[])
    tasks = pulled(shop)
    for task in tasks:
        ask(task, ActionKind.CONFIRM)
    bad = tasks[0].external_id
    asked = type(accounts.provider(shop)).buyers

    def told(self: object, ids: list[str]) -> list[BuyerInfo]:
        return [] if bad in ids else asked(self, ids)  # type: ignore[arg-type]

    monkeypatch.setattr(type(accounts.provider(shop)), "buyers", told)
    assert sync.fetch_buyers(shop) == 3
    assert Buyer.objects.filter(name__isnull=False).count() == 3
    tasks[0].refresh_from_db()
    assert tasks[0].buyer_due_at is not None
    assert tasks[0].buyer_due_at < timezone.now() + timedelta(minutes=2)


def test_a_finished_task_whose_end_is_not_told_is_asked_about_and_not_late(
    shop: MarketplaceAccount, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(upstream, status="receive/sold")
    provider = type(accounts.provider(shop))
    monkeypatch.setattr(
        provider, "statuses", lambda _self, ids: [TaskStatus(each, {}, None, found=False) for each in ids]
    )
    end = timezone.now() + timedelta(minutes=1)
    assert history.import_range(shop, end - timedelta(days=5), end) == 1
    task = AssemblyTask.objects.get()
    AssemblyTask.objects.update(deadline_at=end - timedelta(days=4))
    assert task.stage == Stage.WAITING
    assert list(board.overdue(timezone.now(), AssemblyTask.objects.all())) == []
    assert Attention.objects.get().kind == AttentionKind.UNKNOWN_STATUS


def test_an_available_code_is_needed_until_the_marketplace_says_it_is_not(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    optional, demanded = (
        upstream.make("sandbox-tests", fields={"requiredMeta": ["sgtin"]}, mandatory=mandatory)[0]
        for mandatory in ([], ["sgtin"])
    )
    tasks = {task.external_id: task for task in pulled(shop)}
    for task in tasks.values():
        ask(task, ActionKind.CONFIRM)
        with pytest.raises(Conflict):
            ask(task, ActionKind.DELIVER)
    assert needs.learn(shop) == 1
    assert needs.learn(shop) == 0
    assert len(upstream.calls("/meta/details")) == 1
    assert ask(tasks[str(optional)], ActionKind.DELIVER).state == ActionState.SUCCEEDED
    with pytest.raises(Conflict) as refused:
        ask(tasks[str(demanded)], ActionKind.DELIVER)
    assert refused.value.code == "codes_missing"


def test_a_marketplace_that_does_not_tell_its_needs_troubles_nobody(
    upstream: RunningSandbox, ask: Ask, db: None
) -> None:
    shop = connected(upstream, dialect="v3")
    made(upstream, requiredMeta=["uin"])
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    assert needs.learn(shop) == 0
    task.refresh_from_db()
    assert (task.required_kinds, task.needs_asked_at is None) == (["uin"], False)
    assert list(needs.unknown(shop)) == []
