"""A parcel's history in the timeline: which events of a snapshot are new, and which were taken back. Nothing is written here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from carriers import registry
from carriers.statuses import Change, Meaning, classify
from carriers.types import Event, Snapshot
from orders.enums import EntryKind
from orders.models import Shipment, TimelineEntry

from .parcels import CARRIER
from .timeline import Fact

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
    """``told``, ``gone``: how often an event was written and taken back; ``events``: the last entry of each."""

    told: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    events: dict[str, Known] = field(default_factory=dict)

    def stands(self, key: str) -> bool:
        return self.told[key] > self.gone[key]

    def has_word(self, code: str) -> bool:
        return any(event.code == code for event in self.events.values())


def of_shipments(kind: str, shipment_ids: Sequence[int]) -> Mapping[int, History]:
    """What the timeline holds of these parcels: one statement."""
    words = registry.glossary(kind)
    found: dict[int, History] = defaultdict(History)
    rows = TimelineEntry.objects.filter(
        shipment__id__among=list(shipment_ids), kind__in=(EntryKind.TRACKING, EntryKind.TRACKING_RETRACTED)
    )
    names = ("shipment_id", "kind", "code", "status", "happened_at", "data")
    for shipment_id, entry, code, status, happened_at, data in rows.order_by("pk").values_list(*names):
        key, history = data.get("key", ""), found[shipment_id]
        if not key:
            continue
        if entry == EntryKind.TRACKING_RETRACTED:
            history.gone[key] += 1
            continue
        history.told[key] += 1
        meaning = words.get(code) or words.get(code.partition("/")[0])
        clock = data.get("clock")
        history.events[key] = Known(
            key, code, _moment(data, happened_at), clock != NO_CLOCK, meaning, status, happened_at, data
        )
    return found


def _moment(data: Mapping[str, Any], happened_at: datetime) -> datetime:
    """As ``Event.moment``: a time without a zone counts as UTC among its like."""
    if data.get("clock") != LOCAL:
        return happened_at
    return datetime.fromisoformat(data["local"]).replace(tzinfo=UTC)


def facts(row: Shipment, snapshot: Snapshot, history: History) -> list[Fact]:
    """What a snapshot brings that the timeline has not. ``row`` still has the carrier's last word, and its new version."""
    fresh = [event for event in snapshot.events if _is_new(row, snapshot, event, history)]
    corrected = _corrections(snapshot, history)
    found = [_told(row, event, history, correction=event.key in corrected) for event in fresh]
    if snapshot.complete and all(event.dated for event in snapshot.events):
        present = {event.key for event in snapshot.events}
        gone = [each for key, each in history.events.items() if each.dated and history.stands(key)]
        found += [_retracted(row, each, history) for each in gone if each.key not in present]
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


def _corrections(snapshot: Snapshot, history: History) -> set[str]:
    """Keys of events that take back the one before them, in the order of their times and not of their coming."""
    known = {event.key for event in snapshot.events}
    line = [(event.moment, event.key, event.meaning) for event in snapshot.events]
    line += [
        (each.moment, key, each.meaning)
        for key, each in history.events.items()
        if key not in known and each.dated and history.stands(key)
    ]
    line.sort(key=lambda place: place[0])  # stable: the snapshot's own order of one moment stays
    before, found = None, set()
    for _at, key, meaning in line:
        if meaning is None:
            continue
        if before is not None and classify(before, meaning) == Change.CORRECTION:
            found.add(key)
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
