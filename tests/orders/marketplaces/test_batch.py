"""The batch dialect: exact bodies of every method and exact results (contract 1.3, appendix A)."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.errors import Refused, Uncertain
from orders.enums import ActionKind, CodeKind, CodeState
from orders.marketplaces.base import (
    CodeVerdict,
    Outgoing,
    Result,
)

from .support import Sent, bench, sample, sample_bytes

BATCH = "/api/marketplace/v3/dbs/orders"
REQUEST_ID = "f1787bd2d1fdс35d6f537316514у4a05"  # two letters are Cyrillic, as in the official example
DONE: dict[str, Any] = {"requestId": REQUEST_ID, "results": [{"orderId": 123456, "isError": False}]}


def refused(code: int, detail: str, **more: Any) -> dict[str, Any]:
    errors = [{"code": code, "detail": detail, **more}]
    return {"requestId": REQUEST_ID, "results": [{"orderId": 123456, "isError": True, "errors": errors}]}


def test_a_batch_gives_each_task_its_own_result() -> None:
    this = bench((200, sample_bytes("batch/results.response")))
    ids = ("4299281547", "1234567890", "4279781545", "777")

    results = this.provider.send(ActionKind.DELIVER, [Outgoing(order, ActionKind.DELIVER) for order in ids])

    body = {"ordersIds": [4299281547, 1234567890, 4279781545, 777]}
    assert this.sent == [Sent("POST", f"{BATCH}/status/deliver", None, body, True)]
    verdict = CodeVerdict(
        "1234567890", CodeKind.SGTIN, "0102900304495480215KE", CodeState.REFUSED, "sgtinInvalidFormat"
    )
    assert results == [
        Result("4299281547", ok=False, code="NotFound", detail="404 NotFound", status=404, request_id=REQUEST_ID),
        Result(
            "1234567890",
            ok=False,
            code="MetaValidationFail",
            detail="409 MetaValidationFail (sgtin: sgtinInvalidFormat)",
            verdicts=(verdict,),
            status=409,
            request_id=REQUEST_ID,
        ),
        Result("4279781545", ok=True, status=200, request_id=REQUEST_ID),
    ]
    assert this.notes.drift == []


@pytest.mark.parametrize("kind", [ActionKind.CONFIRM, ActionKind.DELIVER, ActionKind.CANCEL])
def test_steps_name_the_list_orders_ids(kind: ActionKind) -> None:
    this = bench((200, DONE))

    (result,) = this.provider.send(kind, [Outgoing("123456", kind)])

    assert this.sent == [Sent("POST", f"{BATCH}/status/{kind.value}", None, {"ordersIds": [123456]}, True)]
    assert result == Result("123456", ok=True, status=200, request_id=REQUEST_ID)


@pytest.mark.parametrize("kind", [ActionKind.RECEIVE, ActionKind.REJECT])
def test_steps_with_a_code_name_the_list_orders(kind: ActionKind) -> None:
    this = bench((200, DONE))

    this.provider.send(kind, [Outgoing("123456", kind, code="041852")])

    body = {"orders": [{"orderId": 123456, "code": "041852"}]}
    assert this.sent == [Sent("POST", f"{BATCH}/status/{kind.value}", None, body, True)]


@pytest.mark.parametrize(
    ("kind", "path", "codes", "entry"),
    [
        (
            CodeKind.SGTIN,
            "sgtin",
            ("0104600439931256215RJZx80hlqAq3\x1d93Mdlr", "1234567890123456"),
            {"sgtins": ["0104600439931256215RJZx80hlqAq3\x1d93Mdlr", "1234567890123456"]},
        ),
        (CodeKind.UIN, "uin", ("1234568909091232",), {"uin": "1234568909091232"}),
        (CodeKind.IMEI, "imei", ("004321741987258",), {"imei": "004321741987258"}),
        (CodeKind.GTIN, "gtin", ("1234567890123",), {"gtin": "1234567890123"}),
        (
            CodeKind.GTD,
            "customs-declaration",
            ("10704010/010624/0000302",),
            {"customsDeclaration": "10704010/010624/0000302", "originCountryCode": "643"},
        ),
    ],
)
def test_set_codes(kind: CodeKind, path: str, codes: tuple[str, ...], entry: dict[str, Any]) -> None:
    this = bench((200, DONE))
    action = Outgoing("123456", ActionKind.PUT_CODES, code_kind=kind, codes=codes, country="643")

    (result,) = this.provider.send(ActionKind.PUT_CODES, [action])

    body = {"orders": [{"orderId": 123456, **entry}]}
    assert this.sent == [Sent("POST", f"{BATCH}/meta/{path}", None, body, True)]
    assert result.ok


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (CodeKind.SGTIN, "sgtin"),
        (CodeKind.UIN, "uin"),
        (CodeKind.IMEI, "imei"),
        (CodeKind.GTIN, "gtin"),
        (CodeKind.GTD, "customsDeclaration"),
    ],
)
def test_delete_codes_names_the_list_order_ids(kind: CodeKind, key: str) -> None:
    this = bench((200, DONE))

    this.provider.send(ActionKind.DELETE_CODES, [Outgoing("123456", ActionKind.DELETE_CODES, code_kind=kind)])

    assert this.sent == [Sent("POST", f"{BATCH}/meta/delete", None, {"key": key, "orderIds": [123456]}, True)]


def test_what_cannot_be_written_down_is_refused_without_a_call() -> None:
    this = bench((200, DONE))
    many = tuple(f"{number:016}" for number in range(25))
    actions = [
        Outgoing("12-34", ActionKind.PUT_CODES, code_kind=CodeKind.SGTIN, codes=many[:1]),
        Outgoing("1", ActionKind.PUT_CODES, code_kind=CodeKind.SGTIN, codes=()),
        Outgoing("2", ActionKind.PUT_CODES, code_kind=CodeKind.SGTIN, codes=many),
        Outgoing("123456", ActionKind.PUT_CODES, code_kind=CodeKind.SGTIN, codes=many[:24]),
    ]

    results = this.provider.send(ActionKind.PUT_CODES, actions)

    assert [(result.external_id, result.ok, result.code) for result in results] == [
        ("12-34", False, "not_sent"),
        ("1", False, "not_sent"),
        ("2", False, "not_sent"),
        ("123456", True, ""),
    ]
    assert [call.body["orders"][0]["orderId"] for call in this.sent] == [123456]


@pytest.mark.parametrize("dialect", ["batch", "v3"])
@pytest.mark.parametrize(
    "action",
    [
        Outgoing("1", ActionKind.ARRIVE),
        Outgoing("1", ActionKind.READY),
        Outgoing("1", ActionKind.DELETE_CODES, code_kind=CodeKind.RNPT),
        Outgoing("1", ActionKind.DELETE_CODES),
    ],
)
def test_actions_that_wildberries_does_not_have(dialect: str, action: Outgoing) -> None:
    this = bench(dialect=dialect)

    with pytest.raises(Refused, match="not_offered"):
        this.provider.send(action.kind, [action])

    assert this.sent == []


def test_customs_declarations_are_not_part_of_v3() -> None:
    this = bench(dialect="v3")
    action = Outgoing("1", ActionKind.PUT_CODES, code_kind=CodeKind.GTD, codes=("10704010/010624/0000302",))

    (result,) = this.provider.send(ActionKind.PUT_CODES, [action])

    assert (result.ok, result.code, this.sent) == (False, "not_sent", [])


@pytest.mark.parametrize(
    ("kind", "code", "detail", "expected"),
    [
        (ActionKind.RECEIVE, 409, "InvalidWBCode", ("InvalidWBCode", True, False)),
        (ActionKind.REJECT, 409, "SomethingNew", ("SomethingNew", True, False)),
        (ActionKind.REJECT, 409, "", ("", True, False)),
        (ActionKind.RECEIVE, 409, "StatusMismatch", ("StatusMismatch", False, True)),
        (ActionKind.RECEIVE, 409, "status conflict", ("StatusMismatch", False, True)),
        (ActionKind.RECEIVE, 404, "not found", ("NotFound", False, False)),
        (ActionKind.RECEIVE, 409, "SGTINIsNotFilled", ("SGTINIsNotFilled", False, False)),
        (ActionKind.RECEIVE, 409, "UinIsNotFilled", ("UinIsNotFilled", False, False)),
        (ActionKind.RECEIVE, 400, "SomethingNew", ("SomethingNew", False, False)),
        (ActionKind.CONFIRM, 409, "SomethingNew", ("SomethingNew", False, False)),
        (ActionKind.CONFIRM, 409, "STATUSMISMATCH", ("StatusMismatch", False, True)),
    ],
)
def test_what_a_refusal_means(kind: ActionKind, code: int, detail: str, expected: tuple[str, bool, bool]) -> None:
    this = bench((200, refused(code, detail)))

    (result,) = this.provider.send(kind, [Outgoing("123456", kind, code="0000")])

    assert (result.code, result.wrong_code, result.stage_conflict) == expected
    assert (result.ok, result.status) == (False, code)


def test_an_unknown_error_word_is_counted() -> None:
    this = bench((200, refused(409, "MoonIsNotFull")))

    this.provider.send(ActionKind.CONFIRM, [Outgoing("123456", ActionKind.CONFIRM)])

    assert this.notes.drift == [("orders/status/confirm", "error", "MoonIsNotFull")]


def test_the_buyers_code_is_nowhere_in_what_is_shown() -> None:
    this = bench((200, refused(409, "code 741852 is wrong")), (400, {"code": "741852", "message": "741852?"}))
    action = Outgoing("123456", ActionKind.RECEIVE, code="741852")

    (result,) = this.provider.send(ActionKind.RECEIVE, [action])
    with pytest.raises(Refused) as caught:
        this.provider.send(ActionKind.RECEIVE, [action])

    assert (result.code, result.detail) == ("code *** is wrong", "409 code *** is wrong")
    assert "741852" not in f"{caught.value!r} {caught.value.detail} {caught.value.code} {action!r} {this.notes.drift}"


def test_a_decision_without_a_value_is_about_all_codes_of_the_kind() -> None:
    details = [
        {"key": "sgtin", "value": "", "decision": "sgtinNotFound"},
        {"key": "imei", "value": "", "decision": "required"},
    ]
    this = bench((200, refused(409, "MetaValidationFail", metaDetails=details)))

    (result,) = this.provider.send(ActionKind.DELIVER, [Outgoing("123456", ActionKind.DELIVER)])

    assert result.verdicts == (CodeVerdict("123456", CodeKind.SGTIN, "", CodeState.REFUSED, "sgtinNotFound"),)
    assert result.detail == "409 MetaValidationFail (sgtin: sgtinNotFound, imei: required)"


@pytest.mark.parametrize(
    "results",
    [
        None,
        [],
        [{"orderId": 999999, "isError": False}],
        [{"isError": False}],
        [{"orderId": 123456}],
        [{"orderId": [123456], "isError": False}],
        ["123456"],
        [None],
    ],
)
def test_a_task_of_which_nothing_is_said_has_no_result(results: Any) -> None:
    this = bench((200, {"requestId": "", "results": results}))

    assert this.provider.send(ActionKind.CONFIRM, [Outgoing("123456", ActionKind.CONFIRM)]) == []


@pytest.mark.parametrize(
    ("row", "ok"),
    [
        ({"orderId": "123456", "isError": "False"}, True),
        ({"orderId": "0123456", "isError": False, "errors": None}, True),
        ({"orderId": 123456, "isError": False, "errors": [{"code": "409", "detail": "StatusMismatch"}]}, False),
        ({"orderId": 123456, "isError": True}, False),
        ({"orderId": 123456, "isError": True, "errors": None}, False),
        ({"orderId": 123456, "errors": [{"code": 409, "detail": 17}]}, False),
    ],
)
def test_numbers_as_texts_and_lists_as_null(row: dict[str, Any], ok: bool) -> None:
    this = bench((200, {"results": [row, {"orderId": 5, "isError": 0}]}))

    results = this.provider.send(ActionKind.CONFIRM, [Outgoing(id_, ActionKind.CONFIRM) for id_ in ("123456", "5")])

    assert [(result.external_id, result.ok) for result in results] == [("123456", ok), ("5", True)]


def test_an_error_outweighs_a_yes_for_the_same_task() -> None:
    rows = [{"orderId": 5, "isError": False}, {"orderId": 5, "isError": True}, {"orderId": 5, "isError": False}]
    this = bench((200, {"results": rows}))

    (result,) = this.provider.send(ActionKind.CONFIRM, [Outgoing("5", ActionKind.CONFIRM)])

    assert not result.ok


@pytest.mark.parametrize("body", [b"<html>busy</html>", b'{"requestId":"1","results":[', b"[]", b"{}", b"", b"null"])
def test_a_write_that_was_answered_with_nonsense_is_uncertain(body: bytes) -> None:
    this = bench((200, body))

    with pytest.raises(Uncertain):
        this.provider.send(ActionKind.CONFIRM, [Outgoing("1", ActionKind.CONFIRM)])


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"[]", b'{"code":"StatusMismatch"}', b"ok"])
def test_a_v3_write_that_was_answered_with_more_than_nothing_is_uncertain(body: bytes) -> None:
    this = bench((200, body), (200, b"{}"), dialect="v3")

    with pytest.raises(Uncertain):
        this.provider.send(ActionKind.CONFIRM, [Outgoing("1", ActionKind.CONFIRM)])
    assert this.provider.send(ActionKind.CONFIRM, [Outgoing("1", ActionKind.CONFIRM)])[0].ok


def test_a_refused_call_with_one_task_is_the_result_of_the_task() -> None:
    error = {**sample("batch/incorrect_request.error"), "title": "FailedToUpdateMeta"}
    this = bench((409, error))

    (result,) = this.provider.send(
        ActionKind.PUT_CODES,
        [Outgoing("1", ActionKind.PUT_CODES, code_kind=CodeKind.UIN, codes=("1234567890123456",))],
    )

    assert (result.ok, result.code, result.status, result.request_id) == (False, "FailedToUpdateMeta", 409, REQUEST_ID)


def test_a_refused_call_with_many_tasks_is_refused_as_a_whole() -> None:
    this = bench((409, {**sample("batch/incorrect_request.error"), "title": "FailedToUpdateMeta"}))
    actions = [Outgoing(id_, ActionKind.DELETE_CODES, code_kind=CodeKind.UIN) for id_ in ("1", "2")]

    with pytest.raises(Refused) as caught:
        this.provider.send(ActionKind.DELETE_CODES, actions)

    assert (caught.value.code, caught.value.request_id) == ("FailedToUpdateMeta", REQUEST_ID)
