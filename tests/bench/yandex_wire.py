"""Pages of orders as Yandex Market writes them (``BusinessOrderDTO``: contract 2.4.1, appendix B), and a line that answers them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backoffice.answers import Answer

#: What one page holds at most (contract 2.4.1).
SIZE = 50
STARTED = ("PROCESSING", "STARTED")
LEFT = ("DELIVERY", "DELIVERY_SERVICE_RECEIVED")
#: So many orders in a row are all different in lines, quantities, codes, delivery and buyer.
CYCLE = 120
#: A number of an order with three lines, the first of which needs a code of Chestny ZNAK.
RICHEST = CYCLE * 10**7

_NOBODY = b'{"orders": [], "paging": {}}'
#: Number at the shop, name, roubles, codes, VAT. Kinds of codes: contract 2.4.2.
_GOODS: tuple[tuple[str, str, int, tuple[str, ...], str], ...] = (
    ("BOOTS-42-BLK", "Ботинки зимние мужские, чёрные, 42", 7499, ("CIS",), "VAT_22"),
    ("MUG-UNICORN", "Кружка с единорогом, 350 мл", 599, (), "VAT_22"),
    ("RING-925-17", "Кольцо серебряное 925 пробы, 17", 5046, ("UIN",), "VAT_22"),
    ("BED-SET-EURO", "Постельное бельё евро, сатин", 4290, ("CIS_OPTIONAL",), "VAT_22"),
    ("WASHER-6KG", "Стиральная машина узкая, 6 кг", 28990, ("RNPT",), "VAT_22"),
    ("BOOK-GARDEN", "Книга «Сад за три года»", 845, (), "VAT_10"),
    ("MONITOR-27", "Монитор 27″ IPS", 17490, ("GTD",), "VAT_22"),
    ("KETTLE-17", "Чайник электрический 1,7 л", 2790, (), "VAT_22"),
)
_REGION: dict[str, Any] = {
    "id": 213, "name": "Москва", "type": "CITY",
    "parent": {
        "id": 1, "name": "Москва и Московская область", "type": "REGION",
        "parent": {
            "id": 3, "name": "Центральный федеральный округ", "type": "COUNTRY_DISTRICT",
            "parent": {"id": 225, "name": "Россия", "type": "COUNTRY"},
        },
    },
}  # fmt: skip


def page(first: int, count: int, *, place: tuple[str, str] = STARTED) -> bytes:
    """The body of ``POST /v1/businesses/{id}/orders``, a last page: orders numbered from ``first``.

    ``place``: the status and substatus they all have.
    """
    orders = [order(first + n, place=place) for n in range(count)]
    return json.dumps({"orders": orders, "paging": {}}, ensure_ascii=False).encode()


def order(number: int, *, place: tuple[str, str] = STARTED) -> dict[str, Any]:
    """One to three lines of one to three units. An order that has left was updated two hours after one that has not."""
    status, substatus = place
    items = [_item(number, line, left=place == LEFT) for line in range(3 - number % 3)]
    goods = sum(item["prices"]["payment"]["value"] for item in items)
    business = number % 20 == 7
    return {
        "orderId": number,
        "campaignId": 7100001,
        "programType": "DBS",
        "status": status,
        "substatus": substatus,
        "creationDate": "2026-11-20T10:15:00+03:00",
        "updateDate": f"2026-11-20T{12 if place == LEFT else 10}:15:00+03:00",
        "paymentType": "PREPAID",
        "paymentMethod": "B2B_ACCOUNT_PREPAYMENT" if business else "YANDEX",
        "fake": False,
        "items": items,
        "prices": {
            "payment": _rubles(goods),
            "subsidy": _rubles(100 * len(items)),
            "delivery": {"payment": _rubles(299), "vat": "VAT_22"},
        },
        "delivery": _delivery(number),
        "services": {"liftType": "NOT_NEEDED"},
        "buyerType": "BUSINESS" if business else "PERSON",
        "notes": "Позвоните за час" if number % 3 else "",
        "cancelRequested": False,
        "sourcePlatform": "MARKET",
    }


def _rubles(value: float) -> dict[str, Any]:
    return {"value": value, "currencyId": "RUR"}


def _item(number: int, line: int, *, left: bool) -> dict[str, Any]:
    """Prices are of all units together."""
    offer, name, price, codes, vat = _GOODS[(number + 3 * line) % len(_GOODS)]
    count = 1 + (number + line) % 3
    return {
        "id": number % 10**9 * 3 + line,
        "offerId": offer,
        "offerName": name,
        "count": count,
        "prices": {"payment": _rubles(price * count - 100), "subsidy": _rubles(100), "vat": vat},
        **({"requiredInstanceTypes": list(codes)} if codes else {}),
        "itemStatuses": [{"status": "SHIPPED" if left else "CREATED", "count": count}],
    }


def _delivery(number: int) -> dict[str, Any]:
    pickup = number % 4 == 2
    where = {"address": _address(number), "region": _REGION}
    outlet = {"logisticPointId": 55443322, "outletCode": f"PVZ-{number % 40}"}
    return {
        "type": "PICKUP" if pickup else "DELIVERY",
        "serviceName": "Собственная служба доставки",
        "deliveryServiceId": 99,
        "deliveryPartnerType": "SHOP",
        "dispatchType": "SHOP_OUTLET" if pickup else "BUYER",
        "dates": {"fromDate": "2026-11-24", "toDate": "2026-11-24", "fromTime": "10:00", "toTime": "14:00"},
        "shipment": {"id": number % 10**9, "shipmentDate": "2026-11-23"},
        **({"pickup": where | outlet, "receiveCode": f"{number % 10**6:06}"} if pickup else {"courier": where}),
        "estimated": False,
    }


def _address(number: int) -> dict[str, Any]:
    return {
        "country": "Россия",
        "postcode": "119021",
        "city": "Москва",
        "subway": "Парк культуры",
        "street": "улица Льва Толстого",
        "house": str(1 + number % 120),
        "entrance": "2",
        "entryphone": "145",
        "floor": "7",
        "apartment": str(1 + number % 240),
        "gps": {"latitude": 55.733842, "longitude": 37.588144},
    }


@dataclass
class Line:
    """Answers a list of real orders with ``body``; there are no test orders (contract 2.9: they have a list of their own)."""

    body: bytes = _NOBODY

    def send(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: object = None, write: bool
    ) -> Answer:
        test = isinstance(json, dict) and json["fake"]
        headers = {"Content-Type": "application/json"}
        return Answer(200, headers, _NOBODY if test else self.body, method=method, path=path, write=write)
