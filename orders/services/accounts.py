"""Accounts: connecting, pausing, and the provider that speaks for one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import budget, places
from backoffice.drift import DriftCollector
from backoffice.errors import CredentialsError, Gone, Invalid, RateLimited, Refused, UpstreamError
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

    def take(self, group: str, rule: Rule, cost: float = 1) -> None:
        until = budget.take(self._key(group), rule=rule, cost=cost)
        if until is not None:
            raise RateLimited("budget", until=until)

    def penalty(self, group: str, rule: Rule) -> None:
        budget.spend(self._key(group), rule.costly - 1, rule=rule)

    def block(self, group: str, until: datetime) -> None:
        budget.block(self._key(group), until)

    def left(self, group: str, amount: float) -> None:
        budget.cap(self._key(group), amount)

    def slot(self, name: str, most: int) -> AbstractContextManager[None]:
        return places.hold(name, most)


def connection(account: MarketplaceAccount) -> Connection:
    return Connection(
        base_url=account.base_url,
        dialect=account.dialect,
        options={"timezone": settings.TIME_ZONE, **account.options},
        credentials=account.credentials or {},
    )


def provider(account: MarketplaceAccount, drift: DriftCollector | None = None) -> Marketplace:
    """The provider of an account. What it notes into ``drift`` is written when the caller flushes it.

    Raises ``Refused`` when the settings of the account make no sense: its jobs treat that like a refusal from outside.
    """
    sink = drift if drift is not None else DriftCollector(account.kind)
    try:
        return _build(account, sink)
    except Invalid as error:
        raise Refused("settings", str(error.message)) from None


def _build(account: MarketplaceAccount, drift: DriftCollector) -> Marketplace:
    return registry.build(account.kind, connection(account), gate=DatabaseGate(account.ref), drift=drift)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person decides about an account. Empty ``base_url`` and ``dialect`` mean the marketplace's usual ones."""

    title: str
    base_url: str = ""
    dialect: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)


def draft(kind: str, wanted: Settings) -> MarketplaceAccount:
    """An account that is not stored yet, so that it can be tried first. No call.

    Raises ``Invalid`` for an unknown kind or dialect, missing credentials, an address or options that make no sense.
    """
    if kind not in MarketplaceKind.values or kind not in registry.kinds():
        raise Invalid("kind", _("There is no marketplace called “%(kind)s”.") % {"kind": kind})
    account = MarketplaceAccount(kind=kind)
    _settle(account, wanted)
    return account


def judge(account: MarketplaceAccount | None, kind: str, wanted: Settings) -> None:
    """Whether ``draft`` (or ``change`` of this account) would take the settings. Raises ``Invalid``; no call, nothing changed."""
    kept = dict(account.credentials or {}) if account else {}
    draft(kind, replace(wanted, credentials={**kept, **_given(wanted)}))


def _given(wanted: Settings) -> dict[str, str]:
    return {name: value for name, value in wanted.credentials.items() if value}


def _settle(account: MarketplaceAccount, wanted: Settings) -> None:
    """Put the settings into the row and have them judged by the provider; nothing is written."""
    dialects = registry.dialects(account.kind)
    dialect = wanted.dialect or dialects[0]
    if dialect not in dialects:
        known = ", ".join(dialects)
        raise Invalid(
            "dialect", _("The dialect “%(got)s” is not one of: %(known)s.") % {"got": dialect, "known": known}
        )
    account.title = wanted.title[:120]
    account.base_url = (wanted.base_url or registry.default_url(account.kind)).rstrip("/")
    account.dialect = dialect
    account.options = dict(wanted.options)
    account.credentials = _given(wanted)
    needed = next(iter(registry.credentials(account.kind)))
    if not account.credentials.get(needed):
        raise Invalid("credentials", _("The account needs a credential called “%(name)s”.") % {"name": needed})
    _build(account, DriftCollector(account.kind))


def connect(
    kind: str,
    *,
    title: str,
    base_url: str = "",
    credentials: Mapping[str, str],
    options: Mapping[str, Any],
    actor: Actor,
) -> MarketplaceAccount:
    """Create an account. Not idempotent: every call makes one. ``options`` may name the dialect. Raises ``Invalid`` as ``draft``."""
    rest = dict(options)
    dialect = str(rest.pop("dialect", ""))
    return store(draft(kind, Settings(title, base_url, dialect, rest, credentials)), actor=actor)


def store(account: MarketplaceAccount, *, actor: Actor) -> MarketplaceAccount:
    """Create what ``draft`` made. Not idempotent."""
    account.save(force_insert=True)
    return account


def change(account: MarketplaceAccount, wanted: Settings, *, enabled: bool, actor: Actor) -> None:
    """Change the settings of an account; credentials left out stay as they are. Idempotent. Raises ``Invalid`` as ``draft``."""
    kept = {**(account.credentials or {}), **_given(wanted)}
    _settle(account, replace(wanted, credentials=kept))
    account.enabled = enabled
    account.save(update_fields=["title", "base_url", "dialect", "options", "credentials", "enabled"])


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


@transaction.atomic
def remember(account: MarketplaceAccount, name: str, value: Any) -> None:
    """Keep a place among the cursors of the account; None forgets it. Idempotent. Other jobs keep theirs in the same row."""
    row = MarketplaceAccount.objects.select_for_update().only("cursors").get(pk=account.pk)
    account.cursors = {key: kept for key, kept in {**row.cursors, name: value}.items() if kept is not None}
    MarketplaceAccount.objects.filter(pk=account.pk).update(cursors=account.cursors)
