"""A label of 58 × 40 mm: two numbers and the barcode's text."""

from __future__ import annotations

import base64

from sandbox import paper
from sandbox.wildberries.task import Task

WIDTH, HEIGHT = 58, 40


def sticker_file(task: Task) -> str:
    """Base64 of the PDF."""
    return base64.b64encode(pdf(task.sticker)).decode()


def pdf(sticker: dict[str, str]) -> bytes:
    parts = (
        paper.bars(sticker["partA"] + sticker["partB"], left=14, bottom=58, height=40),
        paper.text(14, 44, 9, sticker["barcode"]),
        paper.text(14, 16, 16, sticker["partA"]),
        paper.text(96, 12, 24, sticker["partB"]),
    )
    return paper.pdf(WIDTH, HEIGHT, ["\n".join(parts)])
