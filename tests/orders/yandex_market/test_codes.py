"""Identifiers of a Yandex Market order: all of an order in one call, a code a unit, one field each."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from backoffice.errors import Conflict, Invalid
from orders.enums import ActionKind, ActionState, AttentionKind, CodeState, Stage
from orders.models import AssemblyTask, Attention, MarketplaceAccount, MarketplaceAction, MarkingCode
from orders.services import actors, guards
from orders.services.warehouse import marking
from sandbox.server import RunningSandbox
from tests.orders.conftest import Ask, work

from .conftest import connected, made, pulled

SERIALS = ("5RJZx80hlqAq1", "5RJZx80hlqAq2", "5RJZx80hlqAq3")
CIS = [
    f"0104600439931256215{serial[1:]}\x1d91FFD0\x1d92sGGtBnYBxYJ2bpEx55+DjlbOAUSHWVQQO9IxBPo3uA=" for serial in SERIALS
]
SHORT = [f"0104600439931256215{serial[1:]}" for serial in SERIALS]
GTD, RNPT, UIN = "10704010/010624/0000302", "10704010/010624/0000302/001", "1234567890123456"
SHOES: list[dict[str, Any]] = [{"offerId": "SHOES", "count": 3, "price": 4890, "requiredInstanceTypes": ["CIS"]}]


def assembling(shop: MarketplaceAccount, ask: Ask) -> AssemblyTask:
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    return task


def enter(task: AssemblyTask, staff: actors.Actor, *values: str, **more: Any) -> list[MarkingCode]:
    return [marking.add_or_explain(task.pk, marking.Entry(value, **more), actor=staff) for value in values]


def identifiers(upstream: RunningSandbox) -> list[Any]:
    return [call for call in upstream.calls("/identifiers") if call["method"] == "PUT"]


def stored(upstream: RunningSandbox, number: str) -> dict[str, list[dict[str, str]]]:
    return {item["offerId"]: item.get("instances") or [] for item in upstream.ym.order(int(number))["items"]}


def test_three_units_need_three_codes(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    (number,) = made(upstream, items=SHOES)
    task = assembling(shop, ask)
    enter(task, staff, *CIS[:2])
    work(shop)

    (missing,) = guards.gather([task])[task.pk].missing
    assert (missing.kind, missing.count) == ("sgtin", 1)
    with pytest.raises(Conflict, match="codes_missing"):
        ask(task, ActionKind.DELIVER)
    enter(task, staff, CIS[2])
    ask(task, ActionKind.DELIVER)

    assert task.stage == Stage.DELIVERING
    assert [each["cis"] for each in stored(upstream, number)["SHOES"]] == CIS
    assert len(identifiers(upstream)) == 1  # a part of them is refused there: they went together
    codes = MarkingCode.objects.order_by("unit")
    assert [(code.unit, code.state) for code in codes] == [(1, "verified"), (2, "verified"), (3, "verified")]
    assert [code.echo for code in codes] == [{"cis": s, "cisFull": c} for s, c in zip(SHORT, CIS, strict=True)]


def test_the_separator_travels_as_one_character(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    made(upstream, items=[{**SHOES[0], "count": 1}])
    task = assembling(shop, ask)
    enter(task, staff, CIS[0])

    work(shop)

    (call,) = identifiers(upstream)
    assert call["request"]["items"][0]["instances"] == [{"cis": CIS[0]}]


def test_kinds_of_several_lines_travel_together(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    lines = [
        {"offerId": "SHOES", "count": 1, "price": 4890, "requiredInstanceTypes": ["CIS"]},
        {"offerId": "RING", "count": 1, "price": 9900, "requiredInstanceTypes": ["UIN"]},
        {"offerId": "TV", "count": 1, "price": 29900, "requiredInstanceTypes": ["GTD"]},
        {"offerId": "FRIDGE", "count": 1, "price": 39900, "requiredInstanceTypes": ["RNPT"]},
        {"offerId": "BOOK", "count": 1, "price": 500, "requiredInstanceTypes": []},
    ]
    (number,) = made(upstream, items=lines)
    task = assembling(shop, ask)
    enter(task, staff, CIS[0], UIN)
    enter(task, staff, GTD, RNPT, country="CN")

    work(shop)

    assert stored(upstream, number) == {
        "SHOES": [{"cis": CIS[0]}],
        "RING": [{"uin": UIN}],
        "TV": [{"gtd": GTD, "countryCode": "CN"}],
        "FRIDGE": [{"rnpt": RNPT, "countryCode": "CN"}],
        "BOOK": [],
    }
    assert len(identifiers(upstream)) == 1
    assert MarketplaceAction.objects.get(kind=ActionKind.PUT_CODES).subject == ""
    assert set(MarkingCode.objects.values_list("state", flat=True)) == {CodeState.VERIFIED}


@pytest.mark.parametrize(
    ("value", "more", "code"),
    [
        (GTD, {}, "country"),
        (GTD, {"country": "643"}, "country"),
        ("10704010/010624/0000302/001", {"kind": "gtd", "country": "CN"}, "mask"),
        ("10704010/010624/00003", {"country": "CN"}, "gtd_mask"),
        (UIN, {}, "kind"),
    ],
)
def test_a_code_in_another_form(
    shop: MarketplaceAccount,
    upstream: RunningSandbox,
    ask: Ask,
    staff: actors.Actor,
    value: str,
    more: dict[str, str],
    code: str,
) -> None:
    made(upstream, items=[{"offerId": "TV", "count": 1, "price": 29900, "requiredInstanceTypes": ["GTD"]}])
    task = assembling(shop, ask)

    with pytest.raises(Invalid) as caught:
        enter(task, staff, value, **more)

    assert caught.value.code == code
    assert not MarkingCode.objects.exists()
    assert not MarketplaceAction.objects.filter(kind=ActionKind.PUT_CODES).exists()


def test_an_optional_code_is_not_demanded_but_of_an_organisation(db: None, upstream: RunningSandbox, ask: Ask) -> None:
    shop = connected(upstream)
    line = {"offerId": "SHOES", "count": 1, "price": 4890, "requiredInstanceTypes": ["CIS_OPTIONAL"]}
    made(upstream, items=[line])
    made(upstream, items=[line], business=True)

    tasks = {task.order.is_business: task for task in pulled(shop)}

    assert {key: (task.code_kinds, task.required_kinds) for key, task in tasks.items()} == {
        False: (["sgtin"], []),
        True: (["sgtin"], ["sgtin"]),
    }


def test_an_optional_code_on_one_unit_asks_for_the_others(
    db: None, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    shop = connected(upstream)
    (number,) = made(upstream, items=[{**SHOES[0], "requiredInstanceTypes": ["CIS_OPTIONAL"]}])
    task = assembling(shop, ask)
    (code,) = enter(task, staff, CIS[0])
    work(shop)

    with pytest.raises(Conflict, match="codes_missing"):
        ask(task, ActionKind.DELIVER)
    marking.remove_code(code.pk, actor=staff)
    ask(task, ActionKind.DELIVER)

    assert (task.stage, identifiers(upstream)) == (Stage.DELIVERING, [])
    assert stored(upstream, number)["SHOES"] == []


def test_a_code_of_one_unit_is_taken_off_and_the_rest_sent_anew(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    (number,) = made(upstream, items=SHOES)
    task = assembling(shop, ask)
    first, *_others = enter(task, staff, *CIS)
    work(shop)
    marking.remove_code(first.pk, actor=staff)
    enter(task, staff, CIS[0])

    work(shop)

    assert sorted(each["cis"] for each in stored(upstream, number)["SHOES"]) == CIS
    assert not MarketplaceAction.objects.filter(kind=ActionKind.DELETE_CODES).exists()


def test_a_code_the_market_refuses_stops_the_step(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    (number,) = made(upstream, items=[{"offerId": "TV", "count": 1, "price": 29900, "requiredInstanceTypes": ["GTD"]}])
    task = assembling(shop, ask)
    enter(task, staff, GTD, country="ZZ")
    work(shop)

    with pytest.raises(Conflict, match="code_refused"):
        ask(task, ActionKind.DELIVER)

    put = MarketplaceAction.objects.get(kind=ActionKind.PUT_CODES)
    assert (put.state, "ZZ" in put.error_detail) == (ActionState.FAILED, True)
    assert Attention.objects.get().kind == AttentionKind.ACTION_FAILED
    assert (stored(upstream, number)["TV"], upstream.ym.place(int(number))) == ([], "PROCESSING/STARTED")


def test_codes_for_an_order_that_has_left_meanwhile(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    (number,) = made(upstream, items=[{**SHOES[0], "count": 1}])
    task = assembling(shop, ask)
    enter(task, staff, CIS[0])
    upstream.ym.patch(int(number), status="DELIVERY", substatus="DELIVERY_SERVICE_RECEIVED")
    work(shop)
    MarketplaceAction.objects.update(not_before=timezone.now())

    work(shop)

    task.refresh_from_db()
    put = MarketplaceAction.objects.get(kind=ActionKind.PUT_CODES)
    assert (put.state, put.error_code, task.stage) == (ActionState.FAILED, "stage", Stage.DELIVERING)
    assert len(identifiers(upstream)) == 1
    assert stored(upstream, number)["SHOES"] == []


def test_a_lost_answer_sends_the_same_set_again(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    (number,) = made(upstream, items=SHOES)
    task = assembling(shop, ask)
    enter(task, staff, *CIS)
    upstream.fault("lost_answer", "/identifiers")
    work(shop)
    MarketplaceAction.objects.update(not_before=timezone.now())

    work(shop)

    assert [each["cis"] for each in stored(upstream, number)["SHOES"]] == CIS
    assert len([each for each in upstream.ym.effects(int(number)) if each["kind"] == "identifiers"]) == 1
    assert set(MarkingCode.objects.values_list("state", flat=True)) == {CodeState.VERIFIED}
