"""A call of 1000 is settled in as few statements as a call of one, also where it brings more than a stage."""

from __future__ import annotations

import pytest

from orders.enums import ActionKind, ActionState, CodeState, EntryKind, Stage
from orders.marketplaces.base import TaskStatus
from orders.models import AssemblyTask, Buyer, MarketplaceAccount, MarketplaceAction, MarkingCode, TimelineEntry
from orders.services import accounts, actors, buyers, stages
from orders.services.sending import dispatch, outbox
from orders.services.syncing import statuses
from sandbox.server import RunningSandbox

from .conftest import made, pulled
from .statements import counted

pytestmark = pytest.mark.slow
CONFIRMED = {"supplierStatus": "confirm", "wbStatus": "waiting"}


def confirmed(shop: MarketplaceAccount, upstream: RunningSandbox, count: int) -> list[AssemblyTask]:
    numbers = made(upstream, count=count, requiredMeta=["uin"])
    tasks = pulled(shop)
    with upstream.store.work():
        for number in numbers:
            upstream.world.move(upstream.world.tasks[number], "confirm", "waiting", cause="test")
    stages.move_many([stages.Move(task, Stage.ASSEMBLING, CONFIRMED) for task in tasks], actor=actors.MARKETPLACE)
    return tasks


def test_codes_of_1000_tasks_travel_and_are_settled_together(
    shop: MarketplaceAccount, upstream: RunningSandbox
) -> None:
    tasks = confirmed(shop, upstream, 1000)
    rows = AssemblyTask.objects.values_list("pk", "items__pk")
    MarkingCode.objects.bulk_create(
        MarkingCode(task_id=pk, item_id=item, kind="uin", value=f"{pk:016d}", identity=f"{pk:016d}")
        for pk, item in rows
    )
    outbox.queue_codes([task.pk for task in tasks])
    sent = dispatch.send_due(shop)
    assert (sent.calls, sent.actions, len(upstream.calls("/meta/uin"))) == (1, 1000, 1)
    assert MarkingCode.objects.filter(state=CodeState.SENT).count() == 1000
    assert MarketplaceAction.objects.filter(state=ActionState.SUCCEEDED).count() == 1000


def test_codes_of_many_buyers_are_forgotten_together(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=5)
    orders = [task.order_id for task in pulled(shop)]
    for order in orders:
        buyers.keep_code(order, 1, "111111")
        buyers.keep_code(order, 2, "222222")
    with counted() as one:
        buyers.forget_codes([(orders[0], 1)])
    with counted() as many:
        buyers.forget_codes([(order, 1) for order in orders])
    assert (len(one), len(many)) == (2, 2)
    assert [buyer.codes for buyer in Buyer.objects.order_by("pk")] == [{"2": "222222"}] * 5
    buyers.forget_codes([(order, 2) for order in orders])
    assert Buyer.objects.filter(codes__isnull=False).count() == 0


def test_new_words_of_many_tasks_are_stored_together(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    tasks = confirmed(shop, upstream, 6)
    offer = accounts.provider(shop).offer
    sorted_words = {"supplierStatus": "confirm", "wbStatus": "sorted"}
    lengths = []
    for part in (tasks[:1], tasks[1:]):
        fresh = list(AssemblyTask.objects.filter(pk__in=[task.pk for task in part]))
        said = [TaskStatus(task.external_id, sorted_words, Stage.ASSEMBLING) for task in fresh]
        with counted() as statements:
            assert statuses.apply_statuses(offer, fresh, said) == len(part)
        lengths.append(len(statements))
    assert lengths[0] == lengths[1]
    assert AssemblyTask.objects.filter(marketplace_status=sorted_words, version=2).count() == 6
    assert TimelineEntry.objects.filter(kind=EntryKind.STATUS).count() == 6
    assert not MarketplaceAction.objects.filter(kind=ActionKind.CONFIRM).exists()
