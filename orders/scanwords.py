"""How a refused scan is called, in the active language: a title that says what is wrong, to be read from two metres."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from orders.codes.problem import CODES, problem
from orders.enums import Stage
from orders.models import Scan

Facts = Mapping[str, Any]

_TITLES: Mapping[str, Promise] = {
    "already_done": gettext_lazy("Done already"),
    "already_queued": gettext_lazy("Asked already: wait for the answer"),
    "badge": gettext_lazy("This badge is out of date"),
    "busy": gettext_lazy("Wait a moment, then scan again"),
    "closed": gettext_lazy("The wave is closed"),
    "code_refused": gettext_lazy("A marking code was refused"),
    "codes_missing": gettext_lazy("Marking codes are missing"),
    "enough": gettext_lazy("One too many: all have their code"),
    "foreign_item": gettext_lazy("Wrong item"),
    "forbidden": gettext_lazy("You may not do this"),
    "gone": gettext_lazy("The code has left that order"),
    "gtin": gettext_lazy("Wrong goods"),
    "has_barcode": gettext_lazy("Scan its barcode"),
    "in_use": gettext_lazy("This code is in use"),
    "kind": gettext_lazy("Not a code of this task"),
    "needs_code": gettext_lazy("Scan its marking code"),
    "no_codes": gettext_lazy("No code needed"),
    "no_task": gettext_lazy("No task is open"),
    "not_begun": gettext_lazy("Not begun yet: scan START"),
    "not_found": gettext_lazy("No such task"),
    "not_saved": gettext_lazy("The order is not saved yet"),
    "nothing": gettext_lazy("Nothing to take back"),
    "nothing_new": gettext_lazy("Nothing is left to begin"),
    "number_in_use": gettext_lazy("The parcel of another order"),
    "other_goods": gettext_lazy("The code of other goods"),
    "person": gettext_lazy("This person may not pick"),
    "real_code": gettext_lazy("A real code on an exercise"),
    "stale": gettext_lazy("Changed meanwhile: look again"),
    "taken": gettext_lazy("Somebody else has this task"),
    "told": gettext_lazy("Packed already: not taken back"),
    "training": gettext_lazy("Real work and exercises do not mix"),
    "training_code": gettext_lazy("A training code on a real order"),
    "unknown": gettext_lazy("Nothing found"),
    "which": gettext_lazy("Which code goes back?"),
    "wrong_gtin": gettext_lazy("Wrong goods"),
}


def title(reason: str, facts: Facts) -> str:
    """What is wrong, in a few words; one that nobody named is "not possible"."""
    if reason in _SAYING:
        return _SAYING[reason](facts)
    if reason in _TITLES:
        return str(_TITLES[reason])
    return _("The code cannot be read") if reason in CODES else _("Not possible")


def asking(reason: str, facts: Facts) -> str:
    """The title of a question."""
    if reason == "undo" and facts.get("number"):
        return _("Take it back at order %(number)s?") % {"number": facts["number"]}
    return {
        "swap": _("The code of another order"),
        "came_back": _("A unit that came back?"),
    }.get(reason, _("Please check this code"))


def said(scan: Scan) -> tuple[str, str]:
    """Title and text of a refused scan for whoever reads it now: as they were said, if that was in the active language.

    Otherwise the title is made anew of the reason and its facts; a text that cannot be is left out.
    """
    words, text = str(scan.facts.get("title", "")), str(scan.facts.get("text", ""))
    if scan.facts.get("lang") in (None, get_language()):
        return words, text
    head = str(scan.facts.get("head", ""))
    anew = title(scan.reason, scan.facts)
    return f"{head} · {anew}" if head else anew, str(problem(scan.reason)) if scan.reason in CODES else ""


def knows(reason: str) -> bool:
    """Whether a reason has a title of its own."""
    return reason in _SAYING or reason in _TITLES or reason in CODES


def _stage(facts: Facts) -> str:
    stage = str(facts.get("stage", ""))
    if stage not in Stage.values:
        return _("Not at this stage")
    return _("Not now: the task is “%(stage)s”") % {"stage": Stage(stage).label}


def _not_picked(facts: Facts) -> str:
    count = int(facts.get("count") or 1)
    return ngettext("%(count)d unit is not scanned", "%(count)d units are not scanned", count) % {"count": count}


def _picked_all(facts: Facts) -> str:
    article = facts.get("article")
    return _("One too many: %(article)s") % {"article": article} if article else _("One too many: all are there")


_SAYING: Mapping[str, Callable[[Facts], str]] = {
    "stage": _stage,
    "not_picked": _not_picked,
    "picked_all": _picked_all,
}
