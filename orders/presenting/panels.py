"""Cards of facts about an order: delivery, payment, items. Lines of words for templates, in the active language.

What is not known has no line. Nothing personal: the buyer and the courier are in ``present``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from backoffice import words
from orders.marketplaces import facts, registry
from orders.models import MarketplaceAccount, Order, TaskItem
from orders.services.syncing import extras


@dataclass(frozen=True, slots=True)
class Line:
    """One fact: what it is called, and its value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Goods:
    """An item's facts in words: ``price`` for a line of its own, ``more`` for who opens it."""

    price: str
    more: Sequence[Line]
    states: Sequence[str]
    tags: Sequence[str]


def delivery(order: Order, account: MarketplaceAccount, services: Mapping[str, str]) -> list[Line]:
    """How and when the parcel travels; ``services``: names of delivery services by number."""
    known = facts.of_order(order.data)
    told = known.delivery
    pairs = (
        (_("Delivery days"), _days(told)),
        (_("Really delivered"), _day(told.dates.real)),
        (pgettext("delivery", "Way"), _way(told, account.kind)),
        (_("Service"), told.service),
        (_("Vehicle"), _together(told.vehicle, told.vehicle_number)),
        (pgettext("delivery", "Lift"), _lift(told, account.kind, known.totals.currency)),
        (_("Pick-up point"), _together(told.outlet, told.point)),
        (_("Kept until"), _day(told.storage_until)),
        (_("Region"), ", ".join(region.name for region in told.region)),
        (_("Warehouse"), told.warehouse),
        (_("Shipment"), "; ".join(_shipment(parcel) for parcel in told.parcels)),
        (_("Track numbers"), "; ".join(_track(track, services) for track in told.tracks)),
        (_("Our number"), known.own_number),
        (_("Accept until"), _moment(known.expires_at)),
        (_("Digital goods"), _word(account.kind, "digitalType", told.digital)),
    )
    return _lines(pairs)


def boxes(order: Order, items: Iterable[TaskItem]) -> list[Line]:
    """What lies in each box, as the marketplace has it."""
    told = facts.of_order(order.data).delivery
    names = {item.external_id: item.article for item in items}
    packed = told.boxes or tuple(box for parcel in told.parcels for box in parcel.boxes)
    return [
        Line(box.number or _("Box %(number)d") % {"number": n}, ", ".join(_in_box(each, names) for each in box.items))
        for n, box in enumerate(packed, 1)
    ]


def payment(order: Order, account: MarketplaceAccount) -> list[Line]:
    """How and how much is paid, and by whom."""
    known, kind = facts.of_order(order.data), account.kind
    told, currency = known.totals, known.totals.currency
    for_goods = told.buyer_items or told.items
    in_all = told.buyer or _sum(told.items, told.delivery)
    pairs = (
        (_("Payment"), _together(*_payment_words(known, kind))),
        (_("Goods"), _money(told.items, currency)),
        (_("Buyer pays for goods"), _money(_unless(told.buyer_items, told.items), currency)),
        (_("Goods before discounts"), _money(_unless(told.buyer_items_before, for_goods), currency)),
        (_("Delivery"), _money(told.delivery, currency)),
        (_("Buyer pays in all"), _money(in_all, currency)),
        (_("In all before discounts"), _money(_unless(told.buyer_before, in_all), currency)),
        *((_word(kind, "subsidyType", each.type), _money(each.amount, currency)) for each in known.subsidies),
        (_("Plus points"), _money(told.cashback, currency)),
        (_("VAT of the delivery"), _word(kind, "vat", known.delivery.vat)),
        (_("Taxation"), _word(kind, "taxSystem", known.tax_system)),
        (_("Currency"), _word(kind, "currency", currency)),
        (_("Buyer"), _word(kind, "buyerType", known.buyer_type)),
        (_("Model"), _word(kind, "programType", known.program)),
        (_("Ordered at"), _word(kind, "sourcePlatform", known.platform)),
    )
    return _lines(pairs)


def _sum(*amounts: str) -> str:
    """The sum of what is known; nothing when one of them is not."""
    try:
        return str(sum(map(Decimal, amounts), Decimal(0)))
    except InvalidOperation:
        return ""


def _payment_words(known: facts.OrderFacts, kind: str) -> tuple[str, str]:
    """Type and method; a method that says no more than the type stands for both."""
    return _word(kind, "paymentType", known.payment_type), _word(kind, "paymentMethod", known.payment_method)


def goods(item: TaskItem, account: MarketplaceAccount) -> Goods:
    """Price, discounts, promotions and what became of the units of an item."""
    told, kind, currency = facts.of_item(item.data), account.kind, item.currency
    pairs = (
        (_("Before discounts"), _money(_unless(told.price_before, _paid(item)), currency)),
        (_("Price of the shop"), _money(_unless(told.list_price, told.price_before or _paid(item)), currency)),
        (_("The marketplace adds"), _money(told.subsidy, currency)),
        *((_word(kind, "subsidyType", each.type), _money(each.amount, currency)) for each in told.subsidies),
        (_("Plus points"), _money(told.cashback, currency)),
        *((_word(kind, "promoType", each.type), _promo(each, currency)) for each in told.promos),
        (_("SKU"), told.sku if told.sku != item.article else ""),
        (_("Warehouse"), told.warehouse),
    )
    return Goods(
        price=_price(item, _word(kind, "vat", told.vat)) if told != facts.ItemFacts() else "",
        more=_lines(pairs),
        states=_states(item, told, kind),
        tags=[_word(kind, "tags", tag) for tag in told.tags],
    )


def _paid(item: TaskItem) -> str:
    """What the buyer pays for one unit."""
    return str(item.price if item.final_price is None else item.final_price)


def _unless(amount: str, other: str) -> str:
    """An amount; nothing when the other one says the same."""
    try:
        return "" if amount and other and Decimal(amount) == Decimal(other) else amount
    except InvalidOperation:
        return amount


def documents(order: Order, account: MarketplaceAccount) -> list[Line]:
    """Accounting documents of a business order: kind, number, status."""
    rows: list[Mapping[str, str]] = (order.data.get(extras.DOCUMENTS) or {}).get("rows") or []
    return [_document(row, account.kind) for row in rows]


def _document(row: Mapping[str, str], kind: str) -> Line:
    status = _word(kind, "documentStatus", row.get("status", ""))
    return Line(
        _word(kind, "documentKind", row.get("kind", "")), _together(status, row.get("number", ""), row.get("date", ""))
    )


def eac_word(order: Order, account: MarketplaceAccount) -> str:
    """Who gives the hand-over code to whom; nothing where there is none."""
    return _word(account.kind, "eacType", facts.of_order(order.data).delivery.eac_type)


def _lines(pairs: Iterable[tuple[str, str]]) -> list[Line]:
    return [Line(str(label), value) for label, value in pairs if value]


def _word(kind: str, name: str, value: str) -> str:
    return registry.word_name(kind, name, value) if value else ""


def _together(*parts: str) -> str:
    return " · ".join(dict.fromkeys(part for part in parts if part))


def _way(told: facts.DeliveryFacts, kind: str) -> str:
    return _together(
        _word(kind, "deliveryType", told.type),
        _word(kind, "dispatchType", told.dispatch),
        _word(kind, "deliveryPartnerType", told.partner),
    )


def _days(told: facts.DeliveryFacts) -> str:
    """ "28 November – 30 November, 10:00–14:00"; with a word where the marketplace itself is not sure."""
    days = " – ".join(dict.fromkeys(_day(day) for day in (told.dates.first, told.dates.last) if day))
    hours = "–".join(clock for clock in (told.dates.from_time, told.dates.to_time) if clock)
    sure = "" if not told.estimated else _("not certain yet")
    return ", ".join(part for part in (days, hours, sure) if part)


def _day(told: str) -> str:
    """A day as people write it; one that is no ISO date as it is."""
    try:
        return date_format(dt.date.fromisoformat(told), "j E") if told else ""
    except ValueError:
        return told


def _moment(told: str) -> str:
    found = parse_datetime(told) if told else None
    return words.moment(found, timezone.now()) if found else told


def _lift(told: facts.DeliveryFacts, kind: str, currency: str) -> str:
    price = _money(told.lift_price, currency) if told.lift_price.strip("0.") else ""
    return _together(_word(kind, "liftType", told.lift), price)


def _shipment(parcel: facts.ParcelFacts) -> str:
    return ", ".join(part for part in (_day(parcel.date), parcel.time) if part)


def _track(track: facts.Track, services: Mapping[str, str]) -> str:
    return _together(track.code, services.get(track.service, track.service))


def _in_box(each: facts.BoxItem, names: Mapping[str, str]) -> str:
    place = {"name": names.get(each.item, each.item), "count": each.count, "part": each.part, "of": each.parts}
    if each.parts:
        return _("%(name)s, part %(part)d of %(of)d") % place
    return f"{place['name']} × {each.count}"


def _money(amount: str, currency: str) -> str:
    """An amount of facts with its currency; one that is no number as it is."""
    try:
        return words.money(Decimal(amount), currency) if amount else ""
    except InvalidOperation:
        return amount


def _price(item: TaskItem, vat: str) -> str:
    each = _("%(price)s each") if item.quantity > 1 else "%(price)s"
    return _together(each % {"price": words.money(Decimal(_paid(item)), item.currency)}, vat)


def _promo(each: facts.Promo, currency: str) -> str:
    names: dict[str, Any] = {
        "discount": _money(each.discount, currency),
        "subsidy": _money(each.subsidy, currency),
    }
    said = [_("discount %(discount)s") % names if names["discount"] else ""]
    said += [_("of it the marketplace pays %(subsidy)s") % names if names["subsidy"] else ""]
    return _together(*said, each.shop_id, each.market_id)


def _states(item: TaskItem, told: facts.ItemFacts, kind: str) -> list[str]:
    """What became of the units; nothing while all of them are on the same way as the order."""
    known = [each for each in told.states if each.count]
    if len(known) == 1 and known[0].count == item.quantity and not known[0].date:
        return []
    return [_state(each, kind) for each in known]


def _state(each: facts.UnitState, kind: str) -> str:
    count = ngettext("%(count)d pc", "%(count)d pcs", each.count) % {"count": each.count}
    return _together(f"{_word(kind, 'itemStatus', each.status)}: {count}", _day(each.date))
