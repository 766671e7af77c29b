"""Answers about somebody else's parcel: digits that are an order's number here may be another order's code at its carrier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

from carriers.types import ASKED_AS, Problem, ProblemKind, Reply, Snapshot
from orders.marketplaces import facts
from orders.models import AssemblyTask, Order, Shipment


def told_apart(pairs: Sequence[tuple[Shipment, Reply]]) -> list[tuple[Shipment, Reply]]:
    """The same pairs; in the place of an answer that may be a stranger's, that the number is ambiguous.

    A parcel that was reached by a number of another kind counts when the carrier names no order of the shop's, or this one. One that
    is followed by that number already stays. Two statements, none where every parcel was reached by its own number.
    """
    doubted = {row.pk: row.order_id for row, reply in pairs if _is_doubted(row, reply)}
    if not doubted:
        return list(pairs)
    names = _names(set(doubted.values()))
    return [
        (row, _stranger(reply) if row.pk in doubted and not _is_of(reply, names[row.order_id]) else reply)
        for row, reply in pairs
    ]


def _is_doubted(row: Shipment, reply: Reply) -> bool:
    """Letters make a number its carrier's or the shop's; digits may be either."""
    if not isinstance(reply, Snapshot) or not (row.number.isascii() and row.number.isdigit()):
        return False
    asked_as = reply.details.get(ASKED_AS, "")
    return asked_as not in ("", row.details.get(ASKED_AS)) and reply.own_number not in ("", row.number)


def _names(order_ids: Collection[int]) -> dict[int, set[str]]:
    """What orders are called here, and by the shop itself."""
    found: dict[int, set[str]] = defaultdict(set)
    for pk, name, data in Order.objects.filter(pk__in=order_ids).values_list("pk", "external_id", "data"):
        found[pk] |= {name, facts.of_order(data).own_number} - {""}
    tasks = AssemblyTask.objects.filter(order_id__in=order_ids).values_list("order_id", "external_id")
    for order_id, name in tasks:
        found[order_id].add(name)
    return found


def _is_of(reply: Reply, names: Collection[str]) -> bool:
    """A parcel of several has something behind the order's number: 1001-2."""
    own = reply.own_number if isinstance(reply, Snapshot) else ""
    return any(own.startswith(name) and not own[len(name) : len(name) + 1].isalnum() for name in names)


def _stranger(reply: Reply) -> Problem:
    own = reply.own_number if isinstance(reply, Snapshot) else ""
    text = _(
        "Under this number the carrier has a parcel of order %(number)s. If it is this one, replace the number by that."
    )
    return Problem(reply.number, ProblemKind.AMBIGUOUS, text % {"number": own})
