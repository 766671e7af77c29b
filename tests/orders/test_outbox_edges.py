"""The outbox where two things happen at once: a code scanned or taken off while another is on its way, news that overtake
an answer, an upstream that stays broken.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError
from django.utils import timezone

from backoffice.gate import DatabaseGate
from backoffice.models import RateBudget
from orders.enums import ActionKind, ActionState, AttentionKind, CodeState, Stage
from orders.marketplaces.base import BuyerInfo, CodeVerdict, Offer, Phone, Result
from orders.marketplaces.wildberries import Batch
from orders.models import AssemblyTask, Attention, Buyer, MarketplaceAccount, MarketplaceAction, MarkingCode
from orders.services import accounts, actors, buyers
from orders.services.sending import dispatch, outbox, settle
from orders.services.syncing import history, rows, sync
from orders.services.warehouse import marking
from sandbox.server import RunningSandbox

from .conftest import Ask, made, pulled, work

CONFIRM = "/status/confirm"
UIN = "1234567890123456"
OTHER_UIN = "6543210987654321"
SGTINS = ("0104600000000008215abcDEF1234567", "0104600000000008215zyxWVU7654321")


def assembling(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, *kinds: str) -> AssemblyTask:
    made(upstream, requiredMeta=list(kinds))
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    assert task.stage == Stage.ASSEMBLING
    return task


def claimed(shop: MarketplaceAccount) -> list[MarketplaceAction]:
    """What has just left and is not answered."""
    found = dispatch.claim(shop, accounts.provider(shop), dispatch.Sent())
    assert found
    return found


def yes(shop: MarketplaceAccount, batch: list[MarketplaceAction]) -> None:
    results = [Result(row.task.external_id, ok=True) for row in batch]
    settle.answered(shop, outbox.offer_of(shop), batch, results)


def force(upstream: RunningSandbox, number: int, words: tuple[str, str]) -> None:
    """A status by force, as the marketplace's own people can do."""
    with upstream.store.work():
        upstream.world.move(upstream.world.tasks[number], *words, cause="test")


def held(upstream: RunningSandbox, task: AssemblyTask, kind: str) -> object:
    """What the marketplace has stored of a kind, or None."""
    return upstream.order(int(task.external_id))["meta"].get(kind, {}).get("value")


@pytest.mark.parametrize(
    ("asked", "before", "news", "now"),
    [
        (ActionKind.CONFIRM, ("new", "waiting"), ("confirm", "canceled_by_missed_call"), Stage.CANCELLED),
        (ActionKind.DELIVER, ("confirm", "waiting"), ("deliver", "ready_for_pickup"), Stage.AT_PICKUP_POINT),
        (ActionKind.DELIVER, ("confirm", "waiting"), ("deliver", "sold"), Stage.RECEIVED),
    ],
)
@pytest.mark.parametrize("answer", ["yes", "lost"])
def test_news_that_overtake_an_answer_stay(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, asked: ActionKind, before: tuple[str, str],
    news: tuple[str, str], now: Stage, answer: str,
) -> None:  # fmt: skip
    (number,) = made(upstream, requiredMeta=[])
    (task,) = pulled(shop)
    force(upstream, number, before)
    sync.sweep(shop)
    outbox.request(task.pk, outbox.Wish(asked), actor=staff)
    batch = claimed(shop)
    force(upstream, number, news)
    if answer == "yes":
        AssemblyTask.objects.update(sweep_at=timezone.now())
        sync.sweep(shop)
        yes(shop, batch)
    else:
        settle.uncertain(batch, settle.NO_ANSWER, "")
        MarketplaceAction.objects.update(not_before=timezone.now())
        dispatch.resolve_uncertain(shop)
    task.refresh_from_db()
    words = {"supplierStatus": news[0], "wbStatus": news[1]}
    assert (task.stage, task.marketplace_status) == (now, words)
    assert MarketplaceAction.objects.get().state == ActionState.SUCCEEDED
    assert not Attention.objects.filter(kind=AttentionKind.CORRECTION).exists()


def test_a_code_scanned_while_another_is_on_its_way_goes_before_the_hand_over(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    task = assembling(shop, upstream, ask, "sgtin")
    marking.add_code(task.pk, marking.Entry(SGTINS[0], override=True), actor=staff)
    outbox.queue_codes([task.pk])
    batch = claimed(shop)
    marking.add_code(task.pk, marking.Entry(SGTINS[1], override=True), actor=staff)
    outbox.request(task.pk, outbox.Wish(ActionKind.DELIVER), actor=staff)
    yes(shop, batch)
    assert list(MarkingCode.objects.values_list("state", flat=True)) == [CodeState.SENT, CodeState.PENDING]
    dispatch.send_due(shop)
    paths = [call["path"].rsplit("/", 1)[-1] for call in upstream.calls() if call["method"] == "POST"]
    assert [name for name in paths if name in ("sgtin", "deliver")] == ["sgtin", "deliver"]
    assert held(upstream, task, "sgtin") == list(SGTINS)
    task.refresh_from_db()
    assert task.stage == Stage.DELIVERING


def test_a_code_put_in_the_place_of_another_goes_before_the_hand_over(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    task = assembling(shop, upstream, ask, "uin")
    code = marking.add_code(task.pk, marking.Entry(UIN, override=True), actor=staff)
    work(shop)
    marking.remove_code(code.pk, actor=staff)
    marking.add_code(task.pk, marking.Entry(OTHER_UIN, override=True), actor=staff)
    outbox.request(task.pk, outbox.Wish(ActionKind.DELIVER), actor=staff)
    dispatch.send_due(shop)
    task.refresh_from_db()
    assert task.stage == Stage.DELIVERING
    assert held(upstream, task, "uin") == OTHER_UIN
    assert MarkingCode.objects.get(state=CodeState.SENT).value == OTHER_UIN


def test_a_code_taken_off_while_it_is_on_its_way_is_deleted_there(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    task = assembling(shop, upstream, ask, "uin")
    code = marking.add_code(task.pk, marking.Entry(UIN, override=True), actor=staff)
    outbox.queue_codes([task.pk])
    batch = claimed(shop)
    marking.remove_code(code.pk, actor=staff)
    yes(shop, batch)
    dispatch.send_due(shop)
    assert len(upstream.calls("/meta/delete")) == 1
    assert held(upstream, task, "uin") is None
    assert not MarketplaceAction.objects.filter(state=ActionState.FAILED).exists()


def test_what_is_left_of_a_set_is_sent_anew_though_the_old_set_is_on_its_way(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    task = assembling(shop, upstream, ask, "sgtin")
    first, second = (
        marking.add_code(task.pk, marking.Entry(value, override=True), actor=staff) for value in SGTINS
    )  # fmt: skip
    outbox.queue_codes([task.pk])
    batch = claimed(shop)
    marking.remove_code(first.pk, actor=staff)
    yes(shop, batch)
    second.refresh_from_db()
    assert second.state == CodeState.PENDING
    dispatch.send_due(shop)
    assert held(upstream, task, "sgtin") == [SGTINS[1]]


def test_a_code_taken_off_before_it_left_costs_no_call_and_no_question(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    task = assembling(shop, upstream, ask, "uin")
    code = marking.add_code(task.pk, marking.Entry(UIN, override=True), actor=staff)
    outbox.queue_codes([task.pk])
    marking.remove_code(code.pk, actor=staff)
    dispatch.send_due(shop)
    assert upstream.calls("/meta/") == []
    assert MarketplaceAction.objects.get(kind=ActionKind.PUT_CODES).state == ActionState.CANCELLED
    assert Attention.objects.count() == 0


def test_a_refused_set_does_not_refuse_a_code_that_was_not_in_it(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    task = assembling(shop, upstream, ask, "sgtin")
    marking.add_code(task.pk, marking.Entry(SGTINS[0], override=True), actor=staff)
    outbox.queue_codes([task.pk])
    batch = claimed(shop)
    marking.add_code(task.pk, marking.Entry(SGTINS[1], override=True), actor=staff)
    refused = [Result(task.external_id, ok=False, code="FailedToUpdateMeta")]
    settle.answered(shop, outbox.offer_of(shop), batch, refused)
    assert list(MarkingCode.objects.values_list("state", flat=True)) == [CodeState.REFUSED, CodeState.PENDING]


def test_an_upstream_that_stays_broken_is_asked_less_and_less(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream)
    (task,) = pulled(shop)
    action = outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    upstream.fault("500", CONFIRM, times=None)
    pauses = []
    for _round in range(4):
        MarketplaceAction.objects.update(not_before=timezone.now())
        RateBudget.objects.all().delete()
        dispatch.send_due(shop)
        action.refresh_from_db()
        assert action.state == ActionState.UNCERTAIN
        MarketplaceAction.objects.update(not_before=timezone.now())
        dispatch.resolve_uncertain(shop)
        action.refresh_from_db()
        assert action.state == ActionState.QUEUED
        pauses.append(round((action.not_before - timezone.now()).total_seconds()))
    assert pauses == [0, 20, 40, 80]


def test_a_method_that_is_gone_costs_one_call_however_many_wait(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream, count=5)
    ids = [task.pk for task in pulled(shop)]
    outbox.request_many(ids, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    upstream.fault("410", CONFIRM, times=None)
    dispatch.send_due(shop)
    assert len(upstream.calls(CONFIRM)) == 1
    assert MarketplaceAction.objects.filter(state=ActionState.FAILED).count() == 5
    assert Attention.objects.filter(kind=AttentionKind.ROUTE_GONE).count() == 1


def test_a_task_without_phones_does_not_take_them_from_its_order(
    shop: MarketplaceAccount, upstream: RunningSandbox
) -> None:
    upstream.make(seller="sandbox-tests", count=2, basket=True)
    one, other = pulled(shop)
    assert one.order_id == other.order_id
    told = BuyerInfo(one.external_id, "Anna", "Anna K", (Phone("79990001122", primary=True),), complete=True)
    empty = BuyerInfo(other.external_id, "Anna", "Anna K", (), complete=False)
    buyers.learn([(one, told)])
    buyers.learn([(other, empty)])
    buyers.learn([(one, told), (other, empty)])
    phones = Buyer.objects.get(order_id=one.order_id).phones
    assert phones == [{"number": "79990001122", "extension": "", "primary": True}]


def test_a_row_the_database_cannot_hold_leaves_the_others(
    shop: MarketplaceAccount, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [str(number) for number in made(upstream, count=3)]
    real = rows.task_row

    def refusing(
        account: MarketplaceAccount, offer: Offer, each: rows.Parsed, order_id: int, **more: Any
    ) -> AssemblyTask:
        if each.task.external_id == numbers[1]:
            raise DataError("value too long for type")
        return real(account, offer, each, order_id, **more)

    monkeypatch.setattr(rows, "task_row", refusing)
    taken = sync.pull_new(shop)
    assert (len(taken.created), taken.broken) == (2, 1)
    assert Attention.objects.get().kind == AttentionKind.BAD_ORDER
    monkeypatch.undo()
    assert len(sync.pull_new(shop).created) == 1


def test_a_run_of_finished_orders_cut_short_goes_on(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=2, status="receive/sold")
    end = timezone.now()
    start = end - timedelta(days=40)
    left = (end - timedelta(days=10)).isoformat()
    place = {"start": start.isoformat(), "end": end.isoformat(), "left": left, "cursor": None}
    accounts.remember(shop, history.RUN, place)
    history.pull_finished(shop)
    (call,) = [call for call in upstream.calls("/dbs/orders") if call["method"] == "GET"]
    assert call["query"]["dateFrom"] == str(int((end - timedelta(days=10)).timestamp()))
    assert shop.cursors == {history.CURSOR: end.isoformat()}


def test_a_call_our_own_budget_held_back_is_no_attempt(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream)
    (task,) = pulled(shop)
    action = outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    DatabaseGate(shop.ref).block("confirm", timezone.now() + timedelta(seconds=30))
    dispatch.send_due(shop)
    action.refresh_from_db()
    assert (action.state, action.attempts, action.tries.count()) == (ActionState.QUEUED, 0, 0)
    assert action.not_before > timezone.now() + timedelta(seconds=20)
    assert upstream.calls(CONFIRM) == []


@pytest.mark.parametrize(("hours", "state"), [(0, ActionState.UNCERTAIN), (2, ActionState.FAILED)])
def test_an_action_nobody_tells_about_does_not_hang_for_ever(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, monkeypatch: pytest.MonkeyPatch,
    hours: int, state: ActionState,
) -> None:  # fmt: skip
    made(upstream)
    (task,) = pulled(shop)
    outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    settle.uncertain(claimed(shop), settle.NO_ANSWER, "")
    sent_at = timezone.now() - timedelta(hours=hours)
    MarketplaceAction.objects.update(not_before=timezone.now(), claimed_at=sent_at)
    monkeypatch.setattr(Batch, "statuses", lambda self, ids: [])
    dispatch.resolve_uncertain(shop)
    assert MarketplaceAction.objects.get().state == state
    assert Attention.objects.filter(kind=AttentionKind.ACTION_FAILED).count() == (state == ActionState.FAILED)


def test_codes_without_a_verdict_let_others_have_their_turn(
    shop: MarketplaceAccount, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(upstream, count=60, requiredMeta=["uin"])
    tasks = pulled(shop)
    AssemblyTask.objects.update(stage=Stage.ASSEMBLING)
    MarkingCode.objects.bulk_create(
        MarkingCode(
            task=task, item=task.items.get(), kind="uin", value=f"{number:016}", identity=f"{number:016}",
            state=CodeState.SENT,
        )
        for number, task in enumerate(tasks)
    )  # fmt: skip
    asked: list[set[str]] = []

    def no_verdicts(_self: Batch, ids: list[str]) -> list[CodeVerdict]:
        asked.append(set(ids))
        return []

    monkeypatch.setattr(Batch, "codes", no_verdicts)
    sync.check_codes(shop)
    sync.check_codes(shop)
    assert asked[0] | asked[1] == {task.external_id for task in tasks}
