"""A shift from its start to its end, and the hand-over: what somebody who comes has to know of what others leave."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext

from backoffice.frame import ShiftState
from orders.queries import board as boards
from orders.queries import handover
from orders.services.warehouse import badges, shifts

from . import stations
from .common import actor, board_of, page, person, say, see_other

WORK = "orders.work_task"


@page(WORK)
def shift(request: HttpRequest) -> HttpResponse:
    """Start and end of the shift, with the hand-over below."""
    user, now = person(request), timezone.now()
    current, last = handover.shifts_of(user.pk)
    stations.keep(request, current)
    since = last.ended_at if last and last.ended_at else now - handover.FIRST
    changes = handover.changes(user.pk, since, now=now)
    board = board_of(request)
    done = handover.assembled(current.pk, user.pk) if current else None
    if current and done is not None:
        stations.count(current.pk, done)
    shown = {
        "now": now,
        "current": current,
        "done": done,
        "station": current.station if current else stations.name_here(request),
        "first": last is None,
        "changes": changes,
        "news": _news(request, changes),
        "overdue": boards.number(changes.overdue),
        "burning": [(task, board.by_id[task.account_id].kind) for task in handover.burning(now)],
        "people": handover.people(now),
        "notes": handover.notes(user.pk, now=now),
        "longest": shifts.LONGEST_NOTE,
        "longest_station": shifts.LONGEST_STATION,
        "may_see_badges": user.has_perm("orders.view_badge"),
        "may_see_scans": user.has_perm("orders.view_shift"),
    }
    return render(request, "orders/shift.html", shown)


def _news(request: HttpRequest, changes: handover.Changes) -> list[tuple[str, str, str, str]]:
    """(count, words, address, tone) of what changed."""
    tasks, attention = reverse("tasks"), reverse("attention")
    rows = (
        (changes.new, ngettext("new order", "new orders", changes.new), tasks, "info"),
        (changes.cancelled, ngettext("cancelled", "cancelled", changes.cancelled), f"{reverse('orders')}?stage=cancelled", "plain"),
        (changes.late, ngettext("went late", "went late", changes.late), f"{tasks}?tab=overdue", "bad"),
        (changes.failed, npgettext("hand-over", "action refused", "actions refused", changes.failed), attention, "warn"),
    )  # fmt: skip
    return [(boards.number(count), words, url, tone if count else "plain") for count, words, url, tone in rows]


@page(WORK, "POST")
def start(request: HttpRequest) -> HttpResponse:
    """Begin, or go on with what was begun elsewhere; the browser keeps the name of the station."""
    begun = shifts.start(station=request.POST.get("station", ""), actor=actor(request))
    stations.keep(request, begun)
    response = say(request, see_other(reverse("shift")), _("Your shift has begun."))
    stations.remember(response, begun.station, secure=settings.SESSION_COOKIE_SECURE)
    return response


@page(WORK, "POST")
def end(request: HttpRequest) -> HttpResponse:
    """The end, with a note for the next. Whoever picked here by his badge is signed off too."""
    ended = shifts.end(note=request.POST.get("note", ""), actor=actor(request))
    stations.keep(request, None)
    badges.sign_out(request.session)
    text = _("Your shift has ended. Have a good rest.") if ended else _("Your shift had ended already.")
    return say(request, see_other(reverse("shift")), text, "success" if ended else "info")


@page(WORK)
def line(request: HttpRequest) -> HttpResponse:
    """The line at the end of the rail, once a minute: what was packed so far. Ended elsewhere, it ends here too."""
    known, user = stations.shift_id(request), person(request)
    done = handover.assembled(known, user.pk) if known is not None else None
    if known is None or done is None:
        stations.keep(request, None)
        return render(request, "components/shift_line.html", {"shift": None})
    stations.count(known, done)
    state = stations.shift_state(request)
    return render(request, "components/shift_line.html", {"now": timezone.now(), "shift": _with(state, done)})


def _with(state: ShiftState | None, done: int) -> ShiftState | None:
    return ShiftState(state.since, state.station, done) if state else None


__all__ = ["end", "line", "shift", "start"]
