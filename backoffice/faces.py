"""How the canonical words look: tone and icon of each stage, action state, source and code kind.

The words themselves belong to the enums; this is their colour and sign only. A value nobody drew yet gets a plain face
and its own text, so an unknown status is shown and never breaks a page. Marketplaces bring their badge with
``register_badge``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Face:
    """A tone (a class of parts/small.css) and an icon (a name of Lucide)."""

    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class Badge:
    """A marketplace in two letters; ``hue`` is a class of parts/small.css: violet, gold, teal, red or blue."""

    short: Text
    title: Text
    hue: str = "blue"


@dataclass(frozen=True, slots=True)
class Step:
    """One stop on the way of a task; ``state`` is done, now, next or bad."""

    label: Text
    state: str


UNKNOWN: Final = Face("plain", "circle-question-mark")

STAGES: Final = {
    "waiting": Face("plain", "hourglass"),
    "new": Face("new", "inbox"),
    "assembling": Face("assembling", "scan-barcode"),
    "ready": Face("ready", "package-check"),
    "delivering": Face("delivering", "truck"),
    "at_pickup_point": Face("pickup", "map-pin"),
    "received": Face("ok", "circle-check"),
    "rejected": Face("bad", "undo-2"),
    "cancelled": Face("plain", "ban"),
    "partially_returned": Face("warn", "undo-2"),
    "returned": Face("plain", "undo-2"),
}

ACTION_STATES: Final = {
    "queued": Face("info", "clock"),
    "sending": Face("info", "loader-circle"),
    "succeeded": Face("ok", "check"),
    "uncertain": Face("warn", "circle-question-mark"),
    "failed": Face("bad", "x"),
    "cancelled": Face("plain", "ban"),
}

ACTION_WORDS: Final = {
    "queued": pgettext_lazy("action state", "queued"),
    "sending": pgettext_lazy("action state", "sending"),
    "succeeded": pgettext_lazy("action state", "done"),
    "uncertain": pgettext_lazy("action state", "no answer, checking"),
    "failed": pgettext_lazy("action state", "refused"),
    "cancelled": pgettext_lazy("action state", "stopped"),
}

SOURCES: Final = {
    "marketplace": Face("marketplace", "store"),
    "carrier": Face("carrier", "truck"),
    "staff": Face("staff", "user"),
    "api": Face("api", "plug"),
    "system": Face("system", "cog"),
}

SOURCE_WORDS: Final = {
    "marketplace": pgettext_lazy("source", "Marketplace"),
    "carrier": pgettext_lazy("source", "Carrier"),
    "staff": pgettext_lazy("source", "Staff"),
    "api": pgettext_lazy("source", "API"),
    "system": pgettext_lazy("source", "System"),
}

CODE_WORDS: Final = {
    "sgtin": pgettext_lazy("code, short", "KIZ"),
    "uin": pgettext_lazy("code, short", "UIN"),
    "imei": pgettext_lazy("code, short", "IMEI"),
    "gtin": pgettext_lazy("code, short", "GTIN"),
    "gtd": pgettext_lazy("code, short", "GTD"),
    "rnpt": pgettext_lazy("code, short", "RNPT"),
}

VERDICTS: Final = {
    "ok": Face("ok", "check"),
    "bad": Face("bad", "x"),
    "wait": Face("wait", "hourglass"),
    "info": Face("info", "info"),
    "repeat": Face("warn", "copy-check"),
    "ask": Face("warn", "triangle-alert"),
}
VERDICT_WORDS: Final = {
    "ok": _("Accepted"),
    "bad": _("Refused"),
    "wait": _("Please wait"),
    "info": _("For information"),
    "repeat": _("Read twice, counted once"),
    "ask": _("Look at it again"),
}

_badges: dict[str, Badge] = {}


def register_badge(kind: str, badge: Badge) -> None:
    """Makes the badge of a marketplace known; called once from the marketplace's side."""
    _badges[kind] = badge


def badge_of(kind: str) -> Badge:
    """The registered badge, else one made of the kind's own letters."""
    words = kind.replace("-", "_").split("_")
    letters = "".join(word[:1] for word in words) if len(words) > 1 else kind[:2]
    return _badges.get(kind) or Badge(letters.upper() or "?", kind)


def steps(path: Sequence[tuple[str, Text]], current: str, current_label: Text = "") -> list[Step]:
    """The way of a task. A ``current`` off the path (cancelled, rejected) ends it; the last stop counts as reached."""
    values = [value for value, _label in path]
    if current not in values:
        return [*(Step(label, "next") for _value, label in path), Step(current_label or current, "bad")]
    at = values.index(current)
    last = len(values) - 1
    return [Step(label, _step_state(n, at, last)) for n, (_value, label) in enumerate(path)]


def _step_state(n: int, at: int, last: int) -> str:
    if n < at or n == at == last:
        return "done"
    return "now" if n == at else "next"
