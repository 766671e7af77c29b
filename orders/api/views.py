"""The API. Each view reads its input, calls one service or one query, and answers in the documented shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn, TypeVar

import structlog
from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backoffice.authentication import HasScope
from backoffice.models import User
from orders.enums import LIVE_CODE_STATES, ActionKind
from orders.filters import OrderFilter
from orders.models import AssemblyTask, Attention, MarketplaceAction, MarkingCode, Order, TimelineEntry
from orders.queries import api as shapes
from orders.services import attention, buyers
from orders.services.actors import Actor, program
from orders.services.sending import outbox
from orders.services.warehouse import marking

from . import serializers as forms
from .filters import ActionQuery, AttentionQuery, TaskQuery
from .pagination import Cursor

log = structlog.get_logger(__name__)

ORDERINGS = ("-created_at", "created_at", "deadline_at", "updated_at")
LONGEST_KEY = 128
BIGGEST_ID = 2**63
Row = TypeVar("Row", bound=Model)

CONFLICT = OpenApiResponse(forms.ConflictSerializer, description="The present state does not allow it.")
MALFORMED = OpenApiResponse(forms.UnprocessableSerializer, description="Malformed by the rules of the domain.")
IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The same key and body gives the same action; the same key with another body is refused (422).",
)


class View(GenericAPIView[Any]):
    """Scope of the token and permission of its user, see ``HasScope``."""

    permission_classes = (HasScope,)
    required_permissions: ClassVar[Mapping[str, str]] = {}

    def actor(self) -> Actor:
        user = self.request.user
        if not isinstance(user, User):  # permissions have seen to it
            raise NotFound
        return program(user)

    def posted(self, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The checked body. Raises ``ValidationError`` (400)."""
        read = form(data=self.request.data)
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)


class Listing(mixins.ListModelMixin, View):
    """A list by cursor. ``make`` turns what the queryset gives into rows, ``present`` a page of rows into JSON."""

    orderings: ClassVar[tuple[str, ...]] = ORDERINGS

    def make(self, values: Any) -> Any:
        return values

    def present(self, rows: list[Any]) -> list[shapes.Json]:
        raise NotImplementedError

    def select(self, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
        return rows

    def get(self, request: Request, **_path: Any) -> Response:
        pages = Cursor()
        rows = self.select(self.filter_queryset(self.get_queryset()))
        return pages.get_paginated_response(self.present(pages.page(rows, request, self, make=self.make)))


def without_tests(request: Request, rows: QuerySet[Row, Row]) -> QuerySet[Row, Row]:
    """Test orders are shown on request only."""
    return rows if "test" in request.query_params else rows.filter(is_test=False)


def row_or_404(rows: QuerySet[Row, Row], pk: int) -> Row:
    """The row, or 404 for an id that is not there or that no database can hold."""
    if pk >= BIGGEST_ID:
        raise NotFound
    return get_object_or_404(rows, pk=pk)


class Orders(Listing):
    """Orders with their tasks and open questions."""

    queryset = Order.objects.all()
    serializer_class = forms.OrderSerializer
    filterset_class = OrderFilter
    required_permissions: ClassVar = {"read": "orders.view_order"}

    def get_queryset(self) -> QuerySet[Order]:
        return without_tests(self.request, Order.objects.all())

    def make(self, values: Any) -> shapes.OrderRow:
        return shapes.OrderRow._make(values)

    def select(self, rows: QuerySet[Order]) -> QuerySet[Any, Any]:
        return shapes.order_rows(rows)

    def present(self, rows: list[Any]) -> list[shapes.Json]:
        shows = self.request.user.has_perm("orders.see_buyers")
        if shows and rows:  # a record at each order, page after page, would bury those of people who looked
            log.info("buyers_listed", user=self.request.user.pk, orders=len(rows))
        return shapes.orders(rows, with_buyers=shows)


class OneOrder(View):
    """One order with its tasks and open questions. Who is shown the buyer's address and comment is recorded."""

    queryset = Order.objects.all()
    serializer_class = forms.OrderSerializer
    required_permissions: ClassVar = {"read": "orders.view_order"}

    def get(self, request: Request, pk: int) -> Response:
        rows = shapes.order_rows(Order.objects.filter(pk=min(pk, BIGGEST_ID - 1)))
        found = [shapes.OrderRow._make(row) for row in rows]
        if not found:
            raise NotFound
        shows = request.user.has_perm("orders.see_buyers")
        if shows:
            buyers.reveal(pk, actor=self.actor())
        return Response(shapes.orders(found, with_buyers=shows)[0])


class Timeline(Listing):
    """What happened to an order, by the clock of who says so."""

    serializer_class = forms.EntrySerializer
    queryset = TimelineEntry.objects.all()
    filterset_class = None
    orderings: ClassVar = ("happened_at", "-happened_at")
    required_permissions: ClassVar = {"read": "orders.view_timelineentry"}

    def get_queryset(self) -> QuerySet[TimelineEntry]:
        order = row_or_404(Order.objects.only("pk"), self.kwargs["pk"])
        return TimelineEntry.objects.filter(order=order).select_related("actor")

    def present(self, rows: list[TimelineEntry]) -> list[shapes.Json]:
        return [shapes.entry(row) for row in rows]


class Tasks(Listing):
    """Assembly tasks with their items, live codes and what may be asked of them now."""

    queryset = AssemblyTask.objects.all()
    serializer_class = forms.TaskSerializer
    filterset_class = TaskQuery
    required_permissions: ClassVar = {"read": "orders.view_assemblytask"}

    def get_queryset(self) -> QuerySet[AssemblyTask]:
        return without_tests(self.request, AssemblyTask.objects.all())

    def make(self, values: Any) -> shapes.TaskRow:
        return shapes.TaskRow._make(values)

    def select(self, rows: QuerySet[AssemblyTask]) -> QuerySet[Any, Any]:
        return shapes.task_rows(rows)

    def present(self, rows: list[Any]) -> list[shapes.Json]:
        return shapes.tasks(rows)


class OneTask(View):
    """One assembly task."""

    queryset = AssemblyTask.objects.all()
    serializer_class = forms.TaskSerializer
    required_permissions: ClassVar = {"read": "orders.view_assemblytask"}

    def get(self, request: Request, pk: int) -> Response:
        rows = shapes.task_rows(AssemblyTask.objects.filter(pk=min(pk, BIGGEST_ID - 1)))
        found = shapes.tasks([shapes.TaskRow._make(row) for row in rows])
        if not found:
            raise NotFound
        return Response(found[0])


class TaskActions(View):
    """Ask the marketplace for something."""

    queryset = AssemblyTask.objects.all()
    serializer_class = forms.WishSerializer
    required_permissions: ClassVar = {"act": "orders.act_task"}

    @extend_schema(
        parameters=[IDEMPOTENCY],
        responses={202: forms.ActionSerializer, 409: CONFLICT, 422: MALFORMED},
        operation_id="tasks_actions_create",
    )
    def post(self, request: Request, pk: int) -> Response:
        task = row_or_404(AssemblyTask.objects.only("pk"), pk)
        said = self.posted(forms.WishSerializer)
        date = said["date"].isoformat() if said["date"] else ""
        wish = outbox.Wish(
            ActionKind(said["kind"]), code=said["code"], reason=said["reason"], date=date, data=said["data"]
        )
        key = _idempotency(request, task.pk, wish)
        action = outbox.request(task.pk, wish, actor=self.actor(), idempotency=key)
        return Response(shapes.action(action), status=status.HTTP_202_ACCEPTED)


def _idempotency(request: Request, task_id: int, wish: outbox.Wish) -> outbox.Idempotency:
    """The client's key and what came with it."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return outbox.Idempotency()
    if len(key) > LONGEST_KEY or not key.isprintable():
        text = _("Idempotency-Key: at most %(most)d printable characters.") % {"most": LONGEST_KEY}
        raise ValidationError([text], code="idempotency_key")
    return outbox.Idempotency(key, outbox.digest_of(task_id, wish))


class Actions(Listing):
    """The outbox: what was asked and what became of it."""

    queryset = MarketplaceAction.objects.all()
    serializer_class = forms.ActionSerializer
    filterset_class = ActionQuery
    orderings: ClassVar = ("-created_at", "created_at")
    required_permissions: ClassVar = {"read": "orders.view_marketplaceaction"}

    def present(self, rows: list[MarketplaceAction]) -> list[shapes.Json]:
        return [shapes.action(row) for row in rows]


class OneAction(View):
    """One action."""

    queryset = MarketplaceAction.objects.all()
    serializer_class = forms.ActionSerializer
    required_permissions: ClassVar = {"read": "orders.view_marketplaceaction"}

    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.action(row_or_404(MarketplaceAction.objects.all(), pk)))


class Codes(Listing):
    """Live marking codes of a task."""

    queryset = MarkingCode.objects.all()
    serializer_class = forms.CodeSerializer
    filterset_class = None
    orderings: ClassVar = ("id",)
    required_permissions: ClassVar = {"read": "orders.view_markingcode", "act": "orders.work_task"}

    def get_queryset(self) -> QuerySet[MarkingCode]:
        task = row_or_404(AssemblyTask.objects.only("pk"), self.kwargs["pk"])
        return MarkingCode.objects.filter(task=task, state__in=LIVE_CODE_STATES)

    def present(self, rows: list[MarkingCode]) -> list[shapes.Json]:
        return [shapes.code(row) for row in rows]

    @extend_schema(
        request=forms.NewCodeSerializer,
        responses={201: forms.CodeSerializer, 409: CONFLICT, 422: MALFORMED},
    )
    def post(self, request: Request, pk: int) -> Response:
        task = row_or_404(AssemblyTask.objects.only("pk"), pk)
        said = self.posted(forms.NewCodeSerializer)
        entry = marking.Entry(
            value=said["value"],
            kind=said["kind"],
            item_id=said["item"],
            country=said["country"],
            override=said["override"],
        )
        code = marking.add_or_explain(task.pk, entry, actor=self.actor())
        return Response(shapes.code(code), status=status.HTTP_201_CREATED)


class OneCode(View):
    """Take a code off its unit."""

    queryset = MarkingCode.objects.all()
    serializer_class = forms.CodeSerializer
    required_permissions: ClassVar = {"act": "orders.work_task"}

    @extend_schema(responses={204: None, 409: CONFLICT})
    def delete(self, request: Request, pk: int, code_pk: int) -> Response:
        rows = MarkingCode.objects.filter(task_id=min(pk, BIGGEST_ID - 1)).only("pk")
        marking.remove_code(row_or_404(rows, code_pk).pk, actor=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Questions(Listing):
    """Open questions for people; the resolved ones with ``resolved=true``."""

    queryset = Attention.objects.all()
    serializer_class = forms.AttentionSerializer
    filterset_class = AttentionQuery
    orderings: ClassVar = ("-opened_at", "opened_at")
    required_permissions: ClassVar = {"read": "orders.view_attention"}

    def get_queryset(self) -> QuerySet[Attention]:
        rows = Attention.objects.all()
        return rows if "resolved" in self.request.query_params else rows.filter(resolved_at=None)

    def present(self, rows: list[Attention]) -> list[shapes.Json]:
        return [shapes.attention(row) for row in rows]


class Resolve(View):
    """Close a question. One that is closed already stays as it was."""

    queryset = Attention.objects.all()
    serializer_class = forms.ResolutionSerializer
    required_permissions: ClassVar = {"act": "orders.change_attention"}

    @extend_schema(responses=forms.AttentionSerializer, operation_id="attention_resolve")
    def post(self, request: Request, pk: int) -> Response:
        row = row_or_404(Attention.objects.only("pk"), pk)
        attention.resolve(row.pk, actor=self.actor(), note=self.posted(forms.ResolutionSerializer)["note"])
        return Response(shapes.attention(Attention.objects.get(pk=row.pk)))


@extend_schema(exclude=True)
class Nowhere(APIView):
    """An address the API does not have, in the shape of its errors."""

    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> NoReturn:
        raise NotFound

    post = put = patch = delete = get
