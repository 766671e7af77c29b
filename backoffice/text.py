"""Foreign text made fit for a column, and for eyes that nobody has asked."""

from __future__ import annotations

import re

# NUL is refused by PostgreSQL, lone surrogates by UTF-8; line breaks would forge log lines.
_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
HIDDEN = "•••"
# Days and times are no phones, although they are as many digits; what they stand beside is looked at by itself.
_DAY = (
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?"
    r"|(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?:\d{4}|\d\d)(?:[T ]\d\d:\d\d(?::\d\d)?)?"
)
_CONTACT = re.compile(
    rf"(?P<day>(?<!\d)(?:{_DAY})(?![.\-]?\d))"
    r"|(?:[^\s,;:<>]+\s?)?[@＠]\s?[^\s,;:<>]*"
    r"|\+?\d(?:[\s().\-‐-―−/·_*]{0,3}\d){6,}"
)
#: More than ``most`` that is read, so that what is cut is not half a number.
_BEYOND = 64


def whole(text: str, most: int = 2**63 - 1) -> int | None:
    """The number that a text from outside is; None for what is none, is below zero or above ``most`` (by default a column's)."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if number <= most else None


def one_line(text: str, most: int) -> str:
    """The text on one line, without control characters, at most ``most`` characters."""
    return _UNFIT.sub(" ", text).strip()[:most].rstrip()


def without_contacts(text: str, most: int) -> str:
    """The same, with phones and e-mail addresses hidden: seven digits or more in a row, and whatever stands around an @.

    For free texts of others, which people write into. Names in them are not known to be names.
    """
    found = _CONTACT.sub(lambda match: match["day"] or HIDDEN, one_line(text, most + _BEYOND))
    return found[:most].rstrip()
