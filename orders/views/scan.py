"""Scans made anywhere, answered as JSON: what was scanned decides. Pages work without it by their own forms."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from backoffice import faces
from backoffice.errors import DomainError
from backoffice.models import User
from orders.enums import ScanOutcome
from orders.forms import AnyScanForm, UndoForm
from orders.models import Scan
from orders.presenting.present import verdict_of
from orders.services.warehouse import badges, floor, undoing
from orders.services.warehouse.lookups import There
from orders.services.warehouse.scanning import Effect, Shot, Verdict

from .common import actor, nonce, person, picker

#: Where what an answer opens has its page.
PAGES = {"task": "task", "order": "order", floor.WAVE: "wave", floor.PRINT: "print_task"}
SOUNDS = {
    ScanOutcome.ACCEPTED: "ok",
    ScanOutcome.REPEAT: "repeat",
    ScanOutcome.OPENED: "opened",
    ScanOutcome.ASK: "ask",
    ScanOutcome.REFUSED: "error",
}


def answer(request: HttpRequest) -> HttpResponse:
    """One scan. 401 when nobody is signed in: the page keeps its queue until somebody is."""
    refused = _closed(request)
    if refused is not None:
        return refused
    form = AnyScanForm(request.POST)
    if not form.is_valid():
        return _said(_("Nothing was read. Scan again."), status=422)
    told = form.cleaned_data
    asked = _asked(request, told["again"])
    if told["again"] and asked is None:
        return _said(_("That scan is not known any more. Scan again."), status=422)
    place = floor.Place(
        asked.task_id if asked else told["task"],
        None if asked else told["wave"],
        may_act=person(request).has_perm("orders.act_task"),
        asker=actor(request),
    )
    found = floor.answer(_shot(request, told, asked), place, actor=picker(request))
    if found.opens is not None and found.opens.what == floor.PICKER:
        try:
            sign_in(request, found.opens.pk)
        except DomainError as error:  # the badge was replaced between the two
            return _said(str(error.message), status=error.http_status)
    return _json(request, found, told["nonce"])


def undo(request: HttpRequest) -> HttpResponse:
    """Take back what a scan did: the one that is named, or the person's last."""
    refused = _closed(request)
    if refused is not None:
        return refused
    form = UndoForm(request.POST)
    if not form.is_valid():
        return _said(_("That scan is not known any more. Scan again."), status=422)
    told = form.cleaned_data
    shot = Shot("BO-C-UNDO", told["nonce"])
    verdict = undoing.undo(told["scan"], shot, actor=picker(request))
    return _json(request, floor.Answer(verdict), told["nonce"])


def _closed(request: HttpRequest) -> JsonResponse | None:
    """Why nothing can be scanned by who asks, if so."""
    if request.method != "POST":
        return _said(_("Only scans are answered here."), status=405)
    if not request.user.is_authenticated:
        return JsonResponse({"sign_in": reverse("login")}, status=401)
    if not person(request).has_perm("orders.work_task"):
        return _said(_("You may not work on tasks: ask a manager."), status=403)
    return None


def _said(text: str, *, status: int) -> JsonResponse:
    return JsonResponse({"title": _("Nothing was done"), "text": text}, status=status)


def _asked(request: HttpRequest, scan_id: int | None) -> Scan | None:
    """The scan of this person that asked for a decision; it was made for its own task, wherever the page is now."""
    if scan_id is None:
        return None
    return Scan.objects.filter(pk=scan_id, user=picker(request).user, outcome=ScanOutcome.ASK).first()


def _shot(request: HttpRequest, told: dict[str, Any], asked: Scan | None) -> Shot:
    """The scan; one that asked for a decision is read back whole from where it is stored."""
    station = str(request.session.get("station", ""))
    if asked is None:
        keys, raw = told["keys"], told["raw"]
        retyped = bool(keys) and keys != raw
        return Shot(keys or raw, told["nonce"], at=told["at"] or 0, station=station, retyped=retyped)
    kind = str(asked.facts.get("kind", ""))
    return Shot(asked.raw, told["nonce"], kind, override=True, station=station)


def _json(request: HttpRequest, found: floor.Answer, given: str) -> JsonResponse:
    verdict, scan = found.verdict, found.verdict.scan
    shown = verdict_of(verdict)
    face = faces.VERDICTS[shown.tone]
    undoable = verdict.effect != Effect.NOTHING and scan is not None and scan.undone_at is None
    told = {
        "nonce": given,
        "scan": scan.pk if scan else None,
        "outcome": verdict.outcome.value,
        "reason": verdict.reason,
        "tone": face.tone,
        "word": str(faces.VERDICT_WORDS[shown.tone]),
        "sound": "done" if _is_last(verdict) else SOUNDS[verdict.outcome],
        "title": verdict.title,
        "head": str(scan.facts.get("head", "")) if scan else "",
        "text": verdict.text,
        "notes": list(verdict.notes),
        "links": [{"text": text, "href": href} for text, href in shown.links],
        "task": scan.task_id if scan else None,
        "go": _address(found.opens),
        "changed": found.changed,
        "undo": scan.pk if scan and undoable else None,
        "again": shown.again,
        "yes": str(shown.yes) if shown.again else "",
        "html": _html(request, verdict, shown),
    }
    response = JsonResponse(told)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _html(request: HttpRequest, verdict: Verdict, shown: Any) -> str:
    """The verdict as the page of its task shows it, with what this person may do; elsewhere the page makes one of the words."""
    scan = verdict.scan
    if scan is None or scan.task_id is None:
        return ""
    context = {"verdict": shown, "task_id": scan.task_id, "nonce": nonce()}
    return render_to_string("orders/task/verdict.html", context, request=request)


def _is_last(verdict: Verdict) -> bool:
    """Whether this scan was the last that the task waited for."""
    return verdict.outcome == ScanOutcome.ACCEPTED and verdict.facts.get("complete") is True


def _address(opens: There | None) -> str:
    page = PAGES.get(opens.what) if opens else None
    return reverse(page, args=[opens.pk]) if page and opens else ""


def sign_in(request: HttpRequest, user_id: int) -> None:
    """The picker of this browser from now on, until he signs off or another badge is scanned."""
    badges.sign_in(request.session, User.objects.get(pk=user_id))
