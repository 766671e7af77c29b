"""Ledger, effects, and what outlives the process."""

from __future__ import annotations

import threading
from pathlib import Path

from sandbox import ledger
from sandbox.server import RunningSandbox, start
from sandbox.wire import Call
from tests.sandbox.conftest import BATCH, KI, ORDERS, Caller


def test_a_call_in_the_ledger(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make(fields={"requiredMeta": ["sgtin"]})
    wb.post(f"{BATCH}/status/confirm", {"ordersIds": [number, 5]})
    wb.post(f"{BATCH}/meta/sgtin", {"orders": [{"orderId": number, "sgtins": [KI]}]})
    confirm, meta = box.calls()
    assert (confirm["method"], confirm["path"], confirm["seller"]) == ("POST", f"{BATCH}/status/confirm", "sandbox")
    assert (confirm["request"], confirm["status"]) == ({"ordersIds": [number, 5]}, 200)
    assert confirm["answer"]["results"][1]["isError"] is True
    (effect,) = confirm["effects"]
    assert (effect["order"], effect["kind"], effect["cause"]) == (number, "status", "confirm")
    assert (effect["before"], effect["after"]) == ("new/waiting", "confirm/waiting")
    (written,) = meta["effects"]
    assert (written["kind"], written["before"], written["after"]) == ("meta.sgtin", None, [KI])
    assert [one["kind"] for one in box.effects(number)] == ["made", "status", "meta.sgtin"]


def test_ledger_since(box: RunningSandbox, wb: Caller) -> None:
    wb.get("/ping")
    (first,) = box.calls()
    wb.get(f"{ORDERS}/new")
    Caller(box, "sandbox-b").get("/ping")
    assert [call["path"] for call in box.calls(since=first["id"])] == [f"{ORDERS}/new", "/ping"]
    assert [call["seller"] for call in box.calls("/ping")] == ["sandbox", "sandbox-b"]
    assert [call["path"] for call in box.calls(seller="sandbox-b")] == ["/ping"]


def test_refused_calls_are_in_the_ledger_without_the_token(box: RunningSandbox) -> None:
    Caller(box, "planted-secret-token").get(f"{ORDERS}/new")
    (call,) = box.calls()
    assert (call["status"], call["seller"]) == (401, "")
    assert "planted-secret-token" not in str(call)


def test_long_answers_are_cut_in_the_ledger_only(box: RunningSandbox, wb: Caller) -> None:
    box.make(count=400)
    whole = wb.get(f"{ORDERS}/new").content
    (call,) = box.calls()
    assert call["size"] == len(whole) > ledger.KEEP_BYTES
    assert isinstance(call["answer"], str)
    assert len(call["answer"].encode()) <= ledger.KEEP_BYTES + 3


def test_two_callers_at_once_make_one_effect(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make()
    threads = [threading.Thread(target=wb.move, args=("confirm", number)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert len(box.calls("confirm")) == 8
    assert [effect["after"] for effect in box.effects(number)] == ["new/waiting", "confirm/waiting"]


def test_orders_outlive_the_process(tmp_path: Path) -> None:
    data = tmp_path / "deeper" / "sandbox.sqlite3"
    with start(data=data) as box:
        wb = Caller(box)
        number, point = box.make(count=2, fields={"requiredMeta": [], "deliveryType": "dbsPickupPoint"})
        wb.move("confirm", number, point)
        wb.move("deliver", point)
        box.tune(code_delay=5.0)
        box.advance(3600)
        before = box.order(number)
    with start(data=data) as box:
        wb = Caller(box)
        assert box.order(number) == before
        assert box.world.tuning.code_delay == 5.0
        assert box.store.clock.state()["ahead"] > 3599  # type: ignore[operator]  # a number under this key
        assert len(box.calls("confirm")) == 1
        (fresh,) = box.make()
        assert fresh > max(number, point)
        box.advance(61)
        assert wb.status(point) == "deliver/ready_for_pickup"


def test_reset_keeps_numbers_rising(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make()
    box.tune(batch=False)
    box.fault("500", times=None)
    box.store.reset()
    assert wb.get(f"{ORDERS}/new").json() == {"orders": []}
    assert (len(box.calls()), box.effects()) == (1, [])
    assert box.world.tuning.batch
    assert box.make()[0] > number


def test_ledger_does_not_grow_for_ever(box: RunningSandbox) -> None:
    entry = ledger.Entry(0.0, "wildberries", Call("GET", "/ping", {}, {}, {}, b""), None, 0.0, "")
    with box.store.lock, box.store.transaction():
        for _ in range(ledger.KEEP_CALLS + 400):
            box.store.ledger.add_call(entry)
    assert len(box.store.ledger.calls(limit=100_000)) == ledger.KEEP_CALLS
