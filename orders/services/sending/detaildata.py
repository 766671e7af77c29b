"""Shapes of what detail actions carry: anything else is refused before it is stored, so that nothing foreign gets into payloads
and timelines. Dates come and go as ISO days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
from django.utils.translation import gettext as _
from msgspec import Meta

from backoffice.errors import Invalid
from orders.enums import ActionKind

MOST_BOXES = 100
MOST_LINES = 200
MOST_UNITS = 100_000
MOST_PARTS = 100
LONGEST_TRACK = 100
LONGEST_SLIP = 10_000

ItemId = Annotated[str, Meta(min_length=1, max_length=80)]
Count = Annotated[int, Meta(ge=1, le=MOST_UNITS)]


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class Nothing(_Data, frozen=True):
    pass


class Day(_Data, frozen=True):
    date: dt.date


class Track(_Data, frozen=True):
    track: Annotated[str, Meta(min_length=1, max_length=LONGEST_TRACK)]
    service: Annotated[str, Meta(pattern=r"^[0-9]{1,18}$")]


class Number(_Data, frozen=True):
    number: Annotated[str, Meta(min_length=1, max_length=80)]


class BoxLine(_Data, frozen=True):
    """So many pieces of an item, or part ``part`` of the ``parts`` of one piece."""

    item: ItemId
    count: Count | None = None
    part: Annotated[int, Meta(ge=1, le=MOST_PARTS)] | None = None
    parts: Annotated[int, Meta(ge=2, le=MOST_PARTS)] | None = None


Box = Annotated[list[BoxLine], Meta(min_length=1, max_length=MOST_LINES)]


class Boxes(_Data, frozen=True):
    boxes: Annotated[list[Box], Meta(min_length=1, max_length=MOST_BOXES)]


class Items(_Data, frozen=True):
    """How many of each item stay."""

    items: Annotated[dict[ItemId, Annotated[int, Meta(ge=0, le=MOST_UNITS)]], Meta(max_length=1000)]


class Digital(_Data, frozen=True):
    slip: Annotated[str, Meta(min_length=1, max_length=LONGEST_SLIP)]
    until: dt.date


_SHAPES: Mapping[ActionKind, type[_Data]] = {
    ActionKind.MOVE_DATE: Day,
    ActionKind.EXTEND_STORAGE: Day,
    ActionKind.SEND_TRACK: Track,
    ActionKind.SET_NUMBER: Number,
    ActionKind.SET_BOXES: Boxes,
    ActionKind.CHANGE_ITEMS: Items,
    ActionKind.GIVE_DIGITAL: Digital,
}
#: What a person mistook, by the first field that does not fit.
_TEXTS: Mapping[str, Callable[[], str]] = {
    "date": lambda: _("Enter a day like 2026-11-27."),
    "until": lambda: _("Enter until when the keys can be used."),
    "track": lambda: _("Enter the track number as it stands on the parcel."),
    "service": lambda: _("Choose the delivery service."),
    "slip": lambda: _("Tell the buyer how to use the key."),
    "boxes": lambda: _("Each box holds something, and there is at least one box."),
}


def clean(kind: ActionKind, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an action in its one form. Raises ``Invalid`` for anything that is not of its shape."""
    shape = _SHAPES.get(kind, Nothing)
    try:
        found = msgspec.convert(dict(data), shape)
    except (msgspec.ValidationError, ValueError, OverflowError, RecursionError) as error:
        raise _refusal(str(error)) from None
    plain: dict[str, Any] = msgspec.to_builtins(found)
    if any(_unprintable(text) for text in _texts(plain)):
        raise Invalid("data", _("The details of this action hold characters that cannot be used."))
    return plain


def _refusal(said: str) -> Invalid:
    """``said`` is msgspec's: "… - at `$.date`", or "… missing required field `date`"."""
    for name, text in _TEXTS.items():
        if f"$.{name}" in said or f"`{name}`" in said:
            return Invalid(name, text())
    return Invalid("data", _("The details of this action are incomplete or malformed."))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []


def _unprintable(text: str) -> bool:
    return any(not (char.isprintable() or char in "\n\r\t") for char in text)
