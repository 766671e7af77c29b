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
from carriers.options import TRACK_SERVICE
from orders.models import Reaction, ReactionRule, Shipment
from orders.services.shipping import carrier_calling, shipments, telling, tracks

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
    track_service = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Delivery service"),
        help_text=gettext_lazy(
            "Marketplaces that take track numbers are told those of new parcels under this service. The list is theirs; without "
            "one of them, or until it has come, write the number of the service as the option “track_service”."
        ),
    )

    class Meta:
        model = CarrierAccount
        fields: ClassVar = ["title", "kind", "base_url", "dialect", "options", "enabled"]

    def __init__(self, *more: Any, **given: Any) -> None:
        super().__init__(*more, **given)
        if (field := self.fields.get(TRACK_SERVICE)) is not None:
            present = telling.service_of(self.instance)
            field.choices = _services(present)  # type: ignore[attr-defined]  # it is one of choices
            field.initial = present

    def wanted(self) -> carriers.Settings:
        said = self.cleaned_data
        return carriers.Settings(said["title"], said["base_url"], said["dialect"], self._options(), self.given())

    def _options(self) -> dict[str, Any]:
        """What was chosen goes before what is written, where it was changed."""
        found = dict(self.cleaned_data["options"] or {})
        if TRACK_SERVICE in self.data and TRACK_SERVICE in self.changed_data:
            found.pop(TRACK_SERVICE, None)
            found |= {TRACK_SERVICE: chosen} if (chosen := self.cleaned_data[TRACK_SERVICE]) else {}
        return found

    def judge(self) -> None:
        carriers.judge(self.instance if self.instance.pk else None, self.cleaned_data["kind"], self.wanted())

    def lacking(self) -> str:
        """The first that was not typed, of those it cannot do without."""
        needed, given = ENTRIES[self.cleaned_data["kind"]].needed, self.given()
        return f"secret_{next((name for name in needed if not given[name]), needed[0])}"


def _services(present: str) -> list[tuple[str, Any]]:
    """Delivery services of all marketplaces by name; the one that is set is among them, known or not."""
    names = dict(tracks.every())
    known = names if not present or present in names else {present: present, **names}
    return [("", gettext_lazy("none: numbers are not told")), *known.items()]


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

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        found = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(
            request, obj
        ):  # a model has no such field: it cannot be shown alone
            fields = found[0][1]["fields"]
            fields.insert(fields.index("options") + 1, TRACK_SERVICE)
        return found

    def save_model(self, request: HttpRequest, obj: CarrierAccount, form: Any, change: bool) -> None:
        wanted = form.wanted()
        if change:
            carriers.change(obj, wanted, enabled=form.cleaned_data["enabled"], by=request.user.pk)
        else:
            made = carriers.store(carriers.draft(obj.kind, wanted), by=request.user.pk)
            obj.__dict__.update(made.__dict__)


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
