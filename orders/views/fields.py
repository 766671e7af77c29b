"""Every field of an order as the marketplace sent it, with what its words mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from backoffice import payloads
from backoffice.models import RawPayload
from backoffice.secrets import InvalidToken
from orders import masking
from orders.marketplaces import registry
from orders.marketplaces.base import RawField
from orders.models import AssemblyTask, MarketplaceAccount, Order
from orders.services import buyers

from .common import actor, page, person


@dataclass(frozen=True, slots=True)
class RawOrder:
    """The fields of one task's raw order; ``payload`` is None when it is not kept any more."""

    number: str
    payload: RawPayload | None
    fields: Sequence[RawField]


@page("orders.view_order", "GET", "POST")
def fields(request: HttpRequest, order_id: int) -> HttpResponse:
    """Personal fields are masked; POST shows them to who may see buyers, and that he looked is recorded."""
    order = Order.objects.select_related("account").filter(pk=order_id).first()
    if order is None:
        raise Http404
    may_see = person(request).has_perm("orders.see_buyers")
    masked = request.method != "POST"
    if not masked and not may_see:
        raise PermissionDenied
    if not masked:
        buyers.reveal(order_id, actor=actor(request))
    tasks = AssemblyTask.objects.filter(order=order).select_related("raw").order_by("pk")
    shown = {
        "now": timezone.now(),
        "title": order.external_id,
        "up": reverse("order", args=[order_id]),
        "raws": [_raw(task, order.account, masked=masked) for task in tasks],
        "masked": masked,
        "may_see_buyers": may_see,
    }
    return render(request, "orders/fields.html", shown)


def _raw(task: AssemblyTask, account: MarketplaceAccount, *, masked: bool) -> RawOrder:
    if task.raw is None:
        return RawOrder(task.external_id, None, ())
    try:
        found = registry.fields(account.kind, payloads.open_payload(task.raw), account.dialect)
    except InvalidToken:
        return RawOrder(task.external_id, task.raw, ())
    return RawOrder(task.external_id, task.raw, [_masked(each) for each in found] if masked else found)


def _masked(each: RawField) -> RawField:
    return replace(each, value=masking.HIDDEN, meaning="") if each.personal and each.value else each
