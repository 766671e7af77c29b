"""Leases: one job at a time under one name, over all processes and hosts, and a record of its last run.

A lease that ran out is taken over, so a killed process blocks nobody for longer than the lease lasts. A job longer than
its lease calls :meth:`Held.renew` on the way.
"""

from __future__ import annotations

import os
import platform
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic

import structlog

from backoffice import clock
from backoffice.errors import DomainError, UpstreamError
from backoffice.models import JobState, Lease

log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """The lease ran out and someone else has it: stop, he is doing the same work."""


class Held:
    """A lease in our hands. ``fail`` marks a run as failed without raising."""

    def __init__(self, name: str, holder: str, seconds: float) -> None:
        self.name = name
        self.holder = holder
        self.seconds = seconds
        self.error = ""

    def renew(self, seconds: float | None = None) -> None:
        """Keep it for ``seconds`` more from now (by default as long as at first). Raises :class:`LeaseLost`."""
        until = clock.now() + timedelta(seconds=seconds or self.seconds)
        if not Lease.objects.filter(name=self.name, holder=self.holder).update(until=until):
            raise LeaseLost(self.name)

    def fail(self, error: str) -> None:
        """``error`` is shown to staff: no personal data in it."""
        self.error = error

    def release(self) -> bool:
        """Give it back; False when it was not ours any more."""
        mine = Lease.objects.filter(name=self.name, holder=self.holder)
        return mine.update(holder="", until=clock.now()) == 1


@contextmanager
def lease(name: str, seconds: float) -> Iterator[Held | None]:
    """Hold the lease for the block; the block gets None when someone else has it (``if held is None: return``).

    The run is recorded in ``JobState``. Its error is an exception of the block, which goes on, or ``held.fail``.
    """
    held = acquire(name, seconds)
    if held is None:
        yield None
        return
    started, clock_start = clock.now(), monotonic()
    _record_start(name, started)
    try:
        yield held
    except BaseException as error:
        held.fail(describe(error))
        raise
    finally:
        if held.release():
            _record_end(held, monotonic() - clock_start)
        else:  # the record belongs to the one who has it now
            log.warning("lease_lost", lease=name, error=held.error)


def acquire(name: str, seconds: float) -> Held | None:
    """Take the lease when it is free or ran out, by one compare-and-set. Who takes it so releases it himself."""
    now = clock.now()
    holder = f"{platform.node()[:24]}:{os.getpid()}:{uuid.uuid4().hex[:16]}"
    if not _take(name, holder, now, seconds):
        if Lease.objects.filter(name=name).exists():
            return None
        Lease.objects.bulk_create([Lease(name=name, until=now)], ignore_conflicts=True)
        if not _take(name, holder, now, seconds):
            return None
    return Held(name, holder, seconds)


def describe(error: BaseException) -> str:
    """An exception in words that hold no personal data: our own errors say more than their class."""
    if isinstance(error, UpstreamError):
        return str(error)
    if isinstance(error, DomainError):
        return f"{type(error).__name__} {error.code}"
    return type(error).__name__


def _take(name: str, holder: str, now: datetime, seconds: float) -> bool:
    free = Lease.objects.filter(name=name, until__lte=now)
    return free.update(holder=holder, until=now + timedelta(seconds=seconds)) == 1


def _record_start(name: str, started: datetime) -> None:
    JobState.objects.bulk_create(
        [JobState(name=name, started_at=started)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["started_at"],
    )


def _record_end(held: Held, seconds: float) -> None:
    now = clock.now()
    result = {"error": held.error[:300]} if held.error else {"error": "", "ok_at": now}
    JobState.objects.filter(name=held.name).update(finished_at=now, seconds=round(seconds, 3), **result)
