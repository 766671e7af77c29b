"""A buyer wants to cancel a Yandex Market order that is on its way: the clock, the answer, and what becomes of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from backoffice.errors import Conflict, Invalid
from orders.enums import ActionKind, ActionState, AttentionKind, EntryKind, Stage
from orders.models import AssemblyTask, Attention, MarketplaceAccount, MarketplaceAction, TimelineEntry
from orders.services.syncing import reread, sync
from sandbox.server import RunningSandbox
from tests.orders.conftest import Ask

from .conftest import made, pulled


def wished(shop: MarketplaceAccount, upstream: RunningSandbox) -> AssemblyTask:
    """An order on its way whose buyer asks to cancel it."""
    (number,) = made(upstream, status="DELIVERY", items=[{"offerId": "MUG", "count": 1, "requiredInstanceTypes": []}])
    pulled(shop)
    upstream.ym.play(int(number), "request_cancel")
    (task,) = pulled(shop)
    return task


def test_the_wish_raises_a_question_with_a_clock(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    task = wished(shop, upstream)

    assert task.cancel_requested_at is not None
    assert timezone.now() - task.cancel_requested_at < timedelta(minutes=1)
    question = Attention.objects.get()
    assert (question.kind, question.severity, question.task_id) == (AttentionKind.CANCEL_REQUESTED, "urgent", task.pk)
    assert datetime.fromisoformat(question.facts["until"]) == task.cancel_requested_at + timedelta(hours=48)
    assert TimelineEntry.objects.filter(kind=EntryKind.CANCEL_REQUESTED).count() == 1


def test_a_wish_taken_back_is_no_question_any_more(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    task = wished(shop, upstream)
    upstream.ym.patch(
        int(task.external_id), fields={"v1": {"cancelRequested": False}, "v2": {"cancelRequested": False}}
    )
    AssemblyTask.objects.update(sweep_at=timezone.now())

    sync.sweep(shop)

    task.refresh_from_db()
    assert (task.stage, task.cancel_requested_at) == (Stage.DELIVERING, None)
    assert not Attention.objects.filter(resolved_at=None).exists()
    assert TimelineEntry.objects.filter(kind=EntryKind.CANCEL_WITHDRAWN).count() == 1


def test_an_answer_is_given_once(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    task = wished(shop, upstream)
    ask(task, ActionKind.REFUSE_CANCEL, reason="ORDER_IN_DELIVERY")

    with pytest.raises(Conflict, match="not_requested"):
        ask(task, ActionKind.ACCEPT_CANCEL)

    assert MarketplaceAction.objects.count() == 1


def test_asked_again_it_is_the_same_wish(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    task = wished(shop, upstream)
    since = task.cancel_requested_at
    AssemblyTask.objects.update(sweep_at=timezone.now())

    sync.sweep(shop)
    pulled(shop)

    task.refresh_from_db()
    assert task.cancel_requested_at == since
    assert (Attention.objects.get().count, TimelineEntry.objects.filter(kind=EntryKind.CANCEL_REQUESTED).count()) == (
        1,
        1,
    )


def test_accepted(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    task = wished(shop, upstream)

    action = ask(task, ActionKind.ACCEPT_CANCEL)
    reread.run(shop)

    task.refresh_from_db()
    assert (action.state, task.stage, task.cancel_requested_at) == (ActionState.SUCCEEDED, Stage.CANCELLED, None)
    assert not Attention.objects.filter(kind=AttentionKind.CANCEL_REQUESTED, resolved_at=None).exists()


def test_refused_with_a_reason(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    task = wished(shop, upstream)

    action = ask(task, ActionKind.REFUSE_CANCEL, reason="ORDER_IN_DELIVERY")
    reread.run(shop)

    task.refresh_from_db()
    assert (action.state, task.stage, task.cancel_requested_at) == (ActionState.SUCCEEDED, Stage.DELIVERING, None)
    assert not Attention.objects.filter(resolved_at=None).exists()
    assert TimelineEntry.objects.filter(kind=EntryKind.ACTION_DONE, code="refuse_cancel").count() == 1


@pytest.mark.parametrize("reason", ["", "BECAUSE"])
def test_refusing_needs_a_reason_of_the_market(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, reason: str
) -> None:
    task = wished(shop, upstream)

    with pytest.raises(Invalid):
        ask(task, ActionKind.REFUSE_CANCEL, reason=reason)

    assert not MarketplaceAction.objects.exists()


def test_there_is_nothing_to_answer_where_nobody_asked(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    made(upstream, status="DELIVERY")
    (task,) = pulled(shop)

    with pytest.raises(Conflict, match="not_requested"):
        ask(task, ActionKind.ACCEPT_CANCEL)

    assert not MarketplaceAction.objects.exists()


def test_left_unanswered_the_market_cancels(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    task = wished(shop, upstream)
    upstream.advance(48 * 3600 + 60)
    AssemblyTask.objects.update(sweep_at=timezone.now())

    sync.sweep(shop)

    task.refresh_from_db()
    assert (task.stage, task.cancel_requested_at) == (Stage.CANCELLED, None)
    assert not Attention.objects.filter(kind=AttentionKind.CANCEL_REQUESTED, resolved_at=None).exists()


def test_an_order_that_comes_in_with_a_wish(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, status="PICKUP", type="PICKUP", cancel_requested=True)

    (task,) = pulled(shop)

    assert task.cancel_requested_at is not None
    assert Attention.objects.get().kind == AttentionKind.CANCEL_REQUESTED


def test_a_lost_answer_to_a_wish_is_looked_up(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    task = wished(shop, upstream)
    upstream.fault("lost_answer", "cancellation/accept")
    action = ask(task, ActionKind.ACCEPT_CANCEL)
    assert action.state == ActionState.UNCERTAIN
    MarketplaceAction.objects.update(not_before=timezone.now())

    from tests.orders.conftest import work

    work(shop)

    action.refresh_from_db()
    assert action.state == ActionState.SUCCEEDED
    assert len(upstream.calls("cancellation/accept")) == 1
