"""The desk where parcels are handed over: an order, the buyer's code, received or refused, and the answer on the same page.

No rule of its own: what is allowed and what a good code is, the services say. A code is in the body of one form and in
nothing that is kept: no address, no log, no storage of the browser, no answer of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_htmx.http import replace_url

from backoffice import faces
from backoffice.errors import DomainError, Invalid
from orders import wording
from orders.enums import ActionKind, ActionState
from orders.forms import ActForm, DeskForm
from orders.marketplaces import registry
from orders.models import AssemblyTask, MarketplaceAction
from orders.presenting.present import buyer_panel
from orders.queries import desk as queries
from orders.queries.desk import DeskTask, Way
from orders.services import guards
from orders.services.sending import outbox
from orders.widgets import Reason

from .actions import TYPED, reasons_of, send
from .common import board_of, htmx, nonce, page, person, see_other, visible

#: Actions that were asked for at this desk, in the session of the person: the newest last.
ASKED = "desk"
#: A marketplace code is no longer than this.
LONGEST_CODE = 12
_TONES = {
    ActionState.QUEUED: "wait",
    ActionState.SENDING: "wait",
    ActionState.UNCERTAIN: "wait",
    ActionState.FAILED: "bad",
    ActionState.SUCCEEDED: "ok",
    ActionState.CANCELLED: "bad",
}
_DONE = {
    ActionKind.RECEIVE: pgettext_lazy("desk", "Received"),
    ActionKind.REJECT: pgettext_lazy("desk", "Refused by the buyer"),
    ActionKind.CANCEL: pgettext_lazy("desk", "Cancelled"),
}
_WAITS = {
    ActionState.QUEUED: gettext_lazy("It is sent in a moment."),
    ActionState.SENDING: gettext_lazy("The answer of the marketplace is awaited."),
    ActionState.UNCERTAIN: gettext_lazy("No answer came. The state is asked for before anything is sent again."),
}


@dataclass(frozen=True, slots=True)
class Said:
    """The answer as shown: a verdict, and whether it is final."""

    tone: str
    title: str | Promise
    text: str | Promise
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """A line of what was asked at this desk. ``state`` is that of the action, ``word`` what it means here."""

    action: MarketplaceAction
    kind: str
    tone: str
    icon: str
    word: str | Promise

    @property
    def at(self) -> datetime:
        return self.action.finished_at or self.action.created_at


@page("orders.act_task", "GET", "POST")
def desk(request: HttpRequest) -> HttpResponse:
    """Without an order. POST looks for one: what was typed or scanned never becomes part of an address."""
    if request.method != "POST":
        return _answer(request, {})
    form = DeskForm(request.POST)
    text = form.cleaned_data["find"] if form.is_valid() else ""
    if not text.strip():
        return _answer(request, {"nothing": _("Nothing was read. Scan again.")})
    found = queries.find(text, visible(request, AssemblyTask.objects.all()))
    if len(found) == 1:
        return _opened(request, found[0].pk)
    board = board_of(request)
    many = [(task, board.by_id[task.account_id].kind) for task in found]
    nothing = "" if found else _("No order, parcel or code here has exactly this number.")
    return _answer(request, {"many": many, "nothing": nothing})


@page("orders.act_task", "GET", "POST")
def order(request: HttpRequest, task_id: int) -> HttpResponse:
    """One order. POST says what became of the parcel: the same form again is the same request."""
    if request.method != "POST":
        return _shown(request, task_id)
    form = ActForm(request.POST)
    try:
        if not form.is_valid() or form.cleaned_data["kind"] not in queries.KINDS:
            raise Invalid("kind", _("There is no such action."))
        data = form.cleaned_data
        wish = outbox.Wish(ActionKind(data["kind"]), data["code"], data["reason"], data["date"])
        action = send(request, task_id, wish)
    except DomainError as error:
        return _refused(request, task_id, error)
    _remember(request, action.pk)
    return _opened(request, task_id)


@page("orders.act_task")
def state(request: HttpRequest, task_id: int) -> HttpResponse:
    """The order again, once something changed: nothing as long as it did not."""
    shown = _load(request, task_id)
    if request.GET.get("seen") == _print(shown):
        return HttpResponse(status=204)
    return _answer(request, _task_context(request, shown))


@page("orders.act_task")
def results(request: HttpRequest) -> HttpResponse:
    """The last results alone, for the refresh by the clock."""
    return render(request, "orders/desk/results.html", _results(request))


def _opened(request: HttpRequest, task_id: int) -> HttpResponse:
    address = reverse("desk_task", args=[task_id])
    return replace_url(_shown(request, task_id), address) if htmx(request) else see_other(address)


def _load(request: HttpRequest, task_id: int) -> DeskTask:
    shown = queries.task(task_id, board_of(request))
    if shown is None:
        raise Http404
    return shown


def _shown(request: HttpRequest, task_id: int, *, status: int = 200, **more: Any) -> HttpResponse:
    return _answer(request, {**_task_context(request, _load(request, task_id)), **more}, status=status)


def _refused(request: HttpRequest, task_id: int, error: DomainError) -> HttpResponse:
    """What is wrong with what was typed is said at its field, everything else above the form."""
    if not AssemblyTask.objects.filter(pk=task_id).exists():
        raise Http404
    at = error.code if error.code in TYPED else ""
    return _shown(
        request, task_id, status=error.http_status, error=error, error_at=at, sent=request.POST.get("kind", "")
    )


def _answer(request: HttpRequest, shown: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A whole page, or the working part with the results beside it."""
    context = {"now": timezone.now(), "fragment": bool(htmx(request)), **_results(request, shown.get("task")), **shown}
    template = "orders/desk/fragment.html" if htmx(request) else "orders/desk.html"
    return render(request, template, context, status=status)


def _task_context(request: HttpRequest, shown: DeskTask) -> dict[str, Any]:
    received, refused = (_with_reasons(shown, way) for way in (shown.received, shown.refused))
    ways = [way for way, _reasons in (received, refused) if way is not None]
    said, next_try = _said(shown), shown.next_try
    kind = shown.account.kind
    wait = max(0, int((next_try - timezone.now()).total_seconds())) if next_try else 0
    return {
        "shown": shown,
        "task": shown.task,
        "items": [item for item in shown.facts.items if item.quantity],
        "buyer": buyer_panel(shown.buyer, masked=True),
        "needs": _needs(shown, ways),
        "said": said,
        "waits": shown.waits,
        "asks": shown.on_the_way and not shown.waits and bool(ways),
        "coded": any(way.coded for way in ways),
        "received": received,
        "refused": refused,
        "wrong": shown.facts.wrong_codes,
        "allowed": guards.WRONG_CODES_ALLOWED,
        "next_try": next_try,
        "wait_seconds": wait + 1,
        "wait_clock": f"{wait // 60:02d}:{wait % 60:02d}",
        "guide": {name: word for name in ("where", "without", "wrong") if (word := _guide(kind, name))},
        "print": _print(shown),
        "nonce": nonce(),
        "length": LONGEST_CODE,
        "delivery": registry.word_name(kind, "deliveryType", shown.task.delivery_type),
    }


def _with_reasons(shown: DeskTask, way: Way | None) -> tuple[Way | None, list[Reason]]:
    """A reason that rests on calls is off until they have been made."""
    if way is None or shown.offer is None or not way.reasons:
        return way, []
    return way, reasons_of(shown.task, way.kind, shown.offer)


def _guide(kind: str, name: str) -> str:
    """What a marketplace says of handing over; nothing where it says nothing."""
    word = registry.word_name(kind, "handover", name)
    return "" if word == name else word


def _needs(shown: DeskTask, ways: list[Way]) -> list[str | Promise]:
    """What the marketplace wants to be told with it."""
    told: list[str | Promise] = []
    if any(way.coded for way in ways):
        told.append(_("the code of the buyer"))
    elif ways:
        told.append(_("no code"))
    for way in ways:
        if way.before:
            steps = ", ".join(wording.quoted(str(step.label)) for step in way.before)
            told.append(_("sent first: %(steps)s") % {"steps": steps})
        if way.reasons:
            told.append(_("a reason where the buyer refuses"))
    return told


def _said(shown: DeskTask) -> Said | None:
    """The answer to what was asked last: while it is under way, when it was refused, and when it closed the order."""
    action = shown.said
    if action is None or (action.state == ActionState.SUCCEEDED and shown.task.is_open):
        return None
    if action.state == ActionState.CANCELLED or (action.state == ActionState.FAILED and not shown.task.is_open):
        return None
    tone, kind = _TONES[ActionState(action.state)], ActionKind(action.kind)
    if action.is_open:
        return Said(tone, _sending(action), _WAITS[ActionState(action.state)], waits=True)
    if action.state == ActionState.SUCCEEDED:
        return Said(tone, _DONE[kind], _("Order %(number)s is closed.") % {"number": shown.task.external_id})
    if action.error_code == guards.WRONG_CODE:
        return Said(tone, _("Wrong code"), _("The marketplace did not accept it. Ask the buyer and try again."))
    text = wording.explained(shown.account.kind, action.error_detail or action.error_code)
    return Said(tone, _("Refused by the marketplace"), text)


def _sending(action: MarketplaceAction) -> str:
    if action.state == ActionState.UNCERTAIN:
        return _("No answer yet: being checked")
    if action.keep_trying_until:
        return _("The code is tried again by itself")
    return _("Sending…")


def _print(shown: DeskTask) -> str:
    """Changes with what the page would show differently."""
    action = shown.said
    parts = [shown.task.stage, action.pk if action else 0, action.state if action else "", shown.facts.wrong_codes]
    return ".".join(map(str, parts))


def _remember(request: HttpRequest, action_id: int) -> None:
    known = [pk for pk in request.session.get(ASKED, []) if pk != action_id]
    request.session[ASKED] = [*known, action_id][-queries.MOST_RESULTS :]


def _results(request: HttpRequest, task: AssemblyTask | None = None) -> dict[str, Any]:
    """What was asked at this desk; it refreshes itself while something waits that the order on the desk does not wait for."""
    rows = queries.results(request.session.get(ASKED, []), user_id=person(request).pk)
    open_elsewhere = any(row.is_open and (task is None or row.task_id != task.pk) for row in rows)
    kinds = {row.pk: board_of(request).by_id[row.account_id].kind for row in rows}
    return {"results": [_result(row, kinds[row.pk]) for row in rows], "results_live": open_elsewhere}


def _result(row: MarketplaceAction, kind: str) -> Result:
    face = faces.ACTION_STATES[row.state]
    word: str | Promise = ActionState(row.state).label
    if row.state == ActionState.SUCCEEDED:
        word = _DONE[ActionKind(row.kind)]
    elif row.error_code == guards.WRONG_CODE and row.state == ActionState.FAILED:
        word = _("wrong code")
    return Result(row, kind, face.tone, face.icon, word)
