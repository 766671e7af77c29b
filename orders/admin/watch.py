"""Records to look at: scans, the timeline, and questions that a person may close."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.adminkit import Button, Field, Pages, Text, for_each
from backoffice.errors import Conflict
from orders.models import Attention, BuyerCall, DeliveryServiceName, OrderToRead, Scan, TimelineEntry
from orders.services import attention
from orders.wording import attention_text, entry_title

from .common import actor

MAY = "orders.change_attention"


@admin.register(Scan)
class Scans(Pages[Scan]):
    """Every attempt to read something, good or bad."""

    list_display = ("scanned_at", "user", "task", "kind", "outcome", "reason", "raw")
    list_select_related = ("user", "task")
    list_filter = ("outcome", "kind")
    search_fields = ("task__external_id__startswith", "raw__startswith")
    ordering = ("-scanned_at", "-id")


@admin.register(TimelineEntry)
class Timeline(Pages[TimelineEntry]):
    """What happened to all orders."""

    list_display = ("recorded_at", "order", "task", "source", "title", "actor", "happened_at", "correction")
    list_select_related = ("order", "task", "actor")
    list_filter = ("source", "kind", "correction")
    search_fields = ("order__external_id__startswith", "task__external_id__startswith")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TimelineEntry]:
        return super().get_queryset(request).select_related("order", "task", "actor")

    @admin.display(description=gettext_lazy("what happened"))
    def title(self, row: TimelineEntry) -> str:
        return entry_title(row)


@admin.register(BuyerCall)
class Calls(Pages[BuyerCall]):
    """Calls to buyers, as the people who made them told."""

    list_display = ("at", "task", "outcome", "seconds", "user")
    list_select_related = ("task", "user")
    list_filter = ("outcome",)
    search_fields = ("task__external_id__startswith",)
    ordering = ("-at", "-id")


@admin.register(OrderToRead)
class Waiting(Pages[OrderToRead]):
    """Orders that somebody said have changed, and that were not read since."""

    list_display = ("external_id", "account", "asked_at", "tries")
    list_select_related = ("account",)
    list_filter = ("account",)
    search_fields = ("external_id__startswith",)
    ordering = ("asked_at", "id")


@admin.register(DeliveryServiceName)
class Services(Pages[DeliveryServiceName]):
    """Delivery services a track number may name."""

    list_display = ("name", "external_id", "account")
    list_select_related = ("account",)
    list_filter = ("account",)
    search_fields = ("name__istartswith", "external_id__startswith")
    ordering = ("name", "id")


def _resolve(request: HttpRequest, row: Attention) -> Text:
    if not attention.resolve(row.pk, actor=actor(request), note=request.POST.get("note", "")):
        raise Conflict("resolved", _("It has been resolved already."))
    return _("Resolved.")


@admin.register(Attention)
class Questions(Pages[Attention]):
    """Open and resolved questions."""

    list_display = ("question", "severity", "kind", "account", "order", "count", "opened_at", "resolved_at", "note")
    list_select_related = ("account", "order")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "severity", "kind", "account")
    search_fields = ("order__external_id__startswith", "task__external_id__startswith")
    ordering = ("-opened_at", "-id")
    fields = (
        "question", "todo", "kind", "severity", "account", "carrier_account", "order", "task", "shipment", "payload", "count",
        "opened_at", "last_seen_at", "resolved_at", "resolved_by", "note",
    )  # fmt: skip
    readonly_fields = ("question", "todo")
    actions = ("resolve",)
    buttons = (
        Button(
            "resolve",
            gettext_lazy("Resolve"),
            MAY,
            _resolve,
            fields=(Field("note", gettext_lazy("Note")),),
            shown=lambda row: row.resolved_at is None,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attention]:
        return (
            super()
            .get_queryset(request)
            .select_related("account", "carrier_account", "order", "task", "shipment", "payload", "resolved_by")
        )

    @admin.display(description=gettext_lazy("question"))
    def question(self, row: Attention) -> str:
        return attention_text(row)[0]

    @admin.display(description=gettext_lazy("what to do"))
    def todo(self, row: Attention) -> str:
        return attention_text(row)[1]

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY)

    @admin.action(description=gettext_lazy("Resolve"), permissions=["resolve"])
    def resolve(self, request: HttpRequest, rows: QuerySet[Attention]) -> None:
        for_each(request, rows, lambda row: _resolve(request, row))
