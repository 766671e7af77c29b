"""What each root element does (contract 1.2 … 1.6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from xml.etree import ElementTree as ET

from sandbox.measoft import errors, shapes
from sandbox.measoft.asking import Asked
from sandbox.measoft.statuses import BEGINNING, DELIVERED, FAILED
from sandbox.measoft.world import MeasoftWorld, stamp
from sandbox.parcels.making import Wish, make
from sandbox.parcels.parcel import Parcel
from sandbox.wire import Refusal, Reply

NUMBER: Final = re.compile(r"\d{1,9}(\.\d{1,6})?")
STREAMS: Final = range(100, 10_001)
# `done`: ONLY_NOT_DONE is what failed for good, not what is still under way (contract 1.2).
DONE: Final[dict[str, Callable[[str], bool]]] = {
    "ONLY_DONE": lambda code: code in DELIVERED,
    "ONLY_NOT_DONE": lambda code: code in FAILED,
    "ONLY_NEW": lambda code: code in BEGINNING,
    "ONLY_DELIVERY": lambda code: code not in DELIVERED | FAILED,
}


def statusreq(world: MeasoftWorld, asked: Asked) -> Reply:
    """Orders by their numbers and by filters; in the mode ONLY_LAST all else is ignored."""
    if asked.text("changes") == "ONLY_LAST":
        _check_stream(asked)
        return errors.document(shapes.answer(world, world.changed(asked.stream, asked.login)))
    found = [one for one in _candidates(world, asked) if _fits(asked, one)]
    return errors.document(shapes.answer(world, found))


def _check_stream(asked: Asked) -> None:
    """100 … 10000, or none."""
    given = asked.text("streamid")
    if given and not (given.isascii() and given.isdigit() and int(given) in STREAMS):
        raise Refusal(errors.root(asked.method, 34))


def _candidates(world: MeasoftWorld, asked: Asked) -> list[Parcel]:
    """Of the shop; orders handed to a partner for delivery are nobody's here. A number is looked up, not searched for."""
    if (asked.text("client") or "CLIENT") != "CLIENT":
        return []
    return world.orders(asked.login, asked.text("orderno") or None)


def _fits(asked: Asked, parcel: Parcel) -> bool:
    """Every filter that is given."""
    known, code = parcel.fields, parcel.code
    wanted = {"ordercode": str(parcel.id), "orderno2": known["orderno2"], "givencode": known["givencode"]}
    if any(asked.text(name) not in ("", value) for name, value in wanted.items()):
        return False
    created, first, last = stamp(parcel.created, 3)[:10], asked.text("datefrom"), asked.text("dateto")
    if not (first or created) <= created <= (last or created):
        return False
    return DONE.get(asked.text("done"), bool)(code) and _is_named(asked, parcel)


def _is_named(asked: Asked, parcel: Parcel) -> bool:
    """`target` and `conditions`, which hold together."""
    known = parcel.fields
    inside, start = (asked.text(f"conditions/{name}") for name in ("namecontains", "namestarts"))
    target = asked.text("target").casefold()
    return (
        (target in known["receiver"].casefold() or target in known["address"].casefold())
        and inside in parcel.number
        and parcel.number.startswith(start)
    )


def commit(world: MeasoftWorld, asked: Asked) -> Reply:
    """What the stream was told is received; `<acs><ac>ordercode</ac></acs>`: only these (contract 1.4, unverified)."""
    _check_stream(asked)
    codes = [(one.text or "").strip() for one in asked.root.iterfind("acs/ac")]
    world.commit(asked.stream, asked.login, codes)
    return errors.root(asked.method, 0)


def tracking(world: MeasoftWorld, asked: Asked) -> Reply:
    """Without a login: the last order among all customers with this number, anonymised."""
    number = asked.text("orderno")
    found = [one for seller in list(world.shops) for one in world.orders(seller, number)]
    newest = sorted(found, key=lambda one: -one.id)[:1]
    return errors.document(shapes.answer(world, newest, method=asked.method, anonymous=True))


def neworder(world: MeasoftWorld, asked: Asked) -> Reply:
    """`<createorder>` for each order; a number that was there this year is error 17."""
    root = ET.Element("neworder")
    for one in asked.root.iterfind("order"):
        number, code = one.get("orderno", ""), _wrong(world, asked, one)
        told = errors.attributes(code)
        if code == 0:
            parcel = _made(world, asked, one, number)
            number = parcel.number
            told |= {"barcode": parcel.fields["barcode"], "orderprice": f"{parcel.fields['delivery']:.0f}"}
        ET.SubElement(root, "createorder", {"orderno": number, **told})
    return errors.document(root)


def _wrong(world: MeasoftWorld, asked: Asked, order: ET.Element) -> int:
    """The error of one order (table A), 0 when it can be taken."""
    number = order.get("orderno", "")
    if number and not world.is_new_number(asked.login, number):
        return 17
    for name, code in (("price", 3), ("inshprice", 11), ("weight", 4)):
        if not NUMBER.fullmatch(order.findtext(name) or "0"):
            return code
    return 0


def _made(world: MeasoftWorld, asked: Asked, order: ET.Element, number: str) -> Parcel:
    """Of what the shop sends, what comes back in `statusreq`."""
    texts = {
        "barcode": "barcode", "company": "sender/company", "receiver": "receiver/company", "person": "receiver/person",
        "phone": "receiver/phone", "zipcode": "receiver/zipcode", "town": "receiver/town", "address": "receiver/address",
        "pvz": "receiver/pvz", "paytype": "paytype", "service": "service", "enclosure": "enclosure",
        "instruction": "instruction",
    }  # fmt: skip
    fields: dict[str, object] = {name: order.findtext(path) for name, path in texts.items() if order.findtext(path)}
    numbers = {name: order.findtext(name) for name in ("price", "inshprice", "weight")}
    fields |= {name: float(text) for name, text in numbers.items() if text}
    if "person" in fields:
        fields.setdefault("receiver", fields["person"])
    wish = Wish(asked.login, number=number, path="happy", fields=fields, cause="neworder")
    return make(world, wish)[0]


def cancelorder(world: MeasoftWorld, asked: Asked) -> Reply:
    """Only orders whose status has never changed; one `<order>` for each that was asked for (contract 1.6)."""
    root = ET.Element("cancelorder")
    for one in asked.root.iterfind("order"):
        number, code = one.get("orderno", ""), one.get("ordercode", "")
        found = [each for each in world.orders(asked.login, number or None) if code in ("", str(each.id))]
        found = found if number or code else []
        told = {"orderno": number, "ordercode": code, **errors.attributes(_cancelled(world, found))}
        ET.SubElement(root, "order", told)
    return errors.document(root)


def _cancelled(world: MeasoftWorld, found: list[Parcel]) -> int:
    """The error of one order, 0 when it is cancelled."""
    if not found:
        return 52
    parcel = found[-1]
    if len(parcel.rows) > 1:
        return 53
    parcel.rest, parcel.due = [], None
    world.put(parcel, "CANCELED", cause="cancelorder", more={"title": "Отменено заказчиком"})
    return 0


METHODS: Final[dict[str, Callable[[MeasoftWorld, Asked], Reply]]] = {
    "statusreq": statusreq, "commitlaststatus": commit, "tracking": tracking, "neworder": neworder,
    "cancelorder": cancelorder,
}  # fmt: skip
