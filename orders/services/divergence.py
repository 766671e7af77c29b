"""Where marketplace, carrier and we disagree: questions that open and close by themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime


def refresh(order_ids: Collection[int], *, now: datetime) -> None:
    """Bring the questions about these orders in line with what all three say now. Idempotent. Needs a transaction."""
