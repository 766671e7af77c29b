"""What is asked of Dellin, how it says no, and the order journal."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import time_machine

from backoffice.errors import (
    CredentialsError,
    Gone,
    Invalid,
    RateLimited,
    Refused,
    Temporary,
    UpstreamError,
)
from carriers.types import Problem, ProblemKind
from tests.carriers.support import sample

from .support import (
    APPKEY,
    PAT,
    bench,
    connection,
    history,
    problem,
    refusal,
    row,
    snapshot,
)

AT = "2026-11-15T10:00:00+03:00"
NUMBERS = ["1001", "1002", "1003", "1004", "1005"]
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


# What is asked.


def test_five_numbers_in_one_call_and_never_both_keys() -> None:
    desk = bench(refusal(130002, "Заказ не найден"))

    desk.carrier.track(NUMBERS)

    (sent,) = desk.script.sent
    assert (sent.method, sent.path, sent.write) == ("POST", "/v3/orders/statuses_history.json", False)
    assert sent.body == {"appkey": APPKEY, "docIds": NUMBERS}


def test_six_are_too_many_and_nothing_is_sent() -> None:
    desk = bench()

    with pytest.raises(Invalid, match="too_many"):
        desk.carrier.track([*NUMBERS, "1006"])

    assert desk.script.sent == []


def test_by_the_shops_own_number_one_a_call() -> None:
    desk = bench(history(row("inway", AT)), number="webOrderNumber")

    (reply,) = desk.carrier.track(["935743976"])

    assert desk.bodies == [{"appkey": APPKEY, "webOrderNumber": "935743976"}]
    assert (snapshot(reply).number, snapshot(reply).own_number, snapshot(reply).aliases) == (
        "935743976",
        "935743976",
        ("400267443",),
    )
    assert desk.carrier.offer.batch == 1


def test_the_xml_of_the_seed_with_one_of_both_keys() -> None:
    desk = bench(sample("dellin.statuses_history.response.xml"), dialect="xml")

    desk.carrier.track(["400267443", "400267444"])

    (sent,) = desk.script.sent
    assert sent.path == "/v3/orders/statuses_history.xml"
    lines = sample("dellin.statuses_history.request.xml").decode().split("\n")
    expected = "".join(line.strip() for line in lines if "webOrderNumber" not in line)
    assert sent.body.decode().split("\n", 1)[1] == expected


def test_the_json_of_the_seed_with_one_of_both_keys() -> None:
    desk = bench(sample("dellin.statuses_history.response.json"))

    desk.carrier.track(["400267443", "400267444"])

    expected = json.loads(sample("dellin.statuses_history.request.json"))
    del expected["webOrderNumber"]
    assert desk.bodies == [expected]


def test_a_number_that_is_none_is_not_sent() -> None:
    desk = bench(history(row("inway", AT)))

    bad, good, twice = desk.carrier.track(["no digits", " 400267443 ", "400267443"])

    assert problem(bad).kind == ProblemKind.NOT_FOUND
    assert (snapshot(good).number, snapshot(twice).number) == (" 400267443 ", "400267443")
    assert desk.bodies[0]["docIds"] == ["400267443"]
    assert bench().carrier.track(["?", ""]) != []


@pytest.mark.parametrize("number", ["400267443", "16-00191126432", "935743976", "22-01471046523/1", "АА-123"])
def test_numbers(number: str) -> None:
    assert bench().carrier.clean_number(f" {number}\n") == number


@pytest.mark.parametrize("number", ["", "12", "номер", "4" * 41, "4002 67443", "<400>", "=1+1"])
def test_numbers_that_are_none(number: str) -> None:
    with pytest.raises(Invalid, match="number"):
        bench().carrier.clean_number(number)


def test_find_by_the_shops_own_number() -> None:
    desk = bench(
        history(row("inway", AT)), refusal(130002, "Заказ не найден"), refusal(130002, "Найдено более одного заказа")
    )

    (reply,) = desk.carrier.find("MW-1")
    nothing, several = desk.carrier.find("MW-2"), desk.carrier.find("MW-3")

    assert (snapshot(reply).number, snapshot(reply).own_number) == ("400267443", "MW-1")
    assert desk.bodies[0] == {"appkey": APPKEY, "webOrderNumber": "MW-1"}
    assert nothing == []
    assert [problem(each).kind for each in several] == [ProblemKind.AMBIGUOUS]


@pytest.mark.parametrize(
    ("name", "value"),
    [("number", "barcode"), ("arrival", "moon"), ("session_minutes", 0), ("journal_timezone", "Mars"), ("limits", "{")],
)
def test_options_that_make_no_sense(name: str, value: Any) -> None:
    with pytest.raises(Invalid) as found:
        bench(**{name: value})

    assert (found.value.code, found.value.facts) == ("option", {"option": name})


# How it says no.


@pytest.mark.parametrize(
    ("detail", "kind"),
    [
        ("Заказ не найден", ProblemKind.NOT_FOUND),
        ("Найдено более одного заказа", ProblemKind.AMBIGUOUS),
        ("", ProblemKind.NOT_FOUND),
    ],
)
@pytest.mark.parametrize("http", [200, 400, 404, 500])
def test_130002_is_about_the_number_and_no_failure(detail: str, kind: ProblemKind, http: int) -> None:
    desk = bench((http, refusal(130002, detail, http)))

    (reply,) = desk.carrier.track(["400267443"])

    assert (problem(reply).number, problem(reply).kind) == ("400267443", kind)


def test_130002_of_several_numbers_is_about_each() -> None:
    desk = bench(refusal(130002, "Заказ не найден"))

    assert desk.carrier.track(["1001", "1002"]) == [
        Problem("1001", ProblemKind.NOT_FOUND, "Заказ не найден"),
        Problem("1002", ProblemKind.NOT_FOUND, "Заказ не найден"),
    ]


@pytest.mark.parametrize(
    ("http", "body", "kind"),
    [
        (200, refusal(281017, "Недопустимое значение параметра"), Refused),
        (400, refusal(117004, "значение не найдено в справочнике"), Refused),
        (200, refusal(999, "ключ", 401), CredentialsError),
        (403, refusal(999, "ключ", 200), CredentialsError),
        (200, refusal(999, "позже", 503), Temporary),
        (200, refusal(999, "много", 429), RateLimited),
        (500, {"metadata": {"status": 500}}, Temporary),
        (200, {"metadata": {"status": 401, "detail": "no key"}}, CredentialsError),
        (200, {"errors": {"docid": "неверный номер"}}, Refused),  # older methods: by field
        (200, {"errors": {"docid": ["неверный", "номер"]}}, Refused),
        (200, {"errors": "неверный номер"}, Refused),
        (200, {"errors": ["неверный номер"]}, Refused),
        (404, {"metadata": {"status": 404}}, Gone),
        (404, b"<html>no</html>", Gone),
        (429, b"<html>wait</html>", RateLimited),
        # A page of a firewall or a captcha on the way must not pause the account.
        (403, b"<html>are you a robot</html>", Temporary),
        (401, b"<html>are you a robot</html>", Temporary),
        (400, b"{}", Temporary),
        (502, b"<html>bad gateway</html>", Temporary),
    ],
)
def test_refusals(http: int, body: Any, kind: type[UpstreamError]) -> None:
    with pytest.raises(UpstreamError) as found:
        bench((http, body)).carrier.track(["400267443"])

    assert type(found.value) is kind


@pytest.mark.parametrize(
    "errors", [{"docid": "неверный номер"}, "неверный номер", ["неверный номер"], [{"detail": "неверный номер"}]]
)
def test_the_words_of_every_form_are_kept(errors: Any) -> None:
    with pytest.raises(Refused) as found:
        bench({"errors": errors}).carrier.track(["400267443"])

    assert "неверный номер" in found.value.detail


def test_refusals_in_xml() -> None:
    body = (
        "<response><metadata><status>400</status></metadata><errors><code>130002</code>"
        "<detail>Найдено более одного заказа</detail><fields>docIds</fields></errors></response>"
    )

    (reply,) = bench(body, dialect="xml").carrier.track(["400267443"])

    assert reply == Problem("400267443", ProblemKind.AMBIGUOUS, "Найдено более одного заказа")


def test_an_unlisted_code_is_counted() -> None:
    desk = bench(refusal(130777, "что-то новое"))

    with pytest.raises(Refused, match="130777"):
        desk.carrier.track(["400267443"])

    assert desk.notes.drift == [("/v3/orders/statuses_history.json", "error", "130777")]


@time_machine.travel(NOW, tick=False)
def test_too_many_calls_stop_both_budgets() -> None:
    desk = bench((429, refusal(999, "много", 429)))

    with pytest.raises(RateLimited) as found:
        desk.carrier.track(["400267443"])

    assert found.value.until == NOW + timedelta(minutes=1)
    assert desk.notes.blocks == [("minute", NOW + timedelta(minutes=1)), ("hour", NOW + timedelta(minutes=1))]


def test_two_budgets_are_asked_before_each_call() -> None:
    """45 in any minute and 1600 in any hour: what is there at once and what comes back meanwhile together."""
    desk = bench(history(row("inway", AT)))
    desk.notes.refuse.append(RateLimited("budget"))

    with pytest.raises(RateLimited):
        desk.carrier.track(["400267443"])
    assert desk.script.sent == []
    desk.carrier.track(["400267443"])

    (rules,) = desk.notes.taken
    assert rules["minute"].capacity + 60 / rules["minute"].interval <= 45
    assert rules["hour"].capacity + 3600 / rules["hour"].interval <= 1600
    assert set(rules) == {"minute", "hour"}


def test_secrets_are_not_shown() -> None:
    shown = f"{connection(pat=PAT)!r} {bench(pat=PAT).carrier!r} {bench(pat=PAT).carrier.client!r}"

    assert PAT not in shown
    assert APPKEY not in shown


def test_raw_is_what_came() -> None:
    rows = [row("inway", AT, planet="Mars")]

    (reply,) = bench(history(*rows)).carrier.track(["400267443"])

    assert msgspec.json.decode(snapshot(reply).raw) == rows
