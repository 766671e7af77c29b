"""Token buckets (contract 1.7)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import limits
from sandbox.limits import Limits, Rule
from sandbox.server import RunningSandbox, start
from sandbox.wildberries.upstream import RULES
from tests.sandbox.conftest import BATCH, ORDERS, Caller


class Watch:
    """A clock that stands until it is told to go."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    found = Watch()
    monkeypatch.setattr(limits, "time", found)
    return found


@pytest.fixture
def limited(watch: Watch) -> Iterator[RunningSandbox]:
    with start(limited=True) as running:
        yield running


def test_documented_numbers() -> None:
    """Burst and interval of each group, from the table of 1.7."""
    assert {name: (RULES[name].burst, RULES[name].interval) for name in RULES if "v3" not in name} == {
        "ping": (3, 10.0), "read": (20, 0.2), "confirm": (10, 1.0), "deliver": (10, 1.0), "receive": (10, 1.0),
        "reject": (10, 1.0), "cancel": (10, 1.0), "meta.details": (20, 0.2), "meta.delete": (20, 0.4),
        "final-price": (20, 0.4), "meta.set": (20, 0.12), "test": (20, 0.2),
    }  # fmt: skip


def test_burst_then_429_then_one_a_second(limited: RunningSandbox, watch: Watch) -> None:
    wb = Caller(limited)
    left = [wb.post(f"{BATCH}/status/confirm", {"ordersIds": []}).headers["X-Ratelimit-Remaining"] for _ in range(10)]
    assert left == ["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"]
    answer = wb.post(f"{BATCH}/status/confirm", {"ordersIds": []})
    assert (answer.status_code, answer.headers["Content-Type"]) == (429, "application/problem+json")
    assert answer.json()["title"] == "too many requests"
    names = ("X-Ratelimit-Retry", "X-Ratelimit-Limit", "X-Ratelimit-Reset")
    assert [answer.headers[name] for name in names] == ["1", "10", "10"]
    assert "X-Ratelimit-Remaining" not in answer.headers
    assert wb.post(f"{BATCH}/status/deliver", {"ordersIds": []}).status_code == 200
    assert Caller(limited, "sandbox-2").post(f"{BATCH}/status/confirm", {"ordersIds": []}).status_code == 200
    watch.now += 1
    assert wb.post(f"{BATCH}/status/confirm", {"ordersIds": []}).status_code == 200
    assert wb.post(f"{BATCH}/status/confirm", {"ordersIds": []}).status_code == 429


def test_refused_call_does_nothing(limited: RunningSandbox, watch: Watch) -> None:
    wb = Caller(limited)
    (number,) = limited.make()
    for _ in range(10):
        wb.post(f"{BATCH}/status/confirm", {"ordersIds": []})
    assert wb.post(f"{BATCH}/status/confirm", {"ordersIds": [number]}).status_code == 429
    assert limited.order(number)["supplierStatus"] == "new"


def test_a_4xx_costs_ten(limited: RunningSandbox, watch: Watch) -> None:
    wb = Caller(limited)
    assert wb.post(f"{BATCH}/status/cancel", {}).headers["X-Ratelimit-Remaining"] == "0"
    assert wb.post(f"{BATCH}/status/cancel", {"ordersIds": []}).status_code == 429
    assert wb.post(f"{ORDERS}/client", {}).headers["X-Ratelimit-Remaining"] == "10"
    per_item = wb.post(f"{BATCH}/status/confirm", {"ordersIds": [5]})
    assert (per_item.status_code, per_item.headers["X-Ratelimit-Remaining"]) == (200, "9")


def test_an_old_wrong_code_costs_33(limited: RunningSandbox, watch: Watch) -> None:
    wb = Caller(limited)
    (number,) = limited.make()
    answer = wb.call("PATCH", f"{ORDERS}/{number}/receive", {"code": "1"})
    assert (answer.status_code, answer.headers["X-Ratelimit-Remaining"]) == (409, "0")
    refused = wb.call("PATCH", f"{ORDERS}/{number}/receive", {"code": "1"})
    assert (refused.status_code, refused.headers["X-Ratelimit-Retry"]) == (429, "9")


def test_writers_of_codes_share_a_bucket(limited: RunningSandbox, watch: Watch) -> None:
    wb = Caller(limited)
    assert wb.post(f"{BATCH}/meta/uin", {"orders": []}).headers["X-Ratelimit-Remaining"] == "19"
    assert wb.post(f"{BATCH}/meta/sgtin", {"orders": []}).headers["X-Ratelimit-Remaining"] == "18"
    assert wb.post(f"{BATCH}/meta/customs-declaration", {"orders": []}).headers["X-Ratelimit-Remaining"] == "17"


def test_limits_are_off_for_tests(wb: Caller) -> None:
    answers = [wb.post(f"{BATCH}/status/confirm", {}) for _ in range(30)]
    assert {answer.status_code for answer in answers} == {400}
    assert "X-Ratelimit-Remaining" not in answers[0].headers


def test_tuning(watch: Watch) -> None:
    found = Limits({"read": Rule(burst=2, interval=1.0)}, enabled=True)
    found.tune(groups={"read": {"burst": 1, "interval": 60}})
    assert found.refuse("s", "read") is None
    found.spend("s", "read", 200)
    assert found.refuse("s", "read") == {
        "X-Ratelimit-Retry": "60",
        "X-Ratelimit-Limit": "1",
        "X-Ratelimit-Reset": "60",
    }
    found.tune(enabled=False)
    assert found.refuse("s", "read") is None
    with pytest.raises(ValueError, match="group is one of read"):
        found.tune(groups={"write": {}})
    with pytest.raises(ValueError, match="numbers of a group"):
        found.tune(groups={"read": {"speed": 1}})
