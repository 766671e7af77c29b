"""What follows from carriers' words in the API: suggestions, what waits, and the receipt of each."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from orders.enums import OPEN_REACTION_STATES
from orders.models import Reaction
from orders.queries import reactions as queries
from orders.services.reacting import reactions

from . import serializers as forms
from .filters import ReactionQuery
from .views import BIGGEST_ID, CONFLICT, MALFORMED, Listing, View, row_or_404


class Reactions(Listing):
    """Suggestions and what waits for a correction; others by ``state``. Those of test orders with ``test=true``."""

    queryset = Reaction.objects.all()
    serializer_class = forms.ReactionSerializer
    filterset_class = ReactionQuery
    orderings: ClassVar = ("-id", "id")
    required_permissions: ClassVar = {"read": "orders.view_reaction"}

    def get_queryset(self) -> QuerySet[Reaction]:
        given = self.request.query_params
        rows = Reaction.objects.all() if "state" in given else Reaction.objects.filter(state__in=OPEN_REACTION_STATES)
        return rows if "test" in given else rows.filter(task__is_test=False)

    def select(self, rows: QuerySet[Reaction]) -> QuerySet[Any, Any]:
        return rows.select_related("shipment", "decided_by").defer("inputs", "entries")

    def present(self, rows: list[Reaction]) -> list[queries.Json]:
        return [queries.in_short(row) for row in rows]


class OneReaction(View):
    """The receipt of one: what was known, what it rests on, which version of the rule, what came of it."""

    queryset = Reaction.objects.all()
    serializer_class = forms.ReceiptSerializer
    required_permissions: ClassVar = {"read": "orders.view_reaction"}

    def get(self, request: Request, pk: int) -> Response:
        return Response(_receipt(pk))


class OfAction(View):
    """Why an action was sent; 404 for one that a person asked for unprompted."""

    queryset = Reaction.objects.all()
    serializer_class = forms.ReceiptSerializer
    required_permissions: ClassVar = {"read": "orders.view_reaction"}

    @extend_schema(operation_id="actions_receipt")
    def get(self, request: Request, pk: int) -> Response:
        found = queries.explain(min(pk, BIGGEST_ID - 1))
        if found is None:
            raise NotFound
        return Response(queries.as_json(found))


class Take(View):
    """Do what is suggested, or what waits, now. One that was taken is given as it is."""

    queryset = Reaction.objects.all()
    serializer_class = forms.TakeSerializer
    required_permissions: ClassVar = {"act": "orders.act_task"}

    @extend_schema(
        responses={200: forms.ReceiptSerializer, 409: CONFLICT, 422: MALFORMED}, operation_id="reactions_take"
    )
    def post(self, request: Request, pk: int) -> Response:
        row = row_or_404(Reaction.objects.only("pk"), pk)
        reactions.take(row.pk, actor=self.actor(), code=self.posted(forms.TakeSerializer)["code"])
        return Response(_receipt(row.pk))


class Stop(View):
    """What waits is not done. One that was stopped is given as it is."""

    queryset = Reaction.objects.all()
    serializer_class = forms.ReceiptSerializer
    required_permissions: ClassVar = {"act": "orders.act_task"}

    @extend_schema(request=None, responses={200: forms.ReceiptSerializer, 409: CONFLICT}, operation_id="reactions_stop")
    def post(self, request: Request, pk: int) -> Response:
        row = row_or_404(Reaction.objects.only("pk"), pk)
        reactions.stop(row.pk, actor=self.actor())
        return Response(_receipt(row.pk))


class Dismiss(View):
    """A suggestion does not fit: it is put away. One that was put away is given as it is."""

    queryset = Reaction.objects.all()
    serializer_class = forms.DismissSerializer
    required_permissions: ClassVar = {"act": "orders.act_task"}

    @extend_schema(responses={200: forms.ReceiptSerializer, 409: CONFLICT}, operation_id="reactions_dismiss")
    def post(self, request: Request, pk: int) -> Response:
        row = row_or_404(Reaction.objects.only("pk"), pk)
        reactions.dismiss(row.pk, actor=self.actor(), note=self.posted(forms.DismissSerializer)["note"])
        return Response(_receipt(row.pk))


def _receipt(pk: int) -> queries.Json:
    """Raises ``NotFound``. Four statements, three where nothing was sent."""
    found = queries.receipt(min(pk, BIGGEST_ID - 1))
    if found is None:
        raise NotFound
    return queries.as_json(found)
