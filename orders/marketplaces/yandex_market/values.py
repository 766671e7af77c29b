"""Single values of an order: read, checked against what is known, and what is wrong said in words for people."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from django.utils.translation import gettext as _

from backoffice.reading import Reader, flag, text

from . import moments, money, words

PLACE = "order"
#: int64, and what a column for a quantity takes.
_MOST_NUMBER = 2**63
_MOST_COUNT = 2**31


class BadOrder(ValueError):
    """What makes an order unusable, in words for people and without anything personal."""


def number(value: object) -> str:
    """Digits of an int64 that is not negative; empty when it is none."""
    word = "" if isinstance(value, bool) else text(value)
    if not (word.isascii() and word.isdigit() and len(word) <= 19 and int(word) < _MOST_NUMBER):
        return ""
    return str(int(word))


def code(value: object) -> str:
    """A marking code as it was written: never trimmed, it may end with a GS character. Without NUL, as any text."""
    return "" if value is None else str(value).replace("\x00", "")


def short(value: str, most: int, name: str) -> str:
    """Raises :class:`BadOrder` when it does not fit where it is kept."""
    if len(value) > most:
        raise BadOrder(_("%(field)s is longer than %(most)s characters.") % {"field": name, "most": most})
    return value


def missing(name: str) -> BadOrder:
    return BadOrder(_("%(field)s is missing.") % {"field": name})


class Values:
    """Reads values of one order model. ``calendar``: how it writes days. Fields are named as on the wire."""

    def __init__(self, reader: Reader, calendar: moments.Calendar) -> None:
        self.reader = reader
        self.calendar = calendar

    def word(self, value: object, name: str, field: str = "") -> str:
        """A raw word of the enumeration ``name`` of ``words.NAMES``; a new one is kept and noted."""
        found = text(value)
        if found and not words.is_known(name, found):
            self.unknown(field or name, found)
        return found

    def unknown(self, field: str, value: object) -> None:
        self.reader.unknown(PLACE, field, value)

    def number(self, value: object, field: str) -> str:
        """An id that is needed. Raises :class:`BadOrder`."""
        found = number(value)
        if not found:
            raise BadOrder(_("%(field)s is missing or is not a number.") % {"field": field})
        return found

    def count(self, value: object, field: str) -> int:
        """How many. Raises :class:`BadOrder`."""
        found = int(self.number(value, field))
        if found >= _MOST_COUNT:
            raise BadOrder(_("%(field)s is absurdly large.") % {"field": field})
        return found

    def whole(self, value: object, field: str) -> int:
        """A count that is only kept: 0 and a note when it is none."""
        found = number(value)
        if not found and text(value):
            self.unknown(field, "not a number")
        return int(found) if found else 0

    def yes(self, value: object, field: str) -> bool:
        """A flag; absent is no, and so is nonsense, which is noted."""
        found = flag(value)
        if found is None and text(value):
            self.unknown(field, "not a flag")
        return bool(found)

    def day(self, value: object, field: str) -> date | None:
        """Raises :class:`BadOrder` for the format of the other order model; other nonsense is noted and left out."""
        try:
            return self.calendar.day(value)
        except moments.OtherFormat:
            raise self._other_format(field, self.calendar.day_form) from None
        except ValueError:
            self.unknown(field, text(value)[:40])
            return None

    def iso(self, value: object, field: str) -> str:
        """The same as an ISO date; empty when there is none."""
        found = self.day(value, field)
        return found.isoformat() if found else ""

    def moment(self, value: object, field: str) -> datetime | None:
        """As ``day``; aware, in UTC."""
        try:
            return self.calendar.moment(value)
        except moments.OtherFormat:
            raise self._other_format(field, self.calendar.moment_form) from None
        except ValueError:
            self.unknown(field, text(value)[:40])
            return None

    def moment_text(self, value: object, field: str) -> str:
        """The same as ISO 8601; empty when there is none."""
        found = self.moment(value, field)
        return found.isoformat() if found else ""

    def due(self, value: object, field: str) -> str:
        """A day or a moment, as ISO: the documents call a field one and show it as the other (contract 2.4.2)."""
        try:
            found = self.calendar.day(value)
        except moments.OtherFormat:
            raise self._other_format(field, self.calendar.moment_form) from None
        except ValueError:
            return self.moment_text(value, field)
        return found.isoformat() if found else ""

    def needed_moment(self, value: object, field: str) -> datetime:
        """Raises :class:`BadOrder` when it is missing or makes no sense."""
        if not text(value):
            raise missing(field)
        found = self.moment(value, field)
        if found is None:
            raise BadOrder(
                _("%(field)s is not a time like %(form)s.") % {"field": field, "form": self.calendar.moment_form}
            )
        return found

    def clock(self, value: object, field: str) -> time | None:
        """Nonsense is noted and left out."""
        try:
            return moments.clock(value)
        except ValueError:
            self.unknown(field, text(value)[:40])
            return None

    def hour(self, value: object, field: str) -> str:
        """The same as ``HH:MM``; empty when there is none."""
        found = self.clock(value, field)
        return found.isoformat("minutes") if found else ""

    def amount(self, value: object, field: str) -> Decimal | None:
        """Raises ``BadMoney``."""
        return money.amount(value, field)

    def kept(self, value: object, field: str) -> str:
        """An amount that is only kept, as a decimal text: one that is none does not spoil the order, it is noted."""
        try:
            return money.plain(money.amount(value, field))
        except money.BadMoney as error:
            self.unknown(field, str(error))
            return text(value)

    def currency(self, value: object, field: str) -> str:
        """Raises ``BadMoney``."""
        return money.currency(value, field, drift=self.reader.drift, place=PLACE)

    def _other_format(self, field: str, form: str) -> BadOrder:
        """Such an answer comes when the account's dialect is not that of the method that answered."""
        said = _("%(field)s is written in the format of the other order model; %(form)s was expected here.")
        return BadOrder(said % {"field": field, "form": form})
