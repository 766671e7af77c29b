"""The worker at its work: orders come in by themselves, one bad account holds up no other, two workers do nothing twice."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from django.db.models import Count
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success
from django_q.scheduler import scheduler
from django_q.tasks import async_task

from orders.enums import ActionKind, ActionState, AttentionKind, EntryKind, Stage
from orders.models import (
    AssemblyTask,
    Attention,
    Buyer,
    MarketplaceAccount,
    MarketplaceAction,
    Order,
    TimelineEntry,
)
from orders.services import accounts, actors
from orders.services.sending import outbox
from sandbox.server import RunningSandbox
from tests.orders.conftest import made

from .conftest import StartWorker
from .processes import until

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("all_schedules")]


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port that is bound and never listens: whoever calls is refused at once."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield closed.getsockname()[1]


def another(title: str, base_url: str, token: str) -> MarketplaceAccount:
    credentials = {"token": token}
    return accounts.connect(
        "wildberries", title=title, base_url=base_url, credentials=credentials, options={}, actor=actors.SYSTEM
    )


def schedules_now() -> None:
    """Queue what is periodic, as the worker does each half minute by itself (the test of the demo waits for that)."""
    Schedule.objects.update(next_run=timezone.now())
    scheduler()


def idle() -> bool:
    """Nothing waits and nothing runs."""
    return not OrmQ.objects.exists()


def test_orders_statuses_and_buyers_come_by_themselves(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, start_worker: StartWorker
) -> None:
    upstream.tune(phone_delay=0)
    kept, lost = made(upstream, count=2, requiredMeta=[])
    worker = start_worker()
    schedules_now()
    until(lambda: AssemblyTask.objects.count() == 2, "new orders arrive")

    outbox.request(AssemblyTask.objects.get(external_id=kept).pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    until(lambda: AssemblyTask.objects.filter(external_id=kept, stage=Stage.ASSEMBLING).exists(), "the confirm is sent")
    until(lambda: Buyer.objects.exclude(phones=None).count() == 1, "the buyer is fetched right after confirming")
    assert Buyer.objects.exclude(phones=None).get().order.tasks.get().external_id == str(kept)

    upstream.play(lost, "decline")
    AssemblyTask.objects.update(sweep_at=timezone.now())
    schedules_now()
    until(lambda: AssemblyTask.objects.filter(external_id=lost, stage=Stage.CANCELLED).exists(), "the sweep sees it")
    until(idle, "all jobs are done")
    assert Failure.objects.count() == 0, worker.said
    assert Attention.objects.count() == 0


def test_a_bad_account_holds_up_no_other(
    shop: MarketplaceAccount, upstream: RunningSandbox, start_worker: StartWorker, dead_port: int
) -> None:
    good = shop
    wrong = another("wrong token", upstream.wildberries_url, "nobody")
    dead = another("nobody there", f"http://127.0.0.1:{dead_port}", "sandbox-dead")
    made(upstream, count=3)
    worker = start_worker()
    schedules_now()
    until(lambda: AssemblyTask.objects.filter(account=good).count() == 3, "orders of the good account")

    def both_noted() -> bool:
        wrong.refresh_from_db()
        dead.refresh_from_db()
        return bool(wrong.paused_reason and dead.last_error)

    until(both_noted, "the errors of the others are noted")
    until(idle, "all jobs are done")
    good.refresh_from_db()
    assert (good.last_error, good.paused_reason, dead.paused_reason) == ("", "", "")
    assert Attention.objects.get(kind=AttentionKind.CREDENTIALS).account_id == wrong.pk
    before = upstream.calls()[-1]["id"]

    schedules_now()
    until(idle, "the next minute's jobs are done")
    later = {call["status"] for call in upstream.calls(since=before)}
    assert later == {200}
    assert AssemblyTask.objects.exclude(account=good).count() == 0
    assert Failure.objects.count() == 0, worker.said


def test_two_workers_do_nothing_twice(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, start_worker: StartWorker
) -> None:
    numbers = made(upstream, count=40, requiredMeta=[])
    workers = [start_worker(), start_worker()]
    both_at_work({worker.process.pid for worker in workers})
    for _again in range(6):
        async_task("orders.tasks.pull_orders", shop.pk)
    until(lambda: AssemblyTask.objects.count() == len(numbers), "all orders are there")

    ids = list(AssemblyTask.objects.values_list("pk", flat=True))
    for part in range(0, len(ids), 5):
        outbox.request_many(ids[part : part + 5], outbox.Wish(ActionKind.CONFIRM), actor=staff)
        async_task("orders.tasks.send_due", shop.pk)
        async_task("orders.tasks.sweep_statuses", shop.pk)

    def all_sent() -> bool:
        schedules_now()
        return not MarketplaceAction.objects.exclude(state=ActionState.SUCCEEDED).exists()

    until(all_sent, "all are confirmed", every=1.0)
    until(idle, "all jobs are done")
    said = "".join(worker.said for worker in workers)
    assert Failure.objects.count() == 0, said
    assert (Order.objects.count(), AssemblyTask.objects.count()) == (40, 40)
    assert AssemblyTask.objects.filter(stage=Stage.ASSEMBLING).count() == 40
    assert list(MarketplaceAction.objects.values_list("attempts", flat=True)) == [1] * 40
    moved = [effect["order"] for effect in upstream.effects() if effect["kind"] == "status"]
    assert sorted(moved) == sorted(numbers)
    asked = [one for call in upstream.calls("/status/confirm") for one in call["request"]["ordersIds"]]
    assert sorted(asked) == sorted(numbers)
    assert once_each(EntryKind.ORDER_RECEIVED) == once_each(EntryKind.ACTION_DONE) == [1] * 40


def both_at_work(groups: set[int]) -> None:
    """Wait until jobs have been done in each of these process groups."""

    def seen() -> bool:
        async_task("os.getpgrp", group="who")
        results = Success.objects.filter(group="who").values_list("result", flat=True)
        return {int(result) for result in results} == groups

    until(seen, "both workers do jobs")


def once_each(kind: EntryKind) -> list[int]:
    """How many entries of the kind each task has."""
    rows = TimelineEntry.objects.filter(kind=kind).values("task").annotate(count=Count("id")).order_by("task")
    return [row["count"] for row in rows]
