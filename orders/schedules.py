"""All periodic jobs, declared once; created or corrected after every ``migrate``, and shown in the admin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django_q.models import Schedule


@dataclass(frozen=True, slots=True)
class Job:
    """``func`` with ``args`` every ``minutes``; ``hour``: of what runs once a day and takes long, the hour of the day here."""

    name: str
    func: str
    minutes: int
    args: str = ""
    hour: int | None = None


EACH = "orders.tasks.for_each_account"
EACH_CARRIER = "orders.tasks.for_each_carrier"

JOBS = (
    Job("worker heartbeat", "backoffice.health.heartbeat", 1),
    Job("pull new orders", EACH, 1, "'pull_orders'"),
    Job("sweep statuses", EACH, 1, "'sweep_statuses'"),
    Job("send due actions", "orders.tasks.send_all_due", 1),
    Job("release stuck sends", "orders.tasks.release_stuck", 1),
    Job("fetch buyers", EACH, 1, "'fetch_buyers'"),
    Job("ask which codes are needed", EACH, 2, "'learn_needs'"),
    Job("check marking codes", EACH, 2, "'check_codes'"),
    Job("fetch delivery costs and organisations", EACH, 10, "'fetch_extras'"),
    Job("refresh delivery windows", EACH, 15, "'refresh_windows'"),
    Job("read named orders", "orders.tasks.reread_all", 1),
    Job("pull finished orders", EACH, 60, "'pull_finished'"),
    Job("fetch delivery services", EACH, 60, "'fetch_services'"),
    Job("ask about parcels", EACH_CARRIER, 1, "'track_parcels'"),
    Job("ask carriers what changed", EACH_CARRIER, 1, "'pull_parcel_changes'"),
    Job("act on what carriers said", "orders.tasks.act_due", 1),
    Job("compare marketplaces and carriers", "orders.tasks.sweep_divergence", 10),
    Job("listen for silence", "orders.tasks.check_silence", 5),
    Job("sweep parcels", EACH_CARRIER, 24 * 60, "'sweep_parcels'", hour=3),
    Job("purge raw payloads", "orders.tasks.purge", 24 * 60),
)


def install(**_signal: Any) -> None:
    """Create or correct the schedules. Idempotent: what is right is left alone, what we no longer declare is removed."""
    for job in JOBS:
        wanted = {"func": job.func, "args": job.args or None, "schedule_type": Schedule.MINUTES, "minutes": job.minutes}
        known = Schedule.objects.filter(name=job.name)
        if not known.exists():
            Schedule.objects.create(name=job.name, repeats=-1, next_run=_first_run(job), **wanted)
            continue
        if not known.filter(**{key: value for key, value in wanted.items() if value is not None}).exists():
            known.update(**wanted)
        if job.hour is not None and not any(_runs_at(row, job.hour) for row in known):
            known.update(next_run=_first_run(job))
    periodic = Schedule.objects.filter(func__startswith="orders.", schedule_type=Schedule.MINUTES)
    periodic.exclude(name__in=[job.name for job in JOBS]).delete()


def _runs_at(row: Schedule, hour: int) -> bool:
    return row.next_run is not None and timezone.localtime(row.next_run).hour == hour


def _first_run(job: Job) -> datetime:
    """At once, or when it is that hour next; from then on the day keeps the hour."""
    now = timezone.localtime()
    if job.hour is None:
        return now
    today = now.replace(hour=job.hour, minute=0, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)
