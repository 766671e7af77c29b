"""Dellin's XML, read into what its JSON would have been (contract 2.2).

It is not well-formed: the history of a number stands in an element of that name (``<400267443>``), and no name begins with a
digit. Such names get a letter before the XML is read. Lists are the same element again, null is an empty element.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from carriers.providers.xml import Element, add, document, parse_bytes, text_of

_DIGIT_NAME = re.compile(rb"<(/?)(\d[\w.-]*)(\s*/?)>")
_MARK = "n-"
_LISTS = frozenset({"info", "errors", "fields", "validValues", "badValues"})


def request(appkey: str, name: str, numbers: Sequence[str]) -> bytes:
    """``name``: ``docIds``, once for each number, or ``webOrderNumber``."""
    root = Element("request")
    add(root, "appkey", appkey)
    for number in numbers:
        add(root, name, number)
    return document(root)


def read(body: bytes) -> dict[str, Any]:
    """Raises ``ValueError`` whose text says why and holds nothing of the document."""
    root = parse_bytes(_DIGIT_NAME.sub(rb"<\1" + _MARK.encode() + rb"\2\3>", body))
    found = {child.tag: _value(child) for child in root if child.tag not in _LISTS}
    data = root.find("data")
    if data is not None:
        found["data"] = _data(data)
    return {**found, **_lists(root)}


def _data(element: Element) -> dict[str, Any]:
    history = element.find("statusHistory")
    rows: dict[str, list[Any]] = {}
    for row in history if history is not None else ():
        rows.setdefault(row.tag.removeprefix(_MARK), []).append(_value(row))
    return {**({"statusHistory": rows} if history is not None else {}), **_lists(element)}


def _lists(element: Element) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for child in element:
        if child.tag in _LISTS:
            found.setdefault(child.tag, []).append(_value(child))
    return found


def _value(element: Element) -> Any:
    """A text, None for an empty element, or an object of its children; depth is limited by the reader."""
    if not len(element):
        return text_of(element) or None
    plain = {child.tag: _value(child) for child in element if child.tag not in _LISTS}
    return {**plain, **_lists(element)}
