"""The main job through the services and real HTTP: from a new order to "received", in both dialects."""

from __future__ import annotations

import pytest

from orders.enums import ActionKind, ActionState, CodeState, EntryKind, ScanOutcome, Stage
from orders.models import MarketplaceAccount, TimelineEntry
from orders.services import actors, buyers
from orders.services.warehouse import scanning
from sandbox.server import RunningSandbox

from .conftest import Ask, connected, made, pulled, work

SGTIN = "0104600439931256215RJZx80hlqAq3\x1d91FFD0\x1d92sGGtBnYBxYJ2bpEx55+DjlbOAUSHWVQQO9IxBPo3uA="


@pytest.fixture
def account(db: None, upstream: RunningSandbox, dialect: str) -> MarketplaceAccount:
    return connected(upstream, dialect=dialect)


def test_from_a_new_order_to_received(
    account: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    (number,) = made(upstream, requiredMeta=["sgtin"], article="boots-42")
    (task,) = pulled(account)
    assert (task.stage, task.external_id, task.code_kinds) == (Stage.NEW, str(number), ["sgtin"])

    assert ask(task, ActionKind.CONFIRM).state == ActionState.SUCCEEDED
    assert (task.stage, task.marketplace_status["supplierStatus"]) == (Stage.ASSEMBLING, "confirm")
    assert upstream.order(number)["supplierStatus"] == "confirm"

    verdict = scanning.scan(task.pk, scanning.Shot(SGTIN, nonce="n1"), actor=staff)
    assert verdict.outcome == ScanOutcome.ACCEPTED
    work(account)
    code = task.codes.get()
    assert (code.state, code.value) == (CodeState.SENT, SGTIN)

    assert ask(task, ActionKind.READY).state == ActionState.SUCCEEDED
    assert task.stage == Stage.READY
    assert ask(task, ActionKind.DELIVER).state == ActionState.SUCCEEDED
    assert task.stage == Stage.DELIVERING

    code_of_buyer = upstream.order(number)["code"]
    done = ask(task, ActionKind.RECEIVE, code=code_of_buyer)
    assert done.state == ActionState.SUCCEEDED
    assert (task.stage, task.order.stage) == (Stage.RECEIVED, Stage.RECEIVED)
    assert buyers.codes_for([(task.order_id, done.pk)]) == {}

    entries = TimelineEntry.objects.filter(order=task.order).exclude(kind=EntryKind.DELIVERY_WINDOW).order_by("id")
    kinds = list(entries.values_list("kind", flat=True))
    assert kinds == [
        EntryKind.ORDER_RECEIVED,
        EntryKind.ACTION_REQUESTED,
        EntryKind.STAGE,
        EntryKind.ACTION_DONE,
        EntryKind.CODE_ADDED,
        EntryKind.ASSIGNED,  # who scans it first has it
        EntryKind.ACTION_DONE,
        EntryKind.ACTION_REQUESTED,
        EntryKind.STAGE,
        EntryKind.ACTION_REQUESTED,
        EntryKind.STAGE,
        EntryKind.ACTION_DONE,
        EntryKind.ACTION_REQUESTED,
        EntryKind.STAGE,
        EntryKind.ACTION_DONE,
    ]
