"""From bytes to wire types, and what is new in them into the drift sink.

One broken element of a list never takes the others with it: it is counted and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, get_args

import msgspec

from backoffice.answers import Answer
from backoffice.gate import DriftSink

T = TypeVar("T", bound=msgspec.Struct)

#: What decoding of foreign bytes may raise.
BROKEN = (msgspec.MsgspecError, ValueError, RecursionError)

_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")
_QUOTED = re.compile(r"'[^']*'")


@dataclass(frozen=True, slots=True)
class Shape:
    """Known keys of an object and the shapes of its parts."""

    keys: frozenset[str]
    parts: Mapping[str, Shape]


@cache
def shape_of(struct: type[msgspec.Struct]) -> Shape:
    fields = msgspec.structs.fields(struct)
    inner = {field.encode_name: _struct_in(field.type) for field in fields}
    parts = {name: shape_of(part) for name, part in inner.items() if part is not None}
    return Shape(frozenset(inner), parts)


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """The struct inside ``X | None`` or ``list[X] | None``."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    return next((found for found in map(_struct_in, get_args(kind)) if found), None)


class Reader:
    """Reads answers of one account."""

    def __init__(self, drift: DriftSink) -> None:
        self.drift = drift

    def document(self, answer: Answer, struct: type[T], place: str) -> T:
        """A whole answer. Raises ``Unreadable`` (a read) or ``Uncertain`` (a write) when it is not of this shape."""
        value = answer.decode(object)
        try:
            return self.convert(value, struct, place)
        except BROKEN as error:
            reason = reason_of(error)
        raise answer.unreadable(reason)

    def rows(self, values: Iterable[object] | None, struct: type[T], place: str) -> list[T]:
        """Elements of a list, without those that cannot be read."""
        found = []
        for value in values or ():
            try:
                found.append(self.convert(value, struct, place))
            except BROKEN as error:
                self.drift.note(place=place, kind="value", name=f"element: {reason_of(error)}", sample=masked(value))
        return found

    def convert(self, value: object, struct: type[T], place: str) -> T:
        """Raises one of ``BROKEN``."""
        self._note_unknown(value, shape_of(struct), place)
        return msgspec.convert(value, struct)

    def unknown(self, place: str, name: str, value: object) -> None:
        """A word that is in no table."""
        self.drift.note(place=place, kind="value", name=f"{name}={value}", sample=value)

    def _note_unknown(self, value: object, shape: Shape, place: str) -> None:
        if isinstance(value, list):
            for element in value:
                self._note_unknown(element, shape, place)
        if not isinstance(value, dict):
            return
        for key in value.keys() - shape.keys:
            self.drift.note(place=place, kind="field", name=str(key), sample=masked(value[key]))
        for name, part in shape.parts.items():
            if name in value:
                self._note_unknown(value[name], part, f"{place}.{name}")


def reason_of(error: Exception) -> str:
    """What is wrong, without the value that is: it may be personal."""
    return _QUOTED.sub("'…'", str(error)) if str(error) else type(error).__name__


def masked(value: object, depth: int = 4) -> object:
    """The form of a value and nothing of its content: a new field may well be a buyer's phone."""
    if isinstance(value, str):
        return _LETTER.sub("x", _DIGIT.sub("0", value[:500]))
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, dict) and depth:
        return {str(key): masked(part, depth - 1) for key, part in value.items()}
    if isinstance(value, list) and depth:
        return [masked(part, depth - 1) for part in value[:3]]
    return 0 if isinstance(value, int | float) else "…"


def text(value: object) -> str:
    """An identifier or a text as it was written; null is empty. NUL, which PostgreSQL does not take, is left out."""
    return "" if value is None else str(value).replace("\x00", "").strip()


def flag(value: object) -> bool | None:
    """True and false, also as texts or numbers; None when it is neither."""
    return {"true": True, "1": True, "false": False, "0": False}.get(text(value).lower())


def identifier(value: object) -> str:
    """A task's id as we keep it: digits of a positive int64. Empty when it is none."""
    word = str(value) if type(value) is int else text(value)
    if not (word.isascii() and word.isdigit() and len(word) <= 19):
        return ""
    return str(int(word)) if 0 < int(word) < 2**63 else ""
