"""Timeline entries made ready to read: a heading per day, the source's colour, corrections and late news."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from . import faces, words
from .faces import Face, Text

# Less than this between the source's clock and ours is the normal pace of polling.
LATE_FROM: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as shown. ``day`` is set on the first line of a day."""

    entry: Any
    face: Face
    source: Text
    day: str
    clock: str
    exact: str
    late: str
    actor: str


def lines(entries: Iterable[Any], now: datetime, source_names: Mapping[str, Text]) -> list[Line]:
    """The entries in the order given, each with its words."""
    shown: list[Line] = []
    last = ""
    for entry in entries:
        day = words.day_name(entry.happened_at, now)
        shown.append(_line(entry, "" if day == last else day, source_names))
        last = day
    return shown


def _line(entry: Any, day: str, source_names: Mapping[str, Text]) -> Line:
    source = str(entry.source)
    local = timezone.localtime(entry.happened_at)
    return Line(
        entry=entry,
        face=faces.SOURCES.get(source, faces.Face("system", "circle-question-mark")),
        source=source_names.get(source, faces.SOURCE_WORDS.get(source, source)),
        day=day,
        clock=date_format(local, "H:i:s"),
        exact=words.exact(entry.happened_at),
        late=_late(entry),
        actor=_actor(entry),
    )


def _late(entry: Any) -> str:
    recorded: datetime | None = getattr(entry, "recorded_at", None)
    if recorded is None or recorded - entry.happened_at < LATE_FROM:
        return ""
    return _("learned %(span)s later") % {"span": words.span(recorded - entry.happened_at)}


def _actor(entry: Any) -> str:
    actor = getattr(entry, "actor", None)
    return str(getattr(actor, "short_name", actor) or "")
