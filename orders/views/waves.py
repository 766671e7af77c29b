"""Assembly sessions: a wave of tasks for one person, its pick list, and the next task of somebody who works one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django_htmx.http import trigger_client_event

from backoffice.errors import Conflict, DomainError
from orders import signs
from orders.enums import ActionKind
from orders.floorforms import AddForm, WaveForm
from orders.forms import delivery_choices
from orders.models import AssemblyTask
from orders.queries import waves as queries
from orders.services.sending import outbox
from orders.services.warehouse import waves as service

from .common import actor, board_of, htmx, nonce, page, person, picker, question, say, see_other, visible

#: What was chosen for the last wave, in the session.
CHOSEN = "wave"


def address(wave_id: int) -> str:
    return reverse("wave", args=[wave_id])


@page("orders.work_task")
def waves(request: HttpRequest) -> HttpResponse:
    """The wave a person has open, or the form that starts one."""
    mine = queries.my_wave(picker(request).user_id or 0, board_of(request))
    return _shown(request, mine) if mine else _start_page(request, _form(request))


@page("orders.work_task")
def wave(request: HttpRequest, wave_id: int) -> HttpResponse:
    """A wave, whoever has it. Its live part: nothing when nothing has changed."""
    found = queries.wave_page(wave_id, board_of(request))
    if found is None:
        raise Http404
    if htmx(request) and htmx(request).target == "wave":
        if request.GET.get("seen") == found.fingerprint:
            return HttpResponse(status=204)
        return render(request, "orders/waves/live.html", _context(request, found))
    return _shown(request, found)


def _shown(request: HttpRequest, found: queries.WavePage) -> HttpResponse:
    return render(request, "orders/waves/wave.html", _context(request, found))


def _context(request: HttpRequest, found: queries.WavePage) -> dict[str, Any]:
    mine = found.wave.picker_id == picker(request).user_id
    return {
        "now": timezone.now(),
        "shown": found,
        "wave": found.wave,
        "mine": mine,
        "may_close": mine or _leads(request),
        "here": address(found.wave.pk),
        "nonce": nonce(),
    }


def _leads(request: HttpRequest) -> bool:
    """Whoever sees the shifts of others may end their waves: rights are those of who is signed in, whoever picks."""
    return person(request).has_perm("orders.view_shift")


def _form(request: HttpRequest, data: Mapping[str, Any] | None = None) -> WaveForm:
    """Filled in as the last time."""
    board = board_of(request)
    shops = [(str(account.pk), account.title) for account in board.shops]
    return WaveForm(shops, delivery_choices(board), data, initial=request.session.get(CHOSEN) or {})


def _start_page(request: HttpRequest, form: WaveForm, *, error: DomainError | None = None) -> HttpResponse:
    board = board_of(request)
    shown = {
        "now": timezone.now(),
        "form": form,
        "free": queries.free_count(board),
        "others": queries.open_waves(board),
        "error": error,
    }
    status = 200 if error is None and not form.errors else error.http_status if error else 422
    return render(request, "orders/waves/start.html", shown, status=status)


@page("orders.work_task", "POST")
def start(request: HttpRequest) -> HttpResponse:
    """Give the most urgent tasks to this person."""
    form = _form(request, request.POST)
    if not form.is_valid():
        return _start_page(request, form)
    request.session[CHOSEN] = form.cleaned_data
    try:
        found = service.start(form.cleaned_data["count"], form.choice(), actor=picker(request))
    except DomainError as error:
        return _start_page(request, form, error=error)
    return see_other(address(found.pk))


@page("orders.work_task", "POST")
def take_next(request: HttpRequest) -> HttpResponse:
    """The next task becomes this person's and opens."""
    form = _form(request, request.POST if "count" in request.POST else {"count": 1})
    choice = form.choice() if form.is_valid() else service.ANY
    task = service.next_task(actor=picker(request), choice=choice)
    if task is None:
        return say(request, see_other(reverse("waves")), _("Nothing waits for somebody right now."), "info")
    return see_other(reverse("task", args=[task.pk]))


@page("orders.work_task", "POST")
def add(request: HttpRequest, wave_id: int) -> HttpResponse:
    """One more task, by its number or the code of its sheet."""
    form = AddForm(request.POST)
    number = form.cleaned_data["number"].strip() if form.is_valid() else ""
    sign = signs.parse(number)
    by_number = {"pk": sign.task_id} if sign and sign.task_id else {"external_id": number}
    ids = list(visible(request, AssemblyTask.objects.filter(**by_number)).values_list("pk", flat=True)[:2])
    if len(ids) != 1:
        raise Conflict("not_found", _("No task has this number: %(number)s") % {"number": number or "—"})
    service.add(wave_id, ids[0], actor=picker(request))
    return _done(request, wave_id, _("It is in the wave now."))


@page("orders.work_task", "POST")
def remove(request: HttpRequest, wave_id: int, task_id: int) -> HttpResponse:
    """Give one task back to everybody."""
    service.remove(wave_id, task_id, actor=picker(request), lead=_leads(request))
    return _done(request, wave_id, _("Given back to everybody."))


@page("orders.act_task", "POST")
def confirm(request: HttpRequest, wave_id: int) -> HttpResponse:
    """Begin all tasks of the wave that are new."""
    found = queries.wave_page(wave_id, board_of(request))
    if found is None:
        raise Http404
    ids = [card.task.pk for card in found.fresh]
    outcomes = outbox.request_many(ids, outbox.Wish(ActionKind.CONFIRM), actor=actor(request))
    refused = [each for each in outcomes.values() if isinstance(each, DomainError)]
    asked = len(outcomes) - len(refused)
    text = ngettext("Asked for %(count)d task.", "Asked for %(count)d tasks.", asked) % {"count": asked}
    if refused:
        text += " " + _("Not possible for %(count)d: %(why)s") % {"count": len(refused), "why": refused[0].message}
    return _done(request, wave_id, text, "warning" if refused else "success")


def _done(request: HttpRequest, wave_id: int, text: str, level: str = "success") -> HttpResponse:
    """Back to the wave, which then reads itself anew."""
    if not htmx(request):
        return say(request, see_other(address(wave_id)), text, level)
    response = trigger_client_event(HttpResponse(status=204), "work-changed", {})
    return say(request, response, text, level)


@page("orders.work_task", "GET", "POST")
def close(request: HttpRequest, wave_id: int) -> HttpResponse:
    """The question before a wave is closed with tasks in it, and its answer."""
    found = queries.wave_page(wave_id, board_of(request))
    if found is None:
        raise Http404
    if request.method == "POST":
        count = service.close(wave_id, actor=picker(request), lead=_leads(request))
        text = ngettext("%(count)d task was given back.", "%(count)d tasks were given back.", count)
        said = text % {"count": count} if count else _("The wave is closed.")
        return say(request, see_other(reverse("waves")), said)
    service.refuse_stranger(found.wave, picker(request), lead=_leads(request))
    return question(request, _closing(found, mine=found.wave.picker_id == picker(request).user_id))


def _title(found: queries.WavePage, *, mine: bool) -> str:
    """A lead has to see whose work he ends."""
    owner = found.wave.picker
    if mine or owner is None:
        return _("Close the wave?")
    return _("Close the wave of %(name)s?") % {"name": owner.short_name}


def _closing(found: queries.WavePage, *, mine: bool) -> dict[str, Any]:
    left = [card for card in found.cards if card.waits]
    begun = sum(card.picked > 0 for card in left)
    text = ngettext(
        "%(count)d task is not packed: it is given back to everybody.",
        "%(count)d tasks are not packed: they are given back to everybody.",
        len(left),
    )
    rules = ngettext(
        "%(count)d of them is begun: put its goods back, or tell who goes on with it.",
        "%(count)d of them are begun: put their goods back, or tell who goes on with them.",
        begun,
    )
    return {
        "id": "question",
        "title": _title(found, mine=mine),
        "text": text % {"count": len(left)} if left else _("Everything is packed."),
        "rules": [rules % {"count": begun}] if begun else [],
        "button": pgettext("button", "Close the wave"),
        "action": reverse("wave_close", args=[found.wave.pk]),
        "back_url": address(found.wave.pk),
        "open": True,
    }
