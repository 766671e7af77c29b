"""Doing what waits: the carrier's word is looked at once more, then it goes into the outbox. Two workers act once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise

from backoffice.errors import DomainError
from carriers.statuses import Finality, TrackingStatus
from orders.enums import CLOSED_STAGES, ActionKind, ReactionMode, ReactionState, Source, Stage
from orders.models import MarketplaceAction, Reaction, Shipment
from orders.reactions import IRREVERSIBLE, Hand

from . import around, outbox, receipts
from . import parcels as tracked
from .actors import SYSTEM

CHUNK = 200
#: Another step of the task waits for its answer: so long until it is tried again.
PAUSE = timedelta(minutes=5)
#: Before what cannot be taken back the carrier is asked once more: how soon that is looked at, and for how long it is tried.
SOON = timedelta(minutes=1)
UNHEARD_AFTER = timedelta(hours=24)
#: Refusals that pass by themselves.
_PASSING = frozenset({"busy"})
#: Refusals that say that somebody was faster.
_THERE = frozenset({"already_done", "already_queued"})
#: Refusals that a person can do something about, and then click.
_FIXABLE = frozenset({"codes_missing", "code_refused"})
DELIVERED = (Stage.DELIVERING, Stage.AT_PICKUP_POINT)


class Verdict(NamedTuple):
    """What becomes of one that waits: where to, or the wish to be asked."""

    to: ReactionState | None
    note: str | Promise = ""
    wish: outbox.Wish | None = None
    ask_first: bool = False


def act_due(now: datetime | None = None) -> int:
    """Do what has waited long enough, put away what is over; returns how many were done. Guarded by state: safe to run twice."""
    moment = now or timezone.now()
    waiting = Reaction.objects.filter(state=ReactionState.WAITING, due_at__lte=moment).order_by("due_at", "pk")
    ids = list(waiting.values_list("pk", flat=True))
    done = 0
    for start in range(0, len(ids), CHUNK):
        done += act(ids[start : start + CHUNK], now=moment)
    retire(moment)
    return done


def act(ids: Collection[int], *, now: datetime) -> int:
    """Do those of these that still wait; returns how many. A fixed number of statements a kind of wish."""
    with transaction.atomic():
        done, unheard = _act(ids, now)
    # After it: who stores a carrier's answer has locked parcels, and then wants reactions. Done twice it harms nobody.
    if unheard:
        Shipment.objects.filter(pk__in=unheard).update(next_poll_at=now)
    return done


def _act(ids: Collection[int], now: datetime) -> tuple[int, list[int]]:
    """How many were done, and parcels whose carrier has to be asked once more."""
    rows = Reaction.objects.filter(pk__in=list(ids), state=ReactionState.WAITING).order_by("pk")
    mine = list(rows.select_for_update(of=("self",), no_key=True).select_related("shipment", "task"))
    if not mine:
        return 0, []
    here = around.look([row.shipment for row in mine], now=now)
    verdicts = {row.pk: _judge(row, here) for row in mine}
    _settle(mine, verdicts, now)
    unheard = [row for row in mine if verdicts[row.pk].ask_first]
    _put_off(unheard, now + SOON)
    return _ask(mine, verdicts, now), [row.shipment_id for row in unheard]


def _judge(row: Reaction, here: around.Around) -> Verdict:
    """Whether the rule still may, and whether what it rests on still stands."""
    rule = here.rules.get(row.shipment.carrier_account_id)
    if rule is None or rule.mode != ReactionMode.AUTOMATIC or rule.killed:
        note = receipts.KILLED if rule is not None and rule.killed else receipts.NOT_AUTOMATIC
        return Verdict(ReactionState.SUGGESTED, note)
    verdict = _stands(row, here)
    if verdict.wish is None or _is_heard(row):
        return verdict
    if row.created_at + UNHEARD_AFTER + _grace(row) < here.now:
        return Verdict(ReactionState.SUGGESTED, receipts.UNHEARD)
    return Verdict(None, ask_first=True)


def _grace(row: Reaction) -> timedelta:
    return timedelta(minutes=int(row.inputs.get("grace_minutes") or 0))


def _is_heard(row: Reaction) -> bool:
    """Whether the carrier has told of the parcel since the grace ended: silence is no confirmation."""
    if row.kind not in IRREVERSIBLE or not _grace(row):
        return True
    checked = row.shipment.checked_at
    return checked is not None and checked >= row.created_at + _grace(row)


def _put_off(rows: Sequence[Reaction], until: datetime) -> None:
    if rows:
        Reaction.objects.filter(pk__in=[row.pk for row in rows]).update(due_at=until)


def shaken(row: Reaction, now: datetime) -> str | Promise:
    """Why what a suggestion rests on does not stand any more; empty while it does. Two statements and those of ``look``."""
    shipment = Shipment.objects.get(pk=row.shipment_id)
    if shipment.detached_at is not None:
        return receipts.DETACHED
    meaning = tracked.known(shipment)
    if meaning is None or meaning.status != row.status:
        return receipts.MOVED
    if row.kind == ActionKind.RECEIVE:
        others = Shipment.objects.filter(order_id=shipment.order_id, detached_at=None).exclude(pk=shipment.pk)
        if others.exclude(status=TrackingStatus.DELIVERED).exists():
            return receipts.HANDS[Hand.PARCELS]
    return ""


def _stands(row: Reaction, here: around.Around) -> Verdict:
    meaning = tracked.known(row.shipment)
    if row.shipment.detached_at is not None:
        return Verdict(ReactionState.OVERTAKEN, receipts.DETACHED)
    if meaning is None or meaning.status != row.status or meaning.finality == Finality.PROVISIONAL:
        return Verdict(ReactionState.OVERTAKEN, receipts.MOVED)
    follow = here.follow(row.shipment, row.task, meaning, row.date)
    if follow is None or follow.kind != row.kind:
        return Verdict(ReactionState.OVERTAKEN, receipts.NO_LONGER)
    if follow.hand is not None:
        return Verdict(ReactionState.SUGGESTED, receipts.HANDS[follow.hand])
    return Verdict(None, wish=wish_of(row, today=timezone.localdate(here.now)))


def wish_of(row: Reaction, *, today: date, code: str = "") -> outbox.Wish:
    """What is asked of the marketplace; a delivery of today needs no date and travels with the others."""
    told = row.date.isoformat() if row.date and row.date != today else ""
    return outbox.Wish(ActionKind(row.kind), code=code, reason=row.reason, date=told)


def _settle(rows: Sequence[Reaction], verdicts: Mapping[int, Verdict], now: datetime) -> None:
    groups: dict[tuple[ReactionState, str], list[Reaction]] = defaultdict(list)
    for row in rows:
        verdict = verdicts[row.pk]
        if verdict.to is not None:
            groups[verdict.to, str(verdict.note)].append(row)
    for (state, note), mine in groups.items():
        receipts.move(mine, state, actor=SYSTEM, now=now, note=note)


def _ask(rows: Sequence[Reaction], verdicts: Mapping[int, Verdict], now: datetime) -> int:
    """Ask the marketplaces, alike wishes together."""
    groups: dict[tuple[str, str, str], tuple[outbox.Wish, list[Reaction]]] = {}
    for row in rows:
        wish = verdicts[row.pk].wish
        if wish is not None:
            groups.setdefault((wish.kind, wish.reason, wish.date), (wish, []))[1].append(row)
    done = 0
    for wish, mine in groups.values():
        outcomes = outbox.request_many([row.task_id for row in mine], wish, actor=SYSTEM)
        done += _told(mine, outcomes, now)
    return done


def _told(rows: Sequence[Reaction], outcomes: Mapping[int, outbox.Outcome], now: datetime) -> int:
    acted: list[Reaction] = []
    overtaken: list[Reaction] = []
    later: list[Reaction] = []
    refused: dict[tuple[ReactionState, str], list[Reaction]] = defaultdict(list)
    for row in rows:
        outcome = outcomes[row.task_id]
        if isinstance(outcome, MarketplaceAction):
            row.action = outcome
            # A person was faster: his is under way, and one is enough.
            (acted if outcome.source == Source.SYSTEM else overtaken).append(row)
        elif outcome.code in _PASSING:
            later.append(row)
        elif outcome.code in _THERE:
            overtaken.append(row)
        else:
            refused[_after(outcome), str(outcome.message)].append(row)
    receipts.move(acted, ReactionState.ACTED, actor=SYSTEM, now=now)
    receipts.move(overtaken, ReactionState.OVERTAKEN, actor=SYSTEM, now=now, note=receipts.NO_LONGER)
    Reaction.objects.bulk_update(acted + overtaken, ["action"])
    for (state, note), mine in refused.items():
        receipts.move(mine, state, actor=SYSTEM, now=now, note=note)
    _put_off(later, now + PAUSE)
    return len(acted)


def _after(error: DomainError) -> ReactionState:
    return ReactionState.SUGGESTED if error.code in _FIXABLE else ReactionState.REFUSED


def retire(now: datetime) -> int:
    """Put away suggestions whose task is there already or whose parcel is gone. Idempotent; returns how many."""
    gone = Q(shipment__detached_at__isnull=False)
    there = (
        Q(task__stage__in=CLOSED_STAGES)
        | Q(kind=ActionKind.DELIVER, task__stage__in=DELIVERED)
        | Q(kind=ActionKind.ARRIVE, task__stage=Stage.AT_PICKUP_POINT)
    )
    with transaction.atomic():
        rows = Reaction.objects.filter(gone | there, state=ReactionState.SUGGESTED).order_by("pk")
        over = list(rows.select_for_update(of=("self",), no_key=True).select_related("shipment")[:CHUNK])
        for note, mine in (
            (receipts.DETACHED, [row for row in over if row.shipment.detached_at]),
            (receipts.NO_LONGER, [row for row in over if not row.shipment.detached_at]),
        ):
            receipts.move(mine, ReactionState.OVERTAKEN, actor=SYSTEM, now=now, note=note)
    return len(over)
