"""An order as `statusreq` tells it: elements and attributes of contract 1.3."""

from __future__ import annotations

from typing import Any, Final
from xml.etree import ElementTree as ET

from sandbox.measoft.statuses import DELIVERED, TITLES
from sandbox.measoft.world import REASONS, WITH_HISTORY, MeasoftWorld, hours_of, stamp
from sandbox.parcels.parcel import Parcel

# Not told by the public method (contract 1.5: anonymised).
PERSONAL: Final = ("company", "person", "phone", "contacts", "address", "coords", "deliveryPIN", "inn")
EMPTY_LAST: Final = ("outstrbarcode", "partner", "return_message", "department")


def add(parent: ET.Element, name: str, text: Any = "", **attributes: Any) -> ET.Element:
    """A child with a text; empty: `<name />`."""
    found = ET.SubElement(parent, name, {key: str(value) for key, value in attributes.items()})
    found.text = str(text) if text != "" else None
    return found


def answer(
    world: MeasoftWorld, parcels: list[Parcel], *, method: str = "statusreq", anonymous: bool = False
) -> ET.Element:
    """`<statusreq count="…">` with its orders."""
    root = ET.Element(method, {"count": str(len(parcels))})
    for parcel in parcels:
        root.append(order(world, parcel, anonymous=anonymous))
    return root


def order(world: MeasoftWorld, parcel: Parcel, *, anonymous: bool = False) -> ET.Element:
    known = parcel.fields
    found = ET.Element(
        "order",
        {
            "orderno": parcel.number, "awb": parcel.number, "orderno2": known["orderno2"],
            "ordercode": str(parcel.id), "givencode": known["givencode"],
        },
    )  # fmt: skip
    add(found, "barcode", known["barcode"])
    _sender(found, known)
    _receiver(found, known, anonymous=anonymous)
    _cargo(found, known)
    _statuses(world, parcel, found)
    _result(parcel, found, known, anonymous=anonymous)
    _goods(found, known)
    return found


def _sender(found: ET.Element, known: dict[str, Any]) -> None:
    sender = add(found, "sender")
    add(sender, "company", known["company"])
    for name in ("date", "time_min", "time_max"):
        add(sender, name)


def _receiver(found: ET.Element, known: dict[str, Any], *, anonymous: bool) -> None:
    receiver = add(found, "receiver")
    add(receiver, "company", known["receiver"])
    add(receiver, "person", known["person"])
    add(receiver, "phone", known["phone"])
    add(add(receiver, "contacts"), "phone", known["phone"])
    add(receiver, "inn")
    add(receiver, "zipcode", known["zipcode"])
    add(receiver, "town", known["town"], code="1", country="RU")
    add(receiver, "address", known["address"])
    for name in ("date", "time_min", "time_max"):
        add(receiver, name)
    add(receiver, "coords", lat="", lon="")
    add(receiver, "deliveryPIN")
    for name in PERSONAL if anonymous else ():
        receiver.remove(receiver.find(name))  # type: ignore[arg-type]  # each was added above


def _cargo(found: ET.Element, known: dict[str, Any]) -> None:
    add(found, "pickup", "NO")
    add(found, "return", "NO")
    add(found, "weight", known["weight"])
    add(found, "return_weight")
    add(found, "quantity", known["quantity"])
    add(found, "paytype", known["paytype"], code="1")
    add(found, "print_check", "YES")
    add(found, "service", known["service"])
    add(found, "return_service", known["service"])
    add(found, "type", "3")
    add(found, "return_type")
    add(found, "waittime", "0")
    add(found, "price", f"{known['price']:.2f}")
    add(found, "inshprice", f"{known['inshprice']:.2f}")
    add(found, "enclosure", known["enclosure"])
    add(found, "instruction", known["instruction"])
    add(found, "basestatus", code="0")
    add(found, "currcoords", lat="", lon="", accuracy="", RequestDateTime="")
    add(found, "courier")
    delivery = f"{known['delivery']:.2f}"
    add(found, "deliveryprice", total=delivery, delivery=delivery, **{"return": "0.00"})
    add(found, "receiverpays", "NO")
    add(found, "acceptpartially", "YES")


def _statuses(world: MeasoftWorld, parcel: Parcel, found: ET.Element) -> None:
    """`<status>` is the last row; the history needs the plan, the server's version and luck (seed 000)."""
    tuning = world.tuning
    bare = not tuning.attributes or parcel.has("bare")
    found.append(status(world, parcel.rows[-1], bare=bare))
    history = add(found, "statushistory")
    if tuning.plan in WITH_HISTORY and not bare and not parcel.has("no_history"):
        history.extend(status(world, row, bare=False) for row in parcel.told())


def status(world: MeasoftWorld, row: dict[str, Any], *, bare: bool) -> ET.Element:
    """`eventtime` is the branch's own time without an offset, `createtimegmt` Greenwich's; `wire` has the last word."""
    found = ET.Element("status")
    found.text = row["code"]
    store = row.get("store", "Москва")
    told = {
        "eventstore": store,
        "eventtime": stamp(row.get("event", row["at"]), hours_of(store)),
        "createtimegmt": stamp(row["at"]),
        "message": row.get("message", ""),
        "title": row.get("title", _title(world, row["code"])),
    }
    if not bare:
        found.attrib.update(
            {name: str(value) for name, value in (told | row.get("wire", {})).items() if value is not None}
        )
    return found


def _title(world: MeasoftWorld, code: str) -> str:
    if world.tuning.titles == "none":
        return ""
    return TITLES.get(code, ("", ""))[world.tuning.titles == "english"]


def _result(parcel: Parcel, found: ET.Element, known: dict[str, Any], *, anonymous: bool) -> None:
    """To whom and when; for what was not delivered, why: there is no code for it (contract 1.8)."""
    row = parcel.rows[-1]
    handed = row["code"] in DELIVERED
    when = stamp(row.get("event", row["at"]), hours_of(row.get("store", "")))
    to = known["deliveredto"] or (known["receiver"] if handed and not anonymous else REASONS.get(row["code"], ""))
    add(found, "customstatecode")
    add(found, "clientstatecode")
    add(found, "deliveredto", to)
    add(found, "delivereddate", when[:10] if handed else "")
    add(found, "deliveredtime", when[11:16] if handed else "")
    add(found, "arrival")
    for name in EMPTY_LAST:
        add(found, name)


def _goods(found: ET.Element, known: dict[str, Any]) -> None:
    items = add(found, "items")
    for one in known["items"]:
        add(
            items, "item", one["name"], code="", article=one["article"], quantity=one["quantity"], mass=one["mass"],
            retprice=one["price"], returns=one.get("returns", 0),
        )  # fmt: skip
    packages = add(found, "packages")
    add(packages, "package", code="", strbarcode="", mass=known["weight"], message="")
