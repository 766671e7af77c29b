"""Calls to an account's carrier, with what went well or wrong noted at the account and raised where a person is needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from backoffice import payloads
from backoffice.drift import DriftCollector
from backoffice.errors import CredentialsError, RateLimited, Temporary, Unreadable, UpstreamError
from carriers import services as carriers
from carriers.base import Carrier
from carriers.models import CarrierAccount
from orders.enums import AttentionKind, Severity
from orders.services import attention
from orders.services.actors import SYSTEM, Actor

FAILING_AFTER = timedelta(minutes=15)


def with_carrier(account: CarrierAccount, work: Callable[[Carrier], Any]) -> Any:
    """Run ``work`` with the account's provider; what went wrong is noted at the account, and a question is asked.

    A used-up budget is no failure: the rest waits for the next run. Raises the other upstream errors after noting them.
    """
    with DriftCollector(account.kind) as drift:
        try:
            return work(carriers.provider(account, drift))
        except RateLimited:
            return None
        except UpstreamError as error:
            carriers.went_wrong(account, error)
            _ask(account, error)
            raise


def _ask(account: CarrierAccount, error: UpstreamError) -> None:
    since = account.last_ok_at or account.created_at
    if isinstance(error, Temporary) and timezone.now() - since < FAILING_AFTER:
        return
    kind = AttentionKind.CREDENTIALS if isinstance(error, CredentialsError) else AttentionKind.SYNC_FAILING
    facts = {"detail": f"{error.message} {error.detail}"[:300], "carrier": account.kind}
    key = f"{kind}:{account.ref}"
    question = attention.Question(
        kind, key, Severity.URGENT, carrier_account_id=account.pk, payload_id=_kept(account, key, error), facts=facts
    )
    attention.open_one(question)


def _kept(account: CarrierAccount, key: str, error: UpstreamError) -> int | None:
    """The text that could not be read, kept until the question is answered: once, however often it comes meanwhile."""
    if not isinstance(error, Unreadable) or not error.body or attention.open_keys([key]):
        return None
    return payloads.keep(account.kind, account.pk, error.path, error.body, error=error.detail or error.code).pk


def recovered(account: CarrierAccount, *, news: bool) -> None:
    """A good pass closes the question that bad ones raised. Idempotent; one statement when there was none."""
    if account.last_error:
        attention.settle(f"{AttentionKind.SYNC_FAILING}:{account.ref}", actor=SYSTEM)
    carriers.went_well(account, news=news)


def pause(account: CarrierAccount, *, reason: str, actor: Actor) -> None:
    """Stop all calls for an account until a person resumes it. Idempotent."""
    carriers.pause(account, reason=reason, by=actor.user_id)


def resume(account: CarrierAccount, *, actor: Actor) -> None:
    """Let calls go out again. Idempotent; the question about the credentials is closed with it."""
    carriers.resume(account, by=actor.user_id)
    attention.settle(f"{AttentionKind.CREDENTIALS}:{account.ref}", actor=actor)
