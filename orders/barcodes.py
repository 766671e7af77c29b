"""Barcodes as SVG, sized in millimetres for label printers. Pure: a text in, markup out.

Modules are whole dots at 203 dpi (eight a millimetre): a printer that has to round them makes codes nobody can read.
Everything is drawn black on white with its quiet zones inside, whatever the colours of the page are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import zxingcpp
from django.utils.html import format_html
from django.utils.safestring import SafeString
from zxingcpp import BarcodeFormat

DOT = 0.125
#: The narrowest bar that prints and reads well: two dots.
LEAST = 2 * DOT
WIDE = 3 * DOT
#: Millimetres that the barcode of goods may take: an EAN-13 in its usual size does.
MOST_OF_GOODS = 60
_LINEAR_QUIET, _QR_QUIET, _MATRIX_QUIET = 11, 4, 2


@dataclass(frozen=True, slots=True)
class Symbol:
    """A barcode in modules, its quiet zone on every side that needs one. ``path``: SVG; a linear code is one module high."""

    width: int
    height: int
    path: str
    linear: bool


def qr(text: str, *, module: float = 4 * DOT) -> SafeString:
    """A QR code; ``module``: millimetres of one square."""
    return _square(_symbol(text, BarcodeFormat.QRCode, _QR_QUIET, ec_level="M"), module, text)


def code128(text: str, *, height: float = 10, fits: float = 0) -> SafeString:
    """A Code 128, ``height`` millimetres high, with the widest bars of up to three dots that fit ``fits`` millimetres."""
    symbol = _symbol(text, BarcodeFormat.Code128, _LINEAR_QUIET)
    module = WIDE if symbol.width * WIDE <= fits else LEAST
    return _bars(symbol, height, module, text)


def of_goods(text: str, *, height: float = 14) -> SafeString:
    """The barcode of goods: an EAN-13 or EAN-8 where its digits make one, a Code 128 otherwise."""
    kind = (
        {13: BarcodeFormat.EAN13, 8: BarcodeFormat.EAN8}.get(len(text)) if text.isascii() and text.isdigit() else None
    )
    try:
        symbol = _symbol(text, kind or BarcodeFormat.Code128, _LINEAR_QUIET)
    except ValueError:  # its check digit is wrong
        symbol = _symbol(text, BarcodeFormat.Code128, _LINEAR_QUIET)
    return _bars(symbol, height, WIDE if symbol.width * WIDE <= MOST_OF_GOODS else LEAST, text)


def datamatrix(parts: Mapping[str, str], *, module: float = 4 * DOT) -> SafeString:
    """A GS1 DataMatrix, as on marked goods. ``parts``: application identifier → value without round brackets.

    The separators between its parts are set by the standard. A square: many scanners do not know the long ones.
    """
    text = "".join(f"({ai}){value}" for ai, value in parts.items())
    symbol = _symbol(text, BarcodeFormat.DataMatrix, _MATRIX_QUIET, gs1=True, force_square=True)
    return _square(symbol, module, "")


def _symbol(text: str, kind: BarcodeFormat, quiet: int, **options: object) -> Symbol:
    """Raises ValueError for a text the kind cannot hold."""
    rows = _rows(text, kind, **options)
    linear = all(row == rows[0] for row in rows) or kind in (BarcodeFormat.EAN13, BarcodeFormat.EAN8)
    margin = 0 if linear else quiet
    rows = rows[:1] if linear else rows
    path = "".join(
        f"M{x + quiet} {y + margin}h{length}v1h-{length}z" for y, row in enumerate(rows) for x, length in _dark(row)
    )
    return Symbol(len(rows[0]) + 2 * quiet, len(rows) + 2 * margin, path, linear)


def _rows(text: str, kind: BarcodeFormat, **options: object) -> list[bytes]:
    """Modules by row; zero is dark."""
    barcode = zxingcpp.create_barcode(text, kind, **options)
    image: Any = zxingcpp.write_barcode_to_image(barcode, scale=1, add_quiet_zones=False)
    picture = memoryview(image)
    height, width = picture.shape or (0, 0)
    flat = picture.tobytes()
    return [flat[y * width : (y + 1) * width] for y in range(height)]


def _dark(row: bytes) -> Iterator[tuple[int, int]]:
    """Where each run of dark modules begins, and how long it is."""
    place = 0
    for value, run in groupby(row):
        length = len(list(run))
        if not value:
            yield place, length
        place += length


def _square(symbol: Symbol, module: float, label: str) -> SafeString:
    return _svg(symbol, symbol.width * module, symbol.height * module, label)


def _bars(symbol: Symbol, height: float, module: float, label: str) -> SafeString:
    return _svg(symbol, symbol.width * module, height, label)


def _svg(symbol: Symbol, width: float, height: float, label: str) -> SafeString:
    return format_html(
        '<svg class="barcode" width="{}mm" height="{}mm" viewBox="0 0 {} {}" preserveAspectRatio="none"'
        ' shape-rendering="crispEdges" role="img" aria-label="{}">'
        '<path fill="#fff" d="M0 0h{}v{}H0z"/><path fill="#000" d="{}"/></svg>',
        f"{width:g}", f"{height:g}", symbol.width, symbol.height, label, symbol.width, symbol.height, symbol.path,
    )  # fmt: skip
