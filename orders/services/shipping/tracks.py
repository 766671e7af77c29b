"""Delivery services that a track number may name, kept here so that a form need not wait for the marketplace.

The only writer of ``DeliveryServiceName``.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from orders.marketplaces.base import Marketplace
from orders.models import DeliveryServiceName, MarketplaceAccount
from orders.services import accounts
from orders.services.syncing import calling

#: Among the cursors of an account: when the list was last fetched.
CURSOR = "services_at"
FRESH = timedelta(days=1)


def refresh(account: MarketplaceAccount) -> int:
    """Fetch the list when it is older than a day: one call. Returns how many services there are. Idempotent."""
    known = account.cursors.get(CURSOR)
    if known and timezone.now() - datetime.fromisoformat(known) < FRESH:
        return 0

    def work(provider: Marketplace) -> int:
        told = {each.external_id: each.name[:200] for each in provider.services()}
        rows = [DeliveryServiceName(account=account, external_id=key[:40], name=name) for key, name in told.items()]
        DeliveryServiceName.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["account", "external_id"], update_fields=["name"]
        )
        accounts.remember(account, CURSOR, timezone.now().isoformat())
        return len(rows)

    return int(calling.with_provider(account, work, optional=True) or 0)


def choices(account_id: int) -> list[tuple[str, str]]:
    """Numbers and names of the services, by name: one statement."""
    rows = DeliveryServiceName.objects.filter(account_id=account_id)
    return list(rows.values_list("external_id", "name"))


def every() -> list[tuple[str, str]]:
    """Numbers and names of the services of all accounts, each once, by name: one statement."""
    rows = DeliveryServiceName.objects.order_by("name", "external_id")
    return list(dict.fromkeys(rows.values_list("external_id", "name")))
