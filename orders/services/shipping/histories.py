"""A parcel's history in the timeline: which events of a snapshot are new, and which were taken back. Nothing is written here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from carriers import registry
from carriers.statuses import Change, Meaning, classify
from carriers.types import Event, Snapshot
from orders.enums import EntryKind
from orders.models import Shipment, TimelineEntry
from orders.services.timeline import Fact

from .parcels import CARRIER, known

#: How an event's time was told, in ``data["clock"]``; left out for a time with its zone.
LOCAL, NO_CLOCK = "local", "none"


@dataclass(frozen=True, slots=True)
class Known:
    """An event that stands in the timeline."""

    key: str
    code: str
    moment: datetime
    dated: bool
    meaning: Meaning | None
    status: str
    happened_at: datetime
    data: Mapping[str, Any]


@dataclass(slots=True)
class History:
    """``told``, ``gone``: how often an event was written and taken back; ``words``: the last word of each.

    ``events``: the last entry of each, read only where something stands that the carrier does not tell now. ``turns``: of new
    entries with a time, what was taken back and what came in its place.
    """

    told: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    words: dict[str, str] = field(default_factory=dict)
    events: list[Known] = field(default_factory=list)
    turns: list[tuple[Meaning, Meaning]] = field(default_factory=list)

    def stands(self, key: str) -> bool:
        return self.told[key] > self.gone[key]

    def has_word(self, code: str) -> bool:
        return code in self.words.values()

    def knows_more(self, snapshot: Snapshot) -> bool:
        """Whether an event stands that is not told any more, or not yet again."""
        present = {event.key for event in snapshot.events}
        return any(key not in present and self.stands(key) for key in self.told)


def of_shipments(kind: str, told: Mapping[int, Snapshot]) -> Mapping[int, History]:
    """What the timeline holds of parcels that are told of now, by their ids. Two statements, one where nothing else stands."""
    found: dict[int, History] = defaultdict(History)
    keys = {pk: Keys(snapshot) for pk, snapshot in told.items()}
    names = ("shipment_id", "kind", "code", "happened_at", KeyTextTransform("key", "data"))
    for shipment_id, entry, code, happened_at, stored in _entries(told).values_list(*names):
        if not stored or not shipment_id:
            continue
        history, key = found[shipment_id], keys[shipment_id].of(entry, code, happened_at, stored)
        if entry == EntryKind.TRACKING_RETRACTED:
            history.gone[key] += 1
        else:
            history.told[key] += 1
            history.words[key] = code
    more = [pk for pk, history in found.items() if history.knows_more(told[pk])]
    for pk, events in _events(kind, more, keys).items() if more else ():
        found[pk].events += events.values()
    return found


class Keys:
    """The present keys of a parcel's entries: an event that its word and moment make has had other keys before.

    Entries come in the order they were written: what is taken back was told first.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        events = [event for event in snapshot.events if event.told_by_moment]
        self._now = {(word(event), event.happened_at): event.key for event in events}
        self._by_stored: dict[str, str] = {}

    def of(self, entry: str, code: str, happened_at: datetime, stored: str) -> str:
        if entry == EntryKind.TRACKING and self._now:
            self._by_stored[stored] = self._now.get((code, happened_at), stored)
        return self._by_stored.get(stored, stored)


def _entries(shipment_ids: Collection[int]) -> QuerySet[TimelineEntry]:
    rows = TimelineEntry.objects.filter(
        shipment__id__among=list(shipment_ids), kind__in=(EntryKind.TRACKING, EntryKind.TRACKING_RETRACTED)
    )
    return rows.order_by("pk")


def _events(kind: str, shipment_ids: Collection[int], keys: Mapping[int, Keys]) -> Mapping[int, Mapping[str, Known]]:
    """The last entry of each event, in full."""
    words = registry.glossary(kind)
    found: dict[int, dict[str, Known]] = defaultdict(dict)
    rows = _entries(shipment_ids).filter(kind=EntryKind.TRACKING)
    for pk, code, status, happened_at, data in rows.values_list("shipment_id", "code", "status", "happened_at", "data"):
        stored = data.get("key", "")
        if stored and pk:
            key = keys[pk].of(EntryKind.TRACKING, code, happened_at, stored)
            meaning = words.get(code) or words.get(code.partition("/")[0])
            dated, moment = data.get("clock") != NO_CLOCK, _moment(data, happened_at)
            found[pk][key] = Known(key, code, moment, dated, meaning, status, happened_at, data)
    return found


def _moment(data: Mapping[str, Any], happened_at: datetime) -> datetime:
    """As ``Event.moment``: a time without a zone counts as UTC among its like."""
    if data.get("clock") != LOCAL:
        return happened_at
    return datetime.fromisoformat(data["local"]).replace(tzinfo=UTC)


def facts(row: Shipment, snapshot: Snapshot, history: History) -> list[Fact]:
    """What a snapshot brings that the timeline has not. ``row`` still has the carrier's last word, and its new version."""
    fresh = [event for event in snapshot.events if _is_new(row, snapshot, event, history)]
    present = {event.key for event in snapshot.events}
    left = [each for each in history.events if each.dated and each.key not in present and history.stands(each.key)]
    corrected = _corrections(snapshot, left) if fresh else {}
    history.turns += [corrected[event.key] for event in fresh if event.dated and event.key in corrected]
    found = [
        _told(row, event, history, correction=event.key in corrected or _takes_back(row, snapshot, event))
        for event in fresh
    ]
    if snapshot.complete and all(event.dated for event in snapshot.events):
        found += [_retracted(row, each, history) for each in left]
    return found


def word(event: Event) -> str:
    """The carrier's raw word, with its subword behind a slash."""
    return (f"{event.code}/{event.subcode}" if event.subcode else event.code)[:80]


def _is_new(row: Shipment, snapshot: Snapshot, event: Event, history: History) -> bool:
    """A word without any time is told each time: it is new when it has changed, or when nothing like it is known."""
    if event.dated:
        return not history.stands(event.key)
    if event.key == snapshot.current.key and word(event) != row.raw_status:
        return True
    return not history.has_word(word(event))


def _takes_back(row: Shipment, snapshot: Snapshot, event: Event) -> bool:
    """A present word without a time stands in no line of times: it takes back what the parcel was by the last answer."""
    if event.dated or event.key != snapshot.current.key or event.meaning is None:
        return False
    return classify(known(row), event.meaning) == Change.CORRECTION


def _corrections(snapshot: Snapshot, left: Sequence[Known]) -> dict[str, tuple[Meaning, Meaning]]:
    """Events that take back the one before them, in the order of their times and not of their coming; by their keys, both.

    ``left``: events that stand and are not told now.
    """
    line = [(event.moment, event.key, event.meaning) for event in snapshot.events]
    line += [(each.moment, each.key, each.meaning) for each in left]
    line.sort(key=itemgetter(0))  # stable: the snapshot's own order of one moment stays
    before, found = None, {}
    for _at, key, meaning in line:
        if meaning is None:
            continue
        if before is not None and classify(before, meaning) == Change.CORRECTION:
            found[key] = before, meaning
        before = meaning
    return found


def _told(row: Shipment, event: Event, history: History, *, correction: bool) -> Fact:
    key = event.key if event.dated else f"{event.key}:{row.version}"
    again = history.told[event.key]
    return Fact(
        row.order_id,
        EntryKind.TRACKING,
        CARRIER,
        f"{key}:{again}" if again else key,
        shipment_id=row.pk,
        code=word(event),
        status=event.meaning.status if event.meaning else "",
        data=_data(event),
        happened_at=_happened(event),
        correction=correction,
    )


def _happened(event: Event) -> datetime | None:
    if event.happened_at is not None or event.local_time is None:
        return event.happened_at
    return timezone.make_aware(event.local_time)


def _data(event: Event) -> dict[str, str]:
    """The carrier's ``message`` is free text and may name people: it stays in the raw answer."""
    clock = "" if event.happened_at else (LOCAL if event.local_time else NO_CLOCK)
    local, offset = _clock(event)
    found = {
        "key": event.key, "title": event.title, "local": local, "offset": offset, "place": event.place, "clock": clock,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def _clock(event: Event) -> tuple[str, str]:
    """The time on the clock there, and its offset where the carrier names one."""
    if event.local_time is not None:
        return event.local_time.isoformat(), ""
    if event.happened_at is None:
        return "", ""
    return event.happened_at.replace(tzinfo=None).isoformat(), event.happened_at.isoformat()[-6:]


def _retracted(row: Shipment, each: Known, history: History) -> Fact:
    return Fact(
        row.order_id,
        EntryKind.TRACKING_RETRACTED,
        CARRIER,
        f"{each.key}:{history.gone[each.key]}",
        shipment_id=row.pk,
        code=each.code,
        status=each.status,
        data={**{name: value for name, value in each.data.items() if name != "clock"}, "said_at": each.happened_at.isoformat()},
        correction=True,
    )  # fmt: skip


def with_raw(facts_: Sequence[Fact], raw_id: int | None) -> list[Fact]:
    """With the id of the answer they came with: later answers take the place of it on the parcel."""
    return [replace(fact, data={**fact.data, "raw": raw_id}) for fact in facts_]


def says_else(snapshot: Snapshot) -> bool:
    """Whether the snapshot as a whole says something else than its present word: a return is a flag at some carriers."""
    own, whole_ = snapshot.current.meaning, snapshot.meaning
    return own is None or whole_ is None or own.status != whole_.status


def whole(row: Shipment, snapshot: Snapshot, *, correction: bool) -> Fact:
    """The entry of a move that no event tells."""
    return Fact(
        row.order_id,
        EntryKind.TRACKING,
        CARRIER,
        f"{snapshot.current.key}:{row.status}:{row.version}",
        shipment_id=row.pk,
        code=word(snapshot.current),
        status=row.status,
        data={"title": snapshot.current.title},
        correction=correction,
    )
