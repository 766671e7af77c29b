"""Carrier accounts: connecting, pausing, health, and the provider that speaks for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import records, secrets
from backoffice.credentials import carried, changed, words_of
from backoffice.drift import DriftCollector
from backoffice.errors import CredentialsError, Invalid, Refused, UpstreamError
from backoffice.gate import DatabaseGate
from backoffice.training import judge_host

from . import registry
from .base import Carrier, CarrierOffer, Connection
from .models import CarrierAccount

#: What a person may change of an account.
FIELDS = ("title", "base_url", "dialect", "options", "enabled")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person decides about an account. Empty ``base_url`` and ``dialect`` mean the carrier's usual ones.

    ``training`` is decided once, when it is made.
    """

    title: str
    base_url: str = ""
    dialect: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    training: bool = False


def connection(account: CarrierAccount) -> Connection:
    return Connection(account.base_url, account.dialect, account.options, account.credentials or {})


def provider(account: CarrierAccount, drift: DriftCollector | None = None) -> Carrier:
    """The provider of an account. What it notes into ``drift`` is written when the caller flushes it.

    Raises ``Refused`` when the settings of the account make no sense: its jobs treat that like a refusal from outside.
    """
    sink = drift if drift is not None else DriftCollector(account.kind)
    try:
        return _build(account, sink)
    except Invalid as error:
        raise Refused("settings", str(error.message)) from None


def offer(account: CarrierAccount) -> CarrierOffer:
    """What the account's carrier can do; no call. Raises ``Refused`` as ``provider``."""
    try:
        return registry.offer(account.kind, connection(account))
    except Invalid as error:
        raise Refused("settings", str(error.message)) from None


def _build(account: CarrierAccount, drift: DriftCollector) -> Carrier:
    there = connection(account)
    return registry.build(account.kind, there, gate=DatabaseGate(budget_name(account.kind, there)), drift=drift)


def budget_name(kind: str, there: Connection) -> str:
    """The rate budget: one for all accounts that the carrier counts as one; the key itself is not in it."""
    return f"{kind}:{secrets.token('budget', registry.entry(kind).budget(there))}"


def draft(kind: str, wanted: Settings) -> CarrierAccount:
    """An account that is not stored yet, so that it can be tried first. No call.

    Raises ``Invalid`` for an unknown kind or dialect, missing credentials, an address or options that make no sense, and for
    a training account that would not speak with a sandbox.
    """
    if kind not in registry.kinds():
        raise Invalid("kind", _("There is no carrier called “%(kind)s”.") % {"kind": kind})
    account = CarrierAccount(kind=kind, training=wanted.training)
    _settle(account, wanted)
    return account


def judge(account: CarrierAccount | None, kind: str, wanted: Settings) -> None:
    """Whether ``draft`` (or ``change`` of this account) would take the settings. Raises ``Invalid``; no call, nothing changed."""
    kept = _kept(account, wanted) if account else wanted.credentials
    training = account.training if account else wanted.training
    draft(kind, replace(wanted, credentials=kept, training=training))


def _given(wanted: Settings) -> dict[str, str]:
    return {name: value for name, value in wanted.credentials.items() if value}


def _kept(stored: CarrierAccount, wanted: Settings) -> dict[str, str]:
    """Credentials after a change. Raises ``Invalid`` when they would go to another address."""
    now = wanted.base_url or registry.entry(stored.kind).default_url
    return carried(stored.credentials or {}, _given(wanted), was=stored.base_url, now=now)


def _settle(account: CarrierAccount, wanted: Settings) -> None:
    """Put the settings into the row and have them judged by the provider; nothing is written."""
    entry = registry.entry(account.kind)
    dialect = wanted.dialect or entry.dialects[0]
    if dialect not in entry.dialects:
        words = {"got": dialect, "known": ", ".join(entry.dialects)}
        raise Invalid("dialect", _("The dialect “%(got)s” is not one of: %(known)s.") % words)
    account.title = wanted.title[:120]
    account.base_url = wanted.base_url or entry.default_url
    account.dialect = dialect
    if account.training:
        judge_host(account.base_url)
    account.options = dict(wanted.options)
    account.credentials = _given(wanted)
    for name in entry.needed:
        if not account.credentials.get(name):
            raise Invalid("credentials", _("The account needs a credential called “%(name)s”.") % {"name": name})
    _build(account, DriftCollector(account.kind))


def connect(kind: str, wanted: Settings) -> CarrierAccount:
    """Create an account. Not idempotent: every call makes one. Raises ``Invalid`` as ``draft``."""
    return store(draft(kind, wanted))


def store(account: CarrierAccount, *, by: int | None = None) -> CarrierAccount:
    """Create what ``draft`` made. ``by``: the user, who is recorded; None for the system. Not idempotent."""
    with transaction.atomic():
        account.save(force_insert=True)
        records.note_added(account, by=by)
    return account


@transaction.atomic
def change(account: CarrierAccount, wanted: Settings, *, enabled: bool, by: int | None = None) -> None:
    """Change the settings of an account; credentials left out stay as they are. ``by`` as in ``store``. Idempotent.

    Raises ``Invalid`` as ``draft``, and "credentials" when the address is another one and they were not all given again.
    What is stored counts, and not what a form has put into ``account`` already.
    """
    stored = CarrierAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    _settle(account, replace(wanted, credentials=_kept(stored, wanted)))
    account.enabled = enabled
    account.save(update_fields=[*FIELDS, "credentials"])
    named = [name for name in FIELDS if getattr(stored, name) != getattr(account, name)]
    secret = [f"credentials: {name}" for name in changed(stored.credentials, account.credentials)]
    records.note_changed(account, [*named, *secret], by=by)


def check(account: CarrierAccount) -> None:
    """Try the credentials with one harmless call. Raises an ``UpstreamError``; changes nothing."""
    provider(account).check()


def pause(account: CarrierAccount, *, reason: str, by: int | None = None) -> None:
    """Stop all calls for an account until a person resumes it. ``by`` as in ``store``. Idempotent."""
    account.paused_reason = reason[:300]
    rows = CarrierAccount.objects.filter(pk=account.pk).exclude(paused_reason=account.paused_reason)
    with transaction.atomic():
        if rows.update(paused_reason=account.paused_reason):
            records.note_changed(account, ["paused"], by=by)


def resume(account: CarrierAccount, *, by: int | None = None) -> None:
    """Let calls go out again. ``by`` as in ``store``. Idempotent."""
    rows = CarrierAccount.objects.filter(pk=account.pk)
    with transaction.atomic():
        if rows.exclude(paused_reason="").update(paused_reason=""):
            records.note_changed(account, ["resumed"], by=by)
        rows.update(last_error="", last_error_at=None)
    account.paused_reason = ""


def went_well(account: CarrierAccount, *, news: bool = False) -> None:
    """Note a good call: one statement. ``news``: it brought something new. Idempotent."""
    now = timezone.now()
    told = {"last_news_at": now} if news else {}
    CarrierAccount.objects.filter(pk=account.pk).update(last_ok_at=now, last_error="", last_error_at=None, **told)


def went_wrong(account: CarrierAccount, error: UpstreamError) -> None:
    """Keep what went wrong; an error of the credentials pauses the account. Idempotent."""
    text = words_of(error, address=account.base_url, own=registry.entry(account.kind).default_url)
    CarrierAccount.objects.filter(pk=account.pk).update(last_error=text, last_error_at=timezone.now())
    if isinstance(error, CredentialsError):
        pause(account, reason=text)


@transaction.atomic
def remember(account: CarrierAccount, name: str, value: Any) -> None:
    """Keep a place among the cursors of the account; None forgets it. Idempotent. Other jobs keep theirs in the same row."""
    row = CarrierAccount.objects.select_for_update().only("cursors").get(pk=account.pk)
    account.cursors = {key: kept for key, kept in {**row.cursors, name: value}.items() if kept is not None}
    CarrierAccount.objects.filter(pk=account.pk).update(cursors=account.cursors)
