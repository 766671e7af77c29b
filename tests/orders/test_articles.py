"""A marking code goes to the article it is of; barcodes of articles are learnt from orders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.utils import translation

from orders.enums import ActionKind, ScanOutcome, Stage
from orders.models import ArticleBarcode, AssemblyTask, MarketplaceAccount, MarkingCode, TaskItem
from orders.services import actors, stages
from orders.services.warehouse import articles, scanning
from sandbox.server import RunningSandbox

from .conftest import Ask, made, pulled
from .statements import counted

MUG, PLATE, CUP = "4600439931256", "3041094787443", "4006381333931"


def code_of(ean: str, serial: str = "5RJZx80hlqAq3") -> str:
    return f"010{ean}21{serial}\x1d93Zjqw"


@dataclass
class Line:
    article: str
    name: str = ""
    barcodes: list[str] = field(default_factory=list)


def assembling(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, **fields: Any) -> AssemblyTask:
    (number,) = made(upstream, **{"requiredMeta": ["sgtin"], "article": "MUG-1", "skus": [MUG], **fields})
    task = next(task for task in pulled(shop) if task.external_id == str(number))
    ask(task, ActionKind.CONFIRM)
    return task


def scan(task: AssemblyTask, raw: str, staff: actors.Actor, **more: Any) -> scanning.Verdict:
    with translation.override("en"):
        return scanning.scan(task.pk, scanning.Shot(raw, **more), actor=staff)


def second_line(task: AssemblyTask, article: str, *barcodes: str) -> TaskItem:
    return TaskItem.objects.create(task=task, article=article, barcodes=list(barcodes), price=1, currency="RUB")


# Learning ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("barcode", "value"),
    [
        (MUG, "0" + MUG),
        (" 96385074 ", "00000096385074"),
        ("0" + MUG, "0" + MUG),
        ("123456789012345", "123456789012345"),
        ("WB-42/blue", "WB-42/blue"),
        ("٤٦٠", "٤٦٠"),
    ],
)
def test_a_barcode_has_one_form(barcode: str, value: str) -> None:
    assert articles.value_of(barcode) == value


@pytest.mark.parametrize(
    ("barcode", "is_one"),
    [
        (MUG, True),
        ("96385074", True),
        ("4600439931257", False),  # its check digit is wrong
        ("2000000000008", False),  # free for everybody: what a marketplace prints for sellers without a GTIN
        ("2037896541230", False),
        ("0200000000004", False),
        ("20000004", False),
        ("12345", False),
        ("WB-42", False),
    ],
)
def test_which_barcodes_are_gtins(barcode: str, is_one: bool) -> None:
    assert articles.is_gtin(barcode) is is_one


def test_learning_twice_is_learning_once(db: None) -> None:
    lines = [Line("MUG-2", "Mug, blue", [PLATE, ""]), Line("MUG-1", "", [MUG, MUG]), Line("", "", [CUP])]
    with counted() as statements:
        articles.learn(lines)
    assert len(statements) == 1
    articles.learn([*lines, Line("MUG-3", "", ["x" * 65])])
    rows = ArticleBarcode.objects.order_by("article").values_list("value", "article", "name")
    assert list(rows) == [("0" + MUG, "MUG-1", ""), ("0" + PLATE, "MUG-2", "Mug, blue")]
    assert articles.owners(PLATE) == [("MUG-2", "Mug, blue")]
    with counted() as statements:
        articles.learn([Line("MUG-4")])
    assert statements == []


def test_orders_that_come_in_are_learnt_from(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, article="MUG-1", skus=[MUG, "WB-42"], requiredMeta=[])
    made(upstream, article="MUG-2", skus=[PLATE], requiredMeta=[], count=3)
    pulled(shop)
    rows = ArticleBarcode.objects.order_by("value").values_list("value", "article")
    assert list(rows) == [("0" + PLATE, "MUG-2"), ("0" + MUG, "MUG-1"), ("WB-42", "MUG-1")]
    with counted() as statements:
        pulled(shop)
    assert not [sql for sql in statements if "articlebarcode" in sql]


def test_what_was_here_before_is_learnt_later(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, article="MUG-1", skus=[MUG], requiredMeta=[], count=3)
    made(upstream, article="MUG-2", skus=[PLATE], requiredMeta=[])
    tasks = pulled(shop)
    AssemblyTask.objects.filter(pk=tasks[-1].pk).update(stage=Stage.RECEIVED)
    ArticleBarcode.objects.all().delete()
    with counted() as statements:
        assert articles.backfill(batch=2) == 3
    assert len(statements) == 5
    assert list(ArticleBarcode.objects.values_list("article", flat=True)) == ["MUG-1"]


# Where a code belongs ------------------------------------------------------------------------------------------------


def test_a_code_of_another_article_is_refused_with_both_names(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    task = assembling(shop, upstream, ask)
    articles.learn([Line("MUG-2", "Mug, blue", [PLATE])])
    task.items.update(name="Mug with unicorn")
    for more in ({}, {"override": True}):
        verdict = scan(task, code_of(PLATE), staff, **more)
        assert (verdict.outcome, verdict.reason) == (ScanOutcome.REFUSED, "wrong_gtin")
        assert verdict.text == "This code is of “Mug, blue” (MUG-2); this order needs “Mug with unicorn” (MUG-1)."
    assert MarkingCode.objects.count() == 0


def test_a_gtin_nobody_knows_asks_once_a_line(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    task = assembling(shop, upstream, ask)
    task.items.update(quantity=2)
    verdict = scan(task, code_of(CUP), staff)
    assert (verdict.outcome, verdict.reason) == (ScanOutcome.ASK, "unknown_gtin")
    assert "MUG-1" in verdict.text
    assert MarkingCode.objects.count() == 0
    assert scan(task, code_of(CUP), staff, override=True).outcome == ScanOutcome.ACCEPTED
    assert scan(task, code_of(CUP, "another7")[:-1] + "w", staff).outcome == ScanOutcome.ACCEPTED


def test_a_doubt_is_said_together_with_what_is_wrong_with_the_code(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    task = assembling(shop, upstream, ask)
    verdict = scan(task, code_of(CUP).split("\x1d")[0], staff)
    assert (verdict.outcome, verdict.reason) == (ScanOutcome.ASK, "unknown_gtin")
    assert "MUG-1" in verdict.text
    assert "verification" in verdict.text


@pytest.mark.parametrize("skus", [[], ["2000000000008"], ["WB-42"]])
def test_goods_without_a_gtin_take_any_code(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor, skus: list[str]
) -> None:
    task = assembling(shop, upstream, ask, skus=skus)
    assert scan(task, code_of(CUP), staff).outcome == ScanOutcome.ACCEPTED


def test_goods_without_a_gtin_whose_code_others_know_ask(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    """One marketplace names no barcodes, and its article may be another word for the same thing."""
    task = assembling(shop, upstream, ask, skus=[], article="mug_one")
    articles.learn([Line("MUG-2", "Mug, blue", [CUP])])
    verdict = scan(task, code_of(CUP), staff)
    assert (verdict.outcome, verdict.reason) == (ScanOutcome.ASK, "other_article")
    assert "“Mug, blue” (MUG-2)" in verdict.text
    assert scan(task, code_of(CUP), staff, override=True).outcome == ScanOutcome.ACCEPTED


def test_what_one_marketplace_tells_of_an_article_holds_at_the_other(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    task = assembling(shop, upstream, ask, skus=[])
    articles.learn([Line("MUG-1", "Mug", [MUG]), Line("MUG-2", "Mug, blue", [PLATE])])
    assert scan(task, code_of(PLATE), staff).reason == "wrong_gtin"
    assert scan(task, code_of(MUG), staff).outcome == ScanOutcome.ACCEPTED


def test_articles_that_share_a_barcode_are_one(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    task = assembling(shop, upstream, ask)
    articles.learn([Line("mug_one", "", [MUG, CUP])])
    assert scan(task, code_of(CUP), staff).outcome == ScanOutcome.ACCEPTED


def test_a_code_goes_to_the_line_that_has_its_gtin(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    task = assembling(shop, upstream, ask)
    first, second = task.items.get(), second_line(task, "PLATE-1", PLATE)
    assert scan(task, code_of(PLATE), staff).outcome == ScanOutcome.ACCEPTED
    assert MarkingCode.objects.get().item == second
    full = scan(task, code_of(PLATE, "other71"), staff)
    assert (full.outcome, full.reason) == (ScanOutcome.ASK, "set")  # and not the other line's unit
    verdict = scan(task, code_of(PLATE, "other71"), staff, item_id=first.pk, kind="sgtin")
    assert (verdict.reason, MarkingCode.objects.count()) == ("wrong_gtin", 1)
    assert "PLATE-1" in verdict.text
    assert scan(task, code_of(MUG), staff).outcome == ScanOutcome.ACCEPTED
    assert set(MarkingCode.objects.values_list("item_id", flat=True)) == {first.pk, second.pk}


def test_a_gtin_as_a_code_has_to_be_the_articles_own(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    task = assembling(shop, upstream, ask, requiredMeta=["gtin"])
    articles.learn([Line("PLATE-1", "", [PLATE])])
    assert scan(task, PLATE, staff, kind="gtin").reason == "wrong_gtin"
    assert scan(task, MUG, staff, kind="gtin").outcome == ScanOutcome.ACCEPTED


def test_the_right_code_costs_no_look_at_other_articles(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    task = assembling(shop, upstream, ask)
    with counted() as statements:
        assert scan(task, code_of(MUG), staff).outcome == ScanOutcome.ACCEPTED
    assert not [sql for sql in statements if "articlebarcode" in sql]
    unnamed = assembling(shop, upstream, ask, skus=[])  # as at Yandex Market, which names no barcodes
    for task in (assembling(shop, upstream, ask), unnamed):
        with counted() as statements:
            scan(task, code_of(CUP), staff)
        assert len([sql for sql in statements if "articlebarcode" in sql]) == 1


# What comes back ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [Stage.CANCELLED, Stage.REJECTED, Stage.RETURNED])
def test_a_code_of_goods_that_are_back_is_used_again(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor, stage: Stage
) -> None:
    task, other = assembling(shop, upstream, ask), assembling(shop, upstream, ask)
    scan(task, code_of(MUG), staff)
    stages.move(task, stage, actor=actors.MARKETPLACE)
    assert scan(other, code_of(MUG), staff).outcome == ScanOutcome.ACCEPTED
    rows = MarkingCode.objects.order_by("pk").values_list("task_id", "state")
    assert list(rows) == [(task.pk, "released"), (other.pk, "pending")]


@pytest.mark.parametrize("stage", [Stage.RECEIVED, Stage.PARTIALLY_RETURNED])
def test_a_unit_in_the_hand_of_an_order_that_is_over_asks_whether_it_came_back(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor, stage: Stage
) -> None:
    task, other = assembling(shop, upstream, ask), assembling(shop, upstream, ask)
    scan(task, code_of(MUG), staff)
    AssemblyTask.objects.filter(pk=task.pk).update(stage=stage)
    verdict = scan(other, code_of(MUG), staff)
    assert (verdict.outcome, verdict.reason) == (ScanOutcome.ASK, "came_back")
    assert task.external_id in verdict.text
    assert list(MarkingCode.objects.values_list("task_id", "state")) == [(task.pk, "pending")]
    assert scan(other, code_of(MUG), staff, override=True).outcome == ScanOutcome.ACCEPTED
    rows = MarkingCode.objects.order_by("pk").values_list("task_id", "state")
    assert list(rows) == [(task.pk, "released"), (other.pk, "pending")]
    entry = task.timeline.get(kind="code_removed")
    assert (entry.actor_id, entry.data["again"]) == (staff.user_id, other.external_id)


@pytest.mark.parametrize("stage", [Stage.ASSEMBLING, Stage.READY, Stage.DELIVERING, Stage.AT_PICKUP_POINT])
def test_nobody_overrides_that_a_code_is_in_use(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor, stage: Stage
) -> None:
    task, other = assembling(shop, upstream, ask), assembling(shop, upstream, ask, article="mug_one", skus=[])
    scan(task, code_of(MUG), staff)
    AssemblyTask.objects.filter(pk=task.pk).update(stage=stage)
    verdict = scan(other, code_of(MUG), staff, override=True)
    assert (verdict.outcome, verdict.reason) == (ScanOutcome.REFUSED, "in_use")
    assert list(MarkingCode.objects.values_list("task_id", "state")) == [(task.pk, "pending")]
