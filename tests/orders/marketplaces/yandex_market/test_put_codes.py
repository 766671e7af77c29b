"""Marking codes on their way out and what comes back of them (contract 2.5)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from backoffice.errors import Refused, Uncertain
from orders.enums import ActionKind, CodeKind, CodeState
from orders.marketplaces.base import CodeVerdict, Mark, Outgoing

from .support import OK, ORDERS, bench, error

DIALECTS = pytest.mark.parametrize("dialect", ["business", "v2"])

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
    empty: list[Any] = [OK, {**OK, "result": {"items": None}}, {**OK, "result": {"items": [{"id": 5}]}}]
    for body in empty:
        result = bench((200, body)).one(PUT)
        assert (result.ok, result.verdicts) == (True, ())
    strange: list[Any] = [b"<html/>", {}, {"result": KEPT["result"]}]
    for body in strange:
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
