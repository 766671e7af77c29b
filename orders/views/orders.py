"""The list of orders and the page of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from orders import wording
from orders.enums import MarketplaceKind, Stage
from orders.forms import OrdersFilter
from orders.models import AssemblyTask, Order
from orders.presenting import panels, parcelcards
from orders.presenting.present import buyer_panel, entries, names
from orders.queries import detail, lists
from orders.services import buyers

from .common import actor, board_of, htmx, open_search, page, person, seal_search, see_other, visible
from .timeline import timeline_page
from .untold import untold

KEPT = ("marketplace", "account", "stage", "has_attention", "find")


@page("orders.view_order", "GET", "POST")
def orders(request: HttpRequest) -> HttpResponse:
    """Orders, the newest first. POST is a search, as in the queue."""
    if request.method == "POST":
        kept = {name: request.POST.get(name, "") for name in KEPT}
        return see_other(_address({**kept, "find": seal_search(request.POST.get("search", ""))}))
    board = board_of(request)
    search = open_search(request.GET.get("find", ""))
    given = request.GET.copy()
    if search:
        given["search"] = search
    asked = OrdersFilter(given, visible(request, Order.objects.all()), request=request)
    found = lists.orders(asked.qs, request.GET.dict(), board)
    kept = {name: request.GET.get(name, "") for name in KEPT}
    shown = {
        "now": timezone.now(),
        "board": board,
        "found": found,
        "rows": [(row, parcelcards.chip(row.parcel) if row.parcel else None) for row in found.rows],
        "kept": kept,
        "search": search,
        "stages": Stage.choices,
        "marketplaces": [kind for kind in MarketplaceKind.choices if kind[0] in {a.kind for a in board.shops}],
        "filtered": any(kept.values()),
        "sifted": sum(bool(kept[name]) for name in KEPT if name != "find"),
        "previous": _address({**kept, "before": found.previous}) if found.previous else "",
        "next": _address({**kept, "after": found.next}) if found.next else "",
    }
    return render(request, "orders/orders.html", shown)


def _address(params: dict[str, str]) -> str:
    given = {name: value for name, value in params.items() if value}
    return f"{reverse('orders')}?{urlencode(given)}" if given else reverse("orders")


@page("orders.view_order")
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    return _answer(request, order_id)


def _answer(request: HttpRequest, order_id: int, **more: Any) -> HttpResponse:
    shown = detail.order_page(order_id, board_of(request))
    if shown is None:
        raise Http404
    context = {
        "now": timezone.now(),
        "shown": shown,
        "order": shown.order,
        "questions": [(row, *wording.attention_text(row, shown.account.kind)) for row in shown.questions],
        "buyer": buyer_panel(shown.buyer, masked=True, eac_word=panels.eac_word(shown.order, shown.account)),
        "may_see_buyers": person(request).has_perm("orders.see_buyers"),
        "early": bool(shown.offer and shown.offer.buyers_early),
        "delivery": panels.delivery(shown.order, shown.account, shown.services),
        "boxes": panels.boxes(shown.order, [item for task in shown.tasks for item in task.items.all()]),
        "payment": panels.payment(shown.order, shown.account),
        "order_id": shown.order.pk,
        "parcels": parcelcards.shown_all(shown.parcels, shown.order.pk),
        "gone": shown.parcels.gone,
        "untold": untold(shown.parcels, shown.order, shown.tasks, shown.offer),
        "reactions": [
            each
            for task in shown.tasks
            for each in parcelcards.reactions(shown.parcels, task.pk, shown.account, shown.offer)
        ],
        "back": request.path,
        "documents": panels.documents(shown.order, shown.account),
        "tasks": [
            (task, [(item, panels.goods(item, shown.account)) for item in task.items.all()]) for task in shown.tasks
        ],
        "entries": entries(shown.entries, shown.account, _words(shown.tasks)),
        "names": names(shown.account),
        **more,
    }
    return render(request, "orders/order.html", context)


def _words(tasks: Iterable[AssemblyTask]) -> set[str]:
    """Names of the raw words that tell the status of these tasks."""
    return {name for task in tasks for name in task.marketplace_status}


@page("orders.see_buyers", "POST")
def buyer(request: HttpRequest, order_id: int) -> HttpResponse:
    """The buyer unmasked; who looked is recorded."""
    found = Order.objects.select_related("account").filter(pk=order_id).first()
    if found is None:
        raise Http404
    known = buyers.reveal(order_id, actor=actor(request))
    panel = buyer_panel(known, masked=False, eac_word=panels.eac_word(found, found.account))
    if not htmx(request):
        return _answer(request, order_id, buyer=panel)
    return render(request, "orders/task/buyer.html", {"buyer": panel})


@page("orders.view_order")
def timeline(request: HttpRequest, order_id: int) -> HttpResponse:
    """All entries of an order, page by page."""
    found = Order.objects.select_related("account").filter(pk=order_id).first()
    if found is None:
        raise Http404
    up = reverse("order", args=[order_id])
    words = _words(found.tasks.all())
    return timeline_page(request, found.pk, found.account, words=words, title=found.external_id, up=up)
