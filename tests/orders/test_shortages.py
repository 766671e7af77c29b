"""Missing goods: reported, told in words with what the marketplace allows, and settled by a person or by what follows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import translation

from backoffice.errors import Conflict, DomainError, Invalid
from orders import floorwords, wording
from orders.enums import ActionKind, AttentionKind, EntryKind, ShortageReason, Stage
from orders.models import (
    AssemblyTask,
    Attention,
    MarketplaceAccount,
    Shortage,
    TaskItem,
    TimelineEntry,
)
from orders.services import accounts, actors, guards, stages
from orders.services.sending import dispatch, outbox
from orders.services.syncing import reread, sync
from orders.services.warehouse import shortages
from orders.services.warehouse.shortages import Report
from sandbox.server import RunningSandbox

from .floors import MUG, ONE, TRAIN, hand, made, told, wildberries, yandex
from .yandex_market.conftest import connected as market
from .yandex_market.conftest import made as ordered

GONE = Report(1, ShortageReason.OUT_OF_STOCK)
TWO = (("MUG-1", 3, [MUG]), ("TRAIN", 1, [TRAIN]))


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def shop(db: None) -> MarketplaceAccount:
    return wildberries()


@pytest.fixture
def anna(db: None) -> actors.Actor:
    return hand("anna")


def mug(task: AssemblyTask) -> TaskItem:
    return task.items.get(article="MUG-1")


def open_row() -> Shortage:
    return Shortage.objects.get(settled_at=None)


def question() -> Attention:
    return Attention.objects.get(kind=AttentionKind.SHORTAGE, resolved_at=None)


def refused(work: Callable[[], object], error: type[DomainError], code: str) -> None:
    before = (list(Shortage.objects.values()), Attention.objects.count(), TimelineEntry.objects.count())
    with pytest.raises(error) as caught:
        work()
    assert caught.value.code == code
    assert (list(Shortage.objects.values()), Attention.objects.count(), TimelineEntry.objects.count()) == before


def settled(how: str) -> str:
    """Nothing is missing any more; how that reads in the timeline."""
    assert not Shortage.objects.filter(settled_at=None).exists()
    assert not Attention.objects.filter(kind=AttentionKind.SHORTAGE, resolved_at=None).exists()
    entry = TimelineEntry.objects.get(kind=EntryKind.SHORTAGE_SETTLED)
    assert entry.code == how
    return wording.entry_title(entry)


def test_a_shortage_is_a_row_an_entry_and_a_question(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    task = made(shop, *TWO)
    row = shortages.report(task.pk, mug(task).pk, Report(2, "damaged", "two are cracked"), actor=anna)

    assert (row.quantity, row.reason, row.note, row.reported_by) == (2, "damaged", "two are cracked", anna.user)
    entry = TimelineEntry.objects.get(kind=EntryKind.SHORTAGE)
    assert wording.entry_title(entry) == "Missing: MUG-1, 2 of 3 (damaged)"
    assert floorwords.entry_detail(entry) == "two are cracked"
    asked = question()
    assert (asked.task, asked.order, asked.account) == (task, task.order, shop)
    assert wording.attention_text(asked) == (
        "Missing: MUG-1, 2 of 3 (damaged)",
        "Look for them once more. If they are not there: the whole order has to be cancelled on the task page.",
    )


def test_told_again_it_is_one_shortage_with_what_was_told_last(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    task = made(shop, *TWO)
    item = mug(task).pk
    first = shortages.report(task.pk, item, GONE, actor=anna)
    again = shortages.report(task.pk, item, GONE, actor=anna)
    assert (again.pk, told(task, EntryKind.SHORTAGE), question().count) == (first.pk, 1, 1)

    boris = hand("boris")
    changed = shortages.report(task.pk, item, Report(3, "wrong_place"), actor=boris)

    assert changed.pk == first.pk == open_row().pk
    assert (open_row().quantity, open_row().reason, open_row().reported_by) == (3, "wrong_place", boris.user)
    assert told(task, EntryKind.SHORTAGE) == 2
    assert question().facts["count"] == 3


@pytest.mark.parametrize("stage", [Stage.NEW, Stage.ASSEMBLING, Stage.READY])
def test_goods_can_be_missing_until_the_parcel_is_handed_over(
    shop: MarketplaceAccount, anna: actors.Actor, stage: Stage
) -> None:
    task = made(shop, stage=stage)
    assert shortages.report(task.pk, mug(task).pk, GONE, actor=anna) == open_row()


def test_what_cannot_be_reported(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    task, other, away = made(shop, *TWO), made(shop), made(shop, stage=Stage.DELIVERING)
    gone = made(shop, ("MUG-1", 0, [MUG]))
    item = mug(task).pk

    refused(lambda: shortages.report(away.pk, mug(away).pk, GONE, actor=anna), Conflict, "stage")
    refused(lambda: shortages.report(task.pk, mug(other).pk, GONE, actor=anna), Conflict, "not_found")
    refused(lambda: shortages.report(99, item, GONE, actor=anna), Conflict, "not_found")
    for quantity in (0, -1, 4):
        wrong = Report(quantity, "damaged")
        refused(partial(shortages.report, task.pk, item, wrong, actor=anna), Invalid, "quantity")
    refused(lambda: shortages.report(gone.pk, mug(gone).pk, GONE, actor=anna), Invalid, "quantity")
    refused(lambda: shortages.report(task.pk, item, Report(1, "lost"), actor=anna), Invalid, "reason")


def test_found_again(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    task = made(shop)
    row = shortages.report(task.pk, mug(task).pk, GONE, actor=anna)

    assert shortages.found(task.pk, mug(task).pk, actor=anna)
    assert not shortages.found(task.pk, mug(task).pk, actor=anna)

    assert settled("found") == "Found again: MUG-1"
    row.refresh_from_db()
    assert row.settled_by == anna.user
    shortages.report(task.pk, mug(task).pk, GONE, actor=anna)
    assert open_row() != row


@pytest.mark.parametrize(
    ("to", "how"),
    [
        (Stage.READY, "packed"),
        (Stage.DELIVERING, "packed"),
        (Stage.CANCELLED, "closed"),
        (Stage.REJECTED, "closed"),
    ],
)
def test_it_ends_with_the_assembly(shop: MarketplaceAccount, anna: actors.Actor, to: Stage, how: str) -> None:
    task, other = made(shop), made(shop)
    shortages.report(task.pk, mug(task).pk, GONE, actor=anna)
    stages.move(task, to, actor=actors.MARKETPLACE)
    assert settled(how)

    shortages.report(other.pk, mug(other).pk, GONE, actor=anna)
    stages.move(made(shop), Stage.READY, actor=actors.MARKETPLACE)
    assert open_row().item.task == other  # nobody else's


def test_beginning_a_task_ends_nothing(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    task = made(shop, stage=Stage.NEW)
    shortages.report(task.pk, mug(task).pk, GONE, actor=anna)
    stages.move(task, Stage.ASSEMBLING, actor=actors.MARKETPLACE)

    assert open_row().item.task == task


def test_it_ends_when_the_marketplace_takes_the_item_out(
    db: None, upstream: RunningSandbox, anna: actors.Actor
) -> None:
    account = market(upstream)
    line = {"price": 599, "requiredInstanceTypes": []}
    ordered(upstream, items=[
        {"offerId": "MUG-1", "offerName": "Кружка", "count": 3, **line},
        {"offerId": "TRAIN", "offerName": "Поезд", "count": 1, **line},
    ])  # fmt: skip
    sync.pull_new(account)
    task = AssemblyTask.objects.get()
    for item in task.items.all():
        shortages.report(task.pk, item.pk, GONE, actor=anna)
    assert [row.facts["out"] for row in Attention.objects.filter(kind=AttentionKind.SHORTAGE)] == [True, True]
    left = {item.external_id: item.quantity - (item.article == "MUG-1") for item in task.items.all()}

    wish = outbox.Wish(ActionKind.CHANGE_ITEMS, reason="PARTNER_REQUESTED_REMOVE", data={"items": left})
    outbox.request(task.pk, wish, actor=anna)
    dispatch.send_due(account)
    reread.run(account)

    assert mug(task).quantity == 2
    assert open_row().item.article == "TRAIN"
    entry = TimelineEntry.objects.get(kind=EntryKind.SHORTAGE_SETTLED)
    assert wording.entry_title(entry) == "The order was changed, nothing is looked for any more: MUG-1"


def ways(task: AssemblyTask, quantity: int = 1) -> shortages.Ways:
    facts = guards.gather([task])[task.pk]
    offer = accounts.offer_of(task.account)
    return shortages.ways(facts, task.items.all()[0], quantity, offer=offer, order=task.order)


def test_wildberries_sends_it_whole_or_cancels(shop: MarketplaceAccount) -> None:
    found = ways(made(shop, *TWO))

    assert found.take_out is None
    assert found.cancel == shortages.Way(ActionKind.CANCEL)
    assert floorwords.rules(found) == [
        "This marketplace takes no single items out of an order: it is sent whole or cancelled.",
        "The whole order can be cancelled: the buyer is told at once.",
    ]


def test_yandex_market_takes_single_items_out(db: None) -> None:
    found = ways(made(yandex(), *TWO), 3)

    assert found.take_out == shortages.Way(ActionKind.CHANGE_ITEMS)
    assert found.cancel == shortages.Way(ActionKind.CANCEL, given="SHOP_FAILED")
    assert floorwords.rules(found) == [
        "It can be taken out of the order, the rest is sent.",
        "The buyer is told and gets the money back. This cannot be taken back.",
        "The whole order can be cancelled: the buyer is told at once, and it counts as the shop's fault.",
    ]


def test_yandex_market_takes_not_the_only_item_out(db: None) -> None:
    found = ways(made(yandex(), ONE))

    assert found.take_out
    assert found.take_out.refusal
    assert floorwords.rules(found)[0] == (
        "Taking it out of the order is not possible: Nothing would be left of the order: cancel it instead."
    )


def test_nothing_is_left_to_be_done_once_the_parcel_is_under_way(shop: MarketplaceAccount) -> None:
    found = ways(made(shop, stage=Stage.DELIVERING))

    assert found.cancel
    assert found.cancel.refusal
    assert found.cancel.refusal.code == "stage"
