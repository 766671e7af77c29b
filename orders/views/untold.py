"""Numbers of parcels that the marketplace is not told, because nobody has said under which of its delivery services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from orders.enums import ActionKind
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, MarketplaceAction, Order, Shipment
from orders.queries.parcels import Parcels
from orders.services.shipping import telling


@dataclass(frozen=True, slots=True)
class Untold:
    """``task_id``: where a person can tell them. ``accounts``: titles of the carrier accounts without a delivery service."""

    numbers: Sequence[str]
    accounts: Sequence[str]
    task_id: int


def untold(
    known: Parcels,
    order: Order,
    tasks: Iterable[AssemblyTask],
    offer: Offer | None,
    *,
    open_actions: Iterable[MarketplaceAction] = (),
) -> Untold | None:
    """What the card says; None where all is told, or the marketplace takes no number now. No statement."""
    task = next((task for task in tasks if offer and telling.takes_tracks(task, offer)), None)
    waiting = {_track(action) for action in open_actions if action.kind == ActionKind.SEND_TRACK}
    rows = [row for row in known.of_order(order.pk) if row.number not in waiting and _is_untold(row, order)]
    if task is None or not rows:
        return None
    accounts = dict.fromkeys(row.carrier_account.title for row in rows)
    return Untold([row.number for row in rows], list(accounts), task.pk)


def _track(action: MarketplaceAction) -> str:
    return str((action.payload.get("data") or {}).get("track", ""))


def _is_untold(row: Shipment, order: Order) -> bool:
    return not telling.service_of(row.carrier_account) and not telling.knows(order, row.number)
