"""Money of Wildberries: integers in hundredths and numeric ISO 4217 codes (contract 1.3.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from backoffice.reading import text
from orders.marketplaces.base import DriftSink, Money

#: Numeric → letters. 643 and 933 occur in the sources, the others are countries where Wildberries sells.
CURRENCIES: Mapping[int, str] = {
    643: "RUB",
    933: "BYN",
    398: "KZT",
    51: "AMD",
    417: "KGS",
    860: "UZS",
    944: "AZN",
    972: "TJS",
    981: "GEL",
    156: "CNY",
    840: "USD",
    978: "EUR",
    949: "TRY",
    784: "AED",
}
#: Ten thousand million whole units: more is not a price but a mistake.
MOST = 10**12

_INTEGER = re.compile(r"-?\d{1,30}")
_LETTERS = re.compile(r"[A-Z]{3}")


class BadMoney(ValueError):
    """A price that cannot be one; the text is for people."""


def hundredths(value: object, name: str) -> Decimal | None:
    """``value`` of the field ``name`` in whole units; None when there is none. Raises :class:`BadMoney`."""
    word = text(value)
    if not word:
        return None
    if not _INTEGER.fullmatch(word):
        raise BadMoney(_("%(field)s is not a whole number of hundredths.") % {"field": name})
    number = int(word)
    if number < 0:
        raise BadMoney(_("%(field)s is negative.") % {"field": name})
    if number >= MOST:
        raise BadMoney(_("%(field)s is absurdly large.") % {"field": name})
    return Decimal(number).scaleb(-2)


def currency(value: object, name: str, *, drift: DriftSink, place: str) -> str:
    """Letters for a numeric code; the number itself, and a note of it, where it is not known. Raises :class:`BadMoney`."""
    word = text(value).upper()
    if _LETTERS.fullmatch(word):
        return word
    if not word.isascii() or not word.isdigit() or len(word) > 3:
        raise BadMoney(_("%(field)s is not a currency.") % {"field": name})
    letters = CURRENCIES.get(int(word))
    if letters is None:
        drift.note(place=place, kind="value", name=f"{name}={word}", sample=word)
    return letters or word


def price(value: object, code: str, name: str) -> Money | None:
    """Raises :class:`BadMoney`."""
    amount = hundredths(value, name)
    return None if amount is None else Money(amount, code)
