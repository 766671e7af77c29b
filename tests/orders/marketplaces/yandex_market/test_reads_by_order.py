"""What is read order by order: buyers, organisations, documents, and what needs no call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from backoffice.errors import Refused, Unreadable
from orders.marketplaces.base import DeliveryService, Organisation, Phone
from tests.orders.marketplaces.support import Sent

from .support import OK, ORDERS, Bench, bench, error

MOSCOW = timezone(timedelta(hours=3))
START = datetime(2026, 11, 20, 21, 30, 15, 400, tzinfo=UTC)
END = datetime(2026, 11, 21, 9, 0, 0, 1, tzinfo=UTC)
NOT_FOUND = (404, error("Order not found: '1'", code="NOT_FOUND"))
DIALECTS = pytest.mark.parametrize("dialect", ["business", "v2"])


def asked(this: Bench) -> list[Sent]:
    """The calls; every one of a read."""
    assert not any(sent.write for sent in this.sent)
    return this.sent


BUYER = {
    "id": "b1",
    "lastName": "Иванова",
    "firstName": "Анна",
    "middleName": "Петровна",
    "type": "PERSON",
    "phone": "+79001234567",
    "trusted": True,
}
NOT_NOW = (400, error("Order is not in shop-processing status (actual: 'DELIVERED')."))


@DIALECTS
def test_a_buyer(dialect: str) -> None:
    this = bench((200, {**OK, "result": BUYER}), dialect=dialect)

    (found,) = this.provider.buyers(["1"])

    (sent,) = asked(this)
    assert (sent.method, sent.path, sent.params, sent.body) == ("GET", f"{ORDERS}/1/buyer", None, None)
    assert (found.external_id, found.first_name, found.full_name) == ("1", "Анна", "Иванова Анна Петровна")
    assert found.phones == (Phone("+79001234567", primary=True),)
    assert (found.complete, found.do_not_call) == (True, True)
    assert this.notes.drift == []


def test_buyers_that_are_not_told() -> None:
    this = bench(NOT_NOW, NOT_FOUND, (200, {**OK, "result": BUYER}))

    assert [buyer.external_id for buyer in this.provider.buyers(["1", "2", "3", "x"])] == ["3"]


def test_another_refusal_about_a_buyer_is_said() -> None:
    with pytest.raises(Refused, match="WRONG_MODEL"):
        bench((400, error("Campaign type is not allowed."))).provider.buyers(["1"])


def test_organisations() -> None:
    result = {"inn": "7707083893", "kpp": "770701001", "organizationName": "ООО", "organizationJurAddress": "Москва"}
    this = bench(
        (200, {**OK, "result": result}),
        (400, error("Not a business buyer.")),
        (400, error("Order is in the wrong status, it's only possible starting from the status PROCESSING.")),
    )

    found = this.provider.organisations(["1", "2", "3"])

    assert [(sent.method, sent.path, sent.body) for sent in asked(this)] == [
        ("POST", f"{ORDERS}/{number}/business-buyer", None) for number in (1, 2, 3)
    ]
    facts = {"inn": "7707083893", "kpp": "770701001", "name": "ООО", "address": "Москва"}
    assert found == [Organisation("1", facts)]


def test_documents() -> None:
    result = {"upd": {"status": "READY", "number": "U-1", "date": "2026-11-21"}, "sf": {"status": "NOT_READY"}}
    this = bench((200, {**OK, "result": result}), (400, error("Not a business buyer.")))

    found = this.provider.documents(["1", "2"])

    assert [(sent.method, sent.path, sent.body) for sent in asked(this)] == [
        ("POST", f"{ORDERS}/{number}/documents", None) for number in (1, 2)
    ]
    assert [(each.external_id, each.kind, each.status, each.number, each.date) for each in found] == [
        ("1", "upd", "READY", "U-1", "2026-11-21"),
        ("1", "sf", "NOT_READY", "", ""),
    ]


def test_services() -> None:
    rows: list[Any] = [{"id": 139, "name": "СДЭК"}, "broken", {"id": 99, "name": "Собственная служба"}]
    this = bench((200, {**OK, "result": {"deliveryService": rows}}), (200, OK))

    found = this.provider.services()

    assert (this.sent[0].method, this.sent[0].path, this.sent[0].body) == ("GET", "/v2/delivery/services", None)
    assert found == [DeliveryService("139", "СДЭК"), DeliveryService("99", "Собственная служба")]
    assert [place for place, _kind, _name in this.notes.drift] == ["delivery/services"]
    assert this.provider.services() == []


def test_labels() -> None:
    pdf = b"%PDF-1.4 labels"
    this = bench((200, pdf), NOT_FOUND, (200, b"<html/>"))

    found = this.provider.stickers(["1", "2"])

    assert [(sent.method, sent.path) for sent in asked(this)] == [
        ("GET", f"{ORDERS}/1/delivery/labels"),
        ("GET", f"{ORDERS}/2/delivery/labels"),
    ]
    assert [(sticker.external_id, sticker.pdf) for sticker in found] == [("1", pdf)]
    with pytest.raises(Unreadable):
        this.provider.stickers(["3"])


@DIALECTS
def test_what_the_order_itself_tells_needs_no_call(dialect: str) -> None:
    this = bench(dialect=dialect)

    assert (this.provider.windows(["1"]), this.provider.delivery_costs(["1"]), this.provider.needs(["1"])) == (
        [],
        [],
        [],
    )
    assert this.sent == []
