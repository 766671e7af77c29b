"""What follows from a carrier's word, as people decide about it: taken, stopped, dismissed; and the receipt of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from backoffice.errors import DomainError
from orders import trackwords
from orders.enums import OPEN_REACTION_STATES, ActionKind
from orders.forms import DismissForm
from orders.models import Reaction
from orders.presenting import parcelcards, receiptlines
from orders.presenting.present import entries, names
from orders.queries import reactions as queries
from orders.services.buyers import OPEN_RAW
from orders.services.reacting import reactions
from orders.services.sending import outbox

from .actions import QUESTIONS, UNCODED, Question
from .common import actor, back_url, htmx, page, person, question, refused, say, see_other
from .parcels import back_of
from .task import address, answer

_DISMISS = Question(
    gettext_lazy("Put the suggestion away?"),
    gettext_lazy(
        "Nothing is done at the marketplace. The suggestion does not come again for this status of the parcel."
    ),
    pgettext_lazy("button", "Put it away"),
)


@page("orders.view_assemblytask")
def receipt(request: HttpRequest, reaction_id: int) -> HttpResponse:
    """Why something was suggested, or done by itself: the rule, what it looked at, what it rests on, what came of it."""
    found = queries.receipt(reaction_id)
    if found is None:
        raise Http404
    row = found.reaction
    account = row.task.account
    shown = {
        "now": timezone.now(),
        "row": row,
        "each": _shown(row),
        "title": trackwords.receipt_title(row),
        "inputs": receiptlines.inputs(row, account.kind),
        "rule": receiptlines.rule(row),
        "rests_on": entries(found.entries, account, raw=person(request).has_perms(OPEN_RAW)),
        "story": [replace(entry, receipt="") for entry in entries(found.story, account)],  # it is this page
        "names": names(account),
        "action": found.action,
        "attempts": found.attempts,
        "back": request.path,
        "open": row.state in OPEN_REACTION_STATES,
    }
    return render(request, "orders/receipt.html", shown)


def _open(reaction_id: int) -> Reaction:
    rows = Reaction.objects.select_related("shipment__carrier_account", "task__account", "task__order")
    found = rows.filter(pk=reaction_id).first()
    if found is None:
        raise Http404
    return found


@page("orders.act_task", "GET", "POST")
def take(request: HttpRequest, reaction_id: int) -> HttpResponse:
    """Do what is suggested: at once, or after a question where it needs the buyer's code or cannot be taken back."""
    row = _open(reaction_id)
    if request.method != "POST":
        return _ask_take(request, row)
    code = "".join(request.POST.get("code", "").split())[:64]
    try:
        reactions.take(row.pk, actor=actor(request), code=code)
    except DomainError as error:
        if error.code in ("code_required", "code_format"):
            return _ask_take(request, row, error=error)
        return _refused(request, row, error)
    return _done(request, row, _("It is on its way to the marketplace."))


def _ask_take(request: HttpRequest, row: Reaction, *, error: DomainError | None = None) -> HttpResponse:
    shown = _shown(row)
    kind = ActionKind(row.kind)
    wanted = QUESTIONS.get(kind) if shown.coded else UNCODED.get(kind, QUESTIONS.get(kind))
    words = {
        "title": wanted.title if wanted else kind.label,
        "text": shown.why,
        "rules": [] if shown.coded else [shown.label],
        "button": wanted.button if wanted else shown.label,
        "tone": "danger" if wanted and wanted.danger else "",
        "coded": shown.coded,
        "length": 12,
        "error": str(error.message) if error else "",
    }
    return _ask(
        request, row, reverse("reaction_take", args=[row.pk]), words, status=error.http_status if error else 200
    )


def _shown(row: Reaction) -> parcelcards.ShownReaction:
    offer = outbox.offer_of(row.task.account)
    return parcelcards.reaction(row, marketplace=row.task.account.kind, coded=offer.coded)


def _ask(request: HttpRequest, row: Reaction, action: str, words: dict[str, Any], *, status: int = 200) -> HttpResponse:
    back = back_url(request, "") or request.GET.get("back", "")
    shown = {
        "id": "question",
        "action": action,
        "hidden": {"back": back} if back else {},
        "target": "#question-place" if back else "#task-page",
        "back_url": address(row.task_id),
        "open": True,
        **words,
    }
    return question(request, shown, status)


@page("orders.act_task", "POST")
def stop(request: HttpRequest, reaction_id: int) -> HttpResponse:
    """What waits is not done by itself; it stays in the timeline."""
    return _decide(request, _open(reaction_id), lambda row: reactions.stop(row.pk, actor=actor(request)), _("Stopped."))


@page("orders.act_task", "GET", "POST")
def dismiss(request: HttpRequest, reaction_id: int) -> HttpResponse:
    """A suggestion that does not fit is put away, with a note."""
    row = _open(reaction_id)
    form = DismissForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        words = {"title": _DISMISS.title, "text": _DISMISS.text, "button": _DISMISS.button, "form": form}
        action = reverse("reaction_dismiss", args=[row.pk])
        return _ask(request, row, action, words, status=422 if request.method == "POST" else 200)
    note = form.cleaned_data["note"]
    return _decide(
        request,
        row,
        lambda each: reactions.dismiss(each.pk, actor=actor(request), note=note),
        _("The suggestion is put away."),
    )


def _decide(
    request: HttpRequest, row: Reaction, work: Callable[[Reaction], object], said: str | Promise
) -> HttpResponse:
    try:
        work(row)
    except DomainError as error:
        return _refused(request, row, error)
    return _done(request, row, said)


def _refused(request: HttpRequest, row: Reaction, error: DomainError) -> HttpResponse:
    if request.POST.get("back"):
        return refused(request, error)  # asked from a list: said there
    return answer(request, row.task_id, status=error.http_status, error=error)


def _done(request: HttpRequest, row: Reaction, said: str | Promise) -> HttpResponse:
    """Back to where the person was: a list reads itself anew, the task is told anew."""
    there = back_url(request, "")
    if not htmx(request):
        return say(request, see_other(there or back_of(row.task.order_id, row.task_id)), said)
    if not there:
        return say(request, answer(request, row.task_id), said)
    if there.startswith((f"{reverse('tasks')}?", reverse("divergence"))) or there == reverse("tasks"):
        return say(request, trigger_client_event(HttpResponse(status=204), "queue-changed", {}), said)
    return HttpResponseClientRedirect(there)
