"""One search for pages and API: any number, article, barcode, code, recipient or phone."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from orders import codes
from orders.models import AssemblyTask, BuyerToken, MarkingCode, Order, TaskItem
from orders.services.buyers import search_tokens

LONGEST = 135


def tasks(rows: QuerySet[AssemblyTask], text: str) -> QuerySet[AssemblyTask]:
    """Tasks whose number or order number begins with the text, or that hold the article, code or buyer."""
    wanted = text.strip()[:LONGEST]
    if not wanted:
        return rows
    ids = _task_ids(wanted)
    return rows.filter(Q(external_id__startswith=wanted) | Q(order__external_id__startswith=wanted) | ids)


def _task_ids(text: str) -> Q:
    items = TaskItem.objects.filter(article__startswith=text).values("task_id")
    found = Q(pk__in=items) | Q(order_id__in=buyers(text))
    value = codes.read(text).value
    if len(value) >= 8:
        found |= Q(pk__in=MarkingCode.objects.filter(identity__startswith=value[:31]).values("task_id"))
    return found


def orders(rows: QuerySet[Order], text: str) -> QuerySet[Order]:
    """As ``tasks``, for orders."""
    wanted = text.strip()[:LONGEST]
    if not wanted:
        return rows
    of_tasks = AssemblyTask.objects.filter(Q(external_id__startswith=wanted) | _task_ids(wanted)).values("order_id")
    return rows.filter(Q(external_id__startswith=wanted) | Q(pk__in=of_tasks))


def buyers(text: str) -> QuerySet[BuyerToken, int]:
    """Orders whose buyer has all the words of the text, or the phone. Tokens are keyed hashes: equality only."""
    tokens = search_tokens(text)
    rows = BuyerToken.objects.all()
    if not tokens:
        return rows.none().values_list("buyer_id", flat=True)
    rows = rows.filter(token__in=tokens[0])
    for some in tokens[1:]:
        rows = rows.filter(Exists(BuyerToken.objects.filter(buyer=OuterRef("buyer"), token__in=some)))
    return rows.values_list("buyer_id", flat=True).distinct()
