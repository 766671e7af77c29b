"""What a carrier's word makes us do: suggested, or done by itself. The only writer of ``Reaction`` and ``ReactionRule``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from .parcels import Moved


def consider(moved: Sequence[Moved], *, now: datetime) -> None:
    """Decide what follows from these changes. Idempotent: once a shipment, task and status. Needs a transaction."""
