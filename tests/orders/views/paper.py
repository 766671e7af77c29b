"""Printing as a browser does it, and reading the paper back: a PDF, a picture at the resolution of a label printer, its codes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pypdfium2
import zxingcpp
from playwright.sync_api import Page

#: Set to a folder to keep every print.
PICTURES = os.environ.get("PICTURES", "")
#: Dots a millimetre of the usual label printer (203 dpi).
DOTS = 8
_POINTS = 72 / 25.4
#: A line that ends with a hyphen ends with a sign of its own in the text of a PDF.
_BREAKS = {0x02: "-", 0xFFFE: "-", 0x0D: None, 0x0A: " "}
_BLACK = bytes(255 if level > 127 else 0 for level in range(256))


@dataclass(frozen=True)
class Paper:
    """One printed page: its size in millimetres, and dots that are black or white, as a label printer makes them."""

    width: float
    height: float
    columns: int
    dots: bytes
    text: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height to the millimetre. Browsers round a page down to whole points, a third of one."""
        return round(self.width + 0.1), round(self.height + 0.1)

    @cached_property
    def codes(self) -> dict[str, bytes]:
        """What a scanner reads: ``QRCode`` and the like with the text, by the text."""
        rows = len(self.dots) // self.columns
        picture: Any = memoryview(self.dots).cast("B", shape=[rows, self.columns])
        found = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
        return {f"{code.format.name} {code.text}": code.bytes for code in found}

    @cached_property
    def ink(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what is printed, in millimetres from the edges of the page."""
        lines = [self.dots[start : start + self.columns] for start in range(0, len(self.dots), self.columns)]
        inked = [n for n, line in enumerate(lines) if 0 in line]
        assert inked, "an empty page"
        left = min(lines[n].index(0) for n in inked)
        right = max(lines[n].rindex(0) for n in inked)
        return (
            left / DOTS,
            inked[0] / DOTS,
            self.width - (right + 1) / DOTS,
            self.height - (inked[-1] + 1) / DOTS,
        )


def printed(page: Page, address: str) -> list[Paper]:
    """The pages of an address as the browser prints them: without backgrounds, in the sizes the page asks for."""
    page.goto(address)
    body = page.pdf(prefer_css_page_size=True, print_background=False)
    if PICTURES:
        name = "-".join(part for part in address.replace("?", "/").split("/") if part)
        (Path(PICTURES) / f"{name}.pdf").write_bytes(body)
    return list(_papers(body))


def _papers(body: bytes) -> Iterator[Paper]:
    document = pypdfium2.PdfDocument(body)
    try:
        for each in document:
            width, height = each.get_size()
            bitmap = each.render(scale=DOTS / _POINTS, grayscale=True)
            rows = bytes(bitmap.buffer)
            dots = b"".join(rows[y * bitmap.stride :][: bitmap.width] for y in range(bitmap.height)).translate(_BLACK)
            text = each.get_textpage().get_text_bounded().translate(_BREAKS)
            yield Paper(width / _POINTS, height / _POINTS, bitmap.width, dots, text)
    finally:
        document.close()


def clipped(page: Page) -> list[str]:
    """Boxes of the papers whose contents do not fit into them; articles are cut on purpose."""
    script = """() => [...document.querySelectorAll(".paper, .paper *:not(.what, .called)")]
        .filter(each => each.clientHeight && each.scrollHeight > each.clientHeight + 1)
        .filter(each => getComputedStyle(each).overflow !== "visible")
        .map(each => each.className + ": " + each.textContent.trim().slice(0, 40))"""
    found: list[str] = page.evaluate(script)
    return found
