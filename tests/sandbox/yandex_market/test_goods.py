"""Codes, boxes, what is left out, keys, the courier's code (contract 2.5, 2.7; checklist 5)."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.server import RunningSandbox
from tests.sandbox.yandex_market import shape
from tests.sandbox.yandex_market.conftest import GS, Shop, effects, message

# The contract's own example, and the other kinds of it (contract 2.5).
CIS = f"01030410947874432155Qbag!{GS}93Zjqw"
OTHER = f"0104600439931256215RJZx80hlqAq3{GS}91FFD0{GS}92sGGtBnYB"
UIN = {"uin": "1234567890123456"}
GTD = {"gtd": "10704010/010624/0000302", "countryCode": "CN"}
RNPT = {"rnpt": "10704010/010624/0000302/001", "countryCode": "CN"}


def made(box: RunningSandbox, *counts: int, **more: Any) -> tuple[int, list[int]]:
    """An order of items with so many units each; its number and theirs."""
    items = [{"count": count, "price": 100, "requiredInstanceTypes": ["CIS"]} for count in counts]
    (number,) = box.ym.make(items=items, **more)
    return number, [item["id"] for item in box.ym.order(number)["items"]]


def put(ym: Shop, number: int, **instances: Any) -> Any:
    items = [{"id": int(name[1:]), "instances": value} for name, value in instances.items()]
    return ym.of("PUT", number, "/identifiers", {"items": items})


def test_codes_of_every_kind(box: RunningSandbox, ym: Shop) -> None:
    number, (shoes, ring, screen, washer) = made(box, 2, 1, 1, 1)
    body = {
        "items": [
            {"id": shoes, "instances": [{"cis": CIS}, {"cis": OTHER}]},
            {"id": ring, "instances": [UIN]},
            {"id": screen, "instances": [GTD]},
            {"id": washer, "instances": [RNPT]},
        ]
    }
    answer = ym.of("PUT", number, "/identifiers", body).json()
    assert answer["status"] == "OK"
    first = answer["result"]["items"][0]
    assert set(first) == {"id", "vat", "count", "price", "offerName", "offerId", "instances"}
    written = [
        {"cis": "01030410947874432155Qbag!", "cisFull": CIS},
        {"cis": "0104600439931256215RJZx80hlqAq3", "cisFull": OTHER},
    ]
    assert (first["id"], first["count"], first["price"], first["instances"]) == (shoes, 2, 100, written)
    assert [item["instances"] for item in answer["result"]["items"][1:]] == [[UIN], [GTD], [RNPT]]
    business, legacy = ym.one(number)
    assert business["items"][0]["instances"] == legacy["items"][0]["instances"] == written
    assert shape.faults(shape.BUSINESS.fields["orders"].fields["[]"], business) == []
    ((kind, before, after),) = effects(box, number)
    assert (kind, before, after[str(shoes)]) == ("identifiers", {}, [{"cis": CIS}, {"cis": OTHER}])


def test_the_same_codes_again_are_no_effect(box: RunningSandbox, ym: Shop) -> None:
    number, (first, second) = made(box, 1, 1)
    put(ym, number, **{f"i{first}": [{"cis": CIS}]})
    updated = ym.one(number)[0]["updateDate"]
    box.advance(60)
    assert put(ym, number, **{f"i{first}": [{"cis": CIS}]}).status_code == 200
    assert len(effects(box, number)) == 1
    assert ym.one(number)[0]["updateDate"] == updated
    put(ym, number, **{f"i{second}": [{"cis": OTHER}]})
    assert effects(box, number)[1:] == [
        ("identifiers", {str(first): [{"cis": CIS}]}, {str(first): [{"cis": CIS}], str(second): [{"cis": OTHER}]})
    ]


def test_sample_codes_are_taken(box: RunningSandbox, ym: Shop) -> None:
    kinds = ("CIS", "CIS_OPTIONAL", "UIN", "RNPT", "GTD")
    (number,) = box.ym.make(items=[{"count": 3, "price": 5, "requiredInstanceTypes": [kind]} for kind in kinds])
    codes = box.ym.codes(number)
    assert [len(one) for one in codes.values()] == [3] * 5
    items = [{"id": item, "instances": instances} for item, instances in codes.items()]
    assert ym.of("PUT", number, "/identifiers", {"items": items}).status_code == 200


@pytest.mark.parametrize(
    ("instances", "reason"),
    [
        ([{"cis": CIS}], "2 instances expected, 1 given"),
        ([{"cis": CIS}] * 3, "2 instances expected, 3 given"),
        ([{"cis": CIS}, {"cis": CIS}], "the same code is given twice"),
        ([{"cis": CIS}, {"cis": OTHER, "uin": UIN["uin"]}], "one of cis, uin, rnpt, gtd must be filled"),
        ([{"cis": CIS}, {}], "one of cis, uin, rnpt, gtd must be filled"),
        ([{"cis": CIS}, {"countryCode": "RU"}], "one of cis, uin, rnpt, gtd must be filled"),
        ([{"cis": CIS}, {"cis": OTHER.replace(GS, "\\u001d")}], "the group separator is escaped twice"),
        ([{"cis": CIS}, {"cis": "0103041094787443215ЩЙФ"}], "cis has characters that cannot stand in a code"),
        ([{"cis": CIS}, {"cis": ""}], "cis has characters that cannot stand in a code"),
        ([{"cis": CIS}, {"uin": "123"}], "uin does not match its format"),
        ([{"cis": CIS}, {"gtd": "1070401010/01062400/00003020"}], "gtd does not match its format"),
        ([{"cis": CIS}, {"rnpt": GTD["gtd"]}], "rnpt does not match its format"),
    ],
)
def test_wrong_codes(box: RunningSandbox, ym: Shop, instances: Any, reason: str) -> None:
    number, (item,) = made(box, 2)
    answer = put(ym, number, **{f"i{item}": instances})
    assert message(answer) == f"Invalid incoming cis for item with id = {item} for reason: {reason}"
    assert effects(box, number) == []


def test_wrong_requests_for_codes(box: RunningSandbox, ym: Shop) -> None:
    number, (item,) = made(box, 1)
    for body, words in (
        ({}, "'items' must not be null (rejected value: null)"),
        ({"items": [{"instances": [{"cis": CIS}]}]}, "'items[0].id' must not be null (rejected value: null)"),
        ({"items": [{"id": 5, "instances": [{"cis": CIS}]}]}, "Illegal input at 'items[0].id'"),
        ({"items": [{"id": item}]}, "'instances' must not be null (rejected value: null)"),
        ({"items": [{"id": item, "instances": [{"cis": 5}]}]}, "Type mismatch: '5'"),
        (
            {"items": [{"id": item, "instances": [{**GTD, "countryCode": "ZZ"}]}]},
            "String (ZZ) is not a valid country code according to ISO 3166-1 alpha-2",
        ),
    ):
        assert message(ym.of("PUT", number, "/identifiers", body)) == words
    assert effects(box, number) == []


def test_a_wrong_item_leaves_the_others_unwritten(box: RunningSandbox, ym: Shop) -> None:
    number, (first, second) = made(box, 1, 1)
    assert put(ym, number, **{f"i{first}": [{"cis": CIS}], f"i{second}": []}).status_code == 400
    assert effects(box, number) == []
    assert "instances" not in ym.one(number)[0]["items"][0]


def test_when_codes_are_taken(box: RunningSandbox, ym: Shop) -> None:
    for status, substatus, late, wanted in (
        ("PROCESSING", "STARTED", False, 200), ("PROCESSING", "READY_TO_SHIP", False, 200),
        ("DELIVERY", "DELIVERY_SERVICE_RECEIVED", False, 400), ("DELIVERY", "DELIVERY_SERVICE_RECEIVED", True, 200),
        ("CANCELLED", "SHOP_FAILED", True, 400),
    ):  # fmt: skip
        box.ym.tune(late_identifiers=late)
        number, (item,) = made(box, 1, status=status, substatus=substatus)
        answer = put(ym, number, **{f"i{item}": [{"cis": CIS}]})
        assert answer.status_code == wanted
        assert len(effects(box, number)) == (wanted == 200)
        if wanted == 400:
            assert message(answer) == (
                f"Action is not allowed for order '{number}' with status '{status}' and substatus '{substatus}'"
            )


# boxes


def test_boxes(box: RunningSandbox, ym: Shop) -> None:
    number, (first, second) = made(box, 3, 1)
    layout: list[dict[str, Any]] = [
        {"items": [{"id": first, "fullCount": 2, "instances": [{"cis": CIS}, {"cis": OTHER}]}, {"id": second, "fullCount": 1}]},
        {"items": [{"id": first, "fullCount": 1, "instances": [{"cis": CIS.replace("Qbag", "Qbah")}]}]},
    ]  # fmt: skip
    answer = ym.of("PUT", number, "/boxes", {"boxes": layout})
    boxes = answer.json()["result"]["boxes"]
    assert [one["items"] for one in boxes] == [one["items"] for one in layout]
    business, legacy = ym.one(number)
    assert shape.faults(shape.BUSINESS.fields["orders"].fields["[]"], business) == []
    assert [one["boxId"] for one in business["delivery"]["boxesLayout"]] == [one["boxId"] for one in boxes]
    assert legacy["delivery"]["shipments"][0]["boxes"][1] == {"id": boxes[1]["boxId"], "fulfilmentId": f"{number}-2"}
    assert len(business["items"][0]["instances"]) == 3
    again = ym.of("PUT", number, "/boxes", {"boxes": layout}).json()["result"]["boxes"]
    assert again == boxes
    assert [kind for kind, _, _ in effects(box, number)] == ["identifiers", "boxes"]


def test_parts_of_one_item(box: RunningSandbox, ym: Shop) -> None:
    number, (item,) = made(box, 1)
    parts = [
        {"items": [{"id": item, "partialCount": {"current": current, "total": 2}, "instances": [{"cis": CIS}]}]}
        for current in (1, 2)
    ]
    assert ym.of("PUT", number, "/boxes", {"boxes": parts}).status_code == 200
    assert [one["cisFull"] for one in ym.one(number)[0]["items"][0]["instances"]] == [CIS]


def test_wrong_boxes(box: RunningSandbox, ym: Shop) -> None:
    number, (first, second) = made(box, 2, 1)
    part = {"current": 1, "total": 2}
    for items, words in (
        ([{"id": first, "fullCount": 2}], "not every item is in a box"),
        ([{"id": first, "fullCount": 3}, {"id": second, "fullCount": 1}], f"more units of item {first} than ordered"),
        ([{"id": first}], "either fullCount or partialCount must be filled"),
        ([{"id": first, "fullCount": 1, "partialCount": part}], "either fullCount or partialCount must be filled"),
        (
            [{"id": first, "partialCount": part}, {"id": second, "fullCount": 1}],
            "a part of an item lies in a box alone",
        ),
        ([{"id": second, "partialCount": part}], f"parts of item {second} are missing"),
        ([{"id": second, "partialCount": {"current": 3, "total": 2}}], "current is more than total"),
    ):
        answer = ym.of("PUT", number, "/boxes", {"boxes": [{"items": items}]})
        assert message(answer) == f"Invalid order boxes layout request. Violations: {words}"
    assert effects(box, number) == []


def test_boxes_without_an_item_remove_it(box: RunningSandbox, ym: Shop) -> None:
    number, (first, second) = made(box, 2, 2)
    body = {"boxes": [{"items": [{"id": first, "fullCount": 1}]}], "allowRemove": True}
    assert ym.of("PUT", number, "/boxes", body).status_code == 200
    business = ym.one(number)[0]
    assert [(item["id"], item["count"]) for item in business["items"]] == [(first, 1)]
    assert business["prices"]["payment"]["value"] == 100
    assert effects(box, number)[0] == ("items", {str(first): 2, str(second): 2}, {str(first): 1})


def test_no_boxes_after_ready_to_ship(box: RunningSandbox, ym: Shop) -> None:
    number, (item,) = made(box, 1, substatus="READY_TO_SHIP")
    body = {"boxes": [{"items": [{"id": item, "fullCount": 1}]}]}
    assert message(ym.of("PUT", number, "/boxes", body)) == (
        "Attempt to change order items or instances after READY_TO_SHIP"
    )
    sent, (item,) = made(box, 1, status="DELIVERY")
    body = {"boxes": [{"items": [{"id": item, "fullCount": 1}]}]}
    assert message(ym.of("PUT", sent, "/boxes", body)).startswith("Action is not allowed for order")
    assert effects(box, number) == effects(box, sent) == []


# what is left out


def test_fewer_units_and_items(box: RunningSandbox, ym: Shop) -> None:
    number, (first, second, third) = made(box, 3, 1, 1)
    body = {"items": [{"id": first, "count": 2}, {"id": second, "count": 0}, {"id": third, "count": 1}]}
    answer = ym.of("PUT", number, "/items", {**body, "reason": "PARTNER_REQUESTED_REMOVE"})
    assert (answer.status_code, answer.content) == (200, b"")
    business, legacy = ym.one(number)
    assert [(item["id"], item["count"]) for item in business["items"]] == [(first, 2), (third, 1)]
    assert business["items"][0]["itemStatuses"] == [
        {"status": "CREATED", "count": 2},
        {"status": "CANCELLED", "count": 1},
    ]
    assert (legacy["itemsTotal"], business["prices"]["payment"]["value"]) == (300, 300)
    before, after = {str(first): 3, str(second): 1, str(third): 1}, {str(first): 2, str(third): 1}
    assert effects(box, number) == [("items", before, after)]
    box.ym.tune(items_answer="ok")
    assert ym.of("PUT", number, "/items", {"items": [{"id": first, "count": 2}]}).json() == {"status": "OK"}
    assert len(ym.one(number)[0]["items"]) == 1


def test_what_cannot_be_removed(box: RunningSandbox, ym: Shop) -> None:
    single, (only,) = made(box, 3)
    promo = {"type": "MARKET_PROMOCODE", "subsidy": 10}
    (mixed,) = box.ym.make(
        items=[{"price": 100, "promos": [promo]}, {"price": 990_000}, {"price": 100}, {"price": 100, "count": 2}]
    )
    on_promo, dear, cheap, pair = (item["id"] for item in box.ym.order(mixed)["items"])
    whole = {on_promo: 1, dear: 1, cheap: 1, pair: 2}
    for number, counts, why in (
        (single, {only: 2}, "it is the only item of the order"),
        (mixed, whole | {on_promo: 0}, "it takes part in a promotion"),
        (mixed, whole | {dear: 0}, "it is 99 % of the order's value"),
        (mixed, whole | {cheap: 2}, "can't be increased"),
    ):
        body = {"items": [{"id": item, "count": count} for item, count in counts.items()]}
        assert why in message(ym.of("PUT", number, "/items", body))
        assert effects(box, number) == []
    assert (
        message(ym.of("PUT", mixed, "/items", {"items": [{"id": 5, "count": 1}]})) == "Illegal input at 'items[0].id'"
    )
    good = {"items": [{"id": item, "count": count} for item, count in (whole | {pair: 1}).items()]}
    assert message(ym.of("PUT", mixed, "/items", {**good, "reason": "MOOD"})) == "Illegal input at 'reason'"
    assert ym.of("PUT", mixed, "/items", good).status_code == 200


def test_items_only_in_started(box: RunningSandbox, ym: Shop) -> None:
    for status, substatus in (("PROCESSING", "READY_TO_SHIP"), ("DELIVERY", "DELIVERY_SERVICE_RECEIVED")):
        number, (first, second) = made(box, 2, 2, status=status, substatus=substatus)
        body = {"items": [{"id": first, "count": 1}, {"id": second, "count": 2}]}
        assert message(ym.of("PUT", number, "/items", body)) == (
            f"Action is not allowed for order '{number}' with status '{status}' and substatus '{substatus}'"
        )
        assert effects(box, number) == []


# keys


def keys(item: int, *codes: str) -> dict[str, Any]:
    return {"items": [{"id": item, "codes": list(codes), "slip": "<p>Введите ключ</p>", "activate_till": "2027-02-18"}]}


def test_digital_goods(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(digital=True, items=[{"offerId": "GAME-KEY-STARS", "count": 2}])
    item = box.ym.order(number)["items"][0]["id"]
    assert ym.of("POST", number, "/deliverDigitalGoods", keys(item, "c1")).status_code == 400
    assert effects(box, number) == []
    assert ym.of("POST", number, "/deliverDigitalGoods", keys(item, "c1", "c2")).json() == {"status": "OK"}
    assert box.ym.place(number) == "PROCESSING/STARTED"
    box.advance(6)
    assert box.ym.place(number) == "DELIVERED/DELIVERY_SERVICE_DELIVERED"
    assert effects(box, number)[0] == ("keys", {}, {str(item): ["c1", "c2"]})
    assert message(ym.of("POST", number, "/deliverDigitalGoods", keys(item, "c1", "c2"))) == (
        f"Invalid status for order '{number}': 'DELIVERED', PROCESSING expected"
    )
    assert shape.faults(shape.BUSINESS.fields["orders"].fields["[]"], ym.one(number)[0]) == []


def test_goods_that_are_not_digital(box: RunningSandbox, ym: Shop) -> None:
    number, (item,) = made(box, 1)
    assert message(ym.of("POST", number, "/deliverDigitalGoods", keys(item, "c1"))) == (
        f"Order.id='{number}' is not digital."
    )
    assert effects(box, number) == []


# the courier's code


def test_couriers_code(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(type="DELIVERY", courier=True)
    code = box.ym.order(number)["eac"]["code"]
    wrong = "0000" if code != "0000" else "1111"
    assert code not in str(ym.one(number))
    assert ym.one(number)[1]["delivery"]["eacType"] == "COURIER_TO_MERCHANT"
    results = [ym.of("PUT", number, "/verifyEac", {"code": wrong}).json()["result"] for _ in range(3)]
    assert results == [
        {"verificationResult": "REJECTED", "attemptsLeft": 2},
        {"verificationResult": "REJECTED", "attemptsLeft": 1},
        {"verificationResult": "NEED_UPDATE"},
    ]
    assert effects(box, number) == []
    fresh = box.ym.order(number)["eac"]["code"]
    assert ym.of("PUT", number, "/verifyEac", {"code": fresh}).json() == {
        "status": "OK",
        "result": {"verificationResult": "ACCEPTED"},
    }
    assert effects(box, number) == [("eac", None, "ACCEPTED")]
    (plain,) = box.ym.make(type="DELIVERY", courier=False)
    assert message(ym.of("PUT", plain, "/verifyEac", {"code": "1234"})).startswith("Action is not allowed for order")
