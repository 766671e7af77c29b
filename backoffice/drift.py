"""Drift: what an upstream sends and we do not know is counted with one sample, so that people see "upstream changed".

Collect while parsing, write once: a :class:`DriftCollector` costs two statements however much it saw, none for nothing.
Drift is advice. A write of it that fails is logged and never breaks the work around it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Case, F, Q, Value, When

from backoffice import clock
from backoffice.models import UpstreamDrift
from backoffice.text import one_line

log = structlog.get_logger(__name__)

MOST_KEYS = 100
SAMPLE_LENGTH = 2000


@dataclass(slots=True)
class _Seen:
    sample: Any
    count: int = 0


class DriftCollector:
    """What one call or one page brought. ``flush`` (or leaving the ``with`` block) writes it.

    At most 100 different things are kept between two flushes; ``dropped`` counts the rest.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.dropped = 0
        self._seen: dict[tuple[str, str, str], _Seen] = {}

    def note(self, *, place: str, kind: str, name: str, sample: Any = None) -> None:
        """``kind``: field, value, error or route. The first sample is kept, encrypted, cut at 2000 characters."""
        key = (one_line(place, 120), UpstreamDrift.Kind(kind).value, one_line(name, 120))
        if key not in self._seen and len(self._seen) >= MOST_KEYS:
            self.dropped += 1
            return
        self._seen.setdefault(key, _Seen(sample)).count += 1

    def __len__(self) -> int:
        return len(self._seen)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.flush()

    def flush(self) -> None:
        """Write and forget. Inside a transaction that is broken already nothing can be written: it is logged."""
        seen, self._seen = self._seen, {}
        if self.dropped:
            log.warning("drift_dropped", upstream=self.upstream, dropped=self.dropped)
            self.dropped = 0
        if not seen:
            return
        try:
            with transaction.atomic():
                _write(self.upstream, seen, clock.now())
        except DatabaseError as error:
            log.warning("drift_not_written", upstream=self.upstream, kinds=len(seen), error=type(error).__name__)


def note(*, upstream: str, place: str, kind: str, name: str, sample: Any = None) -> None:
    """One thing at once; for more use a :class:`DriftCollector`."""
    with DriftCollector(upstream) as collector:
        collector.note(place=place, kind=kind, name=name, sample=sample)


def mark_seen(ids: Iterable[int]) -> int:
    """A person has looked at these; how many were new to people. Idempotent."""
    return UpstreamDrift.objects.filter(pk__in=list(ids), known=False).update(known=True)


def _write(upstream: str, seen: dict[tuple[str, str, str], _Seen], now: datetime) -> None:
    # Everyone locks in the same order, so two writers cannot wait for each other.
    keys = sorted(seen)
    UpstreamDrift.objects.bulk_create(
        [_row(upstream, key, seen[key].sample, now) for key in keys], ignore_conflicts=True
    )
    counted = Case(*(When(_is(key), then=Value(seen[key].count)) for key in keys), default=Value(0))
    rows = UpstreamDrift.objects.filter(_any_of(keys), upstream=upstream)
    rows.update(count=F("count") + counted, last_seen_at=now)


def _row(upstream: str, key: tuple[str, str, str], sample: Any, now: datetime) -> UpstreamDrift:
    place, kind, name = key
    return UpstreamDrift(
        upstream=upstream,
        place=place,
        kind=kind,
        name=name,
        sample=_sample(sample),
        first_seen_at=now,
        last_seen_at=now,
    )


def _is(key: tuple[str, str, str]) -> Q:
    return Q(place=key[0], kind=key[1], name=key[2])


def _any_of(keys: Iterable[tuple[str, str, str]]) -> Q:
    wanted = Q()
    for key in keys:
        wanted |= _is(key)
    return wanted


def _sample(value: Any) -> Any:
    try:
        text = json.dumps(value, ensure_ascii=False, default=repr)
    except (TypeError, ValueError):  # keys that JSON has no words for, circles
        text = json.dumps(repr(value), ensure_ascii=False)
    text = text.encode(errors="replace").decode()  # lone surrogates
    return json.loads(text) if len(text) <= SAMPLE_LENGTH else text[:SAMPLE_LENGTH]
