"""Every call: its budget before it leaves, and what each refusal becomes (contract 1.2, 1.3.1, 1.6, 1.7)."""

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
from orders.enums import ActionKind, CodeKind
from orders.marketplaces.base import Outgoing

from .support import TOKEN, Bench, bench, connection, sample

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
REQUEST_ID = "f1787bd2d1fdс35d6f537316514у4a05"
UNAUTHORIZED = (
    "token problem; token is malformed: could not base64 decode signature: illegal base64 data at input byte 84"
)
ONE = Outgoing("1", ActionKind.CONFIRM)


def confirm(this: Bench, *ids: str) -> list[Any]:
    return this.provider.send(ActionKind.CONFIRM, [Outgoing(id_, ActionKind.CONFIRM) for id_ in ids or ("1",)])


def error_of(this: Bench, *, write: bool = False) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        confirm(this, "1", "2") if write else this.provider.check()
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "detail", "request_id"),
    [
        (
            401,
            "batch/unauthorized.error",
            CredentialsError,
            "unauthorized",
            f"unauthorized: {UNAUTHORIZED}",
            "7b80742415072fe8b6b7f7761f1d1211",
        ),
        (403, {"code": "AccessDenied", "message": ""}, CredentialsError, "AccessDenied", "AccessDenied", ""),
        (400, "batch/incorrect_request.error", Refused, "IncorrectRequest", "IncorrectRequest", REQUEST_ID),
        (
            400,
            {"code": "IncorrectParameter", "message": "Передан некорректный параметр", "data": {"limit": 2000}},
            Refused,
            "IncorrectParameter",
            'IncorrectParameter: Передан некорректный параметр: {"limit":2000}',
            "",
        ),
        (
            400,
            {"title": "IncorrectRequest", "detail": {"field": "ordersIds"}, "requestId": 77},
            Refused,
            "IncorrectRequest",
            'IncorrectRequest: {"field":"ordersIds"}',
            "77",
        ),
        (402, {"title": "payment required", "detail": "top up"}, CredentialsError, "payment required", None, ""),
        (422, b"<html>no</html>", Refused, "http_422", None, ""),
        (400, b"[]", Refused, "http_400", None, ""),
    ],
)
def test_three_shapes_of_refusal_and_none(
    status: int, body: Any, kind: type[UpstreamError], code: str, detail: str | None, request_id: str
) -> None:
    play = (status, sample(body) if isinstance(body, str) else body)

    for write in (False, True):
        this = bench(play)
        error = error_of(this, write=write)

        assert type(error) is kind
        assert (error.status, error.code, error.request_id) == (status, code, request_id)
        assert detail is None or error.detail == detail
        assert len(this.notes.penalties) == 1


def test_an_answer_that_is_no_error_of_wildberries_is_described_and_not_quoted() -> None:
    this = bench((400, b"<html>token 123</html>", {"Content-Type": "text/html"}))

    error = error_of(this)

    assert error.detail == "HTTP 400, not an error of Wildberries (text/html, 22 bytes)"
    assert this.notes.drift == [("orders/new", "error", "HTTP 400")]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-Ratelimit-Retry": "2", "X-Ratelimit-Reset": "29", "X-Ratelimit-Limit": "10"}, 2),
        ({"X-Ratelimit-Retry": "0.5"}, 0.5),
        ({"Retry-After": "7"}, 7),
        ({"X-Ratelimit-Reset": "29"}, 2),  # no word when to retry: as long as ten calls take to come back
        ({"X-Ratelimit-Retry": "soon"}, 2),
    ],
)
def test_too_many_calls(headers: dict[str, str], seconds: float) -> None:
    with time_machine.travel(NOW, tick=False):
        this = bench((429, sample("batch/too_many_requests.error"), headers))
        error = error_of(this)

    assert isinstance(error, RateLimited)
    assert error.until == NOW + timedelta(seconds=seconds)
    assert this.notes.blocks == [("read", NOW + timedelta(seconds=seconds))]
    assert (this.notes.penalties, this.notes.drift) == ([], [])


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_temporary_for_a_read_and_uncertain_for_a_write(status: int) -> None:
    reading, writing = bench((status, b"<html/>")), bench((status, {"title": "internal", "detail": "x"}))

    assert type(error_of(reading)) is Temporary
    assert type(error_of(writing, write=True)) is Uncertain
    assert (reading.notes.penalties, reading.notes.drift, writing.notes.drift) == ([], [], [])


def test_no_call_leaves_without_budget() -> None:
    this = bench()
    this.notes.refuse = [RateLimited("budget", until=NOW)]

    with pytest.raises(RateLimited):
        confirm(this)

    assert this.sent == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"title": "path not found", "detail": "Please consult", "status": 404}),
        (404, b"404 page not found"),
        (404, b""),
        (410, {"code": "NotFound", "message": ""}),
        (404, {"code": "SomethingElse", "message": ""}),
    ],
)
@pytest.mark.parametrize("dialect", ["batch", "v3"])
def test_a_method_that_is_gone(dialect: str, status: int, body: Any) -> None:
    this = bench((status, body), dialect=dialect)

    with pytest.raises(Gone) as caught:
        confirm(this)

    path = "/api/v3/dbs/orders/{order}/confirm" if dialect == "v3" else "/api/marketplace/v3/dbs/orders/status/confirm"
    method = "PATCH" if dialect == "v3" else "POST"
    place = "v3 orders/confirm" if dialect == "v3" else "orders/status/confirm"
    assert caught.value.status == status
    assert this.notes.drift == [(place, "route", f"{method} {path}")]


def test_a_list_of_orders_that_is_gone() -> None:
    """Nothing was asked about an order, so "NotFound" can only mean the method."""
    error = error_of(bench((404, {"code": "NotFound", "message": ""})))

    assert type(error) is Gone


@pytest.mark.parametrize("body", [{"code": "NotFound", "message": ""}, {"title": "NotFound", "detail": {}}])
@pytest.mark.parametrize("dialect", ["batch", "v3"])
def test_an_order_that_is_not_found(dialect: str, body: Any) -> None:
    this = bench((404, body), dialect=dialect)

    (result,) = confirm(this)

    assert (result.ok, result.code, result.status) == (False, "NotFound", 404)
    assert this.notes.drift == []


def test_v3_conflicts_are_results() -> None:
    mismatch = {"code": "StatusMismatch", "message": "Несоответствие статусов, проверьте их правильность"}
    wrong = {"code": "InvalidWBCode", "message": ""}
    this = bench((409, mismatch), (409, wrong), (409, b"<html/>"), dialect="v3")
    receive = Outgoing("1", ActionKind.RECEIVE, code="0000")

    (conflict,) = confirm(this)
    (invalid,) = this.provider.send(ActionKind.RECEIVE, [receive])
    (plain,) = this.provider.send(ActionKind.RECEIVE, [receive])

    assert (conflict.code, conflict.stage_conflict, conflict.wrong_code) == ("StatusMismatch", True, False)
    assert conflict.detail == "StatusMismatch: Несоответствие статусов, проверьте их правильность"
    assert (invalid.code, invalid.wrong_code) == ("InvalidWBCode", True)
    assert (plain.code, plain.wrong_code) == ("http_409", True)
    assert [group for group, _rule in this.notes.penalties] == ["confirm", "receive", "receive"]


CALLS: list[tuple[str, ActionKind, Outgoing]] = [
    ("confirm", ActionKind.CONFIRM, ONE),
    ("deliver", ActionKind.DELIVER, ONE),
    ("receive", ActionKind.RECEIVE, ONE),
    ("reject", ActionKind.REJECT, ONE),
    ("cancel", ActionKind.CANCEL, ONE),
    ("meta_set", ActionKind.PUT_CODES, Outgoing("1", ActionKind.PUT_CODES, code_kind=CodeKind.UIN, codes=("1",))),
    ("meta_set", ActionKind.PUT_CODES, Outgoing("1", ActionKind.PUT_CODES, code_kind=CodeKind.SGTIN, codes=("1",))),
    ("meta_delete", ActionKind.DELETE_CODES, Outgoing("1", ActionKind.DELETE_CODES, code_kind=CodeKind.UIN)),
]


@pytest.mark.parametrize("dialect", ["batch", "v3"])
@pytest.mark.parametrize(("group", "kind", "action"), CALLS, ids=[f"{group}-{a.code_kind}" for group, _, a in CALLS])
def test_each_method_draws_on_its_group(dialect: str, group: str, kind: ActionKind, action: Outgoing) -> None:
    this = bench((200, {"results": []}) if dialect == "batch" else (204, b""), dialect=dialect)

    this.provider.send(kind, [action])

    assert [taken for taken, _rule in this.notes.taken] == [group]


@pytest.mark.parametrize(
    ("dialect", "group", "rule"),
    [
        ("batch", "read", Rule(20, 0.2, 10)),
        ("batch", "confirm", Rule(10, 1, 10)),
        ("batch", "receive", Rule(10, 1, 10)),
        ("batch", "meta_details", Rule(20, 0.2, 10)),
        ("batch", "meta_set", Rule(20, 0.12, 10)),
        ("batch", "meta_delete", Rule(20, 0.4, 10)),
        ("v3", "read", Rule(20, 0.2, 10)),
        ("v3", "confirm", Rule(20, 0.6, 10)),
        ("v3", "receive", Rule(20, 0.6, 33)),
        ("v3", "reject", Rule(20, 0.6, 33)),
        ("v3", "meta_set", Rule(20, 0.06, 10)),
    ],
)
def test_documented_limits(dialect: str, group: str, rule: Rule) -> None:
    assert type(bench(dialect=dialect).provider).rates[group] == rule


def test_reads_draw_on_one_budget() -> None:
    this = bench((200, {"orders": []}), (200, {"orders": []}), (200, {"orders": []}))

    this.provider.new_orders()
    this.provider.statuses(["1"])
    this.provider.codes(["1"])

    assert this.notes.taken == [("read", Rule(20, 0.2, 10))] * 2 + [("meta_details", Rule(20, 0.2, 10))]


def test_limits_of_the_account() -> None:
    this = bench((200, {"results": []}), limits={"confirm": {"interval": 360, "capacity": 1}})
    one = bench((200, {"orders": []}), (200, {"results": []}), limits='{"all": {"interval": 1, "capacity": 1}}')

    confirm(this)
    one.provider.new_orders()
    confirm(one)

    assert this.notes.taken == [("confirm", Rule(1, 360, 10))]
    assert one.notes.taken == [("all", Rule(1, 1, 10))] * 2


def test_codes_of_many_tasks_stop_at_the_end_of_the_budget_with_what_is_known() -> None:
    meta: dict[str, Any] = {"meta": {"uin": {"value": "0234567890123456"}, "imei": None, "sgtin": {"value": []}}}
    this = bench((200, meta), dialect="v3")
    this.notes.refuse = [None, RateLimited("budget", until=NOW)]

    found = this.provider.codes(["1", "2", "3"])

    assert [(verdict.external_id, verdict.kind, verdict.value) for verdict in found] == [
        ("1", CodeKind.UIN, "0234567890123456")
    ]
    assert len(this.sent) == 1


def test_a_budget_that_is_empty_at_once_is_said() -> None:
    this = bench(dialect="v3")
    this.notes.refuse = [RateLimited("budget", until=NOW)]

    with pytest.raises(RateLimited):
        this.provider.codes(["1", "2"])


def test_no_codes_of_a_task_that_is_not_found() -> None:
    this = bench((404, {"code": "NotFound"}), (200, {"meta": None}), (200, {"meta": {}}), dialect="v3")

    assert this.provider.codes(["1", "2", "3"]) == []


def test_a_connection_shows_no_credentials() -> None:
    assert TOKEN not in repr(connection())
