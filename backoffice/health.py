"""Is it alive, is it ready: the checks behind /healthz and /readyz.

An app adds its own check with `register`; this module knows nothing of orders.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Min
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_q.models import OrmQ

from backoffice import clock
from backoffice.lease import lease
from backoffice.models import JobState

HEARTBEAT = "worker.heartbeat"
HEARTBEAT_LIMIT = timedelta(minutes=3)  # the job runs every minute
QUEUE_LIMIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. `reason` says what is wrong, without anything personal or secret."""

    name: str
    ok: bool
    reason: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The finding as /readyz shows it."""
        return {"ok": self.ok, **({"reason": self.reason} if self.reason else {}), **self.facts}


Check = Callable[[datetime], Iterable[Finding]]
_checks: list[Check] = []


def register(check: Check) -> Check:
    """Add a check, usually from an app's `ready()`; registering it twice changes nothing. Usable as a decorator."""
    if check not in _checks:
        _checks.append(check)
    return check


def heartbeat() -> None:
    """The job that proves that a worker takes jobs from the queue."""
    with lease(HEARTBEAT, seconds=30):
        pass


def findings(now: datetime) -> list[Finding]:
    """All checks in order; when the database does not answer, only that."""
    database = check_database()
    if not database.ok:
        return [database]
    extra = [finding for check in _checks for finding in check(now)]
    return [database, check_worker(now), check_queue(now), *extra]


def check_database() -> Finding:
    """Whether the database answers a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Finding("database", ok=False, reason="the database does not answer")
    return Finding("database", ok=True)


def check_worker(now: datetime) -> Finding:
    """Whether a worker has run the heartbeat job lately."""
    seen = JobState.objects.filter(name=HEARTBEAT).values_list("ok_at", flat=True).first()
    if seen is None:
        return Finding("worker", ok=False, reason="no worker has ever run a job", facts={"seen_at": None})
    ok = now - seen <= HEARTBEAT_LIMIT
    reason = "" if ok else f"no worker has run a job for {_minutes(now - seen)} minutes"
    return Finding("worker", ok=ok, reason=reason, facts={"seen_at": seen.isoformat()})


def check_queue(now: datetime) -> Finding:
    """How long the oldest job has been waiting; Redis keeps no times, there the heartbeat has to do."""
    if settings.REDIS_URL:
        return Finding("queue", ok=True)
    oldest = OrmQ.objects.filter(lock__lte=now).aggregate(oldest=Min("lock"))["oldest"]
    age = now - oldest if oldest else timedelta(0)
    ok = age <= QUEUE_LIMIT
    reason = "" if ok else f"a job has been waiting for {_minutes(age)} minutes"
    return Finding("queue", ok=ok, reason=reason, facts={"oldest_seconds": round(age.total_seconds())})


def _minutes(age: timedelta) -> int:
    return int(age.total_seconds() // 60)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"ok": True})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when everything works, else 503 with the reasons."""
    found = findings(clock.now())
    reasons = [f"{finding.name}: {finding.reason}" for finding in found if not finding.ok]
    body = {"ok": not reasons, "reasons": reasons, "checks": {finding.name: finding.as_json() for finding in found}}
    return JsonResponse(body, status=503 if reasons else 200)
