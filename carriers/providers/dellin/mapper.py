"""Rows of Dellin's history as our :class:`Snapshot` (contract 2.1, 2.3, 3.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from backoffice.reading import Reader, flag, masked, text
from backoffice.text import without_contacts
from carriers.statuses import Finality, Meaning, TrackingStatus
from carriers.types import (
    CODE_LENGTH,
    NUMBER_LENGTH,
    TEXT_LENGTH,
    Event,
    Problem,
    ProblemKind,
    Reply,
    Snapshot,
    arrange,
    digest_of,
)

from . import moments
from .options import ADDRESS, WEB, Options
from .schemas import JournalWire, RowWire
from .status_map import HANDED_OVER, RANKS, RETURNED, RETURNING, TO_THE_DOOR, WORDS

PLACE = "statusHistory"


@dataclass(frozen=True, slots=True)
class Noted:
    """What the order journal says of a parcel; nothing, without a token. ``papers``: numbers of its waybills and requests."""

    number: str = ""
    own_number: str = ""
    papers: tuple[str, ...] = ()
    returned: bool | None = None
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.number, *self.papers)


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of one order: ``key`` is the number they stand under in the answer."""

    key: str
    rows: Sequence[Any]
    noted: Noted = field(default_factory=Noted)


class RowMapper:
    """Reads what Dellin says of an order. What it does not know goes into the drift sink."""

    def __init__(self, reader: Reader, options: Options) -> None:
        self._reader = reader
        self._options = options

    def reply(self, number: str, found: Found) -> Reply:
        """A snapshot under the number that was asked, or why there is none."""
        events = self._events(found)
        if not events:
            detail = _("The carrier tells nothing of this number that can be read.")
            return Problem(number, ProblemKind.UNREADABLE, detail)
        noted, ordered = found.noted, arrange(events)
        meaning = _with_return(ordered[-1].meaning, noted.returned)
        names = (found.key, *noted.names)
        return Snapshot(
            number=number,
            current=ordered[-1],
            meaning=meaning,
            events=ordered,
            complete=len(events) == len(found.rows),
            returned=noted.returned,
            own_number=noted.own_number or (number if self._options.number == WEB else ""),
            aliases=tuple(dict.fromkeys(name for name in names if name not in ("", number))),
            delivered_on=_delivered_on(ordered, meaning),
            details=noted.details,
            raw=msgspec.json.encode(found.rows),
        )

    def _events(self, found: Found) -> list[Event]:
        rows = self._reader.rows(found.rows, RowWire, PLACE)
        mine = [row for row in rows if text(row.number) in ("", found.key)]
        if len(mine) < len(rows):
            self._reader.drift.note(place=PLACE, kind="value", name="a row of another number")
        return [event for event in map(self.event, mine) if event is not None]

    def event(self, row: RowWire) -> Event | None:
        """None for a row without a state."""
        state, detail = text(row.state), text(row.detailed_status)
        if not state:
            return None
        subcode = "" if detail == state else detail
        times = (self._read(row.state_date), self._read(row.detailed_status_date))
        happened, local = _latest(times)
        names = filter(None, (text(row.state_name), text(row.detailed_status_rus)))
        return Event(
            code=without_contacts(state, CODE_LENGTH),
            subcode=without_contacts(subcode, CODE_LENGTH),
            key=digest_of(
                "dellin", state, subcode, _norm(times[0], row.state_date), _norm(times[1], row.detailed_status_date)
            ),
            title=without_contacts(": ".join(names), TEXT_LENGTH),
            happened_at=happened,
            local_time=local,
            meaning=self._meaning(state, subcode),
            rank=RANKS.get(_word(state, subcode), RANKS.get(state, len(RANKS))),
        )

    def _meaning(self, state: str, subcode: str) -> Meaning | None:
        """A detail that is not known leaves the meaning of its state."""
        known = WORDS.get(_word(state, subcode))
        if known is None:
            word = without_contacts(_word(state, subcode), TEXT_LENGTH)
            self._reader.unknown(PLACE, "state" if state not in WORDS else "detailedStatus", word)
        if self._options.arrival == ADDRESS and state in TO_THE_DOOR:
            return TO_THE_DOOR[state]
        return known or WORDS.get(state)

    def _read(self, value: object) -> datetime | None:
        """A time, or None for one that is no time."""
        try:
            return moments.moment(text(value))
        except ValueError:
            self._reader.drift.note(place=PLACE, kind="value", name="a time that is none", sample=masked(text(value)))
            return None

    def noted(self, wire: JournalWire) -> Noted:
        """An order of the journal."""
        # Contract 3.4: absent from the journal is "not on its way back"; a journal that was not read says nothing.
        returned = False if wire.return_state is None else flag(wire.return_state)
        if returned is None and wire.return_state is not None:
            self._reader.unknown("orders", "returnState", without_contacts(text(wire.return_state), TEXT_LENGTH))
        facts = {
            "return_reason": wire.return_reason,
            "return_date": wire.return_date,
            "decline_reason": wire.decline_reason,
        }
        return Noted(
            number=text(wire.order_id)[:NUMBER_LENGTH],
            own_number=text(wire.order_number)[:NUMBER_LENGTH],
            papers=_papers(wire.documents),
            returned=returned,
            details={name: without_contacts(text(value), TEXT_LENGTH) for name, value in facts.items() if text(value)},
        )


def _papers(documents: Any) -> tuple[str, ...]:
    """Numbers of an order's papers, short and whole; what is no list of papers has none."""
    rows = documents if isinstance(documents, list) else []
    values = [row.get(name) for row in rows if isinstance(row, dict) for name in ("id", "fullDocumentId")]
    numbers = (text(value)[:NUMBER_LENGTH] for value in values if isinstance(value, str | int))
    return tuple(dict.fromkeys(number for number in numbers if number))


def _word(state: str, subcode: str) -> str:
    return f"{state}/{subcode}" if subcode else state


def _latest(times: Sequence[datetime | None]) -> tuple[datetime | None, datetime | None]:
    """The later of the two as (aware, naive): one that names its offset is preferred to one that does not."""
    aware = [moment for moment in times if moment is not None and moment.tzinfo is not None]
    naive = [moment for moment in times if moment is not None and moment.tzinfo is None]
    if aware:
        return max(aware), None
    return None, max(naive, default=None)


def _norm(moment: datetime | None, value: object) -> str:
    """The same time is the same text in whatever form it was written, to the second: one of the forms has no more."""
    if moment is None:
        return text(value)
    known = moment.astimezone(UTC) if moment.tzinfo else moment
    return known.isoformat(timespec="seconds")


def _with_return(meaning: Meaning | None, returned: bool | None) -> Meaning | None:
    """A return is a flag and no state: what was handed over then went back to the sender."""
    if meaning is None or not returned:
        return meaning
    if meaning.status == TrackingStatus.DELIVERED:
        return RETURNED
    return meaning if meaning.finality == Finality.FINAL else RETURNING


def _delivered_on(events: Sequence[Event], meaning: Meaning | None) -> date | None:
    """The day the driver handed it over, where that is told: the order is finished later."""
    if meaning is None or meaning.status != TrackingStatus.DELIVERED:
        return None
    for word in HANDED_OVER:
        times = [event.local_time or event.happened_at for event in events if _word(event.code, event.subcode) == word]
        days = [moment.date() for moment in times if moment is not None]
        if days:
            return days[-1]
    return None
