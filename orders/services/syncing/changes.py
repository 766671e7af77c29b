"""What an incremental marketplace says has changed: read in windows of its update time, page by page, from a kept place.

Before the first of them come the open orders of half a year: one that nobody touched for a month is in no such window.

Windows overlap, because its clock and ours differ and its list may lag: an order read twice is known by its digest.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from backoffice.errors import Refused
from orders.marketplaces.base import Marketplace
from orders.models import MarketplaceAccount
from orders.services import accounts

from . import intake

#: Among the cursors of an account: {"since", "until", "page"}; all before ``since`` is stored.
CURSOR = "changes"
#: {"since", "page"} of the open orders, read once; "since" is None when they are all stored.
OPEN = "open_orders"
OPEN_BACK = timedelta(days=180)
OVERLAP = timedelta(minutes=10)
#: How far back the first run goes: one window with its overlap.
FIRST = timedelta(days=28)
#: A run gives its worker back after this long and goes on a minute later.
SECONDS = 200.0


def pull(account: MarketplaceAccount, provider: Marketplace, *, seconds: float = SECONDS) -> intake.Taken:
    """Store what has changed since the last run. Idempotent and resumable: the place is kept after every page."""
    stop_at = time.monotonic() + seconds
    taken = intake.Taken()
    now = timezone.now()
    if not _pull_open(account, provider, taken, stop_at=stop_at):
        return taken
    place = _place(account)
    while True:
        since, until = _window(place, provider, now)
        asked_at = timezone.now()
        try:
            page = provider.changed_orders(since, until, place["page"])
        except Refused:
            if place["page"] is None:
                raise
            # The token may be too old, or of another list: the window is read again from its first page.
            place = {**place, "page": None}
            accounts.remember(account, CURSOR, place)
            continue
        taken.add(intake.receive_page(account, provider, page.tasks, asked_at=asked_at))
        place = _after(place, until, page.next_cursor)
        accounts.remember(account, CURSOR, place)
        done = place["page"] is None and until >= now
        if done or time.monotonic() > stop_at:
            return taken


def _pull_open(account: MarketplaceAccount, provider: Marketplace, taken: intake.Taken, *, stop_at: float) -> bool:
    """Store every open order, whenever it was made. Whether that is done; resumable as the rest."""
    now = timezone.now()
    place: dict[str, Any] = account.cursors.get(OPEN) or {"since": (now - OPEN_BACK).isoformat(), "page": None}
    while place["since"] is not None:
        since = datetime.fromisoformat(place["since"])
        until, asked_at = min(since + timedelta(days=provider.window_days), now), timezone.now()
        try:
            page = provider.open_orders(since, until, place["page"])
        except Refused:
            if place["page"] is None:
                raise
            place = {**place, "page": None}
            accounts.remember(account, OPEN, place)
            continue
        taken.add(intake.receive_page(account, provider, page.tasks, asked_at=asked_at))
        place = {**place, "page": page.next_cursor}
        if page.next_cursor is None:
            place["since"] = until.isoformat() if until < now else None
        accounts.remember(account, OPEN, place)
        if place["since"] is not None and time.monotonic() > stop_at:
            return False
    return True


def _place(account: MarketplaceAccount) -> dict[str, Any]:
    kept: dict[str, Any] | None = account.cursors.get(CURSOR)
    return kept or {"since": (timezone.now() - FIRST).isoformat(), "until": None, "page": None}


def _window(place: dict[str, Any], provider: Marketplace, now: datetime) -> tuple[datetime, datetime]:
    """The window in hand, which a page token belongs to; else the next one."""
    since = datetime.fromisoformat(place["since"]) - OVERLAP
    if place["page"] is not None:
        return since, datetime.fromisoformat(place["until"])
    return since, min(since + timedelta(days=provider.window_days), now)


def _after(place: dict[str, Any], until: datetime, following: str | None) -> dict[str, Any]:
    if following is not None:
        return {**place, "until": until.isoformat(), "page": following}
    return {"since": until.isoformat(), "until": None, "page": None}
