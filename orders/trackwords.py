"""How parcels and what follows from them read, in the active language: timeline entries, questions, reasons of a suggestion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from carriers.statuses import TrackingStatus
from carriers.types import ProblemKind
from orders import trackclock
from orders.divergence import TODO, Risk
from orders.enums import ActionKind, AttentionKind, EntryKind, ReactionState, Stage
from orders.models import Reaction, Shipment, TimelineEntry
from orders.services.reacting.catchup import DETACHED
from orders.services.shipping import silence
from orders.troubles import Trouble

#: What a person does with one click, where a carrier's word suggests it.
BUTTONS: Mapping[str, Any] = {
    ActionKind.DELIVER: pgettext_lazy("suggestion", "Hand over for delivery"),
    ActionKind.ARRIVE: pgettext_lazy("suggestion", "Arrived at the pick-up point"),
    ActionKind.RECEIVE: pgettext_lazy("suggestion", "Mark as received"),
    ActionKind.REJECT: pgettext_lazy("suggestion", "Refused by the buyer"),
    ActionKind.CANCEL: pgettext_lazy("suggestion", "Cancel the task"),
}
#: The same for a row of a list.
_SHORT: Mapping[str, Any] = {
    ActionKind.DELIVER: pgettext_lazy("button", "Hand over"),
    ActionKind.ARRIVE: pgettext_lazy("button", "Arrived"),
    ActionKind.RECEIVE: pgettext_lazy("button", "Received"),
    ActionKind.REJECT: pgettext_lazy("button", "Refused…"),
    ActionKind.CANCEL: pgettext_lazy("button", "Cancel…"),
    ActionKind.ACCEPT_CANCEL: pgettext_lazy("button", "Accept…"),
}
_WHY: Mapping[str, Any] = {
    TrackingStatus.OUT_FOR_DELIVERY: gettext_lazy("The courier took it out for delivery %(when)s."),
    TrackingStatus.READY_FOR_PICKUP: gettext_lazy("It can be picked up at the point since %(when)s."),
    TrackingStatus.DELIVERED: gettext_lazy("The courier delivered it %(when)s."),
    TrackingStatus.PARTIALLY_DELIVERED: gettext_lazy("It was delivered in part %(when)s."),
    TrackingStatus.UNDELIVERED: gettext_lazy("The carrier gave the delivery up %(when)s."),
    TrackingStatus.CANCELLED: gettext_lazy("It was cancelled at the carrier %(when)s."),
    TrackingStatus.RETURNING: gettext_lazy("It is on its way back since %(when)s."),
    TrackingStatus.RETURNED: gettext_lazy("It came back to the sender %(when)s."),
    TrackingStatus.LOST: gettext_lazy("The carrier lost it, as of %(when)s."),
}
_REACTIONS: Mapping[str, Any] = {
    ReactionState.SUGGESTED: gettext_lazy("Suggested: %(action)s"),
    ReactionState.WAITING: gettext_lazy("Waits for a correction before it is done by itself: %(action)s"),
    ReactionState.ACTED: gettext_lazy("Done by itself: %(action)s"),
    ReactionState.TAKEN: gettext_lazy("Suggestion taken: %(action)s"),
    ReactionState.REFUSED: gettext_lazy("Not possible by itself: %(action)s"),
    ReactionState.STOPPED: gettext_lazy("Stopped before it was done by itself: %(action)s"),
    ReactionState.OVERTAKEN: gettext_lazy("Not done, overtaken by events: %(action)s"),
    ReactionState.SHADOW: gettext_lazy("Trial run, would have been done: %(action)s"),
}
ENTRIES = frozenset(
    {
        EntryKind.TRACKING, EntryKind.TRACKING_RETRACTED, EntryKind.SHIPMENT_ATTACHED, EntryKind.SHIPMENT_DETACHED,
        EntryKind.REACTION,
    }
)  # fmt: skip


def status(value: str) -> str:
    """The word of a tracking status; one we do not know as it is."""
    return str(TrackingStatus(value).label) if value in TrackingStatus.values else value


def short(kind: ActionKind, *, coded: bool) -> str:
    """A button of a row; ``coded``: the buyer's code is asked first."""
    return pgettext("button", "Enter the code") if coded else str(_SHORT.get(kind, kind.label))


def day(value: dt.date | None) -> str:
    """ "26 November"; nothing without a day."""
    return date_format(value, "j E") if value else ""


def why(row: Reaction) -> str:
    """The sentence of a reaction with its shipment: what the carrier said, and when."""
    told = str(row.inputs.get("happened_at") or "")
    when = (parse_datetime(told) if told else None) or row.shipment.changed_at or row.created_at
    sentence = _WHY.get(row.status, gettext_lazy("The carrier says “%(status)s” %(when)s."))
    return str(sentence) % {"status": status(row.status), "when": trackclock.sentence(row.inputs, when)}


def receipt_title(row: Reaction) -> str:
    """What became of a reaction, as one sentence."""
    return str(_REACTIONS.get(row.state, "%(action)s")) % {"action": ActionKind(row.kind).label}


def entry_title(entry: TimelineEntry) -> str:
    """One sentence for an entry about a parcel."""
    return _TITLES[EntryKind(entry.kind)](entry)


def _tracking(entry: TimelineEntry) -> str:
    word = status(entry.status) if entry.status else ""
    if not word or entry.status == TrackingStatus.UNKNOWN:
        return _("A word of the carrier that is not known: %(code)s") % {"code": entry.code}
    return _("Corrected by the carrier: %(status)s") % {"status": word} if entry.correction else word


def _retracted(entry: TimelineEntry) -> str:
    return _("The carrier took it back: %(status)s") % {"status": status(entry.status) or entry.code}


def _attached(entry: TimelineEntry) -> str:
    return _("Parcel attached: %(number)s") % {"number": _number(entry)}


def _detached(entry: TimelineEntry) -> str:
    reason = str(entry.data.get("reason", ""))
    words = {"number": _number(entry), "reason": reason}
    return (_("Parcel taken off: %(number)s. %(reason)s") if reason else _("Parcel taken off: %(number)s")) % words


def _number(entry: TimelineEntry) -> str:
    return str(entry.data.get("number") or (entry.shipment.number if entry.shipment else ""))


def _reaction(entry: TimelineEntry) -> str:
    state = str(entry.data.get("state") or entry.status)
    action = str(entry.data.get("kind") or entry.code)
    name = str(ActionKind(action).label) if action in ActionKind.values else action
    return str(_REACTIONS.get(state, "%(action)s")) % {"action": name}


_TITLES: Mapping[EntryKind, Callable[[TimelineEntry], str]] = {
    EntryKind.TRACKING: _tracking,
    EntryKind.TRACKING_RETRACTED: _retracted,
    EntryKind.SHIPMENT_ATTACHED: _attached,
    EntryKind.SHIPMENT_DETACHED: _detached,
    EntryKind.REACTION: _reaction,
}


def entry_detail(entry: TimelineEntry) -> str:
    """The carrier's own words and the place; why something followed or did not."""
    names = ("title", "place") if entry.kind in (EntryKind.TRACKING, EntryKind.TRACKING_RETRACTED) else ("note",)
    return " · ".join(dict.fromkeys(str(entry.data[name]) for name in names if entry.data.get(name)))


def entry_clock(entry: TimelineEntry) -> str:
    """The source's own clock, for a title: "26.11.2026 14:02 +03:00"; a local time without a zone says so."""
    local = str(entry.data.get("local") or "")
    if not local:
        return ""
    told = parse_datetime(local)
    shown = f"{told:%d.%m.%Y %H:%M}" if told else local
    offset = str(entry.data.get("offset") or "")
    return f"{shown} {offset}" if offset else _("%(time)s, local time there") % {"time": shown}


def question_words(facts: Mapping[str, Any]) -> dict[str, str]:
    """What the questions about parcels name."""
    problem_ = PROBLEMS.get(str(facts.get("problem", "")))
    told = str(facts.get("risk", ""))
    return {
        "from_word": status(str(facts.get("from", ""))),
        "to_word": _to_word(facts),
        "word": str(facts.get("word", "")),
        "problem": str(problem_[0]) if problem_ else str(facts.get("problem", "")),
        "silent": silence.words(facts, now=timezone.now()) if "since" in facts and "name" in facts else "",
        "divergence": _divergence(facts) if "carrier" in facts else "",
        "todo": str(TODO[Risk(told)]) if told in TODO else "",
    }


def passed_over(facts: Mapping[str, Any]) -> tuple[str, str]:
    """A page of changes that could not be read, what was skipped with it, and what is done instead."""
    parcels = int(facts.get("parcels", 0))
    title = _("What the carrier says has changed could not be read and was passed over: %(detail)s")
    todo = ngettext(
        "%(n)d parcel is asked about by its number instead: nothing of it is lost. A parcel that is attached to no order yet "
        "comes with its next change, or attach it by its number. The raw text is kept: report it to your developer.",
        "%(n)d parcels are asked about by their numbers instead: nothing of them is lost. A parcel that is attached to no order "
        "yet comes with its next change, or attach it by its number. The raw text is kept: report it to your developer.",
        parcels,
    )
    return title % {"detail": str(facts.get("detail", ""))}, todo % {"n": parcels}


def _to_word(facts: Mapping[str, Any]) -> str:
    if facts.get("to") != DETACHED:
        return status(str(facts.get("to", "")))
    kind = str(facts.get("kind", ""))
    name = ActionKind(kind).label if kind in ActionKind.values else kind
    return _("taken off the order, but the marketplace was told of it: %(action)s") % {"action": name}


def _divergence(facts: Mapping[str, Any]) -> str:
    """Both sides' words; what is wrong with a parcel where the two agree."""
    carrier, marketplace = facts["carrier"], facts.get("marketplace")
    if not isinstance(carrier, Mapping) or not isinstance(marketplace, Mapping):
        return ""
    code, stage = str(facts.get("code", "")), str(marketplace.get("stage", ""))
    if code in Trouble.values and not facts.get("kind"):
        return _("Parcel %(number)s: %(trouble)s") % {
            "number": carrier.get("number", ""),
            "trouble": Trouble(code).label,
        }
    words = {
        "marketplace": Stage(stage).label if stage in Stage.values else stage,
        "carrier": status(str(carrier.get("status", ""))),
    }
    return _("Marketplace: “%(marketplace)s”, carrier: “%(carrier)s”") % words


def problem(parcel: Shipment) -> tuple[str, str]:
    """Why the carrier tells nothing of a parcel, and what to do about it; nothing where all is well."""
    known = PROBLEMS.get(parcel.problem)
    return (str(known[0]), str(known[1])) if known else (parcel.problem, parcel.problem_detail)


PROBLEMS: Mapping[str, tuple[Any, Any]] = {
    ProblemKind.NOT_FOUND: (
        gettext_lazy("The carrier does not know this number"),
        gettext_lazy("Compare it with the waybill and replace it if it is mistyped. A new parcel may take some hours."),
    ),
    ProblemKind.AMBIGUOUS: (
        gettext_lazy("The carrier has several parcels with this number"),
        gettext_lazy("Replace it by the carrier's own number of the parcel: it stands on the waybill."),
    ),
    ProblemKind.UNREADABLE: (
        gettext_lazy("The carrier's answer cannot be read"),
        gettext_lazy("It is asked again by itself. If it lasts, report it to your developer."),
    ),
}
QUESTIONS: Mapping[str, Callable[[], tuple[str, str]]] = {
    AttentionKind.TRACKING_CORRECTION: lambda: (
        _("The carrier took its word back: %(from_word)s → %(to_word)s"),
        _("Nothing was reversed at the marketplace. Ask the carrier where the parcel is, then decide."),
    ),
    AttentionKind.TRACKING_UNKNOWN: lambda: (
        _("A word of the carrier that is not known: %(word)s"),
        _("Nothing was moved. Look at the parcel in the carrier's cabinet and report the word to your developer."),
    ),
    AttentionKind.TRACKING_PROBLEM: lambda: (
        _("Parcel %(number)s: %(problem)s"),
        _("Open the order and replace or take off the number."),
    ),
    AttentionKind.TRACKING_LOOK: lambda: (
        _("Parcel %(number)s: %(to_word)s"),
        _("Ask the carrier what happened, then decide about the order."),
    ),
    AttentionKind.DIVERGENCE: lambda: (
        "%(divergence)s",
        "%(todo)s",
    ),
    AttentionKind.SILENCE: lambda: (
        "%(silent)s",
        _("Calls may succeed and still bring nothing. Check the account, its settings and the worker."),
    ),
}  # fmt: skip
