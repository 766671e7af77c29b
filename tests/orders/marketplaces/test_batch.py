"""The batch dialect: exact bodies of every method and exact results (contract 1.3, appendix A)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backoffice.errors import Gone, Refused, Uncertain, Unreadable
from orders.enums import ActionKind, CodeKind, CodeState, Stage
from orders.marketplaces.base import (
    BuyerInfo,
    CodeVerdict,
    DeliveryCost,
    DeliveryWindow,
    Money,
    Organisation,
    Outgoing,
    Phone,
    Result,
    Sticker,
    TaskStatus,
    Window,
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


def test_statuses() -> None:
    this = bench((200, sample_bytes("batch/status_info.response")))

    found = this.provider.statuses(["123456", "234567"])

    assert this.sent == [Sent("POST", f"{BATCH}/status/info", None, {"ordersIds": [123456, 234567]}, False)]
    assert found == [
        TaskStatus("123456", {"supplierStatus": "deliver", "wbStatus": "waiting"}, Stage.DELIVERING),
        TaskStatus("234567", {}, None, found=False, detail="NotFound"),
    ]


def test_one_broken_status_does_not_take_the_others_with_it() -> None:
    rows = [
        {"orderId": 1, "supplierStatus": "new", "wbStatus": "waiting"},
        {"orderId": {"value": "79871234567"}, "supplierStatus": "new", "wbStatus": "waiting"},
        7,
        {"supplierStatus": "new", "wbStatus": "waiting"},
        {"orderId": "2", "supplierStatus": "confirm", "wbStatus": "waiting", "errors": None},
    ]
    this = bench((200, {"orders": rows}))

    found = this.provider.statuses(["1", "2"])

    assert [(status.external_id, status.stage) for status in found] == [("1", Stage.NEW), ("2", Stage.ASSEMBLING)]
    assert [kind for _, kind, _ in this.notes.drift] == ["value", "value"]
    assert "79871234567" not in str((this.notes.drift, this.notes.samples))


def test_no_ids_no_call() -> None:
    this = bench()

    assert this.provider.statuses([]) == this.provider.codes(["none"]) == this.provider.organisations([]) == []
    assert this.sent == []


def test_buyers() -> None:
    this = bench((200, sample_bytes("batch/client.response")))

    found = this.provider.buyers(["134567", "134568"])

    assert this.sent == [Sent("POST", "/api/v3/dbs/orders/client", None, {"orders": [134567, 134568]}, False)]
    assert found == [
        BuyerInfo(
            "134567",
            "Иван",
            "Иван Иван Иванович",
            (
                Phone("79871234567", primary=True),
                Phone("+79871234568", extension="1234567"),
                Phone("+79871234568", extension="12345"),
                Phone("+79871234568", extension="65498"),
            ),
            complete=True,
        ),
        BuyerInfo("134568", "Пётр", "Пётр Петров", (), complete=False),
    ]
    assert this.notes.drift == []


def test_a_buyer_whose_primary_number_is_not_assigned_yet_is_asked_for_again() -> None:
    row = {"orderID": 1, "replacementPhone": "", "phone": "+79871234568", "phoneCode": 7, "additionalPhones": ["8"]}
    this = bench((200, {"orders": [row]}))

    (found,) = this.provider.buyers(["1"])

    assert found.phones == (Phone("+79871234568", extension="7", primary=True), Phone("8"))
    assert not found.complete


@pytest.mark.parametrize("dialect", ["batch", "v3"])
@pytest.mark.parametrize("play", [(200, {"orders": None}), (200, {"orders": []}), (404, {"code": "NotFound"})])
def test_buyers_that_nobody_tells_of(dialect: str, play: tuple[int, Any]) -> None:
    this = bench(play, dialect=dialect)

    assert this.provider.buyers(["1"]) == []


def test_buyers_of_a_method_that_is_gone() -> None:
    this = bench((404, b"<html>404</html>"))

    with pytest.raises(Gone):
        this.provider.buyers(["1"])


def test_windows() -> None:
    this = bench((200, sample_bytes("batch/delivery_date.response")), timezone="Asia/Yekaterinburg")
    zone = ZoneInfo("Asia/Yekaterinburg")

    found = this.provider.windows(["1234567890"])

    assert this.sent == [Sent("POST", "/api/v3/dbs/orders/delivery-date", None, {"orders": [1234567890]}, False)]
    window = Window(datetime(2026, 1, 26, 11, 11, tzinfo=zone), datetime(2026, 1, 26, 22, 22, tzinfo=zone))
    assert found == [DeliveryWindow("1234567890", window)]
    assert this.notes.drift == []


def test_windows_that_are_incomplete() -> None:
    zone = ZoneInfo("Europe/Moscow")
    rows = [
        {"id": 1, "dDate": "2026-01-26", "dTimeFrom": None, "dTimeTo": None},
        {"id": 2, "dDate": "", "dDateOld": "2025-01-28", "dTimeFromOld": "12:30", "dTimeToOld": "22:30"},
        {"id": 3, "dDate": None},
        {"id": 4, "dDate": "26.01.2026", "dTimeFrom": "21:00", "dTimeTo": "02:00"},
        {"id": 5, "dDate": "tomorrow"},
    ]
    this = bench((200, {"orders": rows}))

    found = this.provider.windows(["1", "2", "3", "4", "5"])

    assert found == [
        DeliveryWindow("1", Window(datetime(2026, 1, 26, tzinfo=zone), None)),
        DeliveryWindow(
            "4", Window(datetime(2026, 1, 26, 21, tzinfo=zone), datetime(2026, 1, 27, 2, tzinfo=zone))
        ),
    ]
    assert found[0].window.deadline == datetime(2026, 1, 26, 23, 59, 59, tzinfo=zone)
    assert this.notes.drift == [("orders/delivery-date", "value", "dDate=tomorrow None None")]


def test_delivery_costs() -> None:
    group = "0596a30a-d11c-4210-a231-ee1c39d61fe4"
    this = bench((200, sample_bytes("batch/groups_info.response")), (200, None))

    found = this.provider.delivery_costs([group])

    assert this.sent == [Sent("POST", "/api/v3/dbs/groups/info", None, {"groups": [group]}, False)]
    assert found == [DeliveryCost(group, Money(Decimal("11.08"), "BYN"), Money(Decimal("298.03"), "RUB"))]
    assert this.provider.delivery_costs([group]) == []  # null


def test_delivery_costs_of_another_shape() -> None:
    this = bench((200, {"groups": []}), (200, [{"groupID": "a", "deliveryCost": -1, "currencyCode": 643}]))

    with pytest.raises(Unreadable):
        this.provider.delivery_costs(["a"])
    assert this.provider.delivery_costs(["a"]) == []
    assert [kind for _, kind, _ in this.notes.drift] == ["value"]


def test_organisations() -> None:
    this = bench((200, sample_bytes("batch/b2b_info.response")))

    found = this.provider.organisations(["123456", "234567"])

    assert this.sent == [Sent("POST", f"{BATCH}/b2b/info", None, {"ordersIds": [123456, 234567]}, False)]
    facts = {"inn": "0278012345", "kpp": "027801001", "name": "ООО «Ромашка»"}
    assert found == [Organisation("123456", facts)]


def test_codes_and_their_decisions() -> None:
    this = bench((200, sample_bytes("batch/meta_details.response")))

    found = this.provider.codes(["123456", "234567"])

    assert this.sent == [Sent("POST", f"{BATCH}/meta/details", None, {"ordersIds": [123456, 234567]}, False)]
    code = "0104600439931256215RJZx80hlqAq3\x1d93Mdlr"
    assert found == [
        CodeVerdict("123456", CodeKind.SGTIN, code, CodeState.VERIFIED, "sgtinIntroduced"),
        CodeVerdict("123456", CodeKind.SGTIN, "0102900304495480215KE", CodeState.REFUSED, "sgtinInvalidFormat"),
        CodeVerdict("123456", CodeKind.IMEI, "004901542032375", CodeState.SENT, "pending"),
    ]
    assert this.notes.drift == []


def test_codes_that_are_new_to_us() -> None:
    details = [
        {"key": "sgtin", "value": ["a\x1d", 12345678901234567890123456789], "decision": "sgtinOnTheMoon"},
        {"key": "rnpt", "value": "1", "decision": "filled"},
    ]
    this = bench((200, {"requestId": "", "orders": [{"orderId": 1, "isError": False, "metaDetails": details}]}))

    found = this.provider.codes(["1"])

    values = ("a\x1d", "12345678901234567890123456789")  # a code may end with a separator; no number passes a float
    assert found == [CodeVerdict("1", CodeKind.SGTIN, value, CodeState.SENT, "sgtinOnTheMoon") for value in values]
    assert this.notes.drift == [
        ("orders/meta/details", "value", "decision=sgtinOnTheMoon"),
        ("orders/meta/details", "value", "key=rnpt"),
    ]


def test_stickers() -> None:
    rest = {"stickers": [{"orderId": 2, "file": "not base64!"}, {"orderId": 3, "file": None}]}
    this = bench((200, sample_bytes("batch/stickers.response")), (200, rest))

    found = this.provider.stickers(["5346346", *map(str, range(1, 101))])

    form = {"type": "pdf", "width": 58, "height": 40}
    first = {"orders": [5346346, *range(1, 100)]}
    assert this.sent == [
        Sent("POST", f"{BATCH}/stickers", form, first, False),
        Sent("POST", f"{BATCH}/stickers", form, {"orders": [100]}, False),
    ]
    assert found == [Sticker("5346346", b"%PDF-1.7\n%%EOF", "231648 9753")]


def test_the_older_dialect_has_no_such_methods() -> None:
    this = bench(dialect="v3")

    assert this.provider.windows(["1"]) == this.provider.delivery_costs(["a"]) == []
    assert this.provider.organisations(["1"]) == this.provider.stickers(["1"]) == []
    assert this.sent == []


def test_new_order_of_2026() -> None:
    this = bench((200, sample_bytes("batch/orders_new.response")))

    task = this.provider.parse(this.provider.new_orders().tasks[0])

    assert task.code_kinds == (CodeKind.UIN, CodeKind.GTD)
    assert task.required_kinds == (CodeKind.UIN,)  # the declaration may follow after the hand-over
    assert task.is_business
    assert task.window is None
    assert task.deadline_at == datetime(2022, 5, 4, 10, 56, 29, tzinfo=UTC)  # express: three hours
    (item,) = task.items
    assert (item.final_price, item.converted_final_price) == (
        Money(Decimal("10.00"), "BYN"),
        Money(Decimal("279.31"), "RUB"),
    )
    assert task.data == {
        "group": "7a2c8810-1db2-4011-9682-5c7fa33afd83",
        "rid": "f884001e44e511edb8780242ac120002",
        "warehouse": "658434",
        "cargo_type": "1",
        "sticker": "123456",
        "zero_stock": True,
    }
    assert this.notes.drift == []


def test_finished_order_of_2026() -> None:
    this = bench((200, sample_bytes("batch/orders.response")))
    moment = datetime(2022, 5, 1, tzinfo=UTC)

    (raw,) = this.provider.finished_orders(moment, moment, None).tasks
    task = this.provider.parse(raw)

    assert (task.address, task.code_kinds, task.words, task.stage) == (None, (), {}, Stage.WAITING)
    assert task.data["scan_price"] == "0.50"
    assert this.notes.drift == []
