"""One code for different readers: people, the check for duplicates, marketplaces and carriers."""

from __future__ import annotations

import re

from orders.codes import sgtin
from orders.codes.checks import is_digits
from orders.codes.cleaning import GS
from orders.enums import CodeKind

UNIT_KINDS = frozenset({CodeKind.SGTIN, CodeKind.UIN, CodeKind.IMEI})
"""Kinds that name one single unit. A GTIN names a product, GTD and RNPT a consignment: many units share them."""

_CUSTOMS = re.compile(r"[0-9]+(?:/[0-9]+){2,3}")
_SHOWN = 24
_SERIAL_SHOWN = sgtin.MIN_SERIAL


def identity(value: str, kind: str) -> str:
    """What makes two scans of this kind the same code; compare it case-sensitively.

    sgtin: GTIN and serial number as "01…21…" (a tobacco pack: its first 21 characters), the whole value when the serial
    number cannot be delimited. Other kinds: the digits.
    """
    if kind == CodeKind.SGTIN:
        return _marking_identity(value)
    return "".join(char for char in value if is_digits(char)) or value


def _marking_identity(value: str) -> str:
    code = sgtin.parse(value)
    if code is None or code.serial is None:
        return value
    return f"{code.gtin}{code.serial}" if code.pack else f"01{code.gtin}21{code.serial}"


def short(value: str) -> str:
    """The code for people, never with its verification part: "01 04600439931256 21 5RJZx80hlqAq3", "…237518"."""
    code = sgtin.parse(value)
    if code:
        return _short_marking(code, value)
    if is_digits(value):
        return value if len(value) <= 14 else f"…{value[-6:]}"
    head = "".join(char if char.isprintable() else "·" for char in value.split(GS, maxsplit=1)[0])
    return head if len(head) <= _SHOWN or _CUSTOMS.fullmatch(head) else f"{head[:_SERIAL_SHOWN]}…"


def _short_marking(code: sgtin.Sgtin, value: str) -> str:
    serial = code.serial or f"{value[18 : 18 + _SERIAL_SHOWN]}…"
    serial = "".join(char if char.isprintable() else "·" for char in serial)
    return f"{code.gtin} {serial}" if code.pack else f"01 {code.gtin} 21 {serial}"


def wildberries_form(value: str) -> str:
    """What Wildberries takes: the full scan with its GS characters (16 to 135 characters)."""
    return value


def courier_form(value: str) -> str:
    """What MeaSoft takes as ``governmentCode``: without GS, the first 31 characters or the full code.

    31 characters are the identification part only when the serial number has 13; after a shorter one they would end
    inside the verification part, so such a code goes in full.
    """
    code = sgtin.parse(value)
    if code and not code.pack and code.serial is not None and len(code.serial) == 13:
        return _marking_identity(value)
    return value.replace(GS, "")
