"""How facts of the floor read, in the active language: missing goods and what the marketplace lets be done about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.enums import AttentionKind, EntryKind, ShortageReason
from orders.models import Attention, TimelineEntry
from orders.services.warehouse.endings import How
from orders.services.warehouse.shortages import Ways

ENTRIES = frozenset({EntryKind.SHORTAGE, EntryKind.SHORTAGE_SETTLED})
QUESTIONS = frozenset({AttentionKind.SHORTAGE})
_SETTLED: Mapping[str, Any] = {
    How.FOUND: gettext_lazy("Found again: %(article)s"),
    How.PACKED: gettext_lazy("Packed, nothing is missing any more: %(article)s"),
    How.CLOSED: gettext_lazy("The order is closed, nothing is looked for any more: %(article)s"),
    How.CHANGED: gettext_lazy("The order was changed, nothing is looked for any more: %(article)s"),
}


def why(reason: str) -> str:
    """The reason of a shortage; one we do not know as it is."""
    return str(ShortageReason(reason).label) if reason in ShortageReason.values else reason


def entry_title(entry: TimelineEntry) -> str:
    """ "Missing: MUG-1, 1 of 2 (damaged)"; how it was settled."""
    facts: Mapping[str, Any] = entry.data
    if entry.kind == EntryKind.SHORTAGE:
        return _missing(facts, entry.code)
    return str(_SETTLED.get(entry.code, "%(article)s")) % {"article": facts.get("article", "")}


def entry_detail(entry: TimelineEntry) -> str:
    """The note of whoever reported it."""
    return str(entry.data.get("note") or "")


def question(row: Attention) -> tuple[str, str]:
    """What is asked about missing goods, and what to do about it."""
    facts: Mapping[str, Any] = row.facts
    if facts.get("out"):
        todo = _("Look for them once more. If they are not there: take them out of the order on the task page.")
    else:
        todo = _(
            "Look for them once more. If they are not there: the whole order has to be cancelled on the task page."
        )
    return _missing(facts, str(facts.get("reason", ""))), todo


def _missing(facts: Mapping[str, Any], reason: str) -> str:
    words = {"article": facts.get("article", ""), "count": facts.get("count", ""), "of": facts.get("of", "")}
    return _("Missing: %(article)s, %(count)s of %(of)s (%(why)s)") % {**words, "why": why(reason)}


def rules(ways: Ways) -> list[str]:
    """What the marketplace lets be done about missing goods, for people to read before they decide."""
    return [*_of_taking_out(ways), *_of_cancelling(ways)]


def _of_taking_out(ways: Ways) -> list[str]:
    if ways.take_out is None:
        return [_("This marketplace takes no single items out of an order: it is sent whole or cancelled.")]
    if ways.take_out.refusal is not None:
        return [_("Taking it out of the order is not possible: %(why)s") % {"why": ways.take_out.refusal.text}]
    return [
        _("It can be taken out of the order, the rest is sent."),
        _("The buyer is told and gets the money back. This cannot be taken back."),
    ]


def _of_cancelling(ways: Ways) -> list[str]:
    if ways.cancel is None:
        return []
    if ways.cancel.refusal is not None:
        return [_("Cancelling is not possible: %(why)s") % {"why": ways.cancel.refusal.text}]
    if ways.cancel.given:  # a reason that blames the shop
        return [_("The whole order can be cancelled: the buyer is told at once, and it counts as the shop's fault.")]
    return [_("The whole order can be cancelled: the buyer is told at once.")]
