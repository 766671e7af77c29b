"""The one field at the top of every page: a scan or a number leads to its task, everything else to what was found."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from backoffice.errors import UpstreamError
from backoffice.frame import in_training
from carriers import numbers
from orders import codes, signs
from orders.forms import FindForm
from orders.marketplaces import registry
from orders.models import AssemblyTask, MarketplaceAccount, Order
from orders.presenting import parcelcards
from orders.queries import find as find_
from orders.queries.board import Board
from orders.services.syncing import reread
from orders.services.warehouse import lookups

from .common import board_of, htmx, page, person, see_other, visible

#: A number of a marketplace has fewer digits.
LONGEST_NUMBER = 20
_TASK = re.compile(r"/tasks/(\d{1,18})/")


@page("orders.view_assemblytask", "GET", "POST")
def seek(request: HttpRequest) -> HttpResponse:
    """What was typed may be a name or a phone: it is answered in place and never becomes part of an address.

    While somebody types, only the results are asked for; a scan, or Enter, goes to the one thing that is meant.
    """
    given = (request.POST if request.method == "POST" else request.GET).get("seek", "")
    text = codes.storable(given, codes.MAX_SCAN + 1)
    typing = bool(htmx(request)) and htmx(request).target == "found"
    there = _exact(text, in_training(request)) if text.strip() and not typing else None
    if there:
        return see_other(there)
    tasks = visible(request, AssemblyTask.objects.select_related("assignee").prefetch_related("items"))
    found = find_.look(text, tasks, visible(request, Order.objects.all()))
    if len(found.tasks) == 1 and not typing:
        return see_other(reverse("task", args=[found.tasks[0].pk]))
    return render(request, "orders/parts/found.html" if typing else "orders/found.html", _shown(request, text, found))


def _shown(request: HttpRequest, text: str, found: find_.Found) -> dict[str, Any]:
    board = board_of(request)
    return {
        "now": timezone.now(),
        "board": board,
        "text": text.strip()[:80],
        "short": len(text.strip()) < find_.SHORTEST,
        "tasks": [(task, board.by_id[task.account_id].kind) for task in found.tasks],
        "orders": [(order, board.by_id[order.account_id].kind) for order in found.orders],
        "parcels": [(parcel, parcelcards.chip(parcel)) for parcel in found.parcels],
        "more": found.more,
        "askable": _askable(text, board) if not found else [],
        "attach": _attachable(request, text.strip()) if not found else None,
        "may_act": person(request).has_perm("orders.act_task"),
    }


def _attachable(request: HttpRequest, number: str) -> AssemblyTask | None:
    """The task whose page the scan was made on, when it may be the number of a parcel."""
    here = _TASK.fullmatch(urlsplit(request.headers.get("Referer", "")).path)
    if here is None or not numbers.may_be_scanned(number) or not person(request).has_perm("orders.work_task"):
        return None
    return AssemblyTask.objects.filter(pk=int(here[1])).first()


def _askable(text: str, board: Board) -> list[MarketplaceAccount]:
    """Shops that can be asked for an order by this number: it need not have come in yet."""
    number = text.strip()
    if not (number.isascii() and number.isdigit() and len(number) < LONGEST_NUMBER):
        return []
    return [account for account in board.shops if account.active and registry.finds(account.kind)]


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


def _exact(text: str, training: bool) -> str | None:
    """The page of the one thing that has this number or code, or whose label this is."""
    understood = codes.read(text)
    sign = signs.parse(understood.value) or signs.parse(text)
    if sign is not None and sign.task_id is not None:
        there = lookups.task(sign.task_id)
    else:
        there = lookups.number(text, training=training) or lookups.code(understood, training=training)
    return reverse(there.what, args=[there.pk]) if there else None
