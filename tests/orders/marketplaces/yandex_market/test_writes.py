"""Every change that is sent, its exact body, and what the answer means (contract 2.5, 2.6, 2.7)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from backoffice.errors import Refused, Temporary, Uncertain
from orders.enums import ActionKind, CodeKind, CodeState
from orders.marketplaces.base import CodeVerdict, Mark, Outgoing, Result

from .support import OK, ORDERS, act, bench, error, v2_order

STEPS = (ActionKind.READY, ActionKind.DELIVER, ActionKind.ARRIVE, ActionKind.RECEIVE, ActionKind.CANCEL)
DIALECTS = pytest.mark.parametrize("dialect", ["business", "v2"])


def row(number: int, status: str = "DELIVERY", substatus: str = "DELIVERY_SERVICE_RECEIVED") -> dict[str, Any]:
    return {"id": number, "status": status, "substatus": substatus, "updateStatus": "OK"}


def wrong(number: int, text: str) -> dict[str, Any]:
    return {"id": number, "updateStatus": "ERROR", "errorDetails": text}


def answered(*rows: Any) -> tuple[int, Any]:
    return 200, {"status": "OK", "result": {"orders": list(rows)}}


# Steps.


@pytest.mark.parametrize(
    ("kind", "reason", "words"),
    [
        (ActionKind.READY, "", {"status": "PROCESSING", "substatus": "READY_TO_SHIP"}),
        (ActionKind.DELIVER, "", {"status": "DELIVERY"}),
        (ActionKind.ARRIVE, "", {"status": "PICKUP"}),
        (ActionKind.RECEIVE, "", {"status": "DELIVERED"}),
        (ActionKind.CANCEL, "SHOP_FAILED", {"status": "CANCELLED", "substatus": "SHOP_FAILED"}),
    ],
)
@DIALECTS
def test_a_step_of_many(dialect: str, kind: ActionKind, reason: str, words: dict[str, str]) -> None:
    this = bench(answered(row(1), row(2)), dialect=dialect)

    results = act(this, kind, "1", "2", reason=reason)

    (sent,) = this.sent
    assert (sent.method, sent.path, sent.params, sent.write) == ("POST", f"{ORDERS}/status-update", None, True)
    assert sent.body == {"orders": [{"id": 1, **words}, {"id": 2, **words}]}
    told = {"status": "DELIVERY", "substatus": "DELIVERY_SERVICE_RECEIVED"}
    assert results == [Result(each, ok=True, status=200, words=told) for each in ("1", "2")]
    assert this.notes.drift == []


def test_each_order_has_its_own_answer() -> None:
    """Partial success inside 200."""
    texts = [
        "No transition found: 'DELIVERY' -> 'DELIVERY' for order 2",
        "Order not found: '3'",
        "A brand new text about order 4",
        "Delivery date 2026-12-01 can't be in the future",
    ]
    this = bench(answered(row(1), *(wrong(number, text) for number, text in enumerate(texts, 2)), row(77)))

    results = act(this, ActionKind.DELIVER, "1", "2", "3", "4", "5", "6")

    assert [(result.external_id, result.ok, result.code, result.stage_conflict) for result in results] == [
        ("1", True, "", False),
        ("2", False, "NO_TRANSITION", True),
        ("3", False, "NOT_FOUND", False),
        ("4", False, "ERROR", False),
        ("5", False, "FUTURE_DATE", False),
    ]
    assert [result.detail for result in results] == ["", *texts]
    assert this.notes.drift == [
        ("status-update", "error", "a text that is not in the table"),
        ("status-update", "value", "result for an order that was not asked for"),
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([{"id": 1}], []),
        ([{"id": 1, "updateStatus": None, "errorDetails": None}], []),
        ([{"id": 1, "updateStatus": "QUEUED"}], []),
        ([{"id": 1, "updateStatus": "ERROR"}], [("ERROR", {})]),
        ([{"id": 1, "updateStatus": "", "errorDetails": "Order not found: '1'"}], [("NOT_FOUND", {})]),
        ([{"id": "1", "updateStatus": "OK"}], [("", {})]),
        ([{"id": 1, "updateStatus": "OK", "status": "DELIVERY"}], [("", {"status": "DELIVERY", "substatus": ""})]),
        ([row(1), wrong(1, "Order not found: '1'")], [("NOT_FOUND", {})]),
        ([wrong(1, "Order not found: '1'"), row(1)], [("NOT_FOUND", {})]),
        (["broken", 5, None], []),
    ],
)
def test_what_is_said_of_one(rows: list[Any], expected: list[Any]) -> None:
    this = bench(answered(*rows))

    assert [(result.code, result.words) for result in act(this, ActionKind.DELIVER, "1")] == expected


@pytest.mark.parametrize("body", [b"<html/>", {}, {"status": "OK"}, {"status": "OK", "result": {}}, []])
def test_an_answer_that_says_nothing_is_uncertain(body: Any) -> None:
    with pytest.raises(Uncertain):
        act(bench((200, body)), ActionKind.DELIVER, "1")


def test_what_cannot_be_sent_is_refused_without_a_call() -> None:
    this = bench()
    dated = [Outgoing(each, ActionKind.RECEIVE, date="2026-11-20") for each in ("1", "2")]

    results = [
        *act(this, ActionKind.DELIVER, "abc"),
        *act(this, ActionKind.CANCEL, "1"),
        *this.provider.send(ActionKind.RECEIVE, dated),
    ]

    assert [(result.external_id, result.ok, result.code) for result in results] == [
        ("abc", False, "NOT_SENT"),
        ("1", False, "NOT_SENT"),
        ("1", False, "NOT_SENT"),
        ("2", False, "NOT_SENT"),
    ]
    assert all(result.detail for result in results)
    assert (this.sent, this.notes.taken) == ([], [])


def test_the_good_ones_of_a_call_are_sent() -> None:
    this = bench(answered(row(2)))

    results = act(this, ActionKind.DELIVER, "abc", "2")

    assert this.sent[0].body == {"orders": [{"id": 2, "status": "DELIVERY"}]}
    assert this.notes.costs == [1]
    assert [(result.external_id, result.ok) for result in results] == [("abc", False), ("2", True)]


@DIALECTS
def test_a_delivery_that_was_not_today(dialect: str) -> None:
    """The answer of ``PUT …/status`` is an OrderDTO, whatever the dialect."""
    done = v2_order(1, status="DELIVERED", substatus="DELIVERY_SERVICE_DELIVERED")
    this = bench((200, {"order": done}), dialect=dialect)

    result = this.one(Outgoing("1", ActionKind.RECEIVE, date="2026-11-20"))

    (sent,) = this.sent
    assert (sent.method, sent.path, sent.params, sent.write) == ("PUT", f"{ORDERS}/1/status", None, True)
    assert sent.body == {"order": {"status": "DELIVERED", "delivery": {"dates": {"realDeliveryDate": "2026-11-20"}}}}
    words = {"status": "DELIVERED", "substatus": "DELIVERY_SERVICE_DELIVERED"}
    assert result == Result("1", ok=True, status=200, words=words)
    assert this.notes.drift == []


@pytest.mark.parametrize(
    ("text", "code", "conflict"),
    [
        ("Delivery date 2026-12-01 can't be in the future", "FUTURE_DATE", False),
        (
            "Real delivery date should be from order creation date to current date inclusively",
            "DATE_OUT_OF_RANGE",
            False,
        ),
        ("No permission to set status 'DELIVERED' for order '1' with status 'PROCESSING'", "NO_PERMISSION", True),
        ("Transition 'DELIVERY' -> 'DELIVERED' is not allowed. Reason: x", "TRANSITION_NOT_ALLOWED", True),
        ("Status not allowed: 'DELIVERED'", "STATUS_NOT_ALLOWED", True),
    ],
)
def test_a_delivery_that_is_refused(text: str, code: str, conflict: bool) -> None:
    this = bench((400, error(text)))

    result = this.one(Outgoing("1", ActionKind.RECEIVE, date="2026-12-01"))

    assert (result.ok, result.code, result.stage_conflict, result.status) == (False, code, conflict, 400)
    assert result.detail == f"BAD_REQUEST: {text}"
    assert result.words == {}


def test_a_date_that_is_none_is_refused_without_a_call() -> None:
    this = bench()

    for date in ("20-11-2026", "yesterday"):
        result = this.one(Outgoing("1", ActionKind.RECEIVE, date=date))
        assert (result.ok, result.code) == (False, "NOT_SENT")

    assert this.sent == []


def test_a_refused_call_of_one_is_its_result_and_of_two_an_error() -> None:
    text = "No transition found: 'PROCESSING' -> 'DELIVERED'"
    (result,) = act(bench((400, error(text))), ActionKind.RECEIVE, "1")

    assert (result.ok, result.code, result.stage_conflict) == (False, "NO_TRANSITION", True)
    with pytest.raises(Refused, match="NO_TRANSITION"):
        act(bench((400, error(text))), ActionKind.RECEIVE, "1", "2")


def test_a_refusal_of_the_shop_is_never_an_orders() -> None:
    wrong_model = error("Campaign type is not allowed. Allowed campaign types: 'FBS'")
    for status, body in ((400, wrong_model), (405, error("x")), (415, error("y"))):
        with pytest.raises(Refused):
            act(bench((status, body)), ActionKind.DELIVER, "1")
    with pytest.raises(Temporary):
        act(bench((403, b"<html/>")), ActionKind.DELIVER, "1")


# Codes.

FULL = "01030410947874432155Qbag!\x1d93Zjqw"
MARKS = (
    Mark("123456", 2, CodeKind.SGTIN, "0104600439931256215RJZx80hlqAq3\x1d91FFD0\x1d92sGGtBnYB", "RU"),
    Mark("123456", 1, CodeKind.SGTIN, FULL),
    Mark("123457", 1, CodeKind.UIN, "1234567890123456"),
    Mark("123458", 1, CodeKind.GTD, "10704010/010624/0000302", "cn"),
    Mark("123459", 1, CodeKind.RNPT, "10704010/010624/0000302/001", "CN"),
    Mark("123459", 2, CodeKind.RNPT, "10704010/010624/0000302/002"),
)
PUT = Outgoing("1", ActionKind.PUT_CODES, marks=MARKS)
BODY = {
    "items": [
        {"id": 123456, "instances": [{"cis": FULL}, {"cis": MARKS[0].value}]},
        {"id": 123457, "instances": [{"uin": "1234567890123456"}]},
        {"id": 123458, "instances": [{"gtd": "10704010/010624/0000302", "countryCode": "CN"}]},
        {
            "id": 123459,
            "instances": [
                {"rnpt": "10704010/010624/0000302/001", "countryCode": "CN"},
                {"rnpt": "10704010/010624/0000302/002"},
            ],
        },
    ]
}
KEPT = {
    "status": "OK",
    "result": {
        "items": [
            {
                "id": 123456,
                "vat": "VAT_20",
                "count": 2,
                "price": 100.5,
                "offerName": "Духи",
                "offerId": "A-1",
                "instances": [
                    {"cis": "01030410947874432155Qbag!", "cisFull": FULL},
                    {"cis": "0104600439931256215RJZx80hlqAq3"},
                ],
            },
            {"id": 123457, "instances": [{"uin": "1234567890123456"}]},
            {"id": 123458, "instances": [{"gtd": "10704010/010624/0000302", "countryCode": "CN"}]},
            {"id": 123459, "instances": [{"rnpt": "10704010/010624/0000302/001"}]},
        ]
    },
}


@DIALECTS
def test_all_codes_of_an_order_in_one_call(dialect: str) -> None:
    """Contract 2.5: one field for each unit, units in order, the country beside a customs number."""
    this = bench((200, KEPT), dialect=dialect)

    result = this.one(PUT)

    (sent,) = this.sent
    assert (sent.method, sent.path, sent.params, sent.write) == ("PUT", f"{ORDERS}/1/identifiers", None, True)
    assert sent.body == BODY
    assert this.notes.drift == []
    assert (result.external_id, result.ok, result.status) == ("1", True, 200)

    def verdict(mark: Mark, **echo: str) -> CodeVerdict:
        return CodeVerdict("1", mark.kind, mark.value, CodeState.VERIFIED, echo=echo)

    assert result.verdicts == (
        verdict(MARKS[0], cis="0104600439931256215RJZx80hlqAq3"),
        verdict(MARKS[1], cis="01030410947874432155Qbag!", cisFull=FULL),
        verdict(MARKS[2], uin="1234567890123456"),
        verdict(MARKS[3], gtd="10704010/010624/0000302", countryCode="CN"),
        verdict(MARKS[4], rnpt="10704010/010624/0000302/001"),
    )


def test_a_separator_is_escaped_once() -> None:
    """ "\\\\u001d" is the documented mistake: six characters instead of one."""
    this = bench((200, KEPT))

    this.one(PUT)

    written = msgspec.json.encode(this.sent[0].body)
    assert b"Qbag!\\u001d93Zjqw" in written
    assert b"\\\\u001d" not in written
    assert json.loads(written)["items"][0]["instances"][0]["cis"] == FULL


@pytest.mark.parametrize(
    ("text", "code", "conflict"),
    [
        ("Invalid incoming cis for item with id = 123456 for reason: NO_GS", "BAD_CIS", False),
        ("String (643) is not a valid country code according to ISO 3166-1 alpha-2", "BAD_COUNTRY", False),
        (
            "Action is not allowed for order '1' with status 'DELIVERY' and substatus 'DELIVERY_SERVICE_RECEIVED'",
            "NOT_ALLOWED",
            True,
        ),
    ],
)
def test_codes_that_are_refused(text: str, code: str, conflict: bool) -> None:
    this = bench((400, error(text)))

    result = this.one(PUT)

    assert (result.ok, result.code, result.stage_conflict, result.verdicts) == (False, code, conflict, ())
    assert result.detail == f"BAD_REQUEST: {text}"


def test_codes_that_nothing_is_said_about() -> None:
    for body in (OK, {"status": "OK", "result": {"items": None}}, {"status": "OK", "result": {"items": [{"id": 5}]}}):
        result = bench((200, body)).one(PUT)
        assert (result.ok, result.verdicts) == (True, ())
    for body in (b"<html/>", {}, {"result": KEPT["result"]}):
        with pytest.raises(Uncertain):
            bench((200, body)).one(PUT)


@pytest.mark.parametrize(
    "marks", [(), (Mark("x", 1, CodeKind.SGTIN, FULL),), (Mark("1", 1, CodeKind.IMEI, "004321741987258"),)]
)
def test_codes_that_cannot_be_sent(marks: tuple[Mark, ...]) -> None:
    this = bench()

    result = this.one(Outgoing("1", ActionKind.PUT_CODES, marks=marks))

    assert (result.ok, result.code, this.sent) == (False, "NOT_SENT", [])
    assert result.detail


@pytest.mark.parametrize("kind", [ActionKind.DELETE_CODES, ActionKind.CONFIRM, ActionKind.REJECT])
def test_what_is_not_offered(kind: ActionKind) -> None:
    this = bench()

    with pytest.raises(Refused, match="not_offered"):
        this.one(Outgoing("1", kind, code_kind=CodeKind.UIN))

    assert this.sent == []


# Details.

KEYS = '{"11": ["AAAA-BBBB", "CCCC-DDDD"], "12": ["EEEE-FFFF"]}'
BOXES = [[{"item": 123456, "count": 1}, {"item": "123457", "count": 2}], [{"item": 123456, "count": 1}]]


def out(kind: ActionKind, *, reason: str = "", code: str = "", **data: Any) -> Outgoing:
    return Outgoing("1", kind, reason=reason, code=code, data=data)


DETAILS: list[tuple[Outgoing, str, str, dict[str, Any]]] = [
    (out(ActionKind.ACCEPT_CANCEL), "PUT", "cancellation/accept", {"accepted": True}),
    (
        out(ActionKind.REFUSE_CANCEL, reason="ORDER_DELIVERED"),
        "PUT",
        "cancellation/accept",
        {"accepted": False, "reason": "ORDER_DELIVERED"},
    ),
    (
        out(ActionKind.MOVE_DATE, reason="USER_MOVED_DELIVERY_DATES", date="2026-11-25"),
        "PUT",
        "delivery/date",
        {"dates": {"toDate": "2026-11-25"}, "reason": "USER_MOVED_DELIVERY_DATES"},
    ),
    (out(ActionKind.EXTEND_STORAGE, date="2026-12-10"), "PUT", "delivery/storage-limit", {"newDate": "2026-12-10"}),
    (
        out(ActionKind.SEND_TRACK, track="80123456789012", service="139"),
        "POST",
        "delivery/track",
        {"trackCode": "80123456789012", "deliveryServiceId": 139},
    ),
    (out(ActionKind.SET_NUMBER, number="WEB-10023"), "POST", "external-id", {"externalOrderId": "WEB-10023"}),
    (
        out(ActionKind.SET_BOXES, boxes=BOXES),
        "PUT",
        "boxes",
        {
            "boxes": [
                {"items": [{"id": 123456, "fullCount": 1}, {"id": 123457, "fullCount": 2}]},
                {"items": [{"id": 123456, "fullCount": 1}]},
            ],
            "allowRemove": False,
        },
    ),
    (
        out(ActionKind.SET_BOXES, boxes=[[{"item": 5, "part": 1, "parts": 2}], [{"item": 5, "part": 2, "parts": 2}]]),
        "PUT",
        "boxes",
        {
            "boxes": [
                {"items": [{"id": 5, "partialCount": {"current": 1, "total": 2}}]},
                {"items": [{"id": 5, "partialCount": {"current": 2, "total": 2}}]},
            ],
            "allowRemove": False,
        },
    ),
    (
        out(ActionKind.CHANGE_ITEMS, reason="PARTNER_REQUESTED_REMOVE", items={"11": 2, "12": 1}),
        "PUT",
        "items",
        {"items": [{"id": 11, "count": 2}, {"id": 12, "count": 1}], "reason": "PARTNER_REQUESTED_REMOVE"},
    ),
    (
        out(ActionKind.GIVE_DIGITAL, code=KEYS, slip="<p>Введите ключ</p>", until="2027-02-18"),
        "POST",
        "deliverDigitalGoods",
        {
            "items": [
                {
                    "id": 11,
                    "codes": ["AAAA-BBBB", "CCCC-DDDD"],
                    "slip": "<p>Введите ключ</p>",
                    "activate_till": "2027-02-18",
                },
                {"id": 12, "codes": ["EEEE-FFFF"], "slip": "<p>Введите ключ</p>", "activate_till": "2027-02-18"},
            ]
        },
    ),
]


@pytest.mark.parametrize(("action", "method", "place", "body"), DETAILS, ids=lambda value: getattr(value, "kind", None))
@DIALECTS
def test_a_detail(dialect: str, action: Outgoing, method: str, place: str, body: dict[str, Any]) -> None:
    this = bench((200, OK), dialect=dialect)

    result = this.one(action)

    (sent,) = this.sent
    assert (sent.method, sent.path, sent.params, sent.body) == (method, f"{ORDERS}/1/{place}", None, body)
    assert sent.write
    assert result == Result("1", ok=True, status=200)
    assert this.notes.costs == [1]


def test_codes_travel_with_the_boxes_and_with_what_stays() -> None:
    marks = tuple(Mark("123456", unit, CodeKind.SGTIN, f"code-{unit}") for unit in (1, 2, 3))
    boxes = Outgoing("1", ActionKind.SET_BOXES, data={"boxes": BOXES}, marks=marks[:2])
    items = Outgoing(
        "1",
        ActionKind.CHANGE_ITEMS,
        reason="USER_REQUESTED_REMOVE",
        data={"items": {"123456": 2, "123457": 1}},
        marks=marks,
    )
    this = bench((200, OK), (200, OK))

    assert this.one(boxes).ok
    assert this.one(items).ok

    first, second = (sent.body for sent in this.sent)
    assert [row.get("instances") for box in first["boxes"] for row in box["items"]] == [
        [{"cis": "code-1"}],
        None,
        [{"cis": "code-2"}],
    ]
    assert second["items"] == [
        {"id": 123456, "count": 2, "instances": [{"cis": "code-1"}, {"cis": "code-2"}]},
        {"id": 123457, "count": 1},
    ]


#: Every text of contract 2.7 that a change of a detail may be answered with.
REFUSED: list[tuple[ActionKind, str, str, bool]] = [
    *(
        (kind, "Action is not allowed for order '1' with status 'DELIVERED' and substatus 'X'", "NOT_ALLOWED", True)
        for kind in (ActionKind.SEND_TRACK, ActionKind.MOVE_DATE, ActionKind.SET_BOXES)
    ),
    (
        ActionKind.SET_BOXES,
        "Attempt to change order items or instances after READY_TO_SHIP",
        "TOO_LATE",
        False,
    ),
    (ActionKind.SET_BOXES, "Invalid order boxes layout request. Violations: item 11", "BAD_BOXES", False),
    (ActionKind.SET_BOXES, "Invalid incoming cis for item with id = 11 for reason: X", "BAD_CIS", False),
    (
        ActionKind.SET_NUMBER,
        "Cannot do operation for order with status 'DELIVERY', and substatus 'X' (partnerId = 5, orderId = 1)",
        "NOT_ALLOWED",
        True,
    ),
    (
        ActionKind.SET_NUMBER,
        "Cannot do operation, external ID already set for order (partnerId = 5, orderId = 1, externalId = A)",
        "NUMBER_ALREADY_SET",
        False,
    ),
    (
        ActionKind.MOVE_DATE,
        "Exceeded the number of days to edit delivery dates! limit is: '30' days",
        "DATE_TOO_FAR",
        False,
    ),
    (
        ActionKind.MOVE_DATE,
        "Exceeded the number of edits of delivery dates! limit is: '5'",
        "TOO_MANY_DATE_CHANGES",
        False,
    ),
    (ActionKind.MOVE_DATE, "New delivery dates are the same as the current!", "SAME_DATE", False),
    (ActionKind.GIVE_DIGITAL, "Invalid status for order '1': 'DELIVERY', PROCESSING expected", "NOT_ALLOWED", True),
    (ActionKind.GIVE_DIGITAL, "Order.id='1' is not digital.", "NOT_DIGITAL", False),
]


@pytest.mark.parametrize(("kind", "text", "code", "conflict"), REFUSED)
def test_a_detail_that_is_refused(kind: ActionKind, text: str, code: str, conflict: bool) -> None:
    action = next(action for action, *_rest in DETAILS if action.kind == kind)
    this = bench((400, error(text)))

    result = this.one(action)

    assert (result.external_id, result.ok, result.code, result.stage_conflict) == ("1", False, code, conflict)
    assert (result.detail, result.status) == (f"BAD_REQUEST: {text}", 400)


@pytest.mark.parametrize(
    "action",
    [
        out(ActionKind.REFUSE_CANCEL),
        out(ActionKind.MOVE_DATE, date="2026-11-25"),
        out(ActionKind.MOVE_DATE, reason="USER_MOVED_DELIVERY_DATES"),
        out(ActionKind.MOVE_DATE, reason="USER_MOVED_DELIVERY_DATES", date="25.11.2026"),
        out(ActionKind.EXTEND_STORAGE),
        out(ActionKind.EXTEND_STORAGE, date=None),
        out(ActionKind.SEND_TRACK, track="80", service="post"),
        out(ActionKind.SEND_TRACK, track="  ", service="139"),
        out(ActionKind.SEND_TRACK, service="139"),
        out(ActionKind.SET_NUMBER, number=" "),
        out(ActionKind.SET_BOXES, boxes=[]),
        out(ActionKind.SET_BOXES, boxes=[[]]),
        out(ActionKind.SET_BOXES, boxes=[[{"item": "x", "count": 1}]]),
        out(ActionKind.SET_BOXES, boxes=[[{"item": 1}]]),
        out(ActionKind.SET_BOXES),
        out(ActionKind.CHANGE_ITEMS, reason="PARTNER_REQUESTED_REMOVE", items={}),
        out(ActionKind.CHANGE_ITEMS, items={"1": 1}),
        out(ActionKind.GIVE_DIGITAL, slip="x", until="2027-02-18"),
        out(ActionKind.GIVE_DIGITAL, code="{}", slip="x", until="2027-02-18"),
        out(ActionKind.GIVE_DIGITAL, code='{"1": []}', slip="x", until="2027-02-18"),
        out(ActionKind.GIVE_DIGITAL, code='{"1": ["k"]}', until="2027-02-18"),
        Outgoing("abc", ActionKind.ACCEPT_CANCEL),
    ],
)
def test_a_detail_that_cannot_be_sent(action: Outgoing) -> None:
    this = bench()

    result = this.one(action)

    assert (result.external_id, result.ok, result.code) == (action.external_id, False, "NOT_SENT")
    assert result.detail
    assert (this.sent, this.notes.taken) == ([], [])


@pytest.mark.parametrize("body", [b"<html/>", {}, [], {"status": "ERROR"}, {"result": {}}])
def test_a_detail_whose_answer_says_nothing_is_uncertain(body: Any) -> None:
    this = bench((200, body))

    with pytest.raises(Uncertain):
        this.one(DETAILS[0][0])


def test_keys_are_in_no_error_and_in_no_repr() -> None:
    action = next(action for action, *_rest in DETAILS if action.kind == ActionKind.GIVE_DIGITAL)
    this = bench((400, error("Bad code: AAAA-BBBB", code="EEEE-FFFF")))

    result = this.one(action)

    assert (result.code, result.detail) == ("***", "***: Bad code: ***")
    assert "AAAA-BBBB" not in repr(action)


@pytest.mark.parametrize("kind", STEPS)
def test_a_task_of_a_lost_line_is_uncertain(kind: ActionKind) -> None:
    with pytest.raises(Uncertain):
        act(bench(Uncertain("timeout")), kind, "1", reason="SHOP_FAILED")
