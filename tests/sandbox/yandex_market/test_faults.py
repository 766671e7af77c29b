"""Faults of the sandbox at the Yandex Market stand-in (checklist 7)."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.server import RunningSandbox
from tests.sandbox.conftest import Caller
from tests.sandbox.yandex_market.conftest import Shop, effects, message

WORDS = {
    "401": "Api-Key token is invalid", "403": "Access denied", "404": "Not found",
    "420": "Hit rate limit of 10000 requests per 1 hour for resource orders", "423": "Business is in migration",
    "500": "Internal server error", "503": "Service unavailable",
}  # fmt: skip


@pytest.mark.parametrize("kind", [*WORDS, "402", "410", "429", "502"])
def test_failures_in_the_markets_words_do_nothing_and_pass(box: RunningSandbox, ym: Shop, kind: str) -> None:
    (number,) = box.ym.make()
    box.fault(kind, "/status")
    answer = ym.move(number, "DELIVERY")
    assert message(answer, int(kind)) == WORDS.get(kind, "Internal server error")
    assert ("X-RateLimit-Resource-Until" in answer.headers) == (kind == "420")
    assert effects(box, number) == []
    assert ym.move(number, "DELIVERY").status_code == 200


def test_lost_answer_has_done_the_work_once(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make()
    box.fault("lost_answer", "/status", upstream="yandex_market")
    with pytest.raises(requests.ConnectionError):
        ym.move(number, "DELIVERY")
    assert effects(box, number) == [("status", "PROCESSING/STARTED", "DELIVERY/DELIVERY_SERVICE_RECEIVED")]
    (call,) = box.calls("/status")
    assert (call["fault"], call["status"], call["upstream"]) == ("lost_answer", 200, "yandex_market")


def test_words_nobody_has_heard_of(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(items=[{"price": 5}])
    wanted: list[tuple[str, Any, Any]] = [
        ("unknown_status", ("TELEPORTED", "STARTED"), ("TELEPORTED", "STARTED")),
        ("unknown_substatus", ("PROCESSING", "LOST_IN_SPACE"), ("PROCESSING", "LOST_IN_SPACE")),
    ]
    for kind, new, old in wanted:
        box.fault(kind, "/orders", times=2)
        business, legacy = ym.one(number)
        assert (business["status"], business["substatus"]) == new
        assert (legacy["status"], legacy["substatus"]) == old
    box.fault("unknown_payment", "/orders", times=2)
    business, legacy = ym.one(number)
    assert (business["paymentMethod"], business["paymentType"], legacy["paymentMethod"]) == (
        "SEASHELLS",
        "BARTER",
        "SEASHELLS",
    )
    box.fault("unknown_currency", "/orders", times=2)
    business, legacy = ym.one(number)
    assert (business["items"][0]["prices"]["payment"]["currencyId"], legacy["currency"]) == ("XTS", "XTS")
    box.fault("unknown_field", "/orders", times=2)
    business, legacy = ym.one(number)
    assert business["items"][0]["surprise"] == legacy["delivery"]["surprise"] == {"since": "2026-12-01"}


def test_an_envelope_keeps_its_status(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make()
    box.fault("unknown_status", "/buyer")
    assert ym.of("GET", number, "/buyer").json()["status"] == "OK"
    box.fault("unknown_error", "/status", times=2)
    answer = ym.move(number, "PICKUP").json()
    assert answer == {"status": "ERROR", "errors": [{"code": "MOON_IS_NOT_FULL", "message": "The Moon is not full"}]}
    path = "/v2/campaigns/7100001/orders/status-update"
    batch = ym.call("POST", path, {"orders": [{"id": number, "status": "PICKUP"}]}).json()
    assert batch["result"]["orders"][0]["errorDetails"] == "The Moon is not full"


def test_broken_answers(box: RunningSandbox, ym: Shop) -> None:
    box.ym.make()
    box.fault("list_instead", "/orders")
    assert isinstance(ym.business().json(), list)
    box.fault("null_lists", "/orders")
    assert ym.business().json()["orders"] is None
    box.fault("wrong_types", "/orders")
    assert isinstance(ym.business().json()["orders"][0]["orderId"], str)
    box.fault("html", "/orders")
    assert ym.business().headers["Content-Type"].startswith("text/html")
    box.fault("truncated", "/orders")
    with pytest.raises(requests.RequestException):
        ym.business()


def test_a_fault_of_one_upstream_or_seller(box: RunningSandbox, ym: Shop) -> None:
    box.fault("500", upstream="yandex_market", seller="sandbox-b", times=None)
    assert Caller(box, "sandbox-b").get("/ping").status_code == 200
    assert ym.legacy().status_code == 200
    assert Shop(box, "sandbox-b").legacy().status_code == 500
