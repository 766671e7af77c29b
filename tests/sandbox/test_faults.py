"""Faults on demand, as a caller sees them on the wire."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
import requests

from sandbox.faults import KINDS
from sandbox.page.texts import FAULTS
from sandbox.server import RunningSandbox
from tests.sandbox.conftest import BATCH, ORDERS, Caller

CONFIRM = f"{BATCH}/status/confirm"


@pytest.mark.parametrize("kind", ["401", "402", "403", "404", "410", "429", "500", "502", "503"])
def test_failures_do_nothing_and_pass(box: RunningSandbox, wb: Caller, kind: str) -> None:
    (number,) = box.make()
    box.fault(kind, "status/confirm", seconds=7)
    answer = wb.post(CONFIRM, {"ordersIds": [number]})
    assert answer.status_code == int(kind)
    assert box.order(number)["supplierStatus"] == "new"
    if kind == "429":
        assert answer.headers["X-Ratelimit-Retry"] == "7"
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert wb.move("confirm", number) == [{"orderId": number, "isError": False}]


def test_failure_after_the_work(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make()
    box.fault("500", "status/confirm", work=True)
    assert wb.post(CONFIRM, {"ordersIds": [number]}).status_code == 500
    assert wb.status(number) == "confirm/waiting"


def test_lost_answer_has_done_the_work_once(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make()
    box.fault("lost_answer", "status/confirm")
    with pytest.raises(requests.ConnectionError):
        wb.post(CONFIRM, {"ordersIds": [number]})
    assert wb.status(number) == "confirm/waiting"
    (call,) = box.calls("status/confirm")
    assert (call["fault"], call["status"]) == ("lost_answer", 200)
    assert [(effect["before"], effect["after"]) for effect in call["effects"]] == [("new/waiting", "confirm/waiting")]


def in_background(call: Any) -> tuple[threading.Thread, list[Any]]:
    """Make the call in a thread; its answer or its error lands in the list."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(call())
        except requests.RequestException as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def until(seen: Any) -> Any:
    """Poll what another thread brings about, ten seconds at most."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = seen()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("it did not happen in ten seconds")


def test_slow_answer_comes_after_the_work(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make()
    box.fault("slow", "status/confirm", seconds=60)
    thread, found = in_background(lambda: wb.post(CONFIRM, {"ordersIds": [number]}))
    (call,) = until(lambda: box.calls("status/confirm"))
    assert call["effects"][0]["after"] == "confirm/waiting"
    assert found == []
    box.store.faults.clear()
    thread.join(timeout=10)
    assert found[0].json()["results"] == [{"orderId": number, "isError": False}]


def test_slow_before_the_work(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make()
    box.fault("slow", "status/confirm", seconds=60, before=True)
    thread, found = in_background(lambda: wb.post(CONFIRM, {"ordersIds": [number]}))
    until(lambda: [fault for fault in box.store.faults.list() if fault["waiting"]])
    assert box.order(number)["supplierStatus"] == "new"
    assert box.calls("status/confirm") == []
    box.store.faults.clear()
    thread.join(timeout=10)
    assert found[0].status_code == 200
    assert box.order(number)["supplierStatus"] == "confirm"


def test_hang_does_nothing_and_never_answers(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make()
    box.fault("hang", "status/confirm", seconds=60)
    with pytest.raises(requests.ReadTimeout):
        wb.call("POST", CONFIRM, {"ordersIds": [number]}, timeout=0.3)
    assert box.order(number)["supplierStatus"] == "new"
    (call,) = box.calls("status/confirm")
    assert (call["status"], call["fault"], call["effects"]) == (0, "hang", [])


def test_html_truncated_and_huge(box: RunningSandbox, wb: Caller) -> None:
    box.make(count=3)
    box.fault("html", "/new")
    answer = wb.get(f"{ORDERS}/new")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    box.fault("truncated", "/new")
    with pytest.raises(requests.RequestException) as broken:
        wb.get(f"{ORDERS}/new")
    assert "IncompleteRead" in str(broken.value)
    box.fault("huge", "/new", megabytes=2)
    huge = wb.get(f"{ORDERS}/new").content
    assert len(huge) > 2 * 1024 * 1024
    assert len(json.loads(huge)["orders"]) == 3


def test_spoiled_answers(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make(fields={"price": 1014})
    wanted: list[tuple[str, Any]] = [
        ("list_instead", lambda body: isinstance(body, list) and body[0]["orders"][0]["id"] == number),
        ("null_lists", lambda body: body == {"orders": None}),
        ("wrong_types", lambda body: (body["orders"][0]["id"], body["orders"][0]["price"]) == (str(number), "1014")),
        ("unknown_field", lambda body: body["orders"][0]["surprise"] == {"since": "2026-12-01"}),
    ]
    for kind, holds in wanted:
        box.fault(kind, "/new")
        assert holds(wb.get(f"{ORDERS}/new").json()), kind
    box.fault("unknown_status", "status/info")
    assert wb.status(number) == "teleported/lost_in_space"
    box.fault("unknown_error", "status/confirm")
    assert wb.move("confirm", 5)[0]["errors"] == [{"code": 404, "detail": "MoonIsNotFull"}]
    assert wb.status(number) == "new/waiting"


def test_fault_is_for_the_calls_it_names(box: RunningSandbox, wb: Caller) -> None:
    box.fault("500", "/orders", method="GET", seller="sandbox-b", times=2)
    other = Caller(box, "Bearer sandbox-b")
    assert wb.get(f"{ORDERS}/new").status_code == 200
    assert other.post(f"{BATCH}/status/info", {"ordersIds": []}).status_code == 200
    assert [other.get(f"{ORDERS}/new").status_code for _ in range(3)] == [500, 500, 200]


def test_fault_until_it_is_switched_off(box: RunningSandbox, wb: Caller) -> None:
    fault = box.fault("503", times=None)
    assert [wb.get("/ping").status_code for _ in range(3)] == [503] * 3
    assert box.store.faults.clear(fault.id) == 1
    assert wb.get("/ping").status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"kind": "melt"}, {"kind": "slow", "times": "2"}, {"kind": "slow", "waiting": 1}, {}]
)
def test_wrong_faults_are_refused(box: RunningSandbox, wrong: dict[str, Any]) -> None:
    answer = requests.post(f"{box.url}/control/faults", json=wrong, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert box.store.faults.list() == []


def test_every_kind_has_a_name_on_the_page() -> None:
    assert set(FAULTS) == set(KINDS)
