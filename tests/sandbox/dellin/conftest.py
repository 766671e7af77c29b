"""A bare caller of the Dellin stand-in: no client of ours stands between a test and the wire."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.server import RunningSandbox

DATA = Path(__file__).parent / "data"
HISTORY = "/v3/orders/statuses_history"


class Sender:
    """Calls the stand-in with one application key."""

    def __init__(self, box: RunningSandbox, appkey: str = "sandbox") -> None:
        self.box, self.appkey = box, appkey

    def post(self, path: str, body: Any = None, *, data: bytes | None = None, **more: Any) -> requests.Response:
        json = None if data is not None else {"appkey": self.appkey, **(body or {})}
        return requests.post(self.box.dellin.url + path, json=json, data=data, timeout=more.pop("timeout", 10), **more)

    def call(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.post(path, body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        assert found.get("metadata", {}).get("status", 200) == 200
        return found

    def data(self, *numbers: str, **body: Any) -> dict[str, Any]:
        """`data` of the history."""
        asked = {"docIds": list(numbers), **body} if numbers else body
        found: dict[str, Any] = self.call(f"{HISTORY}.json", **asked)["data"]
        return found

    def rows(self, number: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.data(number)["statusHistory"][number]
        return found

    def told(self, number: str) -> list[str]:
        """The state of each row, with the detail where it is another word."""
        rows = self.rows(number)
        return [
            row["state"] if row["detailedStatus"] == row["state"] else f"{row['state']}/{row['detailedStatus']}"
            for row in rows
        ]

    def session(self, pat: str = "sandbox") -> str:
        return str(self.call("/v4/auth/login.json", pat=pat)["data"]["sessionID"])

    def journal(self, **filters: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("/v3/orders.json", sessionID=self.session(), **filters)["orders"]
        return found

    def journal_numbers(self, **filters: Any) -> list[str]:
        return [order["orderId"] for order in self.journal(**filters)]


def error(answer: requests.Response, status: int = 400) -> tuple[int, str, list[str]]:
    """Number, words, fields; the shape is checked on the way (contract 2.4)."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"metadata", "errors"}
    assert (set(body["metadata"]), body["metadata"]["status"]) == ({"status", "detail", "generated_at"}, status)
    (one,) = body["errors"]
    assert {"code", "title", "detail", "link", "fields"} <= set(one) <= {*one, "validValues", "badValues"}
    return one["code"], one["detail"], one["fields"]


def effects(box: RunningSandbox, number: str) -> list[tuple[str, Any, Any]]:
    """Kind, before, after; the making of the parcel left out."""
    return [(one["kind"], one["before"], one["after"]) for one in box.dellin.effects(number)[1:]]


@pytest.fixture
def dl(box: RunningSandbox) -> Sender:
    return Sender(box)
