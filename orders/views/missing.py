"""Missing goods of a task: what the marketplace allows, the report, and that they were found again."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django_htmx.http import trigger_client_event

from backoffice.errors import DomainError
from orders import floorwords
from orders.enums import ShortageReason
from orders.floorforms import MissingForm
from orders.models import AssemblyTask, TaskItem
from orders.queries import floor
from orders.queries.floor import FloorItem
from orders.services import guards
from orders.services.sending import outbox
from orders.services.warehouse import shortages

from .common import back_url, htmx, page, picker, question, say
from .task import address, attempt, done, refusal

#: Refusals of what was typed: they are said in the form.
TYPED = frozenset({"quantity", "reason"})


@page("orders.work_task", "GET", "POST")
def missing(request: HttpRequest, task_id: int, item_id: int) -> HttpResponse:
    """The form that reports units of an item missing, and what was filled in."""
    task = AssemblyTask.objects.select_related("account", "order").filter(pk=task_id).first()
    known = next(iter(floor.items(TaskItem.objects.filter(pk=item_id, task_id=task_id))), None)
    if task is None or known is None:
        raise Http404
    if request.method != "POST":
        if task.stage not in shortages.REPORTED_IN:
            raise Http404
        return _ask(request, task, known, MissingForm(known.item.quantity, initial=_initial(known)))
    form = MissingForm(known.item.quantity, request.POST)
    if not form.is_valid():
        return _ask(request, task, known, form, status=422)
    try:
        shortages.report(task_id, item_id, form.report(), actor=picker(request))
    except DomainError as error:
        if error.code not in TYPED:
            return refusal(request, task_id, error)
        form.tell(error.code, error.message)
        return _ask(request, task, known, form, status=error.http_status)
    return _reported(request, task_id)


def _initial(known: FloorItem) -> dict[str, Any]:
    if known.missing:
        return {"quantity": known.missing.quantity, "reason": known.missing.reason, "note": known.missing.note}
    return {
        "quantity": known.left or 1,
        "reason": ShortageReason.OUT_OF_STOCK if known.left else ShortageReason.DAMAGED,
    }


def _reported(request: HttpRequest, task_id: int) -> HttpResponse:
    text = _("Reported. A manager sees it among the questions.")
    if htmx(request) and request.POST.get("back"):  # asked from the wave, which reads itself anew
        return say(request, trigger_client_event(HttpResponse(status=204), "work-changed", {}), text)
    return say(request, done(request, task_id), text)


def _ask(
    request: HttpRequest, task: AssemblyTask, known: FloorItem, form: MissingForm, *, status: int = 200
) -> HttpResponse:
    item = known.item
    back = back_url(request, "") or request.GET.get("back", "")
    facts = guards.gather([task])[task.pk]
    ways = shortages.ways(facts, item, known.left or 1, offer=outbox.offer_of(task.account), order=task.order)
    shown = {
        "id": "question",
        "title": _("Missing: %(article)s") % {"article": item.article},
        "text": item.name,
        "rules": floorwords.rules(ways),
        "button": pgettext("button", "Report it missing"),
        "action": reverse("task_missing", args=[task.pk, item.pk]),
        "hidden": {"back": back} if back else {},
        "form": form,
        "target": "#question-place" if back else "#task-page",
        "back_url": address(task.pk),
        "open": True,
    }
    return question(request, shown, status)


@page("orders.work_task", "POST")
def found(request: HttpRequest, task_id: int, item_id: int) -> HttpResponse:
    """The goods are there after all."""
    return attempt(request, task_id, lambda: shortages.found(task_id, item_id, actor=picker(request)))
