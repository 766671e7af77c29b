"""Calls to an account's marketplace, with what went well or wrong noted at the account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from backoffice import payloads
from backoffice.drift import DriftCollector
from backoffice.errors import RateLimited, Refused, Temporary, Unreadable, UpstreamError
from orders.enums import AttentionKind, Severity
from orders.marketplaces.base import Marketplace
from orders.models import MarketplaceAccount
from orders.services import accounts, attention
from orders.services.actors import SYSTEM

FAILING_AFTER = timedelta(minutes=15)


def with_provider(account: MarketplaceAccount, work: Callable[[Marketplace], Any], *, optional: bool = False) -> Any:
    """Run ``work`` with the account's provider; what went well or wrong is noted at the account.

    A used-up budget is no failure: the rest waits for the next run. Raises the other upstream errors after noting them.
    ``optional``: facts one can do without; a token without the right to them, or a method that is not there, does not
    trouble the account.
    """
    with DriftCollector(account.kind) as drift:
        try:
            done = work(accounts.provider(account, drift))
        except RateLimited:
            return None
        except UpstreamError as error:
            if not (optional and (error.status == 403 or isinstance(error, Refused))):
                accounts.went_wrong(account, error)
                _ask_when_failing(account, error)
            raise
    return done


def _ask_when_failing(account: MarketplaceAccount, error: UpstreamError) -> None:
    since = account.last_ok_at or account.created_at
    if isinstance(error, Temporary) and timezone.now() - since < FAILING_AFTER:
        return
    key = f"{AttentionKind.SYNC_FAILING}:{account.ref}"
    facts = {"detail": f"{error.message} {error.detail}"[:300]}
    question = attention.Question(
        AttentionKind.SYNC_FAILING, key, Severity.URGENT, account_id=account.pk, payload_id=_kept(account, key, error),
        facts=facts,
    )  # fmt: skip
    attention.open_one(question)


def _kept(account: MarketplaceAccount, key: str, error: UpstreamError) -> int | None:
    """The text that could not be read, kept until the question is answered: once, however often it comes meanwhile."""
    if not isinstance(error, Unreadable) or not error.body or attention.open_keys([key]):
        return None
    return payloads.keep(account.kind, account.pk, error.path, error.body, error=error.detail or error.code).pk


def recovered(account: MarketplaceAccount) -> None:
    """A good pass closes the question that bad ones raised. Idempotent."""
    if account.last_error:
        attention.settle(f"{AttentionKind.SYNC_FAILING}:{account.ref}", actor=SYSTEM)
    accounts.went_well(account)
