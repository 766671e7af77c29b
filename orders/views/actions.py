"""What is asked of a marketplace from a page: the questions before it, the request, and what to do with a refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_htmx.http import trigger_client_event

from backoffice.errors import Conflict, DomainError, Invalid
from orders import wording
from orders.enums import ActionKind
from orders.forms import ActForm, StepForm
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, MarketplaceAction
from orders.services import freshness, guards
from orders.services.sending import calls, outbox
from orders.widgets import Reason

from .common import actor, back_url, htmx, nonce, page, question, say
from .task import address, attempt, done, refusal


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before an action. ``coded``: with the buyer's code."""

    title: Promise
    text: Promise
    button: Promise
    danger: bool = False


QUESTIONS: Mapping[str, Question] = {
    ActionKind.RECEIVE: Question(
        gettext_lazy("Code from the buyer"),
        gettext_lazy("The buyer sees it in the app of the marketplace. Ask for it when handing the parcel over."),
        pgettext_lazy("button", "Handed over"),
    ),
    ActionKind.REJECT: Question(
        gettext_lazy("The buyer refuses the parcel?"),
        gettext_lazy("Enter the refusal code the buyer shows. The goods come back to the warehouse."),
        pgettext_lazy("button", "Refused by the buyer"),
        danger=True,
    ),
    ActionKind.ARRIVE: Question(
        gettext_lazy("Has the parcel arrived at the pick-up point?"),
        gettext_lazy("The marketplace tells the buyer that it can be picked up."),
        pgettext_lazy("button", "Arrived"),
    ),
    ActionKind.ACCEPT_CANCEL: Question(
        gettext_lazy("Accept the cancellation?"),
        gettext_lazy(
            "The order is cancelled and the buyer gets the money back. Stop the parcel. This cannot be taken back."
        ),
        pgettext_lazy("button", "Accept the cancellation"),
        danger=True,
    ),
    ActionKind.REFUSE_CANCEL: Question(
        gettext_lazy("Refuse the cancellation?"),
        gettext_lazy("The order stays as it is, and the buyer is told why."),
        pgettext_lazy("button", "Refuse"),
    ),
    ActionKind.CANCEL: Question(
        gettext_lazy("Cancel the task?"),
        gettext_lazy("The marketplace and the buyer are told at once. This cannot be taken back."),
        pgettext_lazy("button", "Cancel the task"),
        danger=True,
    ),
}
#: Where the marketplace asks for no code.
UNCODED: Mapping[str, Question] = {
    ActionKind.RECEIVE: Question(
        gettext_lazy("Has the buyer received the parcel?"),
        gettext_lazy("The marketplace closes the order. This cannot be taken back."),
        pgettext_lazy("button", "Received"),
    ),
    ActionKind.REJECT: Question(
        gettext_lazy("The buyer refuses the parcel?"),
        gettext_lazy("The goods come back to the warehouse."),
        pgettext_lazy("button", "Refused by the buyer"),
        danger=True,
    ),
}
TAKE_OVER = Question(
    gettext_lazy("Take the task over?"),
    gettext_lazy("%(name)s is assembling it. Tell each other, so that it is not packed twice."),
    pgettext_lazy("button", "Take over"),
)
ASKED = {
    ActionKind.CONFIRM: gettext_lazy("Confirmation is on its way."),
    ActionKind.READY: gettext_lazy("Packed."),
    ActionKind.DELIVER: gettext_lazy("Hand-over is on its way."),
    ActionKind.ARRIVE: gettext_lazy("Arrival is on its way."),
    ActionKind.RECEIVE: gettext_lazy("The code is on its way."),
    ActionKind.REJECT: gettext_lazy("The refusal is on its way."),
    ActionKind.CANCEL: gettext_lazy("Cancellation is on its way."),
    ActionKind.ACCEPT_CANCEL: gettext_lazy("Your consent is on its way."),
    ActionKind.REFUSE_CANCEL: gettext_lazy("Your refusal is on its way."),
}
#: What needs no answer is done at once; what takes no code is not told of one.
ASKED_LOCAL = {ActionKind.CONFIRM: gettext_lazy("You can start assembling.")}
ASKED_UNCODED = {ActionKind.RECEIVE: gettext_lazy("The delivery is on its way to the marketplace.")}
#: Refusals of what was typed or chosen: they are said in the question.
TYPED = frozenset({"code_required", "code_format", "reason", "reason_required", "calls_missing", "date"})


@page("orders.act_task", "POST")
def act(request: HttpRequest, task_id: int) -> HttpResponse:
    """Ask for an action. The same form again is the same request; one from an outdated page does nothing."""
    form = ActForm(request.POST)
    if not form.is_valid() or form.cleaned_data["kind"] not in ASKED:
        return refusal(request, task_id, Invalid("kind", _("There is no such action.")))
    data = form.cleaned_data
    kind = ActionKind(data["kind"])
    try:
        action = send(request, task_id, outbox.Wish(kind, data["code"], data["reason"], data["date"]))
    except DomainError as error:
        return _refused(request, task_id, kind, error)
    if htmx(request) and request.POST.get("back"):
        return say(request, trigger_client_event(HttpResponse(status=204), "queue-changed", {}), _said(action))
    response = done(request, task_id)
    # A task tells of its actions itself.
    return response if htmx(request) else say(request, response, _said(action))


def _said(action: MarketplaceAction) -> Promise:
    kind = ActionKind(action.kind)
    if not action.is_open and kind in ASKED_LOCAL:
        return ASKED_LOCAL[kind]
    coded = kind in outbox.offer_of(action.account).coded
    return ASKED[kind] if coded else ASKED_UNCODED.get(kind, ASKED[kind])


def send(request: HttpRequest, task_id: int, wish: outbox.Wish) -> MarketplaceAction:
    """Ask for what a form of this page says. Raises what ``freshness.check`` and ``outbox.request`` raise.

    The same form with something else in it is refused with ``Conflict("sent_already")``: it is never swallowed.
    """
    nonce_ = request.POST.get("nonce", "")[:64]
    key = outbox.Idempotency(f"page:{nonce_}", outbox.digest_of(task_id, wish)) if nonce_ else outbox.Idempotency()
    freshness.check(task_id, request.POST.get("seen", ""), actor=actor(request), key=key)
    try:
        return outbox.request(task_id, wish, actor=actor(request), idempotency=key)
    except Invalid as error:
        if error.code != "idempotency_key":
            raise
        text = _("This form was sent already, with something else in it. Look at the task, and ask again if need be.")
        raise Conflict("sent_already", text) from None


def _refused(request: HttpRequest, task_id: int, kind: ActionKind, error: DomainError) -> HttpResponse:
    """A wrong code or reason is said where it was given; everything else on the task."""
    if error.code in TYPED and kind in QUESTIONS:
        return _ask(request, task_id, kind, error=error)
    return refusal(request, task_id, error)


@page("orders.act_task")
def ask(request: HttpRequest, task_id: int, kind: str) -> HttpResponse:
    """The question before an action: a dialog over the page, or a page of its own."""
    if kind not in QUESTIONS:
        raise Http404
    return _ask(request, task_id, ActionKind(kind))


def _ask(request: HttpRequest, task_id: int, kind: ActionKind, *, error: DomainError | None = None) -> HttpResponse:
    task = AssemblyTask.objects.select_related("account").filter(pk=task_id).first()
    if task is None:
        raise Http404
    offer = outbox.offer_of(task.account)
    coded = kind in offer.coded
    wanted = QUESTIONS[kind] if coded else UNCODED.get(kind, QUESTIONS[kind])
    hidden = {"kind": kind.value, "seen": task.stage, "nonce": nonce()}
    back = back_url(request, "") or request.GET.get("back", "")
    shown = {
        "id": "question",
        "coded": coded,
        "title": wanted.title,
        "text": wanted.text,
        "rules": _sent_first(task, kind, offer),
        "button": wanted.button,
        "tone": "danger" if wanted.danger else "",
        "action": reverse("task_act", args=[task_id]),
        "hidden": {**hidden, **({"back": back} if back else {})},
        "form": _form(request, task, kind, offer, error),
        "target": "#question-place" if back else "#task-page",  # asked from the queue, there is no task to swap
        "back_url": address(task_id),
        "length": 12,
        "error": error.message if error else "",
        "open": True,
    }
    return question(request, shown, error.http_status if error else 200)


def _sent_first(task: AssemblyTask, kind: ActionKind, offer: Offer) -> list[str]:
    """What else goes out with it, where a step takes others with it."""
    before = guards.steps_before(task, kind, offer)
    names = ", ".join(wording.quoted(str(step.label)) for step in before)
    return [_("Sent first: %(steps)s.") % {"steps": names}] if before else []


def _form(
    request: HttpRequest, task: AssemblyTask, kind: ActionKind, offer: Offer, error: DomainError | None
) -> StepForm | None:
    """What is asked besides "yes"; None when nothing is."""
    reasons = reasons_of(task, kind, offer)
    days = (timezone.localdate(task.created_at).isoformat(), timezone.localdate().isoformat())
    dated = kind in offer.dated
    if kind in offer.coded or not (reasons or dated):
        return None
    if error is None:
        return StepForm(reasons, days if dated else None, initial={"reason": request.GET.get("reason", "")})
    form = StepForm(reasons, days if dated else None, data=request.POST)
    form.errors.clear()
    form.add_error("date" if error.code == "date" else "reason" if reasons else None, str(error.message))
    return form


def reasons_of(task: AssemblyTask, kind: ActionKind, offer: Offer) -> list[Reason]:
    """The reasons an action may give now; one that rests on calls is off until they have been made."""
    name = task.account.kind
    known = guards.reasons(task, kind, offer)
    proved = {reason for reason in known if calls.rests_on_calls(kind, reason, offer)}
    lacking = " ".join(str(text) for text in calls.log_of(task).missing) if proved else ""
    return [Reason(reason, wording.reason(name, reason), lacking if reason in proved else "") for reason in known]


@page("orders.work_task")
def take_over(request: HttpRequest, task_id: int) -> HttpResponse:
    """The question before a task is taken from somebody."""
    task = AssemblyTask.objects.select_related("assignee").filter(pk=task_id).first()
    if task is None:
        raise Http404
    name = task.assignee.short_name if task.assignee else ""
    shown = {
        "id": "question",
        "title": TAKE_OVER.title,
        "text": str(TAKE_OVER.text) % {"name": name} if name else "",
        "button": TAKE_OVER.button,
        "action": reverse("task_take", args=[task_id]),
        "hidden": {"over": "1"},
        "target": "#task-page",
        "back_url": address(task_id),
        "open": True,
    }
    return question(request, shown)


@page("orders.act_task", "POST")
def decide(request: HttpRequest, task_id: int, action_id: int, what: str) -> HttpResponse:
    """What to do with an action: send a refused one again, keep trying its code, or stop it."""
    work = _DECISIONS.get(what)
    if work is None or not MarketplaceAction.objects.filter(pk=action_id, task_id=task_id).exists():
        raise Http404
    return attempt(request, task_id, lambda: work(action_id, actor=actor(request)))


_DECISIONS: Mapping[str, Callable[..., MarketplaceAction]] = {
    "again": outbox.send_again,
    "keep-trying": outbox.keep_trying,
    "stop": outbox.give_up,
}
