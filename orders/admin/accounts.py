"""Accounts: secrets go in and never come out; a button tries them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backoffice.adminkit import Button, Field, Text
from backoffice.errors import Conflict, Invalid
from orders.enums import MarketplaceKind
from orders.marketplaces import registry
from orders.models import MarketplaceAccount
from orders.services import accounts
from orders.services.sending import nudge
from orders.services.syncing import notices

from .accountkit import AccountPages, SettingsForm, choices_of, secret_field
from .common import actor

CHANGE = "orders.change_marketplaceaccount"
KINDS_OF = {
    name: [str(MarketplaceKind(kind).label) for kind in registry.kinds() if name in registry.credentials(kind)]
    for known in registry.kinds()
    for name in registry.credentials(known)
}
DIALECTS = list(dict.fromkeys(name for kind in registry.kinds() for name in registry.dialects(kind)))


class AccountForm(SettingsForm):
    """Settings of a marketplace account."""

    secrets = tuple(KINDS_OF)
    kind = forms.ChoiceField(
        choices=[(kind, MarketplaceKind(kind).label) for kind in registry.kinds()], label=gettext_lazy("Marketplace")
    )
    dialect = forms.ChoiceField(required=False, choices=choices_of(DIALECTS), label=gettext_lazy("Dialect"))

    class Meta:
        model = MarketplaceAccount
        fields: ClassVar = ["title", "kind", "base_url", "dialect", "options", "enabled"]

    def wanted(self) -> accounts.Settings:
        said = self.cleaned_data
        return accounts.Settings(said["title"], said["base_url"], said["dialect"], said["options"] or {}, self.given())

    def judge(self) -> None:
        accounts.judge(self.instance if self.instance.pk else None, self.cleaned_data["kind"], self.wanted())

    def lacking(self) -> str:
        return f"secret_{next(iter(registry.credentials(self.cleaned_data['kind'])))}"


SecretForm = type(
    "SecretForm", (AccountForm,), {f"secret_{name}": secret_field(name, kinds) for name, kinds in KINDS_OF.items()}
)


def _check(_request: HttpRequest, account: MarketplaceAccount) -> Text:
    accounts.check(account)
    return _("The marketplace answered: address and credentials are right.")


def _pause(request: HttpRequest, account: MarketplaceAccount) -> Text:
    reason = request.POST.get("reason", "").strip() or _("paused by %(name)s") % {"name": request.user.get_username()}
    accounts.pause(account, reason=reason, actor=actor(request))
    return _("Paused: nothing is asked of the marketplace until somebody resumes it.")


def _resume(request: HttpRequest, account: MarketplaceAccount) -> Text:
    accounts.resume(account, actor=actor(request))
    return _("Resumed.")


def _import(request: HttpRequest, account: MarketplaceAccount) -> Text:
    if not account.active:
        raise Conflict("inactive", _("The account is switched off or paused."))
    start, end = _day(request, "from"), _day(request, "to")
    if start >= end:
        raise Invalid("range", _("The first day must come before the last one."))
    nudge.import_history(account.pk, start, end)
    return _("The import has been put into the queue. New orders appear in the list as they come.")


def _hook(request: HttpRequest, account: MarketplaceAccount) -> Text:
    secret = notices.renew_secret(account, actor=actor(request))
    address = request.build_absolute_uri(reverse("hook", args=[account.kind, secret]))
    text = _("Enter this address in the seller's cabinet; an earlier one has stopped working: %(address)s")
    return text % {"address": address}


def _day(request: HttpRequest, name: str) -> datetime:
    try:
        day = parse_date(request.POST.get(name, ""))
    except ValueError:
        day = None
    if day is None:
        raise Invalid("range", _("Choose both days of the range."))
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - made aware here


@admin.register(MarketplaceAccount)
class Accounts(AccountPages[MarketplaceAccount]):
    """Marketplace accounts."""

    form = SecretForm
    secrets = tuple(KINDS_OF)
    health = ("paused_reason", "last_ok_at", "last_error", "last_error_at", "created_at")
    buttons = (
        Button("check", gettext_lazy("Check connection"), CHANGE, _check),
        Button("resume", gettext_lazy("Resume"), CHANGE, _resume, shown=lambda row: bool(row.paused_reason)),
        Button(
            "pause",
            gettext_lazy("Pause"),
            CHANGE,
            _pause,
            fields=(Field("reason", gettext_lazy("Reason")),),
            shown=lambda row: not row.paused_reason,
        ),
        Button(
            "history",
            gettext_lazy("Import finished orders"),
            CHANGE,
            _import,
            fields=(
                Field("from", pgettext_lazy("range", "From"), "date"),
                Field("to", pgettext_lazy("range", "To"), "date"),
            ),
            shown=lambda row: row.active,
        ),
        Button(
            "hook",
            gettext_lazy("New address for notifications"),
            CHANGE,
            _hook,
            shown=lambda row: registry.notices(row.kind) is not None,
        ),
    )

    def save_model(self, request: HttpRequest, obj: MarketplaceAccount, form: Any, change: bool) -> None:
        wanted = form.wanted()
        if change:
            accounts.change(obj, wanted, enabled=form.cleaned_data["enabled"], actor=actor(request))
        else:
            obj.__dict__.update(accounts.store(accounts.draft(obj.kind, wanted), actor=actor(request)).__dict__)
