"""Times of Dellin in every form that is documented or was seen (contract 2.1, 2.6); the offset stays as it was written."""

from __future__ import annotations

import re
from datetime import datetime

#: "2023-01-12T15:52:40.000+03:00", "2023-01-12 15:52:40+03:00", "…+0300", "…Z"; the journal: "2023-01-12 15:52", "2023-01-12".
_FORM = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?")


def moment(text: str) -> datetime | None:
    """Aware when an offset was written, naive when not; None when there is none. Raises ``ValueError`` for what is no time."""
    if not text:
        return None
    if not _FORM.fullmatch(text):
        raise ValueError("not a time")
    found = datetime.fromisoformat(text.upper())
    if not 2000 <= found.year <= 2100:
        raise ValueError("not a year of ours")
    return found
