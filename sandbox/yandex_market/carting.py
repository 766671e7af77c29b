"""The goods of an order. An item: `{id, offerId, offerName, count, ean, before, paid, points, subsidy, vat, required,
promos, instances, samples, removed, returned}`; money is kopecks for one unit, `samples` are the codes on the units."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import random
from typing import Any, Final

from sandbox.yandex_market import catalog

KNOWN: Final = {"id", "offerId", "offerName", "count", "price", "requiredInstanceTypes", "promos", "vat", "tags"}


def make_items(asked: Any, *, digital: bool, business: bool) -> list[dict[str, Any]]:
    """What was asked for, or something. Raises ValueError for what makes no item."""
    first = random.randint(4 * 10**8, 9 * 10**8)
    if asked is not None and (not isinstance(asked, list) or not asked):
        raise ValueError("items is a list of one object at least")
    wanted = [{"offerId": catalog.DIGITAL.offer}] if digital and asked is None else asked
    if wanted is not None:
        return [_asked_item(one, number) for number, one in enumerate(wanted, first)]
    chosen = random.sample(catalog.PRODUCTS, k=random.choices((1, 2, 3), weights=(5, 3, 2))[0])
    counts = random.choices((1, 2, 3), weights=(3, 1, 1) if business else (6, 2, 1), k=len(chosen))
    return [
        _item(product, number, count=count)
        for number, (product, count) in enumerate(zip(chosen, counts, strict=True), first)
    ]


def _item(product: catalog.Product, number: int, *, count: int) -> dict[str, Any]:
    """With a promotion now and then, and paid with points now and then."""
    promos: list[dict[str, Any]] = []
    subsidy = points = 0
    if random.random() < 0.35:
        subsidy = product.price * random.choice((5, 10, 15)) // 10_000 * 100
        promos = [{"type": "MARKET_PROMOCODE", "discount": subsidy, "subsidy": subsidy, "marketPromoId": _promo_id()}]
    if random.random() < 0.2:
        points = product.price * 3 // 10_000 * 100
    return {
        "id": number,
        "offerId": product.offer,
        "offerName": product.name,
        "count": count,
        "ean": product.ean,
        "before": product.price,
        "paid": product.price - subsidy - points,
        "points": points,
        "subsidy": subsidy,
        "vat": product.vat,
        "required": list(product.required),
        "promos": promos,
        "tags": [],
        **_blank(count, product.required, product.ean),
    }


def _blank(count: int, required: Any, ean: str) -> dict[str, Any]:
    samples = [catalog.sample_code(kind, ean) for kind in required[:1] for _ in range(count)]
    return {"instances": [], "samples": samples, "removed": 0, "returned": 0}


def _promo_id() -> str:
    return f"L{random.randint(10**4, 10**6)}"


def _asked_item(asked: Any, number: int) -> dict[str, Any]:
    """By offer from the catalogue, or anything; prices in roubles for one unit, what the buyer pays."""
    if not isinstance(asked, dict) or not set(asked) <= KNOWN:
        raise ValueError(f"an item has {', '.join(sorted(KNOWN))}")
    offer, count = asked.get("offerId"), asked.get("count", 1)
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError("count of an item is a whole number from 1")
    found = _known(offer)
    promos = [_kopecks(one) for one in asked.get("promos") or []]
    paid = round(asked["price"] * 100) if "price" in asked else found.price
    subsidy = sum(one.get("subsidy", 0) for one in promos)
    required = list(asked.get("requiredInstanceTypes", found.required))
    return {
        "id": asked.get("id", number),
        "offerId": offer or found.offer,
        "offerName": asked.get("offerName", found.name),
        "count": count,
        "ean": found.ean,
        "before": paid + sum(one.get("discount", one.get("subsidy", 0)) for one in promos),
        "paid": paid,
        "points": 0,
        "subsidy": subsidy,
        "vat": asked.get("vat", found.vat),
        "required": required,
        "promos": promos,
        "tags": list(asked.get("tags", [])),
        **_blank(count, required, found.ean),
    }


def _known(offer: Any) -> catalog.Product:
    known = [one for one in (*catalog.PRODUCTS, catalog.DIGITAL) if one.offer == offer]
    return known[0] if known else random.choice(catalog.PRODUCTS)


def _kopecks(promo: dict[str, Any]) -> dict[str, Any]:
    money: dict[str, Any] = {name: round(promo[name] * 100) for name in ("discount", "subsidy") if name in promo}
    return {"type": "MARKET_PROMOCODE", **promo, "subsidy": 0, **money}
