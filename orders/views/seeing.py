"""A unit of goods without a barcode, checked by eye on the page of its task."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from orders.services.warehouse import seeing
from orders.services.warehouse.scanning import Shot

from .common import page, picker
from .task import done

LONGEST_NONCE = 64


@page("orders.work_task", "POST")
def seen(request: HttpRequest, task_id: int, item_id: int) -> HttpResponse:
    """The next unit of an item is right. A refusal is the verdict that the page then shows."""
    station = str(request.session.get("station", ""))
    shot = Shot("", request.POST.get("nonce", "")[:LONGEST_NONCE], station=station)
    verdict = seeing.check(task_id, item_id, shot, actor=picker(request))
    if verdict.reason == "not_found":
        raise Http404
    return done(request, task_id)
