"""Doing what waits: the carrier's word is looked at once more, then it goes into the outbox. Two workers act once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from backoffice.errors import DomainError
from carriers import registry
from carriers.models import CarrierAccount
from carriers.statuses import Finality, Meaning, TrackingStatus
from carriers.types import ProblemKind
from orders.enums import CLOSED_STAGES, ActionKind, AttentionKind, ReactionMode, ReactionState, Source, Stage
from orders.models import Attention, MarketplaceAction, Reaction, Shipment, TimelineEntry
from orders.reactions import IRREVERSIBLE, Hand, still_stands
from orders.services.actors import SYSTEM
from orders.services.sending import outbox
from orders.services.shipping import parcels as tracked

from . import around, receipts

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
#: The carrier answers, and it is no confirmation. An answer that cannot be read is asked for again.
_NOT_THERE = frozenset({ProblemKind.NOT_FOUND, ProblemKind.AMBIGUOUS})
DELIVERED = (Stage.DELIVERING, Stage.AT_PICKUP_POINT)


class Verdict(NamedTuple):
    """What becomes of one that waits: where to, or the wish to be asked."""

    to: ReactionState | None
    note: str | Promise = ""
    wish: outbox.Wish | None = None
    ask_first: bool = False


def act_due(now: datetime | None = None, *, account: CarrierAccount | None = None) -> int:
    """Do what has waited long enough, put away what is over; returns how many were done. Guarded by state: safe to run twice.

    ``account``: only what its parcels brought about.
    """
    moment = now or timezone.now()
    ids = list(_due(moment, account).order_by("due_at", "pk").values_list("pk", flat=True))
    done = 0
    for start in range(0, len(ids), CHUNK):
        done += act(ids[start : start + CHUNK], now=moment)
    retire(moment)
    return done


def _due(now: datetime, account: CarrierAccount | None) -> QuerySet[Reaction]:
    rows = Reaction.objects.filter(state=ReactionState.WAITING, due_at__lte=now)
    return rows.filter(shipment__carrier_account=account) if account else rows


def ask_ahead(account: CarrierAccount, now: datetime) -> int:
    """Have the parcels asked about whose word is to be acted on now, so that one pass asks and acts. Idempotent; how many."""
    due = _due(now, account).filter(kind__in=IRREVERSIBLE).values("shipment")
    return Shipment.objects.filter(pk__in=due, detached_at=None).update(next_poll_at=now)


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
    turned = turned_orders({row.shipment.order_id for row in mine if row.kind in IRREVERSIBLE})
    verdicts = {row.pk: _judge(row, here, turned) for row in mine}
    _settle(mine, verdicts, now)
    unheard = [row for row in mine if verdicts[row.pk].ask_first]
    _put_off(unheard, now + SOON)
    return _ask(mine, verdicts, now), [row.shipment_id for row in unheard]


def turned_orders(order_ids: Collection[int]) -> frozenset[int]:
    """Orders a carrier has ever corrected itself about: one statement, none where none is asked about.

    It counts for ever: COMPLETE after a cancellation that was taken back days ago is not beyond doubt. An event says so, or the
    question that was raised: of events of one moment nobody knows which of them took back the other.
    """
    if not order_ids:
        return frozenset()
    of_parcels = Q(order__id__among=sorted(order_ids), shipment__isnull=False, shipment__detached_at=None)
    told = TimelineEntry.objects.filter(of_parcels, correction=True).order_by().values_list("order_id", flat=True)
    asked = Attention.objects.filter(of_parcels, kind=AttentionKind.TRACKING_CORRECTION).order_by()
    return frozenset(told.union(asked.values_list("order_id", flat=True)))


def _judge(row: Reaction, here: around.Around, turned: Collection[int]) -> Verdict:
    """Whether the rule still may, whether what it rests on still stands, and whether the carrier still says so."""
    rule = here.rules.get(row.shipment.carrier_account_id)
    if rule is None or rule.mode != ReactionMode.AUTOMATIC or rule.killed:
        note = receipts.KILLED if rule is not None and rule.killed else receipts.NOT_AUTOMATIC
        return Verdict(ReactionState.SUGGESTED, note)
    verdict = _stands(row, here)
    if verdict.wish is None or row.kind not in IRREVERSIBLE:
        return verdict
    if doubt := _doubt(row, rule.carrier_account.kind, turned):
        return Verdict(ReactionState.SUGGESTED, doubt)
    if _has_spoken(row) and not row.shipment.problem:
        return verdict
    if row.created_at + UNHEARD_AFTER + _grace(row) < here.now:
        return Verdict(ReactionState.SUGGESTED, receipts.UNHEARD)
    return Verdict(None, ask_first=True)


def _grace(row: Reaction) -> timedelta:
    return timedelta(minutes=int(row.inputs.get("grace_minutes") or 0))


def _doubt(row: Reaction, carrier: str, turned: Collection[int]) -> str | Promise:
    """Why a person has to decide about what cannot be taken back; empty where the carrier's word stands."""
    if row.shipment.order_id in turned:
        return receipts.HANDS[Hand.TURNED]
    if not _is_understood(row.shipment, carrier):
        return receipts.STRANGE
    return receipts.UNTOLD if _has_spoken(row) and row.shipment.problem in _NOT_THERE else ""


def _is_understood(shipment: Shipment, carrier: str) -> bool:
    """Whether the carrier's present word is in its table: an unknown one moves nothing, and confirms nothing."""
    code, _slash, subcode = shipment.raw_status.partition("/")
    return not code or registry.meaning(carrier, code, subcode) is not None


def _has_spoken(row: Reaction) -> bool:
    """Whether the carrier was asked of the parcel since the grace ended: silence is no confirmation."""
    if not _grace(row):
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
    if meaning is None or not still_stands(row.kind, row.status, meaning):
        return receipts.MOVED
    if row.kind == ActionKind.RECEIVE:
        others = Shipment.objects.filter(order_id=shipment.order_id, detached_at=None).exclude(pk=shipment.pk)
        if others.exclude(status=TrackingStatus.DELIVERED).exists():
            return receipts.HANDS[Hand.PARCELS]
    return ""


def _stands(row: Reaction, here: around.Around) -> Verdict:
    meaning = _rests_on(row)
    if row.shipment.detached_at is not None:
        return Verdict(ReactionState.OVERTAKEN, receipts.DETACHED)
    if meaning is None:
        return Verdict(ReactionState.OVERTAKEN, receipts.MOVED)
    follow = here.follow(row.shipment, row.task, meaning, row.date)
    if follow is None or follow.kind != row.kind:
        return Verdict(ReactionState.OVERTAKEN, receipts.NO_LONGER)
    if follow.hand is not None:
        return Verdict(ReactionState.SUGGESTED, receipts.HANDS[follow.hand])
    return Verdict(None, wish=wish_of(row, today=timezone.localdate(here.now)))


def _rests_on(row: Reaction) -> Meaning | None:
    """The carrier's word that still stands: its present one, or the one before that it has only gone on from."""
    meaning = tracked.known(row.shipment)
    if meaning is None or not still_stands(row.kind, row.status, meaning):
        return None
    if meaning.status != row.status:
        return Meaning(TrackingStatus(row.status), Finality.FINAL)
    return None if meaning.finality == Finality.PROVISIONAL else meaning


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
