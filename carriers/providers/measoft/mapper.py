"""An order of MeaSoft as our :class:`Snapshot` (contract 1.3, 1.8, 3.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import TypeVar

from django.utils.translation import gettext as _

from backoffice.reading import masked
from backoffice.text import one_line, without_contacts
from carriers.base import DriftSink
from carriers.providers.xml import Element
from carriers.statuses import Meaning, TrackingStatus
from carriers.types import (
    ASKED_AS,
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
from .parcels import newer
from .refusals import ORDERS_NOT_FOUND
from .schemas import KNOWN_ORDER, KNOWN_ORDER_ATTRIBUTES, KNOWN_STATUS, OrderWire, StatusWire, order_of
from .status_map import CANCELED, CANCELLED, HANDED_OVER, RANKS, WORDS

T = TypeVar("T")

PLACE = "order"
_GIVEN = frozenset({TrackingStatus.DELIVERED, TrackingStatus.PARTIALLY_DELIVERED})


class OrderMapper:
    """Reads orders of an answer. What it does not know goes into the drift sink."""

    def __init__(self, drift: DriftSink, key: str) -> None:
        self._drift = drift
        self._key = key

    def orders(self, root: Element) -> list[OrderWire]:
        elements = root.findall("order")
        for element in elements:
            self._note_unknown(element)
        return [order_of(element) for element in elements]

    def newest(self, orders: Sequence[OrderWire], number: str) -> Reply:
        """One parcel that was told several times: as its newest word has it."""
        known: Reply | None = None
        for order in orders:
            known = newer(known, self.reply(order, number))
        return known or Problem(number, ProblemKind.NOT_FOUND)

    def reply(self, order: OrderWire, number: str) -> Reply:
        """A snapshot under this number, or why there is none."""
        if not number or len(number) > NUMBER_LENGTH:
            return Problem(number[:NUMBER_LENGTH], ProblemKind.UNREADABLE, _("The carrier gives no usable number."))
        if order.error not in ("", "0"):
            kind = ProblemKind.NOT_FOUND if order.error in ORDERS_NOT_FOUND else ProblemKind.UNREADABLE
            return Problem(number, kind, without_contacts(order.errormsg, TEXT_LENGTH))
        history = [self.event(row) for row in order.history if row.code]
        current = self._current(order.status, history)
        if current is None:
            return Problem(number, ProblemKind.UNREADABLE, _("The carrier names no status of this parcel."))
        events = arrange(_fullest([*history, current]))
        current = next(event for event in events if event.key == current.key)
        meaning = _meaning(current, events, complete=bool(history))
        return Snapshot(
            number=number,
            current=current,
            meaning=meaning,
            events=events,
            complete=bool(history) and len(history) == len(order.history),
            own_number=order.orderno[:NUMBER_LENGTH],
            aliases=tuple(name[:NUMBER_LENGTH] for name in order.names if name != number),
            delivered_on=self._delivered_on(order, current, meaning),
            details=self._details(order, number),
            remark=without_contacts(f"{order.deliveredto} {order.return_message}", TEXT_LENGTH),
            raw=order.raw,
        )

    def event(self, row: StatusWire) -> Event:
        happened, local = self._read(moments.gmt, row.createtimegmt), self._read(moments.local, row.eventtime)
        meaning = WORDS.get(row.code)
        if meaning is None:
            word = without_contacts(row.code, CODE_LENGTH)
            self._drift.note(place=PLACE, kind="value", name=f"status={word}", sample=word)
        return Event(
            code=without_contacts(row.code, CODE_LENGTH),
            key=_key(row, happened, local),
            title=without_contacts(row.title, TEXT_LENGTH),
            happened_at=happened,
            told_by_moment=happened is not None,
            local_time=local,
            place=without_contacts(row.eventstore, TEXT_LENGTH),
            message=without_contacts(row.message, TEXT_LENGTH),
            meaning=meaning,
            rank=RANKS.get(row.code, len(RANKS)),
        )

    def _current(self, row: StatusWire, history: Iterable[Event]) -> Event | None:
        """The carrier's present word: ``<status>``, or the newest of the history when it is not there.

        A word without its GMT time is the newest entry with that word and, where it names one, that local time: it is not
        told twice.
        """
        ordered = arrange(history)
        if not row.code:
            return ordered[-1] if ordered else None
        event = self.event(row)
        if event.happened_at is not None:
            return event
        return next((known for known in reversed(ordered) if _is_same(event, known)), event)

    def _delivered_on(self, order: OrderWire, current: Event, meaning: Meaning | None) -> date | None:
        """The local day; GMT would be a day off at night."""
        if meaning is None or meaning.status not in _GIVEN:
            return None
        return self._read(moments.day, order.delivereddate) or (
            current.local_time.date() if current.local_time else None
        )

    def _details(self, order: OrderWire, number: str) -> dict[str, str]:
        facts = {
            "planned_date": order.planned_date,
            "delivered_date": order.delivereddate,
            "delivered_time": order.deliveredtime,
            "arrival": order.arrival,
        }
        found = {name: without_contacts(value, 40) for name, value in facts.items() if value}
        main = order.name(self._key)
        return {**found, ASKED_AS: one_line(main, NUMBER_LENGTH)} if main not in ("", number) else found

    def _read(self, reader: Callable[[str], T], text: str) -> T | None:
        """A time, or None for one that is no time: an invented one would make a new event at every poll."""
        try:
            return reader(text)
        except ValueError:
            self._drift.note(place=PLACE, kind="value", name="a time that is none", sample=masked(text))
            return None

    def _note_unknown(self, element: Element) -> None:
        rows = [*element.findall("status"), *element.iterfind("statushistory/status")]
        names = {child.tag for child in element} - KNOWN_ORDER
        names |= {f"@{name}" for name in element.attrib.keys() - KNOWN_ORDER_ATTRIBUTES}
        names |= {f"status@{name}" for row in rows for name in row.attrib.keys() - KNOWN_STATUS}
        for name in sorted(names):
            self._drift.note(place=PLACE, kind="field", name=name)


def _key(row: StatusWire, happened: datetime | None, local: datetime | None) -> str:
    """An entry is its word and when it was written down (contract 1.3): servers leave out the rest now and then.

    Only what was never written down by GMT is told apart by its other words.
    """
    if happened is not None:
        return digest_of("measoft", row.code, str(happened))
    return digest_of("measoft", row.code, "", str(local or ""), row.eventstore)


def _is_same(event: Event, known: Event) -> bool:
    """Whether a present word without its GMT time is this entry of the history."""
    return known.code == event.code and event.local_time in (None, known.local_time)


def _fullest(events: Iterable[Event]) -> list[Event]:
    """Of one entry that was told several times, the telling with the most words: ``<status>`` may have less than its row."""
    found: dict[str, Event] = {}
    for event in events:
        known = found.get(event.key)
        if known is None or _told(event) > _told(known):
            found[event.key] = event
    return list(found.values())


def _told(event: Event) -> tuple[int, str, str, str, str]:
    """How much is told, then the words themselves: of equals the same one always stays."""
    words = (event.title, event.place, event.message, str(event.local_time or ""))
    return (sum(map(bool, words)), *words)


def _meaning(current: Event, events: tuple[Event, ...], *, complete: bool) -> Meaning | None:
    """CANCELED of a parcel the carrier never had is a cancelled order; only a history can tell."""
    if current.code == CANCELED and complete and not HANDED_OVER & {event.code for event in events}:
        return CANCELLED
    return current.meaning
