"""Orders on the wire: what is good enough, what is not, and what a page costs when nothing is new."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from backoffice.errors import Invalid, Unreadable
from orders.enums import CodeKind, Stage
from orders.marketplaces.base import Address, IncomingTask, Money, Window

from .support import Bench, Sent, bench, raw, sample

MOSCOW = ZoneInfo("Europe/Moscow")
DAY = datetime(2026, 1, 1, tzinfo=UTC)


def order(**changes: Any) -> dict[str, Any]:
    """The seed's new order with some fields changed; ``...`` takes one away."""
    found = {**sample("v3/orders_new.response")["orders"][0], **changes}
    return {name: value for name, value in found.items() if value is not ...}


def parse(this: Bench, **changes: Any) -> IncomingTask:
    return this.provider.parse(raw(order(**changes)))


def test_numbers_as_texts_and_texts_as_numbers() -> None:
    this = bench()

    plain = parse(this, skus=[6665956397512, None, "0012"], nmId="00123", article=7548, cargoType="1")
    texts = parse(this, id="13833711", price="1014", currencyCode="933", convertedPrice="28322", isZeroOrder="false")

    assert plain.items[0].barcodes == ("6665956397512", "0012")
    assert (plain.items[0].external_id, plain.items[0].article) == ("00123", "7548")
    assert texts.external_id == "13833711"
    assert texts.items[0].price == Money(Decimal("10.14"), "BYN")
    assert "zero_stock" not in texts.data
    assert this.notes.drift == []


def test_identifiers_never_pass_a_float() -> None:
    this = bench()

    assert parse(this, rid=12345678901234567890123456789).data["rid"] == "12345678901234567890123456789"
    with pytest.raises(Unreadable):
        parse(this, id=13833711.0)
    with pytest.raises(Unreadable):
        this.provider.parse(raw(json.dumps(order()).replace("13833711", "1.3833711e7").encode()))


def test_nulls() -> None:
    this = bench()
    nulls = dict.fromkeys(
        ("address", "requiredMeta", "skus", "salePrice", "options", "comment", "colorCode", "ddate", "rid"), None
    )

    task = parse(this, **nulls)

    assert (task.address, task.code_kinds, task.comment, task.window) == (None, (), "", None)
    assert task.items[0].barcodes == ()
    assert this.notes.drift == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": ...}, "id is missing"),
        ({"id": None}, "id is missing"),
        ({"id": -5}, "id is missing"),
        ({"id": "abc"}, "id is missing"),
        ({"id": 2**63}, "id is missing"),
        ({"price": -1014}, "price is negative"),
        ({"convertedPrice": -1}, "convertedPrice is negative"),
        ({"price": 10**12}, "price is absurdly large"),
        ({"price": "10,14"}, "price is not a whole number of hundredths"),
        ({"price": "12.50"}, "price is not a whole number of hundredths"),
        ({"price": 10.5}, r"got `float` - at `\$.price`"),
        ({"price": ...}, "price is missing"),
        ({"price": True}, r"got `bool` - at `\$.price`"),
        ({"currencyCode": ...}, "currencyCode is not a currency"),
        ({"currencyCode": "roubles"}, "currencyCode is not a currency"),
        ({"currencyCode": 6430}, "currencyCode is not a currency"),
        ({"convertedCurrencyCode": None}, "convertedCurrencyCode is not a currency"),
        ({"createdAt": "04.05.2022 07:56"}, "createdAt is not a time"),
        ({"createdAt": 1651650989}, "createdAt is not a time"),
        ({"createdAt": ...}, "createdAt is not a time"),
        ({"createdAt": "2022-13-04T07:56:29Z"}, "createdAt is not a time"),
        ({"createdAt": "0001-01-01T00:00:00Z"}, "createdAt is not a time"),
        ({"article": "a" * 121}, "article is longer than 120"),
        ({"orderUid": "1" * 81}, "orderUid is longer than 80"),
        ({"skus": "6665956397512"}, r"Expected `array \| null`, got `str`"),
        ({"address": "Челябинск"}, r"Expected `object \| null`, got `str`"),
        ({"address": ["Челябинск"]}, r"Expected `object \| null`, got `array`"),
    ],
)
def test_an_order_that_cannot_be_used_says_why(changes: dict[str, Any], reason: str) -> None:
    this = bench()

    with override("en"), pytest.raises(Unreadable) as caught:
        parse(this, **changes)

    assert re.search(reason, caught.value.detail), caught.value.detail


def test_a_reason_quotes_nothing_personal() -> None:
    this = bench()

    with pytest.raises(Unreadable) as caught:
        parse(this, address="Челябинск, улица 5", comment="домофон 4711")

    assert not {"Челябинск", "4711"} & set(caught.value.detail.split())


@pytest.mark.parametrize("body", [b"5", b"null", b'"order"', b"[]", b"[{}]", b"{", b'{"id":1', b"", b"\xff", b"{}"])
def test_an_element_that_is_no_order(body: bytes) -> None:
    with pytest.raises(Unreadable):
        bench().provider.parse(raw(body))


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=3))
def test_no_value_of_any_field_is_more_than_unreadable(value: Any) -> None:
    this = bench()
    for name in order():
        with suppress(Unreadable):
            assert parse(this, **{name: value}).items


def test_an_order_of_its_own_when_no_basket_is_named() -> None:
    this = bench()

    assert parse(this, orderUid=...).order_external_id == "13833711"
    assert this.notes.drift == [("order", "value", "orderUid=")]


@pytest.mark.parametrize(
    ("code", "letters"), [(643, "RUB"), (933, "BYN"), (398, "KZT"), (51, "AMD"), (417, "KGS"), (860, "UZS")]
)
def test_currencies(code: int, letters: str) -> None:
    this = bench()

    assert parse(this, currencyCode=code).items[0].price == Money(Decimal("10.14"), letters)
    assert this.notes.drift == []


def test_a_currency_that_is_new_to_us_is_kept_as_its_number() -> None:
    this = bench()

    assert parse(this, currencyCode=8).items[0].price == Money(Decimal("10.14"), "8")
    assert this.notes.drift == [("order", "value", "currencyCode=8")]


def test_unknown_words_are_kept_and_counted() -> None:
    this = bench()

    task = parse(this, deliveryType="drone", cargoType=4, requiredMeta=["sgtin", "soul", "sgtin", None])

    assert (task.delivery_type, task.data["cargo_type"], task.code_kinds) == ("drone", "4", (CodeKind.SGTIN,))
    assert this.notes.drift == [
        ("order", "value", "requiredMeta=soul"),
        ("order", "value", "deliveryType=drone"),
        ("order", "value", "cargoType=4"),
    ]


def test_unknown_fields_are_counted_with_a_sample_that_shows_only_their_form() -> None:
    this = bench()
    where = {"fullAddress": "Челябинск", "entrance": "код 12"}

    task = parse(this, buyerPhone="+79871234567", address=where, options={"isB2b": False, "isGift": True})

    assert task.address == Address("Челябинск")
    assert sorted(zip(this.notes.drift, this.notes.samples, strict=True), key=str) == [
        (("order", "field", "buyerPhone"), "+00000000000"),
        (("order.address", "field", "entrance"), "xxx 00"),
        (("order.options", "field", "isGift"), True),
    ]


@pytest.mark.parametrize(
    ("changes", "window"),
    [
        ({}, (datetime(2024, 5, 17, 15, tzinfo=MOSCOW), datetime(2024, 5, 17, 16, tzinfo=MOSCOW))),
        ({"ddate": "2024-05-17"}, (datetime(2024, 5, 17, 15, tzinfo=MOSCOW), datetime(2024, 5, 17, 16, tzinfo=MOSCOW))),
        ({"dTimeTo": None}, (datetime(2024, 5, 17, 15, tzinfo=MOSCOW), None)),
        ({"dTimeFrom": ""}, (datetime(2024, 5, 17, tzinfo=MOSCOW), datetime(2024, 5, 17, 16, tzinfo=MOSCOW))),
        ({"dTimeTo": "1:30"}, (datetime(2024, 5, 17, 15, tzinfo=MOSCOW), datetime(2024, 5, 18, 1, 30, tzinfo=MOSCOW))),
    ],
)
def test_delivery_windows(changes: dict[str, Any], window: tuple[datetime, datetime | None]) -> None:
    this = bench()

    assert parse(this, **changes).window == Window(*window)
    assert this.notes.drift == []


@pytest.mark.parametrize("changes", [{"ddate": "17/05/24"}, {"ddate": "32.05.2024"}, {"dTimeTo": "25:00"}])
def test_a_window_that_makes_no_sense_is_counted_and_left_out(changes: dict[str, Any]) -> None:
    this = bench()

    task = parse(this, **changes)

    assert task.window is None
    assert task.deadline_at == task.created_at + timedelta(hours=24)
    assert [(place, kind) for place, kind, _ in this.notes.drift] == [("order", "value")]


def test_deadlines() -> None:
    this = bench(deadline_hours="48", express_deadline_hours=2, timezone="Asia/Vladivostok")
    created = datetime(2022, 5, 4, 7, 56, 29, tzinfo=UTC)
    zone = ZoneInfo("Asia/Vladivostok")

    assert parse(this).deadline_at == datetime(2024, 5, 17, 16, tzinfo=zone)
    assert parse(this, dTimeFrom=None, dTimeTo=None).deadline_at == datetime(2024, 5, 17, 23, 59, 59, tzinfo=zone)
    assert parse(this, ddate=...).deadline_at == created + timedelta(hours=48)
    assert parse(this, ddate=..., deliveryType="edbs").deadline_at == created + timedelta(hours=2)


def test_which_codes_are_needed() -> None:
    every = ["sgtin", "uin", "imei", "gtin", "customsDeclaration"]
    four = (CodeKind.SGTIN, CodeKind.UIN, CodeKind.IMEI, CodeKind.GTIN)

    batch = parse(bench(), requiredMeta=every)
    v3 = parse(bench(dialect="v3"), requiredMeta=every)
    free = parse(bench(require_available="false"), requiredMeta=every)

    assert (batch.code_kinds, batch.required_kinds) == ((*four, CodeKind.GTD), four)
    assert (v3.code_kinds, v3.required_kinds) == (four, four)
    assert (free.code_kinds, free.required_kinds) == ((*four, CodeKind.GTD), ())


def test_coordinates_that_are_none() -> None:
    where = {"fullAddress": "Челябинск", "latitude": "55.1", "longitude": 444.5}

    assert parse(bench(), address=where).address == Address("Челябинск", 55.1, None)
    assert parse(bench(), address={"latitude": 55.1}).address is None
    assert parse(bench(), address={**where, "latitude": "nan"}).address == Address("Челябинск", None, None)
    assert parse(bench(), address={**where, "latitude": "north"}).address == Address("Челябинск", None, None)


def test_prices_that_are_only_kept_do_not_spoil_an_order() -> None:
    assert parse(bench(), salePrice="cheap").items[0].data["sale_price"] == "cheap"
    assert parse(bench(), currencyCode="RUB").items[0].price == Money(Decimal("10.14"), "RUB")


def page_of(count: int, **more: Any) -> dict[str, Any]:
    return {"orders": [order(id=number) for number in range(1, count + 1)], **more}


def test_a_page_is_known_again_without_reading_its_orders() -> None:
    body = b'{"orders":[ {"id": 1,"price":"\xff"} , {"id":"2"},{"price":1}, 5]}'
    this = bench((200, body), (200, body))

    first, second = this.provider.new_orders(), this.provider.new_orders()

    assert first == second
    assert [raw.external_id for raw in first.tasks] == ["1", "2", "", ""]
    assert first.tasks[1].body == b'{"id":"2"}'
    assert first.tasks[1].digest == hashlib.blake2b(b'{"id":"2"}', digest_size=16).hexdigest()


def test_a_broken_element_leaves_the_others_readable() -> None:
    page = page_of(3)
    page["orders"][1] = {"id": 2, "price": "free"}
    this = bench((200, page))

    first, second, third = this.provider.new_orders().tasks

    assert [this.provider.parse(each).external_id for each in (first, third)] == ["1", "3"]
    assert second.external_id == "2"
    with pytest.raises(Unreadable):
        this.provider.parse(second)


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html>busy</html>",
        b'{"orders":[{"id":1},{"id"',
        b"[]",
        b'[{"id":1}]',
        b"{}",
        b'{"orders":{}}',
        b'{"orders":"none"}',
        b'{"orders":[],"next":{}}',
        b"",
        b"null",
        b"[" * 5000,
    ],
)
def test_a_page_of_another_shape(body: bytes) -> None:
    this = bench((200, body), (200, body))

    with pytest.raises(Unreadable) as caught:
        this.provider.new_orders()
    assert (caught.value.path, len(caught.value.digest)) == ("/api/v3/dbs/orders/new", 16)
    with pytest.raises(Unreadable):
        this.provider.finished_orders(DAY, DAY, None)


def test_an_empty_page() -> None:
    this = bench((200, {"orders": None}), (200, {"orders": []}), (200, {"orders": [], "total": 0}))

    assert [this.provider.new_orders().tasks for _ in range(3)] == [(), (), ()]
    assert this.notes.drift == [("orders/new", "field", "total")]


@pytest.mark.parametrize(
    ("count", "following", "cursor", "expected"),
    [
        (1000, 777, None, "777"),
        (1000, "778", "777", "778"),
        (1000, 0, "777", None),
        (1000, 777, "777", None),
        (1000, None, "777", None),
        (999, 777, None, None),
        (0, 777, None, None),
    ],
)
def test_finished_orders_end(count: int, following: Any, cursor: str | None, expected: str | None) -> None:
    """Empty, shorter than the limit, ``next`` 0 or the same again (contract 1.3.3)."""
    this = bench((200, {"orders": [{"id": 1}] * count, "next": following}))

    page = this.provider.finished_orders(DAY, DAY + timedelta(days=30), cursor)

    assert (len(page.tasks), page.next_cursor) == (count, expected)
    assert all(raw.finished for raw in page.tasks)
    params = {"limit": 1000, "next": int(cursor or 0), "dateFrom": 1767225600, "dateTo": 1769817600}
    assert this.sent == [Sent("GET", "/api/v3/dbs/orders", params, None, False)]


@pytest.mark.parametrize("end", [DAY + timedelta(days=30, seconds=1), DAY - timedelta(seconds=1)])
def test_a_period_that_is_too_long_or_backwards_makes_no_call(end: datetime) -> None:
    this = bench()

    with pytest.raises(Invalid):
        this.provider.finished_orders(DAY, end, None)

    assert this.sent == []


def test_a_finished_order_waits_for_its_status() -> None:
    task = bench().provider.parse(raw(order(), finished=True))

    assert (task.stage, task.words) == (Stage.WAITING, {})
