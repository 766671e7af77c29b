"""Settings that accounts of every carrier have. Values may be texts, as a command line gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from backoffice import options

#: Names of the options.
QUIET_DAYS, NUMBERS, TRACK_SERVICE, NIGHT, ZONE = "quiet_days", "numbers", "track_service", "night", "timezone"
#: Hours of the day in which no carrier is expected to say anything.
USUAL_NIGHT = "20-8"
NO_NIGHT = frozenset({"", "no", "none", "off"})
MOST_DAYS = 90
MOST_FORMS, LONGEST_FORM, MOST_STARS = 20, 40, 3

_HOURS = re.compile(r"(\d{1,2})(?::(\d\d))?-(\d{1,2})(?::(\d\d))?")

Night = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Common:
    """``quiet_after``: no news for that long of a parcel under way is worth a look.

    ``numbers``: forms of the numbers that only this account has. ``track_service``: the marketplace's number of the delivery
    service that the numbers of its parcels are told under; empty: they are not told. ``night``: from when to when it sleeps.
    """

    quiet_after: timedelta
    numbers: tuple[re.Pattern[str], ...] = ()
    track_service: str = ""
    night: Night | None = None


def common(values: Mapping[str, Any], *, quiet_days: float) -> Common:
    """``quiet_days``: of the carrier, where the account says nothing. Raises ``Invalid`` ("option") that names the option."""
    options.read(values, ZONE, "UTC", options.zone)
    return Common(
        quiet_after=options.read(values, QUIET_DAYS, quiet_days, _days),
        numbers=options.read(values, NUMBERS, "", forms),
        track_service=options.read(values, TRACK_SERVICE, "", _service),
        night=options.read(values, NIGHT, USUAL_NIGHT, night),
    )


def forms(value: Any) -> tuple[re.Pattern[str], ...]:
    """Forms of numbers, ``*`` for anything and ``#`` for a digit: "MW-*, 4########". Raises ``ValueError``."""
    found = options.words(value)
    if len(found) > MOST_FORMS or any(len(form) > LONGEST_FORM or form.count("*") > MOST_STARS for form in found):
        raise ValueError
    return tuple(re.compile(_expression(form), re.IGNORECASE) for form in found)


def _expression(form: str) -> str:
    wild = {"*": ".*", "#": "[0-9]"}
    return "".join(wild.get(character) or re.escape(character) for character in form)


def night(value: Any) -> Night | None:
    """Hours of the day, "20-8" or "21:30-7:00"; None for "no". Raises ``ValueError``."""
    text = options.plain(value).lower()
    if text in NO_NIGHT:
        return None
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError
    start, end = time(int(found[1]), int(found[2] or 0)), time(int(found[3]), int(found[4] or 0))
    if start == end:
        raise ValueError
    return start, end


def _days(value: Any) -> timedelta:
    """Zero for never."""
    found = float(value)
    if not 0 <= found <= MOST_DAYS:
        raise ValueError
    return timedelta(days=found) if found else timedelta.max


def _service(value: Any) -> str:
    found = options.plain(value)
    if found and not (found.isascii() and found.isdigit() and len(found) < 19):
        raise ValueError
    return found
