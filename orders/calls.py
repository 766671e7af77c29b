"""When a buyer counts as unreachable: the conditions of Yandex Market as data, and what a log of calls lacks to meet them.

Contract 2.6 and appendix D (``USER_UNREACHABLE``): at least three calls between 8 and 21 by the buyer's clock, at least 90 minutes
from the first to the third, connections of five seconds or more; otherwise the cancellation is answered with 400. A number that
is unavailable is the exception: then no more calls are needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from backoffice import clock
from orders.enums import CallOutcome
from orders.regions import Zone

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NEEDED = 3
APART = timedelta(minutes=90)
SHORTEST = 5
OPENS = time(8)
CLOSES = time(21)


@dataclass(frozen=True, slots=True)
class Call:
    """``at``: aware. ``seconds``: how long the line was open; None when nobody measured, then the person vouches for five or more."""

    at: datetime
    outcome: CallOutcome
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One call by the buyer's clock; ``why_not`` is empty when it counts, else a few lazy words for the end of a line."""

    call: Call
    local_at: datetime
    counts: bool
    why_not: StrOrPromise


@dataclass(frozen=True, slots=True)
class CallLog:
    """``missing``: sentences in the active language, none when the conditions are met.

    ``next_at``: the soonest moment, ``now`` included, at which a call brings the conditions nearer; None when they are met.
    It and ``local_now`` are in the buyer's zone.
    """

    rows: list[Row]
    met: bool
    missing: list[str]
    next_at: datetime | None
    local_now: datetime


def judge(calls: Sequence[Call], zone: Zone, now: datetime) -> CallLog:
    """What these calls are worth at ``now``, in any order given; rows come back sorted by time.

    A call at 8:00:00 by the buyer's clock counts, one at 21:00:00 does not. Calls of any days count together: the contract sets
    no limit of days. Raises ``ValueError`` when a time is naive.
    """
    rows = [_row(call, zone, now) for call in sorted(calls, key=_order)]
    counted = [row.local_at for row in rows if row.counts]
    unavailable = any(row.counts and row.call.outcome == CallOutcome.UNAVAILABLE for row in rows)
    met = unavailable or (len(counted) >= NEEDED and _real(counted[-1]) - _real(counted[0]) >= APART)
    local_now = clock.local(now, zone.info)
    next_at = None if met else _next_at(counted, local_now)
    missing = [] if met else _missing(counted, local_now)
    return CallLog(rows, met, missing, next_at, local_now)


def _order(call: Call) -> tuple[datetime, str, int]:
    return _real(call.at), call.outcome, -1 if call.seconds is None else call.seconds


def _row(call: Call, zone: Zone, now: datetime) -> Row:
    local_at = clock.local(call.at, zone.info)
    why_not = _why_not(call, local_at.time(), now)
    return Row(call, local_at, counts=not why_not, why_not=why_not)


def _why_not(call: Call, local: time, now: datetime) -> StrOrPromise:
    if call.outcome == CallOutcome.TALKED:
        return pgettext_lazy("call", "the buyer was reached")
    if _real(call.at) > _real(now):
        return pgettext_lazy("call", "still to come")
    if call.outcome == CallOutcome.UNAVAILABLE:
        return ""
    if call.seconds is not None and call.seconds < SHORTEST:
        return pgettext_lazy("call", "shorter than five seconds")
    if local < OPENS:
        return pgettext_lazy("call", "before 8 in the morning there")
    return "" if local < CLOSES else pgettext_lazy("call", "at 9 in the evening there or later")


def _real(moment: datetime) -> datetime:
    """In UTC: two times of one zone Python compares by what the clocks show, whatever was done to them in between."""
    return clock.local(moment, UTC)


def _closing_from(counted: Sequence[datetime], local_now: datetime) -> datetime:
    """From when a call can be the one that closes the 90 minutes, within the hours."""
    ready = max(_real(counted[0]) + APART, _real(local_now))
    return _within_hours(clock.local(ready, local_now.tzinfo))


def _within_hours(local: datetime) -> datetime:
    """The moment itself, or the next 8:00 of its zone."""
    if OPENS <= local.time() < CLOSES:
        return local
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    return datetime.combine(day, OPENS, local.tzinfo)


def _next_at(counted: Sequence[datetime], local_now: datetime) -> datetime:
    """The second call may follow the first at once; with two counted, another one helps only when the 90 minutes are over."""
    return _within_hours(local_now) if len(counted) < NEEDED - 1 else _closing_from(counted, local_now)


def _missing(counted: Sequence[datetime], local_now: datetime) -> list[str]:
    sentences = [_how_many(len(counted))]
    if counted and (closing := _closing_from(counted, local_now)) > _within_hours(local_now):
        sentences.append(_closing_sentence(closing, local_now, enough=len(counted) >= NEEDED))
    if not OPENS <= local_now.time() < CLOSES:
        text = _("Now it is %(time)s at the buyer's: calls count from 8 to 21.")
        sentences.append(text % {"time": date_format(local_now, "H:i")})
    return sentences


def _how_many(counted: int) -> str:
    if counted >= NEEDED:
        return _("From the first call to the last less than 90 minutes have passed: one more is needed.")
    lacking = NEEDED - counted
    text = ngettext("%(count)d more call is needed.", "%(count)d more calls are needed.", lacking)
    return text % {"count": lacking}


def _closing_sentence(closing: datetime, local_now: datetime, *, enough: bool) -> str:
    """The time alone while it is today at the buyer's, else with its day; rounded up to a minute at which the call does count."""
    full = _within_hours(_whole_minute(closing))
    when = date_format(full, "H:i" if full.date() == local_now.date() else "H:i, j E")
    if enough:
        return _("It counts from %(when)s (buyer's time).") % {"when": when}
    return _("The third call counts from %(when)s (buyer's time).") % {"when": when}


def _whole_minute(moment: datetime) -> datetime:
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)
