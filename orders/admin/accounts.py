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
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from backoffice.adminkit import Button, Field, Pages, Text
from backoffice.errors import Conflict, Invalid
from orders.enums import MarketplaceKind
from orders.marketplaces import registry
from orders.models import MarketplaceAccount
from orders.services import accounts, notices, nudge

from .common import actor

CHANGE = "orders.change_marketplaceaccount"
KINDS_OF = {
    name: ", ".join(str(MarketplaceKind(kind).label) for kind in registry.kinds() if name in registry.credentials(kind))
    for known in registry.kinds()
    for name in registry.credentials(known)
}
SECRETS = list(dict.fromkeys(name for kind in registry.kinds() for name in registry.credentials(kind)))
DIALECTS = list(dict.fromkeys(name for kind in registry.kinds() for name in registry.dialects(kind)))
#: Where on the form a refusal of the service is shown.
PLACES = {
    "kind": "kind",
    "dialect": "dialect",
    "bad_address": "base_url",
    "insecure_address": "base_url",
    "option": "options",
}


class AccountForm(forms.ModelForm[MarketplaceAccount]):
    """Settings of an account. The service judges them; empty secrets stay as they are."""

    kind = forms.ChoiceField(
        choices=[(kind, MarketplaceKind(kind).label) for kind in registry.kinds()], label=gettext_lazy("Marketplace")
    )
    base_url = forms.URLField(
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"size": 60}),
        label=gettext_lazy("Base URL"),
        help_text=gettext_lazy("Empty: the marketplace's own address. The sandbox has another one."),
    )
    dialect = forms.ChoiceField(
        required=False,
        choices=[("", gettext_lazy("the usual one")), *((name, name) for name in DIALECTS)],
        label=gettext_lazy("Dialect"),
    )

    class Meta:
        model = MarketplaceAccount
        fields: ClassVar = ["title", "kind", "base_url", "dialect", "options", "enabled"]

    def wanted(self) -> accounts.Settings:
        said = self.cleaned_data
        secrets = {name: said.get(f"secret_{name}") or "" for name in SECRETS}
        return accounts.Settings(said["title"], said["base_url"], said["dialect"], said["options"] or {}, secrets)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        said["options"] = said.get("options") or {}
        if not isinstance(said["options"], dict):
            self.add_error("options", _("An object is expected: {…}."))
        elif not self.errors:
            self._judge()
        return said

    def _judge(self) -> None:
        try:
            accounts.judge(self.instance if self.instance.pk else None, self.cleaned_data["kind"], self.wanted())
        except Invalid as error:
            place = PLACES.get(error.code, "")
            if error.code == "credentials":
                place = f"secret_{next(iter(registry.credentials(self.cleaned_data['kind'])))}"
            self.add_error(place if place in self.fields else None, str(error.message))


def _secret(name: str) -> forms.CharField:
    widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password", "class": "vTextField"})
    text = gettext_lazy("Never shown again. Empty: it stays as it is.")
    return forms.CharField(
        label=f"{name} ({KINDS_OF[name]})", required=False, widget=widget, help_text=text, max_length=8000
    )


SecretForm = type("SecretForm", (AccountForm,), {f"secret_{name}": _secret(name) for name in SECRETS})


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
class Accounts(Pages[MarketplaceAccount]):
    """Marketplace accounts."""

    form = SecretForm
    list_display = ("title", "kind", "dialect", "state", "last_ok_at", "last_error_at", "base_url")
    list_filter = ("kind", "enabled")
    search_fields = ("title",)
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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request, obj)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Lists do without the credentials: each one would be decrypted."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        return rows.defer("credentials") if match and (match.url_name or "").endswith("changelist") else rows

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        facts = ["title", "kind", "base_url", "dialect", "options"]
        secrets = [f"secret_{name}" for name in SECRETS]
        if obj is None:
            return [(None, {"fields": facts}), (_("Credentials"), {"fields": secrets})]
        found = [(None, {"fields": [*facts, "enabled"]}), (_("Health"), {"fields": list(self.health)})]
        if self.has_change_permission(request, obj):
            found.insert(1, (_("Credentials"), {"fields": secrets}))
        return found

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.health

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "kind" in form.base_fields:
            form.base_fields["kind"].disabled = obj is not None
        return form

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: MarketplaceAccount) -> str:
        if not row.enabled:
            return pgettext("account state", "off")
        return pgettext("account state", "paused") if row.paused_reason else pgettext("account state", "on")

    def save_model(self, request: HttpRequest, obj: MarketplaceAccount, form: Any, change: bool) -> None:
        wanted = form.wanted()
        if change:
            accounts.change(obj, wanted, enabled=form.cleaned_data["enabled"], actor=actor(request))
        else:
            obj.__dict__.update(accounts.store(accounts.draft(obj.kind, wanted), actor=actor(request)).__dict__)
