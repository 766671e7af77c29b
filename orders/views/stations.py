"""What a browser at the warehouse is: a station, somebody's shift, and who picks there by his badge.

All of it is kept in the session, so that no page pays a statement for it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime

from backoffice.frame import COOKIE_SECONDS, ShiftState
from orders.models import Shift
from orders.services.warehouse import badges, shifts

#: The session: {"id", "since" (ISO)} of the open shift, and the name of the station, which scans carry too.
SHIFT, STATION = "shift", "station"
#: A station stays one when the next person signs in, so its name is the browser's.
COOKIE = "station"
COUNT_SECONDS = 60


def shift_state(request: HttpRequest) -> ShiftState | None:
    """The shift as the session and memory know it: no statement."""
    known: dict[str, Any] = request.session.get(SHIFT) or {}
    since = parse_datetime(str(known.get("since", "")))
    if since is None:
        return None
    return ShiftState(since, str(request.session.get(STATION, "")), cache.get(_key(known["id"])))


def picker_name(request: HttpRequest) -> str:
    """Who signed in here with a badge, if it is not the one whose session it is."""
    session = request.session
    return "" if session.get(badges.PICKER) == request.user.pk else str(session.get(badges.NAME, ""))


def shift_id(request: HttpRequest) -> int | None:
    """The shift this browser knows of."""
    known: dict[str, Any] = request.session.get(SHIFT) or {}
    return known.get("id")


def keep(request: HttpRequest, shift: Shift | None) -> None:
    """The session knows this shift from now on, or that there is none. It is written only when that is news."""
    known = shift_id(request)
    if shift is None:
        if known is not None:
            del request.session[SHIFT]
        return
    if known != shift.pk:
        request.session[SHIFT] = {"id": shift.pk, "since": shift.started_at.isoformat()}
    if request.session.get(STATION, "") != shift.station:
        request.session[STATION] = shift.station


def name_here(request: HttpRequest) -> str:
    """What this station was called the last time."""
    return unquote(request.COOKIES.get(COOKIE, ""))[: shifts.LONGEST_STATION]


def remember(response: HttpResponse, station: str, *, secure: bool) -> None:
    """The browser keeps the name of the station for whoever signs in next."""
    response.set_cookie(COOKIE, quote(station), max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=secure)


def count(shift_pk: int, done: int) -> None:
    """What was packed in a shift, kept for a minute."""
    cache.set(_key(shift_pk), done, COUNT_SECONDS)


def _key(shift_pk: int) -> str:
    return f"shift-done:{shift_pk}"


def adopt(request: HttpRequest | None, user: Any, **_signal: Any) -> None:
    """Somebody signs in: a shift of his that is open goes on here. One statement."""
    if request is not None:
        keep(request, shifts.open_shift(user.pk))
