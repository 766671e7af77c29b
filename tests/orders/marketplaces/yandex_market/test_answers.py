"""Buyers, organisations, documents and services as they are answered (contract 2.3, 2.5)."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.reading import Reader
from orders.marketplaces.base import BuyerInfo, DeliveryService, Document, Organisation, Phone
from orders.marketplaces.yandex_market import facts
from orders.marketplaces.yandex_market.schemas import (
    BuyerWire,
    DocumentsWire,
    OrganisationWire,
    ServicesWire,
    ServiceWire,
    Wire,
)
from tests.orders.marketplaces.support import Notes


def read(body: Any, shape: type[Wire]) -> Any:
    notes = Notes()
    found = Reader(notes).convert(body, shape, "answer")
    assert notes.drift == []
    return found


BUYER = {
    "id": "aYz08pp6WcuYgr",
    "lastName": "Иванов",
    "firstName": "Иван",
    "middleName": "Иванович",
    "type": "PERSON",
    "phone": "+79001234567",
    "trusted": True,
}


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (
            BUYER,
            BuyerInfo(
                "7",
                "Иван",
                "Иванов Иван Иванович",
                (Phone("+79001234567", primary=True),),
                complete=True,
                do_not_call=True,
            ),
        ),
        ({"firstName": "Иван", "phone": None}, BuyerInfo("7", "Иван", "Иван", (), complete=False)),
        (None, BuyerInfo("7", "", "", (), complete=False)),
    ],
)
def test_buyers(result: Any, found: BuyerInfo) -> None:
    assert facts.buyer("7", read({"status": "OK", "result": result}, BuyerWire)) == found


def test_organisations() -> None:
    told = {
        "inn": 7736207543,
        "kpp": "773601001",
        "organizationName": "ООО «Ромашка»",
        "organizationJurAddress": "Москва",
    }

    assert facts.organisation("7", read({"status": "OK", "result": told}, OrganisationWire)) == Organisation(
        "7", {"inn": "7736207543", "kpp": "773601001", "name": "ООО «Ромашка»", "address": "Москва"}
    )
    assert facts.organisation("7", read({"status": "OK"}, OrganisationWire)) == Organisation("7", {})


def test_documents() -> None:
    told = {
        "upd": {"status": "READY", "number": "12", "date": "2026-11-21"},
        "torgTwelve": {"status": "NOT_READY"},
        "ksf": None,
    }

    assert facts.documents("7", read({"status": "OK", "result": told}, DocumentsWire)) == [
        Document("7", "upd", "READY", "12", "2026-11-21"),
        Document("7", "torgTwelve", "NOT_READY"),
    ]
    assert facts.documents("7", read({"status": "OK"}, DocumentsWire)) == []


def test_services() -> None:
    answer = read({"result": {"deliveryService": [{"id": 139, "name": "Почта"}, {"name": "?"}]}}, ServicesWire)
    rows = [read(row, ServiceWire) for row in answer.result.delivery_service]

    assert facts.services(rows) == [DeliveryService("139", "Почта")]
