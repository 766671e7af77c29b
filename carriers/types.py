"""What a carrier tells, as our own types: nothing behind a provider sees a carrier's field name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TypeAlias

from .statuses import Meaning

#: Lengths that events keep to, whatever came.
CODE_LENGTH = 80
TEXT_LENGTH = 300
NUMBER_LENGTH = 80
#: Among the details of a snapshot: the number to ask by next time, of a parcel that was reached by another one of its numbers.
ASKED_AS = "asked_as"

_NO_TIME = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a parcel's history.

    ``code``, ``subcode``: the carrier's words; ``title``, ``message``: what it wrote for people. ``happened_at`` is aware, with
    the offset the carrier wrote (UTC when it told UTC); None when it told none. ``local_time``: naive time of the place, from
    a carrier that names no zone: shown as it is, never converted. ``place``: where it was recorded.
    ``key``: 32 hex characters, the same for the same event of a parcel however often and in whatever order it is told; it
    holds nothing of the parcel, so put the shipment before it. ``meaning`` is None for a word that is in no table.
    ``rank`` orders what happened at the same moment. ``told_by_moment``: its word and ``happened_at`` alone make it the event it
    is, whatever key an earlier version of ours gave it.
    """

    code: str
    key: str
    subcode: str = ""
    title: str = ""
    happened_at: datetime | None = None
    local_time: datetime | None = None
    place: str = ""
    message: str = ""
    meaning: Meaning | None = None
    rank: int = 0
    told_by_moment: bool = False

    @property
    def dated(self) -> bool:
        """False for the bare word of an old server: its key is the same each time, so it is a new event when the word changed."""
        return self.happened_at is not None or self.local_time is not None

    @property
    def moment(self) -> datetime:
        """For sorting only: aware; a local time counts as UTC, without any time it comes before all others."""
        if self.happened_at is not None:
            return self.happened_at
        return _NO_TIME if self.local_time is None else self.local_time.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A parcel as its carrier sees it now. The shipment's status is ``meaning``, and nothing is worked out from the events.

    ``number``: as it was asked. ``own_number``: the shop's order number, where the carrier knows it. ``aliases``: other
    numbers of the same parcel, and of no other one that was told with it.
    ``current``: the carrier's present word; ``meaning``: what it means with everything else it told (a return is a flag at
    some carriers), None when the word is unknown: then nothing moves.
    ``events``: sorted, without doubles, ``current`` among them. ``complete``: the whole history, so that an event seen before and
    absent now was taken back. ``returned``: None when the carrier did not tell.
    ``delivered_on``: the local day the buyer got it. ``details``: other facts, nothing personal. ``remark``: the carrier's free
    text, who received it or why not; it may name people. ``raw``: what it was read from; may be personal.
    No text but ``raw`` holds a phone or an e-mail address.
    """

    number: str
    current: Event
    meaning: Meaning | None
    events: tuple[Event, ...]
    complete: bool = False
    returned: bool | None = None
    own_number: str = ""
    aliases: tuple[str, ...] = ()
    delivered_on: date | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    remark: str = field(default="", repr=False)
    raw: bytes = field(default=b"", repr=False, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Every number of this parcel, the one it was asked by first."""
        return tuple(dict.fromkeys((self.number, *self.aliases)))

    @property
    def digest(self) -> str:
        """32 hex characters over all that matters: the same digest, nothing new. The price, the number it was reached by and ``raw``
        do not count. A reason may be told later than the word it is for.
        """
        meaning = self.meaning
        parts = [self.current.key, str(self.returned), str(self.complete), str(self.delivered_on or "")]
        parts += [meaning.status, meaning.finality, str(meaning.attention)] if meaning else [""]
        parts += [f"{name}={value}" for name, value in sorted(self.details.items()) if name != ASKED_AS]
        parts += [self.remark] if self.remark else []
        return digest_of(*parts, *(event.key for event in self.events))


class ProblemKind(StrEnum):
    """Why there is nothing to tell of a number."""

    NOT_FOUND = "not_found"
    AMBIGUOUS = "ambiguous"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Problem:
    """Of one number; the others of the call are not touched by it. ``detail``: the carrier's words without phones and e-mail
    addresses, or ours in the active language.
    """

    number: str
    kind: ProblemKind
    detail: str = ""


#: What is told of one number.
Reply: TypeAlias = Snapshot | Problem


@dataclass(frozen=True, slots=True)
class Changed:
    """A parcel of which a carrier says that something changed, without its history: ask ``track`` for it, by any of its numbers."""

    number: str
    own_number: str = ""
    returned: bool | None = None
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every number of this parcel at the carrier."""
        return tuple(dict.fromkeys((self.number, *self.aliases)))


@dataclass(frozen=True, slots=True)
class Page:
    """What changed. ``snapshots`` are told whole, ``changed`` are to be asked for; a carrier fills one of the two.

    Store the page and ``cursor`` first, then ``commit(page)``; ``more``: another page waits now. ``receipt`` is the
    provider's own. ``broken``: parcels of the page that could not be read, with why.
    """

    snapshots: tuple[Snapshot, ...] = ()
    changed: tuple[Changed, ...] = ()
    broken: tuple[Problem, ...] = ()
    cursor: str = ""
    more: bool = False
    receipt: tuple[str, ...] = ()


def digest_of(*parts: str) -> str:
    """32 hex characters; parts cannot run into each other."""
    return hashlib.blake2b("\x1f".join(parts).encode(errors="replace"), digest_size=16).hexdigest()


def arrange(events: Iterable[Event]) -> tuple[Event, ...]:
    """Sorted by time and without doubles, whatever order and how often they came in: polls may be merged with it.

    Of doubles that differ in words the same one always stays.
    """
    unique: dict[str, Event] = {}
    for event in sorted(events, key=_words):
        unique.setdefault(event.key, event)
    return tuple(sorted(unique.values(), key=_place_in_time))


def _words(event: Event) -> tuple[str, str, str]:
    return (event.key, event.title, event.message)


def _place_in_time(event: Event) -> tuple[datetime, datetime, int, str]:
    local = event.local_time.replace(tzinfo=UTC) if event.local_time else _NO_TIME
    return (event.moment, local, event.rank, event.key)
