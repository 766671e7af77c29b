"""Labels: real PDFs of small pages, written by hand."""

from __future__ import annotations

from collections.abc import Sequence

POINTS = 72 / 25.4


def pdf(width: float, height: float, pages: Sequence[str]) -> bytes:
    """`width` and `height` in millimetres; `pages` are drawing operators with one font, `/F1`. ASCII throughout."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
    ]
    for place, page in enumerate(pages):
        content = page.encode("ascii")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width * POINTS:.2f} {height * POINTS:.2f}] "
            f"/Contents {5 + 2 * place} 0 R /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
    return _file(objects)


def _file(objects: Sequence[bytes]) -> bytes:
    """Objects, their places, and where the table of places is."""
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


def bars(digits: str, *, left: float, bottom: float, height: float) -> str:
    """Bars whose widths follow the digits; not a symbology."""
    found = []
    for digit in digits:
        width = 1.5 + int(digit) * 0.9
        found.append(f"{left:.1f} {bottom:g} {width:.1f} {height:g} re f")
        left += width + 5
    return "\n".join(found)


def text(left: float, bottom: float, size: int, words: str) -> str:
    """Words in ASCII; anything else is left out."""
    plain = words.encode("ascii", "ignore").decode()
    escaped = plain.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F1 {size} Tf {left:g} {bottom:g} Td ({escaped}) Tj ET"
