"""What is forgotten when its time is over. Every function is idempotent: a second run finds nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from backoffice import payloads
from backoffice.models import RawPayload
from orders.enums import ActionState
from orders.models import AssemblyTask, MarketplaceAction, RequestKey, Shipment

from . import buyers, guards
from .sending import outbox

#: How long a client may repeat a request under its idempotency key.
KEY_DAYS = 30
#: Raw texts of what is not over yet are kept from one night to the next, with room for nights that fell out.
LONGER = timedelta(days=7)


def forget_old() -> int:
    """Everything whose time is over. Gives how many raw texts went."""
    now = timezone.now()
    forget_refused_codes(now)
    forget_request_keys(now)
    forget_sessions()
    keep_what_is_open(now)
    return payloads.purge(now)


def keep_what_is_open(now: datetime) -> None:
    """Raw texts of open tasks and of parcels under way stay, whatever their age."""
    soon = RawPayload.objects.filter(expires_at__lte=now + timedelta(days=1))
    still_open = AssemblyTask.objects.filter(closed_at=None, raw__isnull=False).values("raw")
    under_way = Shipment.objects.filter(next_poll_at__isnull=False, raw__isnull=False).values("raw")
    soon.filter(Q(pk__in=still_open) | Q(pk__in=under_way)).update(expires_at=now + LONGER)


def forget_refused_codes(now: datetime) -> None:
    """Confirmation codes that were refused, once nobody goes on trying them."""
    old = MarketplaceAction.objects.filter(
        state=ActionState.FAILED, error_code=guards.WRONG_CODE, finished_at__lte=now - outbox.KEEP_TRYING,
        finished_at__gte=now - timedelta(days=2),
    )  # fmt: skip
    buyers.forget_codes(old.values_list("task__order_id", "pk"))


def forget_request_keys(now: datetime) -> None:
    RequestKey.objects.filter(created_at__lt=now - timedelta(days=KEY_DAYS)).delete()


def forget_sessions() -> None:
    """Sessions that ended: who was signed in where is nobody's business after that."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
