"""Parcels' numbers from a file: first what it would do, line by line, then the same file by a token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import ngettext, pgettext_lazy

from backoffice.errors import DomainError
from orders.forms import ImportForm
from orders.services.shipping import importing
from orders.services.shipping.importing import DryRun, Row, Verdict

from .common import actor, page, say, see_other

#: Lines of a kind that are shown; the counts tell of all.
SHOWN = 200
#: The kinds, those that need a person first: tone, icon, word.
_FACES: Mapping[Verdict, tuple[str, str, Promise]] = {
    Verdict.WRONG: ("bad", "x", pgettext_lazy("import", "Wrong")),
    Verdict.CONFLICT: ("warn", "triangle-alert", pgettext_lazy("import", "Taken by another order")),
    Verdict.ATTACH: ("ok", "check", pgettext_lazy("import", "Will be attached")),
    Verdict.ALREADY: ("plain", "check", pgettext_lazy("import", "Attached already")),
}


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of one verdict; ``more``: how many are not shown."""

    tone: str
    icon: str
    word: Promise
    count: int
    rows: Sequence[Row]

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@page("orders.work_task", "GET", "POST")
def parcels(request: HttpRequest) -> HttpResponse:
    """GET: choose a file. POST with a file: its dry run. POST with a token: the dry run is carried out."""
    if request.method != "POST":
        return _choose(request, ImportForm())
    if request.POST.get("token"):
        return _carry_out(request, request.POST["token"])
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _choose(request, form, status=422)
    chosen = form.cleaned_data["file"]
    try:
        found = importing.rehearse(chosen.name, chosen.read(), actor=actor(request))
    except DomainError as error:
        form.add_error("file", str(error.message))
        return _choose(request, form, status=error.http_status)
    shown = {"found": found, "name": chosen.name, "parts": _parts(found), "ready": found.counts.get(Verdict.ATTACH, 0)}
    return render(request, "orders/import_dry_run.html", shown)


def _choose(request: HttpRequest, form: ImportForm, *, status: int = 200) -> HttpResponse:
    return render(request, "orders/import.html", {"form": form}, status=status)


def _parts(found: DryRun) -> list[Part]:
    parts = [Part(*face, found.counts.get(each, 0), found.of(each)[:SHOWN]) for each, face in _FACES.items()]
    return [part for part in parts if part.count]


def _carry_out(request: HttpRequest, token: str) -> HttpResponse:
    try:
        found = importing.carry_out(token, actor=actor(request))
    except DomainError as error:
        form = ImportForm({})
        form.errors.clear()
        form.add_error("file", str(error.message))
        return _choose(request, form, status=error.http_status)
    count = found.counts.get(Verdict.ATTACH, 0)
    text = ngettext("%(count)d parcel is attached.", "%(count)d parcels are attached.", count) % {"count": count}
    return say(request, see_other(reverse("parcel_import")), text)
