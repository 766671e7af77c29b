"""Days and times as both models write them; the Market's days are Moscow's."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Final

MOSCOW: Final = timezone(timedelta(hours=3))


def moscow(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, MOSCOW)


def today(seconds: float) -> date:
    return moscow(seconds).date()


def midnight(day: date) -> float:
    """When a day begins in Moscow."""
    return datetime(day.year, day.month, day.day, tzinfo=MOSCOW).timestamp()


def iso_moment(seconds: float) -> str:
    """`2026-11-21T12:00:00+03:00`"""
    return moscow(seconds).isoformat(timespec="seconds")


def russian_moment(seconds: float) -> str:
    """`21-11-2026 12:00:00`"""
    return moscow(seconds).strftime("%d-%m-%Y %H:%M:%S")


def russian_day(day: str) -> str:
    """`2026-11-21` as `21-11-2026`."""
    return "-".join(reversed(day.split("-")))


def clock_time(hours: str, *, seconds: bool) -> str:
    """`12:00`, or `12:00:00` as in the examples."""
    return f"{hours}:00" if seconds else hours
