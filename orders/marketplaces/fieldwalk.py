"""Every leaf of a raw order, for a panel that hides nothing and masks what is personal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import msgspec

from backoffice.reading import BROKEN

from .base import RawField

#: Numbers stay as they were written: no rounding of a float shows.
_decoder = msgspec.json.Decoder(float_hook=str)


def walk(body: bytes, *, meaning: Callable[[str, str], str], personal: Collection[str]) -> list[RawField]:
    """Leaves in the order of the body; [] when it is no JSON.

    Places are paths without positions, "items[].price". ``personal`` names places, with all that is below them;
    ``meaning(place, value)`` is what an enum's word means, "" for none.
    """
    try:
        value = _decoder.decode(body)
        return [_field(path, place, text, meaning, personal) for path, place, text in _leaves(value, "", "")]
    except BROKEN:
        return []


def _field(path: str, place: str, text: str, meaning: Callable[[str, str], str], personal: Collection[str]) -> RawField:
    said = meaning(place, text) if text else ""
    return RawField(path, text, "" if said == text else said, _is_personal(place, personal))


def _is_personal(place: str, personal: Collection[str]) -> bool:
    return any(place == name or place.startswith((f"{name}.", f"{name}[")) for name in personal)


def _leaves(value: object, path: str, place: str) -> Iterator[tuple[str, str, str]]:
    """Path, place and text of each; an empty list or object is a leaf without a text."""
    if isinstance(value, dict) and value:
        for name, part in value.items():
            yield from _leaves(part, f"{path}.{name}" if path else name, f"{place}.{name}" if place else name)
    elif isinstance(value, list) and value:
        for position, part in enumerate(value):
            yield from _leaves(part, f"{path}[{position}]", f"{place}[]")
    else:
        yield path, place, _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or isinstance(value, dict | list) else str(value)
