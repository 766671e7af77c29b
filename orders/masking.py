"""Personal data as people see it before they ask to see it whole."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from backoffice.text import HIDDEN

__all__ = ["HIDDEN", "address", "code", "name", "phone", "phones", "place", "place_of", "plain"]

# What follows the house: flat, entrance, floor, intercom; in the ways the marketplaces write them.
_INNER = re.compile(
    r"[,;]?\s*\b(?:квартира|кв|подъезд|под|этаж|эт|домофон|код|офис|оф|помещение|пом|flat|apt|apartment|entrance|floor|intercom)\b"
    r"\.?\s*[:№#]?\s*[\w/-]*",
    re.IGNORECASE,
)

_REGION = re.compile(r"^\s*(?:[^,]*\b(?:область|край|обл)\b\.?|Республика [^,]*)\s*,\s*(?=\S)", re.IGNORECASE)


def address(full: str) -> str:
    """Up to the house: without flat, entrance, floor and intercom."""
    return re.sub(r"\s*,(?:\s*,)+", ",", _INNER.sub("", full)).strip(" ,;")


def place(full: str) -> str:
    """The same for a narrow column: without the region, where a town follows it."""
    return _REGION.sub("", address(full))


def place_of(known: Mapping[str, Any] | None) -> str:
    """The same from a stored address: town, street and house where the marketplace tells its parts."""
    parts = (known or {}).get("parts") or {}
    if not parts.get("city"):
        return place(str((known or {}).get("full", "")))
    house = " ".join(str(parts[each]) for each in ("house", "block") if parts.get(each))
    return ", ".join(filter(None, (parts["city"], parts.get("street", ""), house)))


def name(known: Mapping[str, Any] | None) -> str:
    """First name and the initial of the last: "Пётр П."."""
    first = str((known or {}).get("first") or "").strip()
    full = str((known or {}).get("full") or "").split()
    if not first and not full:
        return ""
    first = first or full[0]
    rest = [word for word in full if word.casefold() != first.casefold()]
    return f"{first} {rest[0][0]}." if rest else first


def phone(number: str) -> str:
    """The last two digits only."""
    digits = re.sub(r"\D", "", number)
    return f"{HIDDEN} {digits[-2:]}" if len(digits) > 4 else HIDDEN


def code(value: str, most: int = 40) -> str:
    """A marking code short enough for a line: what tells units apart, without its signature."""
    shown = value.split("\x1d", 1)[0]
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def phones(known: Sequence[Mapping[str, Any]] | None) -> list[str]:
    """Each masked number once: an extension of a number ends as the number does."""
    shown = (phone(str(each.get("number", ""))) for each in known or [] if each.get("number"))
    return list(dict.fromkeys(shown))


def plain(value: str) -> str:
    """A code with its separators as a sign that can be seen."""
    return value.replace("\x1d", "␝")
