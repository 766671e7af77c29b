"""What the desk shows where orders are handed over: the order somebody asks for, what may be said of it, how that went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Q, QuerySet
from django.utils import timezone

from orders import codes as reading
from orders import signs
from orders.enums import LIVE_CODE_STATES, ActionKind, ActionState, Stage
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, Buyer, MarketplaceAccount, MarketplaceAction, MarkingCode, Shipment, TaskItem
from orders.services import guards
from orders.services.warehouse import marking

from .board import Board

#: From these a parcel is given to its buyer, or comes back.
ON_THE_WAY = (Stage.DELIVERING, Stage.AT_PICKUP_POINT)
#: What the desk asks of a marketplace.
KINDS = (ActionKind.RECEIVE, ActionKind.REJECT, ActionKind.CANCEL)
LONGEST_NUMBER = 80
MOST_FOUND = 8
MOST_RESULTS = 10
_ACTIONS = 40


# Finding -------------------------------------------------------------------------------------------------------------
def find(text: str, among: QuerySet[AssemblyTask]) -> list[AssemblyTask]:
    """Those with exactly this number, sign, parcel or marking code, with their items; what is on its way before all others.

    Up to six statements: it stops at the first thing that has the number.
    """
    rows = among.prefetch_related("items").order_by("-created_at", "-pk")
    for condition in _meanings(reading.storable(text, reading.MAX_SCAN + 1)):
        found = list(rows.filter(condition)[:MOST_FOUND])
        if found:
            return [task for task in found if task.stage in ON_THE_WAY] or found
    return []


def _meanings(text: str) -> Iterator[Q]:
    """What the text may stand for, the likely things first."""
    understood = reading.read(text)
    sign = signs.parse(understood.value) or signs.parse(text)
    if sign is not None:
        if sign.task_id is not None:
            yield Q(pk=sign.task_id)
        return
    numbers = {each for said in (text, understood.value) if (each := said.strip()[:LONGEST_NUMBER])}
    if not numbers:
        return
    yield Q(external_id__in=numbers)
    yield Q(order__external_id__in=numbers)
    parcels = Shipment.objects.filter(number__in=numbers, detached_at=None).values_list("order_id", flat=True)
    yield Q(order_id__in=list(parcels[:MOST_FOUND]))
    for kind in () if understood.errors else understood.kinds:
        held = marking.holder(kind, understood.value)
        if held is not None:
            yield Q(pk=held.task_id)


# One order -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Way:
    """One thing that can be said of a parcel. ``reason``: why not now. ``before``: steps that are sent first."""

    kind: ActionKind
    coded: bool
    dated: bool
    reasons: tuple[str, ...]
    refusal: guards.Refusal | None
    before: tuple[ActionKind, ...]


@dataclass(frozen=True)
class DeskTask:
    """A task with what decides about handing it over; ``actions`` are its recent ones, the newest first."""

    task: AssemblyTask
    account: MarketplaceAccount
    offer: Offer | None
    facts: guards.Facts
    actions: Sequence[MarketplaceAction]

    @property
    def buyer(self) -> Buyer | None:
        return getattr(self.task.order, "buyer", None)

    @property
    def on_the_way(self) -> bool:
        return self.task.stage in ON_THE_WAY

    @cached_property
    def received(self) -> Way | None:
        return self._way(ActionKind.RECEIVE)

    @cached_property
    def refused(self) -> Way | None:
        """Where a marketplace has no word for a refusal the task is cancelled, with a reason."""
        return self._way(ActionKind.REJECT) or self._way(ActionKind.CANCEL)

    def _way(self, kind: ActionKind) -> Way | None:
        offer = self.offer
        if offer is None or kind not in offer.steps:
            return None
        return Way(
            kind,
            coded=kind in offer.coded,
            dated=kind in offer.dated,
            reasons=guards.reasons(self.task, kind, offer),
            refusal=guards.why_not(self.facts, kind, offer),
            before=guards.steps_before(self.task, kind, offer),
        )

    @cached_property
    def said(self) -> MarketplaceAction | None:
        """What was asked last of those the desk asks for: under way, or with its answer."""
        return next((action for action in self.actions if action.kind in KINDS), None)

    @property
    def waits(self) -> bool:
        """An answer of the marketplace is awaited."""
        return self.said is not None and self.said.is_open

    @property
    def next_try(self) -> datetime | None:
        """When another code may be tried; None while there are tries left."""
        return next_try(self.actions)


def next_try(actions: Sequence[MarketplaceAction]) -> datetime | None:
    """The moment when so many wrong codes are half an hour old that fewer than the allowed ones are left."""
    since = timezone.now() - guards.WRONG_CODES_WITHIN
    wrong = [row for row in actions if row.state == ActionState.FAILED and row.error_code == guards.WRONG_CODE]
    lately = sorted(row.finished_at for row in wrong if row.finished_at and row.finished_at >= since)
    if len(lately) < guards.WRONG_CODES_ALLOWED:
        return None
    # The guard counts what is not older than half an hour: a tick later it is.
    return lately[-guards.WRONG_CODES_ALLOWED] + guards.WRONG_CODES_WITHIN + timedelta(seconds=1)


def task(task_id: int, board: Board) -> DeskTask | None:
    """Four statements."""
    rows = AssemblyTask.objects.select_related("order__buyer").defer("order__buyer__codes")
    found = rows.filter(pk=task_id).first()
    if found is None:
        return None
    account, offer = board.by_id[found.account_id], board.offer(found.account_id)
    found.account = found.order.account = account
    items = list(TaskItem.objects.filter(task=found))
    live = list(MarkingCode.objects.filter(task=found, state__in=LIVE_CODE_STATES))
    actions = list(MarketplaceAction.objects.filter(task=found).order_by("-pk")[:_ACTIONS])
    return DeskTask(found, account, offer, guards.facts_of(found, items, live, actions), actions)


def results(ids: Sequence[int], *, user_id: int) -> list[MarketplaceAction]:
    """These actions of this person with their tasks, the newest first: one statement, none without ids."""
    if not ids:
        return []
    rows = MarketplaceAction.objects.filter(pk__in=ids, actor_id=user_id).select_related("task")
    return list(rows.order_by("-created_at", "-pk")[:MOST_RESULTS])
