"""Label identifiers of the batch dialect (contract 1.5; checklist 6)."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.server import RunningSandbox
from tests.sandbox.conftest import BATCH, FULL_CODE, KI, Caller, errors_of

DECLARATION = {"customsDeclaration": "10704010/010624/0000302", "originCountryCode": "643"}


def confirmed(box: RunningSandbox, wb: Caller, *kinds: str, **wish: Any) -> int:
    (number,) = box.make(fields={"requiredMeta": list(kinds), "deliveryType": "dbs"}, **wish)
    wb.move("confirm", number)
    return number


def write(wb: Caller, kind: str, *entries: dict[str, Any]) -> list[dict[str, Any]]:
    answer = wb.post(f"{BATCH}/meta/{kind}", {"orders": list(entries)})
    assert answer.status_code == 200
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def details(wb: Caller, number: int) -> list[tuple[str, str | None, str]]:
    (found,) = wb.post(f"{BATCH}/meta/details", {"ordersIds": [number]}).json()["orders"]
    assert (found["orderId"], found["isError"], found["errors"]) == (number, False, [])
    return [(one["key"], one["value"], one["decision"]) for one in found["metaDetails"]]


def test_decision_comes_later(box: RunningSandbox, wb: Caller) -> None:
    number = confirmed(box, wb, "sgtin")
    assert details(wb, number) == [("sgtin", None, "required")]
    write(wb, "sgtin", {"orderId": number, "sgtins": [FULL_CODE]})
    assert details(wb, number) == [("sgtin", FULL_CODE, "pending")]
    box.advance(5)
    assert details(wb, number) == [("sgtin", FULL_CODE, "sgtinIntroduced")]


@pytest.mark.parametrize(
    ("code", "decision"),
    [
        (KI, "sgtinIntroduced"), ("01030410947874432155Qbag!\x1d93Zjqw", "sgtinIntroduced"),
        ("010460043993125621jgXJ5.T\x1d8005112000\x1d93Mdlr", "sgtinIntroduced"),
        ("00000046198488X?io+qCABm8wAYa", "sgtinIntroduced"), ("0102900304495480215KE", "sgtinInvalidFormat"),
        (FULL_CODE.replace("\x1d", ""), "sgtinInvalidFormat"), ("1234567890123456", "sgtinInvalidFormat"),
        ("01046004399312562155Ячмень1234", "sgtinInvalidFormat"),
    ],
)  # fmt: skip
def test_decision_follows_the_format(box: RunningSandbox, wb: Caller, code: str, decision: str) -> None:
    number = confirmed(box, wb, "sgtin")
    write(wb, "sgtin", {"orderId": number, "sgtins": [code]})
    box.advance(5)
    assert details(wb, number) == [("sgtin", code, decision)]


def test_decision_can_be_told(box: RunningSandbox, wb: Caller) -> None:
    box.tune(verdicts={KI: "sgtinRetired"})
    number = confirmed(box, wb, "sgtin")
    write(wb, "sgtin", {"orderId": number, "sgtins": [KI]})
    box.advance(5)
    assert details(wb, number) == [("sgtin", KI, "sgtinRetired")]
    (error,) = wb.move("deliver", number)[0]["errors"]
    assert error["metaDetails"] == [{"key": "sgtin", "value": KI, "decision": "sgtinRetired"}]


def test_other_kinds(box: RunningSandbox, wb: Caller) -> None:
    number = confirmed(box, wb, "imei", "uin", "gtin")
    assert details(wb, number) == [
        ("imei", None, "required"),
        ("uin", None, "optional"),
        ("gtin", None, "optional"),
    ]
    write(wb, "imei", {"orderId": number, "imei": "654321741987258"})
    write(wb, "uin", {"orderId": number, "uin": "1234568909091232"})
    write(wb, "gtin", {"orderId": number, "gtin": "1234567890123"})
    box.advance(5)
    assert details(wb, number) == [
        ("imei", "654321741987258", "imeiMaySell"),
        ("uin", "1234568909091232", "filled"),
        ("gtin", "1234567890123", "filled"),
    ]
    write(wb, "imei", {"orderId": number, "imei": "65432174198725X"})
    box.advance(5)
    assert details(wb, number)[0] == ("imei", "65432174198725X", "imeiInvalidFormat")


def test_a_set_of_marking_codes_is_replaced(box: RunningSandbox, wb: Caller) -> None:
    number = confirmed(box, wb, "sgtin")
    write(wb, "sgtin", {"orderId": number, "sgtins": [KI, FULL_CODE]})
    assert [value for _, value, _ in details(wb, number)] == [KI, FULL_CODE]
    write(wb, "sgtin", {"orderId": number, "sgtins": [FULL_CODE]})
    assert [value for _, value, _ in details(wb, number)] == [FULL_CODE]


def test_the_same_code_again_is_no_effect(box: RunningSandbox, wb: Caller) -> None:
    number = confirmed(box, wb, "uin")
    for _ in range(2):
        assert write(wb, "uin", {"orderId": number, "uin": "1" * 16}) == [{"orderId": number, "isError": False}]
    kinds = [(effect["kind"], effect["before"], effect["after"]) for effect in box.effects(number)]
    assert kinds[2:] == [("meta.uin", None, "1" * 16)]


def test_results_by_order(box: RunningSandbox, wb: Caller) -> None:
    good, other = confirmed(box, wb, "uin"), confirmed(box, wb, "gtin")
    (fresh,) = box.make(fields={"requiredMeta": ["uin"]})
    results = write(wb, "uin", *({"orderId": number, "uin": "1" * 16} for number in (good, other, fresh, 5)))
    assert [errors_of(one) for one in results] == [
        [],
        [(409, "FailedToUpdateMeta")],
        [(409, "StatusMismatch")],
        [(404, "NotFound")],
    ]
    assert [box.order(number)["meta"].keys() for number in (good, other, fresh)] == [{"uin"}, set(), set()]


def test_a_call_of_which_nothing_fits_may_be_refused_as_a_whole(box: RunningSandbox, wb: Caller) -> None:
    box.tune(meta_conflict_whole=True)
    number = confirmed(box, wb, "gtin")
    answer = wb.post(f"{BATCH}/meta/uin", {"orders": [{"orderId": number, "uin": "1" * 16}]})
    assert (answer.status_code, answer.json()["title"]) == (409, "FailedToUpdateMeta")
    assert set(answer.json()) == {"detail", "origin", "requestId", "title"}


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        ("uin", {"uin": "1" * 15}), ("imei", {"imei": "1" * 14}), ("gtin", {"gtin": "1" * 14}), ("gtin", {}),
        ("sgtin", {"sgtins": []}), ("sgtin", {"sgtins": ["1" * 16] * 25}), ("sgtin", {"sgtins": "1" * 16}),
    ],
)  # fmt: skip
def test_one_wrong_length_refuses_the_whole_call(
    box: RunningSandbox, wb: Caller, kind: str, entry: dict[str, Any]
) -> None:
    good, bad = confirmed(box, wb, kind), confirmed(box, wb, kind)
    fine = {"uin": "1" * 16, "imei": "1" * 15, "gtin": "1" * 13, "sgtins": [KI]}
    answer = wb.post(f"{BATCH}/meta/{kind}", {"orders": [{"orderId": good, **fine}, {"orderId": bad, **entry}]})
    assert (answer.status_code, answer.json()["title"]) == (400, "IncorrectRequest")
    assert box.order(good)["meta"] == box.order(bad)["meta"] == {}


def test_delete(box: RunningSandbox, wb: Caller) -> None:
    first, second = confirmed(box, wb, "imei"), confirmed(box, wb, "imei")
    write(wb, "imei", {"orderId": first, "imei": "654321741987258"})
    answer = wb.post(f"{BATCH}/meta/delete", {"key": "imei", "orderIds": [first, second, 5]}).json()
    assert [errors_of(one) for one in answer["results"]] == [[], [], [(404, "NotFound")]]
    assert details(wb, first) == [("imei", None, "required")]
    assert [effect["kind"] for effect in box.effects(first)] == ["made", "status", "meta.imei", "meta.imei"]


def test_customs_declaration_for_companies(box: RunningSandbox, wb: Caller) -> None:
    company, person = confirmed(box, wb, b2b=True), confirmed(box, wb)
    entries = [{"orderId": number, **DECLARATION} for number in (company, person, 5)]
    results = write(wb, "customs-declaration", *entries)
    assert [errors_of(one) for one in results] == [[], [(400, "OrderNotB2B")], [(404, "NotFound")]]
    assert details(wb, company) == [("customsDeclaration", "10704010/010624/0000302", "filled")]
    wb.move("deliver", company)
    wrong = {"orderId": company, **DECLARATION, "originCountryCode": "RU"}
    assert errors_of(write(wb, "customs-declaration", wrong)[0]) == [(400, "InvalidOriginCountryCode")]
    belarus = {"orderId": company, **DECLARATION, "originCountryCode": "112"}
    assert errors_of(write(wb, "customs-declaration", belarus)[0]) == []
    assert box.order(company)["meta"]["customsDeclaration"]["country"] == "112"


@pytest.mark.parametrize(
    "change", [{"customsDeclaration": "1" * 16}, {"customsDeclaration": "1" * 30}, {"originCountryCode": "6430"}]
)
def test_customs_declaration_has_the_older_errors(box: RunningSandbox, wb: Caller, change: dict[str, str]) -> None:
    number = confirmed(box, wb, b2b=True)
    body = {"orders": [{"orderId": number, **DECLARATION, **change}]}
    answer = wb.post(f"{BATCH}/meta/customs-declaration", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "IncorrectRequestBody")
    body["orders"][0].pop("originCountryCode")
    assert wb.post(f"{BATCH}/meta/customs-declaration", body).status_code == 400


def test_meta_info_is_gone_unless_switched_on(box: RunningSandbox, wb: Caller) -> None:
    number = confirmed(box, wb, "uin", "sgtin")
    write(wb, "sgtin", {"orderId": number, "sgtins": [KI]})
    assert wb.post(f"{BATCH}/meta/info", {"ordersIds": [number]}).status_code == 404
    box.tune(off_status=410)
    assert wb.post(f"{BATCH}/meta/info", {"ordersIds": [number]}).status_code == 410
    box.tune(meta_info=True)
    assert wb.post(f"{BATCH}/meta/info", {"ordersIds": [number, 5]}).json()["meta"] == [
        {"orderId": number, "error": "", "uin": None, "sgtin": [KI], "customsDeclaration": {"value": None}},
        {"orderId": 5, "error": "not found"},
    ]


def test_meta_details_of_an_unknown_order(wb: Caller) -> None:
    answer = wb.post(f"{BATCH}/meta/details", {"ordersIds": [5]}).json()
    assert answer["orders"] == [
        {"orderId": 5, "isError": True, "errors": [{"code": 404, "detail": "NotFound"}], "metaDetails": []}
    ]


def test_samples_on_the_units_are_accepted(box: RunningSandbox, wb: Caller) -> None:
    number = confirmed(box, wb, "sgtin", "imei", "uin", "gtin")
    samples = box.order(number)["samples"]
    write(wb, "sgtin", {"orderId": number, "sgtins": [samples["sgtin"]]})
    for kind in ("imei", "uin", "gtin"):
        write(wb, kind, {"orderId": number, kind: samples[kind]})
    box.advance(5)
    assert [decision for _, _, decision in details(wb, number)] == [
        "sgtinIntroduced",
        "imeiMaySell",
        "filled",
        "filled",
    ]
    assert wb.move("deliver", number) == [{"orderId": number, "isError": False}]
