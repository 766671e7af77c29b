"""Calls to the buyer of a task: buttons to write them down, what they are worth, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django_htmx.http import trigger_client_event

from backoffice.errors import Invalid
from orders import calls as rules
from orders import wording
from orders.enums import ActionKind, CallOutcome
from orders.forms import CallForm
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask
from orders.services import guards
from orders.services.sending import calls, outbox

from .common import actor, htmx, nonce, page, say, see_other

#: What is tapped, in the order of a call.
BUTTONS: tuple[tuple[str, Promise], ...] = (
    (CallOutcome.CALLED.value, pgettext_lazy("button", "Called")),
    (CallOutcome.NO_ANSWER.value, pgettext_lazy("button", "No answer")),
    (CallOutcome.TALKED.value, pgettext_lazy("button", "Talked")),
    (CallOutcome.UNAVAILABLE.value, pgettext_lazy("button", "Number unavailable")),
)


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call by the buyer's clock; ``why_not``: why it does not count."""

    when: str
    outcome: str
    seconds: int | None
    why_not: str


@dataclass(frozen=True, slots=True)
class CallCard:
    """``reason``: the raw word of the cancellation the calls are for, ``word`` the same for people. ``zone`` is empty when assumed."""

    rows: Sequence[CallRow]
    met: bool
    missing: Sequence[str]
    clock: str
    zone: str
    offset: str
    reason: str
    word: str
    do_not_call: bool
    nonce: str
    buttons: Sequence[tuple[str, Promise]] = BUTTONS


def card(task: AssemblyTask, offer: Offer | None) -> CallCard | None:
    """The card of a task with its order, account and buyer; None where calls prove nothing now. One statement."""
    reason = _reason(task, offer)
    if not reason:
        return None
    log, zone = calls.log_of(task), calls.zone_of(task.order)
    buyer = getattr(task.order, "buyer", None)
    return CallCard(
        rows=[_row(row, log.local_now) for row in log.rows],
        met=log.met,
        missing=log.missing,
        clock=date_format(log.local_now, "H:i"),
        zone=zone.name if zone.known else "",
        offset=_offset(log.local_now),
        reason=reason,
        word=wording.reason(task.account.kind, reason),
        do_not_call=bool(buyer and (buyer.name or {}).get("do_not_call")),
        nonce=nonce(),
    )


def _reason(task: AssemblyTask, offer: Offer | None) -> str:
    """The reason that calls would prove, where it may be given now."""
    if offer is None or not task.is_open:
        return ""
    known = guards.reasons(task, ActionKind.CANCEL, offer)
    return next((reason for reason in known if reason in offer.call_reasons), "")


def _row(row: rules.Row, now: datetime) -> CallRow:
    today = row.local_at.date() == now.date()
    when = date_format(row.local_at, "H:i" if today else "j E, H:i")
    return CallRow(when, str(row.call.outcome.label), row.call.seconds, str(row.why_not))


def _offset(local: datetime) -> str:
    """ "UTC+5", "UTC+5:30"."""
    text = local.strftime("%z")
    minutes = f":{text[3:5]}" if text[3:5] != "00" else ""
    return f"UTC{text[0]}{int(text[1:3])}{minutes}"


@page("orders.work_task", "GET", "POST")
def calls_of(request: HttpRequest, task_id: int) -> HttpResponse:
    """The card by itself, and a call written down."""
    if request.method == "POST":
        return _add(request, task_id)
    return _card(request, task_id) if htmx(request) else see_other(reverse("task", args=[task_id]))


def _add(request: HttpRequest, task_id: int) -> HttpResponse:
    form = CallForm(request.POST)
    if not AssemblyTask.objects.filter(pk=task_id).exists():
        raise Http404
    if not form.is_valid():
        raise Invalid("outcome", _("Tell how the call ended."))
    outcome = CallOutcome(form.cleaned_data["outcome"])
    calls.add(task_id, outcome, actor=actor(request), nonce=form.cleaned_data["nonce"])
    text = _("Written down: %(outcome)s.") % {"outcome": outcome.label}
    if not htmx(request):
        return say(request, see_other(f"{reverse('task', args=[task_id])}#calls"), text)
    return trigger_client_event(say(request, _card(request, task_id), text), "work-changed", {})


def _card(request: HttpRequest, task_id: int) -> HttpResponse:
    task = AssemblyTask.objects.select_related("account", "order__buyer").filter(pk=task_id).first()
    if task is None:
        raise Http404
    found: dict[str, Any] = {"task": task, "card": card(task, outbox.offer_of(task.account))}
    return render(request, "orders/task/calls.html", found)
