"""What transport does to a scan, and how it is undone (contract "marking codes" 3.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import codes
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
    steady,
    typed_in_russian,
)

printable = st.characters(min_codepoint=32, max_codepoint=126)
gs1_char = st.sampled_from(sorted(set(map(chr, range(33, 127))) - set("#$@[\\]^`{|}~")))
PIECES = ["01", GTIN, "21", "93", "91", "92", GS, "]d2", "]Y", "~", "<GS>", "\\u001d", "и", "А", "/"]
PIECES += ["(01)", "(93)", " ", ".", "aB", "\ud800", "\xe8", "(21)", "1725", "10"]


# --- what arrives


@pytest.mark.parametrize("code", [FULL, SHORT, CARTON, PACK, KI, IMEI, GTD, "1234567890123456", "WB-42/blue"])
def test_a_clean_scan_is_left_alone(code: str) -> None:
    reading = codes.read(code)
    assert (reading.raw, reading.value, reading.repairs, reading.errors) == (code, code, (), ())


@pytest.mark.parametrize(
    ("around", "repairs"),
    [
        ("]d2{}", ("prefix",)),
        ("]C1{}", ("prefix",)),
        ("]Q3{}\r\n", ("trailing", "prefix")),
        (GS + "{}", ("fnc1",)),
        ("\xe8{}", ("fnc1",)),
        ("и{}", ("fnc1",)),  # byte 232 read as Windows-1251
        ("<FNC1>{}", ("fnc1",)),
        ("]d2" + GS + "{}" + GS + "\t", ("trailing", "prefix", "fnc1")),
        ("{}\n", ("trailing",)),
        ("\ufeff {}", ("leading",)),
        ("\x02{}\x03", ("trailing", "leading")),
    ],
)
def test_what_transport_adds_is_taken_off(around: str, repairs: tuple[str, ...]) -> None:
    raw = around.format(FULL)
    reading = codes.read(raw)
    assert (reading.raw, reading.value, reading.repairs, reading.errors) == (raw, FULL, repairs, ())


STAND_INS = [
    "\\u001d",
    "\\\\u001d",
    "\\x1d",
    "\\U001D",
    "<GS>",
    "{GS}",
    "{gs}",
    "[GS]",
    "<0x1D>",
    "%1D",
    "_x001D_",
    "&#29;",
    "&lt;GS&gt;",
]
STAND_INS += ["\u241d", "~", "|", "^]", "\xe8"]


@pytest.mark.parametrize("stand_in", STAND_INS)
@pytest.mark.parametrize("code", [FULL, SHORT, CARTON])
def test_textual_stand_ins_become_separators(code: str, stand_in: str) -> None:
    reading = codes.read(code.replace(GS, stand_in))
    assert (reading.value, reading.repairs, named(reading.warnings)) == (code, ("gs_text",), [])


@pytest.mark.parametrize("space", [" ", "\xa0"])
def test_a_space_from_a_web_page_becomes_a_separator(space: str) -> None:
    assert codes.read(FULL.replace(GS, space)).value == FULL


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        (f"(01){GTIN}(21)5RJZx80hlqAq3(91)FFD0(92){SIGNATURE}", FULL),
        (f"(01) {GTIN} (21) 5RJZx80hlqAq3 (91) FFD0 (92) {SIGNATURE}", FULL),
        ("(01)03041094787443(21)55Qbag!(93)Zjqw", SHORT),
        ("(01)04600439931256(21)jgXJ5.T(8005)112000(93)Mdlr", CARTON),
        (f"{KI}(91)FFD0(92){SIGNATURE}", FULL),
        (f"(01){GTIN}(21)a(91)b(21)c", f"01{GTIN}21a(91)b(21)c"),
    ],
)
def test_bracketed_text_below_a_code(printed: str, code: str) -> None:
    reading = codes.read(printed)
    assert (reading.value, reading.repairs) == (code, ("brackets",))


@pytest.mark.parametrize(
    "serial",
    ["<GS>abcdefghi", "%1Dabc_x001D_", "a|b~c{d}e\\f", "(91)abcd(92)", "\"&</%?'x", "91FFD092sGGt9", "0121919293GS"],
)
def test_text_like_a_separator_inside_a_serial_is_kept(serial: str) -> None:
    value = f"01{GTIN}21{serial}{GS}91FFD0{GS}92{SIGNATURE}"
    reading = codes.read(value)
    assert (reading.value, reading.serial, reading.repairs) == (value, serial, ())


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("4 600439 931256", "4600439931256"),
        ("4901 5420 3237 518", IMEI),
        ("10704010 / 010624 / 0000302", GTD),
        ("01 04600439931256 21 5RJZx80hlqAq3", KI),
    ],
)
def test_spaces_typed_for_the_eye_go(typed: str, value: str) -> None:
    assert (codes.read(typed).value, codes.read(typed).repairs) == (value, ("spaces",))


# --- the Russian layout


def test_a_scan_in_the_russian_layout_is_turned_back_and_said() -> None:
    reading = codes.read(typed_in_russian(FULL))
    assert (reading.value, reading.repairs, named(reading.warnings)) == (FULL, ("layout",), [])
    assert (reading.kinds, reading.gtin, reading.serial) == (("sgtin",), GTIN, "5RJZx80hlqAq3")


def test_the_published_scan_in_the_russian_layout() -> None:
    assert codes.read("ХЭыещслшеуьЭЖ").value == '{"stockitem":'


def test_prefix_and_separators_are_found_behind_the_layout() -> None:
    reading = codes.read(typed_in_russian("]d2" + SHORT.replace(GS, "<GS>")) + "\r")
    assert (reading.value, reading.repairs) == (SHORT, ("layout", "trailing", "prefix", "gs_text"))


def test_moved_punctuation_is_restored_with_a_warning() -> None:
    reading = codes.read(typed_in_russian(f"{KI}{GS}91FFD0{GS}92/{SIGNATURE[1:]}"))
    assert reading.value == f"{KI}{GS}91FFD0{GS}92/{SIGNATURE[1:]}"
    assert named(reading.warnings) == named(reading.doubts) == ["layout_punctuation"]


def test_a_customs_number_in_the_russian_layout_is_known_by_its_dots() -> None:
    reading = codes.read("10704010.010624.0000302")
    assert (reading.value, reading.kinds, reading.repairs, reading.warnings) == (GTD, ("gtd",), ("layout",), ())


def test_look_alike_letters_are_replaced_with_a_warning() -> None:
    reading = codes.read(FULL.replace("A", "А").replace("x", "х"))
    assert (reading.value, reading.repairs, named(reading.warnings)) == (FULL, ("lookalike",), ["lookalike"])


def test_only_look_alike_letters_may_be_either() -> None:
    reading = codes.read("0104600439931256215АВС1234")
    assert (reading.value, reading.repairs) == ("0104600439931256215FDC1234", ("layout",))
    assert named(reading.doubts) == ["layout_or_lookalike"]


def test_mixed_letters_that_cannot_be_repaired_are_refused() -> None:
    reading = codes.read(FULL.replace("R", "Ы"))
    assert (reading.kinds, named(reading.errors), reading.repairs) == (("unknown",), ["mixed_layout"], ())


@steady
@given(st.text(printable, min_size=1, max_size=140).filter(lambda text: any(char.isalpha() for char in text)))
def test_every_latin_scan_typed_in_the_russian_layout_is_restored(text: str) -> None:
    assert codes.read(typed_in_russian(text)).value == codes.read(text).value


@steady
@given(st.text(gs1_char, max_size=60))
def test_every_marking_code_typed_in_the_russian_layout_is_itself_again(rest: str) -> None:
    reading = codes.read(typed_in_russian(f"01{GTIN}21e{rest}"))
    assert (reading.value, reading.repairs, reading.kinds) == (f"01{GTIN}21e{rest}", ("layout",), ("sgtin",))


# --- for every input


@steady
@given(
    st.one_of(
        st.text(st.characters(), max_size=560),
        st.lists(st.sampled_from(PIECES)).map("".join),
    )
)
def test_reading_never_raises_and_reading_twice_is_reading_once(raw: str) -> None:
    reading = codes.read(raw)
    again = codes.read(reading.value)
    assert again.value == reading.value
    assert again.repairs == () or not reading.value
    assert reading.raw == raw
    for kind in (*CodeKind.values, *reading.kinds):
        codes.judge(reading, kind)
        codes.identity(reading.value, kind)
    (codes.short(raw) + codes.courier_form(reading.value)).encode("utf-8", "surrogatepass")


@steady
@given(st.text(gs1_char, min_size=6, max_size=20), st.text(gs1_char, min_size=4, max_size=88))
def test_with_separators_any_serial_is_delimited_whatever_it_holds(serial: str, signature: str) -> None:
    value = f"01{GTIN}21{serial}{GS}91FFD0{GS}92{signature}"
    reading = codes.read(value)
    assert (reading.value, reading.serial, reading.kinds[0]) == (value, serial, "sgtin")
    assert codes.identity(value, "sgtin") == f"01{GTIN}21{serial}"
    assert codes.short(value) == f"01 {GTIN} 21 {serial}"
