"""Nothing is heard: every account, carrier and job has a rhythm, and when it stops a question is raised, however well calls go.

What is expected is a table. An account overrides a pause of it by its options, in hours; 0 switches that rhythm off. Of what
happens by day only, the hours of the night count for nothing.
Not part of /readyz on purpose: a web server that answers must not be taken out of service because a courier is asleep.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from django_q.models import Schedule

from backoffice.errors import Refused
from backoffice.lease import lease
from backoffice.models import JobState
from backoffice.registry import UnknownKind
from backoffice.words import span
from carriers import options as common
from carriers import services as carriers
from carriers.models import CarrierAccount
from carriers.statuses import Finality, TrackingStatus
from orders.enums import AttentionKind, Severity
from orders.models import Attention, MarketplaceAccount, Order, Shipment
from orders.models.shipment import ATTACHED
from orders.services import attention
from orders.services.actors import SYSTEM

JOB = "check_silence"
LEASE_SECONDS = 120
#: A job is silent after so many of its periods, and never sooner than ``JOB_LEAST``: a worker that restarts is none.
PERIODS = 3
JOB_LEAST = timedelta(minutes=15)
#: Orders of these days tell what is usual.
USUAL = timedelta(days=14)
LONGEST_HOURS = 24 * 90
#: A parcel in these is not expected to speak: its carrier does not have it yet, or does not know it.
_STILL = (TrackingStatus.PENDING, TrackingStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """``pause``: longer than that is silence, while at least ``least`` of what is expected to speak are there.

    ``option``: of the account, in hours, instead of ``pause``. ``text`` names who is silent, for how long, and how many.
    ``by_day``: only hours of the day count, as the account's carrier works.
    """

    pause: timedelta
    option: str
    least: int
    severity: Severity
    text: Any
    by_day: bool = False


#: Who is heard how often.
RHYTHMS: Mapping[str, Rhythm] = {
    "account": Rhythm(
        timedelta(hours=1), "quiet_call_hours", 0, Severity.URGENT, _("%(name)s: no good answer for %(span)s")
    ),
    "orders": Rhythm(
        timedelta(hours=24), "quiet_hours", 42, Severity.WARNING,
        _("%(name)s: no new order for %(span)s, after %(count)d in two weeks"),
    ),
    "carrier": Rhythm(
        timedelta(hours=3), "quiet_call_hours", 1, Severity.URGENT,
        ngettext_lazy(
            "%(name)s: no good answer for %(span)s while %(count)d parcel is asked about",
            "%(name)s: no good answer for %(span)s while %(count)d parcels are asked about",
            "count",
        ),
    ),
    "events": Rhythm(
        timedelta(hours=6), "quiet_hours", 20, Severity.WARNING,
        ngettext_lazy(
            "%(name)s: no new event for %(span)s while %(count)d parcel moves",
            "%(name)s: no new event for %(span)s while %(count)d parcels move",
            "count",
        ),
        by_day=True,
    ),
    "job": Rhythm(
        JOB_LEAST, "", 0, Severity.URGENT, _("The job “%(name)s” has not run for %(span)s, it should every %(count)d min")
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """When somebody was last heard. ``who`` tells him apart, ``count`` is what is expected to speak (a job: its minutes).

    ``pause``: instead of that of the rhythm. ``options`` are the account's.
    """

    rhythm: str
    who: str
    name: str
    last: datetime
    count: int = 0
    pause: timedelta | None = None
    account_id: int | None = None
    carrier_account_id: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{AttentionKind.SILENCE}:{self.rhythm}:{self.who}"


def silent(heard: Iterable[Heard], *, now: datetime) -> list[Heard]:
    """Those whose pause is over. Pure."""
    return [each for each in heard if (pause := pause_of(each)) is not None and _lasted(each, pause, now=now)]


def _lasted(each: Heard, pause: timedelta, *, now: datetime) -> bool:
    """Whether it is silent for as long as ``pause``, without its nights where those do not count."""
    if now - each.last < pause:
        return False
    night = _night(each.options) if RHYTHMS[each.rhythm].by_day else None
    return night is None or awake(each.last, now, night, _zone(each.options), enough=pause) >= pause


def awake(start: datetime, end: datetime, night: common.Night, zone: ZoneInfo, *, enough: timedelta) -> timedelta:
    """How much of the time between lies outside the nights, by the clocks of ``zone``; it stops at ``enough``. Pure."""
    found, here = timedelta(), start
    while here < end and found < enough:
        asleep, until = _next_night(here, night, zone)
        found += max(min(asleep, end) - here, timedelta())
        here = until
    return found


def _next_night(here: datetime, night: common.Night, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The night that is under way or comes next: its begin, which may be past, and its end, which is not."""
    day = here.astimezone(zone).date() - timedelta(days=1)
    while True:
        begin = datetime.combine(day, night[0], zone)
        end = datetime.combine(day + timedelta(days=night[1] < night[0]), night[1], zone)
        if end > here:
            return begin.astimezone(UTC), end.astimezone(UTC)
        day += timedelta(days=1)


def _night(values: Mapping[str, Any]) -> common.Night | None:
    """An option that makes no sense is none."""
    try:
        given = values.get(common.NIGHT)
        return common.night(common.USUAL_NIGHT if given is None else given)
    except (ValueError, TypeError):
        return common.night(common.USUAL_NIGHT)


def _zone(values: Mapping[str, Any]) -> ZoneInfo:
    try:
        return ZoneInfo(str(values.get(common.ZONE) or settings.TIME_ZONE))
    except (ValueError, LookupError, OSError):
        return ZoneInfo(settings.TIME_ZONE)


def pause_of(each: Heard) -> timedelta | None:
    """How long it may be silent; None: as long as it likes. An option that makes no sense is none. Pure."""
    rhythm = RHYTHMS[each.rhythm]
    if each.count < rhythm.least:
        return None
    hours = _number(each.options.get(rhythm.option))
    if hours is None or not 0 <= hours <= LONGEST_HOURS:
        return each.pause or rhythm.pause
    return timedelta(hours=hours) if hours else None


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def words(facts: Mapping[str, Any], *, now: datetime) -> str:
    """Who is silent, in the active language: "Exline: no new event for 6 h while 40 parcels move"."""
    rhythm, since = RHYTHMS.get(str(facts.get("code", ""))), parse_datetime(str(facts.get("since", "")))
    name = str(facts.get("name", ""))
    if rhythm is None or since is None:
        return name
    return str(rhythm.text % {"name": name, "span": span(now - since), "count": int(facts.get("count", 0))})


def check(now: datetime | None = None) -> int:
    """The job: raise who is silent, settle who is heard again; returns how many are silent. Idempotent.

    A fixed number of statements.
    """
    moment = now or timezone.now()
    before = JobState.objects.filter(name=JOB).values_list("ok_at", flat=True).first()
    with lease(JOB, LEASE_SECONDS) as held:
        if held is None:
            return 0
        # After a stand-still all jobs are late at once, and about to run: only accounts are judged then.
        awake = before is not None and moment - before < JOB_LEAST * 2
        heard = [*_accounts(moment), *_carriers()]
        jobs = _jobs({each.who for each in heard}) if awake else ()
        found = silent([*heard, *jobs], now=moment)
        _write(found, moment, jobs=awake)
    return len(found)


def _accounts(now: datetime) -> Iterator[Heard]:
    """Two statements."""
    lately = Order.objects.filter(created_at__gte=now - USUAL, is_test=False).order_by().values("account")
    usual = {row["account"]: row for row in lately.annotate(count=Count("pk"), last=Max("created_at"))}
    for account in MarketplaceAccount.objects.filter(enabled=True, paused_reason=""):
        about: dict[str, Any] = {"account_id": account.pk, "options": account.options}
        yield Heard("account", account.ref, account.title, account.last_ok_at or account.created_at, **about)
        if row := usual.get(account.pk):
            yield Heard("orders", account.ref, account.title, row["last"], row["count"], **about)


def _carriers() -> Iterator[Heard]:
    """Two statements. Parcels that have not ended are asked about; those that move are expected to speak."""
    open_ones = Shipment.objects.filter(ATTACHED, next_poll_at__isnull=False).exclude(finality=Finality.FINAL)
    asked, moving = open_ones.order_by().values("carrier_account"), Count("pk", filter=~Q(status__in=_STILL))
    parcels = {row["carrier_account"]: row for row in asked.annotate(count=Count("pk"), moving=moving)}
    for account in CarrierAccount.objects.filter(enabled=True, paused_reason=""):
        row = parcels.get(account.pk, {"count": 0, "moving": 0})
        about: dict[str, Any] = {"carrier_account_id": account.pk, "options": account.options}
        calls, news = account.last_ok_at or account.created_at, account.last_news_at or account.created_at
        yield Heard("carrier", account.ref, account.title, calls, row["count"], pause=_between_calls(account), **about)
        yield Heard("events", account.ref, account.title, news, row["moving"], **about)


def _between_calls(account: CarrierAccount) -> timedelta:
    """Twice as long as it may take until it is asked again, where nothing but its parcels is asked about."""
    usual = RHYTHMS["carrier"].pause
    try:
        offer = carriers.offer(account)
    except (Refused, UnknownKind):
        return usual
    return usual if offer.tells_changes else max(usual, 2 * max(offer.poll.values(), default=usual))


def _jobs(accounts: Collection[str]) -> Iterator[Heard]:
    """Every schedule that is not put into the queue, and every account whose run of a job does not begin: two statements.

    The run of a job for an account is recorded under its lease, ``pull_orders:wildberries:1``.
    """
    started = dict(JobState.objects.exclude(started_at=None).values_list("name", "started_at"))
    for schedule in Schedule.objects.filter(schedule_type=Schedule.MINUTES, minutes__gt=0, next_run__isnull=False):
        period = timedelta(minutes=schedule.minutes)
        rhythm: dict[str, Any] = {"count": schedule.minutes, "pause": max(PERIODS * period, JOB_LEAST)}
        yield Heard("job", schedule.name, schedule.name, schedule.next_run - period, **rhythm)
        job = (schedule.args or "").strip("'\",() ")
        for account in accounts:
            if job and (last := started.get(f"{job}:{account}")):
                yield Heard("job", f"{job}:{account}", f"{schedule.name}: {account}", last, **rhythm)


@transaction.atomic
def _write(found: Sequence[Heard], now: datetime, *, jobs: bool) -> None:
    open_ones = Attention.objects.filter(kind=AttentionKind.SILENCE, resolved_at=None)
    standing = set(open_ones.values_list("key", flat=True))
    keys = {each.key for each in found}
    attention.open_many([_question(each) for each in found if each.key not in standing], now=now)
    over = [key for key in standing - keys if jobs or not key.startswith(f"{AttentionKind.SILENCE}:job:")]
    attention.settle_many(over, actor=SYSTEM)


def _question(each: Heard) -> attention.Question:
    return attention.Question(
        AttentionKind.SILENCE,
        each.key,
        RHYTHMS[each.rhythm].severity,
        account_id=each.account_id,
        carrier_account_id=each.carrier_account_id,
        facts={"code": each.rhythm, "name": each.name, "since": each.last.isoformat(), "count": each.count},
    )
