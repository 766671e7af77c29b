"""What marketplace, carrier and we say of orders, read for many at once; and how it is kept as facts of a question."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any

from backoffice.errors import DomainError, Refused
from backoffice.registry import UnknownKind
from carriers import services as carriers
from carriers.models import CarrierAccount
from carriers.statuses import Finality, TrackingStatus
from orders.divergence import Carrier, Ours, combine
from orders.enums import (
    OPEN_ACTION_STATES,
    OPEN_REACTION_STATES,
    TASK_ACTIONS,
    ActionKind,
    ReactionState,
    Stage,
)
from orders.marketplaces import facts as order_facts
from orders.models import AssemblyTask, MarketplaceAccount, MarketplaceAction, Order, Reaction, Shipment
from orders.models.shipment import ATTACHED
from orders.services.sending import outbox

#: For a carrier account whose settings make no sense.
QUIET_AFTER = timedelta(days=3)
#: Reactions that say what is under way here: open ones, and those a correction has stopped.
TELLING = (*OPEN_REACTION_STATES, ReactionState.OVERTAKEN)


@dataclass(frozen=True, slots=True)
class Company:
    """A carrier account: which carrier it is of, and how long a parcel of it may be without news."""

    kind: str
    quiet_after: timedelta


@dataclass
class Sides:
    """All that decides about one order: where it is, and its parcels with the companies they go with, by account.

    What ``complete`` adds is ours: the tasks, what is under way, and ``known``: the steps the marketplace has.
    """

    order_id: int
    account_id: int
    stage: Stage
    data: Mapping[str, Any]
    companies: Mapping[int, Company] = field(default_factory=dict)
    parcels: list[Shipment] = field(default_factory=list)
    known: frozenset[ActionKind] = frozenset(TASK_ACTIONS)
    tasks: list[AssemblyTask] = field(default_factory=list)
    actions: list[MarketplaceAction] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)

    @cached_property
    def carrier(self) -> Carrier | None:
        return combine(map(said, self.parcels))

    @property
    def parcel(self) -> Shipment | None:
        """The parcel that decides; where they make up something only together, the one that moved last."""
        same = [parcel for parcel in self.parcels if said(parcel) == self.carrier]
        return max(same or self.parcels, key=heard_at, default=None)

    @property
    def ours(self) -> Ours:
        overtaken = (row for row in self.reactions if row.state == ReactionState.OVERTAKEN and _stands(row))
        return Ours(
            asked=_kinds(self.actions),
            waiting=self._reacting(ReactionState.WAITING),
            suggested=self._reacting(ReactionState.SUGGESTED),
            overtaken=_kinds(overtaken),
            known=self.known,
        )

    def _reacting(self, state: str) -> frozenset[ActionKind]:
        return _kinds(row for row in self.reactions if row.state == state)

    @property
    def marketplace_at(self) -> datetime | None:
        """When its present words were said."""
        return max((at for task in self.tasks if (at := task.said_at or task.moved_at)), default=None)

    @property
    def carrier_at(self) -> datetime | None:
        return max((parcel.changed_at for parcel in self.parcels if parcel.changed_at), default=None)

    @property
    def storage_until(self) -> date | None:
        """The last day at the pick-up point, where the marketplace tells it."""
        told = order_facts.of_order(self.data).delivery.storage_until
        return date.fromisoformat(told) if told else None


def said(parcel: Shipment) -> Carrier:
    return TrackingStatus(parcel.status), Finality(parcel.finality)


def heard_at(parcel: Shipment) -> datetime:
    return parcel.news_at or parcel.changed_at or parcel.created_at


def _kinds(rows: Iterable[MarketplaceAction | Reaction]) -> frozenset[ActionKind]:
    return frozenset(ActionKind(row.kind) for row in rows)


def _stands(row: Reaction) -> bool:
    """Nothing new has come since it was stopped."""
    changed, decided = row.shipment.changed_at, row.decided_at
    return changed is not None and decided is not None and decided >= changed


def gather(order_ids: Collection[int], parcels: Sequence[Shipment] = ()) -> dict[int, Sides]:
    """Where orders and their parcels are: three statements, however many. ``parcels``: those whose rows are at hand."""
    rows = Order.objects.filter(pk__among=order_ids).values_list("pk", "account_id", "stage", "data")
    found = {pk: Sides(pk, account_id, Stage(stage), data) for pk, account_id, stage, data in rows}
    every = sorted([*parcels, *_parcels(order_ids, [parcel.pk for parcel in parcels])], key=attrgetter("pk"))
    companies = _companies({parcel.carrier_account_id for parcel in every})
    for parcel in every:
        found[parcel.order_id].parcels.append(parcel)
    for each in found.values():
        each.companies = companies
    return found


def complete(wanted: Collection[Sides]) -> None:
    """Add what is ours: four statements, however many; none when no order needs it."""
    found = {each.order_id: each for each in wanted}
    if not found:
        return
    steps = _known({each.account_id for each in wanted})
    for each in wanted:
        each.known = steps[each.account_id]
    for task in _tasks(found):
        found[task.order_id].tasks.append(task)
    for action in _actions(found):
        found[action.task.order_id].actions.append(action)
    for reaction in _reactions(found):
        found[reaction.shipment.order_id].reactions.append(reaction)


def _tasks(ids: Collection[int]) -> Iterable[AssemblyTask]:
    rows = AssemblyTask.objects.filter(order__id__among=ids).order_by("pk")
    return rows.only("order_id", "marketplace_status", "said_at", "moved_at")


def _parcels(ids: Collection[int], but: Collection[int]) -> Iterable[Shipment]:
    rows = Shipment.objects.filter(ATTACHED, order__id__among=ids)
    others = rows.exclude(pk__among=but) if but else rows
    return others.only(
        "order_id", "carrier_account_id", "number", "status", "finality", "needs_look", "raw_status", "raw_title",
        "changed_at", "news_at", "checked_at", "created_at",
    )  # fmt: skip


def _companies(account_ids: Collection[int]) -> dict[int, Company]:
    accounts = CarrierAccount.objects.in_bulk(account_ids)
    return {pk: Company(account.kind, _quiet_after(account)) for pk, account in accounts.items()}


def _quiet_after(account: CarrierAccount) -> timedelta:
    try:
        return carriers.offer(account).quiet_after
    except (Refused, UnknownKind):
        return QUIET_AFTER


def _actions(ids: Collection[int]) -> Iterable[MarketplaceAction]:
    rows = MarketplaceAction.objects.filter(
        state__in=OPEN_ACTION_STATES, kind__in=TASK_ACTIONS, task__order__id__among=ids
    )
    return rows.select_related("task").only("kind", "created_at", "task__order_id").order_by("pk")


def _reactions(ids: Collection[int]) -> Iterable[Reaction]:
    rows = Reaction.objects.filter(shipment__order__id__among=ids, state__in=TELLING).select_related("shipment")
    return rows.only(
        "kind", "state", "created_at", "decided_at", "due_at", "shipment__order_id", "shipment__changed_at"
    ).order_by("pk")


def _known(account_ids: Collection[int]) -> dict[int, frozenset[ActionKind]]:
    """Steps each marketplace has: one statement. All of them where the settings of the account make no sense."""
    return {pk: _steps(account) for pk, account in MarketplaceAccount.objects.in_bulk(account_ids).items()}


def _steps(account: MarketplaceAccount) -> frozenset[ActionKind]:
    try:
        offer = outbox.offer_of(account)
    except (DomainError, UnknownKind):
        return frozenset(TASK_ACTIONS)
    return frozenset(offer.steps) | frozenset(offer.local)


def marketplace_facts(sides: Sides) -> dict[str, Any]:
    """What the marketplace says: our stage, its own words of the tasks (name → word) without doubles, and since when."""
    words: list[dict[str, str]] = []
    for task in sides.tasks:
        if task.marketplace_status and task.marketplace_status not in words:
            words.append(task.marketplace_status)
    return {"stage": sides.stage.value, "words": words, "at": _iso(sides.marketplace_at)}


def carrier_facts(sides: Sides, parcel: Shipment, shown: Carrier) -> dict[str, Any]:
    """What the carrier says of a parcel; ``shown``: its own status, or that of all parcels together."""
    return {
        "carrier": sides.companies[parcel.carrier_account_id].kind,
        "shipment": parcel.pk,
        "number": parcel.number,
        "status": shown[0].value,
        "finality": shown[1].value,
        "word": parcel.raw_status,
        "title": parcel.raw_title,
        "at": _iso(parcel.changed_at),
        "parcels": len(sides.parcels),
    }


def our_facts(sides: Sides) -> dict[str, Any]:
    """What is under way here: the newest action asked for, else the newest reaction; nothing when there is neither."""
    if sides.actions:
        last = sides.actions[-1]
        return {"state": "asked", "kind": last.kind, "at": _iso(last.created_at)}
    telling = [row for row in sides.reactions if row.state != ReactionState.OVERTAKEN or _stands(row)]
    if not telling:
        return {}
    row = telling[-1]
    return {"state": row.state, "kind": row.kind, "reaction": row.pk, "at": _iso(row.decided_at or row.created_at)}


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
