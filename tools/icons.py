"""Draws the icons of an installed app from the favicon, with Chromium: ``python -m tools.icons``."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "static" / "img"
#: File, edge in pixels, share of the edge that the picture takes; below 1 its ground fills the square to the corners.
ICONS = (
    ("icon-192.png", 192, 1.0),
    ("icon-512.png", 512, 1.0),
    ("icon-maskable-512.png", 512, 0.8),
    ("apple-touch-icon.png", 180, 0.9),
)


def page_of(svg: str, edge: int, share: float) -> str:
    """A page that is nothing but the icon."""
    ground = re.search(r'fill="(#[0-9a-f]{6})"', svg)
    colour = ground[1] if ground and share < 1 else "transparent"
    size, place = round(edge * share), round(edge * (1 - share) / 2)
    return (
        f"<style>html{{background:{colour}}}body{{margin:0}}svg{{position:absolute;left:{place}px;top:{place}px;"
        f"width:{size}px;height:{size}px}}</style>{svg}"
    )


def draw(browser: Browser, svg: str, edge: int, share: float) -> bytes:
    """The icon as a PNG."""
    page = browser.new_page(viewport={"width": edge, "height": edge})
    page.set_content(page_of(svg, edge, share))
    picture = page.screenshot(omit_background=True)
    page.close()
    return picture


def main() -> None:
    """Write all icons beside the favicon."""
    svg = (IMAGES / "favicon.svg").read_text()
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, edge, share in ICONS:
            (IMAGES / name).write_bytes(draw(browser, svg, edge, share))
        browser.close()


if __name__ == "__main__":
    main()
