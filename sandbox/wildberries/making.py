"""Orders out of nothing: for the page, the control API, `test/dbs/orders/make` and the demo's stream."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sandbox.clock import parse_rfc3339, rfc3339
from sandbox.people import digits
from sandbox.wildberries import catalog
from sandbox.wildberries.task import Task
from sandbox.wildberries.world import World

MOSCOW = timezone(timedelta(hours=3))
DELIVERY_TYPES = ("dbs", "edbs", "dbsPickupPoint")
MANDATORY = ("imei", "sgtin")


@dataclass(slots=True)
class Wish:
    """What to make. `fields` are wire fields of `/orders/new` that override what would be invented."""

    seller: str
    count: int = 1
    fields: dict[str, Any] = field(default_factory=dict)
    basket: bool = False
    b2b: bool | None = None
    mandatory: list[str] | None = None
    code: str = ""
    paid_delivery: bool = False
    status: tuple[str, str] = ("new", "waiting")
    cause: str = "control"


def make(world: World, wish: Wish) -> list[Task]:
    """Create `count` tasks; of one basket when `basket`. Raises ValueError for a taken or wrong number."""
    fields = dict(wish.fields)
    if wish.basket:
        fields = {**_basket(), **fields}
    made = []
    for place in range(wish.count):
        one = dict(fields)
        if isinstance(one.get("id"), int):
            one["id"] += place
        made.append(_task(world, wish, one))
        world.add(made[-1], cause=wish.cause)
    return made


def make_raw(world: World, *, seller: str, raw: Any, cause: str = "control") -> Task:
    """An entry of `/orders/new` that is exactly `raw`, be it an order or not."""
    number = raw.get("id") if isinstance(raw, dict) else None
    known = isinstance(number, int) and not isinstance(number, bool)
    task = Task(
        id=number if known else world.number(),  # type: ignore[arg-type]  # `known` says that it is an int
        seller=seller,
        item=raw,
        created=world.now,
        code=digits(6),
        buyer=_buyer(),
        raw=True,
    )
    world.add(task, cause=cause)
    return task


def _basket() -> dict[str, Any]:
    return {"orderUid": f"{random.randint(10**8, 10**9)}_{uuid.uuid4().hex}", "groupId": str(uuid.uuid4())}


def _product(fields: dict[str, Any]) -> catalog.Product:
    """The product that is asked for by article or by its identifiers, or any."""
    by_article = [one for one in catalog.PRODUCTS if one.article == fields.get("article")]
    wanted = fields.get("requiredMeta")
    by_meta = [one for one in catalog.PRODUCTS if isinstance(wanted, list) and list(one.required) == wanted]
    return random.choice(by_article or by_meta or catalog.PRODUCTS)


def _task(world: World, wish: Wish, fields: dict[str, Any]) -> Task:
    product = _product(fields)
    created = parse_rfc3339(fields["createdAt"]) if "createdAt" in fields else world.now
    company = _company(wish, fields)
    item = _item(world, product, fields, created=created, b2b=company is not None)
    kinds = [kind for kind in item["requiredMeta"] or [] if isinstance(kind, str)]
    supplier, wb = wish.status
    task = Task(
        id=int(item["id"]),
        seller=wish.seller,
        item=item,
        created=created,
        name=product.name if product.article == item["article"] else "",
        code=wish.code or digits(6),
        buyer=_buyer(),
        delivery=_delivery(created, express=item["deliveryType"] == "edbs"),
        delivery_cost=_cost(item) if wish.paid_delivery else None,
        company=company,
        mandatory=[k for k in kinds if k in MANDATORY] if wish.mandatory is None else wish.mandatory,
        samples={kind: catalog.sample_code(kind, product) for kind in kinds},
        sticker=_sticker() if item["deliveryType"] == "dbsPickupPoint" else {},
        supplier=supplier,
        wb=wb,
        confirmed=None if supplier == "new" else created,
    )
    task.finished = None if task.is_open else created
    return task


def _item(
    world: World, product: catalog.Product, fields: dict[str, Any], *, created: float, b2b: bool
) -> dict[str, Any]:
    """All wire fields in the order of appendix A; numbers as prices are hundredths."""
    kind = fields.get("deliveryType") or random.choices(DELIVERY_TYPES, weights=(70, 15, 15))[0]
    place = _place(fields)
    basket = _basket()
    nm = 100_000_000 + int(product.body[-6:]) * 7
    item = {
        "salePrice": 0,
        "requiredMeta": list(product.required),
        "comment": random.choice(catalog.COMMENTS),
        "options": {"isB2b": b2b},
        "address": catalog.address(place, pickup_point=kind == "dbsPickupPoint"),
        "orderUid": basket["orderUid"],
        "groupId": basket["groupId"],
        "article": product.article,
        "colorCode": product.color,
        "rid": uuid.uuid4().hex,
        "createdAt": rfc3339(created),
        "deliveryType": kind,
        "skus": [product.sku],
        "id": fields.get("id") or world.number(),
        "warehouseId": 658434,
        "nmId": nm,
        "chrtId": nm * 3 + 11,
        **_prices(product, fields, currency=place[3]),
        "cargoType": product.cargo,
        "isZeroOrder": False,
    }
    if kind == "dbsPickupPoint":
        item["wbStickerId"] = random.randint(10**8, 10**9)
    return item | fields


def _place(fields: dict[str, Any]) -> tuple[str, float, float, int]:
    currency = fields.get("currencyCode")
    fitting = [place for place in catalog.PLACES if place[3] == currency]
    return random.choice(fitting or catalog.PLACES)


def _prices(product: catalog.Product, fields: dict[str, Any], *, currency: int) -> dict[str, int]:
    """Prices in the currency of sale and in roubles, hundredths of both."""
    currency = int(fields.get("currencyCode", currency))
    rate = catalog.RATES_TO_RUB.get(currency, 1.0)
    price = int(fields.get("price", round(product.price / rate)))
    final = int(fields.get("finalPrice", round(price * 0.97)))
    return {
        "salePrice": round(price * 1.05),
        "price": price,
        "finalPrice": final,
        "convertedFinalPrice": round(final * rate),
        "convertedPrice": round(price * rate),
        "currencyCode": currency,
        "convertedCurrencyCode": catalog.RUB,
    }


def _company(wish: Wish, fields: dict[str, Any]) -> dict[str, str] | None:
    options = fields.get("options")
    b2b = bool(options.get("isB2b")) if isinstance(options, dict) else False
    if not (b2b if wish.b2b is None else wish.b2b):
        return None
    return dict(zip(("inn", "kpp", "orgName"), random.choice(catalog.COMPANIES), strict=True))


def _buyer() -> dict[str, Any]:
    """The buyer with the phones that will be assigned: the primary one, and a reserve with an extension."""
    first, full = catalog.full_name()
    return {
        "replacementPhone": "79" + digits(9),
        "firstName": first,
        "fullName": full,
        "phone": "+7495" + digits(7),
        "phoneCode": random.randint(10**6, 10**7 - 1),
        "additionalPhoneCodes": [digits(5), digits(5)],
    }


def _delivery(created: float, *, express: bool) -> dict[str, Any]:
    """Date and window the buyer chose, in the buyer's time (here: Moscow)."""
    start = datetime.fromtimestamp(created, UTC).astimezone(MOSCOW) + timedelta(hours=1 if express else 4)
    if not express:
        start = start.replace(hour=random.choice((10, 12, 15, 18))) + timedelta(days=random.choice((0, 1, 1, 2)))
        start += timedelta(days=start.timestamp() <= created)
    start = start.replace(minute=0, second=0, microsecond=0)
    end = start + timedelta(hours=2 if express else 3)
    return {"dDate": start.strftime("%Y-%m-%d"), "dTimeFrom": f"{start:%H:%M}", "dTimeTo": f"{end:%H:%M}"}


def _cost(item: dict[str, Any]) -> dict[str, Any]:
    rate = catalog.RATES_TO_RUB.get(item["currencyCode"], 1.0)
    cost = round(29_900 / rate)
    return {
        "groupID": item["groupId"],
        "deliveryCost": cost,
        "convertedDeliveryCost": round(cost * rate),
        "currencyCode": item["currencyCode"],
        "convertedCurrencyCode": catalog.RUB,
    }


def _sticker() -> dict[str, str]:
    return {
        "partA": digits(6),
        "partB": digits(4),
        "barcode": "!" + uuid.uuid4().hex[:8],
    }
