"""Buyers, dates, groups, companies, prices, stickers (contract 1.3.4 … 1.3.8; checklist 4)."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
import requests

from sandbox.server import RunningSandbox
from tests.sandbox.conftest import BATCH, ORDERS, Caller, errors_of

PLAIN = {"requiredMeta": [], "deliveryType": "dbs"}


def buyers(wb: Caller, *numbers: int) -> Any:
    return wb.post(f"{ORDERS}/client", {"orders": list(numbers)}).json()["orders"]


def test_buyer_after_confirm_and_phones_later(box: RunningSandbox, wb: Caller) -> None:
    new, taken = box.make(count=2, fields=PLAIN)
    wb.move("confirm", taken)
    (buyer,) = buyers(wb, new, taken)
    known = box.order(taken)["buyer"]
    assert buyer == {
        "replacementPhone": "", "firstName": known["firstName"], "fullName": known["fullName"], "orderID": taken,
        "phone": "", "phoneCode": "", "additionalPhoneCodes": [],
    }  # fmt: skip
    box.advance(30)
    (buyer,) = buyers(wb, taken)
    assert re.fullmatch(r"79\d{9}", buyer["replacementPhone"])
    assert re.fullmatch(r"\+7\d{10}", buyer["phone"])
    assert isinstance(buyer["phoneCode"], int)
    assert [type(one) for one in buyer["additionalPhoneCodes"]] == [str, str]


def test_buyer_in_the_seeds_shape(box: RunningSandbox, wb: Caller) -> None:
    box.tune(profile="seed", phone_delay=0)
    (number,) = box.make(fields=PLAIN)
    wb.move("confirm", number)
    (buyer,) = buyers(wb, number)
    assert list(buyer) == ["firstName", "fullName", "orderID", "phone", "phoneCode", "additionalPhoneCodes"]
    assert isinstance(buyer["phone"], int)
    assert [type(one) for one in buyer["additionalPhoneCodes"]] == [int, int]


@pytest.mark.parametrize(("style", "expected"), [("empty", []), ("null", None)])
def test_no_buyer_before_confirm(box: RunningSandbox, wb: Caller, style: str, expected: Any) -> None:
    box.tune(no_buyer=style)
    (number,) = box.make()
    assert buyers(wb, number) == expected


def test_no_buyer_may_be_404(box: RunningSandbox, wb: Caller) -> None:
    box.tune(no_buyer="404")
    answer = wb.post(f"{ORDERS}/client", {"orders": box.make()})
    assert (answer.status_code, answer.json()) == (404, {"code": "NotFound", "message": ""})
    assert wb.post(f"{ORDERS}/client", {"ordersIds": [1]}).status_code == 400


def test_delivery_date_and_its_change(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make()
    path = f"{box.url}/control/wildberries/orders/{number}"
    chosen = box.order(number)["delivery"]
    expected = {
        "id": number, **chosen, "dDateOld": None, "dTimeFromOld": None, "dTimeToOld": None, "dDateFrom": "", "dDateTo": "",
    }  # fmt: skip
    assert wb.post(f"{ORDERS}/delivery-date", {"orders": [number, 5]}).json()["orders"] == [expected]
    changed = {"dDate": "2027-01-26", "dTimeFrom": "11:11", "dTimeTo": "22:22"}
    patched(path, {"delivery": changed})
    (moved,) = wb.post(f"{ORDERS}/delivery-date", {"orders": [number]}).json()["orders"]
    assert {name: moved[name] for name in changed} == changed
    old = (moved["dDateOld"], moved["dTimeFromOld"], moved["dTimeToOld"])
    assert old == (chosen["dDate"], chosen["dTimeFrom"], chosen["dTimeTo"])
    box.advance(24 * 3600)
    (later,) = wb.post(f"{ORDERS}/delivery-date", {"orders": [number]}).json()["orders"]
    assert (later["dDate"], later["dDateOld"]) == ("2027-01-26", None)
    assert wb.post(f"{ORDERS}/delivery-date", {"orders": []}).status_code == 400


def patched(url: str, body: dict[str, Any]) -> None:
    assert requests.patch(url, json=body, timeout=10).status_code == 200


def test_paid_deliveries(box: RunningSandbox, wb: Caller) -> None:
    group, free = "0596a30a-d11c-4210-a231-ee1c39d61fe4", "7a2c8810-1db2-4011-9682-5c7fa33afd83"
    box.make(fields={"groupId": group, "currencyCode": 933}, paid_delivery=True)
    box.make(fields={"groupId": free})
    answer = wb.post("/api/v3/dbs/groups/info", {"groups": [group, free]})
    assert answer.json() == [
        {
            "groupID": group, "deliveryCost": 1071, "convertedDeliveryCost": 29913, "currencyCode": 933,
            "convertedCurrencyCode": 643,
        }
    ]  # fmt: skip
    assert wb.post("/api/v3/dbs/groups/info", {"groups": [free]}).json() is None
    assert wb.post("/api/v3/dbs/groups/info", {"groups": ["x"] * 1001}).status_code == 400


def test_companies(box: RunningSandbox, wb: Caller) -> None:
    company, person = box.make(b2b=True)[0], box.make()[0]
    results = wb.post(f"{BATCH}/b2b/info", {"ordersIds": [company, person, 5]}).json()["results"]
    assert set(results[0]["data"]) == {"inn", "kpp", "orgName"}
    assert [errors_of(one) for one in results] == [[], [(400, "OrderNotB2B")], [(404, "NotFound")]]
    (order, _) = wb.get(f"{ORDERS}/new").json()["orders"]
    assert order["options"] == {"isB2b": True}


def test_final_prices(box: RunningSandbox, wb: Caller) -> None:
    box.advance(max(0, 1_800_000_000 - box.store.clock.now()))  # 2027: prices are final since 23.07.2026
    (number,) = box.make(fields={"currencyCode": 643, "price": 1014, "finalPrice": 1000})
    (old,) = box.make(fields={"createdAt": "2026-07-22T23:59:59Z"})
    (gone,) = box.make()
    wb.move("cancel", gone)

    def ask(*numbers: int) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = wb.post(f"{BATCH}/final-price", {"orders": list(numbers)}).json()["results"]
        return results

    assert ask(number)[0]["data"] == {}
    box.advance(20)
    found = ask(number, old, gone, 5)
    assert found[0]["data"] == {
        "originalPrice": 1014, "convertedOriginalPrice": 1014, "originalFinalPrice": 1000,
        "convertedOriginalFinalPrice": 1000, "currencyCode": 643, "convertedCurrencyCode": 643,
    }  # fmt: skip
    errors = [errors_of(one) for one in found[1:]]
    assert errors == [[(422, "PriceNotCalculated")], [(400, "StatusMismatch")], [(404, "NotFound")]]


STICKER = f"{BATCH}/stickers?type=pdf&width=58&height=40"


def test_sticker_is_a_pdf_of_58_by_40_mm(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make(fields={"requiredMeta": [], "deliveryType": "dbsPickupPoint"})
    wb.move("confirm", number)
    (sticker,) = wb.post(STICKER, {"orders": [number]}).json()["stickers"]
    assert set(sticker) == {"orderId", "partA", "partB", "barcode", "file"}
    assert (sticker["orderId"], len(sticker["partA"]), len(sticker["partB"])) == (number, 6, 4)
    pdf = base64.b64decode(sticker["file"])
    assert pdf.startswith(b"%PDF-1.4")
    assert pdf.endswith(b"%%EOF\n")
    assert b"/MediaBox [0 0 164.41 113.39]" in pdf
    table = int(pdf.split(b"startxref\n")[1].split(b"\n")[0])
    assert pdf[table:].startswith(b"xref\n0 6\n")
    offsets = [int(line[:10]) for line in pdf[table:].split(b"\n")[3:8]]
    assert [pdf[place : place + 7] for place in offsets] == [b"%d 0 obj" % n for n in range(1, 6)]


def test_stickers_are_refused_in_the_older_shape(box: RunningSandbox, wb: Caller) -> None:
    courier, point = box.make(fields=PLAIN)[0], box.make(fields={"deliveryType": "dbsPickupPoint"})[0]
    wb.move("confirm", courier)
    for number in (courier, point):
        answer = wb.post(STICKER, {"orders": [number]})
        assert (answer.status_code, answer.json()["code"]) == (400, "StatusMismatch")
    for path, orders in (
        (STICKER, []), (STICKER, [5]), (STICKER, list(range(101))), (STICKER.replace("58", "40"), [point]),
        (f"{BATCH}/stickers", [point]),
    ):  # fmt: skip
        answer = wb.post(path, {"orders": orders})
        assert (answer.status_code, answer.json()["code"]) == (400, "IncorrectParameter")
