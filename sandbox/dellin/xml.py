"""The XML of the history, as the seed has it: not well-formed, because its elements are called by numbers."""

from __future__ import annotations

from typing import Any, Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

INDENT: Final = "   "
LISTS: Final = ("docIds",)


def written(body: dict[str, Any]) -> str:
    """Lists are repeated elements, null is an empty one, three blanks a level (seed 001)."""
    return "\n".join(["<response>", *_lines(body, INDENT), "</response>"])


def _lines(body: dict[str, Any], indent: str) -> list[str]:
    found = []
    for name, value in body.items():
        for one in value if isinstance(value, list) else [value]:
            found += _element(name, one, indent)
    return found


def _element(name: str, value: Any, indent: str) -> list[str]:
    if value is None:
        return [f"{indent}<{name} />"]
    if isinstance(value, dict):
        return [f"{indent}<{name}>", *_lines(value, indent + INDENT), f"{indent}</{name}>"]
    return [f"{indent}<{name}>{escape(str(value))}</{name}>"]


def read(body: bytes) -> dict[str, Any]:
    """`<request>` as the JSON would be. Raises ValueError."""
    try:
        if b"<!DOCTYPE" in body:
            raise ValueError("document type declaration is not allowed")
        root = ET.fromstring(body)  # noqa: S314 - no document with entities comes this far
    except (ET.ParseError, LookupError) as error:
        raise ValueError(str(error)) from None
    found: dict[str, Any] = {one.tag: one.text or "" for one in root if one.tag not in LISTS}
    listed = {name: [one.text or "" for one in root.iterfind(name)] for name in LISTS}
    return found | {name: values for name, values in listed.items() if values}
