"""Carrier accounts, parcels, and what follows from them."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.adminkit import Button, Field, Pages, Text
from carriers import registry
from carriers import services as carriers
from carriers.enums import CarrierKind
from carriers.models import CarrierAccount
from orders.models import Reaction, ReactionRule, Shipment
from orders.services import carrier_calling, shipments

from .accountkit import AccountPages, SettingsForm, choices_of, secret_field
from .common import actor

CHANGE = "carriers.change_carrieraccount"
MAY_ACT = "orders.act_task"
ENTRIES = {kind: registry.entry(kind) for kind in registry.kinds()}
KINDS_OF = {
    name: [str(CarrierKind(kind).label) for kind, entry in ENTRIES.items() if name in entry.credentials]
    for known in ENTRIES.values()
    for name in known.credentials
}
DIALECTS = list(dict.fromkeys(name for entry in ENTRIES.values() for name in entry.dialects))


class CarrierForm(SettingsForm):
    """Settings of a carrier account."""

    secrets = tuple(KINDS_OF)
    kind = forms.ChoiceField(
        choices=[(kind, CarrierKind(kind).label) for kind in ENTRIES], label=gettext_lazy("Carrier")
    )
    dialect = forms.ChoiceField(required=False, choices=choices_of(DIALECTS), label=gettext_lazy("Dialect"))

    class Meta:
        model = CarrierAccount
        fields: ClassVar = ["title", "kind", "base_url", "dialect", "options", "enabled"]

    def wanted(self) -> carriers.Settings:
        said = self.cleaned_data
        return carriers.Settings(said["title"], said["base_url"], said["dialect"], said["options"] or {}, self.given())

    def judge(self) -> None:
        carriers.judge(self.instance if self.instance.pk else None, self.cleaned_data["kind"], self.wanted())

    def lacking(self) -> str:
        """The first that was not typed, of those it cannot do without."""
        needed, given = ENTRIES[self.cleaned_data["kind"]].needed, self.given()
        return f"secret_{next((name for name in needed if not given[name]), needed[0])}"


SecretForm = type(
    "SecretForm", (CarrierForm,), {f"secret_{name}": secret_field(name, kinds) for name, kinds in KINDS_OF.items()}
)


def _check(_request: HttpRequest, account: CarrierAccount) -> Text:
    carriers.check(account)
    return _("The carrier answered: address and credentials are right.")


def _pause(request: HttpRequest, account: CarrierAccount) -> Text:
    reason = request.POST.get("reason", "").strip() or _("paused by %(name)s") % {"name": request.user.get_username()}
    carrier_calling.pause(account, reason=reason, actor=actor(request))
    return _("Paused: nothing is asked of the carrier until somebody resumes it.")


def _resume(request: HttpRequest, account: CarrierAccount) -> Text:
    carrier_calling.resume(account, actor=actor(request))
    return _("Resumed.")


@admin.register(CarrierAccount)
class Carriers(AccountPages[CarrierAccount]):
    """Carrier accounts."""

    form = SecretForm
    secrets = tuple(KINDS_OF)
    health = ("paused_reason", "last_ok_at", "last_news_at", "last_error", "last_error_at", "created_at")
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
    )

    def save_model(self, request: HttpRequest, obj: CarrierAccount, form: Any, change: bool) -> None:
        wanted = form.wanted()
        if change:
            carriers.change(obj, wanted, enabled=form.cleaned_data["enabled"])
        else:
            obj.__dict__.update(carriers.store(carriers.draft(obj.kind, wanted)).__dict__)


def _ask_now(_request: HttpRequest, row: Shipment) -> Text:
    shipments.poll_now(row.pk)
    return _("The carrier will be asked about it in a moment.")


def _detach(request: HttpRequest, row: Shipment) -> Text:
    shipments.detach(row.pk, request.POST.get("reason", ""), actor=actor(request))
    return _("The parcel has been taken off its order.")


@admin.register(Shipment)
class Shipments(Pages[Shipment]):
    """Parcels of all orders."""

    list_display = (
        "number", "carrier_account", "order", "status", "finality", "raw_status", "problem", "checked_at", "changed_at",
        "detached_at",
    )  # fmt: skip
    list_select_related = ("carrier_account", "order")
    list_filter = ("carrier_account", "status", "finality", "problem", ("detached_at", admin.EmptyFieldListFilter))
    search_fields = ("number__startswith", "order__external_id__startswith")
    ordering = ("-created_at", "-id")
    fields = (
        "number", "carrier_account", "order", "status", "finality", "needs_look", "raw_status", "raw_title", "problem",
        "problem_detail", "returned", "delivered_on", "details", "raw", "replaced_by", "changed_at", "news_at", "checked_at",
        "next_poll_at", "final_at", "created_at", "created_by", "detached_at", "detach_reason",
    )  # fmt: skip
    buttons = (
        Button(
            "ask", gettext_lazy("Ask the carrier now"), MAY_ACT, _ask_now, shown=lambda row: row.detached_at is None
        ),
        Button(
            "detach",
            gettext_lazy("Take off the order"),
            MAY_ACT,
            _detach,
            fields=(Field("reason", gettext_lazy("Reason")),),
            shown=lambda row: row.detached_at is None,
        ),
    )


@admin.register(Reaction)
class Reactions(Pages[Reaction]):
    """What followed from carriers' words: suggested, or done by itself."""

    list_display = (
        "created_at",
        "shipment",
        "task",
        "status",
        "kind",
        "state",
        "mode",
        "due_at",
        "decided_at",
        "decided_by",
    )
    list_select_related = ("shipment", "task", "decided_by")
    list_filter = ("state", "mode", "kind", "status")
    search_fields = ("shipment__number__startswith", "task__external_id__startswith")
    ordering = ("-id",)


@admin.register(ReactionRule)
class Rules(Pages[ReactionRule]):
    """How far what a carrier says may go by itself; changed on the page of the carriers."""

    list_display = ("carrier_account", "mode", "grace_minutes", "cap_per_hour", "killed", "rehearsed_at", "version")
    list_select_related = ("carrier_account",)
    list_filter = ("mode", "killed")
    ordering = ("carrier_account_id",)
