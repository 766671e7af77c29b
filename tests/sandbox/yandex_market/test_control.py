"""The control API over HTTP, as docs/sandbox.md has it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.server import RunningSandbox
from tests.sandbox.yandex_market.conftest import Shop

ORDERS = "/yandex_market/orders"


def control(box: RunningSandbox, method: str, path: str, json: Any = None, **more: Any) -> requests.Response:
    return requests.request(method, f"{box.url}/control{path}", json=json, timeout=10, **more)


def test_make_orders(box: RunningSandbox) -> None:
    asked = {
        "seller": "sandbox-x", "count": 2, "type": "PICKUP", "business": True, "payment": "SBP", "region": "Казань",
        "created": "2026-11-20T10:00:00+03:00", "notes": "Тише", "externalOrderId": "W-1", "trusted": True,
        "items": [
            {
                "offerId": "A-1", "offerName": "Тапочки", "count": 2, "price": 990.5, "vat": "VAT_10",
                "requiredInstanceTypes": ["CIS"], "promos": [{"type": "DIRECT_DISCOUNT", "subsidy": 0, "discount": 9.5}],
            }
        ],
        "fields": {"v1": {"sourcePlatform": "OTHER"}},
    }  # fmt: skip
    answer = control(box, "POST", ORDERS, asked)
    assert answer.status_code == 201
    made = answer.json()["orders"]
    shop = Shop(box, "sandbox-x")
    shown = shop.business({"orderIds": [order["id"] for order in made]}).json()["orders"]
    assert len(shown) == 2
    for order in shown:
        (item,) = order["items"]
        assert (item["offerId"], item["offerName"], item["count"], item["prices"]["payment"]["value"]) == (
            "A-1", "Тапочки", 2, 1981,
        )  # fmt: skip
        assert (item["requiredInstanceTypes"], item["prices"]["vat"]) == (["CIS"], "VAT_10")
        assert (order["paymentMethod"], order["paymentType"], order["buyerType"]) == ("SBP", "PREPAID", "BUSINESS")
        assert order["delivery"]["pickup"]["address"]["city"] == "Казань"
        assert (order["notes"], order["externalOrderId"], order["sourcePlatform"]) == ("Тише", "W-1", "OTHER")
        assert order["creationDate"] == "2026-11-20T10:00:00+03:00"
    legacy = shop.of("GET", made[0]["id"]).json()["order"]
    assert legacy["items"][0]["promos"] == [{"type": "DIRECT_DISCOUNT", "subsidy": 0, "discount": 9.5}]
    assert legacy["items"][0]["buyerPriceBeforeDiscount"] == 1000


@pytest.mark.parametrize(
    ("wish", "place"),
    [
        ({}, "PROCESSING/STARTED"),
        ({"status": "DELIVERY"}, "DELIVERY/DELIVERY_SERVICE_RECEIVED"),
        ({"status": "PICKUP"}, "PICKUP/PICKUP_SERVICE_RECEIVED"),
        ({"status": "CANCELLED", "substatus": "SHOP_FAILED"}, "CANCELLED/SHOP_FAILED"),
        ({"status": "FROM_THE_FUTURE", "substatus": "TOMORROW"}, "FROM_THE_FUTURE/TOMORROW"),
    ],
)
def test_begin_in_any_status(box: RunningSandbox, ym: Shop, wish: dict[str, Any], place: str) -> None:
    (order,) = control(box, "POST", ORDERS, {"seller": "sandbox", **wish}).json()["orders"]
    business, legacy = ym.one(order["id"])
    assert order["place"] == f"{business['status']}/{business['substatus']}" == place
    assert legacy["status"] == business["status"]


def test_payment_and_region_as_objects(box: RunningSandbox, ym: Shop) -> None:
    payment = {"type": "UNKNOWN", "method": "SEASHELLS"}
    region = {"id": 1, "name": "Атлантида", "type": "OTHER"}
    wish = {"seller": "sandbox", "payment": payment, "region": region, "type": "DELIVERY"}
    (order,) = control(box, "POST", ORDERS, wish).json()["orders"]
    business = ym.one(order["id"])[0]
    assert (business["paymentType"], business["paymentMethod"]) == ("UNKNOWN", "SEASHELLS")
    assert business["delivery"]["courier"]["region"] == region


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 0}, {"count": "2"}, {"colour": 1}, {"fields": {"v3": {}}}, {"fields": []}, {"type": "BIKE"},
        {"created": "x"}, {"items": []}, {"items": [5]}, {"items": [{"colour": 1}]}, {"items": [{"count": 0}]},
        {"region": "Атлантида"}, {"fake": 1}, {"id": True}, {"cancelRequested": True}, {"raw": {}}, {"raw": {"v3": 1}},
        {"seller": 5}, [1],
    ],
)  # fmt: skip
def test_wrong_wishes_make_nothing(box: RunningSandbox, wrong: Any) -> None:
    answer = control(box, "POST", ORDERS, wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert control(box, "GET", ORDERS).json() == {"orders": []}


def test_a_number_that_is_taken(box: RunningSandbox) -> None:
    control(box, "POST", ORDERS, {"id": 77})
    answer = control(box, "POST", ORDERS, {"id": 77})
    assert (answer.status_code, answer.json()["error"]) == (400, "order 77 is already there")


def test_raw(box: RunningSandbox, ym: Shop) -> None:
    raw = {"v1": {"orderId": 5, "status": "PROCESSING"}, "v2": {"id": 5}}
    (order,) = control(box, "POST", ORDERS, {"seller": "sandbox", "raw": raw}).json()["orders"]
    assert order["id"] == 5
    assert ym.business().json()["orders"] == [raw["v1"]]
    assert ym.legacy().json()["orders"] == [raw["v2"]]


def test_orders_plays_and_patches(box: RunningSandbox, ym: Shop) -> None:
    first, second = box.ym.make(count=2, type="PICKUP")
    ym.move(second, "DELIVERY")
    listed = control(box, "GET", ORDERS, params={"seller": "sandbox"}).json()["orders"]
    assert [order["id"] for order in listed] == [second, first]
    for status in ("DELIVERY", "DELIVERY/DELIVERY_SERVICE_RECEIVED"):
        asked = {"seller": "sandbox", "status": status}
        assert [one["id"] for one in control(box, "GET", ORDERS, params=asked).json()["orders"]] == [second]
    path = f"{ORDERS}/{first}"
    assert control(box, "GET", path).json()["plays"] == ["cancel", "market_cancel"]
    assert control(box, "POST", f"{path}/return").json() == {"error": f"return: order {first} is PROCESSING/STARTED"}
    assert control(box, "POST", f"{path}/dance").status_code == 404
    assert control(box, "POST", f"{path}/cancel").json()["place"] == "CANCELLED/USER_CHANGED_MIND"
    forced = control(box, "PATCH", path, {"status": "FROM_THE_FUTURE", "fields": {"v1": {"notes": "x"}}}).json()
    assert forced["place"] == "FROM_THE_FUTURE/USER_CHANGED_MIND"
    assert ym.one(first)[0]["notes"] == "x"
    assert control(box, "PATCH", path, {"mood": "good"}).status_code == 400
    assert control(box, "GET", f"{ORDERS}/5").json() == {"error": "no order 5"}


def test_settings_and_limits(box: RunningSandbox) -> None:
    tuned = control(box, "PATCH", "/yandex_market/settings", {"cancel_after": 5, "same_status": "accept"}).json()
    assert (tuned["cancel_after"], tuned["same_status"]) == (5, "accept")
    for wrong in ({"mood": 1}, {"same_status": "maybe"}, {"shops": 0}, {"date_edits": -1}, {"v1_orders": 1}):
        assert control(box, "PATCH", "/yandex_market/settings", wrong).status_code == 400
    assert control(box, "GET", "/yandex_market/settings").json()["same_status"] == "accept"
    limits = control(box, "PATCH", "/limits/yandex_market", {"enabled": True, "parallel": 2}).json()
    assert (limits["enabled"], limits["parallel"], limits["groups"]["getOrders"]) == (True, 2, {"amount": 10_000})
    assert control(box, "GET", "/limits").json()["yandex_market"]["enabled"] is True
    assert control(box, "GET", "/limits").json()["wildberries"]["enabled"] is False
    assert control(box, "PATCH", "/limits/yandex_market", {"groups": {"x": {"amount": 1}}}).status_code == 400


def test_ledger_of_one_upstream(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make()
    ym.move(number, "DELIVERY")
    (call,) = control(box, "GET", "/ledger", params={"upstream": "yandex_market"}).json()["calls"]
    assert (call["path"], call["effects"][0]["kind"]) == (f"/v2/campaigns/7100001/orders/{number}/status", "status")
    assert control(box, "GET", "/ledger", params={"upstream": "wildberries"}).json()["calls"] == []
    found = control(box, "GET", "/effects", params={"order": number}).json()["effects"]
    assert [effect["cause"] for effect in found] == ["control", "status"]
