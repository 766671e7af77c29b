"""What somebody who begins a shift has to know: what changed, what burns, who is in the middle of what, what others left word of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import Count, DateTimeField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from backoffice.models import User
from orders.enums import ActionKind, ActionState, ScanOutcome, Stage
from orders.models import AssemblyTask, MarketplaceAction, Pick, Scan, Shift
from orders.models.assembly import OPEN

from .board import BoundedCount
from .lists import IN_HAND

#: What is due within it burns.
BURNING = timedelta(hours=2)
MOST_BURNING = 20
#: For somebody who never had a shift: one before his.
FIRST = timedelta(hours=12)
NOTES = timedelta(hours=24)
MOST_NOTES = 20
MOST_PEOPLE = 50
#: Longer than an action is tried: those that failed lately were asked for within it.
_TRIED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Changes:
    """Counts of what happened since a moment, bounded as those of the queue. ``overdue``: of all that is late now."""

    since: datetime
    new: int
    cancelled: int
    late: int
    failed: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at work, or with work in his hands. ``since``: of his shift, None outside of one.

    ``picked`` and ``refused`` count since then, or since midnight of those who only work with a badge and begin no shift.
    """

    user: User
    since: datetime | None
    station: str
    unfinished: int
    picked: int
    refused: int


def shifts_of(user_id: int) -> tuple[Shift | None, Shift | None]:
    """The open shift and the one that ended last: one statement."""
    rows = list(Shift.objects.filter(user_id=user_id).order_by("-started_at", "-pk")[:2])
    current = next((row for row in rows if row.ended_at is None), None)
    return current, next((row for row in rows if row.ended_at is not None), None)


def changes(user_id: int, since: datetime, *, now: datetime) -> Changes:
    """One statement. A test order is nobody's news."""
    tasks = AssemblyTask.objects.filter(is_test=False)
    late = tasks.filter(OPEN, deadline_at__lt=now).exclude(stage=Stage.WAITING)
    failed = MarketplaceAction.objects.filter(
        state=ActionState.FAILED, created_at__gte=since - _TRIED, task__is_test=False
    )
    wanted: dict[str, QuerySet[Any, Any]] = {
        "new": tasks.filter(created_at__gte=since).exclude(stage=Stage.WAITING),
        "cancelled": tasks.filter(updated_at__gte=since, stage=Stage.CANCELLED, closed_at__gte=since),
        "late": late.filter(deadline_at__gte=since),
        "failed": failed.filter(finished_at__gte=since),
        "overdue": late,
    }
    names = {f"count_{name}": BoundedCount(rows) for name, rows in wanted.items()}
    row = User.objects.filter(pk=user_id).annotate(**names).values(*names).get()
    return Changes(since, **{name: row[f"count_{name}"] for name in wanted})


def burning(now: datetime) -> list[AssemblyTask]:
    """Open tasks that are due within two hours, the next one first, with their items: two statements."""
    rows = AssemblyTask.objects.filter(OPEN, is_test=False, deadline_at__gte=now, deadline_at__lt=now + BURNING)
    rows = rows.exclude(stage=Stage.WAITING).select_related("assignee").prefetch_related("items")
    return list(rows.order_by("deadline_at", "pk")[:MOST_BURNING])


def people(now: datetime) -> list[Person]:
    """Who is at work and who has tasks in hand, those with the most first: one statement. Test orders do not count.

    At work is also who picked today and began no shift: his badge was scanned at somebody's table.
    """
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = _counted(midnight)
    ended = Shift.objects.filter(user_id=OuterRef("pk"), ended_at__gte=midnight)
    by_badge = Q(~Exists(ended), picked__gt=0)
    rows = rows.filter(Q(shift_since__isnull=False) | Q(unfinished__gt=0) | by_badge)
    found = rows.order_by(F("unfinished").desc(), "first_name", "username")[:MOST_PEOPLE]
    return [_person(row) for row in found]


def _counted(midnight: datetime) -> QuerySet[User]:
    """People with what they did since their shift began, or since midnight without one."""
    shift = Shift.objects.filter(user_id=OuterRef("pk"), ended_at=None)
    mine = AssemblyTask.objects.filter(assignee_id=OuterRef("pk"), stage__in=IN_HAND, is_test=False)
    at = Q(task=None) | Q(task__is_test=False)
    at_work = Scan.objects.filter(at, user_id=OuterRef("pk"), scanned_at__gte=OuterRef("counted_since"))
    picks = Pick.objects.filter(
        scan__user_id=OuterRef("pk"),
        scan__scanned_at__gte=OuterRef("counted_since"),
        undone_at=None,
        item__task__is_test=False,
    )
    since = Subquery(shift.values("started_at")[:1])
    return User.objects.filter(is_active=True).annotate(
        shift_since=since,
        counted_since=Coalesce(since, Value(midnight, output_field=DateTimeField())),
        shift_station=Subquery(shift.values("station")[:1]),
        unfinished=_count(mine, "assignee_id"),
        picked=_count(picks, "scan__user_id"),
        refused=_count(at_work.filter(outcome=ScanOutcome.REFUSED), "user_id"),
    )


def _count(rows: QuerySet[Any, Any], by: str) -> Coalesce:
    """How many of these rows of one person there are."""
    counted = rows.order_by().values(by).annotate(how_many=Count("pk")).values("how_many")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _person(row: User) -> Person:
    told = cast("Any", row)
    return Person(row, told.shift_since, told.shift_station or "", told.unfinished, told.picked, told.refused)


def notes(user_id: int, *, now: datetime) -> Sequence[Shift]:
    """What others left word of within a day, the newest first: one statement."""
    rows = Shift.objects.filter(ended_at__gte=now - NOTES).exclude(note="").exclude(user_id=user_id)
    return list(rows.select_related("user").order_by("-ended_at", "-pk")[:MOST_NOTES])


def assembled(shift_id: int, user_id: int) -> int | None:
    """How many tasks were packed in a shift; None when it is not open any more. One statement."""
    packed = MarketplaceAction.objects.filter(
        actor_id=user_id, kind=ActionKind.READY, created_at__gte=OuterRef("started_at"), task__is_test=False
    ).exclude(state__in=(ActionState.FAILED, ActionState.CANCELLED))
    rows = Shift.objects.filter(pk=shift_id, user_id=user_id, ended_at=None)
    return rows.annotate(packed=BoundedCount(packed)).values_list("packed", flat=True).first()
