"""Pages of both lists: newest first, and a token that says nothing to whoever holds it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from typing import Final

from sandbox.yandex_market import errors
from sandbox.yandex_market.order import Order

INSIDE: Final = re.compile(rb"\{ nextId: (\d{1,18}) \}")


def token(number: int) -> str:
    """Of the order a page ended with; looks like the specification's example."""
    return base64.b64encode(b"{ nextId: %d }" % number).decode()


def place_of(text: str) -> int:
    """The order number a page begins below; 400 for a token nobody gave out."""
    try:
        found = INSIDE.fullmatch(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        found = None
    if found is None:
        raise errors.bad("Bad page token")
    return int(found[1])


def page(orders: Iterable[Order], fits: Callable[[Order], bool], *, below: int | None, limit: int) -> list[Order]:
    """At most `limit` and one more, by falling number: the one more says that there is another page."""
    found: list[Order] = []
    for order in sorted(orders, key=lambda one: -one.id):
        if (below is None or order.id < below) and fits(order):
            found.append(order)
            if len(found) > limit:
                break
    return found
