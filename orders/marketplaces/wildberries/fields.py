"""Every leaf of a raw order of Wildberries (contract 1.3.2), with the meaning of its words."""

from __future__ import annotations

from orders.marketplaces.base import RawField
from orders.marketplaces.fieldwalk import walk

from .status_map import DELIVERY, word_name

#: Where the buyer lives and what he wrote.
PERSONAL = frozenset({"address", "comment"})


def fields(body: bytes, dialect: str) -> list[RawField]:
    """Both dialects have the same order."""
    return walk(body, meaning=_meaning, personal=PERSONAL)


def _meaning(place: str, value: str) -> str:
    return word_name(place, value) if place == DELIVERY else ""
