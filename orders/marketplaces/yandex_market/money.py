"""Money of Yandex Market: decimal numbers, sometimes as texts, and letters of a currency: RUR is the ruble (contract 2.4).

Numbers come here as the text that stood in the answer, so no rounding of a float shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from backoffice.reading import text
from orders.marketplaces.base import DriftSink

#: Ten thousand million whole units: more is not a price but a mistake.
MOST = 10**10
CENT = Decimal("0.01")

RUBLE = "RUB"
#: Old letters of what ISO 4217 calls otherwise now. The other currencies stay as they are told.
MODERN = {"RUR": RUBLE}
#: Seed 003, ``currency``, two with two letters; and the ruble as it is called elsewhere.
CURRENCIES = frozenset(
    "RUR USD EUR UAH AUD GBP BYR BYN DKK ISK KZT CAD CNY NOK XDR SGD TRY SEK CHF JPY AZN ALL DZD AOA ARS AMD AFN BHD BGN BOB "
    "BWP BND BRL BIF HUF VEF KPW VND GMD GHS GNF HKD GEL AED EGP ZMK ILS INR IDR JOD IQD IRR YER QAR KES KGS COP CDF CRC KWD "
    "CUP LAK LVL SLL LBP LYD SZL LTL MUR MRO MKD MWK MGA MYR MAD MXN MZN MDL MNT NPR NGN NIO NZD OMR PKR PYG PEN PLN KHR SAR "
    "RON SCR SYP SKK SOS SDG SRD TJS THB TWD BDT TZS TND TMM UGX UZS UYU PHP DJF XAF XOF HRK CZK CLP LKR EEK ETB RSD ZAR KRW "
    "NAD TL UE RUB".split()
)

_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?")
_LETTERS = re.compile(r"[A-Z]{3}")


class BadMoney(ValueError):
    """A price that cannot be one; the text is for people."""


def amount(value: object, name: str) -> Decimal | None:
    """``value`` of the field ``name``, exactly as it was told; None when there is none. Raises :class:`BadMoney`."""
    word = text(value)
    if not word:
        return None
    if not _NUMBER.fullmatch(word):
        raise BadMoney(_("%(field)s is not a decimal number like 499.00.") % {"field": name})
    number = Decimal(word)
    if number < 0:
        raise BadMoney(_("%(field)s is negative.") % {"field": name})
    if number >= MOST:
        raise BadMoney(_("%(field)s is absurdly large.") % {"field": name})
    return number


def cents(number: Decimal) -> Decimal:
    """With the two places that are kept; half of one is rounded up."""
    return number.quantize(CENT, rounding=ROUND_HALF_UP)


def per_unit(total: Decimal, count: int) -> Decimal:
    """A share of a total with two places. Of no units it is the total itself."""
    return cents(total / max(count, 1))


def plain(number: Decimal | None) -> str:
    """ "499", "0.5": without needless zeros, so that both order models write the same; empty when there is none."""
    if number is None:
        return ""
    written = f"{number:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def total(kept: Iterable[str]) -> str:
    """Sum of amounts that are only kept; empty when there are none. What is no amount does not count."""
    numbers = [Decimal(word) for word in kept if _NUMBER.fullmatch(word)]
    return plain(sum(numbers, Decimal())) if numbers else ""


def currency(value: object, name: str, *, drift: DriftSink, place: str) -> str:
    """Letters of a currency, RUB for RUR; new letters are kept and noted. Raises :class:`BadMoney`."""
    word = text(value).upper()
    if word in CURRENCIES:
        return MODERN.get(word, word)
    if not _LETTERS.fullmatch(word):
        raise BadMoney(_("%(field)s is not a currency.") % {"field": name})
    drift.note(place=place, kind="value", name=f"{name}={word}", sample=word)
    return word
