"""What is wrong with a value taken as a given kind.

Length and characters are errors, because the marketplace refuses them; check digits are warnings, because the sample
data of the marketplaces themselves fail them (contract "marking codes" 3.4).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime

from stdnum import ean, imei

from orders.codes import sgtin
from orders.codes.cleaning import GS, MAX_SCAN
from orders.codes.layout import is_cyrillic
from orders.codes.problem import Problem, problem
from orders.enums import CodeKind

BARCODE = "barcode"
UNKNOWN = "unknown"

SGTIN_LENGTH = range(16, 136)
GTD_LENGTH = range(17, 30)

_GTD = re.compile(r"[0-9]{8}/([0-9]{6})/[0-9]{7}(?:/[0-9]{1,5})?")
_RNPT = re.compile(r"[0-9]{8}/([0-9]{6})/[0-9]{7}/[0-9]{3}")
_LINK = re.compile(r"https?://", re.IGNORECASE)

Found = tuple[list[str], list[str]]


def problems(value: str, kind: str) -> tuple[list[Problem], list[Problem]]:
    """Errors and warnings of a cleaned value taken as ``kind`` (a CodeKind, "barcode" or "unknown"). Never raises."""
    errors = text_errors(value)
    if not errors and kind not in _CHECKS:
        errors = ["kind"]
    errors, warnings = (errors, []) if errors else _CHECKS[kind](value)
    return [problem(code) for code in errors], [problem(code) for code in warnings]


def text_errors(value: str) -> list[str]:
    """Problems that refuse a value whatever its kind is meant to be."""
    if not value:
        return ["empty"]
    if len(value) > MAX_SCAN:
        return ["too_long"]
    if any(unicodedata.category(char) == "Cc" and char != GS for char in value):
        return ["control"]
    if value.isascii():
        return []
    return ["mixed_layout" if any(map(is_cyrillic, value)) else "charset"]


def is_digits(value: str) -> bool:
    return value.isascii() and value.isdigit()


def _sgtin(value: str) -> Found:
    if len(value) not in SGTIN_LENGTH:
        return ["sgtin_length"], []
    return [], [*_structure(sgtin.parse(value)), *(["charset_gs1"] if sgtin.outside_gs1(value) else [])]


_TAIL_PROBLEMS = {
    sgtin.Tail.GLUED: ["gs_lost"],
    sgtin.Tail.MISSING: ["tail_missing"],
    sgtin.Tail.CUT: ["tail_cut"],
    sgtin.Tail.WHOLE: [],
}


def _structure(code: sgtin.Sgtin | None) -> list[str]:
    if code is None:
        return ["structure"]
    found = [] if ean.is_valid(code.gtin) else ["gtin_check_digit"]
    if code.serial is not None and len(code.serial) < sgtin.MIN_SERIAL:
        found.append("serial_short")
    return [*found, *_TAIL_PROBLEMS[code.tail]]


def _number(value: str, kind: CodeKind, length: int) -> list[str]:
    if not is_digits(value):
        return ["digits"]
    return [] if len(value) == length else [f"{kind.value}_length"]


def _uin(value: str) -> Found:
    return _number(value, CodeKind.UIN, 16), []


def _imei(value: str) -> Found:
    errors = _number(value, CodeKind.IMEI, 15)
    return errors, [] if errors or imei.is_valid(value) else ["imei_check_digit"]


def _gtin(value: str) -> Found:
    errors = _number(value, CodeKind.GTIN, 13)
    return errors, [] if errors or ean.is_valid(value) else ["gtin_check_digit"]


def _gtd(value: str) -> Found:
    if len(value) not in GTD_LENGTH:
        return ["gtd_length"], []
    return _customs(_GTD.fullmatch(value), "gtd_mask")


def _rnpt(value: str) -> Found:
    return _customs(_RNPT.fullmatch(value), "rnpt_mask")


def _customs(found: re.Match[str] | None, mask_problem: str) -> Found:
    if found is None:
        return [mask_problem], []
    return [], [] if _is_date(found[1]) else ["customs_date"]


def _is_date(text: str) -> bool:
    try:
        datetime.strptime(text, "%d%m%y")  # noqa: DTZ007 - only whether such a day exists
    except ValueError:
        return False
    return True


def _unknown(value: str) -> Found:
    return [], ["link"] if is_link(value) else []


def _barcode(_value: str) -> Found:
    """Whether a barcode is right is told by the item that has it; sellers' own ones follow no rule."""
    return [], []


def is_link(value: str) -> bool:
    return _LINK.match(value) is not None


_CHECKS: dict[str, Callable[[str], Found]] = {
    CodeKind.SGTIN.value: _sgtin,
    CodeKind.UIN.value: _uin,
    CodeKind.IMEI.value: _imei,
    CodeKind.GTIN.value: _gtin,
    CodeKind.GTD.value: _gtd,
    CodeKind.RNPT.value: _rnpt,
    BARCODE: _barcode,
    UNKNOWN: _unknown,
}
