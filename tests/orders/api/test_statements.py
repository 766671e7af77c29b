"""The short lists take a fixed number of statements, whatever they hold."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from orders.enums import ActionKind, AttentionKind
from orders.models import MarketplaceAccount
from orders.services import actors, attention
from orders.services.sending import outbox
from orders.services.warehouse import marking
from sandbox.server import RunningSandbox
from tests.orders.conftest import Ask, made, pulled
from tests.orders.statements import counted

SGTIN = "0104600439931256215RJZx80hlqAq{}\x1d91FFD0\x1d92sGGtBnYBxYJ2bpEx55+DjlbOAUSHWVQQO9IxBPo3uA="


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("path", "statements"),
    [
        ("/api/v1/actions/", 2),  # token, page
        ("/api/v1/attention/", 2),
        ("/api/v1/tasks/{}/codes/", 3),  # token, task, page
    ],
)
def test_a_list_takes_the_same_statements_however_many_rows(
    shop: MarketplaceAccount,
    upstream: RunningSandbox,
    api: APIClient,
    ask: Ask,
    staff: actors.Actor,
    path: str,
    statements: int,
    count: int,
) -> None:
    made(upstream, count=count + 1, requiredMeta=["sgtin"])
    first, *others = pulled(shop)
    ask(first, ActionKind.CONFIRM)
    for number, task in enumerate(others):
        marking.add_code(first.pk, marking.Entry(SGTIN.format(number), override=True), actor=staff)
        outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
        attention.open_one(attention.Question(AttentionKind.CORRECTION, f"q{number}", task_id=task.pk))
    address = path.format(first.pk)
    api.get(address)

    with counted() as found:
        answer = api.get(address, {"state": "queued"} if "actions" in path else {})

    assert len(answer.json()["results"]) == count
    assert len(found) == statements, found
