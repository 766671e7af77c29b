"""The five shapes in which MeaSoft says no, and answers that are none (contract 1.7)."""

from __future__ import annotations

import pytest

from backoffice.errors import (
    CredentialsError,
    Gone,
    RateLimited,
    Refused,
    Temporary,
    Unreadable,
    UpstreamError,
)
from carriers.types import Problem, ProblemKind

from .support import answer, bench, order, status

ROOT = '<statusreq error="{}" errormsg="{}" errormsgru="{}"/>'
CHILD = '<request><error error="{}" errormsg="{}" errormsgru="{}"/></request>'


def caught(body: object) -> UpstreamError:
    with pytest.raises(UpstreamError) as found:
        bench(body).carrier.track(["MW-1"])
    return found.value


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        # 1: an attribute of the root, of this method or of another one.
        (ROOT.format(25, "authorization error", "Ошибка авторизации"), CredentialsError, "error_25"),
        (ROOT.format(1, "authorization error", "Ошибка авторизации"), CredentialsError, "error_1"),
        ('<request error="25" errormsg="authorization error"/>', CredentialsError, "error_25"),
        (ROOT.format(1, "bad xml", ""), Refused, "xml_syntax"),
        (ROOT.format(13, "mysql error", ""), Temporary, "error_13"),
        (ROOT.format(33, "connection error", ""), Temporary, "error_33"),
        (ROOT.format(14, "unknown function", ""), Refused, "error_14"),
        (ROOT.format(777, "something new", ""), Refused, "error_777"),
        # 2: an element with a number.
        (CHILD.format(1, "authorization error", "Ошибка авторизации"), CredentialsError, "error_1"),
        (CHILD.format(1, "", ""), CredentialsError, "error_1"),
        (CHILD.format(25, "authorization error", ""), CredentialsError, "error_25"),
        (CHILD.format(2, "empty request", ""), Refused, "error_2"),
        (CHILD.format(1, "XML syntax error", "Ошибка разбора XML"), Refused, "xml_syntax"),
        # 3: an element with a text only is about the XML, whatever it says.
        ("<request><error>Opening and ending tag mismatch</error></request>", Refused, "xml_syntax"),
    ],
)
def test_refusals_of_a_whole_answer(body: str, kind: type[UpstreamError], code: str) -> None:
    error = caught(body)

    assert (type(error), error.code) == (kind, code)


def test_the_russian_words_are_kept_for_people() -> None:
    assert caught(ROOT.format(25, "authorization error", "Ошибка авторизации")).detail == "Ошибка авторизации"


@pytest.mark.parametrize(
    "body",
    [
        '<?xml version="1.0"?><statusreq count="0"/>',  # 5
        "<statusreq/>",
        ROOT.format(11, "orders not found", "Заказы не найдены"),
        CHILD.format(11, "orders not found", ""),
    ],
)
def test_nothing_found_is_about_the_number_and_no_error(body: str) -> None:
    assert bench(body).carrier.track(["MW-1"]) == [Problem("MW-1", ProblemKind.NOT_FOUND)]


def test_eleven_of_the_other_table_is_an_error() -> None:
    """In the table of orders 11 is a wrong declared value: the number alone is not enough."""
    error = caught(CHILD.format(11, "wrong declared value", "Неверная объявленная ценность"))

    assert (type(error), error.code) == (Refused, "error_11")


@pytest.mark.parametrize("number", ["", "0"])
def test_error_zero_is_none(number: str) -> None:
    body = answer(order("MW-1", status("NEW", "2026-11-20 14:08:43"))).replace("count=", f'error="{number}" count=')

    assert not isinstance(bench(body).carrier.track(["MW-1"])[0], Problem)


def test_an_unknown_number_is_counted() -> None:
    desk = bench(ROOT.format(777, "something new", ""))

    with pytest.raises(Refused):
        desk.carrier.track(["MW-1"])

    assert desk.notes.drift == [("statusreq", "error", "777")]


@pytest.mark.parametrize("http", [500, 502, 503, 403, 400])
def test_what_is_no_200_is_worth_another_try(http: int) -> None:
    """A page of a firewall on the way must not pause the account."""
    assert type(caught((http, "<html>no</html>"))) is Temporary


def test_too_many_calls() -> None:
    desk = bench((429, "", {"Retry-After": "30"}))

    with pytest.raises(RateLimited) as found:
        desk.carrier.track(["MW-1"])

    assert found.value.until is not None
    assert desk.notes.blocks == [("calls", found.value.until)]


def test_an_address_where_nobody_lives() -> None:
    desk = bench((404, "<html>no</html>"))

    with pytest.raises(Gone):
        desk.carrier.track(["MW-1"])

    assert desk.notes.drift == [("address", "route", "POST")]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><statusreq count="1">&c;</statusreq>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><statusreq count="1">&f;</statusreq>'
)
GOOD = answer(order("MW-1", status("NEW", "2026-11-20 14:08:43", title="Новый")))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (BOMB, "not allowed in XML: DTDForbidden"),
        (OUTSIDE, "not allowed in XML: DTDForbidden"),
        ('<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><statusreq count="0"/>', "not allowed in XML: DTDForbidden"),
        (GOOD[: len(GOOD) // 2], "not well-formed XML"),
        ("", "not well-formed XML"),
        ("<html><body>Работы на сервере<br></body></html>", "not well-formed XML"),
        (GOOD.encode("cp1251"), "not well-formed XML"),  # declared as UTF-8
        (GOOD.replace("UTF-8", "no-such-code"), "the encoding of the XML cannot be read"),
        (GOOD.replace("UTF-8", "utf-7"), "the encoding of the XML cannot be read"),
        ("<statusreq>" + "<a>" * 5000 + "</a>" * 5000 + "</statusreq>", "the XML is nested too deeply"),
        ("<neworder/>", "the answer is not one to this request"),
        (b"\x00\x01\x02", "not well-formed XML"),
    ],
)
def test_what_cannot_be_read(body: str | bytes, reason: str) -> None:
    error = caught(body)

    assert type(error) is Unreadable
    assert error.detail.startswith(reason)
    assert error.body == (body if isinstance(body, bytes) else body.encode())


@pytest.mark.parametrize(
    "body", [BOMB, OUTSIDE, GOOD[: len(GOOD) // 2], GOOD.encode("cp1251"), "", "<html></html>", "<neworder/>"]
)
def test_a_page_of_changes_that_cannot_be_read_is_not_committed(body: str | bytes) -> None:
    desk = bench(body)

    with pytest.raises(Unreadable) as found:
        desk.carrier.changed("")

    assert found.value.body == (body if isinstance(body, bytes) else body.encode())
    assert [request.tag for request in desk.requests] == ["statusreq"]


@pytest.mark.parametrize(("code", "name"), [("cp1251", "windows-1251"), ("utf-16", "utf-16"), ("koi8-r", "koi8-r")])
def test_an_encoding_that_is_declared_is_read(code: str, name: str) -> None:
    (reply,) = bench(GOOD.replace("UTF-8", name).encode(code)).carrier.track(["MW-1"])

    assert not isinstance(reply, Problem)
    assert reply.current.title == "Новый"
