"""One order as both order models write it, and ways to spoil it (seed 003, contract appendices B and C)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.utils.translation import override

from backoffice.errors import Unreadable

from .shapes import business, put, v2

REGION = {
    "id": 213,
    "name": "Москва",
    "type": "CITY",
    "parent": {"id": 225, "name": "Россия", "type": "COUNTRY", "parent": None},
}
ADDRESS = {
    "country": "Россия",
    "city": "Москва",
    "street": "Тверская улица",
    "house": "7",
    "entrance": "2",
    "floor": "3",
    "apartment": "14",
    "gps": {"latitude": 55.7601, "longitude": 37.6105},
}
INSTANCE = {
    "cis": "0104600439931256215RJZx80hlqAq3",
    "cisFull": "0104600439931256215RJZx80hlqAq3\x1d91FFD0\x1d92sGGtBn",
}
COURIER = {"fullName": "Кузнецов К.", "phone": "+79990000001", "vehicleNumber": "А001АА77"}
#: A unit costs 1000: the buyer pays 850 in money and 50 in Plus points, the Market makes up for the points and adds 100.
V2: dict[str, Any] = {
    "id": 4711,
    "externalOrderId": "WEB-1",
    "status": "PROCESSING",
    "substatus": "STARTED",
    "creationDate": "20-11-2026 10:00:00",
    "updatedAt": "20-11-2026 10:05:30",
    "currency": "RUR",
    "itemsTotal": 2550,
    "deliveryTotal": 349.5,
    "paymentType": "PREPAID",
    "paymentMethod": "YANDEX",
    "fake": False,
    "items": [
        {
            "id": 11,
            "offerId": "A-1",
            "offerName": "Чайник",
            "price": 850.0,
            "buyerPrice": 900.00,
            "subsidy": 150,
            "subsidies": [{"type": "SUBSIDY", "amount": 100}, {"type": "YANDEX_CASHBACK", "amount": 50}],
            "count": 3,
            "vat": "VAT_22",
            "instances": [INSTANCE],
            "requiredInstanceTypes": ["CIS_OPTIONAL", "GTD"],
            "tags": ["ULTIMA"],
        }
    ],
    "subsidies": [
        {"type": "SUBSIDY", "amount": 300},
        {"type": "YANDEX_CASHBACK", "amount": 150},
        {"type": "DELIVERY", "amount": 50.5},
    ],
    "delivery": {
        "type": "DELIVERY",
        "serviceName": "Своя служба",
        "deliveryServiceId": 99,
        "deliveryPartnerType": "SHOP",
        "dispatchType": "BUYER",
        "dates": {"fromDate": "22-11-2026", "toDate": "22-11-2026", "fromTime": "10:00:00", "toTime": "18:00:00"},
        "region": REGION,
        "address": ADDRESS,
        "courier": COURIER,
        "vat": "VAT_10",
        "liftType": "ELEVATOR",
        "tracks": [{"trackCode": "80123", "deliveryServiceId": 99}],
        "shipments": [{"id": 551, "shipmentDate": "21-11-2026", "shipmentTime": "16:00"}],
        "estimated": True,
        "eacType": "COURIER_TO_MERCHANT",
        "eacCode": "9281",
        "receiveCode": "77",
    },
    "buyer": {"type": "PERSON"},
    "notes": "Код 5",
    "cancelRequested": True,
}


def rub(value: float) -> dict[str, Any]:
    return {"value": value, "currencyId": "RUR"}


BUSINESS: dict[str, Any] = {
    "orderId": 4711,
    "campaignId": 7100001,
    "programType": "DBS",
    "externalOrderId": "WEB-1",
    "status": "PROCESSING",
    "substatus": "STARTED",
    "creationDate": "2026-11-20T10:00:00+03:00",
    "updateDate": "2026-11-20T07:05:30Z",
    "paymentType": "PREPAID",
    "paymentMethod": "YANDEX",
    "fake": False,
    "items": [
        {
            "id": 11,
            "offerId": "A-1",
            "offerName": "Чайник",
            "count": 3,
            "prices": {"payment": rub(2550.0), "subsidy": rub(450), "cashback": rub(150.0), "vat": "VAT_22"},
            "instances": [INSTANCE],
            "requiredInstanceTypes": ["CIS_OPTIONAL", "GTD"],
            "tags": ["ULTIMA"],
        }
    ],
    "prices": {
        "payment": rub(2550),
        "subsidy": rub(500.5),
        "cashback": rub(150),
        "delivery": {"payment": rub(299), "subsidy": rub(50.5), "vat": "VAT_10"},
    },
    "delivery": {
        "type": "DELIVERY",
        "serviceName": "Своя служба",
        "deliveryServiceId": 99,
        "deliveryPartnerType": "SHOP",
        "dispatchType": "BUYER",
        "dates": {"fromDate": "2026-11-22", "toDate": "2026-11-22", "fromTime": "10:00", "toTime": "18:00"},
        "shipment": {"id": 551, "shipmentDate": "2026-11-21", "shipmentTime": "16:00:00"},
        "courier": {"address": ADDRESS, "region": REGION},
        "transfer": {"courier": COURIER, "eac": {"eacType": "COURIER_TO_MERCHANT", "eacCode": "9281"}},
        "tracks": [{"trackCode": "80123", "deliveryServiceId": 99}],
        "estimated": True,
        "receiveCode": "77",
    },
    "services": {"liftType": "ELEVATOR"},
    "buyerType": "PERSON",
    "notes": "Код 5",
    "cancelRequested": True,
    "sourcePlatform": "MARKET",
}


BOTH = [(v2, V2), (business, BUSINESS)]
DIALECTS = pytest.mark.parametrize(("read", "order"), BOTH, ids=["v2", "business"])


def changed(order: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with one value changed; ``...`` takes it away."""
    found = copy.deepcopy(order)
    if value is ...:
        *way, last = path.split(".")
        here: Any = found
        for step in way:
            here = here[int(step) if step.isdigit() else step]
        del here[last]
    else:
        put(found, path, value)
    return found


def reason(read: Any, order: Any) -> str:
    with override("en"), pytest.raises(Unreadable) as caught:
        read(order)
    return caught.value.detail
