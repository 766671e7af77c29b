"""The raw text behind one entry of the timeline: what a carrier had answered when the entry was written."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from backoffice.models import RawPayload
from orders.models import TimelineEntry

from .common import page
from .task import raw_page


@page("backoffice.view_rawpayload")
def of_entry(request: HttpRequest, shipment_id: int, entry_id: int) -> HttpResponse:
    """As it came. Texts are deleted after some days: then the page says so."""
    entries = TimelineEntry.objects.select_related("shipment").filter(shipment_id=shipment_id)
    entry = entries.filter(pk=entry_id).first()
    known = entry.data.get("raw") if entry else None
    if entry is None or entry.shipment is None or not isinstance(known, int):
        raise Http404
    up, title = reverse("order", args=[entry.order_id]), entry.shipment.number
    payload = RawPayload.objects.filter(pk=known, subject=title).first()
    if payload is None:
        return render(request, "orders/raw.html", {"payload": None, "up": up, "title": title}, status=404)
    return raw_page(request, payload, up=up, title=title)
