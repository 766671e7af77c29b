"""Every change of a status that is sent, its exact body, and what the answer means (contract 2.5, 2.6, 2.7)."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.errors import Refused, Temporary, Uncertain
from orders.enums import ActionKind
from orders.marketplaces.base import Outgoing, Result

from .support import ORDERS, act, bench, error, v2_order

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


@pytest.mark.parametrize("kind", STEPS)
def test_a_task_of_a_lost_line_is_uncertain(kind: ActionKind) -> None:
    with pytest.raises(Uncertain):
        act(bench(Uncertain("timeout")), kind, "1", reason="SHOP_FAILED")
