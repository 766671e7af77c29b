"""One scan understood: cleaned, its possible kinds found, its problems named."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stdnum import ean

from orders.codes import sgtin
from orders.codes.checks import BARCODE, UNKNOWN, is_digits, is_link, problems, text_errors
from orders.codes.cleaning import MAX_SCAN, Cleaned, clean
from orders.codes.problem import Problem, problem
from orders.enums import CodeKind

_LONGEST_BARCODE = 64
_GTD, _RNPT, _SGTIN = CodeKind.GTD.value, CodeKind.RNPT.value, CodeKind.SGTIN.value
_DIGIT_KINDS = {
    13: (CodeKind.GTIN.value, BARCODE),
    15: (CodeKind.IMEI.value, BARCODE),
    16: (CodeKind.UIN.value, BARCODE),
}
_RNPT_SHAPE = re.compile(r"[0-9]{8}/[0-9]{6}/[0-9]{7}/[0-9]{3}")
_CUSTOMS_SHAPE = re.compile(r"(?=.{17,35}$)[0-9]+/[0-9]+/[0-9]+(?:/[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Reading:
    """One scan understood.

    ``raw`` is what arrived, untouched (store it through ``storable``); ``value`` is the code with its GS characters;
    ``kinds`` are the kinds it may be, best first; ``gtin`` has 14 digits; ``doubts`` are the warnings that come from
    uncertain repairs and hold for every kind. ``warnings`` and ``errors`` are those of the best kind: for another one
    ask ``judge``.
    """

    raw: str
    value: str
    kinds: tuple[str, ...]
    gtin: str | None = None
    serial: str | None = None
    repairs: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()
    errors: tuple[Problem, ...] = ()
    doubts: tuple[Problem, ...] = ()


def read(raw: str) -> Reading:
    """Understands one scan. Never raises: what cannot be read has ``errors`` and the kind "unknown"."""
    if len(raw) > MAX_SCAN:
        return Reading(raw, "", (UNKNOWN,), errors=(problem("too_long"),))
    cleaned = clean(raw)
    refused = tuple(problem(code) for code in text_errors(cleaned.value))
    if refused:
        return Reading(raw, cleaned.value, (UNKNOWN,), repairs=cleaned.repairs, errors=refused)
    return _understood(raw, cleaned)


def _understood(raw: str, cleaned: Cleaned) -> Reading:
    value = cleaned.value
    code = sgtin.parse(value)
    kinds = _kinds(value, code)
    errors, warnings = problems(value, kinds[0])
    doubts = tuple(problem(found) for found in cleaned.doubts)
    return Reading(
        raw,
        value,
        kinds,
        gtin=code.gtin if code else _gtin(value),
        serial=code.serial if code else None,
        repairs=cleaned.repairs,
        warnings=(*doubts, *warnings),
        errors=tuple(errors),
        doubts=doubts,
    )


def judge(reading: Reading, kind: str) -> tuple[list[Problem], list[Problem]]:
    """Errors and warnings of a scan taken as ``kind``, those of its repairs included."""
    if UNKNOWN in reading.kinds and reading.errors:
        return list(reading.errors), []
    errors, warnings = problems(reading.value, kind)
    return errors, [*reading.doubts, *warnings]


def _kinds(value: str, code: sgtin.Sgtin | None) -> tuple[str, ...]:
    if code:
        return _marking_kinds(value, code)
    if is_digits(value):
        return _DIGIT_KINDS.get(len(value), (BARCODE,))
    if _CUSTOMS_SHAPE.fullmatch(value):
        return (_RNPT, _GTD) if _RNPT_SHAPE.fullmatch(value) else (_GTD,)
    return (UNKNOWN,) if len(value) > _LONGEST_BARCODE or is_link(value) else (BARCODE,)


def _marking_kinds(value: str, code: sgtin.Sgtin) -> tuple[str, ...]:
    """A code without AIs or of digits alone may as well be a seller's own barcode."""
    if is_digits(value):
        return (BARCODE, _SGTIN) if code.pack else (_SGTIN, BARCODE)
    return (_SGTIN, BARCODE) if code.pack else (_SGTIN,)


def _gtin(value: str) -> str | None:
    """A bare number is a GTIN only with its right check digit: sellers number their own barcodes freely."""
    if is_digits(value) and len(value) in {8, 12, 13, 14}:
        return value.zfill(14) if ean.is_valid(value) else None
    return sgtin.elements(value).get("01")
