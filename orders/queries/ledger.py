"""One code, one life: on which orders of which marketplaces it was, how it left them, and where it was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import QuerySet
from django.utils import timezone

from orders import codes as reading
from orders.enums import LIVE_CODE_STATES, CodeState, EntryKind, ScanOutcome, Stage
from orders.models import MarkingCode, Scan, TimelineEntry
from orders.services import timeline
from orders.services.actors import SYSTEM
from orders.services.warehouse import articles, training

#: Of each; a code that has been on more orders has a story for its maker.
SHOWN = 50
#: Refused scans are looked for by a part of their text, so not in all that ever was.
REFUSED_WITHIN = timedelta(days=90)
#: Shorter than the serial number of any code.
_LEAST = 6


class Way(StrEnum):
    """How a code left an order."""

    TAKEN_OFF = "taken_off"
    SWAPPED = "swapped"
    CAME_BACK = "came_back"  # a person held the unit of an order that was over
    GOODS_BACK = "goods_back"  # the order was cancelled, rejected or returned
    TAKEN_OUT = "taken_out"  # the unit was taken out of the order


@dataclass(frozen=True, slots=True)
class Stay:
    """A code on an order. ``left`` is empty while it is there; ``entry`` tells who took it off, where a person did."""

    code: MarkingCode
    left: Way | None = None
    entry: TimelineEntry | None = None

    @property
    def left_at(self) -> datetime | None:
        if self.left is None:
            return None
        closed = self.code.task.closed_at if self.left == Way.GOODS_BACK else None
        return closed or (self.entry.happened_at if self.entry else self.code.changed_at)


@dataclass(frozen=True, slots=True)
class Life:
    """``stays`` and ``refused`` are newest first; ``owners``: articles with their names that its GTIN stands for."""

    kinds: tuple[str, ...]
    stays: Sequence[Stay] = ()
    refused: Sequence[Scan] = ()
    owners: Sequence[tuple[str, str]] = ()

    @property
    def now(self) -> Stay | None:
        """Where it is."""
        return next((stay for stay in self.stays if stay.left is None), None)


def life(understood: reading.Reading, *, exercises: bool | None = None) -> Life:
    """Everything known of the code that was read; four statements at most. ``exercises``: as ``training.visible``."""
    kinds = tuple(kind for kind in understood.kinds if kind in reading.UNIT_KINDS)
    owners = articles.owners(understood.gtin or understood.value) if understood.value else []
    if not kinds or understood.errors:
        return Life((), owners=owners)
    identities = {reading.identity(understood.value, kind) for kind in kinds}
    rows = MarkingCode.objects.filter(identity__in=identities, kind__in=kinds)
    stays = _stays(training.visible(rows, exercises))
    return Life(kinds, stays, _refused(understood, kinds, exercises), owners)


def _stays(rows: QuerySet[MarkingCode]) -> list[Stay]:
    found = list(rows.select_related("task__account", "item", "created_by").order_by("-pk")[:SHOWN])
    gone = [code for code in found if code.state not in LIVE_CODE_STATES]
    told = _entries(gone) if gone else {}
    return [_stay(code, told.get(code.pk)) for code in found]


def _entries(codes: Sequence[MarkingCode]) -> Mapping[int, TimelineEntry]:
    """What the timelines tell of codes being taken off, by code: one statement."""
    kinds = (EntryKind.CODE_REMOVED, EntryKind.CODE_SWAPPED)
    keys = {_removal_key(code): code.pk for code in codes}
    rows = TimelineEntry.objects.filter(order_id__in={code.task.order_id for code in codes}, kind__in=kinds)
    found = {}
    for entry in rows.select_related("actor").order_by("pk"):
        for pk in [keys.get(entry.dedupe_key), *(entry.data.get("codes") or ())]:
            if isinstance(pk, int):
                found[pk] = entry
    return found


def _removal_key(code: MarkingCode) -> str:
    """Under which the timeline keeps that a code was taken off."""
    return timeline.about(code.task, EntryKind.CODE_REMOVED, SYSTEM, str(code.pk)).dedupe_key


def _stay(code: MarkingCode, entry: TimelineEntry | None) -> Stay:
    if code.state in LIVE_CODE_STATES:
        return Stay(code)
    if entry is not None and entry.kind == EntryKind.CODE_SWAPPED:
        return Stay(code, Way.SWAPPED, entry)
    if code.state == CodeState.REMOVED:
        return Stay(code, Way.TAKEN_OFF, entry)
    if entry is not None:
        return Stay(code, Way.CAME_BACK, entry)
    back = code.task.stage in (Stage.CANCELLED, Stage.REJECTED, Stage.RETURNED)
    return Stay(code, Way.GOODS_BACK if back else Way.TAKEN_OUT)


def _refused(understood: reading.Reading, kinds: Sequence[str], exercises: bool | None) -> list[Scan]:
    """Refused scans of the same code, however the scanner sent it: narrowed by its serial number, then read like any scan."""
    needle = understood.serial or understood.value.split(reading.GS)[0]
    if len(needle) < _LEAST:
        return []
    since = timezone.now() - REFUSED_WITHIN
    rows = Scan.objects.filter(outcome=ScanOutcome.REFUSED, scanned_at__gte=since, raw__contains=needle)
    if exercises is not None:
        rows = rows.exclude(task__account__training=not exercises)
    rows = rows.select_related("task__account", "user").order_by("-scanned_at", "-pk")[: SHOWN * 2]
    wanted = {(kind, reading.identity(understood.value, kind)) for kind in kinds}
    return [row for row in rows if wanted & _identities(row.raw)][:SHOWN]


def _identities(raw: str) -> set[tuple[str, str]]:
    found = reading.read(raw)
    return {(kind, reading.identity(found.value, kind)) for kind in found.kinds if kind in reading.UNIT_KINDS}
