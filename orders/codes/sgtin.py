"""The structure of Chestny ZNAK codes (contract "marking codes" 3.1): GTIN, serial number, what is known of the tail.

Serial numbers and tails hold any digits and punctuation, so parts are told apart by GS only. Two exceptions need no GS:
a tobacco pack, whose parts have fixed places, and a 13-character serial followed by a whole signature, both keys in
their places.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from biip import ParseConfig, ParseError
from biip.gs1_messages import GS1Message
from stdnum import ean

from orders.codes.cleaning import GS

MIN_SERIAL = 6
MAX_SERIAL = 20

_GS1_CHARS = r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"
_HEAD = re.compile(r"01([0-9]{14})21(.+)", re.DOTALL)
_OTHER_HEAD = re.compile(r"01[0-9]{14}[0-9]{2}")
_PACK = re.compile(rf"([0-9]{{14}})({_GS1_CHARS}{{7}})({_GS1_CHARS}{{8}})?")
_GLUED_SIGNATURE = re.compile(r"(.{13})91.{4}92(?:.{43,44}|.{86,88})", re.DOTALL)
_GLUED_KEY = re.compile(r"(.{13})91.{4}", re.DOTALL)
_GLUED_CHECK = re.compile(r".{6,}93.{4}", re.DOTALL)
_CONFIG = ParseConfig(gs1_element_strings_verify_date=False)


class Tail(StrEnum):
    """What follows the serial number."""

    WHOLE = "whole"
    CUT = "cut"
    MISSING = "missing"
    GLUED = "glued"  # GS was lost: serial and tail stand together


@dataclass(frozen=True, slots=True)
class Sgtin:
    """A marking code taken apart; ``serial`` is None when it cannot be delimited, ``pack`` marks a code without AIs."""

    gtin: str
    serial: str | None
    tail: Tail
    pack: bool = False


def parse(value: str) -> Sgtin | None:
    """Takes a cleaned value apart; None when it has no structure of a marking code."""
    gs1, pack = _parse_gs1(value), _parse_pack(value)
    if gs1 and (pack is None or ean.is_valid(gs1.gtin)):
        return gs1
    return pack or gs1 or _parse_other_order(value)


def _parse_pack(value: str) -> Sgtin | None:
    """A tobacco pack: GTIN 14, serial 7, price 4, check 4; 21 characters without the last two."""
    found = _PACK.fullmatch(value)
    if not found or not ean.is_valid(found[1]):
        return None
    return Sgtin(found[1], found[2], Tail.WHOLE if found[3] else Tail.MISSING, pack=True)


def _parse_gs1(value: str) -> Sgtin | None:
    head, *rest = value.split(GS)
    found = _HEAD.fullmatch(head)
    if not found:
        return None
    groups = [group for group in rest if group]
    serial, tail = _delimited(found[2], groups) if groups else _undelimited(found[2])
    return Sgtin(found[1], serial, tail)


def _delimited(serial: str, groups: list[str]) -> tuple[str | None, Tail]:
    keys = {group[:2] for group in groups}
    if "92" in keys and "91" not in keys:  # a signature always follows its key: the GS between serial and key was lost
        found = _GLUED_KEY.fullmatch(serial)
        return (found[1] if found else None), Tail.GLUED
    return (serial, _tail(groups)) if len(serial) <= MAX_SERIAL else (None, Tail.GLUED)


def _undelimited(rest: str) -> tuple[str | None, Tail]:
    found = _GLUED_SIGNATURE.fullmatch(rest)
    if found:
        return found[1], Tail.GLUED
    if len(rest) > MAX_SERIAL or _GLUED_CHECK.fullmatch(rest):
        return None, Tail.GLUED
    return rest, Tail.MISSING


def _tail(groups: list[str]) -> Tail:
    """Lengths of tails differ by product group and are not enforced; four characters is the least there is."""
    ends = [group[2:] for group in groups if group[:2] in {"92", "93"}]
    if not ends:
        return Tail.MISSING
    return Tail.WHOLE if all(len(end) >= 4 for end in ends) else Tail.CUT


def _parse_other_order(value: str) -> Sgtin | None:
    """GS1 allows other parts between GTIN and serial number, for example an expiry date."""
    parts = elements(value)
    if "01" not in parts or "21" not in parts:
        return None
    tail = _tail([ai + part for ai, part in parts.items()])
    return Sgtin(parts["01"], parts["21"], tail)


def elements(value: str) -> dict[str, str]:
    """GS1 parts by application identifier of a code that begins with a GTIN; empty when it is not one."""
    if not _OTHER_HEAD.match(value):
        return {}
    try:
        message = GS1Message.parse(value, config=_CONFIG)
    except (ParseError, ValueError, ArithmeticError):
        return {}
    return {element.ai.ai: element.value for element in message.element_strings}


def outside_gs1(value: str) -> bool:
    """True when the code holds a character that GS1 codes do not use (GS itself is fine)."""
    return re.fullmatch(rf"(?:{_GS1_CHARS}|{GS})*", value) is None
