"""Every change of a detail that is sent, its exact body, and what the answer means (contract 2.5, 2.7)."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.errors import Uncertain
from orders.enums import ActionKind, CodeKind
from orders.marketplaces.base import Mark, Outgoing, Result

from .support import OK, ORDERS, bench, error

DIALECTS = pytest.mark.parametrize("dialect", ["business", "v2"])

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


def test_items_are_changed_without_a_word() -> None:
    """[YM-SPEC] updateOrderItems: "Выходные данные не ожидаются"; the others say OK."""
    items = next(action for action, *_rest in DETAILS if action.kind == ActionKind.CHANGE_ITEMS)

    assert bench((200, b"")).one(items) == Result("1", ok=True, status=200)
    for action, *_rest in DETAILS:
        if action.kind != ActionKind.CHANGE_ITEMS:
            with pytest.raises(Uncertain):
                bench((200, b"")).one(action)


def test_keys_are_in_no_error_and_in_no_repr() -> None:
    action = next(action for action, *_rest in DETAILS if action.kind == ActionKind.GIVE_DIGITAL)
    this = bench((400, error("Bad code: AAAA-BBBB", code="EEEE-FFFF")))

    result = this.one(action)

    assert (result.code, result.detail) == ("***", "***: Bad code: ***")
    assert "AAAA-BBBB" not in repr(action)
