"""Date ranges of both lists: 30 days at most, the end not included, the words of contract 2.7."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sandbox.yandex_market import asking, errors
from sandbox.yandex_market.days import midnight, today

MOST_DAYS: Final = 30
DAY: Final = 86_400
RUSSIAN_DAY: Final = re.compile(r"(\d{2})-(\d{2})-(\d{4})")


@dataclass(frozen=True, slots=True)
class Range:
    """Seconds since the epoch; None: open at this end."""

    since: float | None = None
    until: float | None = None

    def __contains__(self, moment: float) -> bool:
        return (self.since is None or self.since <= moment) and (self.until is None or moment < self.until)


def checked(found: Range, words: tuple[Any, Any], what: str) -> Range:
    """The range, or the refusal of one that ends before it begins or is too long. `words`: as they were given."""
    if found.since is None or found.until is None:
        return found
    if found.since >= found.until:
        raise errors.bad(f"Order {what} start date is required to be less than end date")
    if found.until - found.since > MOST_DAYS * DAY:
        since, until = words
        text = f"interval between '{since}' and '{until}' is more than '{MOST_DAYS}' days."
        raise errors.bad(f"Invalid filters: {text}")
    return found


def of_days(since: str | None, until: str | None, *, what: str, read: Callable[[str], date]) -> Range:
    """A range of whole days; they are Moscow's."""
    found = Range(midnight(read(since)) if since else None, midnight(read(until)) if until else None)
    return checked(found, (since, until), what)


def of_creation(since: str | None, until: str | None, *, now: float, read: Callable[[str], date]) -> Range:
    """What is not given is 30 days ago, or now."""
    first = read(since) if since else today(now) - timedelta(days=MOST_DAYS)
    if not until:
        # "Now" is not a day's end: what is being created at this moment is in.
        if now - midnight(first) > (MOST_DAYS + 1) * DAY:
            raise errors.bad(
                f"Invalid filters: interval between '{first}' and '{today(now)}' is more than '{MOST_DAYS}' days."
            )
        return Range(midnight(first))
    return checked(Range(midnight(first), midnight(read(until))), (since or first, until), "creation")


def of_moments(since: str | None, until: str | None, *, what: str) -> Range:
    found = Range(moment(since) if since else None, moment(until) if until else None)
    return checked(found, (since, until), what)


def moment(text: str) -> float:
    """ISO 8601 with an offset; a `+` that became a blank in an address is taken for what it was."""
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise errors.mismatch(text) from None
    if found.tzinfo is None:
        raise errors.mismatch(text)
    return found.timestamp()


def iso_day(text: str) -> date:
    if not asking.is_day(text):
        raise errors.mismatch(text)
    return date.fromisoformat(text)


def russian_day(text: str) -> date:
    """`21-11-2026`"""
    found = RUSSIAN_DAY.fullmatch(text)
    if found is None:
        raise errors.mismatch(text)
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        raise errors.mismatch(text) from None
