"""Logs: what must never be written is masked, what helps is kept."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
import structlog

from backoffice import logs

MASK = "***"


@contextmanager
def written() -> Iterator[StringIO]:
    """What the program's own handler writes, as text."""
    logs.configure(level="INFO", console=False)
    stream = StringIO()
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(stream)
    try:
        yield stream
    finally:
        handler.setStream(before)
        logs.configure(level="INFO", console=False)


@pytest.mark.parametrize(
    "text",
    [
        "+7 916 123-45-67",
        "+79161234567",
        "8 (916) 123-45-67",
        "79161234567",
        "9161234567",
        "+375 29 123-45-67",
        "375291234567",
    ],
)
def test_phones_are_masked(text: str) -> None:
    assert logs.redact_text(f"call {text} back") == f"call {MASK} back"


@pytest.mark.parametrize(
    "text",
    [
        "order 13833711",
        "order 3123456789",
        "/api/marketplace/v3/dbs/orders/9123456789/client",
        "2025-11-22T08:45:00.123456+03:00",
        "2025-11-22 08:45:00",
        "gtin 4600439931256",
        "status 200 in 35.2 ms",
        "uin 1234567890123456",
        "127.0.0.1:8000",
    ],
)
def test_identifiers_and_times_are_kept(text: str) -> None:
    assert logs.redact_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abc.def-123",
        "Authorization: Token abc.def-123",
        "token=abc.def-123",
        "sent eyJhbGciOiJFUzI1NiJ9.eyJlbnQiOjF9.c2ln",
        "postgres://root:abc.def-123@db:5432/x",
    ],
)
def test_secrets_in_texts_are_masked(text: str) -> None:
    clean = logs.redact_text(text)

    assert MASK in clean
    assert "abc.def-123" not in clean
    assert "eyJ" not in clean


@pytest.mark.parametrize(
    "key",
    (
        "token api_token code confirmation_code phone phoneNumber phoneCodes name firstName address authorization "
        "Authorization password client_secret api_key comment email"
    ).split(),
)
def test_values_under_secret_keys_are_masked(key: str) -> None:
    assert logs.redact({key: "Anna"}) == {key: MASK}


@pytest.mark.parametrize("key", ["status_code", "error_code", "code_kind", "logger", "event", "codec", "renamed"])
def test_values_under_harmless_keys_are_kept(key: str) -> None:
    assert logs.redact({key: "Anna"}) == {key: "Anna"}


def test_mappings_and_sequences_are_walked() -> None:
    value = {"call": {"headers": [("x", "y")], "body": {"phone": 79161234567}}, "ids": {1}, "raw": b"1234"}

    clean: dict[str, Any] = logs.redact(value)

    assert clean == {"call": {"headers": [["x", "y"]], "body": {"phone": MASK}}, "ids": [1], "raw": "<4 bytes>"}


def test_a_line_is_json_and_keeps_its_facts() -> None:
    with written() as stream:
        structlog.get_logger("some.module").info("http_call", upstream="wildberries", status=200, ms=35.2)

    line = json.loads(stream.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "http_call",
        "level": "info",
        "logger": "some.module",
        "upstream": "wildberries",
        "status": 200,
        "ms": 35.2,
    }


def test_a_planted_secret_is_in_no_line_whoever_logs_it() -> None:
    with written() as stream:
        structlog.get_logger("ours").warning(
            "buyer +79161234567", phone="+79161234567", nested={"token": "s3cret-t0ken"}
        )
        logging.getLogger("theirs").error("Bearer %s for %s", "s3cret-t0ken", "+79161234567", extra={"code": "4711"})
        try:
            raise ValueError("no such buyer: +79161234567, token=s3cret-t0ken")
        except ValueError:
            logging.getLogger("theirs").exception("failed")

    text = stream.getvalue()
    assert text.count("\n") == 3
    assert "ValueError" in text
    assert [word for word in ("9161234567", "s3cret", "4711") if word in text] == []


def test_a_newline_in_a_value_does_not_make_a_second_line() -> None:
    with written() as stream:
        structlog.get_logger("ours").info("scan", raw='one\n{"level": "error"}')

    assert stream.getvalue().count("\n") == 1
