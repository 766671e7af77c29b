"""What the pages of one task and one order show, in a fixed number of statements."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db.models import CharField, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone

from orders import wording
from orders.enums import (
    DETAIL_ACTIONS,
    OPEN_ACTION_STATES,
    ActionState,
    CodeKind,
    CodeState,
    ReactionState,
    Source,
    Stage,
)
from orders.marketplaces import facts as order_facts
from orders.marketplaces.base import Offer
from orders.models import (
    AssemblyTask,
    Attention,
    Buyer,
    MarketplaceAccount,
    MarketplaceAction,
    MarkingCode,
    Order,
    Reaction,
    Scan,
    TaskItem,
    TimelineEntry,
)
from orders.services import attention, guards
from orders.services.sending import outbox
from orders.services.shipping import tracks as tracked

from . import buttons, floor, keyset, parcels, units
from .board import Board

ENTRIES = 40
#: On the page that shows nothing else.
PAGE = 200
ACTIONS = 40
NEWEST = keyset.Order("happened_at", newest_first=True)
#: What an entry shows, of whoever did it and of its parcel too: an account of a carrier is wide, and its secrets are sealed.
_SHOWN = (
    "order_id", "task_id", "shipment_id", "source", "kind", "code", "status", "data", "happened_at", "recorded_at", "actor_id",
    "correction", "actor__username", "actor__first_name", "actor__last_name", "shipment__carrier_account__kind",
)  # fmt: skip
#: Who states the facts of a lane of the timeline.
LANES = {
    "marketplace": (Source.MARKETPLACE,),
    "carrier": (Source.CARRIER,),
    "staff": (Source.STAFF, Source.API),
    "system": (Source.SYSTEM,),
}
#: Stages in which goods are scanned.
SCANNED_IN = (Stage.NEW, Stage.ASSEMBLING)
#: How long an answer stands on the page of its task.
STANDS = timedelta(minutes=5)
PATH = (Stage.NEW, Stage.ASSEMBLING, Stage.READY, Stage.DELIVERING, Stage.RECEIVED)
PATH_TO_POINT = (*PATH[:-1], Stage.AT_PICKUP_POINT, Stage.RECEIVED)


@dataclass(frozen=True, slots=True)
class Told:
    """An action as the page tells of it; ``state`` is an action state. ``reasoned``: it was given a reason."""

    action: MarketplaceAction
    state: str
    wrong_code: bool
    coded: bool
    marketplace: str = ""
    reasoned: bool = False

    @property
    def form(self) -> bool:
        """What it said was filled into a form: that is where it is corrected."""
        return self.action.kind in DETAIL_ACTIONS and self.action.kind not in buttons.ANSWERS

    @property
    def words(self) -> str:
        """What the marketplace said, or its code when it used no words."""
        return self.action.error_detail or self.action.error_code

    @property
    def meaning(self) -> str:
        """The same for people; nothing when its words are not known."""
        return wording.meaning(self.marketplace, self.words)

    @property
    def later(self) -> bool:
        return self.action.not_before > timezone.now() + timedelta(seconds=5)


@dataclass(frozen=True)
class TaskPage:
    """A task with all that its page shows."""

    task: AssemblyTask
    account: MarketplaceAccount
    offer: Offer | None
    facts: guards.Facts
    codes: Sequence[MarkingCode]
    actions: Sequence[MarketplaceAction]
    entries: Sequence[TimelineEntry] = ()
    older: str = ""
    scan: Scan | None = None
    services: Mapping[str, str] = field(default_factory=dict)
    parcels: parcels.Parcels = parcels.NONE

    @property
    def buyer(self) -> Buyer | None:
        return getattr(self.task.order, "buyer", None)

    @cached_property
    def known(self) -> order_facts.OrderFacts:
        """What is known of the order beyond its columns."""
        return order_facts.of_order(self.task.order.data)

    @cached_property
    def items(self) -> list[units.ItemView]:
        return units.item_views(self.facts, self.codes)

    @cached_property
    def buttons(self) -> buttons.Panel:
        return buttons.panel(self.facts, self.offer) if self.offer else buttons.Panel()

    @cached_property
    def told(self) -> list[Told]:
        kind = self.account.kind
        return [
            replace(told, marketplace=kind) for told in _told(self.actions, self.offer, open_task=self.task.is_open)
        ]

    @property
    def quiet(self) -> bool:
        """A refusal waits for a decision, or a parcel suggests something: that comes before any next step."""
        failed = any(told.state == ActionState.FAILED for told in self.told)
        return failed or bool(self.parcels.of_task(self.task.pk))

    @cached_property
    def open_kinds(self) -> list[str]:
        """Kinds of codes that may be entered now: all while it is assembled, some of them later too."""
        return _open_kinds(self.task, self.offer)

    @property
    def scanning(self) -> bool:
        """Marking codes are entered now."""
        return self.task.stage == Stage.ASSEMBLING or bool(self.open_kinds)

    @property
    def scannable(self) -> bool:
        """Something can be scanned here: goods, START on a new task, or codes."""
        return self.task.stage in SCANNED_IN or bool(self.open_kinds)

    @property
    def waits(self) -> bool:
        """An answer is awaited within seconds."""
        return any(told.state in OPEN_ACTION_STATES for told in self.told) or self._due_soon

    @property
    def _due_soon(self) -> bool:
        """What waits for its grace to end is about to be done."""
        soon = timezone.now() + timedelta(seconds=20)
        waiting = (row for row in self.parcels.of_task(self.task.pk) if row.state == ReactionState.WAITING)
        return any(row.due_at and row.due_at < soon for row in waiting)

    @property
    def labelled(self) -> bool:
        closed = self.task.stage in (Stage.NEW, Stage.WAITING, Stage.CANCELLED)
        return bool(self.offer and self.task.delivery_type in self.offer.labelled and not closed)

    @property
    def path(self) -> tuple[Stage, ...]:
        path = PATH_TO_POINT if buttons.to_point(self.task, self.offer) else PATH
        return (Stage.WAITING, *path) if self.task.stage == Stage.WAITING else path

    @cached_property
    def fingerprint(self) -> str:
        """Changes with anything that the live part of the page shows."""
        parts: list[Any] = [self.task.stage, self.task.assignee_id, bool(self.buyer and self.buyer.name)]
        parts += [(c.pk, c.state, c.detail) for c in self.codes]
        parts += [(a.pk, a.state, a.attempts, a.not_before, a.keep_trying_until, a.error_code) for a in self.actions]
        parts += [(item.pk, item.quantity, floor.of(item)) for item in self.facts.items]
        parts += [entry.pk for entry in self.entries[:1]]
        parts += [self.task.cancel_requested_at, self.task.order.updated_at]
        parts += [(row.pk, row.version, row.news_at) for row in self.parcels.of_order(self.task.order_id)]
        parts += [(row.pk, row.state) for row in self.parcels.of_task(self.task.pk)]
        return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()


def task_page(task_id: int, board: Board, *, picker_id: int | None = None) -> TaskPage | None:
    """Everything the page of a task shows: six statements, one more for each of the last scan, refusals, names of tracks, parcels."""
    rows = AssemblyTask.objects.select_related("order__buyer", "assignee").defer("order__buyer__codes")
    task = rows.filter(pk=task_id).first()
    if task is None:
        return None
    items = [each.item for each in floor.items(TaskItem.objects.filter(task=task))]
    codes = list(MarkingCode.objects.filter(task=task).exclude(state=CodeState.REMOVED))
    actions = _actions(task)
    of_task = Q(task=None) | Q(task=task)
    entries = timeline(TimelineEntry.objects.filter(of_task, order_id=task.order_id), {})
    account, offer = board.by_id[task.account_id], board.offer(task.account_id)
    task.account = account
    units.dress(codes, account)
    scanned = task.stage in SCANNED_IN or _open_kinds(task, offer)
    return TaskPage(
        task=task,
        account=account,
        offer=offer,
        facts=guards.facts_of(task, items, codes, actions),
        codes=codes,
        actions=actions,
        entries=entries.rows,
        older=entries.next,
        scan=_last_scan(task, picker_id) if scanned and picker_id else None,
        services=service_names(task.order),
        parcels=parcels.parcels([task.order_id]),
    )


def service_names(order: Order) -> dict[str, str]:
    """Delivery services by number, where the order has a track number: one statement."""
    tracks = order_facts.of_order(order.data).delivery.tracks
    return dict(tracked.choices(order.account_id)) if tracks else {}


def _open_kinds(task: AssemblyTask, offer: Offer | None) -> list[str]:
    if task.stage == Stage.ASSEMBLING:
        return list(task.code_kinds)
    word = task.marketplace_status.get(offer.step_word) if offer else None
    late = offer.late_code_words if offer and task.is_open else {}
    return [kind for kind in task.code_kinds if kind in late and word in late[CodeKind(kind)]]


def _actions(task: AssemblyTask) -> list[MarketplaceAction]:
    """The recent actions, the newest first, each with whether the question it raised is still open: asked if one was refused."""
    rows = list(MarketplaceAction.objects.filter(task=task).order_by("-pk")[:ACTIONS])
    failed = [row for row in rows if row.state == ActionState.FAILED]
    open_keys = attention.open_keys([outbox.failure_key(row) for row in failed]) if failed else set()
    for row in rows:
        vars(row)["asked"] = outbox.failure_key(row) in open_keys
    return rows


def _last_scan(task: AssemblyTask, picker_id: int) -> Scan | None:
    """The answer that this person got a moment ago, and that stands until the next one; not when it was taken back since."""
    mine = Scan.objects.filter(task=task, user_id=picker_id, scanned_at__gt=timezone.now() - STANDS)
    scan = mine.select_related("code").order_by("-pk").first()
    if scan is None or scan.undone_at is not None:
        return None
    return None if scan.code is not None and scan.code.state == CodeState.REMOVED else scan


def timeline(
    rows: QuerySet[TimelineEntry], params: Mapping[str, str], size: int = ENTRIES
) -> keyset.Slice[TimelineEntry]:
    """A page of entries, the newest first, of all lanes or the one that ``params`` names: one statement."""
    lane = LANES.get(params.get("lane", ""))
    wanted = rows.filter(source__in=lane) if lane else rows
    return keyset.page(dressed(wanted), params, NEWEST, size)


def dressed(rows: QuerySet[TimelineEntry]) -> QuerySet[TimelineEntry]:
    """Entries with all that is shown of them; ``receipt_id``: the reaction that an entry's action was sent for."""
    asked = Cast(KeyTextTransform("action", "data"), CharField())
    mine = Reaction.objects.filter(task=OuterRef("task_id"), action__isnull=False)
    named = mine.annotate(named=Cast("action_id", CharField())).filter(named=OuterRef("asked")).order_by("pk")
    return (
        rows.select_related("actor", "shipment__carrier_account")
        .only(*_SHOWN)
        .annotate(asked=asked, receipt_id=Subquery(named.values("pk")[:1]))
    )


def _told(actions: Sequence[MarketplaceAction], offer: Offer | None, *, open_task: bool) -> list[Told]:
    """The newest action of each kind, as long as it is under way or its refusal waits for a decision."""
    newest: dict[tuple[str, str], MarketplaceAction] = {}
    for action in actions:
        newest.setdefault((action.kind, action.subject), action)
    found = []
    for action in newest.values():
        failed = action.state == ActionState.FAILED and open_task and getattr(action, "asked", False)
        if action.is_open or failed:
            coded = bool(offer and action.kind in offer.coded)
            wrong, reasoned = action.error_code == guards.WRONG_CODE, bool(action.payload.get("reason"))
            found.append(Told(action, action.state, wrong, coded, reasoned=reasoned))
    return found


@dataclass(frozen=True)
class OrderPage:
    """An order with its tasks, items, codes, open questions and the newest entries; ``services``: names of tracks' carriers."""

    order: Order
    account: MarketplaceAccount
    tasks: Sequence[AssemblyTask]
    questions: Sequence[Attention]
    entries: Sequence[TimelineEntry]
    older: str
    services: Mapping[str, str]
    offer: Offer | None
    parcels: parcels.Parcels

    @property
    def buyer(self) -> Buyer | None:
        return getattr(self.order, "buyer", None)


def order_page(order_id: int, board: Board) -> OrderPage | None:
    """Seven statements, however many tasks; one more where the order has a track number, and where it has a parcel."""
    order = Order.objects.select_related("buyer").defer("buyer__codes").filter(pk=order_id).first()
    if order is None:
        return None
    live = MarkingCode.objects.exclude(state=CodeState.REMOVED)
    rows = AssemblyTask.objects.filter(order=order).select_related("assignee").order_by("pk")
    tasks = list(rows.prefetch_related("items", Prefetch("codes", live)))
    questions = list(Attention.objects.filter(order=order, resolved_at=None).order_by("-opened_at"))
    entries = timeline(TimelineEntry.objects.filter(order=order), {})
    account = board.by_id[order.account_id]
    return OrderPage(
        order,
        account,
        tasks,
        questions,
        entries.rows,
        entries.next,
        service_names(order),
        board.offer(account.pk),
        parcels.parcels([order.pk]),
    )


def kind_choices(task: AssemblyTask, offer: Offer | None, item: TaskItem | None = None) -> list[tuple[str, str]]:
    """Kinds of codes a person may choose for a task, or one item of it, now."""
    kinds = [kind for kind in _open_kinds(task, offer) if kind in CodeKind.values]
    mine = guards.taken_kinds(task, item) if item is not None else kinds
    return [(kind, str(CodeKind(kind).label)) for kind in kinds if kind in mine]


__all__ = ["OrderPage", "TaskPage", "Told", "kind_choices", "order_page", "service_names", "task_page", "timeline"]
