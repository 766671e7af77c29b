"""The time. Aware everywhere; a zone is chosen only where people or upstreams read it."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

from django.utils import timezone


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def local(moment: datetime, zone: tzinfo | None = None) -> datetime:
    """The same moment in ``zone`` (by default the current one). Raises ``ValueError`` when it is naive."""
    return timezone.localtime(moment, zone)


def today(zone: tzinfo | None = None) -> date:
    """The calendar day in ``zone`` (by default the current one)."""
    return local(now(), zone).date()
