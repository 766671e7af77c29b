"""Notifications of marketplaces: they only say which orders to read anew; what is true is asked of the API.

An account's address holds a secret; here only its keyed hash is compared.
"""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice import records, secrets
from backoffice.errors import Invalid
from orders.marketplaces import registry
from orders.models import MarketplaceAccount
from orders.services import accounts
from orders.services.actors import Actor

from . import reread

#: Among the credentials of an account: the secret part of its notification address.
KEY = accounts.HOOK


def renew_secret(account: MarketplaceAccount, *, actor: Actor) -> str:
    """A new secret for the account's notification address; the old address stops working. Who did is recorded. Not idempotent."""
    secret = random.token_urlsafe(24)
    account.credentials = {**(account.credentials or {}), KEY: secret}
    account.hook_digest = _digest(secret)
    with transaction.atomic():
        account.save(update_fields=["credentials", "hook_digest"])
        records.note_changed(account, [f"credentials: {KEY}"], by=actor.user_id)
    return secret


def _digest(secret: str) -> str:
    return secrets.token("hook", secret)


def find(kind: str, secret: str) -> MarketplaceAccount | None:
    """The account whose notification address this is."""
    rows = MarketplaceAccount.objects.filter(kind=kind, hook_digest=_digest(secret), enabled=True)
    return rows.exclude(hook_digest="").first()


def take(account: MarketplaceAccount, body: bytes) -> Mapping[str, Any]:
    """Mark the orders a notification names; returns the answer the marketplace expects. Idempotent: duplicates are harmless.

    Raises ``Invalid`` for a body that is no notification.
    """
    reader = registry.notices(account.kind)
    if reader is None:
        raise Invalid("kind", "This marketplace sends no notifications.")
    notice = reader.read(body)
    if notice.orders:
        reread.mark(account.pk, notice.orders)
    return reader.answer(account.title, timezone.now())
