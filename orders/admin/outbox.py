"""The outbox: what was asked, each attempt, and the two things a person can do about it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.adminkit import Button, Lines, Pages, Text, for_each
from orders.enums import ActionState
from orders.models import ActionAttempt, MarketplaceAction
from orders.services.sending import outbox

from .common import actor

MAY = "orders.act_task"


def _again(request: HttpRequest, row: MarketplaceAction) -> Text:
    outbox.send_again(row.pk, actor=actor(request))
    return _("It is in the queue again.")


def _give_up(request: HttpRequest, row: MarketplaceAction) -> Text:
    outbox.give_up(row.pk, actor=actor(request))
    return _("Given up.")


class AttemptLines(Lines):
    """Attempts of an action, oldest first."""

    model = ActionAttempt
    show_change_link = False
    fields = ("started_at", "finished_at", "outcome", "status", "error_code", "error_detail", "request_id", "call")


@admin.register(MarketplaceAction)
class Outbox(Pages[MarketplaceAction]):
    """Actions on their way and those that have come to an end."""

    list_display = (
        "id", "kind", "subject", "task", "account", "state", "attempts", "not_before", "error_code", "error_detail",
        "actor", "created_at", "finished_at",
    )  # fmt: skip
    list_select_related = ("task", "account", "actor")
    list_filter = ("state", "kind", "account")
    search_fields = ("task__external_id__startswith", "error_code__startswith")
    ordering = ("-created_at", "-id")
    inlines = (AttemptLines,)
    actions = ("send_again", "give_up")
    buttons = (
        Button("again", gettext_lazy("Send again"), MAY, _again, shown=lambda row: row.state == ActionState.FAILED),
        Button(
            "give-up",
            gettext_lazy("Give up"),
            MAY,
            _give_up,
            shown=lambda row: row.state in (ActionState.QUEUED, ActionState.FAILED),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[MarketplaceAction]:
        return super().get_queryset(request).select_related("task", "account", "actor")

    def has_act_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY)

    @admin.action(description=gettext_lazy("Send again"), permissions=["act"])
    def send_again(self, request: HttpRequest, rows: QuerySet[MarketplaceAction]) -> None:
        for_each(request, rows, lambda row: outbox.send_again(row.pk, actor=actor(request)))

    @admin.action(description=gettext_lazy("Give up"), permissions=["act"])
    def give_up(self, request: HttpRequest, rows: QuerySet[MarketplaceAction]) -> None:
        for_each(request, rows, lambda row: outbox.give_up(row.pk, actor=actor(request)))


@admin.register(ActionAttempt)
class Attempts(Pages[ActionAttempt]):
    """Each attempt to tell a marketplace something."""

    list_display = ("started_at", "action", "outcome", "status", "error_code", "error_detail", "request_id", "call")
    list_select_related = ("action",)
    list_filter = ("outcome",)
    search_fields = ("call", "request_id", "action__task__external_id__startswith")
    ordering = ("-id",)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By task, call or request id: three indexes, no pattern over the whole table."""
        return super().get_search_results(request, queryset, search_term.strip())
