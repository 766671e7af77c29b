"""Actions that change the details of an order: each has a form, over the page or on a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from backoffice.errors import DomainError
from orders.detailforms import (
    BoxesForm,
    DetailForm,
    Ground,
    ItemsForm,
    KeysForm,
    MoveDateForm,
    NumberForm,
    StorageForm,
    TrackForm,
    initial,
)
from orders.enums import ActionKind, ActionState
from orders.models import AssemblyTask, MarketplaceAction, Shipment
from orders.models.shipment import ATTACHED
from orders.services.sending import outbox
from orders.services.shipping import tracks

from .actions import reasons_of, send
from .common import htmx, nonce, page, question, say
from .task import address, done, refusal

#: Refusals of what was typed: they are said in the form.
TYPED = frozenset(
    {
        *("data", "date", "track", "service", "number", "boxes", "items", "keys", "slip", "until"),
        *("reason", "reason_required", "not_digital"),
    }
)


@dataclass(frozen=True, slots=True)
class Card:
    """A form with its words. ``said``: that it is on its way."""

    form: type[DetailForm]
    title: Promise
    button: Promise
    said: Promise
    text: Promise | str = ""
    danger: bool = False


CARDS: Mapping[str, Card] = {
    ActionKind.MOVE_DATE: Card(
        MoveDateForm,
        gettext_lazy("Move the delivery"),
        pgettext_lazy("button", "Move"),
        gettext_lazy("The new day is on its way."),
        gettext_lazy("The marketplace tells the buyer. It limits how often and how far a delivery can be moved."),
    ),
    ActionKind.EXTEND_STORAGE: Card(
        StorageForm,
        gettext_lazy("Keep the parcel longer"),
        pgettext_lazy("button", "Extend"),
        gettext_lazy("The new day is on its way."),
    ),
    ActionKind.SEND_TRACK: Card(
        TrackForm,
        gettext_lazy("Track number"),
        pgettext_lazy("button", "Send"),
        gettext_lazy("The track number is on its way."),
    ),
    ActionKind.SET_NUMBER: Card(
        NumberForm,
        gettext_lazy("Our own number"),
        pgettext_lazy("button", "Set"),
        gettext_lazy("Our number is on its way."),
    ),
    ActionKind.SET_BOXES: Card(
        BoxesForm,
        gettext_lazy("Boxes of the parcel"),
        pgettext_lazy("button", "Send"),
        gettext_lazy("The boxes are on their way."),
    ),
    ActionKind.CHANGE_ITEMS: Card(
        ItemsForm,
        gettext_lazy("Take items out of the order"),
        pgettext_lazy("button", "Take out"),
        gettext_lazy("The new contents of the order are on their way."),
        danger=True,
    ),
    ActionKind.GIVE_DIGITAL: Card(
        KeysForm,
        gettext_lazy("Digital keys"),
        pgettext_lazy("button", "Send the keys"),
        gettext_lazy("The keys are on their way."),
        danger=True,
    ),
}


@page("orders.act_task", "GET", "POST")
def detail(request: HttpRequest, task_id: int, kind: str) -> HttpResponse:
    """The form of a detail action, and what was filled in."""
    if kind not in CARDS:
        raise Http404
    wanted = ActionKind(kind)
    task = AssemblyTask.objects.select_related("account", "order").filter(pk=task_id).first()
    if task is None:
        raise Http404
    ground = _ground(task, wanted)
    if request.method != "POST":
        return _ask(request, ground, wanted, CARDS[kind].form(ground, initial=_last(task, wanted)))
    return _send(request, ground, wanted, CARDS[kind].form(ground, request.POST))


def _ground(task: AssemblyTask, kind: ActionKind) -> Ground:
    items = [item for item in task.items.all() if item.quantity]
    services = tracks.choices(task.account_id) if kind == ActionKind.SEND_TRACK else []
    return Ground(task, items, reasons_of(task, kind, outbox.offer_of(task.account)), services)


def _last(task: AssemblyTask, kind: ActionKind) -> dict[str, Any]:
    """What was filled in when the marketplace refused it, to be corrected; of a track number that of the newest parcel."""
    last = MarketplaceAction.objects.filter(task=task, kind=kind).order_by("-pk").first()
    if last is not None and last.state == ActionState.FAILED:
        return initial(last.payload)
    parcels = Shipment.objects.filter(ATTACHED, order=task.order_id).order_by("-pk")
    number = parcels.values_list("number", flat=True).first() if kind == ActionKind.SEND_TRACK else None
    return {"track": number} if number else {}


def _send(request: HttpRequest, ground: Ground, kind: ActionKind, form: DetailForm) -> HttpResponse:
    if form.again:
        return _ask(request, ground, kind, _drawn(ground, kind, request))
    if not form.is_valid():
        return _ask(request, ground, kind, form, status=422)
    task_id = ground.task.pk
    try:
        send(request, task_id, outbox.Wish(kind, **form.wish()))
    except DomainError as error:
        if error.code not in TYPED:
            return refusal(request, task_id, error)
        form.tell(error.code, error.message)
        return _ask(request, ground, kind, form, status=error.http_status)
    response = done(request, task_id)
    return response if htmx(request) else say(request, response, CARDS[kind].said)


def _drawn(ground: Ground, kind: ActionKind, request: HttpRequest) -> DetailForm:
    """The same form with as many fields as are asked for now; what was typed stays, and nothing is judged yet."""
    form = CARDS[kind].form(ground, request.POST)
    form.is_valid()
    form.errors.clear()
    return form


def _ask(
    request: HttpRequest, ground: Ground, kind: ActionKind, form: DetailForm, *, status: int = 200
) -> HttpResponse:
    card, task = CARDS[kind], ground.task
    hidden = {"seen": request.POST.get("seen", task.stage), "nonce": request.POST.get("nonce", "") or nonce()}
    shown = {
        "id": "question",
        "title": card.title,
        "text": card.text,
        "rules": form.rules,
        "button": card.button,
        "tone": "danger" if card.danger else "",
        "action": reverse("task_detail", args=[task.pk, kind.value]),
        "hidden": {**hidden, **form.kept},
        "form": form,
        "target": "#task-page",
        "back_url": address(task.pk),
        "open": True,
    }
    return question(request, shown, status)
