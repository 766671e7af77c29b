"""From what a scanner delivered to the code itself: what transport added is taken off, what it replaced is put back.

Source: contract "marking codes" 3.2. Steps repeat until none changes anything, so cleaning twice is cleaning once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from biip import ParseError
from biip.symbology import SymbologyIdentifier

from orders.codes import layout

GS = "\x1d"
"""The group separator that ends a part of variable length in a GS1 code."""

MAX_SCAN = 512
"""The longest scan that is looked at, in characters."""

_REPLACEMENT = "\ufffd"
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")

# Line ends and tabs of scanner suffixes, STX/ETX/EOT frames, and invisible characters from the clipboard.
_EDGE = " \t\r\n\v\f\x02\x03\x04\x1e\x85\xa0\u2028\u2029\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"

# Stand-ins for GS. The first hold a character that GS1 codes never hold; the others could be part of a serial number
# and count only in front of a part that follows one in marking codes.
_GS_SURE = r"\\{1,2}u001d|\\{1,2}x1d|\{(?:GS|FNC1)\}|\[(?:GS|FNC1)\]|\u241d|\^\]|&\#29;|&\#x1d;"
_GS_PERHAPS = r"<(?:GS|FNC1|0x1D)>|&lt;GS&gt;|%1D|_x001D_|[~| \xa0\xe8\ufffd]"
_GS_TEXT = re.compile(rf"(?:{_GS_SURE})|(?:{_GS_PERHAPS})(?=9[123]|8005)", re.IGNORECASE)
_FNC1_TEXT = re.compile(rf"(?:{_GS_SURE}|{_GS_PERHAPS}|\^)+(?=0[01][0-9]{{14}})", re.IGNORECASE)
_FNC1_CP1251 = re.compile(r"\u0438(?=01[0-9]{14}21)")
_MARKING = re.compile(r"01[0-9]{14}21.")

_BRACKET_HEAD = re.compile(r"\(01\) ?([0-9]{14}) ?\(21\) ?(?=.)")
_BRACKET_TAIL = re.compile(
    r"(01[0-9]{14}21.{1,20}?)(?: ?\(91\) ?(.{4}) ?\(92\) ?(.+)| ?\(93\) ?(.{4})| ?\(8005\) ?([0-9]{6}) ?\(93\) ?(.{4}))"
)
_SPACED_MARKING = re.compile(r"01 ([0-9]{14}) 21 (\S{1,20})")
_SPACED_DIGITS = re.compile(r"[0-9](?:[ \xa0]?[0-9]){7,}")
_CUSTOMS_DOTS = re.compile(r"[0-9]{8}\.[0-9]{6}\.[0-9]{7}(?:\.[0-9]{1,5})?")
_CUSTOMS_SPACES = re.compile(r"[0-9]{8} ?/ ?[0-9]{6} ?/ ?[0-9]{7}(?: ?/ ?[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A scan without what transport did to it; names of the repairs, codes of the problems that make them uncertain."""

    value: str
    repairs: tuple[str, ...]
    doubts: tuple[str, ...]


def storable(text: str, limit: int = 600) -> str:
    """The text as a database and JSON can hold it: at most ``limit`` characters, no NUL, no lone surrogates."""
    return _UNSTORABLE.sub(_REPLACEMENT, text[:limit])


def _without_cp1251_fnc1(text: str) -> str:
    """Byte 232 is FNC1 of some scanners; read as Windows-1251 it is a Russian letter in front of a Latin code."""
    return text[1:] if _FNC1_CP1251.match(text) and layout.has_latin(text) else text


def _slashes(text: str) -> str:
    """A customs number has no letters; typed in the Russian layout only its slashes tell."""
    return text.replace(".", "/") if _CUSTOMS_DOTS.fullmatch(text) else text


def _without_prefix(text: str) -> str:
    """Takes off an AIM symbology identifier such as ``]d2`` (ISO/IEC 15424)."""
    try:
        found = SymbologyIdentifier.extract(text)
    except (ParseError, IndexError, ValueError):
        return text
    plain = found.modifiers.isascii() and found.modifiers.isalnum()
    return text[len(found.value) :] if plain and len(text) > len(found.value) else text


def _without_fnc1(text: str) -> str:
    text = text.lstrip(GS)
    found = _FNC1_TEXT.match(text)
    return text[found.end() :] if found else text


def _unbracketed(text: str) -> str:
    """``(01)…(21)…(93)…`` as printed under a code; brackets elsewhere belong to the serial number."""
    text = _BRACKET_HEAD.sub(r"01\g<1>21", text, count=1) if _BRACKET_HEAD.match(text) else text
    found = None if GS in text else _BRACKET_TAIL.fullmatch(text)
    if not found:
        return text
    head, key, signature, check, price, price_check = found.groups()
    if key:
        return f"{head}{GS}91{key}{GS}92{signature}"
    return f"{head}{GS}93{check}" if check else f"{head}{GS}8005{price}{GS}93{price_check}"


def _with_separators(text: str) -> str:
    """Puts GS back where a scanner, a spreadsheet or a web page wrote something else; a code with GS is left alone."""
    return text if GS in text or not _MARKING.match(text) else _GS_TEXT.sub(GS, text)


def _without_spaces(text: str) -> str:
    if _SPACED_DIGITS.fullmatch(text) or _CUSTOMS_SPACES.fullmatch(text):
        return text.replace(" ", "").replace("\xa0", "")
    return _SPACED_MARKING.sub(r"01\g<1>21\g<2>", text) if _SPACED_MARKING.fullmatch(text) else text


_STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("fnc1", _without_cp1251_fnc1),
    ("layout", layout.from_russian),
    ("lookalike", layout.without_lookalikes),
    ("trailing", lambda text: text.rstrip(_EDGE + GS)),
    ("leading", lambda text: text.lstrip(_EDGE)),
    ("layout", _slashes),
    ("prefix", _without_prefix),
    ("fnc1", _without_fnc1),
    ("brackets", _unbracketed),
    ("gs_text", _with_separators),
    ("spaces", _without_spaces),
)


def _doubts(name: str, before: str) -> tuple[str, ...]:
    if name == "lookalike":
        return ("lookalike",)
    return layout.doubts(before) if name == "layout" and any(map(layout.is_cyrillic, before)) else ()


def clean(raw: str) -> Cleaned:
    """Repairs the first MAX_SCAN characters. Never raises; what cannot be repaired stays for the checks to refuse."""
    text = storable(raw, MAX_SCAN)
    repairs: dict[str, None] = {}
    doubts: dict[str, None] = {}
    before = None
    while text != before:  # ends: every step shortens the text or leaves less for the next round
        before = text
        for name, step in _STEPS:
            changed = step(text)
            if changed != text:
                repairs[name] = None
                doubts.update(dict.fromkeys(_doubts(name, text)))
            text = changed
    return Cleaned(text, tuple(repairs), tuple(doubts))
