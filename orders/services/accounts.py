"""Accounts: connecting, pausing, and the provider that speaks for one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import budget
from backoffice.drift import DriftCollector
from backoffice.errors import CredentialsError, Gone, Invalid, RateLimited, UpstreamError
from backoffice.rates import Rule
from orders.enums import AttentionKind, MarketplaceKind, Severity
from orders.marketplaces import registry
from orders.marketplaces.base import Connection, Marketplace
from orders.models import MarketplaceAccount

from . import attention
from .actors import SYSTEM, Actor


class DatabaseGate:
    """The rate budget of an account, shared by all worker processes."""

    def __init__(self, ref: str) -> None:
        self._ref = ref

    def _key(self, group: str) -> str:
        return f"{self._ref}:{group}"

    def take(self, group: str, rule: Rule) -> None:
        until = budget.take(self._key(group), rule=rule)
        if until is not None:
            raise RateLimited("budget", until=until)

    def penalty(self, group: str, rule: Rule) -> None:
        budget.spend(self._key(group), rule.costly - 1, rule=rule)

    def block(self, group: str, until: datetime) -> None:
        budget.block(self._key(group), until)


def connection(account: MarketplaceAccount) -> Connection:
    return Connection(
        base_url=account.base_url,
        dialect=account.dialect,
        options={"timezone": settings.TIME_ZONE, **account.options},
        credentials=account.credentials or {},
    )


def provider(account: MarketplaceAccount, drift: DriftCollector | None = None) -> Marketplace:
    """The provider of an account. What it notes into ``drift`` is written when the caller flushes it."""
    sink = drift if drift is not None else DriftCollector(account.kind)
    return registry.build(account.kind, connection(account), gate=DatabaseGate(account.ref), drift=sink)


def connect(
    kind: str,
    *,
    title: str,
    base_url: str = "",
    credentials: Mapping[str, str],
    options: Mapping[str, Any],
    actor: Actor,
) -> MarketplaceAccount:
    """Create an account. Not idempotent: every call makes one. Raises ``Invalid`` for an unknown kind or dialect."""
    if kind not in MarketplaceKind.values or kind not in registry.kinds():
        raise Invalid("kind", _("There is no marketplace called “%(kind)s”.") % {"kind": kind})
    rest = dict(options)
    dialects = registry.dialects(kind)
    dialect = rest.pop("dialect", dialects[0])
    if dialect not in dialects:
        known = ", ".join(dialects)
        raise Invalid(
            "dialect", _("The dialect “%(got)s” is not one of: %(known)s.") % {"got": dialect, "known": known}
        )
    return MarketplaceAccount.objects.create(
        kind=kind,
        title=title,
        base_url=(base_url or registry.default_url(kind)).rstrip("/"),
        dialect=dialect,
        options=rest,
        credentials=dict(credentials),
    )


def check(account: MarketplaceAccount) -> None:
    """Try the credentials with one harmless call. Raises an ``UpstreamError``; changes nothing."""
    provider(account).check()


def pause(account: MarketplaceAccount, *, reason: str, actor: Actor) -> None:
    """Stop all calls for an account until a person resumes it. Idempotent."""
    MarketplaceAccount.objects.filter(pk=account.pk).update(paused_reason=reason[:300])
    account.paused_reason = reason[:300]


def resume(account: MarketplaceAccount, *, actor: Actor) -> None:
    """Let calls go out again. Idempotent; the question about the credentials is closed with it."""
    MarketplaceAccount.objects.filter(pk=account.pk).update(paused_reason="", last_error="", last_error_at=None)
    account.paused_reason = ""
    attention.settle(f"{AttentionKind.CREDENTIALS}:{account.ref}", actor=actor)


def went_well(account: MarketplaceAccount) -> None:
    """Note a good call: one statement. Idempotent."""
    MarketplaceAccount.objects.filter(pk=account.pk).update(
        last_ok_at=timezone.now(), last_error="", last_error_at=None
    )


def went_wrong(account: MarketplaceAccount, error: UpstreamError) -> None:
    """Keep the upstream's words; credentials errors pause the account, a gone method raises attention. Idempotent."""
    text = f"{error.message} {error} {error.detail}".strip()[:500]
    MarketplaceAccount.objects.filter(pk=account.pk).update(last_error=text, last_error_at=timezone.now())
    if isinstance(error, CredentialsError):
        pause(account, reason=text, actor=SYSTEM)
        _ask(account, AttentionKind.CREDENTIALS, text)
    elif isinstance(error, Gone):
        _ask(account, AttentionKind.ROUTE_GONE, text)


def _ask(account: MarketplaceAccount, kind: AttentionKind, text: str) -> None:
    question = attention.Question(
        kind=kind, key=f"{kind}:{account.ref}", severity=Severity.URGENT, account_id=account.pk, facts={"detail": text}
    )
    attention.open_one(question)
