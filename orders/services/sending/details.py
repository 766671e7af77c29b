"""What may go into a detail action: checked here before a call is spent, with the marketplace's own rules (contract 2.5, 2.7).

Shapes of ``Wish.data`` (items by the marketplace's id, dates ISO):
MOVE_DATE, EXTEND_STORAGE {"date"} · SEND_TRACK {"track", "service"} · SET_NUMBER {"number"} ·
SET_BOXES {"boxes": [[{"item", "count"} or {"item", "part", "parts"}, …], …]} · CHANGE_ITEMS {"items": {item: count}} ·
GIVE_DIGITAL {"slip", "until"}, its keys in ``Wish.code`` as JSON {item: [key, …]} · the others nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter as Tally
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.enums import ActionKind
from orders.marketplaces import facts
from orders.models import Order, TaskItem
from orders.services.guards import Refusal

LONGEST_NUMBER = 80
LONGEST_KEY = 256
MOST_STORAGE = dt.timedelta(days=30)
#: So much of an order's value may not be taken out of it.
MOST_OF_VALUE = Decimal("0.99")
DIGITAL = "DIGITAL"

#: What the marketplace allows when items are taken out, for people to read before they do it.
ITEM_RULES: tuple[Promise | str, ...] = (
    gettext_lazy("Only before the order is packed, and only fewer: nothing can be added."),
    gettext_lazy("Not the only item, and not 99 per cent or more of the order's value: cancel the order instead."),
    gettext_lazy("Not an item that is part of a promotion."),
    gettext_lazy("The buyer is told and gets the money back. This cannot be taken back."),
)


def problem(
    order: Order, items: Sequence[TaskItem], kind: ActionKind, *, data: Mapping[str, Any], code: str
) -> Refusal | None:
    """What is wrong with the content of a detail action, whose shape is right (``detaildata.clean``). Reads nothing."""
    check = _CHECKS.get(kind)
    return check(order, items, data, code) if check else None


def _move_date(order: Order, _items: Sequence[TaskItem], data: Mapping[str, Any], _code: str) -> Refusal | None:
    if dt.date.fromisoformat(data["date"]) < timezone.localdate():
        return Refusal("date", _("The new day lies in the past."))
    if data["date"] == facts.of_order(order.data).delivery.dates.last:
        return Refusal("date", _("This is the day the delivery is promised for already."))
    return None


def _extend_storage(order: Order, _items: Sequence[TaskItem], data: Mapping[str, Any], _code: str) -> Refusal | None:
    day = dt.date.fromisoformat(data["date"])
    known = facts.of_order(order.data).delivery.storage_until
    present = dt.date.fromisoformat(known) if known else timezone.localdate()
    if day <= max(present, timezone.localdate()):
        return Refusal("date", _("The new day must be after the present one."))
    if day > present + MOST_STORAGE:
        return Refusal("date", _("The storage can be extended by 30 days at most."))
    return None


def _send_track(_order: Order, _items: Sequence[TaskItem], data: Mapping[str, Any], _code: str) -> Refusal | None:
    if not data["track"].strip():
        return Refusal("track", _("Enter the track number as it stands on the parcel."))
    return None


def _set_number(order: Order, _items: Sequence[TaskItem], data: Mapping[str, Any], _code: str) -> Refusal | None:
    number = data["number"]
    if not number.strip() or not (number.isascii() and number.isprintable()):
        text = _("Our own number has 1 to %(most)d characters: Latin letters, digits and punctuation.")
        return Refusal("number", text % {"most": LONGEST_NUMBER})
    if facts.of_order(order.data).own_number:
        return Refusal("done_once", _("The order has our own number already; it can be set once only."))
    return None


def _set_boxes(_order: Order, items: Sequence[TaskItem], data: Mapping[str, Any], _code: str) -> Refusal | None:
    wanted = {item.external_id: item.quantity for item in items if item.quantity}
    lines = [line for box in data["boxes"] for line in box]
    if any(line["item"] not in wanted for line in lines):
        return Refusal("boxes", _("A box holds an item that is not in the order."))
    if any(("count" in line) == ("part" in line and "parts" in line) for line in lines):
        return Refusal("boxes", _("A line of a box says how many pieces there are, or which part of one."))
    packed: Tally[str] = Tally()
    parts: dict[str, list[tuple[int, int]]] = {}
    for line in lines:
        if "count" in line:
            packed[line["item"]] += line["count"]
        else:
            parts.setdefault(line["item"], []).append((line["part"], line["parts"]))
    for item, seen in parts.items():
        packed[item] += _pieces(seen)
    if packed == wanted:
        return None
    return Refusal("boxes", _("The boxes together must hold each item exactly as often as it was ordered."))


def _pieces(parts: Sequence[tuple[int, int]]) -> int:
    """How many pieces these parts make: each of "1 of 3", "2 of 3", "3 of 3" once a piece; a part left over makes none right."""
    of = {total for _part, total in parts}
    seen = Tally(part for part, _total in parts)
    total = of.pop() if len(of) == 1 else 0
    each = {seen[part] for part in range(1, total + 1)}
    return each.pop() if len(each) == 1 and set(seen) == set(range(1, total + 1)) else 0


def _change_items(_order: Order, items: Sequence[TaskItem], data: Mapping[str, Any], _code: str) -> Refusal | None:
    left: Mapping[str, int] = data["items"]
    present = {item.external_id: item for item in items if item.quantity}
    if left.keys() - present.keys():
        return Refusal("items", _("There is an item that is not in the order."))
    if any(left.get(key, 0) > item.quantity for key, item in present.items()):
        return Refusal("items", _("Items can only get fewer."))
    fewer = [item for key, item in present.items() if left.get(key, 0) != item.quantity]
    text = _why_not_fewer(present, left, fewer)
    return Refusal("items", text) if text else None


def _why_not_fewer(present: Mapping[str, TaskItem], left: Mapping[str, int], fewer: Sequence[TaskItem]) -> str:
    """The rule of the marketplace that stands in the way; nothing when none does."""
    if not fewer:
        return _("Nothing would change.")
    if not any(left.values()):
        return _("Nothing would be left of the order: cancel it instead.")
    if any(facts.of_item(item.data).promos for item in fewer):
        return _("An item of a promotion cannot be taken out.")
    before = sum((item.price * item.quantity for item in present.values()), Decimal(0))
    after = sum((item.price * left.get(key, 0) for key, item in present.items()), Decimal(0))
    if before and (before - after) / before >= MOST_OF_VALUE:
        return _("That is 99 per cent or more of the order's value: cancel the order instead.")
    return ""


def _give_digital(order: Order, items: Sequence[TaskItem], data: Mapping[str, Any], code: str) -> Refusal | None:
    if facts.of_order(order.data).delivery.type != DIGITAL:
        return Refusal("not_digital", _("This is not an order of digital goods."))
    if dt.date.fromisoformat(data["until"]) < timezone.localdate():
        return Refusal("until", _("Enter until when the keys can be used."))
    if not data["slip"].strip():
        return Refusal("slip", _("Tell the buyer how to use the key."))
    return _keys_problem(items, code)


def _keys_problem(items: Sequence[TaskItem], code: str) -> Refusal | None:
    try:
        keys = keys_of(code)
    except ValueError:
        return Refusal("keys", _("The details of this action are incomplete or malformed."))
    if keys.keys() - {item.external_id for item in items}:
        return Refusal("keys", _("There is an item that is not in the order."))
    for item in items:
        mine = keys.get(item.external_id, [])
        if len(mine) != item.quantity:
            text = ngettext("%(article)s needs %(count)d key.", "%(article)s needs %(count)d keys.", item.quantity)
            return Refusal("keys", text % {"article": item.article, "count": item.quantity})
        if any(not 1 <= len(key) <= LONGEST_KEY or not key.isprintable() for key in mine):
            return Refusal("keys", _("A key has 1 to %(most)d characters.") % {"most": LONGEST_KEY})
    return None


def keys_of(code: str) -> dict[str, list[str]]:
    """Digital keys by item. Raises ``ValueError`` when it is none."""
    try:
        return msgspec.json.decode(code or "{}", type=dict[str, list[str]])
    except msgspec.MsgspecError:
        raise ValueError("keys") from None


_Check = Callable[[Order, Sequence[TaskItem], Mapping[str, Any], str], Refusal | None]
_CHECKS: Mapping[ActionKind, _Check] = {
    ActionKind.MOVE_DATE: _move_date,
    ActionKind.EXTEND_STORAGE: _extend_storage,
    ActionKind.SEND_TRACK: _send_track,
    ActionKind.SET_NUMBER: _set_number,
    ActionKind.SET_BOXES: _set_boxes,
    ActionKind.CHANGE_ITEMS: _change_items,
    ActionKind.GIVE_DIGITAL: _give_digital,
}
