"""Several threads at once, each with a connection of its own: one wins, the others are told, nothing is half-done.

On PostgreSQL they really run side by side; on SQLite the write lock puts them in a row, and the outcome is the same.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from backoffice.errors import Conflict, DomainError
from backoffice.models import RawPayload
from backoffice.people import Role, create_user
from orders.enums import ActionKind, ActionState, AttentionKind, EntryKind, ScanOutcome, Stage
from orders.models import (
    ActionAttempt,
    AssemblyTask,
    Attention,
    Buyer,
    MarketplaceAccount,
    MarketplaceAction,
    MarkingCode,
    Order,
    Scan,
    TimelineEntry,
)
from orders.services import accounts, actors, stages
from orders.services.sending import bulk, dispatch, outbox, settle
from orders.services.syncing import sync
from orders.services.warehouse import assembly, scanning
from sandbox.server import RunningSandbox
from tests.backoffice.threads import together
from tests.live.processes import until

from .conftest import Ask, connected, made, pulled, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CONFIRM = outbox.Wish(ActionKind.CONFIRM)
T = TypeVar("T")


def race(*works: Callable[[], T]) -> list[T]:
    """What each of these gave, in no order; all begin at the same moment."""
    waiting = iter(works)

    def one() -> T:
        work = next(waiting)
        return work()

    return together(one, len(works))


def outcome(work: Callable[[], T]) -> Callable[[], T | str]:
    """The result, or the code of the refusal."""

    def run() -> T | str:
        try:
            return work()
        except DomainError as error:
            return error.code

    return run


def assembling(shop: MarketplaceAccount, upstream: RunningSandbox, count: int, *kinds: str) -> list[AssemblyTask]:
    made(upstream, count=count, requiredMeta=list(kinds))
    ids = [task.pk for task in pulled(shop)]
    outbox.request_many(ids, CONFIRM, actor=actors.SYSTEM)
    work(shop)
    found = list(AssemblyTask.objects.filter(stage=Stage.ASSEMBLING).order_by("pk"))
    assert len(found) == count
    return found


def told(kind: EntryKind) -> list[int]:
    """How many entries of the kind each task has."""
    return list(Counter(TimelineEntry.objects.filter(kind=kind).values_list("task_id", flat=True)).values())


def test_due_actions_are_claimed_once(db: None, upstream: RunningSandbox, staff: actors.Actor, dialect: str) -> None:
    shop = connected(upstream, dialect=dialect)
    numbers = made(upstream, count=12, requiredMeta=[])
    outbox.request_many([task.pk for task in pulled(shop)], CONFIRM, actor=staff)

    def send() -> int:
        return dispatch.send_due(MarketplaceAccount.objects.get(pk=shop.pk)).actions

    assert sum(race(send, send, send, send)) == len(numbers)
    moved = [effect["order"] for effect in upstream.effects() if effect["kind"] == "status"]
    assert sorted(moved) == sorted(numbers)
    assert set(MarketplaceAction.objects.values_list("state", "attempts")) == {(ActionState.SUCCEEDED, 1)}
    assert ActionAttempt.objects.count() == len(numbers)
    assert told(EntryKind.ACTION_DONE) == [1] * len(numbers)


def test_without_the_claim_the_same_race_sends_twice(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above: it can fail."""
    made(upstream, count=4, requiredMeta=[])
    outbox.request_many([task.pk for task in pulled(shop)], CONFIRM, actor=staff)
    both_have_read = threading.Barrier(2)

    def read_then_write(account: MarketplaceAccount, *_: object) -> list[MarketplaceAction] | None:
        rows = list(dispatch.due(account, timezone.now()).select_related("task"))
        if not rows:
            return None
        both_have_read.wait(10)
        return dispatch._mark(rows, timezone.now())

    monkeypatch.setattr(dispatch, "claim", read_then_write)

    def send() -> int:
        return dispatch.send_due(MarketplaceAccount.objects.get(pk=shop.pk)).calls

    assert race(send, send) == [1, 1]
    asked = [one for call in upstream.calls("/status/confirm") for one in call["request"]["ordersIds"]]
    assert len(asked) == 8


def test_one_code_scanned_onto_two_tasks(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    tasks = assembling(shop, upstream, 12, "uin")
    for task in tasks:  # different goods, so that there is nothing to swap back (``test_swaps``)
        task.items.update(article=f"goods {task.pk}", barcodes=[])
    for number, (one, other) in enumerate(zip(tasks[::2], tasks[1::2], strict=True)):
        code = f"1{number:015d}"

        def scan(task: AssemblyTask, code: str = code) -> scanning.Verdict:
            return scanning.scan(task.pk, scanning.Shot(code, nonce=f"{task.pk}"), actor=staff)

        verdicts = race(partial(scan, one), partial(scan, other))
        assert sorted(verdict.outcome for verdict in verdicts) == [ScanOutcome.ACCEPTED, ScanOutcome.REFUSED]
        loser = next(verdict for verdict in verdicts if not verdict.ok)
        winner = MarkingCode.objects.get(value=code)
        assert (loser.reason, loser.facts["task"]) == ("in_use", winner.task_id)
        assert loser.scan is not None
        assert {winner.task_id, loser.scan.task_id} == {one.pk, other.pk}
    assert MarkingCode.objects.count() == 6
    assert Scan.objects.count() == 12
    assert told(EntryKind.CODE_ADDED) == [1] * 6


def test_the_same_scan_posted_twice(shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor) -> None:
    tasks = assembling(shop, upstream, 6, "uin")
    for number, task in enumerate(tasks):
        shot = scanning.Shot(f"1{number:015d}", nonce=f"form {number}")

        def scan(pk: int = task.pk, shot: scanning.Shot = shot) -> scanning.Verdict:
            return scanning.scan(pk, shot, actor=staff)

        verdicts = race(scan, scan)
        assert {verdict.outcome for verdict in verdicts} == {ScanOutcome.ACCEPTED}
        assert len({verdict.scan.pk for verdict in verdicts if verdict.scan}) == 1
    assert (MarkingCode.objects.count(), Scan.objects.count()) == (6, 6)


def test_two_pickers_take_one_task(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    pickers = [create_user(name, role=Role.WAREHOUSE, password="x", weak=True) for name in ("anna", "boris")]
    made(upstream, count=8)
    for task in pulled(shop):
        works = [outcome(partial(assembly.take, task.pk, actor=actors.staff(who))) for who in pickers]
        results = race(*works)
        assert sum(result == "taken" for result in results) == 1
        task.refresh_from_db()
        winner = next(result for result in results if isinstance(result, AssemblyTask))
        assert task.assignee_id == winner.assignee_id
    assert told(EntryKind.ASSIGNED) == [1] * 8


def test_the_same_action_asked_twice_is_one_row(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream, count=8)
    for task in pulled(shop):

        def ask(pk: int = task.pk) -> int:
            return outbox.request(pk, CONFIRM, actor=staff).pk

        assert len(set(race(ask, ask, ask))) == 1
    assert MarketplaceAction.objects.count() == 8
    assert told(EntryKind.ACTION_REQUESTED) == [1] * 8


def test_the_same_idempotency_key_twice_is_one_row(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream, count=16)
    tasks = pulled(shop)
    for one, other in zip(tasks[::2], tasks[1::2], strict=True):
        key = outbox.Idempotency(f"key {one.pk}", "digest")

        def ask(pk: int, key: outbox.Idempotency = key) -> int:
            return outbox.request(pk, CONFIRM, actor=staff, idempotency=key).pk

        assert len(set(race(partial(ask, one.pk), partial(ask, other.pk)))) == 1
    assert MarketplaceAction.objects.count() == 8


def test_one_page_pulled_by_several(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=60)

    def pull() -> int:
        return len(sync.pull_new(MarketplaceAccount.objects.get(pk=shop.pk)).created)

    assert sum(race(pull, pull, pull)) == 60
    counts = [model.objects.count() for model in (Order, AssemblyTask, Buyer, RawPayload)]
    assert counts == [60, 60, 60, 60]
    assert told(EntryKind.ORDER_RECEIVED) == [1] * 60
    assert Attention.objects.count() == 0


def test_a_bulk_run_starts_once(shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor) -> None:
    made(upstream, count=5)
    run = bulk.freeze([task.pk for task in pulled(shop)], ActionKind.CONFIRM, actor=staff)

    def start() -> dict[str, int]:
        return dict(bulk.start(run.pk, actor=staff).action_ids)

    one, other = race(start, start)
    assert one == other
    assert sorted(one.values()) == sorted(MarketplaceAction.objects.values_list("pk", flat=True))
    assert told(EntryKind.ACTION_REQUESTED) == [1] * 5
    run.refresh_from_db()
    assert {row.state for row in bulk.result(run)} == {ActionState.QUEUED}
    assert (run.refused, len(run.action_ids)) == ({}, 5)


def test_a_bulk_run_that_breaks_off_has_not_started(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(upstream, count=2)
    run = bulk.freeze([task.pk for task in pulled(shop)], ActionKind.CONFIRM, actor=staff)
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "request_many", lambda *_args, **_more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bulk.start(run.pk, actor=staff)
    run.refresh_from_db()
    assert (run.started_at, MarketplaceAction.objects.count()) == (None, 0)
    assert len(bulk.start(run.pk, actor=staff).action_ids) == 2


def test_giving_up_against_sending(shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor) -> None:
    made(upstream, count=10, requiredMeta=[])
    for task in pulled(shop):
        action = outbox.request(task.pk, CONFIRM, actor=staff)

        def give_up(pk: int = action.pk) -> str:
            return outbox.give_up(pk, actor=staff).state

        def send() -> str:
            dispatch.send_due(MarketplaceAccount.objects.get(pk=shop.pk))
            return "sent"

        results = race(outcome(give_up), send)
        action.refresh_from_db()
        changed = [effect["after"] for effect in upstream.effects(int(task.external_id))[1:]]
        # Stopped in time and nothing left, or too late and it went all the way: said so either way.
        if action.state == ActionState.CANCELLED:
            assert (changed, action.attempts, ActionState.CANCELLED in results) == ([], 0, True)
        else:
            assert (action.state, changed) == (ActionState.SUCCEEDED, ["confirm/waiting"])
            assert {"sending", ActionState.SUCCEEDED} & set(results)


def test_two_tasks_of_one_order_move_at_once(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    for number in range(8):
        upstream.make(seller="sandbox-tests", count=2, basket=True, fields={"article": f"boots-{number}"})
    pulled(shop)
    orders = list(Order.objects.all())
    assert len(orders) == 8
    for order in orders:
        race(*[partial(stages.move, task, Stage.ASSEMBLING, actor=actors.MARKETPLACE) for task in order.tasks.all()])
        order.refresh_from_db()
        assert order.stage == Stage.ASSEMBLING


def test_a_status_read_before_an_action_does_not_undo_it(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    """The sweep asks, the confirm goes through, and only then the old answer of the sweep arrives."""
    (number,) = made(upstream, requiredMeta=[])
    (task,) = pulled(shop)
    upstream.play(number, "sort")  # news, so that the answer is looked at
    fault = upstream.fault("slow", "/status/info", seconds=30.0)

    def sweep() -> str:
        sync.sweep(MarketplaceAccount.objects.get(pk=shop.pk))
        return "swept"

    def confirm() -> str:
        until(lambda: upstream.calls("/status/info"), "the sweep has asked")
        state = ask(task, ActionKind.CONFIRM).state
        upstream.store.faults.clear()
        return state

    assert set(race(sweep, confirm)) == {"swept", ActionState.SUCCEEDED}
    assert fault.hits == 1
    task.refresh_from_db()
    assert (task.stage, task.marketplace_status["supplierStatus"]) == (Stage.ASSEMBLING, "confirm")
    assert Attention.objects.filter(kind=AttentionKind.CORRECTION).count() == 0
    assert task.timeline.filter(correction=True).count() == 0
    assert sync.sweep(shop) == 0


def test_a_stale_look_at_an_action_cannot_take_it_from_its_sender(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream)
    (task,) = pulled(shop)
    action = outbox.request(task.pk, CONFIRM, actor=staff)
    provider = accounts.provider(shop)
    first = dispatch.claim(shop, provider, dispatch.Sent())
    assert first
    dispatch.release_stuck(timezone.now() + timedelta(hours=1))
    stale = list(MarketplaceAction.objects.select_related("task"))
    settle.requeue(stale)
    second = dispatch.claim(shop, provider, dispatch.Sent())
    assert second

    settle.requeue(stale)
    settle.uncertain(stale, settle.NO_ANSWER, "")
    settle.uncertain(first, settle.NO_ANSWER, "")
    settle.requeue(first)

    action.refresh_from_db()
    assert (action.state, action.claim, action.attempts) == (ActionState.SENDING, second[0].claim, 2)
    assert told(EntryKind.ACTION_UNCERTAIN) == [1]


def test_two_ask_what_became_of_the_same_send(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    (number,) = made(upstream, requiredMeta=[])
    (task,) = pulled(shop)
    action = outbox.request(task.pk, CONFIRM, actor=staff)
    upstream.fault("lost_answer", "/status/confirm")
    work(shop)
    MarketplaceAction.objects.filter(state=ActionState.UNCERTAIN).update(not_before=timezone.now())

    def resolve() -> int:
        account = MarketplaceAccount.objects.get(pk=shop.pk)
        dispatch.resolve_uncertain(account)
        return dispatch.send_due(account).calls

    assert race(resolve, resolve, resolve) == [0, 0, 0]
    action.refresh_from_db()
    assert action.state == ActionState.SUCCEEDED
    assert [effect["kind"] for effect in upstream.effects(number)] == ["made", "status"]
    assert told(EntryKind.ACTION_DONE) == [1]


def test_a_refused_conflict_leaves_no_job_behind(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    tasks = assembling(shop, upstream, 2, "uin")
    tasks[1].items.update(article="something else", barcodes=[])
    scanning.scan(tasks[0].pk, scanning.Shot("1234567890123456"), actor=staff)
    OrmQ.objects.all().delete()
    with pytest.raises(Conflict):
        outbox.request(tasks[1].pk, outbox.Wish(ActionKind.DELIVER), actor=staff)
    assert scanning.scan(tasks[1].pk, scanning.Shot("1234567890123456"), actor=staff).reason == "in_use"
    assert OrmQ.objects.count() == 0
    assert connection.in_atomic_block is False
