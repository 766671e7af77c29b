"""Whether a detail action that got no answer is in force, as far as the order tells (contract 2.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from orders.enums import ActionKind
from orders.marketplaces.base import IncomingTask, Outgoing
from orders.marketplaces.facts import DeliveryFacts, OrderFacts

from .status_map import STATUS

CANCELLED, DELIVERED = "CANCELLED", "DELIVERED"


def in_force(action: Outgoing, task: IncomingTask) -> bool | None:
    """None when that cannot be told."""
    look = _LOOKS.get(action.kind)
    return look(action, task) if look else None


def _delivery(task: IncomingTask) -> DeliveryFacts:
    return (task.facts or OrderFacts()).delivery


def _accepted(_action: Outgoing, task: IncomingTask) -> bool | None:
    """A wish that is gone without a cancellation: it may still be on its way."""
    if task.words.get(STATUS) == CANCELLED:
        return True
    return False if task.cancel_requested else None


def _declined(_action: Outgoing, task: IncomingTask) -> bool | None:
    if task.words.get(STATUS) == CANCELLED:
        return False
    return None if task.cancel_requested is None else not task.cancel_requested


def _moved(action: Outgoing, task: IncomingTask) -> bool | None:
    return _delivery(task).dates.last == action.data.get("date")


def _extended(action: Outgoing, task: IncomingTask) -> bool | None:
    return _delivery(task).storage_until == action.data.get("date")


def _tracked(action: Outgoing, task: IncomingTask) -> bool | None:
    delivery = _delivery(task)
    tracks = [*delivery.tracks, *(track for parcel in delivery.parcels for track in parcel.tracks)]
    wanted = (str(action.data.get("track", "")).strip(), str(action.data.get("service", "")))
    return wanted in {(track.code, track.service) for track in tracks}


def _numbered(action: Outgoing, task: IncomingTask) -> bool | None:
    return (task.facts or OrderFacts()).own_number == str(action.data.get("number", "")).strip()


def _boxed(_action: Outgoing, _task: IncomingTask) -> bool | None:
    """The order does not tell what lies in its boxes: the layout is sent again, which changes nothing when it was taken."""
    return False


def _changed(action: Outgoing, task: IncomingTask) -> bool | None:
    wanted = {str(item): int(count) for item, count in action.data.get("items", {}).items()}
    there = {item.external_id: item.quantity for item in task.items}
    return _some(wanted) == _some(there)


def _some(counts: Mapping[str, int]) -> dict[str, int]:
    """An item of which nothing is left may stand there with zero, or not at all."""
    return {item: count for item, count in counts.items() if count}


def _given(_action: Outgoing, task: IncomingTask) -> bool | None:
    """Keys are on their way for a while before the order is delivered."""
    return True if task.words.get(STATUS) == DELIVERED else None


_LOOKS: Mapping[ActionKind, Callable[[Outgoing, IncomingTask], bool | None]] = {
    ActionKind.ACCEPT_CANCEL: _accepted,
    ActionKind.REFUSE_CANCEL: _declined,
    ActionKind.MOVE_DATE: _moved,
    ActionKind.EXTEND_STORAGE: _extended,
    ActionKind.SEND_TRACK: _tracked,
    ActionKind.SET_NUMBER: _numbered,
    ActionKind.SET_BOXES: _boxed,
    ActionKind.CHANGE_ITEMS: _changed,
    ActionKind.GIVE_DIGITAL: _given,
}
