"""The page of one task: scanning, codes, who has it, the buyer, the timeline."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget, trigger_client_event

from backoffice.errors import DomainError, UpstreamError
from backoffice.models import RawPayload
from orders.enums import ScanOutcome
from orders.forms import EntryForm, ScanForm
from orders.marketplaces import registry
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, MarkingCode, Scan
from orders.presenting import missingcards, panels, parcelcards
from orders.presenting.present import (
    buyer_panel,
    entries,
    names,
    status_words,
    sums,
    verdict_of,
    verdict_of_scan,
    wish_of,
)
from orders.queries import detail, waves
from orders.services import buyers, guards
from orders.services.sending import stickers
from orders.services.warehouse import assembly, marking, scanning

from . import calls
from .common import actor, back_url, board_of, htmx, nonce, page, person, picker, question, refused, say, see_other
from .timeline import timeline_page
from .untold import untold


def address(task_id: int) -> str:
    return reverse("task", args=[task_id])


def load(request: HttpRequest, task_id: int) -> detail.TaskPage:
    found = detail.task_page(task_id, board_of(request), picker_id=picker(request).user_id)
    if found is None:
        raise Http404
    return found


def context(request: HttpRequest, shown: detail.TaskPage, **more: Any) -> dict[str, Any]:
    """What the templates of a task read."""
    return {
        "now": timezone.now(),
        "shown": shown,
        "task": shown.task,
        "seen": shown.task.stage,
        "nonce": nonce(),
        "mine": shown.task.assignee_id == picker(request).user_id,
        "in_wave": waves.of_task(shown.task),
        "may_see_buyers": person(request).has_perm("orders.see_buyers"),
        "may_see_raw": person(request).has_perms(buyers.OPEN_RAW) and shown.task.raw_id,
        "buyer": buyer_panel(shown.buyer, masked=True, eac_word=panels.eac_word(shown.task.order, shown.account)),
        "buyer_url": reverse("task_buyer", args=[shown.task.pk]),
        "sums": sums(shown.facts.items),
        "delivery_word": registry.word_name(shown.account.kind, "deliveryType", shown.task.delivery_type),
        "delivery": panels.delivery(shown.task.order, shown.account, shown.services),
        "boxes": panels.boxes(shown.task.order, shown.facts.items),
        "payment": panels.payment(shown.task.order, shown.account),
        "goods": [(view, panels.goods(view.item, shown.account)) for view in missingcards.dress(shown)],
        "early": bool(shown.offer and shown.offer.buyers_early),
        "order_id": shown.task.order_id,
        "task_id": shown.task.pk,
        "parcels": parcelcards.shown_all(shown.parcels, shown.task.order_id),
        "reactions": parcelcards.reactions(shown.parcels, shown.task.pk, shown.account, shown.offer),
        "untold": untold(
            shown.parcels, shown.task.order, [shown.task], shown.offer, open_actions=shown.facts.open_actions
        ),
        "wish": wish_of(shown.task, shown.offer),
        "call_card": lambda: calls.card(shown.task, shown.offer),  # read for a whole page only
        "status_words": status_words(shown.task, shown.account, shown.offer.step_word if shown.offer else ""),
        "entries": entries(shown.entries, shown.account, shown.task.marketplace_status),
        "names": names(shown.account),
        "path": [(stage.value, stage.label) for stage in shown.path],
        "verdict": verdict_of_scan(shown.scan) if shown.scan else None,
        **more,
    }


def answer(request: HttpRequest, task_id: int, *, status: int = 200, **more: Any) -> HttpResponse:
    """The task as it is now: a whole page, or everything inside its frame for a fragment."""
    shown = load(request, task_id)
    if not htmx(request):
        return render(request, "orders/task.html", context(request, shown, **more), status=status)
    response = render(request, "orders/task/body.html", context(request, shown, **more), status=status)
    return reswap(retarget(response, "#task-page"), "outerHTML")


def done(request: HttpRequest, task_id: int) -> HttpResponse:
    """After something was done: back to where the person was."""
    there = back_url(request, "")
    if htmx(request) and not there:
        return answer(request, task_id)
    return see_other(there or address(task_id))


@page("orders.view_assemblytask")
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    return answer(request, task_id)


@page("orders.view_assemblytask")
def state(request: HttpRequest, task_id: int) -> HttpResponse:
    """The live part: nothing when nothing changed, the whole page when the task went on to another stage."""
    shown = load(request, task_id)
    stage, _sep, print_ = request.GET.get("seen", "").partition(".")
    if print_ == shown.fingerprint:
        return HttpResponse(status=204)
    if stage != shown.task.stage:
        response = render(request, "orders/task/body.html", context(request, shown))
        response = reswap(retarget(response, "#task-page"), "outerHTML")
    else:
        response = render(request, "orders/task/live.html", context(request, shown))
    return _say_who(request, response, shown.task)


def _say_who(request: HttpRequest, response: HttpResponse, task: AssemblyTask) -> HttpResponse:
    """Somebody else has it since the page was drawn: that is not left to be read out of the head."""
    before, now = request.GET.get("who", ""), task.assignee
    me = picker(request).user_id
    if before in ("", str(task.assignee_id or 0)) or task.assignee_id == me:
        return response
    if now is not None:
        return say(request, response, _("%(name)s has taken this task.") % {"name": now.short_name}, "warning")
    return say(request, response, _("This task is nobody's now."), "warning") if before == str(me) else response


@page("orders.work_task", "POST")
def scan(request: HttpRequest, task_id: int) -> HttpResponse:
    """Answer one scan: the verdict at once, and the page behind it then reads itself anew."""
    form = ScanForm(request.POST)
    if not form.is_valid():
        return _unreadable(request, task_id)
    shot = _shot(form, task_id, picker(request).user_id or 0)
    verdict = scanning.scan(task_id, shot, actor=picker(request))
    if verdict.reason == "not_found" and verdict.scan and verdict.scan.task_id is None:
        raise Http404
    if not htmx(request):
        return see_other(address(task_id))
    shown = {"verdict": verdict_of(verdict), "task_id": task_id, "nonce": nonce()}
    response = render(request, "orders/task/verdict.html", shown)
    changed = verdict.outcome in (ScanOutcome.ACCEPTED, ScanOutcome.REPEAT)
    return trigger_client_event(response, "work-changed", {}) if changed else response


def _unreadable(request: HttpRequest, task_id: int) -> HttpResponse:
    text = _("Nothing was read. Scan again.")
    if htmx(request):
        return say(request, HttpResponse(status=204), text, "warning")
    return say(request, see_other(address(task_id)), text, "warning")


def _shot(form: ScanForm, task_id: int, user_id: int) -> scanning.Shot:
    """The scan; ``again`` is one that asked for a decision, read back whole from where it is stored."""
    data = form.cleaned_data
    if not data["again"]:
        country = data["country"].strip()
        return scanning.Shot(data["raw"], _nonce_of(data), data["kind"], data["item"], country=country)
    old = Scan.objects.filter(pk=data["again"], task_id=task_id, user_id=user_id).first()
    if old is None:
        raise Http404
    kind = str(old.facts.get("kind", "")) if old.outcome == ScanOutcome.ASK else ""
    return scanning.Shot(old.raw, _nonce_of(data), kind, data["item"], override=old.outcome == ScanOutcome.ASK)


def _nonce_of(data: Mapping[str, Any]) -> str:
    """With the text in it: another code under an old nonce is another scan, and never gets the old answer."""
    if not data["nonce"]:
        return ""
    return hashlib.blake2b(f"{data['nonce']}:{data['raw']}".encode(errors="replace"), digest_size=20).hexdigest()


@page("orders.work_task")
def enter(request: HttpRequest, task_id: int) -> HttpResponse:
    """A code typed in by hand: a dialog, or a page of its own."""
    found = AssemblyTask.objects.filter(pk=task_id).prefetch_related("items").first()
    if found is None:
        raise Http404
    given = {"kind": request.GET.get("kind", ""), "item": request.GET.get("item", "")}
    form = _entry_form(found, board_of(request).offer(found.account_id), given)
    shown = {
        "id": "question",
        "title": _("Type a code in"),
        "form": form,
        "action": reverse("task_scan", args=[task_id]),
        "hidden": {"nonce": nonce()},
        "button": _("Enter"),
        "target": "#verdict",
        "back_url": address(task_id),
        "open": True,
    }
    return question(request, shown)


def _entry_form(task: AssemblyTask, offer: Offer | None, given: Mapping[str, str]) -> EntryForm:
    """Kinds of the chosen item, lines that take codes, and the country where one of the kinds goes with it."""
    lines = [item for item in task.items.all() if item.quantity and guards.taken_kinds(task, item)]
    chosen = next((item for item in lines if str(item.pk) == given["item"]), None)
    kinds = detail.kind_choices(task, offer, chosen)
    origin = offer is not None and any(kind in offer.origin_kinds for kind, _word in kinds)
    items = [(str(item.pk), item.article) for item in lines]
    return EntryForm(kinds, items, example=offer.origin_example if offer and origin else "", initial=dict(given))


@page("orders.work_task", "POST")
def remove(request: HttpRequest, task_id: int, code_id: int) -> HttpResponse:
    """Take a code off its unit."""
    if not MarkingCode.objects.filter(pk=code_id, task_id=task_id).exists():
        raise Http404
    return attempt(request, task_id, lambda: marking.remove_code(code_id, actor=picker(request)))


@page("orders.work_task", "POST")
def take(request: HttpRequest, task_id: int) -> HttpResponse:
    """Make the task mine; from somebody else only when the person has said so."""
    over = request.POST.get("over") == "1"
    return attempt(request, task_id, lambda: assembly.take(task_id, actor=picker(request), take_over=over))


@page("orders.work_task", "POST")
def release(request: HttpRequest, task_id: int) -> HttpResponse:
    return attempt(request, task_id, lambda: assembly.release(task_id, actor=picker(request)))


def attempt(request: HttpRequest, task_id: int, work: Any) -> HttpResponse:
    """Do it; a refusal is shown on the page of the task, which is read anew."""
    try:
        work()
    except DomainError as error:
        return refusal(request, task_id, error)
    return done(request, task_id)


def refusal(request: HttpRequest, task_id: int, error: DomainError) -> HttpResponse:
    if error.code == "not_found" and not AssemblyTask.objects.filter(pk=task_id).exists():
        raise Http404
    if htmx(request) and request.POST.get("back"):
        return refused(request, error)  # asked from the queue: said there
    return answer(request, task_id, status=error.http_status, error=error)


@page("orders.see_buyers", "POST")
def buyer(request: HttpRequest, task_id: int) -> HttpResponse:
    """The buyer unmasked; who looked is recorded. Nothing is kept: the next page is masked again."""
    found = AssemblyTask.objects.select_related("account", "order").filter(pk=task_id).first()
    if found is None:
        raise Http404
    known = buyers.reveal(found.order_id, actor=actor(request), task=found)
    panel = buyer_panel(known, masked=False, eac_word=panels.eac_word(found.order, found.account))
    if not htmx(request):
        return answer(request, task_id, buyer=panel)
    return render(request, "orders/task/buyer.html", {"buyer": panel, "task": found})


@page("orders.view_assemblytask")
def timeline(request: HttpRequest, task_id: int) -> HttpResponse:
    """All entries of the task's order, page by page."""
    found = AssemblyTask.objects.select_related("account").filter(pk=task_id).first()
    if found is None:
        raise Http404
    return timeline_page(
        request,
        found.order_id,
        found.account,
        words=found.marketplace_status,
        title=found.external_id,
        up=address(task_id),
    )


@page("orders.work_task")
def sticker(request: HttpRequest, task_id: int) -> HttpResponse:
    """The label of a parcel as the marketplace prints it, fetched now."""
    try:
        label = stickers.sticker(task_id)
    except UpstreamError as error:
        text = {"message": error.message, "detail": error.detail[:300]}
        shown = {"error": text, "back": address(task_id), "upstream": True}
        return render(request, "orders/refused.html", shown, status=502)
    response = HttpResponse(label.pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="label-{task_id}.pdf"'
    return response


@page("backoffice.view_rawpayload")
def raw(request: HttpRequest, task_id: int) -> HttpResponse:
    """The order as the marketplace sent it."""
    found = AssemblyTask.objects.select_related("raw").filter(pk=task_id).first()
    if found is None or found.raw is None:
        raise Http404
    return raw_page(request, found.raw, up=address(task_id), title=found.external_id)


def raw_page(request: HttpRequest, payload: RawPayload, *, up: str, title: str) -> HttpResponse:
    """A raw text. It holds personal data: the service says who may look, and records who did."""
    text = buyers.open_raw(payload, actor=actor(request))
    return render(request, "orders/raw.html", {"payload": payload, "text": text, "up": up, "title": title})
