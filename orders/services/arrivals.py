"""What carriers say of parcels, written down: events into the timeline, the snapshot into the shipment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, Q, Value, When
from django.utils import timezone

from backoffice import payloads
from carriers import services as carriers
from carriers.base import CarrierOffer
from carriers.models import CarrierAccount
from carriers.statuses import Change, Finality, Meaning, TrackingStatus, classify
from carriers.types import TEXT_LENGTH, Problem, Reply, Snapshot
from orders.enums import EntryKind
from orders.models import Shipment, TimelineEntry

from . import divergence, histories, reactions, timeline, trackasks
from .histories import History
from .parcels import Moved, known

ENDPOINT = "track"
#: A parcel that its carrier cannot tell of is asked for again after this long while it is young: it may just be new there.
YOUNG_EVERY = timedelta(hours=1)
_FIELDS = (
    "status", "finality", "needs_look", "raw_status", "raw_title", "problem", "problem_detail", "returned", "delivered_on",
    "details", "digest", "raw", "changed_at", "news_at", "final_at", "version",
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
    """A shipment whose carrier said something else than last time. ``facts`` go into the timeline."""

    row: Shipment
    snapshot: Snapshot
    before: Meaning | None
    looked: bool
    change: Change | None = None
    facts: list[timeline.Fact] = field(default_factory=list)

    @property
    def moved(self) -> bool:
        now, old = known(self.row), self.before
        return self.change is not None and now is not None and (old is None or _place(now) != _place(old))


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
        locked = _lock(account, said)
        rows = [row for row in locked if row.checked_at is None or row.checked_at <= now]
        if len(rows) < len(
            locked
        ):  # asked about meanwhile: which of the two answers is the newer one, the next will tell
            asked = {row.pk for row in rows}
            left = [row.pk for row in locked if row.pk not in asked]
            Shipment.objects.filter(pk__in=left).update(next_poll_at=timezone.now())
        pairs = [(row, said[row.number]) for row in rows]
        bad = [(row, reply) for row, reply in pairs if isinstance(reply, Problem)]
        news = [
            _News(row, reply, known(row), row.needs_look)
            for row, reply in pairs
            if isinstance(reply, Snapshot) and (row.digest != reply.digest or row.problem)
        ]
        _note_problems(bad, now)
        moved = _write(account, news, now) if news else []
        _plan_next(offer, rows, now)
        if moved:
            reactions.consider(moved, now=now)
        if news:
            divergence.refresh({each.row.order_id for each in news}, now=now)
    return Applied(len(rows), len(news), len(moved), len(bad))


def _lock(account: CarrierAccount, numbers: Iterable[str]) -> list[Shipment]:
    rows = Shipment.objects.select_for_update(of=("self",), no_key=True).filter(
        carrier_account=account, number__among=list(numbers), detached_at=None
    )
    return list(rows.order_by("pk"))


def _plan_next(offer: CarrierOffer, rows: Sequence[Shipment], now: datetime) -> None:
    """When each is asked about next, by its status: one statement. A final one for a while, slower, then no more."""
    over = now + offer.final_every - offer.final_for
    by_pause: dict[timedelta, list[TrackingStatus]] = defaultdict(list)
    for status, pause in offer.poll.items():
        by_pause[pause].append(status)
    young = ~Q(problem="") & Q(created_at__gt=now - trackasks.GRACE) & Q(news_at=None)
    Shipment.objects.filter(pk__in=[row.pk for row in rows]).update(
        checked_at=now,
        next_poll_at=Case(
            When(finality=Finality.FINAL, final_at__lt=over, then=Value(None)),
            When(finality=Finality.FINAL, then=Value(now + offer.final_every)),
            When(young, then=Value(now + YOUNG_EVERY)),
            *(When(status__in=statuses, then=Value(now + pause)) for pause, statuses in by_pause.items()),
            default=Value(now + max(offer.poll.values(), default=offer.final_every)),
        ),
    )


def _note_problems(pairs: Sequence[tuple[Shipment, Reply]], now: datetime) -> None:
    """Why nothing is told, on the shipment; raised when it was so the last time too and the grace is over."""
    problems = [(row, reply) for row, reply in pairs if isinstance(reply, Problem)]
    lasting = [row for row, problem in problems if row.problem == problem.kind]
    changed = []
    for row, problem in problems:
        detail = problem.detail[:TEXT_LENGTH]
        if (row.problem, row.problem_detail) != (problem.kind, detail):
            row.problem, row.problem_detail = problem.kind, detail
            row.version += 1
            changed.append(row)
    _store(changed, ("problem", "problem_detail", "version"))
    trackasks.raise_problems(lasting, now)


def _write(account: CarrierAccount, news: Sequence[_News], now: datetime) -> list[Moved]:
    told = histories.of_shipments(account.kind, [each.row.pk for each in news])
    for each in news:
        _take_over(each, told[each.row.pk], now)
    settled = [each.row for each in news if each.row.problem]
    for each, raw in zip(news, payloads.keep_many([_draft(account, each) for each in news]), strict=True):
        each.row.raw, each.row.problem, each.row.problem_detail = raw, "", ""
    timeline.record([fact for each in news for fact in each.facts], now=now)
    ids = _entry_ids(news)
    _store([each.row for each in news], _FIELDS)
    trackasks.raise_news(
        account.kind,
        corrected=[(each.row, each.before) for each in news if each.change == Change.CORRECTION and each.before],
        unknown=[(each.row, fact.code) for each in news for fact in each.facts if _is_unknown(fact)],
        look=[each.row for each in news if each.row.needs_look and (each.moved or not each.looked)],
        now=now,
    )
    trackasks.settle(settled, [each.row for each in news if each.looked and not each.row.needs_look])
    return [_moved(each, ids.get(each.row.pk, ())) for each in news if each.moved]


def _take_over(each: _News, history: History, now: datetime) -> None:
    """Bring the row in line with the snapshot, and find what is new for the timeline. An unknown word moves nothing."""
    row, snapshot, meaning = each.row, each.snapshot, each.snapshot.meaning
    row.version += 1
    each.facts += histories.facts(row, snapshot, history)
    row.raw_status, row.raw_title = histories.word(snapshot.current), snapshot.current.title
    row.digest, row.returned, row.details = snapshot.digest, snapshot.returned, dict(snapshot.details)
    row.delivered_on = snapshot.delivered_on
    if meaning is not None:
        each.change = classify(each.before, meaning)
        if each.before is None or _place(meaning) != _place(each.before):
            row.changed_at = now
            row.final_at = now if meaning.finality == Finality.FINAL else None
        row.status, row.finality, row.needs_look = meaning.status, meaning.finality, meaning.attention
    if each.moved and histories.says_else(snapshot):
        each.facts.append(histories.whole(row, snapshot, correction=each.change == Change.CORRECTION))
    if each.facts or each.moved:
        row.news_at = now


def _place(meaning: Meaning) -> tuple[TrackingStatus, Finality]:
    return meaning.status, meaning.finality


def _is_unknown(fact: timeline.Fact) -> bool:
    return fact.kind == EntryKind.TRACKING and not fact.status


def _draft(account: CarrierAccount, each: _News) -> payloads.Draft:
    return payloads.Draft(account.kind, account.pk, ENDPOINT, each.snapshot.raw, subject=each.row.number)


def _entry_ids(news: Sequence[_News]) -> Mapping[int, tuple[int, ...]]:
    """Ids of the entries written, by shipment: one statement."""
    keys = [fact.dedupe_key for each in news for fact in each.facts]
    found: dict[int, tuple[int, ...]] = {}
    rows = TimelineEntry.objects.filter(dedupe_key__among=keys).order_by("pk").values_list("shipment_id", "pk")
    for shipment_id, pk in rows if keys else ():
        found[shipment_id or 0] = (*found.get(shipment_id or 0, ()), pk)
    return found


def _store(rows: Sequence[Shipment], names: Sequence[str]) -> None:
    """Locked rows, written in one statement: an upsert is many times faster than a ``CASE`` for each column."""
    if not rows:
        return
    born = [row.created_at for row in rows]
    Shipment.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=names)
    for row, moment in zip(rows, born, strict=True):
        row.created_at = moment  # nothing was created


def _moved(each: _News, entries: tuple[int, ...]) -> Moved:
    after: Any = each.snapshot.meaning
    return Moved(each.row, each.before, after, each.change or Change.FIRST, entries)
