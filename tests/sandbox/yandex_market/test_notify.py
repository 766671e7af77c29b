"""Notifications that the sandbox sends on demand (contract 2.9)."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from sandbox.server import RunningSandbox
from tests.sandbox.yandex_market.conftest import CAMPAIGN, Shop

ANSWER = {"version": "1.0.0", "name": "Shop", "time": "2025-01-16T10:09:49.759084017Z"}


class Receiver(ThreadingHTTPServer):
    """A shop that listens; what it got, and what it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[str, dict[str, str], Any]] = []
        self.status, self.answer = 200, json.dumps(ANSWER)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks/notification?token=x"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.answer.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


def notify(box: RunningSandbox, path: str, body: dict[str, Any]) -> requests.Response:
    return requests.post(f"{box.url}/control/yandex_market{path}", json=body, timeout=15)


def test_ping(box: RunningSandbox, receiver: Receiver) -> None:
    answer = notify(box, "/notify", {"url": receiver.url}).json()
    ((path, headers, body),) = receiver.got
    assert path == "/hooks/notification?token=x"
    assert headers["Content-Type"] == "application/json"
    assert (set(body), body["notificationType"]) == ({"notificationType", "time"}, "PING")
    assert (answer["status"], answer["body"], answer["sent"]) == (200, ANSWER, body)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("ORDER_CREATED", {"items", "createdAt"}),
        ("ORDER_CANCELLED", {"items", "cancelledAt"}),
        ("ORDER_STATUS_UPDATED", {"status", "substatus", "updatedAt"}),
        ("ORDER_UPDATED", {"updateType", "updatedAt"}),
        ("ORDER_CANCELLATION_REQUEST", {"requestedAt"}),
        ("ORDER_RETURN_CREATED", {"returnId", "returnType", "items", "createdAt"}),
        ("ORDER_FROM_THE_FUTURE", {"updatedAt"}),
    ],
)
def test_kinds(box: RunningSandbox, receiver: Receiver, kind: str, fields: set[str]) -> None:
    (number,) = box.ym.make(items=[{"offerId": "A-1", "count": 2}])
    answer = notify(box, f"/orders/{number}/notify", {"url": receiver.url, "type": kind}).json()
    ((_, _, body),) = receiver.got
    assert answer["sent"] == body
    assert set(body) == fields | {"notificationType", "orderId", "campaignId"}
    assert (body["notificationType"], body["orderId"], body["campaignId"]) == (kind, number, CAMPAIGN)
    assert body.get("items", [{"offerId": "A-1", "count": 2}]) == [{"offerId": "A-1", "count": 2}]


def test_the_usual_kind(box: RunningSandbox, ym: Shop, receiver: Receiver) -> None:
    (number,) = box.ym.make()
    kinds = []
    for step in (lambda: None, lambda: ym.move(number, "DELIVERY"), lambda: box.ym.play(number, "request_cancel"),
                 lambda: ym.move(number, "CANCELLED", "SHOP_FAILED")):  # fmt: skip
        step()
        box.ym.notify(number, receiver.url)
        kinds.append(receiver.got[-1][2]["notificationType"])
    assert kinds == ["ORDER_CREATED", "ORDER_STATUS_UPDATED", "ORDER_CANCELLATION_REQUEST", "ORDER_CANCELLED"]


def test_own_headers_and_fields(box: RunningSandbox, receiver: Receiver) -> None:
    (number,) = box.ym.make()
    headers = {"X-Forwarded-For": "5.45.207.7"}
    box.ym.notify(number, receiver.url, "ORDER_CREATED", headers, orderId="сорок два")
    ((_, got, body),) = receiver.got
    assert (got["X-Forwarded-For"], body["orderId"]) == ("5.45.207.7", "сорок два")
    assert box.ym.notify(None, receiver.url)["sent"]["notificationType"] == "PING"


def test_answers_of_every_kind(box: RunningSandbox, receiver: Receiver) -> None:
    (number,) = box.ym.make()
    receiver.status, receiver.answer = 403, "Forbidden"
    answer = box.ym.notify(number, receiver.url)
    assert (answer["status"], answer["body"]) == (403, "Forbidden")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    silent = box.ym.notify(number, f"http://127.0.0.1:{port}/notification")
    assert (silent["status"], silent["body"], silent["error"][:22]) == (0, None, "ConnectionRefusedError")


@pytest.mark.parametrize("url", ["http://example.com/", "https://127.0.0.1/", "ftp://127.0.0.1/", "127.0.0.1:80", 5])
def test_only_this_machine_is_notified(box: RunningSandbox, url: Any) -> None:
    (number,) = box.ym.make()
    assert notify(box, f"/orders/{number}/notify", {"url": url}).status_code == 400
    assert notify(box, "/notify", {"url": url}).status_code == 400
    assert notify(box, "/orders/5/notify", {"url": "http://127.0.0.1:1/"}).status_code == 404


def test_who_is_notified_may_ask_at_once(box: RunningSandbox, ym: Shop, receiver: Receiver) -> None:
    """The lock is not held while a notification is under way."""
    (number,) = box.ym.make()
    seen: list[int] = []

    class Asking(Handler):
        def do_POST(self) -> None:
            seen.extend(ym.business_ids())
            super().do_POST()

    receiver.RequestHandlerClass = Asking
    assert notify(box, f"/orders/{number}/notify", {"url": receiver.url}).json()["status"] == 200
    assert seen == [number]
