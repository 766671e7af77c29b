"""Parcels of orders in the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from orders.models import Shipment
from orders.queries import apiparcels as shapes
from orders.services.shipping import shipments

from . import serializers as forms
from .filters import ShipmentQuery
from .views import BIGGEST_ID, CONFLICT, MALFORMED, Listing, View, row_or_404


class Shipments(Listing):
    """Parcels that are attached to orders; those that were taken off with ``detached=true``."""

    queryset = Shipment.objects.all()
    serializer_class = forms.ShipmentSerializer
    filterset_class = ShipmentQuery
    orderings: ClassVar = ("-created_at", "created_at")
    required_permissions: ClassVar = {"read": "orders.view_shipment", "act": "orders.act_task"}

    def get_queryset(self) -> QuerySet[Shipment]:
        rows = Shipment.objects.all()
        return rows if "detached" in self.request.query_params else rows.filter(detached_at=None)

    def make(self, values: Any) -> shapes.ShipmentRow:
        return shapes.ShipmentRow._make(values)

    def select(self, rows: QuerySet[Shipment]) -> QuerySet[Any, Any]:
        return shapes.shipment_rows(rows)

    def present(self, rows: list[Any]) -> list[shapes.Json]:
        return [shapes.shipment(row) for row in rows]

    @extend_schema(
        request=forms.NewShipmentSerializer,
        responses={201: forms.ShipmentSerializer, 200: forms.ShipmentSerializer, 409: CONFLICT, 422: MALFORMED},
    )
    def post(self, request: Request) -> Response:
        """Attach a parcel. 200 when the order has it already, 409 when another order has it."""
        said = self.posted(forms.NewShipmentSerializer)
        wanted = shipments.Wanted(said["order"], said["carrier_account"], said["number"])
        found = shipments.attach_or_find(wanted, actor=self.actor())
        code = status.HTTP_201_CREATED if found.fresh else status.HTTP_200_OK
        return Response(_shown(found.shipment.pk), status=code)


class OneShipment(View):
    """One parcel."""

    queryset = Shipment.objects.all()
    serializer_class = forms.ShipmentSerializer
    required_permissions: ClassVar = {"read": "orders.view_shipment"}

    def get(self, request: Request, pk: int) -> Response:
        return Response(_shown(min(pk, BIGGEST_ID - 1)))


class Detach(View):
    """Take a parcel off its order."""

    queryset = Shipment.objects.all()
    serializer_class = forms.DetachSerializer
    required_permissions: ClassVar = {"act": "orders.act_task"}

    @extend_schema(responses={200: forms.ShipmentSerializer, 422: MALFORMED}, operation_id="shipments_detach")
    def post(self, request: Request, pk: int) -> Response:
        row = row_or_404(Shipment.objects.only("pk"), pk)
        shipments.detach(row.pk, self.posted(forms.DetachSerializer)["reason"], actor=self.actor())
        return Response(_shown(row.pk))


def _shown(pk: int) -> shapes.Json:
    """Raises ``NotFound``. One statement."""
    rows = list(shapes.shipment_rows(Shipment.objects.filter(pk=pk)))
    if not rows:
        raise NotFound
    return shapes.shipment(shapes.ShipmentRow._make(rows[0]))
