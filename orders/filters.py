"""Filters of lists, the same for pages and API."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from orders.enums import ActionState, MarketplaceKind, Stage
from orders.models import AssemblyTask, Attention, MarketplaceAccount, MarketplaceAction, Order
from orders.queries import search


def _accounts(_request: Any) -> QuerySet[MarketplaceAccount]:
    return MarketplaceAccount.objects.order_by("title")


class _Common(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    marketplace = filters.ChoiceFilter("account__kind", label=_("Marketplace"), choices=MarketplaceKind.choices)
    account = filters.ModelChoiceFilter("account", label=_("Account"), queryset=_accounts)
    stage = filters.MultipleChoiceFilter("stage", label=_("Stage"), choices=Stage.choices)
    search = filters.CharFilter(method="find", label=_("Search"))
    created_after = filters.IsoDateTimeFilter("created_at", "gte", label=_("Ordered from"))
    created_before = filters.IsoDateTimeFilter("created_at", "lt", label=_("Ordered before"))
    updated_after = filters.IsoDateTimeFilter("updated_at", "gte", label=_("Changed from"))
    has_attention = filters.BooleanFilter(method="with_attention", label=_("Needs attention"))
    test = filters.BooleanFilter("is_test", label=_("Test orders"))


class OrderFilter(_Common):
    class Meta:
        model = Order
        fields: list[str] = []

    def find(self, rows: QuerySet[Order], _name: str, value: str) -> QuerySet[Order]:
        return search.orders(rows, value)

    def with_attention(self, rows: QuerySet[Order], _name: str, value: bool) -> QuerySet[Order]:
        asked = Exists(Attention.objects.filter(order=OuterRef("pk"), resolved_at=None))
        return rows.filter(asked) if value else rows.exclude(asked)


class TaskFilter(_Common):
    assignee = filters.NumberFilter("assignee_id", label=_("Assembled by"))

    class Meta:
        model = AssemblyTask
        fields: list[str] = []

    def find(self, rows: QuerySet[AssemblyTask], _name: str, value: str) -> QuerySet[AssemblyTask]:
        return search.tasks(rows, value)

    def with_attention(self, rows: QuerySet[AssemblyTask], _name: str, value: bool) -> QuerySet[AssemblyTask]:
        asked = Exists(Attention.objects.filter(task=OuterRef("pk"), resolved_at=None))
        return rows.filter(asked) if value else rows.exclude(asked)


class ActionFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    state = filters.MultipleChoiceFilter("state", choices=ActionState.choices)

    class Meta:
        model = MarketplaceAction
        fields: list[str] = []
