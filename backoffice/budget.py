"""Rate budgets: token buckets in the database, shared by every process that talks to an upstream.

A call costs tokens, tokens come back with time. Nobody waits here: the answer is "go" or the time when it may be tried.
The numbers of an upstream are data (``rates.Rule``), e.g. contract 1.7 of Wildberries: a 4XX costs ten calls.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from backoffice import clock
from backoffice.models import RateBudget
from backoffice.rates import Rule

ATTEMPTS = 50
CONTENDED = timedelta(milliseconds=200)
ROUNDING = 1e-6


def take(key: str, *, rule: Rule, cost: float = 1, reserve: float = 0) -> datetime | None:
    """Pay ``cost`` tokens: None means go, a time means not before it.

    ``reserve`` tokens are left for those who ask without one (a person waits, a background job can). A full bucket lets
    any cost through, even one above its capacity. Two statements when it goes, three for the first call of a key.
    """
    for _attempt in range(ATTEMPTS):
        row, now = _row(key, rule), clock.now()
        if row.blocked_until and row.blocked_until > now:
            return row.blocked_until
        level = _level(row, rule, now)
        missing = min(cost + reserve, rule.capacity) - level
        if missing > ROUNDING:
            return now + timedelta(seconds=missing * rule.interval)
        if _write(row, level - cost, now):
            return None
    return clock.now() + CONTENDED


def spend(key: str, cost: float, *, rule: Rule) -> None:
    """Tokens that turned out to be gone (nine more for a 4XX that costs ten); the bucket may fall below zero."""
    for _attempt in range(ATTEMPTS):
        row, now = _row(key, rule), clock.now()
        if _write(row, _level(row, rule, now) - cost, now):
            return
    RateBudget.objects.filter(key=key).update(tokens=F("tokens") - cost, version=F("version") + 1)


def cap(key: str, left: float) -> None:
    """The upstream said how many tokens are left: not more are here. One statement, which writes only when there are more."""
    more = RateBudget.objects.filter(key=key, tokens__gt=left)
    more.update(tokens=left, updated_at=clock.now(), version=F("version") + 1)


def block(key: str, until: datetime) -> None:
    """The upstream said when to come back: nothing goes before ``until``, and the bucket starts empty from now.

    A later block that stands already is kept.
    """
    now = clock.now()
    fields = {"tokens": 0, "updated_at": now, "blocked_until": until}
    sooner = Q(blocked_until__isnull=True) | Q(blocked_until__lt=until)
    rows = RateBudget.objects.filter(key=key)
    if not rows.filter(sooner).update(**fields, version=F("version") + 1) and not rows.exists():
        RateBudget.objects.bulk_create([RateBudget(key=key, **fields)], ignore_conflicts=True)


def level(key: str, *, rule: Rule) -> float:
    """Tokens there are now, for people to see; a full bucket when the key was never used."""
    row = RateBudget.objects.filter(key=key).first()
    return rule.capacity if row is None else _level(row, rule, clock.now())


def _row(key: str, rule: Rule) -> RateBudget:
    found = RateBudget.objects.filter(key=key).first()
    if found is None:
        found = RateBudget(key=key, tokens=rule.capacity, updated_at=clock.now())
        RateBudget.objects.bulk_create([found], ignore_conflicts=True)
    return found


def _level(row: RateBudget, rule: Rule, now: datetime) -> float:
    # Clocks of several hosts differ a little: time never runs backwards here, or it would be counted twice.
    passed = max(0.0, (now - row.updated_at).total_seconds())
    return min(rule.capacity, row.tokens + passed / rule.interval)


def _write(row: RateBudget, tokens: float, now: datetime) -> bool:
    same = RateBudget.objects.filter(key=row.key, version=row.version)
    moment = max(now, row.updated_at)
    return same.update(tokens=tokens, updated_at=moment, version=row.version + 1) == 1
