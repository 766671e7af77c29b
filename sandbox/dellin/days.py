"""Times as the methods write them: with an offset in the history, Moscow's without one everywhere else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

MOSCOW: Final = timezone(timedelta(hours=3))
# What the journal's filters take (contract 2.6).
FORMS: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
LOOKS: Final = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?")


def moment(seconds: float, hours: int, style: str) -> str:
    """`2023-01-12T15:52:40.000+03:00`, or as the setting `dates` says."""
    local = datetime.fromtimestamp(seconds, timezone(timedelta(hours=hours)))
    if style == "documented":
        return local.isoformat(sep=" ", timespec="seconds")
    if style == "compact":
        return local.strftime("%Y-%m-%dT%H:%M:%S%z")
    if style == "zulu":
        return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return local.isoformat(timespec="milliseconds")


def moscow(seconds: float) -> str:
    """`2023-01-26 15:06:51`"""
    return datetime.fromtimestamp(seconds, MOSCOW).strftime(FORMS[0])


def parsed(text: str) -> float:
    """Of a filter. Raises ValueError."""
    if LOOKS.fullmatch(text):
        form = FORMS[{10: 2, 16: 1}.get(len(text), 0)]
        return datetime.strptime(text, form).replace(tzinfo=MOSCOW).timestamp()
    raise ValueError(text)
