"""From a bad answer to the error that fits. Bodies are those of the Wildberries contract, 1.2, 1.3.1 and 1.6."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
import pytest
import time_machine

from backoffice.answers import Answer, Scrubber
from backoffice.errors import (
    CredentialsError,
    Gone,
    RateLimited,
    Refused,
    Temporary,
    Uncertain,
    Unreadable,
    UpstreamError,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EVERYWHERE: list[tuple[int, str, type[UpstreamError]]] = [
    (400, "IncorrectRequest", Refused),
    (401, "unauthorized", CredentialsError),
    (402, "payment required", CredentialsError),
    (403, "AccessDenied", CredentialsError),
    (404, "NotFound", Refused),
    (404, "", Gone),
    (410, "", Gone),
    (409, "StatusMismatch", Refused),
    (409, "", Refused),
    (420, "", RateLimited),
    (422, "PriceNotCalculated", Refused),
    (423, "Locked", CredentialsError),
    (429, "too many requests", RateLimited),
    (200, "17", Refused),
]


class Orders(msgspec.Struct):
    """A shape to decode into."""

    orders: list[int]


def _answer(status: int = 200, body: bytes = b"{}", *, write: bool = False, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, body, 0.1, "PATCH", "/api/v3/dbs/orders/1/confirm", write)


@pytest.mark.parametrize("write", [True, False], ids=["write", "read"])
@pytest.mark.parametrize(("status", "code", "kind"), EVERYWHERE)
def test_a_status_becomes_the_same_error_for_reads_and_writes(
    status: int, code: str, kind: type[UpstreamError], write: bool
) -> None:
    error = _answer(status, write=write).error(code, "Несоответствие статусов", request_id="f1787с")
    assert type(error) is kind
    assert (error.status, error.code, error.detail) == (status, code, "Несоответствие статусов")
    assert (error.method, error.path, error.request_id) == ("PATCH", "/api/v3/dbs/orders/1/confirm", "f1787с")


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 599])
def test_a_server_error_is_temporary_for_a_read_and_uncertain_for_a_write(status: int) -> None:
    assert type(_answer(status).error()) is Temporary
    assert type(_answer(status, write=True).error("Internal")) is Uncertain


def test_a_rate_limit_knows_until_when() -> None:
    error = _answer(429).error("too many requests", until=NOW)
    assert isinstance(error, RateLimited)
    assert error.until == NOW
    unknown = _answer(429).error()
    assert isinstance(unknown, RateLimited)
    assert unknown.until is None


def test_decoding_gives_the_shape() -> None:
    assert _answer(body=b'{"orders":[1,2],"next":5}').decode(Orders) == Orders([1, 2])
    assert _answer(body=b'{"orders":["1",2]}').decode(Orders, strict=False) == Orders([1, 2])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"orders": [1, 2',
        b'{"orders": null}',
        b'{"orders": ["1"]}',
        b"[]",
        b'{"orders": ["\xff"]}',
        b"[" * 100_000,
        b"\xef\xbb\xbf{}",
    ],
    ids=["empty", "html", "half", "null", "string", "list", "latin", "deep", "mark"],
)
def test_a_body_of_another_shape_is_unreadable_or_uncertain(body: bytes) -> None:
    read = _answer(body=body, Content_Type="application/json")
    with pytest.raises(Unreadable) as caught:
        read.decode(Orders)
    assert (caught.value.code, caught.value.status, caught.value.digest) == ("unreadable", 200, read.digest)
    assert caught.value.detail.endswith(f"(application/json, {len(body)} bytes)")
    assert caught.value.__context__ is None
    with pytest.raises(Uncertain):
        _answer(body=body, write=True).decode(Orders)


class Status(msgspec.Struct):
    """A shape whose errors quote what they found."""

    stage: Literal["new", "confirm"]


def test_values_of_the_body_stay_out_of_the_reason() -> None:
    for phone in ("+79871234567", "+7987'123'4567", "+7987'1234567", '+7987"1234567', "+7987\"123'4567"):
        with pytest.raises(Unreadable) as caught:
            _answer(body=msgspec.json.encode({"stage": phone})).decode(Status)
        assert caught.value.detail.startswith("Invalid enum value '…' - at `$.stage` (no content type, ")
        assert "987" not in caught.value.detail


@pytest.mark.parametrize(
    ("headers", "names", "seconds"),
    [
        ({"Retry_After": "120"}, (), 120),
        ({"X_Ratelimit_Retry": "2", "X_Ratelimit_Reset": "29"}, ("X-Ratelimit-Retry",), 2),
        ({"X_Ratelimit_Retry": "0.5"}, ("X-Ratelimit-Retry",), 0.5),
        ({"Until": "Sun, 22 Nov 2026 09:18:00 GMT"}, ("Until",), 18 * 60),
        ({"Until": "Sun, 22 Nov 2026 12:18:00 +0300"}, ("Until",), 18 * 60),
        ({"Until": "Sun, 22 Nov 2020 09:18:00 GMT"}, ("Until",), 0),
        ({"Retry_After": "999999999"}, (), 86_400),
        ({"Second": "5"}, ("First", "Second"), 5),
        ({"First": "soon", "Second": "5"}, ("First", "Second"), 5),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_the_time_of_the_next_call(headers: dict[str, str], names: tuple[str, ...], seconds: float) -> None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    assert Answer(429, named, b"").retry_at(*names) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "-5", "nan", "1e400", "99 Foo 9999", "٣"])
def test_a_time_that_makes_no_sense_is_none(text: str) -> None:
    assert _answer(429, Retry_After=text).retry_at() is None
    assert _answer(429).retry_at() is None


def test_secrets_are_scrubbed_in_every_spelling() -> None:
    scrub = Scrubber(['a/b+c&"d"ё', "", "a/b"])
    assert scrub('1 a/b+c&"d"ё 2') == "1 *** 2"
    assert scrub("a%2Fb%2Bc%26%22d%22%D1%91") == "***"
    assert scrub('{"x":"a/b+c&\\"d\\"ё"}') == '{"x":"***"}'
    assert scrub("<x>a/b+c&amp;&quot;d&quot;ё</x>") == "<x>***</x>"
    assert scrub('<x>a/b+c&amp;"d"ё a/b</x>') == "<x>*** ***</x>"
    assert repr(scrub) == "<Scrubber>"
    assert Scrubber()("untouched") == "untouched"


def test_foreign_words_become_one_line_of_bounded_length() -> None:
    error = _answer(400).error("Bad\r\nRequest " + "x" * 500, "one\n\x00two " + "y" * 5000)
    assert error.code.startswith("Bad Request xxx")
    assert len(error.code) == 120
    assert error.detail.startswith("one two yyy")
    assert len(error.detail) == 1000


def test_an_answer_shows_no_content() -> None:
    answer = _answer(body=b"+79871234567", Set_Cookie="session=1")
    assert repr(answer) == (
        "Answer(status=200, elapsed=0.1, method='PATCH', path='/api/v3/dbs/orders/1/confirm', write=False)"
    )
