"""What every page of the warehouse shows around its content: accounts and counts of open work, in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import IntegerField, Model, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backoffice.errors import DomainError
from backoffice.frame import SyncState
from backoffice.registry import UnknownKind
from orders.enums import AttentionKind, Stage
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, Attention, MarketplaceAccount, Wave
from orders.models.assembly import OPEN
from orders.services import attention
from orders.services.sending import outbox
from orders.services.warehouse import training as exercises
from orders.services.warehouse import waves

MOST = 1000
OVERDUE = "overdue"
TAB_STAGES = (Stage.NEW, Stage.ASSEMBLING, Stage.READY, Stage.DELIVERING, Stage.AT_PICKUP_POINT)
#: Places of the frame that have a count.
_NAV = {"tasks": Stage.NEW.value, "attention": "attention", "divergence": "divergence"}
OVERDUE_LABEL = gettext_lazy("Overdue")
#: Many tasks under one word: in Russian it differs from the word of a single task.
TAB_LABELS = {
    Stage.WAITING: pgettext_lazy("tab", "Waiting"),
    Stage.NEW: pgettext_lazy("tab", "New"),
    Stage.ASSEMBLING: pgettext_lazy("tab", "Assembling"),
    Stage.READY: pgettext_lazy("tab", "Ready"),
    Stage.DELIVERING: pgettext_lazy("tab", "Delivering"),
    Stage.AT_PICKUP_POINT: pgettext_lazy("tab", "At pick-up point"),
}


class BoundedCount(Subquery):
    """How many rows there are, looking at no more than ``MOST`` of them."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS bounded)"

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        super().__init__(rows.order_by().values("pk")[:MOST], output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class Tab:
    key: str
    label: Any
    count: str
    current: bool


@dataclass(frozen=True)
class Board:
    """Accounts in the order of their titles, and counts by name, at most ``MOST`` each.

    ``training``: whether counts and ``shops`` are those of exercises or of everything else. ``wave``: the one that whoever
    picks here has open.
    """

    accounts: tuple[MarketplaceAccount, ...]
    counts: Mapping[str, int]
    training: bool = False
    wave: int | None = None

    @cached_property
    def by_id(self) -> dict[int, MarketplaceAccount]:
        return {account.pk: account for account in self.accounts}

    @cached_property
    def shops(self) -> tuple[MarketplaceAccount, ...]:
        """The accounts whose orders are worked on here."""
        return tuple(account for account in self.accounts if account.training == self.training)

    @cached_property
    def _offers(self) -> dict[int, Offer | None]:
        return {}

    def offer(self, account_id: int) -> Offer | None:
        """What the account's marketplace allows; None when its settings make no sense."""
        if account_id not in self._offers:
            self._offers[account_id] = _offer(self.by_id[account_id])
        return self._offers[account_id]

    @property
    def nav(self) -> dict[str, int]:
        return {name: self.counts.get(key, 0) for name, key in _NAV.items()}

    @property
    def sync(self) -> SyncState | None:
        """The oldest good answer of the accounts that are in use, and what is wrong with the first that is not well."""
        used = [account for account in self.shops if account.enabled]
        if not used:
            return None
        moments = [account.last_ok_at for account in used if account.last_ok_at]
        problem = next((text for account in used if (text := _problem(account))), "")
        return SyncState(min(moments) if len(moments) == len(used) else None, problem)

    def tabs(self, current: str) -> list[Tab]:
        stages = [stage for stage in (Stage.WAITING, *TAB_STAGES) if stage in TAB_STAGES or self.counts.get(stage)]
        shown = [(stage.value, TAB_LABELS[stage]) for stage in stages]
        return [
            Tab(key, label, number(self.counts.get(key, 0)), key == current)
            for key, label in [*shown, (OVERDUE, OVERDUE_LABEL)]
        ]


def number(count: int) -> str:
    """A bounded count as shown."""
    return f"{MOST - 1}+" if count >= MOST else str(count)


def load(
    user_id: int, picker_id: int = 0, *, now: datetime | None = None, tabs: bool = False, training: bool = False
) -> Board:
    """One statement. The counts of the tabs, apart from that of new tasks, only when they are asked for.

    ``training``: those of exercises instead of everything else. ``picker_id``: whose wave is told.
    """
    tasks, asked = work(training=training), Attention.objects.filter(exercises.questions(training), resolved_at=None)
    wanted: dict[str, QuerySet[Any, Any]] = {
        Stage.NEW.value: tasks.filter(stage=Stage.NEW),
        "attention": asked.filter(attention.awake(now or timezone.now())),
        "divergence": asked.filter(kind=AttentionKind.DIVERGENCE),
        "obsolete": obsolete(user_id).filter(exercises.questions(training)),
    }
    if tabs:
        others = (stage for stage in (Stage.WAITING, *TAB_STAGES))
        wanted |= {stage.value: tasks.filter(stage=stage) for stage in others}
        wanted[OVERDUE] = overdue(now or timezone.now(), tasks)
    counts = {f"count_{name}": BoundedCount(rows) for name, rows in wanted.items()}
    mine = waves.of_side(Wave.objects.filter(picker_id=picker_id, closed_at=None), training)
    rows = MarketplaceAccount.objects.annotate(**counts, open_wave=Subquery(mine.values("pk")[:1]))
    accounts = tuple(rows.order_by("title", "pk"))
    first: Model | None = accounts[0] if accounts else None
    counted = {name: getattr(first, f"count_{name}", 0) for name in wanted}
    return Board(accounts, counted, training, getattr(first, "open_wave", None))


def work(*, training: bool) -> QuerySet[AssemblyTask]:
    """Tasks that count: exercises in training, and otherwise what is neither an exercise nor a test."""
    return (
        AssemblyTask.objects.filter(account__training=True) if training else AssemblyTask.objects.filter(is_test=False)
    )


def overdue(now: datetime, tasks: QuerySet[AssemblyTask]) -> QuerySet[AssemblyTask]:
    """Open tasks past their deadline. One that is not ours yet is not late."""
    return tasks.filter(OPEN, deadline_at__lt=now).exclude(stage=Stage.WAITING)


def obsolete(user_id: int) -> QuerySet[Attention]:
    """Questions about tasks of this person that were cancelled under his hands."""
    mine = Q(kind=AttentionKind.CANCELLED_IN_WORK, task__assignee_id=user_id)
    return Attention.objects.filter(mine, resolved_at=None)


def _offer(account: MarketplaceAccount) -> Offer | None:
    try:
        return outbox.offer_of(account)
    except (DomainError, UnknownKind):
        return None


def _problem(account: MarketplaceAccount) -> str:
    words = {"title": account.title}
    if account.paused_reason:
        return _("%(title)s is paused") % words
    return _("%(title)s does not answer") % words if account.last_error else ""
