"""What pages of accounts share, whatever the upstream: secrets go in and never come out, a button tries them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from backoffice.adminkit import M, Pages
from backoffice.errors import Invalid

#: Where on the form a refusal of the service is shown.
PLACES = {
    "kind": "kind",
    "dialect": "dialect",
    "bad_address": "base_url",
    "insecure_address": "base_url",
    "private_address": "base_url",
    "training_host": "base_url",
    "option": "options",
}


def secret_field(name: str, kinds: Iterable[str]) -> forms.CharField:
    """A credential of these kinds of accounts."""
    widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password", "class": "vTextField"})
    text = gettext_lazy("Never shown again. Empty: it stays as it is.")
    label = f"{name} ({', '.join(kinds)})"
    return forms.CharField(label=label, required=False, widget=widget, help_text=text, max_length=8000)


def choices_of(dialects: Iterable[str]) -> list[tuple[str, Any]]:
    return [("", gettext_lazy("the usual one")), *((name, name) for name in dialects)]


class SettingsForm(forms.ModelForm[Any]):
    """Settings of an account. The service judges them; empty secrets stay as they are."""

    base_url = forms.URLField(
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"size": 60}),
        label=gettext_lazy("Base URL"),
        help_text=gettext_lazy("Empty: the upstream's own address. The sandbox has another one."),
    )
    #: Names of the credentials of all kinds.
    secrets: ClassVar[tuple[str, ...]] = ()

    def given(self) -> dict[str, str]:
        """Secrets that were typed."""
        return {name: self.cleaned_data.get(f"secret_{name}") or "" for name in self.secrets}

    def judge(self) -> None:
        """Ask the service. Raises ``Invalid``."""
        raise NotImplementedError

    def lacking(self) -> str:
        """The field of the credential that is missing."""
        raise NotImplementedError

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
            self.judge()
        except Invalid as error:
            place = self.lacking() if error.code == "credentials" else PLACES.get(error.code, "")
            self.add_error(place if place in self.fields else None, str(error.message))


class AccountPages(Pages[M]):
    """Accounts may be added and changed; the model's columns are those of both kinds of accounts."""

    secrets: ClassVar[tuple[str, ...]] = ()
    health: ClassVar[tuple[str, ...]] = ()
    list_display = ("title", "kind", "dialect", "state", "last_ok_at", "last_error_at", "base_url")
    list_filter = ("kind", "training", "enabled")
    search_fields = ("title",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request, obj)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The service has recorded it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The same."""

    def get_queryset(self, request: HttpRequest) -> Any:
        """Lists do without the credentials: each one would be decrypted."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        return rows.defer("credentials") if match and (match.url_name or "").endswith("changelist") else rows

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        facts = ["title", "kind", "base_url", "dialect", "options"]
        secrets = [f"secret_{name}" for name in self.secrets]
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
    def state(self, row: Model) -> str:
        if not getattr(row, "enabled", True):
            return pgettext("account state", "off")
        paused = getattr(row, "paused_reason", "")
        return pgettext("account state", "paused") if paused else pgettext("account state", "on")
