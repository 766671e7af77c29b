"""Orders to be read anew: because a notification named them, because we changed something there, or because a person asks.

The only writer of ``OrderToRead``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict
from orders.marketplaces.base import Marketplace
from orders.models import AssemblyTask, MarketplaceAccount, Order, OrderToRead
from orders.services.sending import nudge

from . import calling, intake

#: A number nobody knows is forgotten after so many tries.
TRIES = 5


def mark(account_id: int, external_ids: Collection[str], *, now: datetime | None = None) -> None:
    """Have these orders read soon. Idempotent: a row an order, asked anew. Two statements."""
    wanted = sorted(set(external_ids))
    if not wanted:
        return
    moment = now or timezone.now()
    rows = [OrderToRead(account_id=account_id, external_id=each, asked_at=moment) for each in wanted]
    OrderToRead.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["account", "external_id"], update_fields=["asked_at"]
    )
    nudge.reread(account_id)


def run(account: MarketplaceAccount) -> int:
    """Read what is marked; returns how many orders. Idempotent: a row asked anew meanwhile stays for the next run."""

    started = timezone.now()

    def work(provider: Marketplace) -> int:
        count = 0
        while provider.incremental and (part := _next(account, provider.status_batch, started)):
            count += _read(account, provider, part)
        return count

    return int(calling.with_provider(account, work) or 0)


def _next(account: MarketplaceAccount, size: int, before: datetime) -> list[OrderToRead]:
    """What was asked for before this run: one that nobody knows is tried once a run."""
    return list(OrderToRead.objects.filter(account=account, asked_at__lte=before).order_by("asked_at", "pk")[:size])


def _read(account: MarketplaceAccount, provider: Marketplace, part: Sequence[OrderToRead]) -> int:
    asked_at = timezone.now()
    ids = [row.external_id for row in part]
    page = provider.lookup(ids)
    intake.receive_page(account, provider, page.tasks, asked_at=asked_at)
    found = {raw.external_id for raw in page.tasks}
    mine = OrderToRead.objects.filter(pk__in=[row.pk for row in part], asked_at__lte=asked_at)
    mine.filter(external_id__in=found).delete()
    lost = mine.exclude(external_id__in=found)
    lost.update(tries=F("tries") + 1, asked_at=asked_at)
    OrderToRead.objects.filter(account=account, tries__gte=TRIES).delete()
    return len(found)


def find(account: MarketplaceAccount, number: str) -> Order:
    """An order by its number, fetched from the marketplace now: one or two calls. Idempotent.

    Raises ``Conflict`` when the marketplace does not know it, cannot be asked, or the order cannot be read here; and the
    upstream errors of the call.
    """
    known = Order.objects.filter(account=account, external_id=number).first()
    if known is not None:
        return known
    asked_at = timezone.now()

    def work(provider: Marketplace) -> bool:
        if not provider.incremental:
            raise Conflict("unsupported", _("This marketplace cannot be asked for an order by its number."))
        page = provider.lookup([number])
        intake.receive_page(account, provider, page.tasks, asked_at=asked_at)
        return bool(page.tasks)

    there = calling.with_provider(account, work)
    found = AssemblyTask.objects.select_related("order").filter(account=account, external_id=number).first()
    if found is not None:
        return found.order
    if there is None:
        raise Conflict("later", _("Too many calls for now. Try again in a minute."))
    if there:
        raise Conflict("unreadable", _("The order is there, but it could not be read: see “Needs attention”."))
    raise Conflict("not_found", _("The marketplace has no such order in this shop."))
