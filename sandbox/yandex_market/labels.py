"""Labels of boxes: a page of 75 × 120 mm with the order's number and the place in it."""

from __future__ import annotations

from sandbox import paper
from sandbox.yandex_market.order import Order

WIDTH, HEIGHT = 75, 120


def labels_pdf(order: Order) -> bytes:
    """A page for each box; an order that is not packed yet is one box."""
    places = max(1, len(order.boxes))
    return paper.pdf(WIDTH, HEIGHT, [_page(order, place, places) for place in range(1, places + 1)])


def label_pdf(order: Order, place: int) -> bytes:
    return paper.pdf(WIDTH, HEIGHT, [_page(order, place, len(order.boxes))])


def _page(order: Order, place: int, places: int) -> str:
    """A number of the shop's own is printed when it is ASCII, as the Market does."""
    own = order.external if order.external.isascii() else ""
    parts = (
        paper.bars(str(order.id), left=14, bottom=230, height=70),
        paper.text(14, 205, 18, f"{order.id}-{place}"),
        paper.text(14, 170, 12, own or str(order.id)),
        paper.text(14, 30, 24, f"{place}/{places}"),
    )
    return "\n".join(parts)
