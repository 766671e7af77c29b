"""The two lists of orders (contract 1.3.2, 1.3.3, appendix A; seed 004)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.server import RunningSandbox
from tests.sandbox.conftest import ORDERS, Caller

NEW = {
    "salePrice", "requiredMeta", "comment", "options", "address", "orderUid", "groupId", "article", "colorCode", "rid",
    "createdAt", "deliveryType", "skus", "id", "warehouseId", "nmId", "chrtId", "price", "finalPrice",
    "convertedFinalPrice", "convertedPrice", "currencyCode", "convertedCurrencyCode", "cargoType", "isZeroOrder",
}  # fmt: skip
SEED_NEW = [
    "address", "ddate", "salePrice", "dTimeFrom", "dTimeTo", "requiredMeta", "deliveryType", "comment", "orderUid",
    "article", "colorCode", "rid", "createdAt", "skus", "id", "warehouseId", "nmId", "chrtId", "price",
    "convertedPrice", "currencyCode", "convertedCurrencyCode", "cargoType", "isZeroOrder",
]  # fmt: skip
SEED_FINISHED = [
    "address", "deliveryType", "orderUid", "article", "colorCode", "rid", "createdAt", "skus", "id", "warehouseId",
    "nmId", "chrtId", "price", "convertedPrice", "currencyCode", "convertedCurrencyCode", "cargoType", "comment",
    "isZeroOrder",
]  # fmt: skip


def test_new_order_has_the_fields_of_appendix_a(box: RunningSandbox, wb: Caller) -> None:
    box.make(fields={"deliveryType": "dbs", "currencyCode": 933, "price": 1014})
    (order,) = wb.get(f"{ORDERS}/new").json()["orders"]
    assert set(order) == NEW
    assert (order["price"], order["convertedPrice"]) == (1014, 28321)
    assert (order["currencyCode"], order["convertedCurrencyCode"]) == (933, 643)
    assert set(order["address"]) == {"fullAddress", "longitude", "latitude"}
    assert order["options"] == {"isB2b": False}
    assert order["createdAt"].endswith("Z")
    assert isinstance(order["id"], int)
    assert order["id"] > 2**31


def test_only_pick_up_point_orders_have_a_sticker_number(box: RunningSandbox, wb: Caller) -> None:
    box.make(fields={"deliveryType": "dbsPickupPoint"})
    (order,) = wb.get(f"{ORDERS}/new").json()["orders"]
    assert set(order) == NEW | {"wbStickerId"}


def test_basket_shares_transaction_and_group(box: RunningSandbox, wb: Caller) -> None:
    box.make(count=3, basket=True)
    orders = wb.get(f"{ORDERS}/new").json()["orders"]
    assert len({order["id"] for order in orders}) == len({order["rid"] for order in orders}) == 3
    assert len({order["orderUid"] for order in orders}) == len({order["groupId"] for order in orders}) == 1


def test_seed_profile_has_the_seeds_fields(box: RunningSandbox, wb: Caller) -> None:
    box.tune(profile="seed")
    (number,) = box.make()
    (order,) = wb.get(f"{ORDERS}/new").json()["orders"]
    assert list(order) == SEED_NEW
    day, month, year = order["ddate"].split(".")
    assert (len(day), len(month), len(year)) == (2, 2, 4)
    assert order["dTimeFrom"][2] == ":"
    wb.move("cancel", number)
    (finished,) = wb.get(ORDERS, limit=10, next=0, **window(box)).json()["orders"]
    assert set(finished) == set(SEED_FINISHED)


def test_raw_entry_is_served_as_it_is(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make()
    for raw in ({"id": "x", "skus": {}}, "no order", None, {"id": 77, "price": None}):
        box.make_raw(raw)
    orders = wb.get(f"{ORDERS}/new").json()["orders"]
    assert orders[0]["id"] == number
    assert orders[1:] == [{"id": "x", "skus": {}}, "no order", None, {"id": 77, "price": None}]
    assert wb.move("confirm", 77) == [{"orderId": 77, "isError": False}]


def test_new_shows_only_new(box: RunningSandbox, wb: Caller) -> None:
    taken, declined, called, left = box.make(count=4)
    wb.move("confirm", taken)
    box.play(declined, "decline")
    box.play(called, "miss_call")
    assert [order["id"] for order in wb.get(f"{ORDERS}/new").json()["orders"]] == [left]
    assert wb.status(declined) == "new/declined_by_client"
    assert wb.status(called) == "cancel_missed_call/canceled_by_missed_call"


def window(box: RunningSandbox, days: int = 30) -> dict[str, int]:
    now = int(box.store.clock.now())
    return {"dateFrom": now - days * 86_400 + 60, "dateTo": now + 60}


def test_finished_list_has_finished_orders_only(box: RunningSandbox, wb: Caller) -> None:
    new, confirmed, cancelled, sold, declined = box.make(count=5, fields={"requiredMeta": [], "deliveryType": "dbs"})
    wb.move("confirm", confirmed, sold)
    wb.move("deliver", sold)
    wb.close("receive", sold, box.order(sold)["code"])
    wb.move("cancel", cancelled)
    box.play(declined, "decline")
    answer = wb.get(ORDERS, limit=1000, next=0, **window(box)).json()
    assert [order["id"] for order in answer["orders"]] == sorted([cancelled, sold, declined])
    assert set(answer["orders"][0]) == NEW - {"salePrice", "requiredMeta"}
    assert {new, confirmed}.isdisjoint(order["id"] for order in answer["orders"])


def pages(box: RunningSandbox, wb: Caller, calls: int) -> list[tuple[int, int]]:
    """(`next`, number of orders) of each page, following `next`."""
    found, after = [], 0
    for _ in range(calls):
        answer = wb.get(ORDERS, limit=2, next=after, **window(box)).json()
        after = answer["next"]
        found.append((after, len(answer["orders"])))
    return found


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("zero", lambda ids: [(ids[1], 2), (ids[3], 2), (0, 1)]),
        ("last", lambda ids: [(ids[1], 2), (ids[3], 2), (ids[4], 1), (0, 0)]),
        ("repeat", lambda ids: [(ids[1], 2), (ids[3], 2), (ids[4], 1), (ids[4], 0), (ids[4], 0)]),
    ],
)
def test_finished_list_is_paged_by_next(box: RunningSandbox, wb: Caller, style: str, expected: Any) -> None:
    ids = box.make(count=5, status=("cancel", "canceled"))
    box.tune(list_end=style)
    assert pages(box, wb, len(expected(ids))) == expected(ids)


@pytest.mark.parametrize(
    "change",
    [
        {"limit": 0}, {"limit": 1001}, {"next": -1}, {"next": "x"}, {"limit": None}, {"next": None}, {"dateFrom": None},
        {"dateTo": None}, {"dateFrom": 0}, {"dateTo": 0},
    ],
)  # fmt: skip
def test_wrong_parameters_are_400(box: RunningSandbox, wb: Caller, change: dict[str, Any]) -> None:
    answer = wb.get(ORDERS, **{"limit": 10, "next": 0, **window(box)} | change)
    assert answer.status_code == 400
    assert answer.json() == {"code": "IncorrectParameter", "message": "Передан некорректный параметр"}


def test_window_is_thirty_days_at_most(box: RunningSandbox, wb: Caller) -> None:
    month = {"dateFrom": 1_700_000_000, "dateTo": 1_700_000_000 + 30 * 86_400}
    assert wb.get(ORDERS, limit=1, next=0, **month).status_code == 200
    assert wb.get(ORDERS, limit=1, next=0, **{**month, "dateTo": month["dateTo"] + 1}).status_code == 400


def test_window_filters_by_creation_or_completion(box: RunningSandbox, wb: Caller) -> None:
    (old,) = box.make(fields={"createdAt": "2020-01-05T10:00:00Z"})
    wb.move("cancel", old)
    january = {"dateFrom": 1_577_836_800, "dateTo": 1_577_836_800 + 29 * 86_400}
    assert [o["id"] for o in wb.get(ORDERS, limit=9, next=0, **january).json()["orders"]] == [old]
    assert wb.get(ORDERS, limit=9, next=0, **window(box)).json()["orders"] == []
    box.tune(finished_by_completion=True)
    assert wb.get(ORDERS, limit=9, next=0, **january).json()["orders"] == []
    assert [o["id"] for o in wb.get(ORDERS, limit=9, next=0, **window(box)).json()["orders"]] == [old]


def test_scan_price_of_pick_up_point_orders(box: RunningSandbox, wb: Caller) -> None:
    box.make(status=("receive", "sold"), fields={"deliveryType": "dbsPickupPoint", "finalPrice": 5000})
    box.make(status=("cancel", "canceled"), fields={"deliveryType": "dbsPickupPoint"})
    orders = wb.get(ORDERS, limit=9, next=0, **window(box)).json()["orders"]
    assert [order["scanPrice"] for order in orders] == [5000, None]


def test_sandbox_method_makes_orders(box: RunningSandbox, wb: Caller) -> None:
    answer = wb.post("/api/v3/test/dbs/orders/make", {"deliveryType": "edbs"})
    assert answer.status_code == 200
    (order,) = wb.get(f"{ORDERS}/new").json()["orders"]
    assert ([order["id"]], order["deliveryType"]) == (answer.json()["orders"], "edbs")
    assert wb.post("/api/v3/test/dbs/orders/make", {"deliveryType": "fbs"}).status_code == 400
    assert wb.call("POST", "/api/v3/test/dbs/orders/make").status_code == 200
    assert len(wb.get(f"{ORDERS}/new").json()["orders"]) == 2


def test_sandbox_method_declines(box: RunningSandbox, wb: Caller) -> None:
    early, late, taken = box.make(count=3)
    path = "/api/v3/test/dbs/orders/{}/decline"
    wb.move("confirm", taken)
    assert wb.call("PATCH", path.format(early)).status_code == 204
    assert wb.status(early) == "new/declined_by_client"
    assert wb.call("PATCH", path.format(taken)).json()["code"] == "StatusMismatch"
    box.advance(3601)
    assert wb.call("PATCH", path.format(late)).status_code == 409
    assert wb.call("PATCH", path.format(1)).status_code == 404
    assert (wb.status(late), wb.status(taken)) == ("new/waiting", "confirm/waiting")


def test_cyrillic_goes_as_utf8(box: RunningSandbox, wb: Caller) -> None:
    box.make(fields={"comment": "Упакуйте в плёнку, пожалуйста"})
    raw = wb.get(f"{ORDERS}/new").content
    assert "Упакуйте в плёнку".encode() in raw
    assert json.loads(raw)["orders"][0]["comment"] == "Упакуйте в плёнку, пожалуйста"
