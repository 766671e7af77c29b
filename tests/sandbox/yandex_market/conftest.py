"""A bare caller of the Yandex Market stand-in: no client of ours stands between a test and the wire."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.server import RunningSandbox

BUSINESS, CAMPAIGN = 7000001, 7100001
GS = "\x1d"


class Shop:
    """Calls the stand-in with one key."""

    def __init__(self, box: RunningSandbox, key: str = "sandbox") -> None:
        self.box, self.key = box, key

    def call(self, method: str, path: str, json: Any = None, **more: Any) -> requests.Response:
        headers = {"Api-Key": self.key, **more.pop("headers", {})}
        return requests.request(
            method,
            self.box.yandex_market_url + path,
            json=json,
            headers=headers,
            timeout=more.pop("timeout", 10),
            **more,
        )

    def business(self, body: Any = None, **params: Any) -> requests.Response:
        """`POST /v1/businesses/{b}/orders`"""
        path = f"/v1/businesses/{BUSINESS}/orders"
        return self.call("POST", path, {} if body is None else body, params=params)

    def business_ids(self, **body: Any) -> list[int]:
        answer = self.business(body)
        assert answer.status_code == 200, answer.text
        return [order["orderId"] for order in answer.json()["orders"]]

    def legacy(self, **params: Any) -> requests.Response:
        """`GET /v2/campaigns/{c}/orders`"""
        return self.call("GET", f"/v2/campaigns/{CAMPAIGN}/orders", params=params)

    def legacy_ids(self, **params: Any) -> list[int]:
        answer = self.legacy(**params)
        assert answer.status_code == 200, answer.text
        return [order["id"] for order in answer.json()["orders"]]

    def of(self, method: str, number: int, what: str = "", json: Any = None, **more: Any) -> requests.Response:
        """`/v2/campaigns/{c}/orders/{o}/…`"""
        return self.call(method, f"/v2/campaigns/{CAMPAIGN}/orders/{number}{what}", json, **more)

    def one(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """The order in both models."""
        (business,) = self.business({"orderIds": [number]}).json()["orders"]
        return business, self.of("GET", number).json()["order"]

    def move(self, number: int, status: str, substatus: str | None = None, **delivery: Any) -> requests.Response:
        order: dict[str, Any] = {"status": status} | ({"substatus": substatus} if substatus else {})
        if delivery:
            order["delivery"] = {"dates": delivery}
        return self.of("PUT", number, "/status", {"order": order})


def message(answer: requests.Response, status: int = 400) -> str:
    """What a refusal says; its shape is checked on the way (contract 2.1)."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["status"] == "ERROR"
    (error,) = body["errors"]
    assert set(error) == {"code", "message"}
    return str(error["message"])


def effects(box: RunningSandbox, number: int) -> list[tuple[str, Any, Any]]:
    """Kind, before, after; the making of the order left out."""
    return [(one["kind"], one["before"], one["after"]) for one in box.ym.effects(number)[1:]]


@pytest.fixture
def ym(box: RunningSandbox) -> Shop:
    return Shop(box)
