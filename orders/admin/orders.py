"""Orders and tasks, and one action on many of them: a rehearsal first, then the run."""

from __future__ import annotations

import uuid
from collections import Counter as Tally
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.adminkit import Button, Field, Lines, Pages, Text, tell_outcomes, told
from orders.enums import ActionKind
from orders.models import AssemblyTask, Attention, BulkRun, Order, TaskItem
from orders.queries import search
from orders.services.sending import bulk, outbox

from .common import actor
from .marking import CodesInline


class ItemLines(Lines):
    """Lines of a task."""

    model = TaskItem
    show_change_link = False
    fields = ("article", "name", "barcodes", "quantity", "price", "final_price", "currency")


class TaskLines(Lines):
    """Tasks of an order."""

    model = AssemblyTask
    fields = ("external_id", "stage", "deadline_at", "assignee", "updated_at")


class AttentionLines(Lines):
    """Questions about an order."""

    model = Attention
    fields = ("kind", "severity", "opened_at", "resolved_at", "note")


class _Bulk:
    """Actions for many rows of a list; ``task_ids`` says which tasks the rows mean."""

    def task_ids(self, rows: QuerySet[Any]) -> Iterable[int]:
        raise NotImplementedError

    def has_act_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.act_task")

    def _freeze(self, request: HttpRequest, rows: QuerySet[Any], kind: ActionKind) -> HttpResponse | None:
        made: list[BulkRun] = []

        def freeze() -> str:
            made.append(bulk.freeze(list(self.task_ids(rows)[: bulk.MOST + 1]), kind, actor=actor(request)))  # type: ignore[index]  # a queryset
            return _("Nothing has been asked yet: look it over first.")

        if not told(request, freeze):
            return None
        return HttpResponseRedirect(reverse("admin:orders_bulkrun_rehearsal", args=[made[0].pk]))

    @admin.action(description=gettext_lazy("Confirm…"), permissions=["act"])
    def confirm(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return self._freeze(request, rows, ActionKind.CONFIRM)

    @admin.action(description=gettext_lazy("Packed, ready…"), permissions=["act"])
    def ready(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return self._freeze(request, rows, ActionKind.READY)

    @admin.action(description=gettext_lazy("Hand over for delivery…"), permissions=["act"])
    def deliver(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return self._freeze(request, rows, ActionKind.DELIVER)


@admin.register(Order)
class Orders(_Bulk, Pages[Order]):
    """Orders; personal data of their buyers is on the order page, where showing it is recorded."""

    list_display = ("external_id", "account", "stage", "delivery_type", "deadline_at", "created_at", "updated_at")
    list_select_related = ("account",)
    list_filter = ("stage", "account")
    search_fields = ("external_id",)
    search_help_text = gettext_lazy("Number, article, code, recipient or phone")
    ordering = ("-created_at", "-id")
    inlines = (TaskLines, AttentionLines)
    actions = ("confirm", "ready", "deliver")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return search.orders(queryset, search_term), False

    def task_ids(self, rows: QuerySet[Order]) -> QuerySet[Any, Any]:
        return AssemblyTask.objects.filter(order__in=rows.order_by()).order_by("pk").values_list("pk", flat=True)


def _step(kind: ActionKind) -> Callable[[HttpRequest, AssemblyTask], Text]:
    """Ask for a step of one task with what the form gives; what is missing or not allowed is said by the service."""

    def ask(request: HttpRequest, task: AssemblyTask) -> Text:
        code, reason, date = (request.POST.get(name, "").strip() for name in ("code", "reason", "date"))
        outbox.request(task.pk, outbox.Wish(kind, code=code, reason=reason, date=date), actor=actor(request))
        return _("Asked of the marketplace: %(action)s.") % {"action": kind.label}

    return ask


def _fits(kind: ActionKind) -> Callable[[AssemblyTask], bool]:
    """Whether a step belongs to this point of the way."""

    def fits(task: AssemblyTask) -> bool:
        offer = outbox.offer_of(task.account)
        return task.is_open and task.marketplace_status.get(offer.step_word) in offer.steps.get(kind, frozenset())

    return fits


_CODE = Field("code", gettext_lazy("The buyer's code, where the marketplace has one"))
_REASON = Field("reason", gettext_lazy("Reason (the marketplace's word), where it wants one"))
_DATE = Field("date", gettext_lazy("Day, if it was not today"), "date")


@admin.register(AssemblyTask)
class Tasks(_Bulk, Pages[AssemblyTask]):
    """Assembly tasks with their items and codes."""

    list_display = (
        "external_id", "account", "stage", "delivery_type", "deadline_at", "assignee", "created_at", "updated_at",
    )  # fmt: skip
    list_select_related = ("account", "assignee")
    list_filter = ("stage", "account")
    search_fields = ("external_id",)
    search_help_text = gettext_lazy("Number, article, code, recipient or phone")
    ordering = ("-created_at", "-id")
    inlines = (ItemLines, CodesInline)
    actions = ("confirm", "ready", "deliver")
    buttons = tuple(
        Button(kind.value, kind.label, "orders.act_task", _step(kind), fields=fields, shown=_fits(kind))
        for kind, fields in (
            (ActionKind.ARRIVE, ()),
            (ActionKind.RECEIVE, (_CODE, _DATE)),
            (ActionKind.REJECT, (_CODE,)),
            (ActionKind.CANCEL, (_REASON,)),
        )
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only for the codes inside: the task itself has nothing to change by hand."""
        return admin.ModelAdmin.has_change_permission(self, request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AssemblyTask]:
        return super().get_queryset(request).select_related("account", "order", "assignee")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.opts.fields if field.editable]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_readonly_fields(request, obj)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return search.tasks(queryset, search_term), False

    def save_model(self, request: HttpRequest, obj: AssemblyTask, form: Any, change: bool) -> None:
        """The row is written by the services."""

    def task_ids(self, rows: QuerySet[AssemblyTask]) -> QuerySet[Any, Any]:
        return rows.order_by("deadline_at", "pk").values_list("pk", flat=True)


@admin.register(BulkRun)
class BulkRuns(Pages[BulkRun]):
    """What was asked of many tasks at once."""

    list_display = ("id", "kind", "actor", "created_at", "started_at")
    list_select_related = ("actor",)
    ordering = ("-created_at",)

    def get_urls(self) -> list[URLPattern]:
        rehearsal = self.admin_site.admin_view(self.rehearsal)
        return [path("<uuid:run_id>/rehearsal/", rehearsal, name="orders_bulkrun_rehearsal"), *super().get_urls()]

    def rehearsal(self, request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
        """GET: what would happen. POST: let it happen, once. Only for the person who chose the tasks."""
        if not request.user.has_perm("orders.act_task"):
            raise PermissionDenied
        run = BulkRun.objects.filter(pk=run_id, actor_id=request.user.pk).first()
        if run is None:
            raise Http404
        if request.method == "POST":
            return self._start(request, run)
        found = bulk.rehearse(run) if run.started_at is None else None
        rows = bulk.result(run) if found is None else []
        title = ActionKind(run.kind).label
        context = {**self.admin_site.each_context(request), "title": title, "run": run, "found": found, "rows": rows}
        return TemplateResponse(request, "admin/orders/rehearsal.html", context)

    def _start(self, request: HttpRequest, run: BulkRun) -> HttpResponse:
        run = bulk.start(run.pk, actor=actor(request))
        outcomes: Tally[tuple[bool, str]] = Tally()
        for row in bulk.result(run):
            refused = row.state == "refused"
            outcomes[not refused, row.text if refused else _("Asked of the marketplace")] += 1
        tell_outcomes(request, outcomes)
        return HttpResponseRedirect(reverse("admin:orders_bulkrun_rehearsal", args=[run.pk]))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> BulkRun | None:
        """An id that is no UUID is simply not there."""
        try:
            uuid.UUID(unquote(object_id))
        except ValueError:
            return None
        return super().get_object(request, object_id, from_field)
