"""Parts of an order that both order models write alike: address, region, courier, codes, tracks, subsidies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from backoffice.reading import text
from orders.enums import CodeKind
from orders.marketplaces.base import Address, BuyerInfo, Phone
from orders.marketplaces.facts import Dates, Instance, Region, Subsidy, Track

from .order_schemas import (
    AddressWire,
    CourierWire,
    DatesWire,
    GpsWire,
    InstanceWire,
    OrderBuyerWire,
    RegionWire,
    SubsidyWire,
    TrackWire,
)
from .values import PLACE, Values, code

#: In the order of a parcel, with what stands before a bare number on one: the postal form, in the language of the address.
PARTS: Mapping[str, str] = {
    "country": "",
    "postcode": "",
    "city": "",
    "district": "",
    "subway": "",
    "street": "",
    "house": "д.",
    "estate": "вл.",
    "block": "корп.",
    "building": "стр.",
    "entrance": "подъезд",
    "entryphone": "домофон",
    "floor": "этаж",
    "apartment": "кв.",
}
#: Deeper than this no region is: seed 003 goes "up to the country level".
REGION_LEVELS = 12
PLUS = "YANDEX_CASHBACK"
DELIVERY_REWARD = "DELIVERY"

#: requiredInstanceTypes (contract 2.4.2) → our kind. CIS_OPTIONAL is one too, see ``kinds``.
KINDS: Mapping[str, CodeKind] = {
    "CIS": CodeKind.SGTIN,
    "CIS_OPTIONAL": CodeKind.SGTIN,
    "UIN": CodeKind.UIN,
    "RNPT": CodeKind.RNPT,
    "GTD": CodeKind.GTD,
}
OPTIONAL = "CIS_OPTIONAL"

_WORD = re.compile(r"\w+")
_NAMED = re.compile(r"[^\W\d_]{2}")


def address(wire: AddressWire | None) -> Address | None:
    """None where there is not one part of it, e.g. of digital goods. ``full``: the parts as they stand on a parcel."""
    found = {name: text(getattr(wire, name)) for name in PARTS} if wire else {}
    parts = {name: value for name, value in found.items() if value}
    gps = (wire.gps if wire else None) or GpsWire()
    latitude, longitude = coordinate(gps.latitude, 90), coordinate(gps.longitude, 180)
    if not parts and latitude is None:
        return None
    full = ", ".join(_labelled(name, value) for name, value in parts.items())
    return Address(full, latitude, longitude, parts)


def _labelled(name: str, value: str) -> str:
    """ "д. 5" for a bare "5"; a value that names itself ("офис 5") stays. A station is told from a street by its mark."""
    if name == "subway":
        return f"м. {value}"
    label = PARTS[name]
    return f"{label} {value}" if label and not _NAMED.search(value) else value


def coordinate(value: object, most: float) -> float | None:
    try:
        found = float(text(value) or "nan")
    except ValueError:
        return None
    return found if -most <= found <= most else None


def regions(wire: RegionWire | None, values: Values) -> tuple[Region, ...]:
    """From the smallest to the country."""
    return tuple(_regions(wire, values))


def _regions(wire: RegionWire | None, values: Values) -> Iterator[Region]:
    for _level in range(REGION_LEVELS):
        if wire is None:
            return
        yield Region(text(wire.id), text(wire.name), values.word(wire.type, "regionType", "region.type"))
        wire = _parent(wire, values)


def _parent(wire: RegionWire, values: Values) -> RegionWire | None:
    if wire.parent is None:
        return None
    try:
        return values.reader.convert(wire.parent, RegionWire, f"{PLACE}.region")
    except msgspec.ValidationError:
        values.unknown("region.parent", "not a region")
        return None


def courier(wire: CourierWire | None) -> dict[str, str]:
    """Confidential: name, phone and extension, those there are."""
    if wire is None:
        return {}
    return present({"name": wire.full_name, "phone": wire.phone, "extension": wire.phone_extension})


def present(facts: Mapping[str, Any]) -> dict[str, str]:
    """Texts of what is there."""
    return {name: found for name, value in facts.items() if (found := text(value))}


@dataclass(frozen=True, slots=True)
class Needs:
    """Raw words, the kinds that can be stored, and those that have to be there."""

    words: tuple[str, ...]
    kinds: tuple[CodeKind, ...]
    required: tuple[CodeKind, ...]


def needs(words: Iterable[object] | None, values: Values, *, is_business: bool) -> Needs:
    """A code of Chestny ZNAK that is optional for a person has to be there in an order of an organisation (contract 2.5)."""
    raw = tuple(values.word(word, "requiredInstanceTypes") for word in words or () if text(word))
    known = [word for word in raw if word in KINDS]
    return Needs(raw, _once(known), _once(word for word in known if word != OPTIONAL or is_business))


def _once(words: Iterable[str]) -> tuple[CodeKind, ...]:
    return tuple(dict.fromkeys(KINDS[word] for word in words))


def instances(wires: Iterable[InstanceWire] | None) -> tuple[Instance, ...]:
    """One for each unit that has an identifier."""
    return tuple(
        Instance(
            cis=code(wire.cis),
            cis_full=code(wire.cis_full),
            uin=code(wire.uin),
            rnpt=code(wire.rnpt),
            gtd=code(wire.gtd),
            country=text(wire.country_code),
        )
        for wire in wires or ()
    )


def tracks(wires: Iterable[TrackWire] | None) -> tuple[Track, ...]:
    return tuple(Track(text(wire.track_code), text(wire.delivery_service_id)) for wire in wires or ())


def subsidies(wires: Iterable[SubsidyWire] | None, values: Values, field: str) -> tuple[Subsidy, ...]:
    """In the order of their types, which is not theirs on the wire."""
    found = [
        Subsidy(values.word(wire.type, "subsidyType", f"{field}.type"), values.kept(wire.amount, f"{field}.amount"))
        for wire in wires or ()
    ]
    return tuple(sorted(found, key=lambda subsidy: subsidy.type))


def amount_of(kind: str, found: Iterable[Subsidy]) -> str:
    """The amount of one type; the first when it stands there twice."""
    return next((subsidy.amount for subsidy in found if subsidy.type == kind), "")


def tags(found: Iterable[object] | None, values: Values) -> tuple[str, ...]:
    return tuple(values.word(tag, "tags") for tag in found or () if text(tag))


def dates(wire: DatesWire | None, values: Values) -> Dates:
    if wire is None:
        return Dates()
    return Dates(
        first=values.iso(wire.from_date, "delivery.dates.fromDate"),
        last=values.iso(wire.to_date, "delivery.dates.toDate"),
        from_time=values.hour(wire.from_time, "delivery.dates.fromTime"),
        to_time=values.hour(wire.to_time, "delivery.dates.toTime"),
        real=values.iso(wire.real_delivery_date, "delivery.dates.realDeliveryDate"),
    )


def buyer(external_id: str, wire: OrderBuyerWire | None, place: AddressWire | None) -> BuyerInfo | None:
    """Who ordered and who receives it; the phone is that of the recipient. None where nobody is named."""
    wire, place = wire or OrderBuyerWire(), place or AddressWire()
    name = full_name(wire.last_name, wire.first_name, wire.middle_name)
    full, phone = both_names(name, text(place.recipient)), text(place.phone)
    if not full and not phone:
        return None
    phones = (Phone(phone, primary=True),) if phone else ()
    return BuyerInfo(external_id, text(wire.first_name), full, phones, complete=bool(phones))


def full_name(last: object, first: object, middle: object) -> str:
    """In the order of a Russian document."""
    return " ".join(filter(None, map(text, (last, first, middle))))


def both_names(ordered: str, receives: str) -> str:
    """One name where the two are the same person's; else the recipient's, with the buyer's in brackets."""
    ours, theirs = _words(ordered), _words(receives)
    if theirs <= ours:
        return ordered
    return receives if ours <= theirs else f"{receives} ({ordered})"


def _words(name: str) -> set[str]:
    return set(_WORD.findall(name.casefold()))
