"""The one field at the top of every page: a scan or a number leads to its task, everything else to what was found."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from backoffice.errors import UpstreamError
from orders import codes
from orders.forms import FindForm
from orders.marketplaces import registry
from orders.models import AssemblyTask, MarketplaceAccount, Order, Shipment
from orders.queries import search
from orders.queries.board import Board
from orders.services import marking, reread

from . import parcelcards
from .common import board_of, page, person, see_other

SHOWN = 20
#: A number of a marketplace has fewer digits.
LONGEST_NUMBER = 20
_TASK = re.compile(r"/tasks/(\d{1,18})/")


@page("orders.view_assemblytask", "GET", "POST")
def seek(request: HttpRequest) -> HttpResponse:
    """What was typed may be a name or a phone: it is answered in place and never becomes part of an address."""
    given = (request.POST if request.method == "POST" else request.GET).get("seek", "")
    text = codes.storable(given, codes.MAX_SCAN + 1)
    there = _exact(text) if text.strip() else None
    if there:
        return see_other(there)
    tasks: list[AssemblyTask] = []
    orders: list[Order] = []
    if text.strip():
        rows = AssemblyTask.objects.select_related("assignee").prefetch_related("items")
        tasks = list(search.tasks(rows, text).order_by("-created_at", "-pk")[: SHOWN + 1])
        orders = list(search.orders(Order.objects.all(), text).order_by("-created_at", "-pk")[: SHOWN + 1])
    if len(tasks) == 1:
        return see_other(reverse("task", args=[tasks[0].pk]))
    board = board_of(request)
    shown = {
        "now": timezone.now(),
        "board": board,
        "text": text.strip()[:80],
        "tasks": [(task, board.by_id[task.account_id].kind) for task in tasks[:SHOWN]],
        "orders": [(order, board.by_id[order.account_id].kind) for order in orders[:SHOWN]],
        "more": max(len(tasks), len(orders)) > SHOWN,
        "askable": _askable(text, board) if not tasks and not orders else [],
        "attach": _attachable(request, text.strip()) if not tasks and not orders else None,
        "may_act": person(request).has_perm("orders.act_task"),
    }
    return render(request, "orders/found.html", shown)


def _attachable(request: HttpRequest, number: str) -> AssemblyTask | None:
    """The task whose page the scan was made on, when it may be the number of a parcel."""
    here = _TASK.fullmatch(urlsplit(request.headers.get("Referer", "")).path)
    if here is None or not parcelcards.may_be_a_number(number) or not person(request).has_perm("orders.work_task"):
        return None
    return AssemblyTask.objects.filter(pk=int(here[1])).first()


def _askable(text: str, board: Board) -> list[MarketplaceAccount]:
    """Shops that can be asked for an order by this number: it need not have come in yet."""
    number = text.strip()
    if not (number.isascii() and number.isdigit() and len(number) < LONGEST_NUMBER):
        return []
    return [account for account in board.accounts if account.active and registry.finds(account.kind)]


@page("orders.act_task", "POST")
def find(request: HttpRequest) -> HttpResponse:
    """Fetch an order by its number from a marketplace, and open it."""
    form = FindForm(request.POST)
    account = board_of(request).by_id.get(form.cleaned_data["account"]) if form.is_valid() else None
    if account is None:
        raise Http404
    try:
        order = reread.find(account, form.cleaned_data["number"].strip())
    except UpstreamError as error:
        text = {"message": error.message, "detail": error.detail[:300]}
        shown = {"error": text, "back": reverse("seek"), "upstream": True}
        return render(request, "orders/refused.html", shown, status=502)
    return see_other(reverse("order", args=[order.pk]))


def _exact(text: str) -> str | None:
    """The page of the one thing that has this number or code."""
    wanted = text.strip()[: search.LONGEST]
    tasks = list(AssemblyTask.objects.filter(external_id=wanted).values_list("pk", flat=True)[:2])
    if len(tasks) == 1:
        return reverse("task", args=[tasks[0]])
    orders = list(Order.objects.filter(external_id=wanted).values_list("pk", flat=True)[:2])
    if not tasks and len(orders) == 1:
        return reverse("order", args=[orders[0]])
    return _parcel(wanted) or _holder(text)


def _parcel(number: str) -> str | None:
    """The order of the one parcel that has this number."""
    rows = Shipment.objects.filter(number=number, detached_at=None)
    orders = set(rows.values_list("order_id", flat=True)[:2])
    return reverse("order", args=[orders.pop()]) if len(orders) == 1 else None


def _holder(text: str) -> str | None:
    understood = codes.read(text)
    if not understood.errors:
        for kind in understood.kinds:
            code = marking.holder(kind, understood.value)
            if code is not None:
                return reverse("task", args=[code.task_id])
    return None
