"""The receipt of a reaction as lines of words: what the rule was, and what it looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from backoffice import words
from carriers.statuses import Change, Finality
from orders import trackclock, trackwords, wording
from orders.enums import ReactionMode, ReactionState, Stage
from orders.marketplaces import registry
from orders.models import Reaction
from orders.services.reacting import receipts

from .panels import Line


def rule(row: Reaction) -> list[Line]:
    """The rule as it was then."""
    told: Mapping[str, Any] = row.inputs
    grace, cap = told.get("grace_minutes"), told.get("cap_per_hour")
    pairs = (
        (pgettext("receipt", "Version of the rule"), str(row.rule_version)),
        (_("Mode"), wording.label(ReactionMode, row.mode)),
        (_("Wait"), _minutes(int(grace)) if grace is not None else ""),
        (_("At most an hour"), str(cap) if cap is not None else ""),
        (_("Stopped"), _("yes") if told.get("killed") else ""),
        (pgettext("receipt", "Trial run"), _trial(row)),
    )
    return _lines(pairs)


def _trial(row: Reaction) -> str:
    """What the rule would have done by itself; nothing where it was no trial."""
    if not receipts.is_trial(row) or row.due_at is None:
        return ""
    over = row.decided_at if row.state == ReactionState.OVERTAKEN else None
    if over is not None and over < row.due_at:
        return _("it would have waited, and done nothing")
    when = words.moment(row.due_at, timezone.now())
    return (_("it would have done it: %(when)s") if row.due_at <= timezone.now() else _("it would do it: %(when)s")) % {
        "when": when
    }


def _minutes(count: int) -> str:
    return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}


def inputs(row: Reaction, marketplace: str) -> list[Line]:
    """Both sides' words and times, as the rule saw them."""
    told: Mapping[str, Any] = row.inputs
    carrier = " · ".join(dict.fromkeys(str(told[name]) for name in ("raw_status", "raw_title") if told.get(name)))
    pairs = (
        (_("The carrier said"), carrier),
        (_("That means"), _meaning(told)),
        (_("Before that"), trackwords.status(str(told.get("before", "")))),
        (pgettext("receipt", "What it is to that"), wording.label(Change, str(told.get("change", "")))),
        *_happened(told),
        (_("Learned"), _moment(told.get("learned_at"))),
        (_("Day of the delivery"), _day(str(told.get("delivered_on", "")))),
        (_("Our stage"), wording.label(Stage, str(told.get("stage", "")))),
        (_("The marketplace said"), _words(told.get("words") or {}, marketplace)),
        (_("Other parcels of the order"), _others(told.get("other_parcels") or {})),
        (_("Reason"), wording.reason(marketplace, row.reason)),
        (_("Day told to the marketplace"), trackwords.day(row.date)),
    )
    return _lines(pairs)


def _happened(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """By the clock there where it reads otherwise; then with when the carrier wrote it down, by ours."""
    moment = parse_datetime(str(told.get("happened_at") or ""))
    there = trackclock.there(told, moment) if moment else ""
    written = pgettext("receipt", "Written down by the carrier")
    return [(_("Happened"), there or _moment(told.get("happened_at"))), (written, _moment(moment) if there else "")]


def _meaning(told: Mapping[str, Any]) -> str:
    parts = (trackwords.status(str(told.get("status", ""))), wording.label(Finality, str(told.get("finality", ""))))
    return ", ".join(part for part in parts if part)


def _day(told: str) -> str:
    return trackwords.day(parse_date(told)) if told else ""


def _moment(told: Any) -> str:
    found = parse_datetime(str(told)) if told else None
    return words.moment(found, timezone.now()) if found else ""


def _words(told: Mapping[str, Any], marketplace: str) -> str:
    return " · ".join(
        dict.fromkeys(registry.word_name(marketplace, name, str(value)) for name, value in told.items() if value)
    )


def _others(told: Mapping[str, Any]) -> str:
    return ", ".join(f"{trackwords.status(status)}: {count}" for status, count in told.items())


def _lines(pairs: Iterable[tuple[str, str]]) -> list[Line]:
    return [Line(str(label), value) for label, value in pairs if value]
