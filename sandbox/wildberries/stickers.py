"""A real PDF of one small page, written by hand: 58 × 40 mm, two numbers and the barcode's text."""

from __future__ import annotations

import base64

from sandbox.wildberries.task import Task

POINTS = 72 / 25.4
WIDTH, HEIGHT = 58 * POINTS, 40 * POINTS


def sticker_file(task: Task) -> str:
    """Base64 of the PDF."""
    return base64.b64encode(pdf(task.sticker)).decode()


def pdf(sticker: dict[str, str]) -> bytes:
    content = _page(sticker).encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH:.2f} {HEIGHT:.2f}] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>".encode(),
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, inside in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, inside)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return (
        bytes(out)
        + b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table)
        + (b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out)))
    )


def _page(sticker: dict[str, str]) -> str:
    """Bars whose widths follow the digits (not a symbology), the barcode's text, and both parts of the number."""
    bars, left = [], 14.0
    for digit in sticker["partA"] + sticker["partB"]:
        width = 1.5 + int(digit) * 0.9
        bars.append(f"{left:.1f} 58 {width:.1f} 40 re f")
        left += width + 5
    texts = [
        _text(14, 44, 9, sticker["barcode"]),
        _text(14, 16, 16, sticker["partA"]),
        _text(96, 12, 24, sticker["partB"]),
    ]
    return "\n".join(bars + texts)


def _text(left: float, bottom: float, size: int, text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F1 {size} Tf {left} {bottom} Td ({escaped}) Tj ET"
