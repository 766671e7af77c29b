"""What carriers say of parcels, written down: events into the timeline, the snapshot into the shipment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone
from django.utils.functional import Promise

from backoffice import bulk, payloads
from carriers import services as carriers
from carriers.base import CarrierOffer
from carriers.models import CarrierAccount
from carriers.statuses import Change, Finality, Meaning, TrackingStatus, classify
from carriers.types import TEXT_LENGTH, Problem, Reply, Snapshot
from orders.enums import EntryKind
from orders.models import Shipment
from orders.reactions import Hand
from orders.services import timeline
from orders.services.reacting import divergence, reactions, receipts

from . import histories, remarks, strangers, trackasks
from .histories import History
from .parcels import Moved, known

ENDPOINT = "track"
#: A parcel that its carrier cannot tell of is asked for again after this long while it is young: it may just be new there.
YOUNG_EVERY = timedelta(hours=1)
#: What a carrier's answer changes of a shipment, with when it is asked about next.
_FIELDS = (
    "status", "finality", "needs_look", "raw_status", "raw_title", "problem", "problem_detail", "returned", "delivered_on",
    "details", "digest", "raw_id", "changed_at", "news_at", "final_at", "version", "checked_at", "next_poll_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Applied:
    """How many parcels were told of, had something new, moved, and could not be told of."""

    told: int = 0
    news: int = 0
    moved: int = 0
    problems: int = 0

    def __add__(self, other: Applied) -> Applied:
        return Applied(
            self.told + other.told, self.news + other.news, self.moved + other.moved, self.problems + other.problems
        )


@dataclass(slots=True)
class _News:
    """A shipment whose carrier said something else than last time. ``facts`` go into the timeline; ``moved``: it is elsewhere now.

    ``turn``: what the carrier took back, and what came in its place, also when it stands there again by now.
    """

    row: Shipment
    snapshot: Snapshot
    digest: str
    before: Meaning | None
    looked: bool
    change: Change | None = None
    moved: bool = False
    turn: tuple[Meaning, Meaning] | None = None
    facts: list[timeline.Fact] = field(default_factory=list)


def apply(account: CarrierAccount, replies: Sequence[Reply], now: datetime) -> Applied:
    """Store what a carrier told; ``now`` is when it was asked. Idempotent; a fixed number of statements however many.

    Without news a batch costs one read and one write. A parcel that somebody asked about later than ``now`` is left as it is:
    this answer may be older. Nothing of it is worked out from events: the status is the carrier's snapshot.
    """
    said = {reply.number: reply for reply in replies}
    offer = carriers.offer(account)
    if not said:
        return Applied()
    with transaction.atomic():
        rows = _lock(account, said, now)
        pairs = strangers.told_apart([(row, said[row.number]) for row in rows])
        bad = [(row, reply) for row, reply in pairs if isinstance(reply, Problem)]
        told = [(row, reply, reply.digest) for row, reply in pairs if isinstance(reply, Snapshot)]
        news = [
            _News(row, reply, digest, known(row), row.needs_look)
            for row, reply, digest in told
            if row.digest != digest or row.problem
        ]
        noted = _note_problems(bad, now)
        if news:
            _write(account, news, now)
        for row in rows:
            row.checked_at, row.next_poll_at = now, _next_poll(offer, row, now)
        _store([*(each.row for each in news), *noted], rows, now)
        moved = [_moved(each) for each in news if each.moved]
        doubts = [(each.row, _doubt(each)) for each in news if _doubt(each)]
        if moved or doubts:
            reactions.consider(moved, now=now, doubts=doubts)
        if news:
            parcels = [each.row for each in news]
            divergence.refresh({row.order_id for row in parcels}, now=now, parcels=parcels)
    return Applied(len(rows), len(news), len(moved), len(bad))


def _lock(account: CarrierAccount, numbers: Iterable[str], now: datetime) -> list[Shipment]:
    """Those that nobody has asked about meanwhile. Of the others the next answer will tell which one was the newer."""
    rows = Shipment.objects.select_for_update(of=("self",), no_key=True).filter(
        carrier_account=account, number__among=list(numbers), detached_at=None
    )
    locked = list(rows.order_by("pk"))
    late = [row.pk for row in locked if row.checked_at is not None and row.checked_at > now]
    if late:
        Shipment.objects.filter(pk__in=late).update(next_poll_at=timezone.now())
    return [row for row in locked if row.checked_at is None or row.checked_at <= now]


def _next_poll(offer: CarrierOffer, row: Shipment, now: datetime) -> datetime | None:
    """When it is asked about next, by its status. A final one for a while, slower, then no more."""
    if row.finality == Finality.FINAL:
        over = row.final_at is not None and row.final_at < now + offer.final_every - offer.final_for
        return None if over else now + offer.final_every
    if row.problem and row.news_at is None and row.created_at > now - trackasks.GRACE:
        return now + YOUNG_EVERY
    pause = offer.poll.get(TrackingStatus(row.status))
    return now + (max(offer.poll.values(), default=offer.final_every) if pause is None else pause)


def _store(changed: Sequence[Shipment], rows: Sequence[Shipment], now: datetime) -> None:
    """Locked rows: those that changed, and when the others are asked about next. One statement for each of the two."""
    bulk.update(changed, _FIELDS)
    written = {row.pk for row in changed}
    by_moment: dict[datetime | None, list[int]] = defaultdict(list)
    for row in rows:
        if row.pk not in written:
            by_moment[row.next_poll_at].append(row.pk)
    if by_moment:
        others = Shipment.objects.filter(pk__among=[pk for ids in by_moment.values() for pk in ids])
        others.update(checked_at=now, next_poll_at=_by_row(by_moment))


def _by_row(by_moment: Mapping[datetime | None, Sequence[int]]) -> Case | datetime | None:
    """The moment of each row. PostgreSQL takes a ``CASE`` with nothing but NULL for a text."""
    if len(by_moment) == 1:
        return next(iter(by_moment))
    return Case(*(When(pk__among=ids, then=Value(moment)) for moment, ids in by_moment.items()))


def _note_problems(pairs: Sequence[tuple[Shipment, Reply]], now: datetime) -> list[Shipment]:
    """Why nothing is told, on the shipment; raised when it was so the last time too and the grace is over.

    Returns those of which something else is told than the last time.
    """
    problems = [(row, reply) for row, reply in pairs if isinstance(reply, Problem)]
    lasting = [row for row, problem in problems if row.problem == problem.kind]
    changed = []
    for row, problem in problems:
        detail = problem.detail[:TEXT_LENGTH]
        if (row.problem, row.problem_detail) != (problem.kind, detail):
            row.problem, row.problem_detail = problem.kind, detail
            row.version += 1
            changed.append(row)
    trackasks.raise_problems(lasting, now)
    return changed


def _write(account: CarrierAccount, news: Sequence[_News], now: datetime) -> None:
    told = histories.of_shipments(account.kind, {each.row.pk: each.snapshot for each in news})
    for each in news:
        _take_over(each, told[each.row.pk], now)
    settled = [each.row for each in news if each.row.problem]
    for each, raw_id in zip(news, payloads.keep_ids([_draft(account, each) for each in news]), strict=True):
        each.row.raw_id, each.row.problem, each.row.problem_detail = raw_id, "", ""
    timeline.record([fact for each in news for fact in histories.with_raw(each.facts, each.row.raw_id)], now=now)
    trackasks.raise_news(
        account.kind,
        corrected=[(each.row, each.turn[0], each.turn[1].status) for each in news if each.turn],
        unknown=[(each.row, fact.code) for each in news for fact in each.facts if _is_unknown(fact)],
        look=[each.row for each in news if each.row.needs_look and (each.moved or not each.looked)],
        now=now,
    )
    trackasks.settle(settled, [each.row for each in news if each.looked and not each.row.needs_look])


def _take_over(each: _News, history: History, now: datetime) -> None:
    """Bring the row in line with the snapshot, and find what is new for the timeline. An unknown word moves nothing."""
    row, snapshot, meaning = each.row, each.snapshot, each.snapshot.meaning
    row.version += 1
    each.facts += histories.facts(row, snapshot, history)
    row.raw_status, row.raw_title = histories.word(snapshot.current), snapshot.current.title
    row.digest, row.returned, row.details = each.digest, snapshot.returned, remarks.details(snapshot)
    row.delivered_on = snapshot.delivered_on
    if meaning is not None:
        each.change = classify(each.before, meaning)
        if each.before is None or _place(meaning) != _place(each.before):
            row.changed_at = now
            row.final_at = now if meaning.finality == Finality.FINAL else None
            each.moved = meaning.status != TrackingStatus.UNKNOWN
        row.status, row.finality, row.needs_look = meaning.status, meaning.finality, meaning.attention
    each.turn = _turn(each, history)
    if each.moved and histories.says_else(snapshot):
        each.facts.append(histories.whole(row, snapshot, correction=each.change == Change.CORRECTION))
    if each.facts or each.moved:
        row.news_at = now


def _turn(each: _News, history: History) -> tuple[Meaning, Meaning] | None:
    """A correction of what was known; between two polls the carrier may take a word back and say it again."""
    meaning = each.snapshot.meaning
    if each.before is None:
        return None
    if each.change == Change.CORRECTION and meaning is not None:
        return each.before, meaning
    return history.turns[-1] if history.turns else None


def _doubt(each: _News) -> str | Promise:
    """Why nothing that cannot be taken back may wait on with a parcel that is where it was; empty where all is well."""
    if each.moved or each.before is None or each.before.finality != Finality.FINAL:
        return ""
    if each.snapshot.meaning is None:
        return receipts.STRANGE
    return receipts.HANDS[Hand.AGAIN] if each.turn else ""


def _place(meaning: Meaning) -> tuple[TrackingStatus, Finality]:
    return meaning.status, meaning.finality


def _is_unknown(fact: timeline.Fact) -> bool:
    return fact.kind == EntryKind.TRACKING and not fact.status


def _draft(account: CarrierAccount, each: _News) -> payloads.Draft:
    return payloads.Draft(account.kind, account.pk, ENDPOINT, each.snapshot.raw, subject=each.row.number)


def _moved(each: _News) -> Moved:
    after: Any = each.snapshot.meaning
    entries = tuple(fact.dedupe_key for fact in each.facts)
    return Moved(each.row, each.before, after, each.change or Change.FIRST, entries)
