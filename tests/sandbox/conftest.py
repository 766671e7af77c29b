"""A sandbox in a thread, and a bare HTTP caller: no client of ours stands between a test and the wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.server import RunningSandbox, start

ORDERS = "/api/v3/dbs/orders"
BATCH = "/api/marketplace/v3/dbs/orders"
KI = "0104600439931256215RJZx80hlqAq3"
FULL_CODE = KI + "\x1d91FFD0\x1d92sGGtBnYBxYJ2bpEx55+DjlbOAUSHWVQQO9IxBPo3uA="


class Caller:
    """Calls the Wildberries stand-in as one seller."""

    def __init__(self, box: RunningSandbox, token: str = "sandbox") -> None:
        self.box, self.token = box, token

    def call(self, method: str, path: str, json: Any = None, **more: Any) -> requests.Response:
        headers = {"Authorization": self.token, **more.pop("headers", {})}
        return requests.request(
            method, self.box.wildberries_url + path, json=json, headers=headers, timeout=more.pop("timeout", 10), **more
        )

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.call("GET", path, params=params)

    def post(self, path: str, json: Any) -> requests.Response:
        return self.call("POST", path, json)

    def status(self, number: int) -> str:
        found = self.post(f"{BATCH}/status/info", {"ordersIds": [number]}).json()["orders"][0]
        return f"{found['supplierStatus']}/{found['wbStatus']}"

    def move(self, action: str, *numbers: int) -> list[dict[str, Any]]:
        answer = self.post(f"{BATCH}/status/{action}", {"ordersIds": list(numbers)})
        assert answer.status_code == 200
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def close(self, action: str, number: int, code: str) -> dict[str, Any]:
        answer = self.post(f"{BATCH}/status/{action}", {"orders": [{"orderId": number, "code": code}]})
        assert answer.status_code == 200
        result: dict[str, Any] = answer.json()["results"][0]
        return result


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    with start() as running:
        yield running


@pytest.fixture
def wb(box: RunningSandbox) -> Caller:
    return Caller(box)


def errors_of(result: dict[str, Any]) -> list[tuple[int, str]]:
    return [(one["code"], one["detail"]) for one in result.get("errors", [])]
