"""Accounts: connecting, pausing, and the provider that speaks for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import records
from backoffice.credentials import carried, changed, words_of
from backoffice.drift import DriftCollector
from backoffice.errors import CredentialsError, Gone, Invalid, Refused, UpstreamError
from backoffice.gate import DatabaseGate
from backoffice.training import judge_host
from orders.enums import AttentionKind, MarketplaceKind, Severity
from orders.marketplaces import registry
from orders.marketplaces.base import Connection, Marketplace, Offer
from orders.models import MarketplaceAccount

from . import attention
from .actors import SYSTEM, Actor

#: Where the places among the cursors of an account hold the token of a page.
TOKENS = ("page", "cursor")
#: Among the credentials: the secret part of the address for notifications. It is ours and is sent to nobody.
HOOK = "hook"
#: What a person may change of an account.
FIELDS = ("title", "base_url", "dialect", "options", "enabled")


def connection(account: MarketplaceAccount) -> Connection:
    return Connection(
        base_url=account.base_url,
        dialect=account.dialect,
        options={"timezone": settings.TIME_ZONE, **account.options},
        credentials=account.credentials or {},
    )


def offer_of(account: MarketplaceAccount) -> Offer:
    """What the account's marketplace allows, without any call."""
    return registry.offer(account.kind, connection(account))


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
    """What a person decides about an account. Empty ``base_url`` and ``dialect`` mean the marketplace's usual ones.

    ``training`` is decided once, when it is made: orders that came in as exercises stay apart for good.
    """

    title: str
    base_url: str = ""
    dialect: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    training: bool = False


def draft(kind: str, wanted: Settings) -> MarketplaceAccount:
    """An account that is not stored yet, so that it can be tried first. No call.

    Raises ``Invalid`` for an unknown kind or dialect, missing credentials, an address or options that make no sense, and for
    a training account that would not speak with a sandbox.
    """
    if kind not in MarketplaceKind.values or kind not in registry.kinds():
        raise Invalid("kind", _("There is no marketplace called “%(kind)s”.") % {"kind": kind})
    account = MarketplaceAccount(kind=kind, training=wanted.training)
    _settle(account, wanted)
    return account


def judge(account: MarketplaceAccount | None, kind: str, wanted: Settings) -> None:
    """Whether ``draft`` (or ``change`` of this account) would take the settings. Raises ``Invalid``; no call, nothing changed."""
    kept = _kept(account, wanted) if account else wanted.credentials
    training = account.training if account else wanted.training
    draft(kind, replace(wanted, credentials=kept, training=training))


def _given(wanted: Settings) -> dict[str, str]:
    return {name: value for name, value in wanted.credentials.items() if value}


def _address(kind: str, wanted: Settings) -> str:
    return (wanted.base_url or registry.default_url(kind)).rstrip("/")


def _kept(stored: MarketplaceAccount, wanted: Settings) -> dict[str, str]:
    """Credentials after a change. Raises ``Invalid`` when they would go to another address."""
    now = _address(stored.kind, wanted)
    return carried(stored.credentials or {}, _given(wanted), was=stored.base_url, now=now, ours=[HOOK])


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
    account.base_url = _address(account.kind, wanted)
    account.dialect = dialect
    if account.training:
        judge_host(account.base_url)
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
    """Create what ``draft`` made; who did is recorded. Not idempotent."""
    with transaction.atomic():
        account.save(force_insert=True)
        records.note_added(account, by=actor.user_id)
    return account


@transaction.atomic
def change(account: MarketplaceAccount, wanted: Settings, *, enabled: bool, actor: Actor) -> None:
    """Change the settings of an account; credentials left out stay as they are. Who did is recorded. Idempotent.

    Raises ``Invalid`` as ``draft``, and "credentials" when the address is another one and they were not all given again.
    What is stored counts, and not what a form has put into ``account`` already.
    """
    stored = MarketplaceAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    _settle(account, replace(wanted, credentials=_kept(stored, wanted)))
    account.enabled = enabled
    account.save(update_fields=[*FIELDS, "credentials"])
    records.note_changed(account, _changed(stored, account), by=actor.user_id)
    if _place(account) != _place(stored):
        _leave_pages(account)


def _changed(before: MarketplaceAccount, after: MarketplaceAccount) -> list[str]:
    named = [name for name in FIELDS if getattr(before, name) != getattr(after, name)]
    return [*named, *(f"credentials: {name}" for name in changed(before.credentials, after.credentials))]


def _place(account: MarketplaceAccount) -> tuple[str, str, dict[str, Any]]:
    return account.base_url, account.dialect, account.options


@transaction.atomic
def _leave_pages(account: MarketplaceAccount) -> None:
    """Tokens of pages are of the place they were given at: windows under way begin anew."""
    row = MarketplaceAccount.objects.select_for_update().only("cursors").get(pk=account.pk)
    account.cursors = {name: _first_page(kept) for name, kept in row.cursors.items()}
    MarketplaceAccount.objects.filter(pk=account.pk).update(cursors=account.cursors)


def _first_page(kept: Any) -> Any:
    if not isinstance(kept, dict):
        return kept
    return {name: None if name in TOKENS else value for name, value in kept.items()}


def check(account: MarketplaceAccount) -> None:
    """Try the credentials with one harmless call. Raises an ``UpstreamError``; changes nothing."""
    provider(account).check()


def pause(account: MarketplaceAccount, *, reason: str, actor: Actor) -> None:
    """Stop all calls for an account until a person resumes it. Who did is recorded. Idempotent."""
    rows = MarketplaceAccount.objects.filter(pk=account.pk)
    with transaction.atomic():
        if rows.exclude(paused_reason=reason[:300]).update(paused_reason=reason[:300]):
            records.note_changed(account, ["paused"], by=actor.user_id)
    account.paused_reason = reason[:300]


def resume(account: MarketplaceAccount, *, actor: Actor) -> None:
    """Let calls go out again. Who did is recorded. Idempotent; the question about the credentials is closed with it."""
    rows = MarketplaceAccount.objects.filter(pk=account.pk)
    with transaction.atomic():
        if rows.exclude(paused_reason="").update(paused_reason=""):
            records.note_changed(account, ["resumed"], by=actor.user_id)
        rows.update(last_error="", last_error_at=None)
    account.paused_reason = ""
    attention.settle(f"{AttentionKind.CREDENTIALS}:{account.ref}", actor=actor)


def went_well(account: MarketplaceAccount) -> None:
    """Note a good call: one statement. Idempotent."""
    MarketplaceAccount.objects.filter(pk=account.pk).update(
        last_ok_at=timezone.now(), last_error="", last_error_at=None
    )


def went_wrong(account: MarketplaceAccount, error: UpstreamError) -> None:
    """Keep what went wrong; credentials errors pause the account, a gone method raises attention. Idempotent."""
    text = words_of(error, address=account.base_url, own=registry.default_url(account.kind))
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
