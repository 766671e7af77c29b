"""What /readyz says of accounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from backoffice.health import Finding
from orders.models import MarketplaceAccount

LATE = timedelta(minutes=15)


def account_findings(now: datetime) -> Iterator[Finding]:
    """One finding an enabled account: when its last good sync was."""
    for account in MarketplaceAccount.objects.filter(enabled=True):
        facts = {"last_ok_at": account.last_ok_at.isoformat() if account.last_ok_at else None}
        yield Finding(f"account {account.ref}", ok=not (reason := _trouble(account, now)), reason=reason, facts=facts)


def _trouble(account: MarketplaceAccount, now: datetime) -> str:
    if account.paused_reason:
        return "paused: the marketplace does not accept the credentials"
    since = account.last_ok_at or account.created_at
    if now - since > LATE:
        return f"no good sync for {int((now - since).total_seconds() // 60)} minutes"
    return ""
