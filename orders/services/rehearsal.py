"""A rule on trial: what it would have done in the last days, and where the carrier took its word back afterwards.

The history is replayed as if nobody but the rule had acted: each order begins packed, and the rule's own actions move it on. Who
closed it otherwise (the marketplace, a person who cancelled) has closed it here too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from backoffice.errors import Invalid
from carriers import registry
from carriers.models import CarrierAccount
from carriers.statuses import Change, Finality, Meaning, TrackingStatus, classify
from orders import reactions as pure
from orders.enums import CLOSED_STAGES, ActionKind, EntryKind, Stage
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, MarketplaceAccount, Shipment, TimelineEntry

from . import outbox, rules

#: Wrong ones that are told in full.
TOLD = 200
CHUNK = 2000
_PARCEL = (EntryKind.TRACKING, EntryKind.TRACKING_RETRACTED)
#: Final whatever word said it: a return is a flag at some carriers.
_ENDS = frozenset(
    {
        TrackingStatus.DELIVERED,
        TrackingStatus.PARTIALLY_DELIVERED,
        TrackingStatus.UNDELIVERED,
        TrackingStatus.RETURNED,
        TrackingStatus.LOST,
        TrackingStatus.CANCELLED,
    }
)


@dataclass(frozen=True, slots=True)
class Wrong:
    """An action that would have been wrong: what was done when, and what the carrier said ``then``."""

    shipment_id: int
    number: str
    order_id: int
    kind: ActionKind
    status: TrackingStatus
    acted_at: datetime
    then: TrackingStatus
    then_at: datetime


@dataclass(slots=True)
class Rehearsal:
    """``parcels``: told of in these days. ``acted``: what would have been done by itself; ``caught``: what would have waited and was
    overtaken; ``suggested``: left to people. ``wrong_count`` of the acted would have been wrong, the first 200 are in ``wrong``.
    """

    days: int
    parcels: int = 0
    acted: int = 0
    caught: int = 0
    suggested: int = 0
    wrong_count: int = 0
    wrong: list[Wrong] = field(default_factory=list)

    def note(self, wrong: Wrong) -> None:
        self.wrong_count += 1
        if len(self.wrong) < TOLD:
            self.wrong.append(wrong)


class Line(NamedTuple):
    """A timeline entry as the replay needs it; ``action``: of a stage that our own action brought."""

    id: int
    order_id: int
    task_id: int | None
    shipment_id: int | None
    number: str | None
    kind: str
    code: str
    status: str
    happened_at: datetime
    recorded_at: datetime
    account_id: int
    delivery_type: str
    action: int | None


_FIELDS = (
    "id", "order_id", "task_id", "shipment_id", "shipment__number", "kind", "code", "status", "happened_at", "recorded_at",
    "order__account_id", "order__delivery_type", "data__action",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Trial:
    """What is the same for all orders."""

    words: Mapping[str, Meaning]
    grace: timedelta
    since: datetime
    now: datetime
    found: Rehearsal

    def meaning(self, line: Line) -> Meaning:
        """The status as it was stored; how final it is says the word, or the status where the word means another one."""
        status = TrackingStatus(line.status)
        word = self.words.get(line.code) or self.words.get(line.code.partition("/")[0])
        if word is not None and word.status == status:
            return word
        return Meaning(status, Finality.FINAL if status in _ENDS else Finality.OPEN)


def rehearse(account: CarrierAccount, *, days: int = 30, now: datetime | None = None) -> Rehearsal:
    """Run the rule over the last days with its grace, and note that it was done. Changes nothing else.

    A fixed number of statements; of the history one order at a time is in memory.
    """
    moment = now or timezone.now()
    since = moment - timedelta(days=days)
    grace = timedelta(minutes=rules.rule_of(account).grace_minutes)
    trial = _Trial(registry.glossary(account.kind), grace, since, moment, Rehearsal(days))
    offers, tasks = _offers(), _tasks(account, since)
    for order_id, lines in groupby(_lines(account, since), key=attrgetter("order_id")):
        mine = list(lines)
        offer = offers.get(mine[0].account_id)
        if offer is not None:
            _Replay(trial, offer, tasks.get(order_id, []), mine[0].delivery_type).run(mine)
    rules.rehearsed(account, moment)
    return trial.found


def _offers() -> dict[int, Offer]:
    found = {}
    for account in MarketplaceAccount.objects.all():
        try:
            found[account.pk] = outbox.offer_of(account)
        except Invalid:  # its settings make no sense: nothing would follow there
            continue
    return found


def _of_orders(account: CarrierAccount, since: datetime) -> Q:
    parcels = Shipment.objects.filter(carrier_account=account, changed_at__gte=since)
    return Q(order_id__in=parcels.values("order_id"))


def _tasks(account: CarrierAccount, since: datetime) -> dict[int, list[int]]:
    """Ids of the tasks by order."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = AssemblyTask.objects.filter(_of_orders(account, since)).order_by("pk")
    for order_id, pk in rows.values_list("order_id", "pk").iterator(chunk_size=CHUNK):
        found[order_id].append(pk)
    return found


def _lines(account: CarrierAccount, since: datetime) -> Iterator[Line]:
    of_parcels = Q(kind__in=_PARCEL, shipment__carrier_account=account, shipment__detached_at=None)
    closing = Q(kind=EntryKind.STAGE, status__in=CLOSED_STAGES)
    rows = TimelineEntry.objects.filter(of_parcels | closing, _of_orders(account, since))
    ordered = rows.order_by("order_id", "recorded_at", "id")
    return map(Line._make, ordered.values_list(*_FIELDS).iterator(chunk_size=CHUNK))


@dataclass(slots=True)
class _Parcel:
    """``standing``: events that were told and not taken back; ``now``: what it was last."""

    standing: list[Line] = field(default_factory=list)
    now: Meaning | None = None

    def take(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if line.kind == EntryKind.TRACKING:
                self.standing.append(line)
            else:
                same = [each for each in self.standing if (each.code, each.status) == (line.code, line.status)]
                if same:
                    self.standing.remove(same[-1])

    @property
    def last(self) -> Line | None:
        return max(self.standing, key=lambda line: (line.happened_at, line.id), default=None)


@dataclass(slots=True)
class _Planned:
    """What waits or was done for a task. ``at``: when; ``state``: planned, acted, caught or wrong."""

    shipment_id: int
    number: str
    task_id: int
    kind: ActionKind
    status: TrackingStatus
    at: datetime
    state: str = "planned"


class _Replay:
    """One order, from packed on."""

    def __init__(self, trial: _Trial, offer: Offer, tasks: Sequence[int], delivery_type: str) -> None:
        self.trial, self.offer = trial, offer
        self.places = {pk: pure.packed(offer, delivery_type) for pk in tasks}
        self.parcels: dict[int, _Parcel] = defaultdict(_Parcel)
        self.plans: list[_Planned] = []
        self.asked: set[tuple[int, int, TrackingStatus]] = set()

    def run(self, lines: Sequence[Line]) -> None:
        for moment, told in groupby(lines, key=attrgetter("recorded_at")):
            self._act(moment)
            by_parcel: dict[int, list[Line]] = defaultdict(list)
            for line in told:
                if line.kind == EntryKind.STAGE:
                    self._close(line)
                elif line.shipment_id and line.status:  # an unknown word moves nothing
                    by_parcel[line.shipment_id].append(line)
            for shipment_id, mine in by_parcel.items():
                self._hear(shipment_id, mine, moment)
        self._act(self.trial.now)
        self.trial.found.parcels += len(self.parcels)

    def _close(self, line: Line) -> None:
        """What our own action received is left open: the rule is to find it by itself."""
        if line.task_id in self.places and not (line.action and line.status == Stage.RECEIVED):
            self.places[line.task_id] = replace(self.places[line.task_id], stage=line.status)

    def _hear(self, shipment_id: int, lines: Sequence[Line], moment: datetime) -> None:
        """A poll: the parcel's status is its latest event that stands."""
        parcel = self.parcels[shipment_id]
        parcel.take(lines)
        last = parcel.last
        if last is None:
            return
        before, after = parcel.now, self.trial.meaning(last)
        parcel.now = after
        if before is not None and before.status == after.status:
            return
        if before is not None and classify(before, after) == Change.CORRECTION:
            self._take_back(shipment_id, before, after, moment)
        self._overtake(shipment_id, after)
        if pure.may_follow(after):
            for task_id in self.places:
                self._plan(last, task_id, after, moment, first=before is None)

    def _take_back(self, shipment_id: int, before: Meaning, after: Meaning, moment: datetime) -> None:
        for plan in self.plans:
            own = plan.shipment_id == shipment_id and plan.status == before.status
            if not own and (plan.shipment_id == shipment_id or plan.kind not in pure.IRREVERSIBLE):
                continue
            if plan.state == "planned":
                self._catch(plan)
            elif plan.state == "acted":
                plan.state = "wrong"
                self._note(plan, after, moment)

    def _note(self, plan: _Planned, after: Meaning, moment: datetime) -> None:
        line = self.parcels[plan.shipment_id].standing[0]
        if plan.at >= self.trial.since:
            self.trial.found.note(
                Wrong(
                    plan.shipment_id, plan.number, line.order_id, plan.kind, plan.status, plan.at, after.status, moment
                )
            )

    def _overtake(self, shipment_id: int, after: Meaning) -> None:
        for plan in self.plans:
            if plan.state == "planned" and plan.shipment_id == shipment_id and plan.status != after.status:
                self._catch(plan)

    def _catch(self, plan: _Planned) -> None:
        plan.state = "caught"
        self.trial.found.caught += plan.at >= self.trial.since

    def _plan(self, line: Line, task_id: int, meaning: Meaning, moment: datetime, *, first: bool) -> None:
        shipment_id = line.shipment_id or 0
        others = [each.now.status for pk, each in self.parcels.items() if pk != shipment_id and each.now]
        follow = pure.follow(meaning, self.offer, self.places[task_id], others=others)
        if follow is None or any(
            plan.state == "planned" and (plan.task_id, plan.kind) == (task_id, follow.kind) for plan in self.plans
        ):
            return
        key = (shipment_id, task_id, meaning.status)
        by_hand = follow.hand is not None or (first and follow.irreversible) or key in self._caught()
        if by_hand and moment >= self.trial.since and (key not in self.asked or key in self._caught()):
            self.trial.found.suggested += 1
        elif not by_hand and key not in self.asked:
            at = moment + (self.trial.grace if follow.irreversible else timedelta(0))
            self.plans.append(_Planned(shipment_id, line.number or "", task_id, follow.kind, meaning.status, at))
        self.asked.add(key)

    def _caught(self) -> set[tuple[int, int, TrackingStatus]]:
        return {(plan.shipment_id, plan.task_id, plan.status) for plan in self.plans if plan.state == "caught"}

    def _act(self, moment: datetime) -> None:
        """What has waited long enough is done, where the marketplace still allows it."""
        for plan in self.plans:
            if plan.state != "planned" or plan.at > moment:
                continue
            place = self.places[plan.task_id]
            plan.state = "gone"
            if pure.allows(self.offer, place, plan.kind):
                plan.state = "acted"
                self.places[plan.task_id] = pure.after(place, plan.kind, self.offer)
                self.trial.found.acted += plan.at >= self.trial.since
