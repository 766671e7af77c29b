"""Everything that is read in the batch dialect but orders: exact bodies and results (contract 1.3, appendix A)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backoffice.errors import Gone, Invalid, Refused, Unreadable
from orders.enums import CodeKind, CodeState, Stage
from orders.marketplaces.base import (
    BuyerInfo,
    CodeVerdict,
    DeliveryCost,
    DeliveryWindow,
    Money,
    Organisation,
    Phone,
    Sticker,
    TaskStatus,
    Window,
)

from .support import Sent, bench, sample_bytes

BATCH = "/api/marketplace/v3/dbs/orders"


def test_statuses() -> None:
    this = bench((200, sample_bytes("batch/status_info.response")))

    found = this.provider.statuses(["123456", "234567"])

    assert this.sent == [Sent("POST", f"{BATCH}/status/info", None, {"ordersIds": [123456, 234567]}, False)]
    assert found == [
        TaskStatus("123456", {"supplierStatus": "deliver", "wbStatus": "waiting"}, Stage.DELIVERING),
        TaskStatus("234567", {}, None, found=False, detail="NotFound"),
    ]


def test_one_broken_status_does_not_take_the_others_with_it() -> None:
    rows = [
        {"orderId": 1, "supplierStatus": "new", "wbStatus": "waiting"},
        {"orderId": {"value": "79871234567"}, "supplierStatus": "new", "wbStatus": "waiting"},
        7,
        {"supplierStatus": "new", "wbStatus": "waiting"},
        {"orderId": "2", "supplierStatus": "confirm", "wbStatus": "waiting", "errors": None},
    ]
    this = bench((200, {"orders": rows}))

    found = this.provider.statuses(["1", "2"])

    assert [(status.external_id, status.stage) for status in found] == [("1", Stage.NEW), ("2", Stage.ASSEMBLING)]
    assert [kind for _, kind, _ in this.notes.drift] == ["value", "value"]
    assert "79871234567" not in str((this.notes.drift, this.notes.samples))


def test_no_ids_no_call() -> None:
    this = bench()

    found = [*this.provider.statuses([]), *this.provider.codes(["none"]), *this.provider.organisations([])]

    assert found == []
    assert this.sent == []


@pytest.mark.parametrize("dialect", ["batch", "v3"])
def test_more_ids_than_a_call_takes_make_no_call(dialect: str) -> None:
    this = bench(dialect=dialect)

    with pytest.raises(Invalid):
        this.provider.statuses([str(number) for number in range(1, 1002)])

    assert this.sent == []


@pytest.mark.parametrize("dialect", ["batch", "v3"])
def test_a_read_that_is_refused(dialect: str) -> None:
    this = bench((400, {"code": "IncorrectRequest", "message": "Переданы некорректные данные"}), dialect=dialect)

    with pytest.raises(Refused, match="IncorrectRequest"):
        this.provider.codes(["1"])


def test_buyers() -> None:
    this = bench((200, sample_bytes("batch/client.response")))

    found = this.provider.buyers(["134567", "134568"])

    assert this.sent == [Sent("POST", "/api/v3/dbs/orders/client", None, {"orders": [134567, 134568]}, False)]
    assert found == [
        BuyerInfo(
            "134567",
            "Иван",
            "Иван Иван Иванович",
            (
                Phone("79871234567", primary=True),
                Phone("+79871234568", extension="1234567"),
                Phone("+79871234568", extension="12345"),
                Phone("+79871234568", extension="65498"),
            ),
            complete=True,
        ),
        BuyerInfo("134568", "Пётр", "Пётр Петров", (), complete=False),
    ]
    assert this.notes.drift == []


def test_a_buyer_whose_primary_number_is_not_assigned_yet_is_asked_for_again() -> None:
    row = {"orderID": 1, "replacementPhone": "", "phone": "+79871234568", "phoneCode": 7, "additionalPhones": ["8"]}
    this = bench((200, {"orders": [row]}))

    (found,) = this.provider.buyers(["1"])

    assert found.phones == (Phone("+79871234568", extension="7", primary=True), Phone("8"))
    assert not found.complete


@pytest.mark.parametrize("dialect", ["batch", "v3"])
@pytest.mark.parametrize("play", [(200, {"orders": None}), (200, {"orders": []}), (404, {"code": "NotFound"})])
def test_buyers_that_nobody_tells_of(dialect: str, play: tuple[int, Any]) -> None:
    this = bench(play, dialect=dialect)

    assert this.provider.buyers(["1"]) == []


def test_buyers_of_a_method_that_is_gone() -> None:
    this = bench((404, b"<html>404</html>"))

    with pytest.raises(Gone):
        this.provider.buyers(["1"])


def test_windows() -> None:
    this = bench((200, sample_bytes("batch/delivery_date.response")), timezone="Asia/Yekaterinburg")
    zone = ZoneInfo("Asia/Yekaterinburg")

    found = this.provider.windows(["1234567890"])

    assert this.sent == [Sent("POST", "/api/v3/dbs/orders/delivery-date", None, {"orders": [1234567890]}, False)]
    window = Window(datetime(2026, 1, 26, 11, 11, tzinfo=zone), datetime(2026, 1, 26, 22, 22, tzinfo=zone))
    assert found == [DeliveryWindow("1234567890", window)]
    assert this.notes.drift == []


def test_windows_that_are_incomplete() -> None:
    zone = ZoneInfo("Europe/Moscow")
    rows = [
        {"id": 1, "dDate": "2026-01-26", "dTimeFrom": None, "dTimeTo": None},
        {"id": 2, "dDate": "", "dDateOld": "2025-01-28", "dTimeFromOld": "12:30", "dTimeToOld": "22:30"},
        {"id": 3, "dDate": None},
        {"id": 4, "dDate": "26.01.2026", "dTimeFrom": "21:00", "dTimeTo": "02:00"},
        {"id": 5, "dDate": "tomorrow"},
    ]
    this = bench((200, {"orders": rows}))

    found = this.provider.windows(["1", "2", "3", "4", "5"])

    assert found == [
        DeliveryWindow("1", Window(datetime(2026, 1, 26, tzinfo=zone), None)),
        DeliveryWindow("4", Window(datetime(2026, 1, 26, 21, tzinfo=zone), datetime(2026, 1, 27, 2, tzinfo=zone))),
    ]
    assert found[0].window.deadline == datetime(2026, 1, 26, 23, 59, 59, tzinfo=zone)
    assert this.notes.drift == [("orders/delivery-date", "value", "dDate=tomorrow None None")]


def test_delivery_costs() -> None:
    group = "0596a30a-d11c-4210-a231-ee1c39d61fe4"
    this = bench((200, sample_bytes("batch/groups_info.response")), (200, None))

    found = this.provider.delivery_costs([group])

    assert this.sent == [Sent("POST", "/api/v3/dbs/groups/info", None, {"groups": [group]}, False)]
    assert found == [DeliveryCost(group, Money(Decimal("11.08"), "BYN"), Money(Decimal("298.03"), "RUB"))]
    assert this.provider.delivery_costs([group]) == []  # null


def test_delivery_costs_of_another_shape() -> None:
    this = bench((200, {"groups": []}), (200, [{"groupID": "a", "deliveryCost": -1, "currencyCode": 643}]))

    with pytest.raises(Unreadable):
        this.provider.delivery_costs(["a"])
    assert this.provider.delivery_costs(["a"]) == []
    assert [kind for _, kind, _ in this.notes.drift] == ["value"]


def test_organisations() -> None:
    this = bench((200, sample_bytes("batch/b2b_info.response")))

    found = this.provider.organisations(["123456", "234567"])

    assert this.sent == [Sent("POST", f"{BATCH}/b2b/info", None, {"ordersIds": [123456, 234567]}, False)]
    facts = {"inn": "0278012345", "kpp": "027801001", "name": "ООО «Ромашка»"}
    assert found == [Organisation("123456", facts)]


def test_codes_and_their_decisions() -> None:
    this = bench((200, sample_bytes("batch/meta_details.response")))

    found = this.provider.codes(["123456", "234567"])

    assert this.sent == [Sent("POST", f"{BATCH}/meta/details", None, {"ordersIds": [123456, 234567]}, False)]
    code = "0104600439931256215RJZx80hlqAq3\x1d93Mdlr"
    assert found == [
        CodeVerdict("123456", CodeKind.SGTIN, code, CodeState.VERIFIED, "sgtinIntroduced"),
        CodeVerdict("123456", CodeKind.SGTIN, "0102900304495480215KE", CodeState.REFUSED, "sgtinInvalidFormat"),
        CodeVerdict("123456", CodeKind.IMEI, "004901542032375", CodeState.SENT, "pending"),
    ]
    assert this.notes.drift == []


def test_codes_that_are_new_to_us() -> None:
    details = [
        {"key": "sgtin", "value": ["a\x1d", 12345678901234567890123456789], "decision": "sgtinOnTheMoon"},
        {"key": "rnpt", "value": "1", "decision": "filled"},
    ]
    this = bench((200, {"requestId": "", "orders": [{"orderId": 1, "isError": False, "metaDetails": details}]}))

    found = this.provider.codes(["1"])

    values = ("a\x1d", "12345678901234567890123456789")  # a code may end with a separator; no number passes a float
    assert found == [CodeVerdict("1", CodeKind.SGTIN, value, CodeState.SENT, "sgtinOnTheMoon") for value in values]
    assert this.notes.drift == [
        ("orders/meta/details", "value", "decision=sgtinOnTheMoon"),
        ("orders/meta/details", "value", "key=rnpt"),
    ]


def test_stickers() -> None:
    rest = {"stickers": [{"orderId": 2, "file": "not base64!"}, {"orderId": 3, "file": None}]}
    this = bench((200, sample_bytes("batch/stickers.response")), (200, rest))

    found = this.provider.stickers(["5346346", *map(str, range(1, 101))])

    form = {"type": "pdf", "width": 58, "height": 40}
    first = {"orders": [5346346, *range(1, 100)]}
    assert this.sent == [
        Sent("POST", f"{BATCH}/stickers", form, first, False),
        Sent("POST", f"{BATCH}/stickers", form, {"orders": [100]}, False),
    ]
    assert found == [Sticker("5346346", b"%PDF-1.7\n%%EOF", "231648 9753")]


def test_the_older_dialect_has_no_such_methods() -> None:
    this = bench(dialect="v3")

    found = [*this.provider.windows(["1"]), *this.provider.delivery_costs(["a"])]
    found += [*this.provider.organisations(["1"]), *this.provider.stickers(["1"])]

    assert found == []
    assert this.sent == []


def test_new_order_of_2026() -> None:
    this = bench((200, sample_bytes("batch/orders_new.response")))

    task = this.provider.parse(this.provider.new_orders().tasks[0])

    assert task.code_kinds == (CodeKind.UIN, CodeKind.GTD)
    assert task.required_kinds == (CodeKind.UIN,)  # the declaration may follow after the hand-over
    assert task.is_business
    assert task.window is None
    assert task.deadline_at == datetime(2022, 5, 4, 10, 56, 29, tzinfo=UTC)  # express: three hours
    (item,) = task.items
    assert (item.final_price, item.converted_final_price) == (
        Money(Decimal("10.00"), "BYN"),
        Money(Decimal("279.31"), "RUB"),
    )
    assert task.data == {
        "group": "7a2c8810-1db2-4011-9682-5c7fa33afd83",
        "rid": "f884001e44e511edb8780242ac120002",
        "warehouse": "658434",
        "cargo_type": "1",
        "sticker": "123456",
        "zero_stock": True,
    }
    assert this.notes.drift == []


def test_finished_order_of_2026() -> None:
    this = bench((200, sample_bytes("batch/orders.response")))
    moment = datetime(2022, 5, 1, tzinfo=UTC)

    (raw,) = this.provider.finished_orders(moment, moment, None).tasks
    task = this.provider.parse(raw)

    assert (task.address, task.code_kinds, task.words, task.stage) == (None, (), {}, Stage.WAITING)
    assert task.data["scan_price"] == "0.50"
    assert this.notes.drift == []
