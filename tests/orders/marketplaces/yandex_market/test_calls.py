"""Every call: its limit before it leaves, its place among those under way, what a refusal becomes (contract 2.1, 2.7, 2.8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from backoffice.errors import (
    CredentialsError,
    Gone,
    RateLimited,
    Refused,
    Temporary,
    Uncertain,
    UpstreamError,
)
from backoffice.rates import Rule
from orders.enums import ActionKind
from orders.marketplaces.base import Outgoing

from .support import CAMPAIGN, OK, Bench, act, bench, error, order, page

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
UNTIL = "Sat, 21 Nov 2026 12:30:00 GMT"
HOUR_LIMIT = "Hit rate limit of '10000' requests per 'hour' for resource '5' for campaign"
PARALLEL = f"Hit rate limit of 4 parallel requests for campaignId {CAMPAIGN}"
DIALECTS = pytest.mark.parametrize("dialect", ["business", "v2"])


def listing(this: Bench) -> None:
    this.provider.finished_orders(NOW - timedelta(days=1), NOW, None)


def error_of(this: Bench, *, write: bool = False) -> UpstreamError:
    """The error of a list of orders, or of a change of two of them at once."""
    with pytest.raises(UpstreamError) as caught:
        act(this, ActionKind.DELIVER, "1", "2") if write else listing(this)
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "detail"),
    [
        (
            401,
            error("Api-Key token is invalid", code="UNAUTHORIZED"),
            CredentialsError,
            "UNAUTHORIZED",
            "UNAUTHORIZED: Api-Key token is invalid",
        ),
        (401, b"", CredentialsError, "http_401", None),
        (
            403,
            error("Access denied", code="FORBIDDEN"),
            CredentialsError,
            "FORBIDDEN",
            "FORBIDDEN: Access denied",
        ),
        (
            403,
            error(f"API for campaign {CAMPAIGN} disabled due to inactivity.", code="FORBIDDEN"),
            CredentialsError,
            "INACTIVE",
            f"FORBIDDEN: API for campaign {CAMPAIGN} disabled due to inactivity.",
        ),
        (
            423,
            error("Business is in migration", code="LOCKED"),
            CredentialsError,
            "MIGRATION",
            "LOCKED: Business is in migration",
        ),
        (
            423,
            error("Campaign is in business migration", code="LOCKED"),
            CredentialsError,
            "MIGRATION",
            "LOCKED: Campaign is in business migration",
        ),
        (
            423,
            error("Partner use only default price", code="LOCKED"),
            CredentialsError,
            "ONLY_DEFAULT_PRICE",
            "LOCKED: Partner use only default price",
        ),
        (403, b"<html>blocked</html>", Temporary, "http_403", None),
        (423, b"<html>locked</html>", Temporary, "http_423", None),
        (
            400,
            error("Campaign type is not allowed. Allowed campaign types: 'FBS'"),
            Refused,
            "WRONG_MODEL",
            "BAD_REQUEST: Campaign type is not allowed. Allowed campaign types: 'FBS'",
        ),
        (405, error("Request method not supported", code="METHOD"), Refused, "METHOD", None),
        (415, error("Content type 'text/plain' not supported"), Refused, "BAD_REQUEST", None),
        (400, b"[]", Refused, "http_400", None),
    ],
)
@DIALECTS
def test_refusals(
    dialect: str, status: int, body: Any, kind: type[UpstreamError], code: str, detail: str | None
) -> None:
    for write in (False, True):
        this = bench((status, body), dialect=dialect)
        found = error_of(this, write=write)

        assert type(found) is kind
        assert (found.status, found.code) == (status, code)
        assert detail is None or found.detail == detail
        # A 4xx costs what every call costs, and that was paid before.
        assert (len(this.notes.taken), this.notes.penalties, this.notes.blocks) == (1, [], [])


def test_a_refusal_in_no_known_words_is_counted() -> None:
    for body, name in ((error("Something new", code="SOMETHING_NEW"), "SOMETHING_NEW"), (b"<html/>", "HTTP 400")):
        this = bench((400, body))
        error_of(this)

        assert this.notes.drift == [("business orders", "error", name)]


@pytest.mark.parametrize("status", [499, 500, 503])
def test_a_server_error(status: int) -> None:
    reading, writing = bench((status, error("x"))), bench((status, b"<html/>"))

    expected = (Temporary, Uncertain) if status >= 500 else (Refused, Refused)
    assert (type(error_of(reading)), type(error_of(writing, write=True))) == expected


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-RateLimit-Resource-Until": UNTIL, "X-RateLimit-Resource-Remaining": "0"}, timedelta(minutes=30)),
        ({"X-RateLimit-Resource-Until": "soon"}, timedelta(minutes=1)),
        ({}, timedelta(minutes=1)),
    ],
)
def test_the_limit_of_the_hour_is_used_up(headers: dict[str, str], wait: timedelta) -> None:
    this = bench((420, error(HOUR_LIMIT, code="LIMIT_EXCEEDED"), headers))

    found = error_of(this)

    assert isinstance(found, RateLimited)
    assert (found.code, found.until) == ("RATE_LIMIT", NOW + wait)
    assert this.notes.blocks == [(f"business/orders:{CAMPAIGN}", NOW + wait)]
    assert this.notes.drift == []


@time_machine.travel(NOW, tick=False)
def test_too_many_calls_at_the_same_time() -> None:
    """The hour goes on: only a place is not free."""
    this = bench((420, error(PARALLEL, code="LIMIT_EXCEEDED"), {"X-RateLimit-Resource-Until": UNTIL}))

    found = error_of(this, write=True)

    assert isinstance(found, RateLimited)
    assert (found.code, found.until) == ("PARALLEL_LIMIT", NOW + timedelta(seconds=1))
    assert this.notes.blocks == []


@pytest.mark.parametrize(("remaining", "told"), [("4999", [4999]), ("5000", []), ("9998", []), ("-1", []), ("", [])])
def test_what_is_left_of_the_hour_counts(remaining: str, told: list[int]) -> None:
    """Contract 2.8: others may use the same key, so the market's own count is the truth."""
    headers = {"X-RateLimit-Resource-Remaining": remaining, "X-RateLimit-Resource-Until": UNTIL}
    this = bench((200, page(), headers), dialect="v2")

    listing(this)

    assert [amount for _group, amount in this.notes.lefts] == told
    assert this.notes.blocks == []


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("headers", "blocked"),
    [
        ({"X-RateLimit-Resource-Remaining": "0", "X-RateLimit-Resource-Until": UNTIL}, True),
        ({"X-RateLimit-Resource-Remaining": "1", "X-RateLimit-Resource-Until": UNTIL}, False),
        ({"X-RateLimit-Resource-Remaining": "0"}, False),
        ({"X-RateLimit-Resource-Remaining": "many", "X-RateLimit-Resource-Until": UNTIL}, False),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_nothing_remains_of_the_hour(status: int, headers: dict[str, str], blocked: bool) -> None:
    """The answer is good; the next call waits instead of being refused."""
    body = page() if status == 200 else error("Bad page token")
    this = bench((status, body, headers), dialect="v2")

    if status == 200:
        listing(this)
    else:
        error_of(this)

    assert this.notes.blocks == ([(f"orders:{CAMPAIGN}", NOW + timedelta(minutes=30))] if blocked else [])


def test_no_call_leaves_without_budget() -> None:
    this = bench()
    this.notes.refuse = [RateLimited("budget", until=NOW)]

    error_of(this, write=True)

    assert (this.sent, this.notes.costs) == ([], [])


def test_a_change_of_many_orders_costs_as_many_as_they_are() -> None:
    """Contract 2.3: the limit of ``status-update`` counts orders."""
    this = bench((200, {"status": "OK", "result": {"orders": []}}), (200, page()))

    act(this, ActionKind.DELIVER, *(str(number) for number in range(1, 31)))
    listing(this)

    assert this.notes.costs == [30, 1]
    assert this.notes.taken == [
        (f"status-update:{CAMPAIGN}", Rule(10_000, 0.36)),
        (f"business/orders:{CAMPAIGN}", Rule(10_000, 0.36)),
    ]


@pytest.mark.parametrize(
    ("dialect", "names"),
    [
        ("business", ["yandex_market:campaign:7100001", "yandex_market:business:7000001"]),
        ("v2", ["yandex_market:campaign:7100001"]),
    ],
)
def test_each_call_takes_a_place_of_the_shop(dialect: str, names: list[str]) -> None:
    """Contract 2.8: so many at a time for a campaign, and for a business where that is asked."""
    this = bench((200, page()), (400, error("Bad page token")), dialect=dialect, parallel=3)
    held: list[list[str]] = []
    send = this.script.send

    def watched(*args: Any, **more: Any) -> Any:
        held.append(list(this.notes.busy))
        return send(*args, **more)

    this.script.send = watched  # type: ignore[method-assign]  # to see what is held meanwhile
    listing(this)
    error_of(this)

    assert held == [names, names]
    assert this.notes.slots == [(name, 3) for name in names] * 2
    assert this.notes.busy == []


def test_a_place_is_given_back_when_the_line_breaks() -> None:
    this = bench(Uncertain("deadline"))

    error_of(this, write=True)

    assert (len(this.notes.slots), this.notes.busy) == (1, [])


@pytest.mark.parametrize("body", [b"404 page not found", b"", b"<html/>", error("No such method", code="NOT_FOUND")])
@DIALECTS
def test_a_method_that_is_gone(dialect: str, body: Any) -> None:
    this = bench((404, body), dialect=dialect)

    found = error_of(this)

    path = "/v2/campaigns/{campaign}/orders" if dialect == "v2" else "/v1/businesses/{business}/orders"
    method, place = ("GET", "orders") if dialect == "v2" else ("POST", "business orders")
    assert type(found) is Gone
    assert this.notes.drift == [(place, "route", f"{method} {path}")]


def test_a_method_of_one_order_that_is_gone() -> None:
    this = bench((404, b"<html/>"), (410, error("Order not found: '1'")))
    track = Outgoing("1", ActionKind.SEND_TRACK, data={"track": "80", "service": "139"})

    for _status in (404, 410):
        with pytest.raises(Gone):
            this.provider.send(ActionKind.SEND_TRACK, [track])

    route = ("delivery/track", "route", "POST /v2/campaigns/{campaign}/orders/{order}/delivery/track")
    assert this.notes.drift == [route, route]


@pytest.mark.parametrize(
    "message",
    [
        "Order not found: '1'",
        "Order not found: partnerId = 5, orderId = 1",
        f"Campaign '{CAMPAIGN}' has no order id '1'",
    ],
)
def test_an_order_that_is_not_found(message: str) -> None:
    this = bench((404, error(message, code="NOT_FOUND")))
    track = Outgoing("1", ActionKind.SEND_TRACK, data={"track": "80", "service": "139"})

    (result,) = this.provider.send(ActionKind.SEND_TRACK, [track])

    assert (result.external_id, result.ok, result.code, result.status) == ("1", False, "NOT_FOUND", 404)
    assert result.detail == f"NOT_FOUND: {message}"
    assert this.notes.drift == []


# Many orders, one call each.


def test_buyers_of_many_orders_stop_at_the_end_of_the_budget_with_what_is_known() -> None:
    this = bench((200, {**OK, "result": {"firstName": "Анна", "phone": "+79001234567"}}))
    this.notes.refuse = [None, RateLimited("budget", until=NOW)]

    found = this.provider.buyers(["1", "2", "3"])

    assert [buyer.external_id for buyer in found] == ["1"]
    assert len(this.sent) == 1


def test_a_budget_that_is_empty_at_once_is_said() -> None:
    this = bench()
    this.notes.refuse = [RateLimited("budget", until=NOW)]

    with pytest.raises(RateLimited):
        this.provider.buyers(["1", "2"])


def test_the_answer_of_a_list_that_is_no_list() -> None:
    bodies: list[Any] = [b"<html/>", [], {"orders": 5}, {"result": []}]
    for body in bodies:
        with pytest.raises(UpstreamError, match="unreadable"):
            listing(bench((200, body)))


@DIALECTS
def test_nothing_of_an_order_is_in_an_error(dialect: str) -> None:
    this = bench((200, page(order(dialect, items=[]))), dialect=dialect)

    (raw,) = this.provider.new_orders().tasks
    with pytest.raises(UpstreamError) as caught:
        this.provider.parse(raw)

    assert "Чайник" not in f"{caught.value!r} {caught.value.detail}"
