"""Times of Yandex Market: each of the two order models writes them in its own way (contract 2.4).

v2: "23-09-2022 09:12:41" and "23-09-2022", in Moscow. Business: "2022-09-23T09:12:41+03:00" and "2022-09-23".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from backoffice.reading import text
from orders.marketplaces.base import Window

#: What v2 means without saying so.
MOSCOW = timezone(timedelta(hours=3))
END_OF_DAY = time(23, 59, 59)

_DAY = re.compile(r"(\d\d)-(\d\d)-(\d{4})")
_MOMENT = re.compile(r"(\d\d)-(\d\d)-(\d{4}) (\d\d:\d\d(:\d\d)?)")
_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?")
_TIME = re.compile(r"(\d{1,2}):(\d\d)(:\d\d(\.\d+)?)?")


class OtherFormat(ValueError):
    """A date as the other order model writes it: the account's dialect and the answer do not fit together."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """How one order model writes days and moments; ``day_form`` and ``moment_form`` as its documents call them."""

    iso: bool
    day_form: str
    moment_form: str

    def day(self, value: object) -> date | None:
        """None when there is none. Raises :class:`OtherFormat`, ``ValueError``."""
        word = text(value)
        if not word:
            return None
        self._refuse_other(word)
        found = (_ISO_DAY if self.iso else _DAY).fullmatch(word)
        if not found:
            raise ValueError("not a day")
        return _date(found, iso=self.iso)

    def moment(self, value: object) -> datetime | None:
        """Aware, in UTC; None when there is none. Raises :class:`OtherFormat`, ``ValueError``."""
        word = text(value)
        if not word:
            return None
        self._refuse_other(word)
        return (_iso_moment(word) if self.iso else _moment(word)).astimezone(UTC)

    def _refuse_other(self, word: str) -> None:
        others = (_DAY, _MOMENT) if self.iso else (_ISO_DAY, _ISO_MOMENT)
        if any(pattern.fullmatch(word) for pattern in others):
            raise OtherFormat(word)


V2 = Calendar(iso=False, day_form="DD-MM-YYYY", moment_form="DD-MM-YYYY HH:MM:SS")
BUSINESS = Calendar(iso=True, day_form="YYYY-MM-DD", moment_form="YYYY-MM-DDTHH:MM:SS+03:00")


def _moment(word: str) -> datetime:
    found = _MOMENT.fullmatch(word)
    if not found:
        raise ValueError("not a time")
    return datetime.combine(_date(found, iso=False), time.fromisoformat(found[4]), tzinfo=MOSCOW)


def _iso_moment(word: str) -> datetime:
    """With an offset, as contract 2.4.1 says: without one it is not known when it was."""
    if not _ISO_MOMENT.fullmatch(word):
        raise ValueError("not a time")
    found = datetime.fromisoformat(word.upper())
    _sane(found)
    if found.tzinfo is None:
        raise ValueError("no offset")
    return found


def _date(found: re.Match[str], *, iso: bool) -> date:
    first, second, third = int(found[1]), int(found[2]), int(found[3])
    return _sane(date(first, second, third) if iso else date(third, second, first))


def _sane(found: date) -> date:
    """ "0001-01-01" is how some programs write "none"."""
    if not 2000 <= found.year <= 2100:
        raise ValueError("not a year of ours")
    return found


def of_text(value: str) -> datetime | None:
    """Back from the ISO text that facts keep."""
    return datetime.fromisoformat(value) if value else None


def clock(value: object) -> time | None:
    """ "12:00", "12:00:00" or "9:00"; None when there is none. Raises ``ValueError``."""
    word = text(value)
    if not word:
        return None
    found = _TIME.fullmatch(word)
    if not found:
        raise ValueError("not a time")
    return time(int(found[1]), int(found[2]))


def window(days: tuple[date, date | None], hours: tuple[time | None, time | None], zone: ZoneInfo) -> Window:
    """From the first day's hour to the last day's. Raises ``ValueError`` when the last day is before the first.

    Without hours the end of several days is the end of the last, of one day it is left open. Hours that end before they
    start end the next day.
    """
    first, last = days[0], days[1] or days[0]
    start, end = hours
    if last < first:
        raise ValueError("ends before it starts")
    opens = datetime.combine(first, start or time(), tzinfo=zone)
    if end is None and first == last:
        return Window(opens, None)
    closes = datetime.combine(last, end or END_OF_DAY, tzinfo=zone)
    return Window(opens, closes + timedelta(days=1) if closes < opens else closes)
