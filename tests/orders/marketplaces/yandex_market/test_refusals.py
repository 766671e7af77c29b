"""Texts of contract 2.7 and what they mean here."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from backoffice.answers import Answer
from orders.marketplaces.yandex_market import word_name
from orders.marketplaces.yandex_market.refusals import ERROR_WORDS, canonical, of_text, said
from tests.orders.marketplaces.support import as_bytes

from .support import error

#: Every text of contract 2.7, filled in, and whether it speaks of the present status.
TEXTS: list[tuple[str, str, bool]] = [
    (
        "Action is not allowed for order '55' with status 'DELIVERED' and substatus 'DELIVERY_SERVICE_DELIVERED'",
        "NOT_ALLOWED",
        True,
    ),
    ("Attempt to change order items or instances after READY_TO_SHIP", "TOO_LATE", False),
    (
        "Cancellation request substatus 'PICKUP_EXPIRED' is not available for status 'PROCESSING' and role 'SHOP' for order '55'",
        "BAD_SUBSTATUS",
        False,
    ),
    (
        "Cannot do operation for order with status 'DELIVERY', and substatus 'X' (partnerId = 1, orderId = 55)",
        "NOT_ALLOWED",
        True,
    ),
    (
        "Cannot do operation, external ID already set for order (partnerId = 1, orderId = 55, externalId = A)",
        "NUMBER_ALREADY_SET",
        False,
    ),
    ("Delivery date 2026-12-01 can't be in the future", "FUTURE_DATE", False),
    ("Real delivery date should be from order creation date to current date inclusively", "DATE_OUT_OF_RANGE", False),
    ("Exceeded the number of days to edit delivery dates! limit is: '30' days", "DATE_TOO_FAR", False),
    ("Exceeded the number of edits of delivery dates! limit is: '5'", "TOO_MANY_DATE_CHANGES", False),
    ("New delivery dates are the same as the current!", "SAME_DATE", False),
    ("Invalid filters: interval between '2026-01-01' and '2026-03-01' is more than '30' days.", "BAD_PERIOD", False),
    ("Order creation start date is required to be less than end date", "BAD_PERIOD", False),
    ("Order shipment start date is required to be less than end date", "BAD_PERIOD", False),
    ("Order update start date is required to be less than end date", "BAD_PERIOD", False),
    ("Invalid incoming cis for item with id = 11 for reason: NO_GS", "BAD_CIS", False),
    ("String (643) is not a valid country code according to ISO 3166-1 alpha-2", "BAD_COUNTRY", False),
    ("Invalid order boxes layout request. Violations: item 11", "BAD_BOXES", False),
    ("Invalid status for order '55': 'DELIVERY', PROCESSING expected", "NOT_ALLOWED", True),
    ("Order.id='55' is not digital.", "NOT_DIGITAL", False),
    ("No permission to set status 'PICKUP' for order '55' with status 'PROCESSING'", "NO_PERMISSION", True),
    ("No transition found: 'PROCESSING' -> 'DELIVERED'", "NO_TRANSITION", True),
    ("Transition 'DELIVERY' -> 'DELIVERED' is not allowed. Reason: x", "TRANSITION_NOT_ALLOWED", True),
    ("Status change was forbidden for client role = 'SHOP'", "FORBIDDEN_FOR_ROLE", False),
    ("Status not allowed: 'RESERVED'", "STATUS_NOT_ALLOWED", True),
    ("Not a business buyer.", "NOT_BUSINESS", False),
    (
        "Order is in the wrong status, it's only possible starting from the status PROCESSING.",
        "WRONG_STATUS",
        True,
    ),
    ("Order is not in shop-processing status (actual: 'DELIVERED').", "WRONG_STATUS", True),
    ("Order not found: '55'", "NOT_FOUND", False),
    ("Order not found: partnerId = 1, orderId = 55", "NOT_FOUND", False),
    ("Campaign '5' has no order id '55'", "NOT_FOUND", False),
    ("API for campaign 5 disabled due to inactivity.", "INACTIVE", False),
    ("Business is in migration", "MIGRATION", False),
    ("Campaign is in business migration", "MIGRATION", False),
    ("Partner use only default price", "ONLY_DEFAULT_PRICE", False),
    ("Hit rate limit of 4 parallel requests for campaignId 12345", "PARALLEL_LIMIT", False),
    ("Hit rate limit of '100' requests per 'hour' for resource '1' for campaign", "RATE_LIMIT", False),
    ("Campaign type is not allowed. Allowed campaign types: 'DBS'", "WRONG_MODEL", False),
    ("The request is too big: 600000", "TOO_BIG", False),
    ("Bad page token", "BAD_PAGE_TOKEN", False),
    ("'order' must not be null (rejected value: null)", "BAD_REQUEST", False),
    ("'items' must not be empty (rejected value: '[]')", "BAD_REQUEST", False),
    ("'orders' size must be between '1' and '30' (rejected size: '31')", "BAD_REQUEST", False),
    ("'id' must be greater than or equal to '1' (rejected value: '0')", "BAD_REQUEST", False),
    ("'code' must match '[A-Z]' (rejected value: 'a')", "BAD_REQUEST", False),
    ("Type mismatch: 'x'", "BAD_REQUEST", False),
    ("JSON: Unexpected character", "BAD_REQUEST", False),
    ("Illegal input at 'order.status'", "BAD_REQUEST", False),
    ("Required request body is missing", "BAD_REQUEST", False),
    ("Required request parameter 'limit' is not present", "BAD_REQUEST", False),
    ("Unexpected end of content", "BAD_REQUEST", False),
    ("Content type 'text/plain' not supported", "BAD_REQUEST", False),
    ("Parameter limit must be less than or equal to 50 (rejected value: 51)", "BAD_REQUEST", False),
]


def answer(status: int, body: Any, **headers: str) -> Answer:
    return Answer(status, headers, as_bytes(body))


@pytest.mark.parametrize(("message", "word", "conflict"), TEXTS)
def test_a_text_of_the_contract_has_a_word_and_the_word_a_name(message: str, word: str, conflict: bool) -> None:
    found = of_text(message)

    assert (found.code, found.stage_conflict, found.known) == (word, conflict, True)
    assert found.detail == message
    assert word_name("error", word) != word


@pytest.mark.parametrize("message", ["", "Something new", "order found", "Orders are fine"])
def test_any_other_text_has_none(message: str) -> None:
    assert canonical(message) == ""
    assert not of_text(message).known


def test_an_envelope_with_several_errors_is_told_whole() -> None:
    body = {
        "status": "ERROR",
        "errors": [
            {"code": "BAD_REQUEST", "message": "'order' must not be null (rejected value: null)"},
            {"code": "INVALID_DATA"},
            {"code": "X", "message": "No transition found: 'PROCESSING' -> 'DELIVERED'"},
        ],
    }

    found = said(answer(400, body))

    assert found.detail == (
        "BAD_REQUEST: 'order' must not be null (rejected value: null); INVALID_DATA; "
        "X: No transition found: 'PROCESSING' -> 'DELIVERED'"
    )
    assert (found.code, found.known, found.enveloped) == ("BAD_REQUEST", True, True)


def test_an_envelope_in_unknown_words() -> None:
    found = said(answer(400, error("Something new", code="SOMETHING_NEW")))
    plain = said(answer(400, error("Something new", code="INVALID_DATA")))

    assert (found.code, found.detail, found.known) == ("SOMETHING_NEW", "SOMETHING_NEW: Something new", False)
    assert (plain.code, plain.known) == ("INVALID_DATA", True)


@pytest.mark.parametrize(
    "body", [b"<html>key 123</html>", b"", [], {}, {"status": "ERROR"}, {"status": "ERROR", "errors": [{}]}]
)
def test_what_is_no_error_of_yandex_market_is_described_and_not_quoted(body: Any) -> None:
    found = said(answer(403, body, **{"Content-Type": "text/html"}))

    assert (found.code, found.enveloped, found.known) == ("", False, False)
    assert found.detail == f"HTTP 403, not an error of Yandex Market (text/html, {len(as_bytes(body))} bytes)"


def test_every_word_has_a_name_of_its_own() -> None:
    with translation.override("en"):
        names = {word: word_name("error", word) for word in ERROR_WORDS}

    assert all(name != word for word, name in names.items())
