"""Orders on the wire: what is good enough, what is not, and that it is said in words."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.answers import Answer
from backoffice.errors import Unreadable
from backoffice.reading import Reader
from orders.marketplaces.base import BuyerInfo, IncomingTask, Money, Page, Phone
from orders.marketplaces.yandex_market.mapping import page
from tests.orders.marketplaces.support import Notes

from .pair import BOTH, BUSINESS, V2, changed, reason
from .shapes import business, v2

DATA = Path(__file__).resolve().parents[3] / "data" / "yandex_market"


@pytest.mark.parametrize(
    ("field", "other"),
    [("status", "status"), ("creationDate", "creationDate"), ("items", "items"), ("delivery", "delivery")],
)
def test_a_field_that_is_needed_is_named_when_it_is_missing(field: str, other: str) -> None:
    for read, order in BOTH:
        assert reason(read, changed(order, field, ...)) == f"{other} is missing."
        assert reason(read, changed(order, field, None)) == f"{other} is missing."
    assert reason(v2, changed(V2, "items", [])) == "items is missing."


@pytest.mark.parametrize("value", [..., None, "", "abc", -5, 2**63, 13833711.5, True, [1]])
def test_an_order_without_a_number(value: Any) -> None:
    assert "id" in reason(v2, changed(V2, "id", value))
    assert "orderId" in reason(business, changed(BUSINESS, "orderId", value))


@pytest.mark.parametrize("value", [0, 1, "17", 2**63 - 1])
def test_any_int64_is_a_number(value: Any) -> None:
    assert v2(changed(V2, "id", value)).external_id == str(value)
    assert business(changed(BUSINESS, "orderId", value)).order_external_id == str(value)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("items[0].id", None, "items[0].id is missing or is not a number."),
        ("items[0].count", None, "items[0].count is missing or is not a number."),
        ("items[0].count", 1.5, "items[0].count is missing or is not a number."),
        ("items[0].count", -1, "items[0].count is missing or is not a number."),
        ("items[0].count", 2**31, "items[0].count is absurdly large."),
        ("items[0].offerId", None, "items[0].offerId is missing."),
        ("items[0].offerId", "a" * 256, "items[0].offerId is longer than 255 characters."),
        ("status", "S" * 81, "status is longer than 80 characters."),
        ("delivery.type", "T" * 33, "delivery.type is longer than 32 characters."),
        ("items", "Чайник", "Expected `array | null`, got `str` - at `$.items`"),
        ("delivery", ["Москва"], "Expected `object | null`, got `array` - at `$.delivery`"),
        ("creationDate", "yesterday", None),
        ("creationDate", 1651650989, None),
    ],
)
def test_an_order_that_cannot_be_used_says_why(path: str, value: Any, said: str | None) -> None:
    forms = ("DD-MM-YYYY HH:MM:SS", "YYYY-MM-DDTHH:MM:SS+03:00")
    for (read, order), form in zip(BOTH, forms, strict=True):
        assert reason(read, changed(order, path, value)) == (said or f"creationDate is not a time like {form}.")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("499,00", "is not a decimal number like 499.00."),
        ("cheap", "is not a decimal number like 499.00."),
        (-1, "is negative."),
        ("-0.01", "is negative."),
        (1e10, "is absurdly large."),
        ("1e99", "is absurdly large."),
        ("nan", "is not a decimal number like 499.00."),
    ],
)
def test_a_price_that_is_none_says_which(value: Any, said: str) -> None:
    for field in ("price", "buyerPrice", "subsidy"):
        assert reason(v2, changed(V2, f"items[0].{field}", value)) == f"items[0].{field} {said}"
    for field in ("payment", "subsidy", "cashback"):
        path = f"items[0].prices.{field}.value"
        assert reason(business, changed(BUSINESS, path, value)) == f"{path} {said}"


def test_a_price_is_needed_in_v2() -> None:
    assert reason(v2, changed(V2, "items[0].price", None)) == "items[0].price is missing."


def test_amounts_that_are_only_kept_do_not_spoil_an_order() -> None:
    notes = Notes()

    task = v2(changed(V2, "deliveryTotal", "free"), notes)

    assert task.facts is not None
    assert task.facts.totals.delivery == "free"
    assert [(place, kind) for place, kind, _name in notes.drift] == [("order", "value")]


@pytest.mark.parametrize(
    ("code", "letters"), [("RUR", "RUB"), ("RUB", "RUB"), ("rur", "RUB"), ("BYR", "BYR"), ("KZT", "KZT"), ("UE", "UE")]
)
def test_currencies(code: str, letters: str) -> None:
    notes = Notes()
    item = {"prices": {"payment": {"value": 5, "currencyId": code}}}

    assert v2(changed(V2, "currency", code), notes).items[0].price.currency == letters
    order = {**BUSINESS, "prices": None, "items": [{**BUSINESS["items"][0], **item}]}
    assert business(order, notes).items[0].price == Money(Decimal("1.67"), letters)
    assert notes.drift == []


def test_every_currency_of_the_seed_is_accepted() -> None:
    notes = Notes()

    for code in json.loads((DATA / "v2_enums.json").read_text())["currency"]:
        assert v2(changed(V2, "currency", code), notes).items[0].price.currency == code.replace("RUR", "RUB")
    assert notes.drift == []


def test_a_currency_that_is_new_to_us_is_kept_and_counted() -> None:
    notes = Notes()

    assert v2(changed(V2, "currency", "BTC"), notes).items[0].price.currency == "BTC"
    assert notes.drift == [("order", "value", "currency=BTC")]


@pytest.mark.parametrize("code", [None, "", "ROUB", "₽", "643"])
def test_what_is_no_currency(code: Any) -> None:
    assert reason(v2, changed(V2, "currency", code)) == "currency is not a currency."
    path = "prices.payment.currencyId"
    assert reason(business, changed(BUSINESS, path, code)) == f"{path} is not a currency."


@pytest.mark.parametrize(
    ("buyer", "address", "found"),
    [
        ({}, {}, None),
        (
            {"lastName": "Иванова", "firstName": "Анна"},
            {},
            BuyerInfo("4711", "Анна", "Иванова Анна", (), complete=False),
        ),
        (
            {"lastName": "Иванова", "firstName": "Анна", "middleName": "Ильинична"},
            {"recipient": "анна иванова", "phone": "+7 999"},
            BuyerInfo("4711", "Анна", "Иванова Анна Ильинична", (Phone("+7 999", primary=True),), complete=True),
        ),
        (
            {"lastName": "Иванова"},
            {"recipient": "Иванова Анна", "phone": "1"},
            BuyerInfo("4711", "", "Иванова Анна", (Phone("1", primary=True),), complete=True),
        ),
        ({}, {"recipient": "Петров Пётр"}, BuyerInfo("4711", "", "Петров Пётр", (), complete=False)),
    ],
)
def test_buyers(buyer: dict[str, str], address: dict[str, str], found: BuyerInfo | None) -> None:
    order = changed(changed(V2, "buyer", {"type": "PERSON", **buyer}), "delivery.address", address)

    assert v2(order).buyer == found


def test_an_order_without_an_address() -> None:
    assert v2(changed(V2, "delivery.address", None)).address is None
    assert v2(changed(V2, "delivery.address", {"phone": "1"})).address is None
    where = v2(changed(V2, "delivery.address.gps", {"latitude": "nan", "longitude": 444})).address
    assert where is not None
    assert (where.latitude, where.longitude) == (None, None)


def test_a_pickup_point_and_a_courier_in_one_order() -> None:
    """The type says where it goes."""
    order = changed(BUSINESS, "delivery.pickup", {"address": {"city": "Тверь"}})

    by_courier, by_pickup = business(order), business(changed(order, "delivery.type", "PICKUP"))

    assert by_courier.address is not None
    assert by_pickup.address is not None
    assert (by_courier.address.parts["city"], by_pickup.address.parts["city"]) == ("Москва", "Тверь")


def test_names_that_are_too_long_are_cut_and_the_older_article_stands_in() -> None:
    order = changed(changed(V2, "items[0].offerName", "я" * 301), "items[0].offerId", None)

    (item,) = v2(changed(order, "items[0].shopSku", "SKU")).items

    assert (item.name, item.article) == ("я" * 299 + "…", "SKU")


def test_a_reason_quotes_nothing_personal() -> None:
    said = reason(v2, changed(changed(V2, "delivery.address", "Челябинск, улица 5"), "notes", "домофон 4711"))

    assert "Челябинск" not in said
    assert "4711" not in said


@pytest.mark.parametrize("body", [b"5", b"null", b'"order"', b"[]", b"[{}]", b"{", b'{"id":1', b"", b"\xff", b"{}"])
def test_an_element_that_is_no_order(body: bytes) -> None:
    for read, _order in BOTH:
        with pytest.raises(Unreadable):
            read(body)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=3))
def test_no_value_of_any_field_is_more_than_unreadable(value: Any) -> None:
    for read, order in BOTH:
        for name in order:
            try:
                task: IncomingTask | None = read({**order, name: value})
            except Unreadable:
                task = None
            assert task is None or task.items


def listed(body: Any, notes: Notes | None = None) -> Page:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return page(Answer(200, {}, text), Reader(notes or Notes()), place="orders")


def test_pages() -> None:
    body = b'{"orders":[ {"id": 1,"x":"\xff"} , {"orderId":"2"},{"id":0}, {"price":1}, 5],"paging":{"nextPageToken":"abc"}}'
    first, again = listed(body), listed(body)

    assert first == again
    assert [raw.external_id for raw in first.tasks] == ["1", "2", "0", "", ""]
    assert (first.tasks[1].body, first.next_cursor) == (b'{"orderId":"2"}', "abc")
    assert len({raw.digest for raw in first.tasks}) == 5


@pytest.mark.parametrize("paging", [{}, {"paging": {}}, {"paging": None}, {"paging": {"nextPageToken": ""}}])
def test_the_last_page(paging: dict[str, Any]) -> None:
    assert listed({"orders": [], **paging}) == Page((), None)
    assert listed({"orders": None, **paging}) == Page((), None)


def test_an_answer_about_one_order_is_a_page_of_one() -> None:
    assert [raw.external_id for raw in listed({"order": V2}).tasks] == ["4711"]


def test_new_keys_of_a_page_are_counted() -> None:
    notes = Notes()
    listed({"orders": [], "pager": {"total": 0}, "paging": {}, "mood": 1}, notes)

    assert notes.drift == [("orders", "field", "mood")]


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"orders": 5}', b"<html>", b'{"orders":[], "paging": 5}'])
def test_what_is_no_page(body: bytes) -> None:
    with pytest.raises(Unreadable):
        listed(body)
