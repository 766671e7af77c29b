"""What may go into a detail action: checked here before a call is spent, with the marketplace's own rules (contract 2.5, 2.7).

Shapes of ``Wish.data`` (items by the marketplace's id, dates ISO):
MOVE_DATE, EXTEND_STORAGE {"date"} · SEND_TRACK {"track", "service"} · SET_NUMBER {"number"} ·
SET_BOXES {"boxes": [[{"item", "count"} or {"item", "part", "parts"}, …], …]} · CHANGE_ITEMS {"items": {item: count}} ·
GIVE_DIGITAL {"slip", "until"}, its keys in ``Wish.code`` as JSON {item: [key, …]} · the others nothing.
"""

from __future__ import annotations

import datetime as dt
import re
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
from orders.models import AssemblyTask, Order, TaskItem

from .guards import Refusal

LONGEST_TRACK = 100
LONGEST_NUMBER = 80
LONGEST_KEY = 256
LONGEST_SLIP = 10_000
MOST_STORAGE = dt.timedelta(days=30)
MOST_BOXES = 100
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
    task: AssemblyTask, items: Sequence[TaskItem], kind: ActionKind, *, data: Mapping[str, Any], code: str
) -> Refusal | None:
    """What is wrong with the content of a detail action; None for kinds without content. Reads the order: one statement."""
    check = _CHECKS.get(kind)
    if check is None:
        return None
    try:
        return check(Order.objects.only("data").get(pk=task.order_id), items, data, code)
    except (KeyError, TypeError, ValueError, AttributeError):
        return Refusal("data", _("The details of this action are incomplete or malformed."))


def _date(data: Mapping[str, Any]) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(data.get("date", "")))
    except ValueError:
        return None


_BAD_DATE = Refusal("date", gettext_lazy("Enter a day like 2026-11-27."))


def _move_date(order: Order, _items: Sequence[TaskItem], data: Mapping[str, Any], _code: str) -> Refusal | None:
    day = _date(data)
    if day is None:
        return _BAD_DATE
    if day < timezone.localdate():
        return Refusal("date", _("The new day lies in the past."))
    if day.isoformat() == facts.of_order(order.data).delivery.dates.last:
        return Refusal("date", _("This is the day the delivery is promised for already."))
    return None


def _extend_storage(order: Order, _items: Sequence[TaskItem], data: Mapping[str, Any], _code: str) -> Refusal | None:
    day = _date(data)
    if day is None:
        return _BAD_DATE
    known = facts.of_order(order.data).delivery.storage_until
    present = dt.date.fromisoformat(known) if known else timezone.localdate()
    if day <= max(present, timezone.localdate()):
        return Refusal("date", _("The new day must be after the present one."))
    if day > present + MOST_STORAGE:
        return Refusal("date", _("The storage can be extended by 30 days at most."))
    return None


def _send_track(_order: Order, _items: Sequence[TaskItem], data: Mapping[str, Any], _code: str) -> Refusal | None:
    track, service = str(data["track"]), str(data["service"])
    if not track.strip() or len(track) > LONGEST_TRACK or not track.isprintable():
        return Refusal("track", _("Enter the track number as it stands on the parcel."))
    if not re.fullmatch(r"[0-9]{1,18}", service):
        return Refusal("service", _("Choose the delivery service."))
    return None


def _set_number(order: Order, _items: Sequence[TaskItem], data: Mapping[str, Any], _code: str) -> Refusal | None:
    number = str(data["number"])
    if not number.strip() or len(number) > LONGEST_NUMBER or not (number.isascii() and number.isprintable()):
        text = _("Our own number has 1 to %(most)d characters: Latin letters, digits and punctuation.")
        return Refusal("number", text % {"most": LONGEST_NUMBER})
    if facts.of_order(order.data).own_number:
        return Refusal("done_once", _("The order has our own number already; it can be set once only."))
    return None


def _set_boxes(_order: Order, items: Sequence[TaskItem], data: Mapping[str, Any], _code: str) -> Refusal | None:
    boxes = data["boxes"]
    if not 1 <= len(boxes) <= MOST_BOXES or not all(boxes):
        return Refusal("boxes", _("Each box holds something, and there is at least one box."))
    wanted = {item.external_id: item.quantity for item in items if item.quantity}
    packed: Tally[str] = Tally()
    parts: dict[str, set[int]] = {}
    for line in (line for box in boxes for line in box):
        if line["item"] not in wanted:
            return Refusal("boxes", _("A box holds an item that is not in the order."))
        if "part" in line:
            parts.setdefault(line["item"], set(range(1, int(line["parts"]) + 1))).discard(int(line["part"]))
        elif int(line["count"]) < 1:
            return Refusal("boxes", _("Each line of a box has at least one piece."))
        else:
            packed[line["item"]] += int(line["count"])
    whole = all(packed[item] == count or (item in parts and not parts[item]) for item, count in wanted.items())
    return (
        None
        if whole
        else Refusal("boxes", _("The boxes together must hold each item exactly as often as it was ordered."))
    )


def _change_items(_order: Order, items: Sequence[TaskItem], data: Mapping[str, Any], _code: str) -> Refusal | None:
    left = {str(item): int(count) for item, count in data["items"].items()}
    present = {item.external_id: item for item in items if item.quantity}
    if left.keys() - present.keys():
        return Refusal("items", _("There is an item that is not in the order."))
    if any(not 0 <= left.get(key, 0) <= item.quantity for key, item in present.items()):
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
    keys = keys_of(code)
    for item in items:
        mine = keys.get(item.external_id, [])
        if len(mine) != item.quantity:
            text = ngettext("%(article)s needs %(count)d key.", "%(article)s needs %(count)d keys.", item.quantity)
            return Refusal("keys", text % {"article": item.article, "count": item.quantity})
        if any(not 1 <= len(key) <= LONGEST_KEY for key in mine):
            return Refusal("keys", _("A key has 1 to %(most)d characters.") % {"most": LONGEST_KEY})
    if not 1 <= len(str(data.get("slip", "")).strip()) <= LONGEST_SLIP:
        return Refusal("slip", _("Tell the buyer how to use the key."))
    until = _date({"date": data.get("until", "")})
    if until is None or until < timezone.localdate():
        return Refusal("until", _("Enter until when the keys can be used."))
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
