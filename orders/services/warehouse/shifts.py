"""Shifts of people: the only writer of Shift. One is open at a time."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Invalid
from orders.models import Shift
from orders.services.actors import Actor

LONGEST_NOTE = 500
LONGEST_STATION = 40


def start(*, station: str, actor: Actor, now: datetime | None = None) -> Shift:
    """The person is at work at this station. Idempotent: the open shift there is, moved to the station when that is another.

    Raises ``Invalid`` for a name of a station that is too long.
    """
    name = " ".join(station.split())
    if len(name) > LONGEST_STATION:
        raise Invalid(
            "station", _("The name of a station has at most %(most)d characters.") % {"most": LONGEST_STATION}
        )
    if name:
        Shift.objects.filter(user=actor.user, ended_at=None).exclude(station=name).update(station=name)
    fresh = {"station": name, "started_at": now or timezone.now()}
    return Shift.objects.get_or_create(user=actor.user, ended_at=None, defaults=fresh)[0]


def end(*, note: str, actor: Actor, now: datetime | None = None) -> Shift | None:
    """The person goes, with a note for the next. Idempotent: None when no shift was open, and then nothing is kept.

    Raises ``Invalid`` for a note that is too long.
    """
    text = note.strip()
    if len(text) > LONGEST_NOTE:
        raise Invalid("note", _("The note has at most %(most)d characters.") % {"most": LONGEST_NOTE})
    shift = open_shift(actor.user_id) if actor.user_id is not None else None
    if shift is None:
        return None
    ended = now or timezone.now()
    if not Shift.objects.filter(pk=shift.pk, ended_at=None).update(ended_at=ended, note=text):
        return None
    shift.ended_at, shift.note = ended, text
    return shift


def open_shift(user_id: int) -> Shift | None:
    """The person's shift that has not ended: one statement."""
    return Shift.objects.filter(user_id=user_id, ended_at=None).first()
