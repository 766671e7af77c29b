"""What a scan is, what is wrong with it, and its forms (contract "marking codes" 3.1, 3.4; limits of seed 004)."""

from __future__ import annotations

import pytest

from orders import codes
from orders.codes.problem import CODES, problem
from orders.enums import CodeKind
from tests.orders.scans import (
    CARTON,
    FULL,
    GS,
    GTD,
    GTIN,
    IMEI,
    KI,
    PACK,
    SHORT,
    SIGNATURE,
    named,
    typed_in_russian,
)

# --- what it is


@pytest.mark.parametrize(
    ("raw", "kinds", "gtin", "serial"),
    [
        (FULL, ("sgtin",), GTIN, "5RJZx80hlqAq3"),
        (SHORT, ("sgtin",), "03041094787443", "55Qbag!"),
        (CARTON, ("sgtin",), GTIN, "jgXJ5.T"),
        (PACK, ("sgtin", "barcode"), "00000046198488", "X?io+qC"),
        (KI, ("sgtin",), GTIN, "5RJZx80hlqAq3"),
        (f"01{GTIN}172501011012345{GS}215RJZx80hlqAq3{GS}93Zjqw", ("sgtin",), GTIN, "5RJZx80hlqAq3"),
        (f"01{GTIN}2112345671", ("sgtin", "barcode"), GTIN, "12345671"),
        (f"01{GTIN}1012345", ("barcode",), GTIN, None),
        (f"01{GTIN}17noday", ("barcode",), None, None),
        ("4600439931256", ("gtin", "barcode"), GTIN, None),
        ("6665956397512", ("gtin", "barcode"), None, None),  # the seed's own, its check digit is wrong
        ("96385074", ("barcode",), "00000096385074", None),
        (GTIN, ("barcode",), GTIN, None),
        (IMEI, ("imei", "barcode"), None, None),
        ("1234567890123456", ("uin", "barcode"), None, None),
        (GTD, ("gtd",), None, None),
        (GTD + "/001", ("rnpt", "gtd"), None, None),
        ("WB-42/blue", ("barcode",), None, None),
        ("x" * 65, ("unknown",), None, None),
        ("https://example.org/01/04600439931256", ("unknown",), None, None),
    ],
)
def test_kinds_best_first(raw: str, kinds: tuple[str, ...], gtin: str | None, serial: str | None) -> None:
    reading = codes.read(raw)
    assert (reading.kinds, reading.gtin, reading.serial, reading.errors) == (kinds, gtin, serial, ())


def test_a_link_says_what_to_scan_instead() -> None:
    assert named(codes.read("https://example.org/x").warnings) == ["link"]


@pytest.mark.parametrize(
    ("raw", "warnings"),
    [
        (FULL, []),
        (SHORT, []),
        (CARTON, []),
        (PACK, []),
        (KI, ["tail_missing"]),
        (PACK[:21], ["tail_missing"]),
        (f"{KI}{GS}91FFD0", ["tail_missing"]),
        (f"{KI}{GS}93Zj", ["tail_cut"]),
        (FULL.replace(GS, ""), ["gs_lost"]),
        (SHORT.replace(GS, ""), ["gs_lost"]),
        (CARTON.replace(GS, ""), ["gs_lost"]),
        (FULL.replace(GS, "", 1), ["gs_lost"]),
        ("0102900304495480215KE", ["serial_short", "tail_missing"]),  # the marketplace's own bad example
        (FULL.replace("256", "257", 1), ["gtin_check_digit"]),
        (FULL.replace("RJ", "R#"), ["charset_gs1"]),
        (f"{IMEI[:-1]}7", ["imei_check_digit"]),
        ("123456789012345", ["imei_check_digit"]),  # the seed's own
        ("654321741987258", []),
        ("1234567890123", ["gtin_check_digit"]),  # the seed's own
        ("10704010/310224/0000302", ["customs_date"]),
    ],
)
def test_doubtful_codes_are_warnings_a_person_may_override(raw: str, warnings: list[str]) -> None:
    reading = codes.read(raw)
    assert (named(reading.warnings), reading.errors) == (warnings, ())


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ("", "empty"),
        ("\r\n\t ", "empty"),
        (GS, "empty"),
        ("x" * 513, "too_long"),
        ("A" * 1_000_000, "too_long"),
        (KI[:20] + "\x00" + KI[20:], "charset"),
        (KI[:20] + "\x07" + KI[20:], "control"),
        (KI[:20] + "\n" + KI[20:], "control"),
        (f"{FULL}\r\n{FULL}", "control"),
        (KI[:20] + "\ud800", "charset"),
        (KI[:20] + "\N{GRINNING FACE}", "charset"),
        ("٤٩٠١٥٤٢٠٣٢٣٧٥١٨", "charset"),
    ],
)
def test_what_no_code_can_be_is_refused(raw: str, error: str) -> None:
    reading = codes.read(raw)
    assert (reading.raw, reading.kinds, named(reading.errors), reading.warnings) == (raw, ("unknown",), [error], ())
    reading.value.encode()


# --- an explicit kind


@pytest.mark.parametrize(
    ("kind", "value", "errors"),
    [
        ("sgtin", "1" * 15, ["sgtin_length"]),
        ("sgtin", "1" * 16, []),
        ("sgtin", KI + "x" * 104, []),
        ("sgtin", KI + "x" * 105, ["sgtin_length"]),
        ("uin", "1" * 15, ["uin_length"]),
        ("uin", "1" * 17, ["uin_length"]),
        ("uin", "123456789012345X", ["digits"]),
        ("imei", "1" * 14, ["imei_length"]),
        ("imei", "1" * 16, ["imei_length"]),
        ("imei", "49015420323751A", ["digits"]),
        ("gtin", "1" * 12, ["gtin_length"]),
        ("gtin", GTIN, ["gtin_length"]),
        ("gtd", GTD, []),
        ("gtd", GTD + "/12345", []),
        ("gtd", GTD + "/123456", ["gtd_length"]),
        ("gtd", "1070401/010624/0000302", ["gtd_mask"]),
        ("gtd", "10704010/010624", ["gtd_length"]),
        ("rnpt", GTD + "/001", []),
        ("rnpt", GTD, ["rnpt_mask"]),
        ("rnpt", GTD + "/0001", ["rnpt_mask"]),
        ("barcode", "4600439931257", []),
        ("postcard", "4600439931256", ["kind"]),
        ("sgtin", "", ["empty"]),
        ("barcode", "x" * 513, ["too_long"]),
    ],
)
def test_lengths_and_characters_are_errors(kind: str, value: str, errors: list[str]) -> None:
    assert named(codes.problems(value, kind)[0]) == errors


def test_a_number_taken_for_a_marking_code_is_a_warning() -> None:
    assert named(codes.problems("1234567890123456", "sgtin")[1]) == ["structure"]  # what the seed's own sample sends


def test_judging_another_kind_keeps_the_doubts_and_drops_the_rest() -> None:
    reading = codes.read(typed_in_russian("0104600439931257215RJ/Zx80hlqAq3"))
    errors, warnings = codes.judge(reading, "barcode")
    assert (named(errors), named(warnings)) == ([], ["layout_punctuation"])
    assert named(reading.warnings) == ["layout_punctuation", "gtin_check_digit", "tail_missing"]


def test_judging_what_was_refused_refuses_it_for_every_kind() -> None:
    assert [named(codes.judge(codes.read("x" * 513), kind)[0]) for kind in CodeKind.values] == [["too_long"]] * 6


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_problem_is_a_sentence(code: str) -> None:
    assert str(problem(code)).endswith(".")


# --- the same code, and its forms


@pytest.mark.parametrize(
    ("value", "kind", "identity"),
    [
        (FULL, "sgtin", KI),
        (KI, "sgtin", KI),
        (FULL.replace(GS, ""), "sgtin", KI),
        (FULL.replace(GS, "", 1), "sgtin", KI),
        (SHORT, "sgtin", "01030410947874432155Qbag!"),
        (SHORT.replace(GS, ""), "sgtin", SHORT.replace(GS, "")),
        (CARTON, "sgtin", "010460043993125621jgXJ5.T"),
        (PACK, "sgtin", "00000046198488X?io+qC"),
        (f"01{GTIN}17250101215RJZx80hlqAq3", "sgtin", KI),
        ("1234567890123456", "sgtin", "1234567890123456"),
        (IMEI, "imei", IMEI),
        (GTD, "gtd", "107040100106240000302"),
    ],
)
def test_identity(value: str, kind: str, identity: str) -> None:
    assert codes.identity(value, kind) == identity


def test_codes_that_differ_in_case_only_are_different() -> None:
    assert codes.identity(KI, "sgtin") != codes.identity(KI.swapcase(), "sgtin")


def test_only_kinds_that_name_a_single_unit_can_be_used_up() -> None:
    assert set(codes.UNIT_KINDS) == {"sgtin", "uin", "imei"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (FULL, "01 04600439931256 21 5RJZx80hlqAq3"),
        (SHORT, "01 03041094787443 21 55Qbag!"),
        (SHORT.replace(GS, ""), "01 03041094787443 21 55Qbag…"),
        (PACK, "00000046198488 X?io+qC"),
        ("4600439931256", "4600439931256"),
        (IMEI, "…237518"),
        (GTD + "/001", GTD + "/001"),
        ("WB-42/blue", "WB-42/blue"),
        (f"92{SIGNATURE}", "92sGGt…"),
        ("a\x07b", "a·b"),
        ("", ""),
    ],
)
def test_short_form_for_people(value: str, shown: str) -> None:
    assert codes.short(value) == shown


@pytest.mark.parametrize("code", [FULL, SHORT, CARTON, PACK, KI])
def test_wildberries_gets_the_full_scan(code: str) -> None:
    assert codes.wildberries_form(code) == code


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (FULL, FULL[:31]),
        (KI, KI),
        (SHORT, "01030410947874432155Qbag!93Zjqw"),  # its first 31 characters would end inside the verification part
        (CARTON, "010460043993125621jgXJ5.T800511200093Mdlr"),
        (PACK, PACK),
        (FULL.replace(GS, ""), KI),
    ],
)
def test_couriers_get_no_separator_and_31_characters_only_of_long_serials(value: str, form: str) -> None:
    assert codes.courier_form(value) == form


def test_a_text_that_no_database_holds_is_made_storable() -> None:
    assert codes.storable("a\x00b\ud800c") == "a\ufffdb\ufffdc"
    assert len(codes.storable("x" * 10_000)) == 600
