"""Actions as the bodies of calls (contract 2.5). A body that cannot be written raises one of ``UNWRITABLE``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from orders.enums import ActionKind
from orders.marketplaces.base import Mark, Outgoing

from .rules import CODE_FIELDS, EFFECTS, ORIGIN_KINDS
from .values import number

#: What is raised for an action whose facts are missing or make no sense.
UNWRITABLE = (LookupError, TypeError, ValueError)


class Missing(ValueError):
    """What is wrong with an action, in words for people."""


def order_id(external_id: str) -> int:
    found = number(external_id)
    if not found:
        raise Missing(_("This is not the number of an order at Yandex Market."))
    return int(found)


def status_row(kind: ActionKind, action: Outgoing) -> dict[str, Any]:
    """One order of ``status-update``. The market chooses the substatus itself, but for a cancellation and READY_TO_SHIP."""
    return {"id": order_id(action.external_id), **_status(kind, action)}


def dated_status(kind: ActionKind, action: Outgoing) -> dict[str, Any]:
    """The status of an order that was not delivered today; ``date`` is an ISO date."""
    dates = {"realDeliveryDate": _date(action.date)}
    return {"order": {**_status(kind, action), "delivery": {"dates": dates}}}


def _status(kind: ActionKind, action: Outgoing) -> dict[str, Any]:
    words = dict(EFFECTS[kind].words)
    if kind == ActionKind.CANCEL:
        words["substatus"] = _reason(action)
    return words


def identifiers(action: Outgoing) -> dict[str, Any]:
    """All marks of an order: one instance with one field for each. A GS in a code is escaped once, as JSON does it."""
    if not action.marks:
        raise Missing(_("There are no marking codes to send."))
    found = _instances(action.marks)
    return {"items": [{"id": int(item), "instances": instances} for item, instances in found.items()]}


def _instances(marks: Sequence[Mark]) -> dict[str, list[dict[str, str]]]:
    """By item, in the order of the units."""
    found: dict[str, list[dict[str, str]]] = {}
    for mark in sorted(marks, key=lambda mark: mark.unit):
        if mark.kind not in CODE_FIELDS:
            raise Missing(_("Yandex Market does not take codes of this kind."))
        instance = {CODE_FIELDS[mark.kind]: mark.value}
        if mark.country and mark.kind in ORIGIN_KINDS:
            instance["countryCode"] = mark.country.upper()
        found.setdefault(mark.item, []).append(instance)
    order = list(dict.fromkeys(mark.item for mark in marks))
    return {item: found[item] for item in order}


def detail(action: Outgoing) -> dict[str, Any]:
    """The body of a detail action; ``data`` has the shapes of ``orders.details``."""
    return _DETAILS[action.kind](action)


def _accept(_action: Outgoing) -> dict[str, Any]:
    return {"accepted": True}


def _refuse(action: Outgoing) -> dict[str, Any]:
    return {"accepted": False, "reason": _reason(action)}


def _move(action: Outgoing) -> dict[str, Any]:
    return {"dates": {"toDate": _date(action.data["date"])}, "reason": _reason(action)}


def _extend(action: Outgoing) -> dict[str, Any]:
    return {"newDate": _date(action.data["date"])}


def _track(action: Outgoing) -> dict[str, Any]:
    return {"trackCode": _filled(action, "track"), "deliveryServiceId": int(action.data["service"])}


def _number(action: Outgoing) -> dict[str, Any]:
    return {"externalOrderId": _filled(action, "number")}


def _boxes(action: Outgoing) -> dict[str, Any]:
    """Units of an item are laid into the boxes in their order, and their codes with them when they are sent along."""
    units = {item: iter(instances) for item, instances in _instances(action.marks).items()}
    boxes = [{"items": [_boxed(row, units) for row in box]} for box in action.data["boxes"]]
    if not boxes or not all(box["items"] for box in boxes):
        raise Missing(_("A box is empty."))
    return {"boxes": boxes, "allowRemove": False}


def _boxed(row: Mapping[str, Any], units: Mapping[str, Iterator[dict[str, str]]]) -> dict[str, Any]:
    item = str(row["item"])
    if "parts" in row:
        return {"id": int(item), "partialCount": {"current": int(row["part"]), "total": int(row["parts"])}}
    count = int(row["count"])
    instances = [instance for _unit, instance in zip(range(count), units.get(item, iter(())), strict=False)]
    return {"id": int(item), "fullCount": count, **({"instances": instances} if instances else {})}


def _items(action: Outgoing) -> dict[str, Any]:
    """All items that stay: what is left out is deleted."""
    codes = _instances(action.marks)
    rows = [_item(str(item), int(count), codes) for item, count in action.data["items"].items()]
    if not rows:
        raise Missing(_("An order keeps at least one item."))
    return {"items": rows, "reason": _reason(action)}


def _item(item: str, count: int, codes: Mapping[str, list[dict[str, str]]]) -> dict[str, Any]:
    instances = codes.get(item, [])[:count]
    return {"id": int(item), "count": count, **({"instances": instances} if instances else {})}


def keys_of(action: Outgoing) -> dict[str, list[str]]:
    """Digital keys by item. Raises one of ``UNWRITABLE``."""
    return msgspec.json.decode(action.code, type=dict[str, list[str]])


def _keys(action: Outgoing) -> dict[str, Any]:
    keys = keys_of(action)
    if not keys or not all(keys.values()):
        raise Missing(_("There are no keys to send."))
    more = {"slip": str(action.data["slip"]), "activate_till": _date(action.data["until"])}
    return {"items": [{"id": int(item), "codes": codes, **more} for item, codes in keys.items()]}


_DETAILS: Mapping[ActionKind, Callable[[Outgoing], dict[str, Any]]] = {
    ActionKind.ACCEPT_CANCEL: _accept,
    ActionKind.REFUSE_CANCEL: _refuse,
    ActionKind.MOVE_DATE: _move,
    ActionKind.EXTEND_STORAGE: _extend,
    ActionKind.SEND_TRACK: _track,
    ActionKind.SET_NUMBER: _number,
    ActionKind.SET_BOXES: _boxes,
    ActionKind.CHANGE_ITEMS: _items,
    ActionKind.GIVE_DIGITAL: _keys,
}


def _reason(action: Outgoing) -> str:
    if not action.reason:
        raise Missing(_("A reason is needed."))
    return action.reason


def _date(value: Any) -> str:
    """An ISO date as it is written there. Raises ``ValueError``, ``TypeError``."""
    return date.fromisoformat(value).isoformat()


def _filled(action: Outgoing, name: str) -> str:
    found = str(action.data[name]).strip()
    if not found:
        raise Missing(_("“%(name)s” is empty.") % {"name": name})
    return found
