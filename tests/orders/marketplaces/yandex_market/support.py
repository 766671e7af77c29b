"""A Yandex Market provider on a scripted transport, and orders as both models tell them (contract appendices B and C, seed 003)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orders.enums import ActionKind
from orders.marketplaces.base import Connection, Outgoing, Result
from orders.marketplaces.yandex_market import V2, Business, build
from tests.orders.marketplaces.support import Notes, Script, Sent

DATA = Path(__file__).resolve().parents[3] / "data" / "yandex_market"
KEY = "ACMA:planted-key-0815"
CAMPAIGN, BUSINESS = "7100001", "7000001"
ORDERS = f"/v2/campaigns/{CAMPAIGN}/orders"
BUSINESS_ORDERS = f"/v1/businesses/{BUSINESS}/orders"
OK = {"status": "OK"}


def connection(dialect: str = "business", *, base_url: str = "http://127.0.0.1:1", **options: Any) -> Connection:
    credentials = options.pop("credentials", {"api_key": KEY})
    own = {"campaign_id": CAMPAIGN, "business_id": BUSINESS, **options}
    return Connection(
        base_url=base_url,
        dialect=dialect,
        options={name: value for name, value in own.items() if value is not None},
        credentials=credentials,
    )


@dataclass
class Bench:
    """A provider on a scripted transport."""

    provider: Business | V2
    script: Script
    notes: Notes

    @property
    def sent(self) -> list[Sent]:
        return self.script.sent

    def one(self, action: Outgoing) -> Result:
        (result,) = self.provider.send(action.kind, [action])
        return result


def bench(*answers: Any, dialect: str = "business", **options: Any) -> Bench:
    notes, script = Notes(), Script(list(answers))
    return Bench(build(connection(dialect, **options), gate=notes, drift=notes, http=script), script, notes)


def error(*messages: str, code: str = "BAD_REQUEST") -> dict[str, Any]:
    """The envelope of a refusal (contract 2.1)."""
    return {"status": "ERROR", "errors": [{"code": code, "message": message} for message in messages]}


def act(this: Bench, kind: ActionKind, *ids: str, reason: str = "") -> list[Result]:
    return this.provider.send(kind, [Outgoing(each, kind, reason=reason) for each in ids])


def business_order(number: int = 1, **fields: Any) -> dict[str, Any]:
    """The fields that appendix B marks as required, and times of change."""
    order: dict[str, Any] = {
        "orderId": number,
        "campaignId": int(CAMPAIGN),
        "programType": "DBS",
        "status": "PROCESSING",
        "substatus": "STARTED",
        "creationDate": "2026-11-20T10:00:00+03:00",
        "updateDate": "2026-11-20T10:05:00+03:00",
        "paymentType": "PREPAID",
        "paymentMethod": "YANDEX",
        "fake": False,
        "items": [
            {
                "id": 11,
                "offerId": "A-1",
                "offerName": "Чайник",
                "count": 2,
                "prices": {"payment": {"value": 1000.0, "currencyId": "RUR"}},
            }
        ],
        "delivery": {"type": "DELIVERY", "deliveryServiceId": 99, "dates": {"fromDate": "2026-11-22"}},
    }
    return order | fields


def v2_order(number: int = 1, **fields: Any) -> dict[str, Any]:
    """The same order in the shape of seed 003 and appendix C."""
    order: dict[str, Any] = {
        "id": number,
        "status": "PROCESSING",
        "substatus": "STARTED",
        "creationDate": "20-11-2026 10:00:00",
        "updatedAt": "20-11-2026 10:05:00",
        "currency": "RUR",
        "itemsTotal": 1000.0,
        "deliveryTotal": 0,
        "buyerItemsTotalBeforeDiscount": 1000.0,
        "paymentType": "PREPAID",
        "paymentMethod": "YANDEX",
        "fake": False,
        "items": [
            {
                "id": 11,
                "offerId": "A-1",
                "offerName": "Чайник",
                "price": 500.0,
                "buyerPrice": 500.0,
                "buyerPriceBeforeDiscount": 500.0,
                "count": 2,
            }
        ],
        "delivery": {
            "type": "DELIVERY",
            "serviceName": "Свой курьер",
            "deliveryPartnerType": "SHOP",
            "deliveryServiceId": 99,
            "dates": {"fromDate": "22-11-2026"},
        },
        "buyer": {"type": "PERSON"},
        "taxSystem": "OSN",
    }
    return order | fields


def page(*orders: Any, token: str = "") -> dict[str, Any]:
    """The answer of both lists (contract 2.4.1, 2.4.2)."""
    return {"orders": list(orders), **({"paging": {"nextPageToken": token}} if token else {"paging": {}})}


def order(dialect: str, number: int = 1, **fields: Any) -> dict[str, Any]:
    return business_order(number, **fields) if dialect == "business" else v2_order(number, **fields)


def seed_order(**fields: Any) -> dict[str, Any]:
    """The example of seed 003, as it stands there but for what is named."""
    found: dict[str, Any] = json.loads((DATA / "v2_order.json").read_text())["order"]
    return found | fields
