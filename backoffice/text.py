"""Foreign text made fit for a column."""

from __future__ import annotations

import re

# NUL is refused by PostgreSQL, lone surrogates by UTF-8; line breaks would forge log lines.
_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def one_line(text: str, most: int) -> str:
    """The text on one line, without control characters, at most ``most`` characters."""
    return _UNFIT.sub(" ", text).strip()[:most].rstrip()
