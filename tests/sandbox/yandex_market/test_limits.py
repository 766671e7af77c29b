"""Hours, places, and 420 (contract 2.8; checklist 6)."""

from __future__ import annotations

import time as real
from email.utils import parsedate_to_datetime

import pytest
import requests

from sandbox.server import RunningSandbox
from sandbox.yandex_market import limits
from sandbox.yandex_market.limits import HourLimits
from sandbox.yandex_market.upstream import AMOUNTS
from tests.sandbox.test_faults import in_background, until
from tests.sandbox.yandex_market.conftest import CAMPAIGN, Shop, effects, message

START = 1_795_774_345  # 2026-11-27 10:12:25 UTC


class Watch:
    """A clock that stands until it is told to go."""

    def __init__(self) -> None:
        self.now = float(START)

    def time(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    found = Watch()
    monkeypatch.setattr(limits, "time", found)
    return found


def headers(answer: requests.Response) -> tuple[str, str, str]:
    """Limit, until, remaining."""
    return tuple(answer.headers[f"X-RateLimit-Resource-{name}"] for name in ("Limit", "Until", "Remaining"))  # type: ignore[return-value]  # three names, three texts


def test_documented_numbers() -> None:
    """The table of 2.3."""
    others = {name: amount for name, amount in AMOUNTS.items() if amount != 10_000}
    assert others == {
        "getAuthTokenInfo": 100, "getCampaigns": 1_000, "getDeliveryServices": 5_000, "acceptOrderCancellation": 500,
        "getOrderBuyerInfo": 3_000, "getOrderBusinessBuyerInfo": 3_000, "getOrderBusinessDocumentsInfo": 3_000,
        "updateExternalOrderId": 1_000,
    }  # fmt: skip
    assert {"getBusinessOrders", "updateOrderStatus", "provideOrderItemIdentifiers"} <= AMOUNTS.keys()


def test_three_headers_on_every_answer(box: RunningSandbox, ym: Shop, watch: Watch) -> None:
    """The hour begins with the minute of its first call; good and bad answers cost the same."""
    box.ym.limit(enabled=True)
    assert headers(ym.business()) == ("10000", "Fri, 27 Nov 2026 11:12:00 GMT", "9999")
    assert headers(ym.business({"orderIds": ["x"]})) == ("10000", "Fri, 27 Nov 2026 11:12:00 GMT", "9998")
    assert headers(ym.of("PUT", 5, "/cancellation/accept", {"accepted": True}))[0::2] == ("500", "499")
    assert headers(ym.call("POST", "/v2/auth/token"))[0::2] == ("100", "99")
    assert headers(Shop(box, "migrating-1").business())[2] == "9999"
    assert parsedate_to_datetime(headers(ym.business())[1]).timestamp() == START // 60 * 60 + 3600


def test_420_until_the_hour_is_over(box: RunningSandbox, ym: Shop, watch: Watch) -> None:
    (number,) = box.ym.make()
    box.ym.limit(updateOrderStatus=2)
    assert [headers(ym.move(number, "PICKUP"))[2] for _ in range(2)] == ["1", "0"]
    answer = ym.move(number, "DELIVERY")
    assert message(answer, 420) == (
        f"Hit rate limit of 2 requests per 1 hour for resource updateOrderStatus for campaignId {CAMPAIGN}"
    )
    assert headers(answer) == ("2", "Fri, 27 Nov 2026 11:12:00 GMT", "0")
    assert "Retry-After" not in answer.headers
    assert effects(box, number) == []
    assert ym.of("GET", number).status_code == 200
    assert Shop(box, "sandbox-2").move(5, "DELIVERY").status_code == 404
    watch.now += 3600
    assert ym.move(number, "DELIVERY").status_code == 200


def test_a_batch_costs_its_orders(box: RunningSandbox, ym: Shop, watch: Watch) -> None:
    box.ym.limit(updateOrderStatuses=10)
    orders = [{"id": number, "status": "DELIVERY"} for number in (*box.ym.make(count=3), 5)]
    path = f"/v2/campaigns/{CAMPAIGN}/orders/status-update"
    assert headers(ym.call("POST", path, {"orders": orders}))[2] == "6"
    assert headers(ym.call("POST", path, {}))[2] == "5"
    assert headers(ym.call("POST", path, {"orders": orders}))[2] == "1"
    assert headers(ym.call("POST", path, {"orders": orders}))[2] == "0"
    assert ym.call("POST", path, {"orders": orders}).status_code == 420


def test_off_in_tests(box: RunningSandbox, ym: Shop) -> None:
    box.ym.limit(enabled=False, getCampaigns=1)
    answers = [ym.call("GET", "/v2/campaigns") for _ in range(3)]
    assert [(answer.status_code, headers(answer)[2]) for answer in answers] == [(200, "1")] * 3
    assert abs(parsedate_to_datetime(headers(answers[0])[1]).timestamp() - real.time() - 3600) <= 61


def test_slow_calls_hold_their_places(box: RunningSandbox, ym: Shop) -> None:
    """Four at once for a shop; the fifth is refused, another shop's is not (contract 2.8)."""
    (number,) = box.ym.make()
    box.ym.limit(enabled=True)
    box.fault("slow", "/buyer", times=4, seconds=60)
    calls = [in_background(lambda: ym.of("GET", number, "/buyer")) for _ in range(4)]
    until(lambda: len(box.calls("/buyer")) == 4)
    answer = ym.move(number, "DELIVERY")
    assert message(answer, 420) == f"Hit rate limit of 4 parallel requests for campaignId {CAMPAIGN}"
    assert headers(answer)[2] == "10000"
    assert effects(box, number) == []
    assert (box.calls("/status")[0]["status"], box.calls("/status")[0]["seller"]) == (420, "sandbox")
    assert ym.business().status_code == 200
    assert Shop(box, "sandbox-2").legacy().status_code == 200
    box.store.faults.clear()
    for thread, found in calls:
        thread.join(timeout=10)
        assert found[0].status_code == 200
    assert ym.move(number, "DELIVERY").status_code == 200


def test_places_before_the_work(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make()
    box.ym.limit(parallel=1)
    box.fault("slow", "/buyer", seconds=60, before=True)
    thread, found = in_background(lambda: ym.of("GET", number, "/buyer"))
    until(lambda: [fault for fault in box.store.faults.list() if fault["waiting"]])
    assert message(ym.of("GET", number), 420) == f"Hit rate limit of 1 parallel requests for campaignId {CAMPAIGN}"
    box.store.faults.clear()
    thread.join(timeout=10)
    assert found[0].status_code == 200
    assert ym.of("GET", number).status_code == 200


def test_no_places_are_counted_when_off(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make()
    box.ym.limit(enabled=False, parallel=1)
    box.fault("slow", "/buyer", seconds=60)
    thread, _ = in_background(lambda: ym.of("GET", number, "/buyer"))
    until(lambda: box.calls("/buyer"))
    assert ym.of("GET", number).status_code == 200
    box.store.faults.clear()
    thread.join(timeout=10)


def test_tuning() -> None:
    found = HourLimits({"getOrders": 5}, enabled=True)
    with pytest.raises(ValueError, match="group is one of getOrders"):
        found.tune(groups={"putOrders": {"amount": 1}})
    with pytest.raises(ValueError, match="numbers of a group are amount"):
        found.tune(groups={"getOrders": {"burst": 1}})
    found.tune(groups={"getOrders": {"amount": 1}}, parallel=2)
    assert found.state() == {"enabled": True, "parallel": 2, "groups": {"getOrders": {"amount": 1}}}
    found.reset(enabled=True)
    assert found.state() == {"enabled": True, "parallel": 4, "groups": {"getOrders": {"amount": 5}}}
