"""Numbers by name and day."""

from __future__ import annotations

from django.db.models import F
from django.utils import timezone

from backoffice.models import Counter


def count_saved(upstream: str, calls: int = 1) -> None:
    """Calls that were not spent because the table knew better. Not idempotent: each call adds.

    One statement, except for the first of a day: of several first ones each finds the row of the winner and adds to it.
    """
    row = {"name": f"saved_calls:{upstream}", "day": timezone.localdate()}
    if _add(row, calls):
        return
    _counter, made = Counter.objects.get_or_create(**row, defaults={"value": calls})
    if not made:
        _add(row, calls)


def _add(row: dict[str, object], calls: int) -> bool:
    return bool(Counter.objects.filter(**row).update(value=F("value") + calls))
