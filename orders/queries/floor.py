"""Items with what the floor knows of them: how many units are verified, and whether some are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, FilteredRelation, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from backoffice.models import User
from orders.enums import LIVE_CODE_STATES, ShortageReason
from orders.models import MarkingCode, Pick, TaskItem

_SHORT = {
    "short_quantity": "quantity",
    "short_reason": "reason",
    "short_note": "note",
    "short_at": "reported_at",
    "short_login": "reported_by__username",
    "short_first": "reported_by__first_name",
    "short_last": "reported_by__last_name",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """An open shortage of an item; ``who``: the person who reported it, as people are called."""

    quantity: int
    reason: str
    note: str
    at: datetime
    who: str

    @property
    def why(self) -> str:
        return str(ShortageReason(self.reason).label) if self.reason in ShortageReason.values else self.reason


@dataclass(frozen=True, slots=True)
class FloorItem:
    """An item on the floor: ``picked`` of its units are verified, ``missing`` tells of those that are not there."""

    item: TaskItem
    picked: int
    missing: Missing | None = None

    @property
    def left(self) -> int:
        """Units that have to be verified yet."""
        return max(self.item.quantity - self.picked, 0)

    @property
    def scannable(self) -> bool:
        """There is a barcode by which a unit can be verified."""
        return bool(self.item.barcodes)


def items(rows: QuerySet[TaskItem]) -> list[FloorItem]:
    """These items, one statement; templates find it as ``item.floor`` too."""
    picked = Pick.objects.filter(item=OuterRef("pk"), undone_at=None, unit__lte=OuterRef("quantity"))
    coded = MarkingCode.objects.filter(
        item=OuterRef("pk"), state__in=LIVE_CODE_STATES, unit__lte=OuterRef("quantity")
    )  # a code verifies its unit too
    verified = Greatest(_units(picked), _units(coded))
    relation = FilteredRelation("shortages", condition=Q(shortages__settled_at=None))
    wanted = rows.annotate(units_picked=verified, open_shortage=relation).annotate(
        **{name: F(f"open_shortage__{field}") for name, field in _SHORT.items()}
    )
    found = [FloorItem(item, vars(item)["units_picked"], _missing(vars(item))) for item in wanted]
    for each in found:
        vars(each.item)["floor"] = each
    return found


def _units(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("item").annotate(count=Count("unit", distinct=True)).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def of(item: TaskItem) -> FloorItem | None:
    """What is known of an item that came through ``items``."""
    known: FloorItem | None = vars(item).get("floor")
    return known


def _missing(row: Mapping[str, Any]) -> Missing | None:
    if row["short_quantity"] is None:
        return None
    user = User(
        username=row["short_login"] or "", first_name=row["short_first"] or "", last_name=row["short_last"] or ""
    )
    return Missing(row["short_quantity"], row["short_reason"], row["short_note"], row["short_at"], user.short_name)
