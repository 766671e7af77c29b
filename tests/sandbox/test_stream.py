"""The demo's stream of orders, and the command that runs it all."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox import people
from sandbox.dellin import statuses as dellin
from sandbox.measoft import statuses as measoft
from sandbox.server import RunningSandbox
from sandbox.wildberries import catalog, stream
from sandbox.wildberries.stream import STARTING, Stream
from tests.sandbox.conftest import Caller

ROOT = Path(__file__).resolve().parents[2]


def test_starting_set_has_every_kind(box: RunningSandbox) -> None:
    found = Stream(box.world, seller="sandbox-demo", seconds=3600)
    found.start()
    found.stop()
    tasks = list(box.world.shops["sandbox-demo"].values())
    assert len(tasks) == len(STARTING) + 3
    kinds = {tuple(task.item["requiredMeta"]) for task in tasks[: len(STARTING)]}
    assert kinds == {(), ("uin",), ("sgtin",), ("imei",), ("gtin",)}
    again = Stream(box.world, seller="sandbox-demo", seconds=3600)
    again.start()
    again.stop()
    assert len(box.world.shops["sandbox-demo"]) == len(tasks)


def test_stream_stops_at_its_cap(box: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "WHIMS", ())
    found = Stream(box.world, seller="sandbox-demo", seconds=3600, most=5)
    for _ in range(20):
        found.tick()
    shop = box.world.shops["sandbox-demo"]
    assert 5 <= len(shop) <= 6
    Caller(box, "sandbox-demo").move("confirm", *shop)
    found.tick()
    assert 1 <= sum(task.is_new for task in shop.values()) <= 2


def test_whims(box: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "WHIMS", (("decline", 1.1),))
    (number,) = box.make("sandbox-demo")
    Stream(box.world, seller="sandbox-demo", seconds=3600, most=0).tick()
    assert box.world.tasks[number].status == "new/declined_by_client"
    assert box.effects(number)[-1]["call"] is None


def test_catalogue_numbers_are_valid() -> None:
    assert len({product.article for product in catalog.PRODUCTS}) == len(catalog.PRODUCTS) == 15
    assert people.ean_check("460043993125") == "6"
    assert people.luhn_check("49015420323751") == "8"
    assert all(len(product.sku) == 13 for product in catalog.PRODUCTS)


def command(*options: str) -> subprocess.Popen[str]:
    arguments = [sys.executable, "manage.py", "sandbox", *options]
    return subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    )


@pytest.mark.live
def test_command_serves_and_stops_and_is_quiet(tmp_path: Path) -> None:
    options = (
        "--port",
        "0",
        "--data",
        str(tmp_path / "s.sqlite3"),
        "--auto-orders",
        "3600",
        "--also",
        "sandbox-training",
    )
    process = command(*options)
    try:
        assert process.stdout is not None
        found = re.match(r"Sandbox: (http://127\.0\.0\.1:\d+)/", process.stdout.readline())
        assert found, process.communicate(timeout=10)
        url = found.group(1)
        headers = {"Authorization": "sandbox-demo"}
        answer = requests.get(f"{url}/wildberries/api/v3/dbs/orders/new", headers=headers, timeout=10)
        assert len(answer.json()["orders"]) == len(STARTING) + 3
        assert answer.headers["X-Ratelimit-Remaining"] == "19"
        other = {"Authorization": "sandbox-training"}
        besides = requests.get(f"{url}/wildberries/api/v3/dbs/orders/new", headers=other, timeout=10).json()["orders"]
        assert len(besides) == len(STARTING) + 3
        assert {order["id"] for order in besides} & {order["id"] for order in answer.json()["orders"]} == set()
        path = "/yandex/v1/businesses/7000001/orders"
        answer = requests.post(f"{url}{path}", headers={"Api-Key": "sandbox-demo"}, json={"fake": True}, timeout=10)
        assert len(answer.json()["orders"]) == 1
        assert answer.headers["X-RateLimit-Resource-Remaining"] == "9999"
        auth = b'<statusreq><auth extra="8" login="sandbox-demo" pass="x"/></statusreq>'
        answer = requests.post(f"{url}/measoft/api/", data=auth, timeout=10)
        assert answer.content.count(b"<order ") == len(measoft.PATHS)
        keys = {"appkey": "sandbox-demo", "pat": "sandbox-demo"}
        session = requests.post(f"{url}/dellin/v4/auth/login.json", json=keys, timeout=10).json()["data"]
        answer = requests.post(f"{url}/dellin/v3/orders.json", json=keys | session, timeout=10)
        assert len(answer.json()["orders"]) == len(dellin.PATHS)
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = command("--port", port)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert err == f"CommandError: 127.0.0.1:{port}: Address already in use\n"
