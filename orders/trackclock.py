"""The clock of the place where a carrier's event happened: it is told where it reads otherwise than ours.

A carrier may write an event down hours after it happened, and tell both: the one by GMT, by which events are sorted, the other by
the clock of the place, without a zone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def naive(data: Mapping[str, Any]) -> dt.datetime | None:
    """The local time of an entry's data; None where its source names a zone, so that ours is the same moment."""
    told = str(data.get("local") or "")
    return parse_datetime(told) if told and not data.get("offset") else None


def there(data: Mapping[str, Any], moment: dt.datetime) -> str:
    """ "12:40, local time there", with its day where that is another one; nothing where our clock reads the same."""
    local = naive(data)
    if local is None:
        return ""
    ours = timezone.localtime(moment).replace(tzinfo=None)
    if _minute(local) == _minute(ours):
        return ""
    clock = date_format(local, "H:i")
    shown = clock if local.date() == ours.date() else f"{date_format(local, 'j E')}, {clock}"
    return _("%(time)s, local time there") % {"time": shown}


def sentence(data: Mapping[str, Any], moment: dt.datetime) -> str:
    """ "on 26 November at 12:40", for a sentence: by the clock there where it reads otherwise, and then saying so."""
    local = naive(data)
    if local is None or not there(data, moment):
        ours = timezone.localtime(moment)
        return _("on %(day)s at %(time)s") % _words(ours)
    return _("on %(day)s at %(time)s local time there") % _words(local)


def _words(when: dt.datetime) -> dict[str, str]:
    return {"day": date_format(when, "j E"), "time": date_format(when, "H:i")}


def _minute(when: dt.datetime) -> dt.datetime:
    return when.replace(second=0, microsecond=0)
