"""A worker that is killed (SIGKILL) at the worst moments: one effect upstream, the right stage here, nothing lost."""

from __future__ import annotations

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from backoffice.models import Lease
from orders.enums import ActionKind, ActionState, EntryKind, ScanOutcome, Stage
from orders.models import ActionAttempt, AssemblyTask, MarketplaceAccount, MarketplaceAction, MarkingCode
from orders.services import actors, buyers
from orders.services.sending import outbox
from orders.services.warehouse import scanning
from sandbox.faults import Fault
from sandbox.server import RunningSandbox
from tests.orders.conftest import connected, made, pulled, work

from .conftest import StartWorker
from .processes import until

pytestmark = pytest.mark.live

UIN = "1234567890123456"
UNCERTAIN_THEN_DONE = [EntryKind.ACTION_REQUESTED, EntryKind.ACTION_UNCERTAIN, EntryKind.ACTION_DONE]


def new_task(shop: MarketplaceAccount, upstream: RunningSandbox, *kinds: str) -> AssemblyTask:
    made(upstream, requiredMeta=list(kinds))
    (task,) = pulled(shop)
    return task


def moved_to(task: AssemblyTask, staff: actors.Actor, *steps: ActionKind) -> AssemblyTask:
    """The task after these actions, sent from this process: no worker runs yet."""
    for step in steps:
        outbox.request(task.pk, outbox.Wish(step), actor=staff)
        work(task.account)
    OrmQ.objects.all().delete()
    task.refresh_from_db()
    return task


def held(fault: Fault, task: AssemblyTask) -> None:
    """Wait until the worker's call hangs in the fault, with its claim committed."""
    until(lambda: fault.waiting == 1, "the worker's call reaches the sandbox")
    action = MarketplaceAction.objects.filter(task=task).latest("pk")
    assert action.state == ActionState.SENDING
    assert action.tries.filter(outcome=ActionAttempt.Outcome.OPEN).count() == 1


def recovered(action: MarketplaceAction) -> None:
    """The jobs that the schedule brings each minute, until the action is settled."""
    Lease.objects.update(until=timezone.now())  # the dead worker's leases run out

    def settled() -> bool:
        async_task("orders.tasks.release_stuck")
        async_task("orders.tasks.send_all_due")
        action.refresh_from_db()
        return not action.is_open

    until(settled, f"{action.kind} is settled; it is {action.state}", every=0.5)


def told(action: MarketplaceAction) -> list[str]:
    """What the timeline says of an action."""
    entries = action.task.timeline.filter(data__action=action.pk).exclude(kind=EntryKind.STAGE)
    return list(entries.order_by("id").values_list("kind", flat=True))


def changes(upstream: RunningSandbox, task: AssemblyTask) -> list[str]:
    """What happened to the order upstream since it was made."""
    effects = upstream.effects(int(task.external_id))
    return [effect["after"] if effect["kind"] == "status" else effect["kind"] for effect in effects[1:]]


@pytest.mark.parametrize(("dialect", "path"), [("batch", "/status/confirm"), ("v3", "/confirm")])
def test_killed_between_the_work_and_the_answer(
    transactional_db: None, upstream: RunningSandbox, staff: actors.Actor, start_worker: StartWorker,
    dialect: str, path: str,
) -> None:  # fmt: skip
    task = new_task(connected(upstream, dialect=dialect), upstream)
    fault = upstream.fault("slow", path, seconds=60.0)
    worker = start_worker()
    action = outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    held(fault, task)
    assert upstream.order(int(task.external_id))["supplierStatus"] == "confirm"

    worker.kill()
    upstream.store.faults.clear()
    task.refresh_from_db()
    assert task.stage == Stage.NEW

    start_worker()
    recovered(action)
    task.refresh_from_db()
    assert (action.state, action.error_code, action.attempts) == (ActionState.SUCCEEDED, "", 1)
    assert (task.stage, task.order.stage) == (Stage.ASSEMBLING, Stage.ASSEMBLING)
    assert changes(upstream, task) == ["confirm/waiting"]
    assert len(upstream.calls(path)) == 1
    assert told(action) == UNCERTAIN_THEN_DONE
    attempt = action.tries.get()  # found done by asking: no answer of its own ever came
    assert (attempt.outcome, attempt.status) == (ActionAttempt.Outcome.DONE, None)


def test_killed_before_the_work_and_the_call_never_arrives(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, start_worker: StartWorker
) -> None:
    task = new_task(shop, upstream)
    fault = upstream.fault("hang", "/status/confirm", seconds=60.0)
    worker = start_worker()
    action = outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    held(fault, task)
    worker.kill()
    upstream.store.faults.clear()
    assert changes(upstream, task) == []

    start_worker()
    recovered(action)
    task.refresh_from_db()
    assert (action.state, action.attempts, task.stage) == (ActionState.SUCCEEDED, 2, Stage.ASSEMBLING)
    assert changes(upstream, task) == ["confirm/waiting"]
    assert told(action) == UNCERTAIN_THEN_DONE
    outcomes = list(action.tries.values_list("outcome", flat=True))
    assert outcomes == [ActionAttempt.Outcome.UNCERTAIN, ActionAttempt.Outcome.DONE]


def test_killed_before_the_work_and_the_call_arrives_after_it_was_sent_again(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, start_worker: StartWorker
) -> None:
    task = new_task(shop, upstream)
    fault = upstream.fault("slow", "/status/confirm", before=True, seconds=90.0)
    worker = start_worker()
    action = outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    held(fault, task)
    worker.kill()

    start_worker()
    recovered(action)
    assert changes(upstream, task) == ["confirm/waiting"]
    upstream.store.faults.clear()
    until(lambda: len(upstream.calls("/status/confirm")) == 2, "the first call is worked on at last")
    task.refresh_from_db()
    assert (action.state, action.attempts, task.stage) == (ActionState.SUCCEEDED, 2, Stage.ASSEMBLING)
    assert changes(upstream, task) == ["confirm/waiting"]


@pytest.mark.parametrize(("kind", "attempts"), [("slow", 1), ("hang", 2)])
def test_killed_while_the_buyers_code_is_on_its_way(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, start_worker: StartWorker,
    kind: str, attempts: int,
) -> None:  # fmt: skip
    task = moved_to(new_task(shop, upstream), staff, ActionKind.CONFIRM, ActionKind.DELIVER)
    code = upstream.order(int(task.external_id))["code"]
    fault = upstream.fault(kind, "/status/receive", seconds=60.0)
    worker = start_worker()
    action = outbox.request(task.pk, outbox.Wish(ActionKind.RECEIVE, code=code), actor=staff)
    held(fault, task)
    worker.kill()
    upstream.store.faults.clear()
    assert buyers.codes_for([(task.order_id, action.pk)]) == {action.pk: code}

    second = start_worker()
    recovered(action)
    task.refresh_from_db()
    assert (action.state, action.attempts) == (ActionState.SUCCEEDED, attempts)
    assert (task.stage, task.order.stage) == (Stage.RECEIVED, Stage.RECEIVED)
    assert changes(upstream, task) == ["confirm/waiting", "deliver/waiting", "receive/sold"]
    assert told(action) == UNCERTAIN_THEN_DONE
    assert buyers.codes_for([(task.order_id, action.pk)]) == {}
    assert code not in worker.said + second.said


def test_killed_while_marking_codes_are_on_their_way(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, start_worker: StartWorker
) -> None:
    task = moved_to(new_task(shop, upstream, "uin"), staff, ActionKind.CONFIRM)
    fault = upstream.fault("slow", "/meta/uin", seconds=60.0)
    worker = start_worker()
    verdict = scanning.scan(task.pk, scanning.Shot(UIN, nonce="one"), actor=staff)
    assert verdict.outcome == ScanOutcome.ACCEPTED
    held(fault, task)
    worker.kill()
    upstream.store.faults.clear()

    start_worker()
    recovered(MarketplaceAction.objects.get(kind=ActionKind.PUT_CODES))
    code = MarkingCode.objects.get()
    assert (code.value, code.state in ("sent", "verified")) == (UIN, True)
    assert changes(upstream, task) == ["confirm/waiting", "meta.uin"]
    assert MarketplaceAction.objects.filter(kind=ActionKind.PUT_CODES).count() == 1


def test_killed_before_the_job_began(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, start_worker: StartWorker
) -> None:
    task = new_task(shop, upstream)
    action = outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    OrmQ.objects.all().delete()  # the nudge died with its worker
    start_worker()
    recovered(action)
    assert (action.state, action.attempts) == (ActionState.SUCCEEDED, 1)
    assert changes(upstream, task) == ["confirm/waiting"]
    assert told(action) == [EntryKind.ACTION_REQUESTED, EntryKind.ACTION_DONE]
