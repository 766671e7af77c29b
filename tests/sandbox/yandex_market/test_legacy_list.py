"""The deprecated v2 list and order (contract 2.4.2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from sandbox.server import RunningSandbox
from tests.sandbox.yandex_market.conftest import Shop, message

MOSCOW = timezone(timedelta(hours=3))


def days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def day(days: int) -> str:
    return (datetime.now(MOSCOW) - timedelta(days=days)).strftime("%d-%m-%Y")


def test_pages_by_token_and_by_number(box: RunningSandbox, ym: Shop) -> None:
    numbers = sorted(box.ym.make(count=5), reverse=True)
    first = ym.legacy(limit=2).json()
    second = ym.legacy(limit=2, pageToken=first["paging"]["nextPageToken"]).json()
    assert [order["id"] for order in first["orders"] + second["orders"]] == numbers[:4]
    assert first["pager"] == {"total": 5, "from": 1, "to": 2, "currentPage": 1, "pagesCount": 3, "pageSize": 2}
    third = ym.legacy(page=3, pageSize=2).json()
    assert [order["id"] for order in third["orders"]] == numbers[4:]
    assert third["pager"] == {"total": 5, "from": 5, "to": 5, "currentPage": 3, "pagesCount": 3, "pageSize": 2}
    assert third["paging"] == {}


def test_limit_has_no_default_and_is_cut(box: RunningSandbox, ym: Shop) -> None:
    box.ym.make(count=60)
    assert [len(ym.legacy(**params).json()["orders"]) for params in ({}, {"limit": 99}, {"limit": 3})] == [50, 50, 3]
    box.ym.tune(v2_truncate=False)
    assert message(ym.legacy(limit=51)) == "Parameter limit must be less than or equal to '50' (rejected value: '51')"
    assert message(ym.legacy(pageToken="x")) == "Bad page token"


def test_filters(box: RunningSandbox, ym: Shop) -> None:
    (plain,) = box.ym.make(type="DELIVERY", items=[{"requiredInstanceTypes": [], "price": 5}])
    (coded,) = box.ym.make(type="PICKUP", items=[{"requiredInstanceTypes": ["CIS_OPTIONAL"], "price": 5}])
    (company,) = box.ym.make(
        business=True, type="POST", items=[{"requiredInstanceTypes": [], "price": 5}], estimated=True
    )
    (asked,) = box.ym.make(
        status="DELIVERY", cancel_requested=True, type="DELIVERY", items=[{"requiredInstanceTypes": [], "price": 5}]
    )
    wanted: list[tuple[dict[str, Any], list[int]]] = [
        ({}, [asked, company, coded, plain]),
        ({"status": ["DELIVERY", "PICKUP"]}, [asked]),
        ({"status": "PROCESSING,DELIVERY"}, [asked, company, coded, plain]),
        ({"substatus": "STARTED"}, [company, coded, plain]),
        ({"hasCis": "true"}, [coded]),
        ({"dispatchType": "SHOP_OUTLET"}, [coded]),
        ({"buyerType": "BUSINESS"}, [company]),
        ({"onlyEstimatedDelivery": "true"}, [company]),
        ({"onlyWaitingForCancellationApprove": "true"}, [asked]),
        ({"orderIds": [plain, asked]}, [asked, plain]),
        ({"orderIds": f"{plain},{asked}"}, [asked, plain]),
        ({"fake": "true"}, []),
    ]
    for params, numbers in wanted:
        assert ym.legacy_ids(**params) == numbers, params


def test_ids_are_not_for_other_filters(box: RunningSandbox, ym: Shop) -> None:
    assert "orderIds" in message(ym.legacy(orderIds="5", status="PROCESSING"))
    assert message(ym.legacy(orderIds=list(range(1, 52)))) == (
        "'orderIds' size must be between '1' and '50' (rejected size: '51')"
    )
    assert message(ym.legacy(orderIds="five")) == "Type mismatch: 'five'"
    assert message(ym.legacy(status="SOLD")) == "Type mismatch: 'SOLD'"
    assert message(ym.legacy(fake="yes")) == "Type mismatch: 'yes'"


def test_finished_orders_are_hidden_after_30_days(box: RunningSandbox, ym: Shop) -> None:
    (open_one,) = box.ym.make(created=days_ago(40))
    (done,) = box.ym.make(created=days_ago(40), status="DELIVERED", updated=days_ago(31))
    (fresh,) = box.ym.make(created=days_ago(40), status="CANCELLED", updated=days_ago(29))
    dates = {"fromDate": day(41), "toDate": day(39)}
    assert ym.legacy_ids(**dates) == [fresh, open_one]
    assert ym.legacy_ids(orderIds=[open_one, done, fresh]) == [fresh, open_one]
    assert ym.business_ids(orderIds=[done]) == [done]
    assert ym.of("GET", done).status_code == 200
    assert ym.legacy_ids() == []


def test_dates(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(created=days_ago(3))
    assert ym.legacy_ids(fromDate=day(5), toDate=day(1)) == [number]
    assert ym.legacy_ids(fromDate=day(5), toDate=day(3)) == []
    now = datetime.now(MOSCOW).isoformat(timespec="seconds")
    assert ym.legacy_ids(updatedAtFrom=now) == []
    assert ym.legacy_ids(updatedAtTo=now) == [number]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (
            {"fromDate": "01-10-2026", "toDate": "01-11-2026"},
            "Invalid filters: interval between '01-10-2026' and '01-11-2026' is more than '30' days.",
        ),
        (
            {"fromDate": "02-11-2026", "toDate": "01-11-2026"},
            "Order creation start date is required to be less than end date",
        ),
        (
            {"supplierShipmentDateFrom": "02-11-2026", "supplierShipmentDateTo": "01-11-2026"},
            "Order shipment start date is required to be less than end date",
        ),
        ({"fromDate": "2026-11-01"}, "Type mismatch: '2026-11-01'"),
        ({"fromDate": "31-02-2026"}, "Type mismatch: '31-02-2026'"),
    ],
)
def test_wrong_dates(ym: Shop, params: dict[str, str], words: str) -> None:
    assert message(ym.legacy(**params)) == words


def test_one_order(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make()
    body = ym.of("GET", number).json()
    assert list(body) == ["order"]
    assert body["order"]["id"] == number
    assert message(ym.of("GET", 5), 404) == "Order not found: '5'"
    assert message(Shop(box, "sandbox-other").of("GET", number), 404) == f"Order not found: '{number}'"
    assert message(ym.call("GET", "/v2/campaigns/7100001/orders/five")) == "Type mismatch: 'five'"


def test_shutdown(box: RunningSandbox, ym: Shop) -> None:
    """After 2027-04-12 the old list is gone, the answer of a status is as it was (contract 2.2)."""
    (number,) = box.ym.make()
    box.ym.tune(v2_orders=False)
    assert [ym.legacy().status_code, ym.of("GET", number).status_code] == [404, 404]
    assert ym.business_ids() == [number]
    assert ym.move(number, "DELIVERY").json()["order"]["status"] == "DELIVERY"
    box.ym.tune(v2_orders=True, v1_orders=False)
    assert (ym.business().status_code, ym.legacy_ids()) == (404, [number])
