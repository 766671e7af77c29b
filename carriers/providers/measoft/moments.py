"""Times of MeaSoft: "2026-11-21 12:40:10", GMT in ``createtimegmt``, of the place and without a zone in ``eventtime``."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)([ T].*)?", re.DOTALL)
_NONE = re.compile(r"[0:\s.-]*")


def local(text: str) -> datetime | None:
    """Naive; None when there is none. Raises ``ValueError`` for what is no time."""
    if _NONE.fullmatch(text):
        return None
    if not _MOMENT.fullmatch(text):
        raise ValueError("not a time")
    return _sane(datetime.fromisoformat(text))


def gmt(text: str) -> datetime | None:
    """Aware, in UTC; None when there is none. Raises ``ValueError``."""
    found = local(text)
    return found.replace(tzinfo=UTC) if found else None


def day(text: str) -> date | None:
    """A day, also with a time behind it; None when there is none. Raises ``ValueError``."""
    if _NONE.fullmatch(text):
        return None
    found = _DAY.fullmatch(text)
    if not found:
        raise ValueError("not a day")
    return _sane(datetime.fromisoformat(found[1])).date()


def _sane(moment: datetime) -> datetime:
    if not 2000 <= moment.year <= 2100:
        raise ValueError("not a year of ours")
    return moment
