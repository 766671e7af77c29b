"""The outbox: sent in batches, each result to its own action, nothing twice, nothing lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from backoffice.errors import Conflict, Invalid
from backoffice.models import RateBudget
from orders.enums import ActionKind, ActionState, AttentionKind, EntryKind, Stage
from orders.marketplaces.base import Result
from orders.models import (
    ActionAttempt,
    AssemblyTask,
    Attention,
    MarketplaceAccount,
    MarketplaceAction,
    TimelineEntry,
)
from orders.services import accounts, actors, buyers
from orders.services.sending import dispatch, outbox, settle
from orders.services.syncing import sync
from orders.services.warehouse import scanning
from sandbox.server import RunningSandbox

from .conftest import Ask, connected, made, pulled, work
from .statements import counted

CONFIRM = "/status/confirm"


def confirmed(shop: MarketplaceAccount, ask: Ask) -> AssemblyTask:
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    return task


def delivering(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> AssemblyTask:
    made(upstream, requiredMeta=[])
    task = confirmed(shop, ask)
    ask(task, ActionKind.DELIVER)
    assert task.stage == Stage.DELIVERING
    return task


def test_1000_confirms_are_one_call(shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor) -> None:
    made(upstream, count=1000)
    tasks = pulled(shop)
    outbox.request_many([task.pk for task in tasks], outbox.Wish(ActionKind.CONFIRM), actor=staff)
    sent = dispatch.send_due(shop)
    assert (sent.calls, sent.actions) == (1, 1000)
    assert len(upstream.calls(CONFIRM)) == 1
    assert AssemblyTask.objects.filter(stage=Stage.ASSEMBLING).count() == 1000
    assert MarketplaceAction.objects.filter(state=ActionState.SUCCEEDED).count() == 1000
    assert ActionAttempt.objects.values("call").distinct().count() == 1


def test_asking_costs_the_same_for_one_and_for_many(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream, count=41)
    ids = [task.pk for task in pulled(shop)]
    with counted() as one:
        outbox.request_many(ids[:1], outbox.Wish(ActionKind.CONFIRM), actor=staff)
    with counted() as many:
        outbox.request_many(ids[1:], outbox.Wish(ActionKind.CONFIRM), actor=staff)
    assert len(one) == len(many) == 8


def test_each_item_has_its_own_result(shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor) -> None:
    made(upstream, count=3)
    tasks = pulled(shop)
    upstream.play(int(tasks[1].external_id), "decline")
    outbox.request_many([task.pk for task in tasks], outbox.Wish(ActionKind.CONFIRM), actor=staff)
    work(shop)
    MarketplaceAction.objects.filter(state=ActionState.UNCERTAIN).update(not_before=timezone.now())
    work(shop)
    states = list(MarketplaceAction.objects.order_by("task__external_id").values_list("state", flat=True))
    assert states == [ActionState.SUCCEEDED, ActionState.FAILED, ActionState.SUCCEEDED]
    failed = MarketplaceAction.objects.get(state=ActionState.FAILED)
    assert failed.error_code == "StatusMismatch"
    assert Attention.objects.get(kind=AttentionKind.ACTION_FAILED).task_id == tasks[1].pk
    assert AssemblyTask.objects.get(pk=tasks[1].pk).stage == Stage.CANCELLED


def test_the_same_click_twice_is_one_action(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream)
    (task,) = pulled(shop)
    first = outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    again = outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    assert first.pk == again.pk
    work(shop)
    assert len(upstream.calls(CONFIRM)) == 1
    with pytest.raises(Conflict) as refused:
        outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    assert refused.value.code == "already_done"
    assert MarketplaceAction.objects.count() == 1


@pytest.mark.parametrize("kind", [ActionKind.DELIVER, ActionKind.RECEIVE, ActionKind.REJECT, ActionKind.READY])
def test_no_call_leaves_that_the_table_knows_will_fail(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, kind: ActionKind
) -> None:
    made(upstream)
    (task,) = pulled(shop)
    calls = len(upstream.calls())
    with pytest.raises(Conflict) as refused:
        outbox.request(task.pk, outbox.Wish(kind, code="123456"), actor=staff)
    assert refused.value.code == "stage"
    assert MarketplaceAction.objects.count() == 0
    assert len(upstream.calls()) == calls


def test_a_missing_marking_code_is_said_before_a_call(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    made(upstream, requiredMeta=["uin"])
    task = confirmed(shop, ask)
    with pytest.raises(Conflict) as refused:
        outbox.request(task.pk, outbox.Wish(ActionKind.DELIVER), actor=staff)
    assert refused.value.code == "codes_missing"
    assert upstream.calls("/status/deliver") == []


@pytest.mark.parametrize("code", ["", "12", "12345678901", "12a456", "１２３４５６７８９"])
def test_a_malformed_confirmation_code_costs_no_call(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask, code: str
) -> None:
    task = delivering(shop, upstream, ask)
    with pytest.raises(Invalid):
        outbox.request(task.pk, outbox.Wish(ActionKind.RECEIVE, code=code), actor=staff)
    assert upstream.calls("/status/receive") == []
    task.refresh_from_db()
    assert task.stage == Stage.DELIVERING


@pytest.mark.parametrize("fault", ["lost_answer", "html", "truncated", "500", "502"])
def test_a_lost_answer_is_asked_for_before_anything_is_sent_again(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask, fault: str
) -> None:
    (number,) = made(upstream)
    (task,) = pulled(shop)
    upstream.fault(fault, CONFIRM, times=1)
    assert ask(task, ActionKind.CONFIRM).state == ActionState.UNCERTAIN
    assert task.timeline.filter(kind=EntryKind.ACTION_UNCERTAIN).count() == 1
    MarketplaceAction.objects.update(not_before=timezone.now())
    work(shop)
    action = MarketplaceAction.objects.get()
    task.refresh_from_db()
    assert (action.state, task.stage) == (ActionState.SUCCEEDED, Stage.ASSEMBLING)
    assert [effect["kind"] for effect in upstream.effects(number)] == ["made", "status"]


def test_a_dead_worker_leaves_an_uncertain_action(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream)
    (task,) = pulled(shop)
    outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    claimed = dispatch.claim(shop, accounts.provider(shop), dispatch.Sent())
    assert claimed is not None
    assert dispatch.release_stuck() == 0
    later = timezone.now() + timedelta(hours=1)
    assert dispatch.release_stuck(later) == 1
    MarketplaceAction.objects.update(not_before=timezone.now())
    work(shop)
    task.refresh_from_db()
    assert (MarketplaceAction.objects.get().state, task.stage) == (ActionState.SUCCEEDED, Stage.ASSEMBLING)
    assert len(upstream.calls(CONFIRM)) == 1


def test_a_late_answer_cannot_overwrite_a_newer_truth(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream)
    (task,) = pulled(shop)
    outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    provider = accounts.provider(shop)
    claimed = dispatch.claim(shop, provider, dispatch.Sent())
    assert claimed
    dispatch.release_stuck(timezone.now() + timedelta(hours=1))
    late = [Result(task.external_id, ok=False, code="StatusMismatch")]
    settle.answered(shop, provider.offer, claimed, late)
    assert MarketplaceAction.objects.get().state == ActionState.UNCERTAIN
    assert Attention.objects.count() == 0


def test_a_wrong_code_says_so_and_offers_both_ways(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    task = delivering(shop, upstream, ask)
    right = upstream.order(int(task.external_id))["code"]
    wrong = "000000" if right != "000000" else "111111"
    action = ask(task, ActionKind.RECEIVE, code=wrong)
    assert (action.state, action.error_code, task.stage) == (ActionState.FAILED, "wrong_code", Stage.DELIVERING)
    assert wrong not in action.error_detail
    trying = outbox.keep_trying(action.pk, actor=staff)
    assert trying.state == ActionState.QUEUED
    assert trying.keep_trying_until is not None
    assert trying.not_before > timezone.now()
    # The buyer looks again and reads another code: it takes the place of the first.
    done = ask(task, ActionKind.RECEIVE, code=right)
    assert (done.pk, done.state, task.stage) == (action.pk, ActionState.SUCCEEDED, Stage.RECEIVED)
    assert buyers.codes_for([(task.order_id, action.pk)]) == {}
    assert Attention.objects.filter(resolved_at=None).count() == 0


def test_a_right_code_refused_for_hours_is_tried_on_and_taken(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    task = delivering(shop, upstream, ask)
    upstream.tune(code_delay=3600)
    right = upstream.order(int(task.external_id))["code"]
    action = ask(task, ActionKind.RECEIVE, code=right)
    assert action.error_code == "wrong_code"
    outbox.keep_trying(action.pk, actor=staff)
    MarketplaceAction.objects.update(not_before=timezone.now())
    work(shop)
    action.refresh_from_db()
    assert (action.state, action.attempts) == (ActionState.QUEUED, 2)
    assert action.not_before > timezone.now() + timedelta(seconds=50)
    upstream.advance(7200)
    MarketplaceAction.objects.update(not_before=timezone.now())
    work(shop)
    task.refresh_from_db()
    assert task.stage == Stage.RECEIVED


def test_trying_on_stops_when_told(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    task = delivering(shop, upstream, ask)
    action = ask(task, ActionKind.RECEIVE, code="999999")
    outbox.keep_trying(action.pk, actor=staff)
    stopped = outbox.give_up(action.pk, actor=staff)
    assert stopped.state == ActionState.CANCELLED
    assert buyers.codes_for([(task.order_id, action.pk)]) == {}
    assert outbox.give_up(action.pk, actor=staff).state == ActionState.CANCELLED
    with pytest.raises(Conflict):
        outbox.keep_trying(action.pk, actor=staff)


def test_a_bad_token_pauses_the_account_and_keeps_the_action(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream)
    (task,) = pulled(shop)
    action = outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    MarketplaceAccount.objects.filter(pk=shop.pk).update(credentials={"token": "wrong"})
    shop.refresh_from_db()
    work(shop)
    shop.refresh_from_db()
    action.refresh_from_db()
    assert shop.paused_reason
    assert action.state == ActionState.QUEUED
    assert Attention.objects.get().kind == AttentionKind.CREDENTIALS
    calls = len(upstream.calls())
    work(shop)
    assert len(upstream.calls()) == calls


def test_too_many_calls_are_put_off_until_the_upstream_said(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    made(upstream)
    (task,) = pulled(shop)
    upstream.fault("429", CONFIRM, times=1, seconds=30)
    action = ask(task, ActionKind.CONFIRM)
    assert action.state == ActionState.QUEUED
    assert action.not_before > timezone.now() + timedelta(seconds=10)
    assert action.tries.get().outcome == ActionAttempt.Outcome.LATER
    calls = len(upstream.calls(CONFIRM))
    work(shop)
    assert len(upstream.calls(CONFIRM)) == calls


def test_idempotency_key(shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor) -> None:
    made(upstream, count=2)
    one, two = pulled(shop)
    key = outbox.Idempotency("k1", "digest")
    first = outbox.request(one.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff, idempotency=key)
    work(shop)
    again = outbox.request(one.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff, idempotency=key)
    assert again.pk == first.pk
    other = outbox.Idempotency("k1", "another")
    with pytest.raises(Invalid):
        outbox.request(two.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff, idempotency=other)
    assert MarketplaceAction.objects.count() == 1


def test_a_key_that_met_an_open_action_finds_it_again_when_it_is_over(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream)
    (task,) = pulled(shop)
    wish = outbox.Wish(ActionKind.CONFIRM)
    first = outbox.request(task.pk, wish, actor=staff)
    key = outbox.Idempotency("mine", "digest")
    assert outbox.request(task.pk, wish, actor=staff, idempotency=key).pk == first.pk
    work(shop)
    assert outbox.request(task.pk, wish, actor=staff, idempotency=key).pk == first.pk
    assert MarketplaceAction.objects.count() == 1


def test_steps_of_a_task_go_out_in_order(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    made(upstream, requiredMeta=["uin"])
    task = confirmed(shop, ask)
    scanning.scan(task.pk, scanning.Shot("1234567890123456"), actor=staff)
    outbox.request(task.pk, outbox.Wish(ActionKind.DELIVER), actor=staff)
    kinds = list(MarketplaceAction.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [ActionKind.CONFIRM, ActionKind.PUT_CODES, ActionKind.DELIVER]
    upstream.fault("429", "/meta/uin", times=1, seconds=30)
    work(shop)
    assert upstream.calls("/status/deliver") == []
    MarketplaceAction.objects.update(not_before=timezone.now())
    RateBudget.objects.all().delete()
    work(shop)
    task.refresh_from_db()
    assert task.stage == Stage.DELIVERING


def test_confirm_waits_for_the_saved_order(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream)
    (task,) = pulled(shop)
    AssemblyTask.objects.update(raw_digest="")
    with pytest.raises(Conflict) as refused:
        outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    assert refused.value.code == "not_saved"


def test_cancel_is_refused_after_hand_over_and_allowed_by_setting(
    upstream: RunningSandbox, staff: actors.Actor, ask: Ask, db: None
) -> None:
    shop = connected(upstream, allow={"cancel": ["new", "confirm", "deliver"]})
    task = delivering(shop, upstream, ask)
    action = ask(task, ActionKind.CANCEL)
    MarketplaceAction.objects.filter(state=ActionState.UNCERTAIN).update(not_before=timezone.now())
    work(shop)
    action.refresh_from_db()
    assert (action.state, action.error_code) == (ActionState.FAILED, "StatusMismatch")
    assert TimelineEntry.objects.filter(kind=EntryKind.ACTION_FAILED).count() == 1
    assert sync.sweep(shop) == 0


def test_what_the_marketplace_repeats_of_the_buyer_is_not_kept(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    upstream.tune(phone_delay=0)
    task = delivering(shop, upstream, ask)
    sync.fetch_buyers(shop)
    buyer = task.order.buyer
    name, number = buyer.name["full"], buyer.phones[0]["number"]
    said = buyers.scrub(task.order_id, f"order of {name.upper()}, {number}: refused")
    assert name.split()[0].casefold() not in said.casefold()
    assert number not in said
    assert said.endswith(": refused")
