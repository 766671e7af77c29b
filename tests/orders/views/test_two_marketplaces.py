"""Both marketplaces in one queue, and words that nobody knows on every page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.models import User
from orders.enums import ActionState, Stage
from orders.models import AssemblyTask, BulkRun, MarketplaceAccount, MarketplaceAction
from orders.services.syncing import sync
from sandbox.server import RunningSandbox
from tests.orders.conftest import work

from .conftest import Order, Task, browser, text_of


def test_one_bulk_deliver_over_a_mixed_queue(
    web: Client,
    shop: MarketplaceAccount,
    market: MarketplaceAccount,
    task_at: Task,
    order_at: Order,
    upstream: RunningSandbox,
) -> None:
    good, lacking = task_at(Stage.ASSEMBLING), task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"])
    ours, lost = order_at(), order_at()
    for task in (ours, lost):
        web.post(f"/tasks/{task.pk}/act/", {"kind": "confirm"})
    upstream.ym.play(int(lost.external_id), "cancel")
    queue = text_of(web.get("/tasks/?tab=assembling"))
    assert all(number.external_id in queue for number in (good, lacking))
    assert queue.count("TOY-TRAIN") == 2

    chosen = [task.pk for task in (good, lacking, ours, lost)]
    rehearsal = web.post("/tasks/many/", {"kind": "deliver", "task": chosen})["Location"]
    assert "1 code is missing (Chestny ZNAK): scan it first." in text_of(web.get(rehearsal))
    web.post(rehearsal)
    for account in (shop, market):
        work(account)
    MarketplaceAction.objects.filter(state=ActionState.UNCERTAIN).update(not_before=timezone.now())
    work(market)
    result = text_of(web.get(rehearsal))

    stages = dict(AssemblyTask.objects.filter(pk__in=chosen).values_list("pk", "stage"))
    assert [stages[pk] for pk in chosen] == [Stage.DELIVERING, Stage.ASSEMBLING, Stage.DELIVERING, Stage.CANCELLED]
    assert sorted(BulkRun.objects.get().refused) == [str(lacking.pk)]
    assert "1 code is missing (Chestny ZNAK): scan it first." in result
    assert len(upstream.calls("status-update")) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "TELEPORTED"),
        ("substatus", "ON_MARS"),
        ("paymentType", "BARTER"),
        ("paymentMethod", "SEASHELLS"),
        ("buyerType", "MARTIAN"),
        ("delivery", {"type": "TELEPORT"}),
        ("services", {"liftType": "ROCKET"}),
    ],
)
def test_an_unknown_word_breaks_no_page(
    boss: User, market: MarketplaceAccount, upstream: RunningSandbox, field: str, value: Any
) -> None:
    web = browser(boss)
    (number,) = upstream.ym.make("sandbox-tests", type="DELIVERY")
    if isinstance(value, dict):
        whole = upstream.ym.order(number)
        assert whole
        upstream.ym.patch(number, fields={"v1": {field: {**_part(upstream, number, field), **value}}})
        word = next(iter(value.values()))
    else:
        upstream.ym.patch(number, fields={"v1": {field: value}})
        word = value
    sync.pull_new(market)
    task = AssemblyTask.objects.get()

    pages = [
        f"/tasks/{task.pk}/", f"/orders/{task.order_id}/", f"/orders/{task.order_id}/fields/", "/tasks/", "/tasks/?tab=waiting",
        "/orders/", "/attention/", "/dashboard/", f"/tasks/{task.pk}/timeline/", f"/admin/orders/assemblytask/{task.pk}/change/",
    ]  # fmt: skip
    answers = {path: web.get(path) for path in pages}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(pages, 200)
    assert word in text_of(answers[f"/orders/{task.order_id}/fields/"])


def _part(upstream: RunningSandbox, number: int, field: str) -> dict[str, Any]:
    """What the stand-in says of this part of an order now."""
    import requests

    answer = requests.post(
        f"{upstream.yandex_market_url}/v1/businesses/{upstream.ym.business}/orders",
        json={"orderIds": [number]},
        headers={"Api-Key": "sandbox-tests"},
        timeout=5,
    )
    found: dict[str, Any] = answer.json()["orders"][0].get(field) or {}
    return found


def test_an_unknown_currency_breaks_no_page(boss: User, market: MarketplaceAccount, upstream: RunningSandbox) -> None:
    web = browser(boss)
    upstream.ym.make("sandbox-tests", type="DELIVERY")
    upstream.fault("unknown_currency", "/orders", times=None)
    sync.pull_new(market)

    for path in ("/tasks/", "/orders/", "/attention/", "/dashboard/"):
        assert web.get(path).status_code == 200
    for task in AssemblyTask.objects.all():
        assert web.get(f"/tasks/{task.pk}/").status_code == 200
        assert web.get(f"/orders/{task.order_id}/").status_code == 200
