"""What waits for a person, by kind, the most urgent first; who sees to it, and what was put off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from backoffice.backends import with_roles
from backoffice.models import User
from backoffice.people import Role
from orders.enums import AttentionKind, Severity
from orders.models import AssemblyTask, Attention, MarketplaceAction
from orders.services import attention
from orders.services.warehouse import training

from .divergence import BY_WEIGHT, by_weight

#: Of each kind on the page that shows all kinds.
FIRST = 5
#: People a question can be given to.
MOST_PEOPLE = 200


class Show(StrEnum):
    """Whose questions."""

    ALL = ""
    MINE = "mine"
    FREE = "free"
    SNOOZED = "snoozed"


def show_of(text: str) -> Show:
    """What an address asks for; everything when it makes no sense."""
    return next((show for show in Show if show.value == text), Show.ALL)


@dataclass(frozen=True, slots=True)
class Group:
    """Questions of one kind; ``count`` is of all of them, ``rows`` are the first."""

    kind: str
    label: str
    count: int
    urgent: int
    rows: Sequence[Attention] = ()

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True)
class Inbox:
    """``counts`` by ``Show``. ``failed``: actions that were refused, by id, for rows that ask about one.

    ``numbers``: of the only task of an order, by the order's id, for rows that ask about an order.
    """

    counts: Mapping[str, int]
    groups: Sequence[Group]
    kind: str = ""
    previous: str = ""
    next: str = ""
    failed: Mapping[int, MarketplaceAction] = field(default_factory=dict)
    numbers: Mapping[int, str] = field(default_factory=dict)


def inbox(params: Mapping[str, str], user_id: int, *, exercises: bool, now: datetime | None = None) -> Inbox:
    """All kinds with their first questions, or one ``kind`` page by page. Three statements, two when nothing waits;
    one more for refused actions that are asked about, and for the tasks of orders that are.

    ``show``: as ``Show``; ``after`` and ``before`` are cursors of a kind's pages.
    """
    moment = now or timezone.now()
    show = show_of(params.get("show", ""))
    open_ones = Attention.objects.filter(training.questions(exercises), resolved_at=None)
    counts, groups = _counts(open_ones, show, user_id, moment)
    kind = params.get("kind", "")
    shown = [group for group in groups if kind in ("", group.kind)]
    rows = open_ones.filter(_whose(show, user_id, moment), kind__in=[group.kind for group in shown])
    rows = rows.select_related("task", "order", "account", "shipment", "carrier_account", "assignee")
    previous = following = ""
    if kind:
        page = by_weight(rows, params)
        found, previous, following = page.rows, page.previous, page.next
    else:
        found = _first(rows) if shown else []
    filled = [_filled(group, [row for row in found if row.kind == group.kind]) for group in shown]
    return Inbox(counts, filled, kind, previous, following, _failed(found), _numbers(found))


def _whose(show: Show, user_id: int, now: datetime) -> Q:
    awake = attention.awake(now)
    if show == Show.SNOOZED:
        return ~awake
    if show == Show.MINE:
        return awake & Q(assignee_id=user_id)
    return awake & Q(assignee=None) if show == Show.FREE else awake


def _counts(rows: QuerySet[Attention], show: Show, user_id: int, now: datetime) -> tuple[dict[str, int], list[Group]]:
    """How many there are by whose they are, and by kind of those shown: one statement."""
    here = _whose(show, user_id, now)
    each = {f"of_{one.name.lower()}": Count("pk", filter=_whose(one, user_id, now)) for one in Show}
    told = rows.order_by().values("kind").annotate(
        **each,
        urgent=Count("pk", filter=here & Q(severity=Severity.URGENT)),
        warning=Count("pk", filter=here & Q(severity=Severity.WARNING)),
        newest=Max("opened_at", filter=here),
    )  # fmt: skip
    found: list[Any] = list(told)
    counts = {one.value: sum(row[f"of_{one.name.lower()}"] for row in found) for one in Show}
    mine = [row for row in found if row[f"of_{show.name.lower()}"]]
    mine.sort(key=lambda row: (bool(row["urgent"]), bool(row["warning"]), row["newest"]), reverse=True)
    return counts, [
        Group(row["kind"], _label(row["kind"]), row[f"of_{show.name.lower()}"], row["urgent"]) for row in mine
    ]


def _label(kind: str) -> str:
    return str(AttentionKind(kind).label) if kind in AttentionKind.values else kind


def _first(rows: QuerySet[Attention]) -> list[Attention]:
    place = Window(RowNumber(), partition_by=F("kind"), order_by=[BY_WEIGHT, "opened_at", "pk"])
    return list(rows.annotate(place=place).filter(place__lte=FIRST).order_by("kind", "place"))


def _filled(group: Group, rows: Sequence[Attention]) -> Group:
    return Group(group.kind, group.label, group.count, group.urgent, rows)


def _failed(rows: Sequence[Attention]) -> dict[int, MarketplaceAction]:
    """The refused actions that rows ask about: one statement, none when no row does."""
    asked = [row for row in rows if row.kind == AttentionKind.ACTION_FAILED]
    ids = [row.facts["action"] for row in asked if isinstance(row.facts.get("action"), int)]
    return MarketplaceAction.objects.in_bulk(ids) if ids else {}


def _numbers(rows: Sequence[Attention]) -> dict[int, str]:
    """The number that is on the sheet and in the queue; an order's own may be nowhere else. None when no row is of an order."""
    orders = {row.order_id for row in rows if row.order_id and not row.task_id}
    found: dict[int, list[str]] = {}
    tasks = AssemblyTask.objects.filter(order_id__in=orders) if orders else AssemblyTask.objects.none()
    for order_id, number in tasks.values_list("order_id", "external_id"):
        found.setdefault(order_id, []).append(number)
    return {order_id: numbers[0] for order_id, numbers in found.items() if len(numbers) == 1}


def people() -> list[User]:
    """Who may see to questions, by name: two statements. Programs are not people."""
    rows = User.objects.filter(is_active=True).exclude(groups__name=Role.INTEGRATION).prefetch_related("groups")
    found = (with_roles(user, [group.pk for group in user.groups.all()]) for user in rows[:MOST_PEOPLE])
    return sorted(
        (user for user in found if user.has_perm("orders.change_attention")), key=lambda user: user.short_name
    )
