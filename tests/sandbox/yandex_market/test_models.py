"""One order in two models (contract 2.4, appendix B and C, seed 003)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from sandbox.server import RunningSandbox
from tests.sandbox.yandex_market import shape
from tests.sandbox.yandex_market.conftest import Shop

MOSCOW = timezone(timedelta(hours=3))
EVERY: tuple[dict[str, Any], ...] = (
    {"type": "DELIVERY", "courier": True}, {"type": "PICKUP"}, {"type": "POST"}, {"digital": True},
    {"business": True}, {"fake": True}, {"status": "UNPAID"}, {"status": "PICKUP", "type": "PICKUP"},
    {"status": "DELIVERY", "cancel_requested": True}, {"status": "DELIVERED"}, {"status": "CANCELLED"},
    {"status": "RETURNED"},
)  # fmt: skip


@pytest.mark.parametrize("wish", EVERY)
def test_both_models_are_the_contracts(box: RunningSandbox, ym: Shop, wish: dict[str, Any]) -> None:
    box.ym.make(count=8, **wish)
    fake = wish.get("fake", False)
    business = ym.business({"fake": fake}).json()
    legacy = ym.legacy(fake="true" if fake else "false").json()
    assert (len(business["orders"]), len(legacy["orders"])) == (8, 8)
    assert shape.faults(shape.BUSINESS, business) == []
    assert shape.faults(shape.LEGACY, legacy) == []


def test_the_checker_finds_faults() -> None:
    business = {"orders": [{"orderId": "5", "status": "TELEPORTED", "mood": 1}], "paging": {}}
    found = shape.faults(shape.BUSINESS, business)
    assert "$.orders[0].orderId is '5', not integer" in found
    assert "$.orders[0].status: TELEPORTED is not an option" in found
    assert "$.orders[0].mood is not in the contract" in found
    assert "$.orders[0].items is missing" in found


def test_prices_for_all_units_and_for_one(box: RunningSandbox, ym: Shop) -> None:
    item = {
        "offerId": "A-1", "offerName": "Тапочки", "count": 3, "price": 1299.5, "vat": "VAT_10",
        "promos": [{"type": "MARKET_PROMOCODE", "subsidy": 100, "discount": 100.25}],
    }  # fmt: skip
    (number,) = box.ym.make(items=[item, {"offerId": "B-2", "offerName": "Ложка", "price": 50}])
    business, legacy = ym.one(number)
    first, second = business["items"]
    assert first["prices"] == {
        "payment": {"value": 3898.5, "currencyId": "RUR"},
        "subsidy": {"value": 300, "currencyId": "RUR"},
        "vat": "VAT_10",
    }
    assert second["prices"]["payment"] == {"value": 50, "currencyId": "RUR"}
    assert business["prices"]["payment"] == {"value": 3948.5, "currencyId": "RUR"}
    old = legacy["items"][0]
    assert (old["price"], old["buyerPrice"], old["buyerPriceBeforeDiscount"], old["subsidy"]) == (
        1299.5,
        1299.5,
        1399.75,
        100,
    )
    assert old["subsidies"] == [{"type": "SUBSIDY", "amount": 100}]
    assert old["promos"] == [{"type": "MARKET_PROMOCODE", "subsidy": 100, "discount": 100.25}]
    assert (legacy["itemsTotal"], legacy["buyerItemsTotalBeforeDiscount"], legacy["currency"]) == (
        3948.5,
        4249.25,
        "RUR",
    )
    assert "subsidy" not in legacy["items"][1]


def test_points_are_money_of_the_market(box: RunningSandbox, ym: Shop) -> None:
    """Cost of the units = payment + cashback (specification); OrderDTO's price is without them."""
    (number,) = box.ym.make(items=[{"price": 1000, "count": 2}])
    with box.store.work():
        box.yandex.world.orders[number].items[0] |= {"paid": 97_000, "points": 3_000}
    business, legacy = ym.one(number)
    prices = business["items"][0]["prices"]
    assert [prices[name]["value"] for name in ("payment", "cashback", "subsidy")] == [1940, 60, 60]
    (item,) = legacy["items"]
    assert (item["price"], item["buyerPrice"], item["subsidies"]) == (
        970,
        1000,
        [{"type": "YANDEX_CASHBACK", "amount": 30}],
    )
    assert {"type": "YANDEX_CASHBACK", "amount": 60} in legacy["subsidies"]


def test_dates_of_both(box: RunningSandbox, ym: Shop) -> None:
    created = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
    (number,) = box.ym.make(created=created.isoformat(), type="DELIVERY")
    business, legacy = ym.one(number)
    here = created.astimezone(MOSCOW)
    assert business["creationDate"] == here.isoformat()
    assert legacy["creationDate"] == here.strftime("%d-%m-%Y %H:%M:%S")
    dates, old = business["delivery"]["dates"], legacy["delivery"]["dates"]
    assert old["fromDate"] == datetime.fromisoformat(dates["fromDate"]).strftime("%d-%m-%Y")
    assert (old["fromTime"], old["toTime"]) == (dates["fromTime"], dates["toTime"])
    assert (
        legacy["delivery"]["shipments"][0]["shipmentDate"].split("-")[2]
        == business["delivery"]["shipment"]["shipmentDate"][:4]
    )


def test_people_are_in_the_old_model_only(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(type="DELIVERY", region="Москва")
    business, legacy = ym.one(number)
    names = legacy["buyer"]
    assert (
        legacy["delivery"]["address"]["recipient"] == f"{names['lastName']} {names['firstName']} {names['middleName']}"
    )
    assert names["id"] not in str(business)
    assert {"recipient", "phone", "estate", "building"}.isdisjoint(business["delivery"]["courier"]["address"])
    assert {"buyer", "recipient"}.isdisjoint(business)
    assert set(names) == {"id", "lastName", "firstName", "middleName", "type"}
    assert business["buyerType"] == "PERSON"


def test_region_up_to_the_country(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(type="DELIVERY", region="Москва")
    business, legacy = ym.one(number)
    region: Any = business["delivery"]["courier"]["region"]
    assert region == legacy["delivery"]["region"]
    names = []
    while region:
        names.append((region["id"], region["name"], region["type"]))
        region = region.get("parent")
    assert names == [
        (213, "Москва", "CITY"), (1, "Москва и Московская область", "REGION"),
        (3, "Центральный федеральный округ", "COUNTRY_DISTRICT"), (225, "Россия", "COUNTRY"),
    ]  # fmt: skip


def test_where_a_pickup_order_goes(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(type="PICKUP")
    business, legacy = ym.one(number)
    pickup = business["delivery"]["pickup"]
    assert "courier" not in business["delivery"]
    assert pickup["outletCode"] == legacy["delivery"]["outletCode"]
    assert "outletStorageLimitDate" not in pickup
    assert (
        business["delivery"]["receiveCode"] == legacy["delivery"]["receiveCode"] == box.ym.order(number)["receive_code"]
    )
    assert "logisticPointId" not in legacy["delivery"]
    box.ym.tune(profile="seed")
    seed = ym.of("GET", number).json()["order"]["delivery"]
    assert (seed["logisticPointId"], "receiveCode" in seed) == (pickup["logisticPointId"], False)


def test_raw_is_exactly_that(box: RunningSandbox, ym: Shop) -> None:
    raw = {"v1": {"orderId": "сорок два", "items": None}, "v2": [1, "не заказ"]}
    box.ym.make_raw(raw)
    assert ym.business().json()["orders"] == [raw["v1"]]
    assert ym.legacy().json()["orders"] == [raw["v2"]]
    number = box.ym.make_raw({"v1": {"orderId": 52999, "status": "FROM_THE_FUTURE"}})
    assert number == 52999
    assert [one["orderId"] for one in ym.business().json()["orders"]] == ["сорок два", 52999]
    assert len(ym.legacy().json()["orders"]) == 1


def test_fields_override_one_model(box: RunningSandbox, ym: Shop) -> None:
    over = {"v1": {"delivery": {"type": "TELEPORT"}, "paymentMethod": "SEASHELLS"}, "v2": {"currency": "XTS"}}
    (number,) = box.ym.make(fields=over)
    business, legacy = ym.one(number)
    assert (business["delivery"]["type"], business["paymentMethod"]) == ("TELEPORT", "SEASHELLS")
    assert "dates" in business["delivery"]
    assert (legacy["currency"], legacy["delivery"]["type"]) == ("XTS", box.ym.order(number)["delivery"]["type"])


def test_what_units_became(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(items=[{"count": 2, "price": 10}, {"count": 1, "price": 20}], status="DELIVERED")
    box.ym.play(number, "partial_return")
    business, legacy = ym.one(number)
    assert (business["status"], legacy["status"]) == ("PARTIALLY_RETURNED", "PARTIALLY_RETURNED")
    assert business["items"][0]["itemStatuses"] == [
        {"status": "DELIVERED_TO_BUYER", "count": 1}, {"status": "RETURNED", "count": 1},
    ]  # fmt: skip
    assert business["items"][1]["itemStatuses"] == [{"status": "DELIVERED_TO_BUYER", "count": 1}]
    (detail,) = legacy["items"][0]["details"]
    assert (detail["itemCount"], detail["itemStatus"]) == (1, "RETURNED")
    assert "details" not in legacy["items"][1]


def test_times_as_in_the_examples(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(type="DELIVERY")
    short = ym.one(number)[1]["delivery"]["dates"]["fromTime"]
    box.ym.tune(time_seconds=True)
    business, legacy = ym.one(number)
    assert business["delivery"]["dates"]["fromTime"] == legacy["delivery"]["dates"]["fromTime"] == f"{short}:00"
