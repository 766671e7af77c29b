"""Times of Wildberries: RFC 3339 for moments; days "17.05.2024" (seed 004) or "2026-01-26", with "15:00" beside them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from backoffice.reading import text
from orders.marketplaces.base import Window

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")
_RUSSIAN_DAY = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})")
_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)([T ].*)?")
_TIME = re.compile(r"(\d{1,2}):(\d\d)(:\d\d)?")


def moment(value: object) -> datetime:
    """Aware; without an offset it is UTC, as the documents say. Raises ``ValueError``."""
    word = text(value)
    if not _RFC3339.fullmatch(word):
        raise ValueError("not RFC 3339")
    found = datetime.fromisoformat(word.upper())
    _sane(found)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def day(value: object) -> date | None:
    """In either format; None when there is none. Raises ``ValueError``."""
    word = text(value)
    if not word:
        return None
    if found := _RUSSIAN_DAY.fullmatch(word):
        return _sane(date(int(found[3]), int(found[2]), int(found[1])))
    if found := _ISO_DAY.fullmatch(word):
        return _sane(date(int(found[1]), int(found[2]), int(found[3])))
    raise ValueError("not a day")


def _sane(found: date) -> date:
    """ "0001-01-01" is how some programs write "none"."""
    if not 2000 <= found.year <= 2100:
        raise ValueError("not a year of ours")
    return found


def clock(value: object) -> time | None:
    """None when there is none. Raises ``ValueError``."""
    word = text(value)
    if not word:
        return None
    if found := _TIME.fullmatch(word):
        return time(int(found[1]), int(found[2]))
    raise ValueError("not a time")


def window(on: object, start: object, end: object, zone: ZoneInfo) -> Window | None:
    """A delivery window in ``zone``; one that ends before it starts ends the next day. Raises ``ValueError``."""
    chosen = day(on)
    if chosen is None:
        return None
    first, last = clock(start), clock(end)
    opens = datetime.combine(chosen, first or time(), tzinfo=zone)
    closes = datetime.combine(chosen, last, tzinfo=zone) if last else None
    if closes and closes <= opens:
        closes += timedelta(days=1)
    return Window(opens, closes)
