"""Who changed what: kept as the admin keeps it (a row's history), and told as a line of the log. Names only, never values."""

from __future__ import annotations

import json
from collections.abc import Sequence

import structlog
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

log = structlog.get_logger(__name__)


def note_added(row: Model, *, by: int | None) -> None:
    """A row that was made. ``by``: the user, None for the system, which leaves a line of the log only. Not idempotent."""
    _note(row, by, "added", [])


def note_changed(row: Model, what: Sequence[str], *, by: int | None) -> None:
    """What was done to a row: names of fields, or a word. Nothing is written for nothing. Not idempotent."""
    if what:
        _note(row, by, "changed", what)


def _note(row: Model, by: int | None, how: str, what: Sequence[str]) -> None:
    log.info("record", model=type(row).__name__, pk=row.pk, how=how, what=list(what), user=by)
    if by is not None:
        LogEntry.objects.create(
            user_id=by,
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(row)[:200],
            action_flag=ADDITION if how == "added" else CHANGE,
            change_message=json.dumps([{how: {"fields": list(what)} if what else {}}]),
        )
