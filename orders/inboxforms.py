"""Forms of the attention inbox: to whom a question goes, and until when it is put off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.models import User
from orders.widgets import Radios

#: When the morning begins.
MORNING = 8
HOUR, TOMORROW, TIME = "hour", "morning", "time"
SPANS = [
    (HOUR, pgettext_lazy("put off", "for an hour")),
    (TOMORROW, pgettext_lazy("put off", "until tomorrow morning, 08:00")),
    (TIME, pgettext_lazy("put off", "until a time of my own")),
]


class LaterForm(forms.Form):
    """Until when; ``until`` gives the moment."""

    span = forms.ChoiceField(label=_("Put it off"), choices=SPANS, widget=Radios({}), initial=HOUR)
    time = forms.DateTimeField(
        label=_("Time"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("span") == TIME and not data.get("time") and not self.errors:
            self.add_error("time", _("Choose a time."))
        return data

    def until(self, now: datetime) -> datetime:
        """Of a valid form."""
        span = self.cleaned_data["span"]
        if span == TIME:
            chosen: datetime = self.cleaned_data["time"]
            return chosen
        return now + timedelta(hours=1) if span == HOUR else morning(now)


def morning(now: datetime) -> datetime:
    """Eight o'clock of the next day, by our clock."""
    there = timezone.localtime(now) + timedelta(days=1)
    return there.replace(hour=MORNING, minute=0, second=0, microsecond=0)


class GiveForm(forms.Form):
    """Who sees to it; nobody when it is left empty."""

    user = forms.TypedChoiceField(label=_("Who sees to it"), required=False, coerce=int, empty_value=None)

    def __init__(self, people: Sequence[User], *more: Any, **options: Any) -> None:
        super().__init__(*more, **options)
        named = [(str(user.pk), user.short_name) for user in people]
        self.fields["user"].choices = [("", pgettext_lazy("assignee", "nobody")), *named]  # type: ignore[attr-defined]
