"""The timeline of an order on a page of its own: all lanes in one list, or one of them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from orders.models import MarketplaceAccount, TimelineEntry
from orders.presenting.present import entries, names
from orders.queries import detail
from orders.services.buyers import OPEN_RAW

from .common import person

LANES: tuple[tuple[str, Promise], ...] = (
    ("", pgettext_lazy("lane", "Everything")),
    ("marketplace", pgettext_lazy("lane", "Marketplace")),
    ("carrier", pgettext_lazy("lane", "Carrier")),
    ("staff", pgettext_lazy("lane", "Staff")),
    ("system", pgettext_lazy("lane", "System")),
)


def timeline_page(
    request: HttpRequest, order_id: int, account: MarketplaceAccount, *, words: Iterable[str], title: str, up: str
) -> HttpResponse:
    """Entries of an order, the newest first, page by page; ``words``: names of the raw words of a status."""
    lane = request.GET.get("lane", "")
    lane = lane if lane in detail.LANES else ""
    found = detail.timeline(TimelineEntry.objects.filter(order_id=order_id), request.GET.dict(), detail.PAGE)
    shown = {
        "now": timezone.now(),
        "title": title,
        "up": up,
        "lane": lane,
        "lanes": [(value, label, f"?{urlencode({'lane': value})}" if value else "?") for value, label in LANES],
        "entries": entries(found.rows, account, words, raw=person(request).has_perms(OPEN_RAW)),
        "names": names(account),
        "newer": _address(lane, before=found.previous),
        "older": _address(lane, after=found.next),
    }
    return render(request, "orders/timeline.html", shown)


def _address(lane: str, **cursor: str) -> str:
    given = {name: value for name, value in {"lane": lane, **cursor}.items() if value}
    return f"?{urlencode(given)}" if any(cursor.values()) else ""
