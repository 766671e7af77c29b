"""A rate limit as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A token bucket: ``capacity`` at most, one token more every ``interval`` seconds; ``costly``: what a 4XX costs."""

    capacity: float
    interval: float
    costly: float = 1
