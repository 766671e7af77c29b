"""Tokens, rights, dialects (contract 1.1, 1.6; checklist 1, 2)."""

from __future__ import annotations

import pytest

from sandbox.server import RunningSandbox
from tests.sandbox.conftest import BATCH, ORDERS, Caller

PROBLEM_FIELDS = {"title", "detail", "code", "requestId", "origin", "status", "statusText", "timestamp"}


@pytest.mark.parametrize("header", ["sandbox", "Bearer sandbox", "sandbox-demo", "Bearer sandbox-42"])
def test_good_tokens_bare_or_bearer(box: RunningSandbox, header: str) -> None:
    answer = Caller(box, header).get("/ping")
    assert (answer.status_code, answer.json()["Status"]) == (200, "OK")


@pytest.mark.parametrize("header", ["", "eyJhbGciOi", "Bearer ", "sandboxed", "Basic sandbox"])
def test_bad_token_is_problem_json(box: RunningSandbox, header: str) -> None:
    for path in ("/ping", f"{ORDERS}/new", "/api/v9/nothing"):
        answer = Caller(box, header).get(path)
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert set(answer.json()) == PROBLEM_FIELDS
        assert answer.json()["title"] == "unauthorized"


def test_readonly_token_is_403_in_the_methods_own_shape(box: RunningSandbox) -> None:
    (number,) = box.make("readonly-1")
    caller = Caller(box, "readonly-1")
    assert caller.get(f"{ORDERS}/new").json() == {"code": "AccessDenied", "message": ""}
    whole = caller.post(f"{BATCH}/status/confirm", {"ordersIds": [number]})
    assert whole.status_code == 403
    assert set(whole.json()) == {"detail", "origin", "requestId", "title"}
    assert (whole.json()["title"], whole.json()["detail"]) == ("AccessDenied", {})
    assert caller.get("/ping").status_code == 403
    assert box.order(number)["supplierStatus"] == "new"


def test_no_money(box: RunningSandbox) -> None:
    answer = Caller(box, "unpaid-1").get(f"{ORDERS}/new")
    assert (answer.status_code, answer.headers["Content-Type"]) == (402, "application/problem+json")
    assert answer.json()["title"] == "payment required"


def test_sellers_do_not_see_each_other(box: RunningSandbox) -> None:
    (mine,) = box.make("sandbox")
    other = Caller(box, "sandbox-other")
    assert other.get(f"{ORDERS}/new").json() == {"orders": []}
    assert other.move("confirm", mine)[0]["errors"] == [{"code": 404, "detail": "NotFound"}]
    assert other.call("PATCH", f"{ORDERS}/{mine}/confirm").status_code == 404
    assert Caller(box).status(mine) == "new/waiting"


@pytest.mark.parametrize("status", [404, 410])
def test_dialects_can_be_switched_off(box: RunningSandbox, wb: Caller, status: int) -> None:
    (number,) = box.make()
    box.tune(v3=False, off_status=status)
    assert wb.call("PATCH", f"{ORDERS}/{number}/confirm").status_code == status
    assert wb.post(f"{ORDERS}/status", {"orders": [number]}).status_code == status
    assert wb.get(f"{ORDERS}/new").status_code == 200
    assert wb.status(number) == "new/waiting"
    box.tune(v3=True, batch=False)
    assert wb.post(f"{BATCH}/status/confirm", {"ordersIds": [number]}).status_code == status
    assert wb.get(f"{ORDERS}/new").status_code == 200
    assert wb.call("PATCH", f"{ORDERS}/{number}/confirm").status_code == 204


def test_unknown_path_and_method(box: RunningSandbox, wb: Caller) -> None:
    for method, path in (("GET", "/api/v3/dbs/nothing"), ("PATCH", f"{ORDERS}/new"), ("GET", ""), ("GET", "/")):
        answer = wb.call(method, path)
        assert answer.status_code == 404
        assert answer.json()["title"] == "path not found"
    assert box.calls()[0]["path"] == "/api/v3/dbs/nothing"
