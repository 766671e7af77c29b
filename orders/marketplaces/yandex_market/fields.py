"""Every leaf of a raw order of Yandex Market, with what its words mean and what is personal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args

import msgspec

from orders.marketplaces.base import RawField
from orders.marketplaces.fieldwalk import walk

from .order_schemas import BusinessOrderWire, OrderWire
from .words import word_name

#: Last part of a place → the enumeration of ``words.NAMES`` it belongs to, where they are not called alike.
_ENUMERATIONS: Mapping[str, str] = {
    "status": "status",
    "substatus": "substatus",
    "paymentType": "paymentType",
    "paymentMethod": "paymentMethod",
    "currency": "currency",
    "currencyId": "currency",
    "vat": "vat",
    "taxSystem": "taxSystem",
    "delivery.type": "deliveryType",
    "deliveryPartnerType": "deliveryPartnerType",
    "dispatchType": "dispatchType",
    "eacType": "eacType",
    "liftType": "liftType",
    "region.type": "regionType",
    "parent.type": "regionType",
    "promos[].type": "promoType",
    "itemStatus": "itemStatus",
    "itemStatuses[].status": "itemStatus",
    "subsidies[].type": "subsidyType",
    "buyer.type": "buyerType",
    "buyerType": "buyerType",
    "requiredInstanceTypes[]": "requiredInstanceTypes",
    "tags[]": "tags",
    "programType": "programType",
    "sourcePlatform": "sourcePlatform",
    "digitalGoods.type": "digitalType",
}
#: What leads to a person or opens a door: below the level of a city, names, phones and codes.
_PERSONAL_PARTS = (
    *("street", "house", "estate", "block", "building", "entrance", "entryphone", "floor", "apartment", "gps"),
    *("phone", "recipient"),
)
_PERSONAL: Mapping[str, frozenset[str]] = {
    "v2": frozenset(
        {
            *(f"buyer.{name}" for name in ("id", "lastName", "firstName", "middleName")),
            *(f"delivery.address.{name}" for name in _PERSONAL_PARTS),
            *(f"delivery.courier.{name}" for name in ("fullName", "phone", "phoneExtension")),
            "delivery.eacCode",
            "delivery.receiveCode",
            "notes",
        }
    ),
    "business": frozenset(
        {
            *(f"delivery.courier.address.{name}" for name in _PERSONAL_PARTS),
            *(f"delivery.pickup.address.{name}" for name in _PERSONAL_PARTS),
            *(f"delivery.transfer.courier.{name}" for name in ("fullName", "phone", "phoneExtension")),
            "delivery.transfer.eac.eacCode",
            "delivery.receiveCode",
            "delivery.receiveBarcode",
            "delivery.digitalGoods.steamLink",
            "notes",
        }
    ),
}
_SHAPES: Mapping[str, type[msgspec.Struct]] = {"v2": OrderWire, "business": BusinessOrderWire}
_POSITION = re.compile(r"\[\d+\]")
_PARENTS = re.compile(r"(\.parent)+")


def fields(body: bytes, dialect: str) -> list[RawField]:
    """Leaves in the order of the body; [] when it is no JSON. A field that is new to us counts as personal.

    No name is the first dialect.
    """
    chosen = dialect or "business"
    found = walk(body, meaning=_meaning, personal=_PERSONAL[chosen])
    known = places(_SHAPES[chosen])
    return [each if _place(each.path) in known else _masked(each) for each in found]


def _masked(each: RawField) -> RawField:
    return RawField(each.path, each.value, each.meaning, personal=True)


def _place(path: str) -> str:
    """Without positions, and a region's parents as the region itself."""
    return _PARENTS.sub("", _POSITION.sub("[]", path))


def _meaning(place: str, value: str) -> str:
    """What a word of an enumeration means; nothing for other values."""
    parts = place.split(".")
    name = _ENUMERATIONS.get(".".join(parts[-2:])) or _ENUMERATIONS.get(parts[-1])
    return word_name(name, value) if name else ""


@cache
def places(struct: type[msgspec.Struct]) -> frozenset[str]:
    """Places of all fields of a wire type, those that hold others included: they may come empty."""
    return frozenset(_places(struct, ""))


def _places(struct: type[msgspec.Struct], before: str) -> Iterator[str]:
    for field in msgspec.structs.fields(struct):
        here = f"{before}{field.encode_name}"
        yield here
        yield f"{here}[]"
        inner, many = _inner(field.type)
        if inner is not None:
            yield from _places(inner, f"{here}[]." if many else f"{here}.")


def _inner(kind: Any, *, many: bool = False) -> tuple[type[msgspec.Struct] | None, bool]:
    """The struct inside ``X | None`` or ``list[X] | None``, and whether it is a list's."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind, many
    for part in get_args(kind):
        found = _inner(part, many=many or getattr(part, "__origin__", None) is list)
        if found[0] is not None:
            return found
    return None, many
