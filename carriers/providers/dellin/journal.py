"""The order journal page by page (contract 2.6): what changed since a time, and whether it goes back to the sender.

The place is ours: windows that overlap, pages inside a window, and a new window begins where the last one was first asked.
So a change during the reading is read again and not lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from backoffice import clock

OVERLAP = timedelta(minutes=10)
#: How far back the first window of an account reaches.
FIRST = timedelta(days=1)
#: Pages of one window. More would mean that the upstream does not turn them.
MOST_PAGES = 500
FORM = "%Y-%m-%d %H:%M:%S"


class Place(msgspec.Struct, frozen=True):
    """``since``: where the window starts; ``asked``: when its first page was asked for; ``seen``: digest of the last page."""

    since: datetime
    asked: datetime | None = None
    page: int = 1
    seen: str = ""


def read(cursor: str) -> Place:
    """The place of a cursor, or of the first window for none and for one that cannot be read."""
    try:
        place = msgspec.json.decode(cursor, type=Place)
        return msgspec.structs.replace(place, since=_utc(place.since))
    except (msgspec.MsgspecError, ValueError):
        return Place(clock.now() - FIRST)


def write(place: Place) -> str:
    return msgspec.json.encode(place).decode()


def question(place: Place, zone: ZoneInfo) -> dict[str, object]:
    """What is asked. Without ``states``: one of them makes Dellin forget ``lastUpdate``."""
    since = place.since.astimezone(zone).strftime(FORM)
    return {"lastUpdate": since, "orderBy": "updated_at", "page": place.page}


def following(place: Place, numbers: Sequence[str], asked: datetime, pages: str = "") -> tuple[Place, bool]:
    """The next place and whether another page waits there: the last of ``pages``, an empty one or the same again ends a window."""
    asked = place.asked or asked
    seen = hashlib.blake2b(" ".join(numbers).encode(), digest_size=8).hexdigest()
    last = pages.isascii() and pages.isdigit() and place.page >= int(pages[:9])
    if numbers and not last and seen != place.seen and place.page < MOST_PAGES:
        return Place(place.since, asked, place.page + 1, seen), True
    return left(place, asked), False


def left(place: Place, asked: datetime) -> Place:
    """The window after this one, however much of it was read."""
    return Place((place.asked or asked) - OVERLAP)


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
