"""Orders out of nothing: for the page, the control API and the demo's stream."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sandbox.clock import parse_rfc3339
from sandbox.people import digits
from sandbox.yandex_market import catalog
from sandbox.yandex_market.carting import make_items
from sandbox.yandex_market.days import today
from sandbox.yandex_market.order import AFTER_DEPARTURE, Order
from sandbox.yandex_market.world import World

SUBSTATUSES: Final = {
    "PLACING": "ASYNC_PROCESSING", "RESERVED": "AWAIT_CONFIRMATION", "UNPAID": "WAITING_USER_INPUT",
    "PENDING": "AWAIT_CONFIRMATION", "PROCESSING": "STARTED", "DELIVERY": "DELIVERY_SERVICE_RECEIVED",
    "PICKUP": "PICKUP_SERVICE_RECEIVED", "DELIVERED": "DELIVERY_SERVICE_DELIVERED", "CANCELLED": "USER_CHANGED_MIND",
    "PARTIALLY_RETURNED": "DELIVERY_SERVICE_DELIVERED", "RETURNED": "DELIVERY_SERVICE_DELIVERED",
}  # fmt: skip
TYPES: Final = ("DELIVERY", "PICKUP", "POST", "DIGITAL")
PAYMENTS: Final = ("YANDEX", "SBP", "CASH_ON_DELIVERY", "CARD_ON_DELIVERY")
POSTPAID: Final = frozenset(
    {
        "CASH_ON_DELIVERY", "CARD_ON_DELIVERY", "BOUND_CARD_ON_DELIVERY", "BNPL_BANK_ON_DELIVERY",
        "BNPL_ON_DELIVERY", "B2B_ACCOUNT_POSTPAYMENT",
    }
)  # fmt: skip
DELIVERY_PRICES: Final = ((0, 0), (29_900, 0), (19_900, 10_000), (0, 24_900))


@dataclass(slots=True)
class Wish:
    """What to make. `items` as in the order, prices in roubles; `fields` override a model: `{"v1": {…}, "v2": {…}}`."""

    seller: str
    count: int = 1
    status: str = "PROCESSING"
    substatus: str = ""
    fake: bool = False
    business: bool = False
    digital: bool = False
    type: str = ""
    items: list[dict[str, Any]] | None = None
    payment: str | dict[str, str] = ""
    created: str = ""
    updated: str = ""
    region: str | dict[str, Any] = ""
    id: int | None = None
    campaign: int | None = None
    external: str = ""
    notes: str | None = None
    trusted: bool | None = None
    courier: bool | None = None
    estimated: bool = False
    cancel_requested: bool = False
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    cause: str = "control"


def make(world: World, wish: Wish) -> list[Order]:
    """Create `count` orders. Raises ValueError for a taken number or something that makes no order."""
    kind = "DIGITAL" if wish.digital else wish.type
    if kind and kind not in TYPES:
        raise ValueError(f"type is one of {', '.join(TYPES)}")
    if not set(wish.fields) <= {"v1", "v2"}:
        raise ValueError('fields are {"v1": {…}, "v2": {…}}')
    made = []
    for place in range(wish.count):
        order = _order(world, wish, kind or random.choices(TYPES[:3], weights=(80, 15, 5))[0])
        if wish.id is not None:
            order.id = wish.id + place
        world.add(order, cause=wish.cause)
        made.append(order)
    return made


def make_raw(world: World, *, seller: str, raw: Any, cause: str = "control") -> Order:
    """An entry of the lists that is exactly `raw["v1"]` and `raw["v2"]`; a model that is not named does not show it."""
    if not isinstance(raw, dict) or not raw or not set(raw) <= {"v1", "v2"}:
        raise ValueError('raw is {"v1": …, "v2": …}')
    order = Order(
        id=_raw_number(raw) or world.number(),
        seller=seller,
        campaign=world.campaigns[0],
        created=world.now,
        updated=world.now,
        status=_raw_word(raw, "status", "PROCESSING"),
        substatus=_raw_word(raw, "substatus", "STARTED"),
        buyer=_buyer(business=False, trusted=None),
        fake=any(isinstance(one, dict) and one.get("fake") is True for one in raw.values()),
        raw=raw,
    )
    world.add(order, cause=cause)
    return order


def _raw_number(raw: dict[str, Any]) -> int | None:
    """The order's number where an entry has one, so that it can be asked for."""
    for model, name in (("v1", "orderId"), ("v2", "id")):
        entry = raw.get(model)
        found = entry.get(name) if isinstance(entry, dict) else None
        if isinstance(found, int) and not isinstance(found, bool):
            return found
    return None


def _raw_word(raw: dict[str, Any], name: str, default: str) -> str:
    words = [one[name] for one in raw.values() if isinstance(one, dict) and isinstance(one.get(name), str)]
    return str(words[0]) if words and "/" not in words[0] else default


def _order(world: World, wish: Wish, kind: str) -> Order:
    created = parse_rfc3339(wish.created) if wish.created else world.now
    status = wish.status
    buyer = _buyer(business=wish.business, trusted=wish.trusted)
    order = Order(
        id=wish.id or world.number(),
        seller=wish.seller,
        campaign=wish.campaign or world.campaigns[0],
        created=created,
        updated=parse_rfc3339(wish.updated) if wish.updated else created,
        status=status,
        substatus=wish.substatus or SUBSTATUSES.get(status, "STARTED"),
        items=make_items(wish.items, digital=kind == "DIGITAL", business=wish.business),
        delivery=_delivery(created, kind, region=wish.region, buyer=buyer),
        buyer=buyer,
        payment=_payment(wish),
        fake=wish.fake,
        notes=random.choice(catalog.NOTES) if wish.notes is None else wish.notes,
        external=wish.external,
        company=dict(random.choice(catalog.COMPANIES)) if wish.business else None,
        receive_code=digits(6) if kind == "PICKUP" else "",
        fields=wish.fields,
    )
    order.delivery["estimated"] = wish.estimated
    _arrived(world, order, wish)
    return order


def _arrived(world: World, order: Order, wish: Wish) -> None:
    """What an order has that is not new, or that a courier of the Market fetches."""
    if wish.courier if wish.courier is not None else order.kind == "DELIVERY" and random.random() < 0.15:
        order.courier = _courier()
        order.eac = {"type": "COURIER_TO_MERCHANT", "code": digits(4), "left": world.tuning.eac_attempts}
    if not order.is_open:
        order.finished = order.updated
    if order.status == "DELIVERED":
        order.delivery["real"] = today(order.updated).isoformat()
    if order.status == "PICKUP" and "outlet" in order.delivery:
        limit = today(order.updated) + timedelta(days=world.tuning.storage_days)
        order.delivery["outlet"]["limit"] = limit.isoformat()
    if wish.cancel_requested:
        if order.status not in AFTER_DEPARTURE:
            raise ValueError("cancelRequested: only in DELIVERY and PICKUP")
        order.cancel_asked = order.updated


def _payment(wish: Wish) -> dict[str, str]:
    if isinstance(wish.payment, dict):
        return {"type": wish.payment["type"], "method": wish.payment["method"]}
    options = PAYMENTS[:2] if wish.status == "UNPAID" or wish.digital else PAYMENTS
    usual = "B2B_ACCOUNT_PREPAYMENT" if wish.business else random.choice(options)
    method = wish.payment or usual
    return {"type": "POSTPAID" if method in POSTPAID else "PREPAID", "method": method}


def _buyer(*, business: bool, trusted: bool | None) -> dict[str, Any]:
    """The buyer with the substitute phone number that `/buyer` tells."""
    return {
        "id": "".join(random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=22)),
        **catalog.person(),
        "type": "BUSINESS" if business else "PERSON",
        "phone": "+7800" + digits(7),
        "trusted": random.random() < 0.3 if trusted is None else trusted,
    }


def _courier() -> dict[str, str]:
    names = catalog.person()
    return {
        "fullName": f"{names['lastName']} {names['firstName']} {names['middleName']}",
        "phone": "+7925" + digits(7),
        "phoneExtension": digits(4),
        "vehicleNumber": f"А{digits(3)}ВС797",
        "vehicleDescription": "Lada Largus, белый",
    }


def _place(region: str | dict[str, Any]) -> catalog.Place:
    """By name of the town; a region given as an object stands in for Moscow's."""
    if isinstance(region, dict):
        city = catalog.MOSCOW
        return catalog.Place(region, city.latitude, city.longitude, city.postcode)
    fitting = [place for place in catalog.PLACES if place.city == region]
    if region and not fitting:
        raise ValueError(f"region is one of {', '.join(place.city for place in catalog.PLACES)}, or an object")
    return fitting[0] if fitting else random.choices(catalog.PLACES, weights=(12, 3, 3, 1, 1, 1, 1))[0]


def _delivery(created: float, kind: str, *, region: str | dict[str, Any], buyer: dict[str, Any]) -> dict[str, Any]:
    """The buyer's choice: where to, when, for how much. Dates are ISO, hours are Moscow's."""
    days = (1, 1, 2, 3) if kind != "POST" else (5, 8)
    first = today(created) + timedelta(days=0 if kind == "DIGITAL" else random.choice(days))
    start = random.choice((9, 10, 14, 18))
    price, subsidy = (0, 0) if kind == "DIGITAL" else random.choice(DELIVERY_PRICES)
    found: dict[str, Any] = {
        "type": kind,
        "service": catalog.OWN_SERVICE,
        "from": first.isoformat(),
        "to": (first + timedelta(days=0 if kind in ("DELIVERY", "DIGITAL") else 2)).isoformat(),
        "shipment": max(today(created), first - timedelta(days=1)).isoformat(),
        "price": price,
        "subsidy": subsidy,
        "vat": "VAT_22",
        "real": None,
    }
    if kind == "DELIVERY":
        found |= {"fromTime": f"{start:02}:00", "toTime": f"{start + 4:02}:00", "lift": random.choice(LIFTS)}
    if kind != "DIGITAL":
        place = _place(region)
        found |= {"region": place.region, "address": _address(place, kind, buyer)}
    if kind == "PICKUP":
        found["outlet"] = {"code": f"PVZ-{random.randint(1, 40)}", "point": random.randint(10**7, 10**8), "limit": None}
    return found


LIFTS: Final = (
    {"type": "NOT_NEEDED", "price": 0}, {"type": "NOT_NEEDED", "price": 0}, {"type": "ELEVATOR", "price": 0},
    {"type": "MANUAL", "price": 50_000},
)  # fmt: skip


def _address(place: catalog.Place, kind: str, buyer: dict[str, Any]) -> dict[str, Any]:
    """All fields of OrderDTO; recipient, phone, estate and building are not shown by the business model."""
    spot = random.random  # a few hundred metres around the centre
    found = {
        "country": "Россия",
        "postcode": place.postcode,
        "city": place.city,
        "subway": place.subway,
        "street": random.choice(catalog.STREETS),
        "house": str(random.randint(1, 120)),
        "block": random.choice(("", "", "2")),
        "building": random.choice(("", "", "1")),
        "gps": {
            "latitude": round(place.latitude + (spot() - 0.5) / 20, 6),
            "longitude": round(place.longitude + (spot() - 0.5) / 20, 6),
        },
    }
    if kind == "DELIVERY":
        floor = random.randint(1, 16)
        found |= {"entrance": str(random.randint(1, 6)), "entryphone": digits(3), "floor": str(floor)}
        found["apartment"] = str(random.randint(1, 240))
    if kind != "PICKUP":
        found["recipient"] = f"{buyer['lastName']} {buyer['firstName']} {buyer['middleName']}"
        found["phone"] = buyer["phone"]
    return {name: value for name, value in found.items() if value}
