"""Codes for goods that do not exist: printed for training, right in every way a check can see, and always the same.

They are made of the ids of the unit, so that a sheet printed twice has the same codes. Serial numbers of marking codes begin
with ``TRAIN``, numbers of devices and jewellery with six zeros: whoever meets one elsewhere knows where it comes from.
Codes that name no single unit (a GTIN, a declaration) have no mark: real and fake goods may share them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from stdnum import ean, luhn

from orders.codes import GS, UNIT_KINDS, Reading
from orders.enums import CodeKind
from orders.models import TaskItem

MARK = "TRAIN"
#: No maker has IMEIs that begin like this (real ones do begin with "0044"), no assay office such UINs.
_NOBODYS = "000000"
#: Where the serial number of a marking code begins: after "01", the GTIN and "21".
_SERIAL_AT = 18
#: GTINs that begin like this are for use inside a company.
_INSIDE = "29"


@dataclass(frozen=True, slots=True)
class Fake:
    """A code of one unit. ``value``: as a scanner reads it; ``parts``: by application identifier where it is a DataMatrix."""

    kind: CodeKind
    value: str
    parts: Mapping[str, str]


def of_unit(item: TaskItem, unit: int, kind: str) -> Fake:
    """The code of this kind for a unit of an item."""
    wanted, seed = CodeKind(kind), f"{item.pk}:{unit}:{kind}"
    if wanted == CodeKind.SGTIN:
        parts = _marking(item, seed)
        return Fake(wanted, f"01{parts['01']}21{parts['21']}{GS}91{parts['91']}{GS}92{parts['92']}", parts)
    return Fake(wanted, _plain(wanted, item, seed), {})


def is_fake(understood: Reading, kind: str) -> bool:
    """Whether what was scanned as a code of this kind is one of ours. Only codes of single units can be."""
    if kind not in UNIT_KINDS:
        return False
    if kind == CodeKind.SGTIN:
        return understood.value.startswith(MARK, _SERIAL_AT)
    return understood.value.startswith(_NOBODYS)


def _marking(item: TaskItem, seed: str) -> dict[str, str]:
    letters = _letters(seed)
    return {"01": gtin(item).zfill(14), "21": f"{MARK}{letters[:8]}", "91": letters[8:12], "92": letters[12:56]}


def _plain(kind: CodeKind, item: TaskItem, seed: str) -> str:
    digits = _digits(seed)
    if kind == CodeKind.GTIN:
        return gtin(item)
    if kind == CodeKind.IMEI:
        body = f"{_NOBODYS}{digits[:8]}"
        return body + luhn.calc_check_digit(body)
    if kind == CodeKind.UIN:
        return f"{_NOBODYS}{digits[:10]}"
    customs = f"{digits[:8]}/010125/{digits[8:15]}"
    return customs if kind == CodeKind.GTD else f"{customs}/001"


def gtin(item: TaskItem) -> str:
    """The item's own GTIN of 13 digits, or one that nobody sells under."""
    for barcode in item.barcodes:
        if len(barcode) == 13 and ean.is_valid(barcode):
            return str(barcode)
    body = _INSIDE + _digits(f"{item.article}")[:10]
    return body + ean.calc_check_digit(body)


def _letters(seed: str) -> str:
    return base64.b32encode(hashlib.blake2b(seed.encode(), digest_size=40).digest()).decode()[:56]


def _digits(seed: str) -> str:
    number = int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=16).digest())
    return str(number).zfill(39)[-20:]
