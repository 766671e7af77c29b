"""Tables of parcels, CSV and XLSX, as lines of texts. Nothing is guessed: what a table program has spoilt is told."""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from backoffice.errors import Invalid

#: All of a file is attached in one transaction, in one request: twenty thousand rows take a dry run of some ten seconds and half
#: a minute to attach. A hundred thousand would take minutes, in which nobody else can attach these numbers.
MOST_ROWS = 20_000
MOST_BYTES = 20 * 1024 * 1024
#: What an XLSX file may unpack to: a few kilobytes can hold gigabytes of nothing.
MOST_UNPACKED = 300 * 1024 * 1024
#: Columns that are looked at.
MOST_COLUMNS = 50
LONGEST = 80
#: A table program keeps fifteen digits of a number.
EXACT_DIGITS = 15

ORDER, ACCOUNT, NUMBER = "order", "carrier account", "number"
#: Names of the columns, as people write them.
NAMES: Mapping[str, tuple[str, ...]] = {
    ORDER: ("order", "order number", "заказ", "номер заказа"),
    ACCOUNT: ("carrier account", "carrier", "account", "служба доставки", "перевозчик", "аккаунт"),
    NUMBER: ("number", "parcel", "parcel number", "tracking number", "номер", "номер отправления", "отправление", "трек-номер"),
}  # fmt: skip
_SCIENTIFIC = re.compile(r"\d+([.,]\d+)?[eEеЕ]\+?\d+")
_XLSX, _XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, ParseError, LookupError, ValueError, TypeError, AttributeError, OSError,
    EOFError, OverflowError, NotImplementedError, RuntimeError, zlib.error, struct.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """``place``: the row of the table, from 1 with the heading. ``problem``: what is wrong with it by itself."""

    place: int
    order: str = ""
    account: str = ""
    number: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell, or what is wrong with it."""

    text: str = ""
    problem: str = ""


def read(name: str, body: bytes) -> list[Line]:
    """The lines of a table that are not empty. Raises ``Invalid`` ("file", "columns", "too_many") that says what to do."""
    if len(body) > MOST_BYTES:
        raise Invalid("file", _("The file is larger than %(most)d MB.") % {"most": MOST_BYTES // 1024**2})
    if body.startswith(_XLS):
        raise Invalid("file", _("This is a file of an old table program: save it as XLSX or CSV."))
    rows = _sheet(body) if body.startswith(_XLSX) else _text(body)
    return list(_lines(rows))


def _lines(rows: Iterator[Sequence[Cell]]) -> Iterator[Line]:
    places = _columns(next(rows, ()))
    for count, row in enumerate(rows, start=2):
        if not any(cell.text or cell.problem for cell in row):
            continue
        if count > MOST_ROWS + 1:
            raise Invalid("too_many", _("The table has more than %(most)d rows: divide it.") % {"most": MOST_ROWS})
        yield _line(count, {name: row[place] if place < len(row) else Cell() for name, place in places.items()})


def _columns(heading: Sequence[Cell]) -> dict[str, int]:
    """Where each column is. Raises ``Invalid`` that names what is missing and what was found."""
    found = [cell.text.casefold() for cell in heading]
    places: dict[str, list[int]] = {
        name: [place for place, word in enumerate(found) if word in words] for name, words in NAMES.items()
    }
    wrong = [name for name, where in places.items() if len(where) != 1]
    if wrong:
        text = _("The first row has to name these columns, each once: %(needed)s. Not so: %(wrong)s. Found: %(found)s.")
        words = {"needed": ", ".join(NAMES), "wrong": ", ".join(wrong), "found": ", ".join(found)[:200] or "–"}
        raise Invalid("columns", text % words)
    return {name: where[0] for name, where in places.items()}


def _line(place: int, cells: Mapping[str, Cell]) -> Line:
    problem = next((text for name, cell in cells.items() if (text := _wrong(name, cell))), "")
    texts = {name: cell.text[:LONGEST] for name, cell in cells.items()}
    return Line(place, texts[ORDER], texts[ACCOUNT], texts[NUMBER], problem)


def _wrong(name: str, cell: Cell) -> str:
    if cell.problem:
        return f"{name}: {cell.problem}"
    if not cell.text:
        return _("“%(column)s” is empty.") % {"column": name}
    if len(cell.text) > LONGEST and name != ACCOUNT:
        return _("“%(column)s” is longer than %(most)d characters.") % {"column": name, "most": LONGEST}
    return ""


def _text(body: bytes) -> Iterator[Sequence[Cell]]:
    """CSV with commas, semicolons or tabs."""
    text = _decoded(body)
    heading = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(";,\t", key=heading.count)
    rows = csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=delimiter)
    try:
        yield from ([_cell(value) for value in row[:MOST_COLUMNS]] for row in rows)
    except csv.Error:
        raise Invalid("file", _("Row %(row)d cannot be read as CSV.") % {"row": rows.line_num}) from None


def _decoded(body: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or the Windows encoding of Russian table programs."""
    marked = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    for encoding in (marked, "cp1251"):
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Invalid("file", _("This is no table: choose a CSV or XLSX file."))


def _sheet(body: bytes) -> Iterator[Sequence[Cell]]:
    """The first sheet of an XLSX file, row by row; every way in which a file can be broken is one refusal."""
    rows = _cells(body)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except Invalid:
            raise
        except _BROKEN:
            raise Invalid("file", _("The file is damaged, or it is no XLSX file. Save it again, or as CSV.")) from None
        yield row


def _cells(body: bytes) -> Iterator[Sequence[Cell]]:
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
            raise Invalid("file", _("The file unpacks to more than a table of parcels can be."))
    book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, keep_links=False)
    rows: Iterable[Any] = book.worksheets[0].iter_rows(max_col=MOST_COLUMNS)
    for row in rows:
        yield [_formula() if cell.data_type == "f" else _cell(cell.value) for cell in row]


def _formula() -> Cell:
    return Cell(problem=_("This is a formula: paste its value."))


def _cell(value: Any) -> Cell:
    if value is None:
        return Cell()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    if not isinstance(value, str):
        return Cell(problem=_("This is a date or a truth value: format the column as text and enter it again."))
    text = value.strip()
    if text.startswith("="):
        return _formula()
    return Cell(problem=_rounded()) if _SCIENTIFIC.fullmatch(text) else Cell(text)


def _number(value: float) -> Cell:
    """A number that was kept as one: exact up to fifteen digits."""
    if value != int(value) or len(str(abs(int(value)))) > EXACT_DIGITS:
        return Cell(problem=_rounded())
    return Cell(str(int(value)))


def _rounded() -> str:
    return _("The table program has rounded this number: format the column as text and enter it again.")
