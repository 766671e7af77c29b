"""What is known of an order beyond its columns: typed, nothing personal, kept as JSON in ``Order.data`` and ``TaskItem.data``.

Raw words of a marketplace stay as it wrote them; amounts are decimal strings, dates ISO dates, times ``HH:MM``, moments ISO 8601.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

#: Key under which facts stand in the JSON of an order or an item.
KEY = "facts"


class Fact(msgspec.Struct, frozen=True, omit_defaults=True):
    """Base of all: what is not known is left out."""


class Subsidy(Fact, frozen=True):
    type: str = ""
    amount: str = ""


class Promo(Fact, frozen=True):
    type: str = ""
    discount: str = ""
    subsidy: str = ""
    shop_id: str = ""
    market_id: str = ""


class Instance(Fact, frozen=True):
    """Identifiers of one unit as the marketplace keeps them; ``cis_full`` with its verification part."""

    cis: str = ""
    cis_full: str = ""
    uin: str = ""
    rnpt: str = ""
    gtd: str = ""
    country: str = ""


class UnitState(Fact, frozen=True):
    """So many units of an item that were not bought, returned, shipped …; ``date`` where it is told."""

    status: str = ""
    count: int = 0
    date: str = ""


class ItemFacts(Fact, frozen=True):
    """``price_before``: the buyer's price per unit before discounts, ``list_price`` the shop's own.

    ``subsidy``: all that the marketplace adds for a unit; ``cashback``: of that, what the buyer paid in points.
    """

    sku: str = ""
    vat: str = ""
    price_before: str = ""
    list_price: str = ""
    subsidy: str = ""
    cashback: str = ""
    subsidies: tuple[Subsidy, ...] = ()
    warehouse: str = ""
    promos: tuple[Promo, ...] = ()
    instances: tuple[Instance, ...] = ()
    states: tuple[UnitState, ...] = ()
    needs: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Totals(Fact, frozen=True):
    """``items`` is what the buyer pays for goods, ``delivery`` the cost of the delivery; ``…_before``: before discounts.

    ``subsidy``: all that the marketplace adds; ``cashback``, ``delivery_subsidy``: of that, for points and for the delivery.
    """

    currency: str = ""
    items: str = ""
    delivery: str = ""
    buyer_items: str = ""
    buyer: str = ""
    buyer_items_before: str = ""
    buyer_before: str = ""
    subsidy: str = ""
    cashback: str = ""
    delivery_subsidy: str = ""


class Region(Fact, frozen=True):
    id: str = ""
    name: str = ""
    type: str = ""


class Track(Fact, frozen=True):
    code: str = ""
    service: str = ""


class BoxItem(Fact, frozen=True):
    """``part`` of ``parts``: an item that fills several boxes. ``instances``: the units in this box, where it is told."""

    item: str = ""
    count: int = 0
    part: int = 0
    parts: int = 0
    instances: tuple[Instance, ...] = ()


class Box(Fact, frozen=True):
    id: str = ""
    number: str = ""
    items: tuple[BoxItem, ...] = ()


class ParcelFacts(Fact, frozen=True):
    """A shipment of the marketplace's model: the day and time the goods are handed over."""

    id: str = ""
    date: str = ""
    time: str = ""
    tracks: tuple[Track, ...] = ()
    boxes: tuple[Box, ...] = ()


class Dates(Fact, frozen=True):
    """Promised days and hours, and ``real``: the day it was really delivered."""

    first: str = ""
    last: str = ""
    from_time: str = ""
    to_time: str = ""
    real: str = ""


class DeliveryFacts(Fact, frozen=True):
    """``region`` from the smallest to the country. ``eac_type``: who gives the code to whom; the code itself is kept elsewhere."""

    id: str = ""
    type: str = ""
    partner: str = ""
    service: str = ""
    service_id: str = ""
    price: str = ""
    vat: str = ""
    dates: Dates = Dates()
    region: tuple[Region, ...] = ()
    lift: str = ""
    lift_price: str = ""
    outlet: str = ""
    storage_until: str = ""
    point: str = ""
    warehouse: str = ""
    dispatch: str = ""
    eac_type: str = ""
    vehicle_number: str = ""
    vehicle: str = ""
    tracks: tuple[Track, ...] = ()
    parcels: tuple[ParcelFacts, ...] = ()
    boxes: tuple[Box, ...] = ()
    estimated: bool = False
    digital: str = ""


class OrderFacts(Fact, frozen=True):
    """``own_number``: the number of the shop's own system; ``expires_at``: until when a new order wants to be accepted."""

    own_number: str = ""
    payment_type: str = ""
    payment_method: str = ""
    tax_system: str = ""
    buyer_type: str = ""
    program: str = ""
    campaign: str = ""
    platform: str = ""
    totals: Totals = Totals()
    subsidies: tuple[Subsidy, ...] = ()
    delivery: DeliveryFacts = DeliveryFacts()
    expires_at: str = ""
    updated_at: str = ""


def dump(facts: OrderFacts | ItemFacts | None) -> dict[str, Any]:
    """``{"facts": {…}}`` for the JSON of a row; nothing when there are none."""
    return {KEY: msgspec.json.decode(msgspec.json.encode(facts))} if facts is not None else {}


def of_order(data: Mapping[str, Any]) -> OrderFacts:
    """Facts of an order's JSON; empty ones where there are none."""
    return msgspec.convert(data.get(KEY) or {}, OrderFacts)


def of_item(data: Mapping[str, Any]) -> ItemFacts:
    """Facts of an item's JSON; empty ones where there are none."""
    return msgspec.convert(data.get(KEY) or {}, ItemFacts)
