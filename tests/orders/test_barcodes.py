"""Barcodes as SVG: whole dots of a label printer, quiet zones, and what cannot be one kind becomes another."""

from __future__ import annotations

import re

import pytest

from orders import barcodes, codes, fakecodes
from orders.enums import CodeKind
from orders.models import TaskItem


def size(svg: str) -> tuple[float, float, int, int]:
    """Width and height in millimetres, columns and rows in modules."""
    found = re.match(r'<svg class="barcode" width="([\d.]+)mm" height="([\d.]+)mm" viewBox="0 0 (\d+) (\d+)"', svg)
    assert found
    return float(found[1]), float(found[2]), int(found[3]), int(found[4])


def test_modules_are_whole_dots_and_the_quiet_zone_is_inside() -> None:
    width, height, columns, rows = size(barcodes.qr("BO-T-1", module=0.75))

    assert (columns, rows) == (21 + 2 * 4, 21 + 2 * 4)
    assert (width, height) == (columns * 0.75, rows * 0.75)
    assert "M4 4h7v1h-7z" in barcodes.qr("BO-T-1")  # the finder pattern begins after four modules


def test_a_linear_code_takes_wide_bars_where_they_fit() -> None:
    narrow, wide = barcodes.code128("BO-T-1", height=7, fits=30), barcodes.code128("BO-T-1", height=7, fits=60)

    columns = size(narrow)[2]
    assert size(narrow) == (columns * 0.25, 7, columns, 1)
    assert size(wide) == (columns * 0.375, 7, columns, 1)


@pytest.mark.parametrize(
    ("text", "columns"),
    [("4601234001014", 95 + 22), ("46012341", 0), ("96385074", 67 + 22), ("4601234001015", 0), ("MUG-1", 0)],
)
def test_goods_have_an_ean_where_their_digits_make_one(text: str, columns: int) -> None:
    drawn = size(barcodes.of_goods(text))[2]

    assert drawn == (columns or size(barcodes.code128(text))[2])


def test_a_data_matrix_is_square() -> None:
    item = TaskItem(pk=7, article="mug", barcodes=["4601234001014"])
    columns, rows = size(barcodes.datamatrix(fakecodes.of_unit(item, 1, "sgtin").parts))[2:]

    assert columns == rows


@pytest.mark.parametrize("kind", list(CodeKind))
@pytest.mark.parametrize("barcodes_", [["4601234001014"], [], ["MUG-1"]])
def test_a_fake_code_is_right_in_every_way_a_check_can_see(kind: CodeKind, barcodes_: list[str]) -> None:
    item = TaskItem(pk=7, article="mug", barcodes=barcodes_)
    units = [fakecodes.of_unit(item, unit, kind).value for unit in (1, 2)]

    assert [codes.problems(value, kind) for value in units] == [([], []), ([], [])]
    assert [kind in codes.read(value).kinds for value in units] == [True, True]
    assert units[0] == fakecodes.of_unit(item, 1, kind).value
    assert (units[0] == units[1]) == (kind == CodeKind.GTIN)  # a GTIN names a product, the others a unit
