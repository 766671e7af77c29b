"""What a carrier tells by itself that cannot be read: kept, tried again, and in the end passed over, so that the rest goes on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backoffice import payloads
from backoffice.errors import Unreadable
from carriers import services as carriers
from carriers.base import Carrier
from carriers.models import CarrierAccount
from carriers.types import Page
from orders.enums import AttentionKind
from orders.models import Shipment
from orders.services import attention

#: Tries of the same page before it is passed over, a minute between them.
TRIES = 10
#: A carrier that is broken for longer has all parcels asked about so often, and no more.
PAUSE = timedelta(hours=1)
#: Among the cursors of an account: how often the page that waits could not be read, and when one was passed over.
BROKEN = "changes_broken"


def read(account: CarrierAccount, carrier: Carrier, cursor: str, now: datetime) -> Page:
    """The page that waits at ``cursor``, or an empty one in its place when it could not be read too often: one call.

    Then, before anything is committed: the raw answer is kept, a person is asked, and every parcel that is open or has just
    become final is to be asked about by its number. Raises as ``Carrier.changed``.
    """
    try:
        page = carrier.changed(cursor)
    except Unreadable as error:
        if not _too_often(account, now):
            raise
        _leave(account, error, now)
        return carrier.pass_over(cursor)
    if account.cursors.get(BROKEN):
        carriers.remember(account, BROKEN, None)
    return page


def _too_often(account: CarrierAccount, now: datetime) -> bool:
    """Counts a try. Not idempotent."""
    noted: dict[str, Any] = account.cursors.get(BROKEN) or {}
    tries, left = noted.get("tries", 0) + 1, noted.get("left_at", "")
    carriers.remember(account, BROKEN, {"tries": tries, "left_at": left})
    return tries >= TRIES and (not left or now - datetime.fromisoformat(left) >= PAUSE)


@transaction.atomic
def _leave(account: CarrierAccount, error: Unreadable, now: datetime) -> None:
    key = f"{AttentionKind.SYNC_FAILING}:changes:{account.ref}"
    tries = account.cursors[BROKEN]["tries"]
    kept = None
    if error.body and not attention.open_keys([key]):
        kept = payloads.keep(account.kind, account.pk, "changes", error.body, error=error.detail or error.code).pk
    facts = {"skipped": tries, "parcels": ask_all(account, now), "detail": error.detail[:300], "carrier": account.kind}
    question = attention.Question(
        AttentionKind.SYNC_FAILING, key, carrier_account_id=account.pk, payload_id=kept, facts=facts
    )
    attention.open_one(question, now=now)
    carriers.remember(account, BROKEN, {"tries": 0, "left_at": now.isoformat()})


def ask_all(account: CarrierAccount, now: datetime) -> int:
    """Have every parcel asked about by its number that is open or became final lately; returns how many. One statement."""
    since = now - carriers.offer(account).final_for
    rows = Shipment.objects.filter(carrier_account=account, detached_at=None)
    return rows.filter(Q(final_at=None) | Q(final_at__gt=since)).update(next_poll_at=timezone.now())
