"""Orders of one answer told apart: one parcel may come twice, and several may have the same number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from carriers.types import NUMBER_LENGTH, Problem, ProblemKind, Reply, Snapshot

from .schemas import OrderWire


def apart(orders: Sequence[OrderWire]) -> list[list[OrderWire]]:
    """The orders of each parcel, in the order they came: those with the same code and the same number are one."""
    found: dict[tuple[str, str], list[OrderWire]] = {}
    for order in orders:
        found.setdefault((order.ordercode, order.orderno), []).append(order)
    return list(found.values())


def told_apart(orders: Sequence[OrderWire], key: str, read: Callable[[Sequence[OrderWire], str], Reply]) -> list[Reply]:
    """Every parcel once, under the number of the account's kind (``key``), with those other numbers that are its alone.

    Several parcels under one number (numbers come again each year) are ambiguous by it; each is still told by its other ones.
    """
    parcels = apart(orders)
    mains = Counter(_main(parcel, key) for parcel in parcels)
    names = Counter(name for parcel in parcels for name in {name for order in parcel for name in order.names})
    found: dict[str, Reply] = {}
    for parcel in parcels:
        for reply in _replies(parcel, mains, names, key=key, read=read):
            found.setdefault(reply.number, reply)
    return list(found.values())


def _replies(
    parcel: Sequence[OrderWire],
    mains: Counter[str],
    names: Counter[str],
    *,
    key: str,
    read: Callable[[Sequence[OrderWire], str], Reply],
) -> Iterator[Reply]:
    main = _main(parcel, key)
    others = [name for name in dict.fromkeys(name for order in parcel for name in order.names) if name != main]
    mine = [name for name in others if names[name] == 1]
    if mains[main] == 1:
        yield _named(read(parcel, main), mine)
        return
    yield ambiguous(main[:NUMBER_LENGTH])
    if mine:
        told = _named(read(parcel, mine[0]), mine[1:])
        yield replace(told, own_number="") if isinstance(told, Snapshot) else told


def _main(parcel: Sequence[OrderWire], key: str) -> str:
    """The number of the account's kind, or the first that there is."""
    order = parcel[0]
    return order.name(key) or next(iter(order.names), "")


def _named(reply: Reply, aliases: Sequence[str]) -> Reply:
    if not isinstance(reply, Snapshot):
        return reply
    return replace(reply, aliases=tuple(name[:NUMBER_LENGTH] for name in aliases))


def ambiguous(number: str) -> Problem:
    return Problem(number, ProblemKind.AMBIGUOUS, _("The carrier has several orders with this number."))


def newer(known: Reply | None, reply: Reply) -> Reply:
    """Of two tellings of one parcel the one whose word is newer."""
    if not isinstance(known, Snapshot):
        return reply if known is None or isinstance(reply, Snapshot) else known
    if not isinstance(reply, Snapshot):
        return known
    return max(known, reply, key=lambda snapshot: (snapshot.current.moment, snapshot.current.key))
