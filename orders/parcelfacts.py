"""What a carrier tells of a parcel beside its status, in words: the planned day, why it was refused or goes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy, pgettext_lazy

#: Reasons come first: they are what a person decides by.
REASONS: Mapping[str, Any] = {
    "decline_reason": pgettext_lazy("parcel", "Why it was declined"),
    "return_reason": pgettext_lazy("parcel", "Why it goes back"),
}
_FACTS: Mapping[str, Any] = {
    **REASONS,
    "return_date": pgettext_lazy("parcel", "Goes back since"),
    "planned_date": pgettext_lazy("parcel", "Planned for"),
    "delivered_time": pgettext_lazy("parcel", "Delivered at"),
    "arrival": pgettext_lazy("parcel", "Arrival"),
}
REMARK = gettext_lazy("The carrier's remark")


def lines(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and value of each fact that is told."""
    return [(str(label), _value(str(details[name]))) for name, label in _FACTS.items() if details.get(name)]


def reasons(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The same of reasons only, for a suggestion."""
    return [(str(label), str(details[name])) for name, label in REASONS.items() if details.get(name)]


def _value(told: str) -> str:
    """A day as people say it; what is none as it is. Carriers write midnight where they mean the day."""
    try:
        moment = parse_datetime(told)
        day = moment.date() if moment else parse_date(told)
    except ValueError:
        return told
    if day is None:
        return told
    has_time = moment is not None and (moment.hour or moment.minute) and len(told) > len("2026-11-21")
    return date_format(moment, "j E Y, H:i") if moment and has_time else date_format(day, "j E Y")
