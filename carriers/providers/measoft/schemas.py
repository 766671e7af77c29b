"""Shapes on the wire (contract 1.3): the same ``<order>`` in every answer. Every value is the text that was there, or ""."""

from __future__ import annotations

import msgspec

from carriers.providers.xml import Element, source, text_of

KNOWN_STATUS = frozenset({"eventstore", "eventtime", "createtimegmt", "message", "title"})
KNOWN_ORDER_ATTRIBUTES = frozenset(
    {"orderno", "awb", "orderno2", "ordercode", "givencode", "error", "errormsg", "errormsgru"}
)
KNOWN_ORDER = frozenset(
    "barcode sender receiver pickup return weight return_weight quantity paytype print_check service return_service type "
    "return_type waittime price inshprice enclosure instruction basestatus currcoords courier deliveryprice receiverpays "
    "acceptpartially status statushistory customstatecode clientstatecode deliveredto delivereddate deliveredtime arrival "
    "outstrbarcode partner return_message department items packages webhook_status_code".split()
)


class StatusWire(msgspec.Struct, frozen=True):
    """``eventtime``: local time of the place; ``createtimegmt``: GMT. Servers before 2008.0.0.670 have neither (seed 000)."""

    code: str = ""
    eventstore: str = ""
    eventtime: str = ""
    createtimegmt: str = ""
    message: str = ""
    title: str = ""


class OrderWire(msgspec.Struct, frozen=True):
    """``history`` is empty when the carrier's plan has none. ``raw``: the element itself."""

    orderno: str = ""
    awb: str = ""
    ordercode: str = ""
    barcode: str = ""
    status: StatusWire = StatusWire()
    history: tuple[StatusWire, ...] = ()
    planned_date: str = ""
    deliveredto: str = ""
    delivereddate: str = ""
    deliveredtime: str = ""
    arrival: str = ""
    return_message: str = ""
    error: str = ""
    errormsg: str = ""
    raw: bytes = b""

    @property
    def names(self) -> tuple[str, ...]:
        """Every number that is this parcel's."""
        return tuple(dict.fromkeys(name for name in (self.orderno, self.awb, self.ordercode, self.barcode) if name))

    def name(self, key: str) -> str:
        """The number that an account asks by: ``orderno`` or ``ordercode``."""
        return self.ordercode if key == "ordercode" else self.orderno


def order_of(element: Element) -> OrderWire:
    attribute = element.attrib.get
    return OrderWire(
        orderno=attribute("orderno", "").strip(),
        awb=attribute("awb", "").strip(),
        ordercode=attribute("ordercode", "").strip(),
        barcode=text_of(element, "barcode"),
        status=status_of(element.find("status")),
        history=tuple(status_of(row) for row in element.iterfind("statushistory/status")),
        planned_date=text_of(element, "receiver/date"),
        deliveredto=text_of(element, "deliveredto"),
        delivereddate=text_of(element, "delivereddate"),
        deliveredtime=text_of(element, "deliveredtime"),
        arrival=text_of(element, "arrival"),
        return_message=text_of(element, "return_message"),
        error=attribute("error", "").strip(),
        errormsg=(attribute("errormsgru", "") or attribute("errormsg", "")).strip(),
        raw=source(element),
    )


def status_of(element: Element | None) -> StatusWire:
    if element is None:
        return StatusWire()
    return StatusWire(text_of(element), **{name: element.attrib.get(name, "").strip() for name in KNOWN_STATUS})
