"""The filters of the lists, as the API takes them."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from backoffice.text import whole
from carriers.enums import CarrierKind
from carriers.statuses import Finality, TrackingStatus
from orders.enums import AttentionKind, ReactionState, Severity
from orders.filters import ActionFilter, TaskFilter
from orders.models import AssemblyTask, Attention, Reaction, Shipment


class Filters(DjangoFilterBackend):  # type: ignore[misc]  # the library has no types
    """Builds the filters only for a request that uses one: their form costs more than the query of a page."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        known = self.get_filterset_class(view, queryset)
        if known is None or known.base_filters.keys().isdisjoint(request.query_params):
            return queryset
        rows: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return rows


class TaskQuery(TaskFilter):
    """``assignee``: a sign-in name, as the answers give it, or the number of a user."""

    assignee = filters.CharFilter(method="of_person", label=TaskFilter.base_filters["assignee"].label)

    def of_person(self, rows: QuerySet[AssemblyTask], _name: str, value: str) -> QuerySet[AssemblyTask]:
        wanted = Q(assignee__username=value)
        if (user_id := whole(value)) is not None:
            wanted |= Q(assignee_id=user_id)
        return rows.filter(wanted)


class ActionQuery(ActionFilter):
    task = filters.NumberFilter("task_id")


class AttentionQuery(filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """Open questions unless ``resolved`` asks for the others."""

    kind = filters.MultipleChoiceFilter("kind", choices=AttentionKind.choices)
    severity = filters.MultipleChoiceFilter("severity", choices=Severity.choices)
    account = filters.NumberFilter("account_id")
    order = filters.NumberFilter("order_id")
    task = filters.NumberFilter("task_id")
    resolved = filters.BooleanFilter("resolved_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Attention
        fields: list[str] = []


class ReactionQuery(filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """What is open (suggested, or waiting for a correction) unless ``state`` asks for others."""

    state = filters.MultipleChoiceFilter("state", choices=ReactionState.choices)
    order = filters.NumberFilter("shipment__order_id")
    task = filters.NumberFilter("task_id")
    shipment = filters.NumberFilter("shipment_id")
    carrier_account = filters.NumberFilter("shipment__carrier_account_id")
    test = filters.BooleanFilter("task__is_test")

    class Meta:
        model = Reaction
        fields: list[str] = []


class ShipmentQuery(filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """Attached parcels unless ``detached`` asks for the others."""

    order = filters.NumberFilter("order_id")
    carrier = filters.ChoiceFilter("carrier_account__kind", choices=CarrierKind.choices)
    carrier_account = filters.NumberFilter("carrier_account_id")
    number = filters.CharFilter("number")
    status = filters.MultipleChoiceFilter("status", choices=TrackingStatus.choices)
    finality = filters.MultipleChoiceFilter("finality", choices=Finality.choices)
    detached = filters.BooleanFilter("detached_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Shipment
        fields: list[str] = []
