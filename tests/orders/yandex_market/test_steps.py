"""Steps of a Yandex Market order: thirty a call, in the order of the diagram, with reasons, dates and proven calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.errors import Conflict, Invalid
from orders.enums import ActionKind, ActionState, AttentionKind, EntryKind, Stage
from orders.models import (
    AssemblyTask,
    Attention,
    MarketplaceAccount,
    MarketplaceAction,
    TimelineEntry,
)
from orders.services import actors
from orders.services.sending import bulk, dispatch, outbox
from orders.services.syncing import sync
from sandbox.server import RunningSandbox
from tests.orders.conftest import Ask, work
from tests.orders.statements import counted

from .conftest import connected, made, pulled

MUGS: list[dict[str, Any]] = [
    {"offerId": "MUG", "offerName": "Кружка", "count": 1, "price": 599, "requiredInstanceTypes": []}
]
UPDATES = "status-update"


def nothing_asked() -> bool:
    return not MarketplaceAction.objects.exists()


def test_1000_orders_leave_in_34_calls(db: None, upstream: RunningSandbox, staff: actors.Actor) -> None:
    shop = connected(upstream)
    made(upstream, count=1000, items=MUGS)
    sync.pull_new(shop)
    ids = list(AssemblyTask.objects.values_list("pk", flat=True))
    outbox.request_many(ids, outbox.Wish(ActionKind.DELIVER), actor=staff)

    sent = dispatch.send_due(shop)

    assert (sent.calls, sent.actions) == (34, 1000)
    assert len(upstream.calls(UPDATES)) == 34
    assert AssemblyTask.objects.filter(
        stage=Stage.DELIVERING,
        marketplace_status={"status": "DELIVERY", "substatus": "DELIVERY_SERVICE_RECEIVED"},
    ).count() == 1000  # fmt: skip


def test_asking_for_many_costs_the_same_as_for_one(db: None, upstream: RunningSandbox, staff: actors.Actor) -> None:
    shop = connected(upstream)
    made(upstream, count=21, items=MUGS)
    ids = [task.pk for task in pulled(shop)]
    with counted() as one:
        outbox.request_many(ids[:1], outbox.Wish(ActionKind.DELIVER), actor=staff)
    with counted() as many:
        outbox.request_many(ids[1:], outbox.Wish(ActionKind.DELIVER), actor=staff)
    assert len(one) == len(many) == 9


def test_from_new_to_received(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    (number,) = made(upstream, items=MUGS, type="PICKUP")
    (task,) = pulled(shop)
    seen = []
    for kind in (ActionKind.CONFIRM, ActionKind.READY, ActionKind.DELIVER, ActionKind.ARRIVE, ActionKind.RECEIVE):
        action = ask(task, kind)
        assert action.state == ActionState.SUCCEEDED, action.error_detail
        seen.append((task.stage, upstream.ym.place(int(number))))

    assert seen == [
        (Stage.ASSEMBLING, "PROCESSING/STARTED"),
        (Stage.READY, "PROCESSING/READY_TO_SHIP"),
        (Stage.DELIVERING, "DELIVERY/DELIVERY_SERVICE_RECEIVED"),
        (Stage.AT_PICKUP_POINT, "PICKUP/PICKUP_SERVICE_RECEIVED"),
        (Stage.RECEIVED, "DELIVERED/DELIVERY_SERVICE_DELIVERED"),
    ]
    assert len(upstream.calls(UPDATES)) == 4  # the start of assembling is nobody's business but ours


def test_ready_is_not_required(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    made(upstream, items=MUGS)
    (task,) = pulled(shop)

    ask(task, ActionKind.DELIVER)

    assert task.stage == Stage.DELIVERING


def test_started_here_is_no_news_there(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    made(upstream, items=MUGS)
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    AssemblyTask.objects.update(sweep_at=timezone.now())

    sync.sweep(shop)

    task.refresh_from_db()
    assert (task.stage, Attention.objects.count()) == (Stage.ASSEMBLING, 0)


def test_a_skipped_step_is_sent_before(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    (number,) = made(upstream, items=MUGS)
    (task,) = pulled(shop)

    action = ask(task, ActionKind.RECEIVE)

    assert (action.kind, action.state, task.stage) == (ActionKind.RECEIVE, ActionState.SUCCEEDED, Stage.RECEIVED)
    moves = [effect["after"] for effect in upstream.ym.effects(int(number)) if effect["kind"] == "status"]
    assert moves == ["DELIVERY/DELIVERY_SERVICE_RECEIVED", "DELIVERED/DELIVERY_SERVICE_DELIVERED"]
    assert list(MarketplaceAction.objects.order_by("pk").values_list("kind", flat=True)) == ["deliver", "receive"]


def test_what_follows_a_refused_step_is_stopped(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    (number,) = made(upstream, items=MUGS)
    (task,) = pulled(shop)
    action = outbox.request(task.pk, outbox.Wish(ActionKind.RECEIVE), actor=staff)
    upstream.ym.play(int(number), "market_cancel")
    work(shop)
    MarketplaceAction.objects.filter(state=ActionState.UNCERTAIN).update(not_before=timezone.now())
    work(shop)

    action.refresh_from_db()
    task.refresh_from_db()
    first = MarketplaceAction.objects.get(kind=ActionKind.DELIVER)
    assert (first.state, action.state, task.stage) == (ActionState.FAILED, ActionState.CANCELLED, Stage.CANCELLED)
    assert Attention.objects.filter(kind=AttentionKind.ACTION_FAILED).count() == 1
    assert upstream.ym.place(int(number)) == "CANCELLED/TECHNICAL_ERROR"


def test_partial_success_inside_one_call(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    numbers = made(upstream, count=3, items=MUGS)
    tasks = pulled(shop)
    upstream.ym.play(int(numbers[1]), "cancel")
    outbox.request_many([task.pk for task in tasks], outbox.Wish(ActionKind.DELIVER), actor=staff)

    work(shop)
    MarketplaceAction.objects.filter(state=ActionState.UNCERTAIN).update(not_before=timezone.now())
    work(shop)

    rows = {row.task.external_id: row for row in MarketplaceAction.objects.select_related("task")}
    assert [rows[number].state for number in numbers] == ["succeeded", "failed", "succeeded"]
    assert numbers[1] in rows[numbers[1]].error_detail  # the market's own words, in full
    assert len(upstream.calls(UPDATES)) == 1


def test_a_lost_answer_is_asked_about_and_nothing_is_sent_twice(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    (number,) = made(upstream, items=MUGS)
    (task,) = pulled(shop)
    upstream.fault("lost_answer", UPDATES)
    action = outbox.request(task.pk, outbox.Wish(ActionKind.DELIVER), actor=staff)
    work(shop)
    action.refresh_from_db()
    assert action.state == ActionState.UNCERTAIN
    MarketplaceAction.objects.update(not_before=timezone.now())

    work(shop)

    action.refresh_from_db()
    task.refresh_from_db()
    assert (action.state, task.stage) == (ActionState.SUCCEEDED, Stage.DELIVERING)
    assert len(upstream.calls(UPDATES)) == 1
    assert len([each for each in upstream.ym.effects(int(number)) if each["kind"] == "status"]) == 1


def test_the_real_day_of_a_delivery(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    created = timezone.now() - timedelta(days=3)
    (number,) = made(upstream, items=MUGS, created=created.isoformat(), updated=created.isoformat(), status="DELIVERY")
    (task,) = pulled(shop)
    day = timezone.localdate() - timedelta(days=1)

    action = ask(task, ActionKind.RECEIVE, date=day.isoformat())

    assert (action.state, task.stage) == (ActionState.SUCCEEDED, Stage.RECEIVED)
    assert upstream.ym.order(int(number))["delivery"]["real"] == day.isoformat()
    assert upstream.calls(UPDATES) == []  # with a day it goes alone


@pytest.mark.parametrize(("days", "text"), [(1, "between the order and today"), (-9, "between the order and today")])
def test_a_day_that_cannot_be(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, days: int, text: str
) -> None:
    made(upstream, items=MUGS, status="DELIVERY")
    (task,) = pulled(shop)
    day = timezone.localdate() + timedelta(days=days)

    with pytest.raises(Invalid) as caught:
        ask(task, ActionKind.RECEIVE, date=day.isoformat())

    assert text in str(caught.value.message)
    assert nothing_asked()


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("PROCESSING", "SHOP_FAILED"),
        ("PROCESSING", "INCORRECT_PERSONAL_DATA"),
        ("DELIVERY", "USER_CHANGED_MIND"),
        ("PICKUP", "PICKUP_EXPIRED"),
    ],
)
def test_a_cancellation_with_its_reason(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, status: str, reason: str
) -> None:
    (number,) = made(upstream, items=MUGS, status=status, type="PICKUP")
    (task,) = pulled(shop)

    ask(task, ActionKind.CANCEL, reason=reason)

    assert (task.stage, upstream.ym.place(int(number))) == (Stage.CANCELLED, f"CANCELLED/{reason}")
    assert task.marketplace_status == {"status": "CANCELLED", "substatus": reason}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("PROCESSING", ""),
        ("PROCESSING", "PICKUP_EXPIRED"),
        ("DELIVERY", "INCORRECT_PERSONAL_DATA"),
        ("DELIVERY", "USER_REFUSED_QUALITY"),
    ],
)
def test_a_reason_that_is_not_allowed_now(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, status: str, reason: str
) -> None:
    made(upstream, items=MUGS, status=status)
    (task,) = pulled(shop)

    with pytest.raises(Invalid):
        ask(task, ActionKind.CANCEL, reason=reason)

    assert nothing_asked()


@pytest.mark.parametrize("kind", [ActionKind.REJECT])
def test_an_action_the_market_does_not_have(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, kind: ActionKind
) -> None:
    made(upstream, items=MUGS)
    (task,) = pulled(shop)

    with pytest.raises(Conflict, match="unsupported"):
        ask(task, kind)

    assert nothing_asked()


def test_bulk_deliver_over_two_marketplaces(db: None, upstream: RunningSandbox, staff: actors.Actor, ask: Ask) -> None:
    from tests.orders.conftest import connected as wildberries
    from tests.orders.conftest import made as made_there
    from tests.orders.conftest import pulled as pulled_there

    wb, ym = wildberries(upstream), connected(upstream)
    made_there(upstream, requiredMeta=[])
    made_there(upstream, requiredMeta=["sgtin"])
    numbers = made(upstream, count=2, items=MUGS)
    theirs, ours = pulled_there(wb), pulled(ym)
    for task in theirs:
        ask(task, ActionKind.CONFIRM)
    upstream.ym.play(int(numbers[1]), "cancel")
    run = bulk.freeze([task.pk for task in (*theirs, *ours)], ActionKind.DELIVER, actor=staff)

    rehearsal = bulk.rehearse(run)
    bulk.start(run.pk, actor=staff)
    for shop in (wb, ym):
        work(shop)
    MarketplaceAction.objects.filter(state=ActionState.UNCERTAIN).update(not_before=timezone.now())
    work(ym)
    run.refresh_from_db()
    by_number = {row.task.external_id: row for row in bulk.result(run)}

    assert (len(rehearsal.will_do), len(rehearsal.will_fail)) == (3, 1)
    assert [by_number[task.external_id].state for task in (*theirs, *ours)] == [
        "succeeded", "refused", "succeeded", "failed",
    ]  # fmt: skip
    assert by_number[theirs[1].external_id].text == "1 code is missing (Chestny ZNAK): scan it first."
    assert by_number[numbers[1]].text


def test_arbitration_takes_a_delivery_back(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    (number,) = made(upstream, items=MUGS, status="DELIVERY")
    (task,) = pulled(shop)
    ask(task, ActionKind.RECEIVE)
    upstream.ym.play(int(number), "arbitrate")
    upstream.ym.play(int(number), "lose")
    AssemblyTask.objects.update(sweep_at=timezone.now())

    sync.sweep(shop)

    task.refresh_from_db()
    entry = TimelineEntry.objects.filter(kind=EntryKind.STAGE).order_by("-id").first()
    assert task.stage == Stage.CANCELLED
    assert entry is not None
    assert (entry.status, entry.correction) == ("cancelled", True)
    assert Attention.objects.get().kind == AttentionKind.CORRECTION


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("inactive-x", "disabled due to inactivity"),
        ("migrating-x", "migration"),
    ],
)
def test_a_locked_account_is_paused_with_the_markets_reason(
    db: None, upstream: RunningSandbox, key: str, words: str
) -> None:
    shop = connected(upstream)
    shop.credentials = {"api_key": key}
    shop.save()

    with pytest.raises(Exception, match="CredentialsError"):
        sync.pull_new(shop)

    shop.refresh_from_db()
    assert words in shop.paused_reason
    assert Attention.objects.get(kind=AttentionKind.CREDENTIALS).account_id == shop.pk


def test_too_many_calls_wait_for_the_hour_to_end(db: None, upstream: RunningSandbox, staff: actors.Actor) -> None:
    shop = connected(upstream)
    made(upstream, count=2, items=MUGS)
    tasks = pulled(shop)
    upstream.ym.limit(updateOrderStatuses=1)
    for task in tasks:
        outbox.request(task.pk, outbox.Wish(ActionKind.DELIVER), actor=staff)
        work(shop)

    rows = list(MarketplaceAction.objects.order_by("pk"))
    assert [row.state for row in rows] == [ActionState.SUCCEEDED, ActionState.QUEUED]
    assert rows[1].not_before > timezone.now() + timedelta(seconds=1)
    assert upstream.ym.place(int(tasks[1].external_id)) == "PROCESSING/STARTED"
    assert len(upstream.calls(UPDATES)) == 1  # the header said that nothing is left: no call was spent to hear it
