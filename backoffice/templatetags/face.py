"""Components of the pages: ``{% load face %}``. The style page at ``/styleguide/`` shows each of them in every state.

Small ones that stand in every row are built by ``format_html``; the larger ones are templates in ``components/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from django import template
from django.forms import BoundField, CheckboxInput, Select, Widget
from django.template.context import Context
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from lucide.templatetags.lucide import lucide as draw

from backoffice import faces, lines, words
from backoffice.faces import Face, Text

register = template.Library()


# Words and chips ----------------------------------------------------------------------------------------------------
@register.simple_tag
def icon(name: str, size: int = 20, css: str = "") -> SafeString:
    """A Lucide icon, hidden from screen readers: a word always stands beside it."""
    return _icon(str(name), int(size), str(css))


@register.simple_tag
def badge(kind: str) -> SafeString:
    """The marketplace in two letters, its full name in the title."""
    face = faces.badge_of(kind)
    return format_html('<abbr class="mp {}" title="{}">{}</abbr>', face.hue, face.title, face.short)


@register.simple_tag
def stage_chip(stage: str, label: Text = "") -> SafeString:
    """The stage: icon, colour and word. Pass the word (``task.get_stage_display``); an unknown stage shows its own."""
    return _chip(faces.STAGES.get(stage, faces.UNKNOWN), _label(stage, label))


@register.simple_tag
def action_chip(state: str, label: Text = "", detail: Text = "") -> SafeString:
    """The state of an action: queued, sending (turning), succeeded, uncertain, failed, cancelled."""
    face = faces.ACTION_STATES.get(state, faces.UNKNOWN)
    return _chip(face, _label(state, label or faces.ACTION_WORDS.get(state, "")), detail, busy=state == "sending")


@register.simple_tag
def chip(tone: str, text: Text, icon_name: str = "", title: Text = "") -> SafeString:
    """A chip of any tone: ok, warn, bad, info, plain. Without an icon it has a dot."""
    return _chip(Face(tone, icon_name), text, title)


@register.simple_tag
def code_chip(kind: str, have: int, need: int, edge: str = "", label: Text = "") -> SafeString:
    """ "УИН 0/1": what is there of what is needed; red when it is missing and the row's ``edge`` is late."""
    if need <= 0 and have <= 0:
        return format_html('<span class="muted">{}</span>', _("not needed"))
    tone = "ok" if have >= need else ("bad" if edge == "late" else "warn")
    word = label or faces.CODE_WORDS.get(kind, kind.upper())
    missing = _("all codes are there") if have >= need else _("codes missing: %(n)d") % {"n": need - have}
    return _chip(Face(tone, ""), format_html("{} {}/{}", word, have, need), missing)


@register.simple_tag(takes_context=True)
def deadline(context: Context, due: datetime | None, since: datetime | None = None) -> SafeString:
    """Time left in words over the time itself; ``late`` and ``soon`` colour it (use ``urgency`` for the row's edge)."""
    if due is None:
        return format_html('<span class="due"><b class="muted">{}</b></span>', _("no deadline"))
    left = words.time_left(due, _now(context), since=since)
    return format_html(
        '<time class="due {}" datetime="{}" title="{}"><b>{}</b> <small class="muted">{}</small></time>',
        left.urgency,
        due.isoformat(),
        left.exact,
        left.text,
        left.detail,
    )


@register.simple_tag(takes_context=True)
def deadline_chip(context: Context, due: datetime | None) -> SafeString:
    """The deadline for a page head: "40 min left", "2 h late", "due tomorrow"; nothing when there is none."""
    if due is None:
        return mark_safe("")
    left = words.time_left(due, _now(context))
    tone = {"late": "bad", "soon": "warn", "": "plain"}[left.urgency]
    return _chip(Face(tone, "clock"), left.sentence, f"{left.detail} · {left.exact}")


@register.simple_tag(takes_context=True)
def urgency(context: Context, due: datetime | None) -> str:
    """ "late", "soon" or nothing: a class for the edge of a row."""
    return words.time_left(due, _now(context)).urgency if due else ""


@register.simple_tag(takes_context=True)
def moment(context: Context, when: datetime | None) -> SafeString:
    """A local time as people say it, the exact one with its offset in the title."""
    return _time(when, words.moment(when, _now(context))) if when else mark_safe("—")


@register.simple_tag(takes_context=True)
def ago(context: Context, when: datetime | None) -> SafeString:
    """ "20 s ago", the exact time in the title."""
    return _time(when, words.ago(when, _now(context))) if when else mark_safe("—")


@register.simple_tag
def money(amount: Decimal | None, currency: str = "RUB") -> SafeString:
    """An amount with its currency, not broken over lines."""
    return format_html('<span class="sum">{}</span>', words.money(amount, currency))


@register.simple_tag
def who(name: str = "", initials: str = "") -> SafeString:
    """A person as a disc of initials; an empty ring when nobody."""
    if not name:
        return format_html('<span class="who none" title="{0}"><span aria-hidden="true">—</span></span>', _("nobody"))
    short = initials or "".join(word[0] for word in name.split()[:2]).upper()
    return format_html('<span class="who" role="img" aria-label="{0}" title="{0}">{1}</span>', name, short)


# Panels -------------------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/verdict.html", takes_context=True)
def verdict(context: Context, tone: str, title: Text, text: Text = "", **more: Any) -> dict[str, Any]:
    """The answer to a scan or an action, to be read from two metres. ``tone`` is ok, bad, wait or ask.

    ``note`` is smaller print, ``undo_url`` posts an undo, ``links`` are (text, address) pairs of ways out.
    """
    face = faces.VERDICTS[tone]
    given = {"tone": face.tone, "icon": face.icon, "word": faces.VERDICT_WORDS[tone], "title": title, "text": text}
    return {**_posting(context), **given, **more}


@register.inclusion_tag("components/steps.html")
def steps(path: Sequence[tuple[str, Text]], current: str, current_label: Text = "") -> dict[str, Any]:
    """The way of a task; ``path`` is (stage, word) pairs, e.g. a slice of ``Stage.choices``."""
    return {"steps": faces.steps(path, current, current_label)}


@register.inclusion_tag("components/timeline.html", takes_context=True)
def timeline(context: Context, entries: Iterable[Any], names: Mapping[str, Text] | None = None) -> dict[str, Any]:
    """Entries in the order given: source, title, happened_at, recorded_at.

    Where known also detail, actor, correction and code. ``names`` has better words for sources:
    {"marketplace": "Wildberries"}. A code is a hint of its title; staff may open it too, since a phone shows no hints.
    """
    user = context.get("user")
    return {"lines": lines.lines(entries, _now(context), names or {}), "raw_words": bool(user and user.is_staff)}


@register.inclusion_tag("components/empty.html")
def empty(title: Text, text: Text = "", icon_name: str = "inbox", **more: Any) -> dict[str, Any]:
    """Nothing here, and what to do about it: ``url`` and ``label`` make a button."""
    return {"title": title, "text": text, "icon_name": icon_name, **more}


@register.inclusion_tag("components/keyset.html")
def keyset(previous: str | None = None, next: str | None = None, note: Text = "") -> dict[str, Any]:  # noqa: A002
    """Previous and next page by their addresses; nothing when there is one page."""
    return {"previous": previous, "next": next, "note": note}


@register.inclusion_tag("components/masked.html", takes_context=True)
def masked(context: Context, value: Text, url: str = "", label: Text = "") -> dict[str, Any]:
    """A masked personal value with a "show" that posts to ``url``; the answer replaces the whole element."""
    return {**_posting(context), "value": value, "url": url, "label": label}


@register.inclusion_tag("components/action_button.html")
def action_button(label: Text, *, reason: Text = "", tone: str = "secondary", **more: Any) -> dict[str, Any]:
    """A submit button (``name``, ``value``, ``form``) or a link (``url``, ``dialog``); with a ``reason`` it is off."""
    css = {"primary": "btn-primary", "danger": "btn-outline-danger"}.get(tone, "btn-outline-secondary")
    return {"label": label, "reason": reason, "css": css, **more}


@register.inclusion_tag("components/confirm_dialog.html", takes_context=True)
def confirm_dialog(context: Context, id: str, title: Text, action: str, **more: Any) -> dict[str, Any]:  # noqa: A002
    """A question before the irreversible, opened by a link with ``data-dialog``: the link leads to the same on a page.

    ``text``, ``button``, ``tone`` (danger), ``hidden`` {name: value}, ``form`` (a bound or empty form), ``open``.
    """
    return {**_posting(context), "id": id, "title": title, "action": action, **more}


@register.inclusion_tag("components/code_dialog.html", takes_context=True)
def code_dialog(context: Context, id: str, title: Text, action: str, **more: Any) -> dict[str, Any]:  # noqa: A002
    """Asks for the buyer's code: ``text``, ``button``, ``tone``, ``hidden``, ``error``, ``name``, ``length``."""
    return {**_posting(context), "id": id, "title": title, "action": action, **more}


# Forms --------------------------------------------------------------------------------------------------------------
CONTROL_CLASSES: Final = ((CheckboxInput, "form-check-input"), (Select, "form-select"), (Widget, "form-control"))


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, **attrs: Any) -> dict[str, Any]:
    """One form field: label, control, help, errors. Extra attributes go to the control (``inputmode="numeric"``)."""
    widget = bound.field.widget
    css = next(css for kind, css in CONTROL_CLASSES if isinstance(widget, kind))
    invalid = " is-invalid" if bound.errors else ""
    given = {name.replace("_", "-"): value for name, value in attrs.items()}
    control = bound.as_widget(attrs={**given, "class": css + invalid})
    return {"field": bound, "control": control, "check": isinstance(widget, CheckboxInput)}


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """What is wrong with the form as a whole."""
    return {"errors": form.non_field_errors()}


# Helpers ------------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=256)
def _icon(name: str, size: int, css: str) -> SafeString:
    more = {"class": css} if css else {}
    # Lucide's drawings are files of the package, not input.
    return mark_safe(draw(name, size=size, aria_hidden="true", focusable="false", **more))  # noqa: S308


def _chip(face: Face, text: Text, title: Text = "", *, busy: bool = False) -> SafeString:
    sign = _icon(face.icon, 14, "spin" if busy else "") if face.icon else ""
    hint = format_html(' title="{}"', title) if title else ""
    dot = "" if face.icon else " dot"
    return format_html('<span class="chip {}{}"{}>{}{}</span>', face.tone, dot, hint, sign, text)


def _label(value: str, label: Text) -> Text:
    return label or getattr(value, "label", "") or str(value).replace("_", " ")


def _time(when: datetime, text: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', when.isoformat(), words.exact(when), text)


def _now(context: Context) -> datetime:
    """A page that sets ``now`` gets words that agree with each other and with its own reckoning."""
    given = context.get("now")
    return given if isinstance(given, datetime) else timezone.now()


def _posting(context: Context) -> dict[str, Any]:
    return {"csrf_token": context.get("csrf_token"), "now": _now(context)}


@register.filter
def attrs_of(values: Mapping[str, Any] | None) -> SafeString:
    """Hidden inputs of a mapping."""
    pairs = (values or {}).items()
    inputs = (format_html('<input type="hidden" name="{}" value="{}">', name, value) for name, value in pairs)
    return mark_safe("".join(conditional_escape(one) for one in inputs))  # noqa: S308 - escaped one by one
