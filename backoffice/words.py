"""Words for people: time left, time ago, money. Pure functions, both languages, no markup.

Times come in aware and are shown in the current time zone; money is a ``Decimal`` in units of an ISO 4217 currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

Urgency = Literal["late", "soon", ""]

NBSP = "\u00a0"
MINUS = "\u2212"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# "tomorrow" says too little while the deadline is only a few hours away
TOMORROW_FROM = timedelta(hours=6)
DAYS_IN_WORDS = 7

SIGNS = {"RUB": "₽", "KZT": "₸"}
DECIMALS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "BHD": 3, "KWD": 3, "JOD": 3, "OMR": 3, "TND": 3}


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """A deadline in words: ``text`` is what is left, ``detail`` the time itself, ``exact`` the same with its offset.

    ``sentence`` stands alone: "40 min left", "25 min late", "due tomorrow".
    """

    text: str
    detail: str
    sentence: str
    urgency: Urgency
    exact: str


def span(delta: timedelta) -> str:
    """A length of time of at least a second in at most two units: "20 s", "2 h 10 min", "3 days"."""
    seconds = int(abs(delta).total_seconds())
    if seconds < 60:
        return _join(_("%(n)d s") % {"n": seconds})
    if seconds < DAY.total_seconds():
        return _hours(seconds // 60)
    days = seconds // int(DAY.total_seconds())
    return _join(ngettext("%(n)d day", "%(n)d days", days) % {"n": days})


def time_left(due: datetime, now: datetime, *, since: datetime | None = None, soon: timedelta = HOUR) -> TimeLeft:
    """How long is left until ``due``; ``since`` is the start of a delivery window."""
    return TimeLeft(
        text=_left(due, now),
        detail=_due_detail(due, now, since),
        sentence=_due_sentence(due, now),
        urgency=_urgency(due - now, soon),
        exact=exact(due),
    )


def ago(when: datetime, now: datetime) -> str:
    """ "20 s ago", "2 h 10 min ago", and the date itself after a week."""
    if now - when >= DAYS_IN_WORDS * DAY:
        return moment(when, now)
    return _("%(span)s ago") % {"span": span(now - when)} if now - when >= timedelta(seconds=1) else _("just now")


def moment(when: datetime, now: datetime) -> str:
    """The local time of today, with its day when it is another: "12:05", "yesterday, 18:40", "22 November, 09:14"."""
    local = timezone.localtime(when)
    day = day_name(when, now, today="")
    return f"{day}, {date_format(local, 'H:i')}" if day else date_format(local, "H:i")


def day_name(when: datetime, now: datetime, *, today: str | None = None) -> str:
    """ "today", "yesterday", "tomorrow" or the date, with the year when it is not this one."""
    local, current = timezone.localtime(when), timezone.localtime(now)
    names = {0: _("today") if today is None else today, -1: _("yesterday"), 1: _("tomorrow")}
    distance = (local.date() - current.date()).days
    return names.get(distance, date_format(local, "j E" if local.year == current.year else "j E Y"))


def exact(when: datetime) -> str:
    """The local time to the second with its offset, for a title: "22.11.2025 12:05:00 +03:00"."""
    local = timezone.localtime(when)
    offset = local.strftime("%z")
    return f"{local:%d.%m.%Y %H:%M:%S} {offset[:3]}:{offset[3:]}"


def money(amount: Decimal | None, currency: str) -> str:
    """ "2 819,00 ₽" or "28.40 BYN" by the language; a dash when there is no amount."""
    if amount is None:
        return "—"
    places = DECIMALS.get(currency, 2)
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    figures = number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True).replace("-", MINUS)
    return f"{figures}{NBSP}{SIGNS.get(currency, currency)}".rstrip()


def _join(text: str) -> str:
    return text.replace(" ", NBSP)


def _hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _join(_("%(n)d min") % {"n": rest})
    if not rest:
        return _join(_("%(n)d h") % {"n": hours})
    return _join(_("%(h)d h %(m)d min") % {"h": hours, "m": rest})


def _left(due: datetime, now: datetime) -> str:
    left = due - now
    if abs(left) < timedelta(minutes=1):
        return pgettext("time", "now")
    if left < timedelta(0):
        return MINUS + span(left)
    days = (timezone.localtime(due).date() - timezone.localtime(now).date()).days
    if days == 0 or left < TOMORROW_FROM:
        return span(left)
    if days == 1:
        return _("tomorrow")
    if days < DAYS_IN_WORDS:
        return _join(ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days})
    return day_name(due, now)


def _due_sentence(due: datetime, now: datetime) -> str:
    left, text = due - now, _left(due, now)
    if left <= -timedelta(minutes=1):
        return _("%(span)s late") % {"span": span(left)}
    counted = text == span(left)
    return _("%(span)s left") % {"span": text} if counted else _("due %(day)s") % {"day": text}


def _due_detail(due: datetime, now: datetime, since: datetime | None) -> str:
    local, current = timezone.localtime(due), timezone.localtime(now)
    days = (local.date() - current.date()).days
    clock = date_format(local, "H:i")
    if since is not None and timezone.localtime(since).date() == local.date():
        clock = f"{date_format(timezone.localtime(since), 'H:i')}–{clock}"
        return clock if days in (0, 1) else f"{day_name(due, now)}, {clock}"
    named_already = days in (0, 1) or days >= DAYS_IN_WORDS
    return _("until %(time)s") % {"time": clock} if named_already else moment(due, now)


def _urgency(left: timedelta, soon: timedelta) -> Urgency:
    if left < timedelta(0):
        return "late"
    return "soon" if left <= soon else ""
