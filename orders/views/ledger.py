"""The life of a marking code: one field, and everything that is known of what was scanned into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.frame import in_training
from backoffice.models import User
from orders import codes as reading
from orders import scanwords
from orders.enums import CLOSED_STAGES, CodeKind, Source
from orders.forms import CodeForm
from orders.marketplaces import registry
from orders.models import AssemblyTask, MarkingCode, Scan
from orders.queries import ledger as queries
from orders.queries.ledger import Life, Stay, Way
from orders.services.warehouse.scanning import REPAIRS

from .common import open_search, page, seal_search, see_other

_LEFT: Mapping[Way, str | Promise] = {
    Way.TAKEN_OFF: gettext_lazy("Taken off order %(number)s"),
    Way.CAME_BACK: gettext_lazy("Came back from order %(number)s"),
    Way.GOODS_BACK: gettext_lazy("Came back from order %(number)s: %(stage)s"),
    Way.TAKEN_OUT: gettext_lazy("Its unit was taken out of order %(number)s"),
}
_AGAIN: Mapping[Way, str | Promise] = {
    Way.CAME_BACK: gettext_lazy("used again on order %(again)s"),
    Way.GOODS_BACK: gettext_lazy("free for another order"),
}
_LOOKS: Mapping[Way | None, tuple[str, str]] = {
    None: ("ok", "link"),
    Way.TAKEN_OFF: ("system", "unlink"),
    Way.SWAPPED: ("staff", "arrow-left-right"),
    Way.CAME_BACK: ("warn", "undo-2"),
    Way.GOODS_BACK: ("warn", "undo-2"),
    Way.TAKEN_OUT: ("system", "unlink"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a life. ``tone`` and ``icon`` say what kind it is, ``task`` is where it happened."""

    at: datetime
    title: str
    tone: str
    icon: str
    task: AssemblyTask | None
    detail: str = ""
    by: str = ""


@page("orders.work_task", "GET", "POST")
def ledger(request: HttpRequest) -> HttpResponse:
    """A code is looked for by what was scanned. It travels sealed, as every search does."""
    if request.method == "POST":
        form = CodeForm(request.POST)
        sealed = seal_search(form.cleaned_data["code"], reading.MAX_SCAN + 1) if form.is_valid() else ""
        return see_other(f"{reverse('codes')}?{urlencode({'find': sealed})}" if sealed else reverse("codes"))
    return _shown(request, open_search(request.GET.get("find", "")))


@page("orders.work_task")
def of_code(request: HttpRequest, code_id: int) -> HttpResponse:
    """The life of a code that is known here."""
    value = MarkingCode.objects.filter(pk=code_id).values_list("value", flat=True).first()
    if value is None:
        raise Http404
    return _shown(request, value)


def _shown(request: HttpRequest, text: str) -> HttpResponse:
    understood = reading.read(text) if text else None
    life = queries.life(understood, exercises=in_training(request)) if understood else None
    shown = {
        "now": timezone.now(),
        "understood": understood,
        "life": life,
        "short": reading.short(understood.value) if understood else "",
        "kinds": [CodeKind(kind).label for kind in life.kinds] if life else [],
        "repairs": [REPAIRS[name] for name in understood.repairs if name in REPAIRS] if understood else [],
        "state": _state(life) if life and life.kinds else None,
        "moments": _moments(life) if life else [],
    }
    return render(request, "orders/ledger.html", shown)


def _state(life: Life) -> tuple[str, str, str]:
    """Where it is now: tone, sentence, what that means."""
    now = life.now
    if now is not None:
        number = {"number": now.code.task.external_id}
        if now.code.task.stage in CLOSED_STAGES:
            return "info", _("Went out with order %(number)s") % number, str(now.code.task.get_stage_display())
        return "warn", _("On order %(number)s") % number, str(now.code.task.get_stage_display())
    if life.stays:
        return "ok", _("Free"), _("It is on no order now and can be used.")
    if life.refused:
        return "plain", _("On no order yet"), _("It was scanned and not taken: see below.")
    return "plain", _("Never seen here"), _("It is on no order and never was.")


def _moments(life: Life) -> list[Moment]:
    """Newest first."""
    found = [moment for stay in life.stays for moment in _of_stay(stay)] + [_of_scan(scan) for scan in life.refused]
    return sorted(found, key=lambda moment: moment.at, reverse=True)


def _of_stay(stay: Stay) -> list[Moment]:
    code, item = stay.code, stay.code.item
    place = {"article": item.article, "unit": code.unit, "of": max(item.quantity, code.unit)}
    detail = [_("%(article)s, %(unit)d of %(of)d") % place]
    if stay.left is None:
        detail += [str(code.get_state_display()), _decision(code)]
    tone, icon = _LOOKS[None]
    title = _("Entered on order %(number)s") % {"number": code.task.external_id}
    put = Moment(code.created_at, title, tone, icon, code.task, _joined(detail), _name(code.created_by))
    return [put] if stay.left is None else [_left(stay, stay.left), put]


def _left(stay: Stay, way: Way) -> Moment:
    code, entry = stay.code, stay.entry
    data: Mapping[str, Any] = entry.data if entry else {}
    words = {
        "number": code.task.external_id,
        "stage": code.task.get_stage_display(),
        "again": data.get("again", ""),
        "other": data.get("number", ""),
    }
    title = _swap_title(data) if way == Way.SWAPPED else str(_LEFT[way])
    detail = [str(_AGAIN.get(way, "")) % words, _decision(code)]
    tone, icon = _LOOKS[way]
    by = _name(entry.actor) or str(Source(entry.source).label) if entry else ""
    return Moment(stay.left_at or code.changed_at, title % words, tone, icon, code.task, _joined(detail), by)


def _decision(code: MarkingCode) -> str:
    """What the marketplace said of the code, in our words."""
    return registry.word_name(code.task.account.kind, "decision", code.detail) if code.detail else ""


def _swap_title(data: Mapping[str, Any]) -> str:
    if data.get("back"):
        return _("Swapped back with order %(other)s")
    return _("Given from order %(number)s to order %(other)s")


def _of_scan(scan: Scan) -> Moment:
    why, words = scanwords.said(scan)
    title = _("Refused: %(why)s") % {"why": why or scan.get_outcome_display()}
    detail = _joined([words, scan.station])
    return Moment(scan.scanned_at, title, "bad", "circle-x", scan.task, detail, _name(scan.user))


def _joined(parts: list[str]) -> str:
    return " · ".join(part for part in parts if part)


def _name(user: User | None) -> str:
    return user.short_name if user else ""
