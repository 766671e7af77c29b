"""Parcels of an order: attaching, replacing and taking off, and what their carriers said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from backoffice.errors import DomainError, UpstreamError
from backoffice.frame import in_training
from backoffice.text import whole
from carriers import numbers
from carriers.models import CarrierAccount
from orders.enums import ScanOutcome
from orders.forms import AttachForm, DetachForm, ReplaceForm
from orders.models import AssemblyTask, Order, Scan, Shipment
from orders.queries import parcels as queries
from orders.services.shipping import matching, shipments

from .common import actor, htmx, page, person, question, say, see_other
from .task import address, answer, raw_page


def _order(order_id: int) -> Order:
    found = Order.objects.filter(pk=order_id).first()
    if found is None:
        raise Http404
    return found


def _task_of(request: HttpRequest, order_id: int) -> int | None:
    """The task whose page asked; None for the page of the order."""
    given = (request.POST if request.method == "POST" else request.GET).get("task", "")
    task_id = whole(given)
    if task_id is None:
        return None
    return AssemblyTask.objects.filter(pk=task_id, order_id=order_id).values_list("pk", flat=True).first()


def back_of(order_id: int, task_id: int | None) -> str:
    return address(task_id) if task_id else reverse("order", args=[order_id])


def went(request: HttpRequest, order_id: int, text: str | Promise) -> HttpResponse:
    """After something was done: the task anew, or the page it came from."""
    task_id = _task_of(request, order_id)
    if not htmx(request):
        return say(request, see_other(back_of(order_id, task_id)), text)
    if task_id:
        return say(request, answer(request, task_id), text)
    return HttpResponseClientRedirect(back_of(order_id, None))


@page("orders.work_task")
def attach_of_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """The question for a number that was scanned at a task."""
    order_id = AssemblyTask.objects.filter(pk=task_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise Http404
    form = AttachForm(queries.accounts(training=in_training(request)), initial={"number": _scanned(request, task_id)})
    return _ask_attach(request, order_id, form, task_id=task_id)


@page("orders.work_task", "GET", "POST")
def attach(request: HttpRequest, order_id: int) -> HttpResponse:
    """A parcel's number with its carrier. With a number that only one account's carrier would write it is done at once."""
    order = _order(order_id)
    if request.method != "POST":
        return _ask_attach(request, order.pk, AttachForm(queries.accounts(training=in_training(request))))
    known = queries.accounts(training=in_training(request))
    form = AttachForm(known, request.POST)
    if not form.is_valid():
        return _ask_attach(request, order.pk, form, status=422)
    number = form.cleaned_data["number"]
    account = form.cleaned_data["account"] or _only(known, number, form)
    if account is None:
        return _ask_attach(request, order.pk, form, status=422)
    try:
        _attach(request, order, account, number)
    except (DomainError, UpstreamError) as error:
        form.add_error("number", " ".join((str(error.message), getattr(error, "detail", "")[:200])).strip())
        return _ask_attach(request, order.pk, form, status=getattr(error, "http_status", 502))
    return went(request, order.pk, _SAID[bool(number)])


#: By whether a number was given.
_SAID = {
    True: gettext_lazy("The parcel is attached. Its carrier is asked now."),
    False: gettext_lazy("The carrier knows the order: its parcel is attached."),
}


def _attach(request: HttpRequest, order: Order, account: int, number: str) -> None:
    """Without a number the carrier is asked for parcels of the order: it may know them by the order's own number."""
    if number:
        shipments.attach(order.pk, account, number, actor=actor(request))
    else:
        matching.match(order.pk, account, actor=actor(request))


def _only(known: list[CarrierAccount], number: str, form: AttachForm) -> int | None:
    """The only account whose carrier writes numbers like that; else the form says what to do."""
    fit = numbers.fitting(known, number)
    if len(fit) == 1:
        return fit[0].pk
    if fit:
        form.add_error("account", _("Several carriers write numbers like that: choose yours."))
    elif known:
        form.add_error("number", _("No carrier here writes numbers like that: compare it with the waybill."))
    return None


def _scanned(request: HttpRequest, task_id: int) -> str:
    """The number of a scan made at this task: it is in no address."""
    scan_id = whole(request.GET.get("scan", ""))
    if scan_id is None:
        return ""
    rows = Scan.objects.filter(pk=scan_id, task=task_id, user=person(request), outcome=ScanOutcome.REFUSED)
    found = rows.values_list("raw", flat=True).first()
    return found.strip()[:80] if found else ""


def _ask_attach(
    request: HttpRequest, order_id: int, form: AttachForm, *, task_id: int | None = None, status: int = 200
) -> HttpResponse:
    rules = [] if form.has_accounts else [_("No carrier is connected yet: a manager connects one in the admin.")]
    words: dict[str, Any] = {"title": _("Attach a parcel"), "button": _("Attach"), "rules": rules}
    words |= {"hidden": {"task": str(task_id)}, "target": "#task-page"} if task_id else {}
    return _ask(request, order_id, form, reverse("parcel_attach", args=[order_id]), status=status, **words)


def _ask(
    request: HttpRequest, order_id: int, form: Any, action: str, *, status: int = 200, **words: Any
) -> HttpResponse:
    task_id = _task_of(request, order_id)
    shown = {
        "id": "question",
        "action": action,
        "hidden": {"task": str(task_id)} if task_id else {},
        "form": form,
        "target": "#task-page" if task_id else "#question-place",
        "back_url": back_of(order_id, task_id),
        "open": True,
        **words,
    }
    return question(request, shown, status)


def _shipment(shipment_id: int) -> Shipment:
    rows = Shipment.objects.select_related("carrier_account", "order")
    found = rows.filter(pk=shipment_id).first()
    if found is None:
        raise Http404
    return found


@page("orders.work_task", "GET", "POST")
def replace(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Another number in the place of this one: mistyped, or the carrier packed it anew."""
    parcel = _shipment(shipment_id)
    form = ReplaceForm(request.POST or None, initial={"number": parcel.number})
    words = {"title": _("Replace the number"), "button": _("Replace"), "text": _told(parcel)}

    def work() -> None:
        shipments.replace(parcel.pk, form.cleaned_data["number"], actor=actor(request))

    return _change(request, parcel, form, work, said=_("The number is replaced."), words=words)


@page("orders.work_task", "GET", "POST")
def detach(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Take a parcel off its order, with the reason; what was told of it stays in the timeline."""
    parcel = _shipment(shipment_id)
    form = DetachForm(request.POST or None)
    words = {"title": _("Take the parcel off?"), "button": _("Take off"), "tone": "danger", "text": _told(parcel)}

    def work() -> None:
        shipments.detach(parcel.pk, form.cleaned_data["reason"], actor=actor(request))

    return _change(request, parcel, form, work, said=_("The parcel is taken off."), words=words)


def _told(parcel: Shipment) -> str:
    return f"{parcel.carrier_account.title} · {parcel.number}"


def _change(
    request: HttpRequest,
    parcel: Shipment,
    form: ReplaceForm | DetachForm,
    work: Callable[[], None],
    *,
    said: str,
    words: dict[str, Any],
) -> HttpResponse:
    def asked(status: int) -> HttpResponse:
        return _ask(request, parcel.order_id, form, request.path, status=status, **words)

    if request.method != "POST":
        return asked(200)
    if not form.is_valid():
        return asked(422)
    try:
        work()
    except DomainError as error:
        form.add_error(next(iter(form.fields)), str(error.message))
        return asked(error.http_status)
    return went(request, parcel.order_id, said)


@page("backoffice.view_rawpayload")
def raw(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """What the carrier answered last, as it came."""
    parcel = Shipment.objects.select_related("raw", "order").filter(pk=shipment_id).first()
    if parcel is None or parcel.raw is None:
        raise Http404
    return raw_page(request, parcel.raw, up=reverse("order", args=[parcel.order_id]), title=parcel.number)
