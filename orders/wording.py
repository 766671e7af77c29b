"""How facts read, in the active language: timeline entries, questions, refusals. Texts are made when shown, not when stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from backoffice.words import span
from orders import floorwords, trackwords
from orders.enums import ActionKind, AttentionKind, CallOutcome, CodeKind, EntryKind, Stage
from orders.marketplaces import registry
from orders.models import Attention, TimelineEntry

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]+")


def label(choices: type[Any], value: str) -> str:
    """The word of an enum's value; a value we do not know is shown as it is."""
    try:
        return str(choices(value).label) if value else value
    except ValueError:
        return value


def meaning(marketplace: str, said: str) -> str:
    """What a refusal means in the active language; nothing when none of its words is known."""
    for word in _WORD.findall(said):
        name = registry.word_name(marketplace, "error", word)
        if name != word:
            return name
    return ""


def explained(marketplace: str, said: str) -> str:
    """What a refusal means, with the marketplace's own words behind it: "The IMEI is missing (409 ImeiIsNotFilled)"."""
    meant = meaning(marketplace, said)
    return f"{meant} ({said})" if meant else said


def reason(marketplace: str, said: str) -> str:
    """A reason of an action for people."""
    return registry.word_name(marketplace, "reason", said) if said else ""


def status(marketplace: str, said: str, names: Iterable[str]) -> str:
    """Raw words of a status, " / " between them, for people; ``names`` of the words there may be."""
    return " / ".join(_status_word(marketplace, word, names) for word in said.split(" / "))


def _status_word(marketplace: str, word: str, names: Iterable[str]) -> str:
    told = (registry.word_name(marketplace, name, word) for name in names)
    return next((each for each in told if each != word), word)


def entry_title(entry: TimelineEntry, marketplace: str = "", names: Iterable[str] = ()) -> str:
    """One sentence for a timeline entry; with its ``marketplace`` the raw words in it are put into human ones.

    ``names``: of the words the marketplace tells a status by.
    """
    facts: Mapping[str, Any] = entry.data
    if entry.kind == EntryKind.CALLED:
        return _called(entry)
    if entry.kind in trackwords.ENTRIES:
        return trackwords.entry_title(entry)
    if entry.kind in floorwords.ENTRIES:
        return floorwords.entry_title(entry)
    if entry.kind == EntryKind.STATUS:
        return _("Marketplace status: %(code)s") % {"code": status(marketplace, entry.code, tuple(names))}
    words = {
        "stage": label(Stage, entry.status),
        "from": label(Stage, str(facts.get("from", ""))),
        "action": label(ActionKind, entry.code if entry.kind != EntryKind.ACTION_FAILED else entry.status),
        "detail": _detail(entry, marketplace),
        "article": str(facts.get("article", "")),
        "kind": label(CodeKind, str(facts.get("kind", ""))),
        "unit": facts.get("unit", ""),
        "of": facts.get("of", ""),
        "code": registry.word_name(marketplace, "decision", entry.code),
        "before": facts.get("from", ""),
        "after": facts.get("to", ""),
        "number": str(facts.get("number") or facts.get("again") or ""),
    }
    return _sentence(entry, facts) % words


def _called(entry: TimelineEntry) -> str:
    """ "Call to the buyer: no answer, 34 s"."""
    outcome, seconds = label(CallOutcome, entry.code), entry.data.get("seconds")
    if seconds is None:
        return _("Call to the buyer: %(outcome)s") % {"outcome": outcome}
    return _("Call to the buyer: %(outcome)s, %(seconds)d s") % {"outcome": outcome, "seconds": int(seconds)}


def asked_with(entry: TimelineEntry, marketplace: str = "") -> str:
    """What an action was asked with: its reason, its day, the content of a detail. Nothing for other entries."""
    if entry.kind != EntryKind.ACTION_REQUESTED:
        return ""
    data: Mapping[str, Any] = entry.data.get("data") or {}
    told = [reason(marketplace, str(entry.data.get("reason", ""))), str(entry.data.get("date", ""))]
    told += [str(data[name]) for name in ("date", "track", "number") if data.get(name)]
    boxes = len(data.get("boxes") or [])
    if boxes:
        told.append(ngettext("%(count)d box", "%(count)d boxes", boxes) % {"count": boxes})
    return " · ".join(part for part in told if part)


def _detail(entry: TimelineEntry, marketplace: str) -> str:
    said = str(entry.data.get("detail") or entry.data.get("code") or "")
    return meaning(marketplace, said) or said if entry.kind == EntryKind.ACTION_FAILED else said


def _sentence(entry: TimelineEntry, facts: Mapping[str, Any]) -> str:
    if entry.kind == EntryKind.STAGE and entry.correction:
        return _("Corrected: %(from)s → %(stage)s")
    if entry.kind == EntryKind.BUYER_KNOWN:
        return (
            _("Buyer's name and phone are known") if facts.get("complete") else _("Buyer's name is known, no phone yet")
        )
    if entry.kind == EntryKind.ACTION_REQUESTED and facts.get("again"):
        return _("Asked again: %(action)s")
    if entry.kind == EntryKind.CODE_REMOVED and facts.get("again"):
        return _("%(kind)s came back with its unit and is used again on order %(number)s")
    if entry.kind == EntryKind.CODE_SWAPPED:
        return _swapped(facts)
    return str(_SENTENCES.get(entry.kind, "%(code)s"))


def _swapped(facts: Mapping[str, Any]) -> str:
    if facts.get("back"):
        return _("%(kind)s swapped back with order %(number)s: %(article)s")
    if facts.get("taken"):
        return _("%(kind)s taken over from order %(number)s: %(article)s")
    return _("%(kind)s given to order %(number)s: %(article)s waits for its own code")


_SENTENCES: Mapping[str, Any] = {
    EntryKind.ORDER_RECEIVED: gettext_lazy("Order received and saved whole"),
    EntryKind.ORDER_CHANGED: gettext_lazy("The marketplace changed the order"),
    EntryKind.STAGE: gettext_lazy("%(from)s → %(stage)s"),
    EntryKind.ASSIGNED: gettext_lazy("Taken into work"),
    EntryKind.RELEASED: gettext_lazy("Given back to the queue"),
    EntryKind.ACTION_REQUESTED: gettext_lazy("Asked: %(action)s"),
    EntryKind.ACTION_DONE: gettext_lazy("Accepted: %(action)s"),
    EntryKind.ACTION_FAILED: gettext_lazy("Refused: %(action)s. %(detail)s"),
    EntryKind.ACTION_UNCERTAIN: gettext_lazy("No answer: %(action)s. Checking before sending again"),
    EntryKind.ACTION_STOPPED: gettext_lazy("Stopped: %(action)s"),
    EntryKind.CODE_ADDED: gettext_lazy("%(kind)s entered: %(article)s, %(unit)s of %(of)s"),
    EntryKind.CODE_REMOVED: gettext_lazy("%(kind)s removed"),
    EntryKind.CODE_STATE: gettext_lazy("%(kind)s checked: %(code)s"),
    EntryKind.PICKED: gettext_lazy("All goods are there, each one scanned or checked"),
    EntryKind.PICK_UNDONE: gettext_lazy("Taken back: %(article)s, %(unit)s of %(of)s"),
    EntryKind.SEEN: gettext_lazy("Checked by eye: %(article)s, %(unit)s of %(of)s"),
    EntryKind.BUYER_SHOWN: gettext_lazy("Buyer's data shown"),
    EntryKind.DELIVERY_WINDOW: gettext_lazy("Delivery time set by the buyer"),
    EntryKind.CANCEL_REQUESTED: gettext_lazy("The buyer wants to cancel the order"),
    EntryKind.CANCEL_WITHDRAWN: gettext_lazy("The buyer's wish to cancel is settled"),
    EntryKind.ITEMS_CHANGED: gettext_lazy("%(article)s: %(before)s → %(after)s pcs"),
    EntryKind.NOTE: "%(detail)s",
}


#: A wish to cancel before the order is handed over: the marketplace decides by itself.
_UNANSWERABLE = (
    gettext_lazy("The buyer wants to cancel the order"),
    gettext_lazy(
        "At this stage nothing has to be answered: the marketplace decides by itself. Do not hand the parcel over."
    ),
)


def quoted(text: str) -> str:
    """In the quotation marks of the language."""
    return _("“%(text)s”") % {"text": text}


def attention_text(row: Attention, marketplace: str = "") -> tuple[str, str]:
    """What is asked and what to do about it; with its ``marketplace`` a refusal is put into human words too."""
    facts: Mapping[str, Any] = row.facts
    words = {
        "detail": explained(marketplace, str(facts.get("detail") or facts.get("reason") or "")),
        "words": str(facts.get("words", "")),
        "from": label(Stage, str(facts.get("from", ""))),
        "to": label(Stage, str(facts.get("to", ""))),
        "action": label(ActionKind, str(facts.get("kind", ""))),
        "number": str(facts.get("external_id") or facts.get("task") or facts.get("number") or ""),
        "left": left(str(facts.get("until", ""))),
        **trackwords.question_words(facts),
    }
    if row.kind == AttentionKind.CANCEL_REQUESTED and facts.get("answer") is False:
        return str(_UNANSWERABLE[0]), str(_UNANSWERABLE[1])
    if row.kind in floorwords.QUESTIONS:
        return floorwords.question(row)
    if row.kind == AttentionKind.SYNC_FAILING and "skipped" in facts:
        return trackwords.passed_over(facts)
    title, todo = _QUESTIONS.get(row.kind, lambda: (str(row.get_kind_display()), ""))()
    return title % words, todo % words


def left(until: str) -> str:
    """How long something waits for an answer: "within 41 h", or that it is too late."""
    moment = parse_datetime(until) if until else None
    now = timezone.now()
    if moment is None:
        return pgettext("answer", "soon")
    if moment <= now:
        return _("now: the time is over")
    return pgettext("answer", "within %(span)s") % {"span": _hours(moment - now)}


def _hours(rest: timedelta) -> str:
    """In hours up to three days: "1 day" would say too little of what is nearly two."""
    hours = int(rest.total_seconds() // 3600)
    return _("%(n)d h") % {"n": hours} if 24 <= hours < 72 else span(rest)


_QUESTIONS: Mapping[str, Any] = {
    **trackwords.QUESTIONS,
    AttentionKind.BAD_ORDER: lambda: (
        _("Order %(number)s could not be read: %(detail)s"),
        _("The raw text is kept. Handle the order in the seller's cabinet and report the text to your developer."),
    ),
    AttentionKind.CREDENTIALS: lambda: (
        _("The marketplace does not accept the token: %(detail)s"),
        _("All calls are paused. Put a new token into the account, then press “Resume”."),
    ),
    AttentionKind.ROUTE_GONE: lambda: (
        _("A method of the marketplace is gone: %(detail)s"),
        _("Switch the account to the other dialect, or update the program."),
    ),
    AttentionKind.UNKNOWN_STATUS: lambda: (
        _("Unknown marketplace status: %(words)s"),
        _("Nothing was moved. Look at the order in the seller's cabinet."),
    ),
    AttentionKind.CORRECTION: lambda: (
        _("The marketplace took a step back: %(from)s → %(to)s"),
        _("Check where the parcel is."),
    ),
    AttentionKind.CANCELLED_IN_WORK: lambda: (
        _("Cancelled while it was being assembled"),
        _("Stop assembling, put the goods back on the shelf."),
    ),
    AttentionKind.ACTION_FAILED: lambda: (
        _("Refused: %(action)s. %(detail)s"),
        _("Open the task: correct what is wrong and send it again, or give it up."),
    ),
    AttentionKind.CODE_REFUSED: lambda: (
        _("A marking code was refused"),
        _("Remove the code on the task page and scan the one on the goods again."),
    ),
    AttentionKind.CANCEL_REQUESTED: lambda: (
        _("The buyer wants to cancel: answer %(left)s"),
        _("Open the task and accept or refuse. Without an answer the order is cancelled by itself."),
    ),
    AttentionKind.SYNC_FAILING: lambda: (
        _("The account does not answer: %(detail)s"),
        _("It is tried again by itself. If it lasts, check the address and the marketplace's news."),
    ),
}
