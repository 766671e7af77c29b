"""Where marketplaces send their notifications. The secret stands in the address, because that is all they offer."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from backoffice.errors import Invalid
from orders.services.syncing import notices


@csrf_exempt
@require_POST
def notify(request: HttpRequest, kind: str, secret: str) -> HttpResponse:
    """Answer a notification and mark the orders it names. 404 for an address that is nobody's, 400 for nonsense."""
    account = notices.find(kind, secret) if _may_come_from(request) else None
    if account is None:
        return JsonResponse({"error": "There is no such address."}, status=404)
    try:
        return JsonResponse(dict(notices.take(account, request.body)))
    except RequestDataTooBig:
        return JsonResponse({"error": "The notification is too large."}, status=400)
    except Invalid as error:
        return JsonResponse({"error": str(error.message)}, status=400)


def _may_come_from(request: HttpRequest) -> bool:
    """Whether the sender is in one of ``HOOK_NETWORKS``; anybody when none is set."""
    networks = settings.HOOK_NETWORKS
    if not networks:
        return True
    try:
        sender = ip_address(_sender(request))
    except ValueError:
        return False
    return any(sender in ip_network(network) for network in networks)


def _sender(request: HttpRequest) -> str:
    """The address our own proxy saw, which it appends as the last one; without a proxy the peer itself."""
    passed_on = request.headers.get("X-Forwarded-For", "") if settings.TRUST_PROXY else ""
    return passed_on.rsplit(",", 1)[-1].strip() if passed_on else str(request.META.get("REMOTE_ADDR", ""))
