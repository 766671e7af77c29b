"""Cursor pages over two columns (the ordered one and the id): any page costs the same, and nothing is counted.

REST framework's own cursor keeps one column and an offset among equals, and hundreds of tasks share one deadline.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from backoffice.text import whole

PAGE_SIZE = 50
LARGEST = 200
LONGEST_CURSOR = 200
Row = TypeVar("Row")


class Place(msgspec.Struct, array_like=True, frozen=True):
    """Between two rows: the ordering, the value and id of the row before, and whether we go back from it."""

    ordering: str
    value: datetime | int
    id: int
    back: bool = False


@dataclass(frozen=True, slots=True)
class Ordering:
    """One of the orderings a list offers: ``-created_at`` goes from the newest to the oldest."""

    name: str

    @property
    def field(self) -> str:
        return self.name.removeprefix("-")

    @property
    def down(self) -> bool:
        return self.name.startswith("-")

    def columns(self, *, back: bool) -> list[str]:
        sign = "-" if self.down != back else ""
        return [f"{sign}{name}" for name in dict.fromkeys((self.field, "id"))]

    def beyond(self, place: Place) -> Q:
        """Rows behind the place, as a range of the ordered column first, so that its index is used."""
        step = "lt" if self.down != place.back else "gt"
        if self.field == "id":
            return Q(**{f"id__{step}": place.id})
        equal = Q(**{self.field: place.value, f"id__{step}": place.id})
        return Q(**{f"{self.field}__{step}e": place.value}) & (Q(**{f"{self.field}__{step}": place.value}) | equal)


class Cursor(BasePagination):
    """``?cursor=`` (opaque), ``?page_size=`` up to 200, ``?ordering=`` one of the view's ``orderings``, the first by default."""

    def __init__(self) -> None:
        self.next: str | None = None
        self.previous: str | None = None

    def page(self, rows: QuerySet[Any, Any], request: Request, view: Any, *, make: Callable[[Any], Row]) -> list[Row]:
        """One page of rows, turned by ``make`` into what has the ordered column and ``id``: one statement.

        Raises ``ValidationError`` for a cursor, size or ordering that makes no sense.
        """
        ordering = _ordering(request, view.orderings)
        size = _size(request)
        place = _place(request, ordering)
        back = place is not None and place.back
        if place is not None:
            rows = rows.filter(ordering.beyond(place))
        found = [make(row) for row in rows.order_by(*ordering.columns(back=back))[: size + 1]]
        more, found = len(found) > size, found[:size]
        if back:
            found.reverse()
        self._link(request, ordering, found, ahead=back or more, behind=more if back else place is not None)
        return found

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        return self.page(queryset, request, view, make=lambda row: row)

    def _link(self, request: Request, ordering: Ordering, found: list[Any], *, ahead: bool, behind: bool) -> None:
        if found and ahead:
            self.next = _url(request, ordering, found[-1], back=False)
        if found and behind:
            self.previous = _url(request, ordering, found[0], back=True)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        found = [
            _parameter("cursor", {"type": "string"}, "From `next` or `previous` of a page."),
            _parameter("page_size", {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": PAGE_SIZE}, ""),
        ]
        orderings = list(getattr(view, "orderings", ()))
        if len(orderings) > 1:
            schema = {"type": "string", "enum": orderings, "default": orderings[0]}
            found.append(_parameter("ordering", schema, ""))
        return found


def _parameter(name: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}


def _ordering(request: Request, known: tuple[str, ...]) -> Ordering:
    wanted = request.query_params.get("ordering") or known[0]
    if wanted not in known:
        text = _("One of: %(known)s.") % {"known": ", ".join(known)}
        raise ValidationError({"ordering": [text]}, code="invalid_choice")
    return Ordering(wanted)


def _size(request: Request) -> int:
    text = request.query_params.get("page_size", "")
    if not text:
        return PAGE_SIZE
    size = whole(text, 10**9 - 1)
    if not size:
        raise ValidationError({"page_size": [_("A whole number from 1 to %(most)d.") % {"most": LARGEST}]})
    return min(size, LARGEST)


def _place(request: Request, ordering: Ordering) -> Place | None:
    text = request.query_params.get("cursor", "")
    if not text:
        return None
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(text[:LONGEST_CURSOR]), type=Place)
    except (binascii.Error, ValueError):
        place = None
    fits = place is not None and (ordering.field == "id") == isinstance(place.value, int)
    if place is None or not fits or place.ordering != ordering.name or abs(place.id) >= 2**63:
        raise ValidationError({"cursor": [_("This cursor does not belong to this list. Start again without it.")]})
    return place


def _url(request: Request, ordering: Ordering, row: Any, *, back: bool) -> str:
    place = Place(ordering.name, getattr(row, ordering.field), row.id, back)
    text = base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()
    return replace_query_param(request.build_absolute_uri(), "cursor", text)
