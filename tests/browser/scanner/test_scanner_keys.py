"""A scanner in front of Chromium: its keys are a scan wherever the focus is, press nothing and spoil no field."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.orders.scans import FULL, typed_in_russian

from .bench import SHOOT, desk
from .conftest import shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CODE = "4600439931256"
PLAIN = "`1234567890-=qwertyuiop[]asdfghjkl;'\\zxcvbnm,./"
SHIFTED = '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|ZXCVBNM<>?'
PLACES = (
    ["Backquote"] + [f"Digit{n}" for n in "1234567890"] + ["Minus", "Equal"] + [f"Key{x}" for x in "QWERTYUIOP"]
    + ["BracketLeft", "BracketRight"] + [f"Key{x}" for x in "ASDFGHJKL"] + ["Semicolon", "Quote", "Backslash"]
    + [f"Key{x}" for x in "ZXCVBNM"] + ["Comma", "Period", "Slash"]
)  # fmt: skip


def keys_of(text: str, *, russian: bool = False) -> list[tuple[str, str, bool]]:
    """The keys a scanner of the US layout presses for a text, and what the layout makes of them."""
    shown = typed_in_russian(text) if russian else text
    return [
        (made, PLACES[(PLAIN if char in PLAIN else SHIFTED).index(char)], char in SHIFTED)
        for char, made in zip(text, shown, strict=True)
    ]


def accepted(page: Page, *codes: str) -> None:
    expect(page.locator("#verdict strong")).to_have_text(f"Accepted {codes[-1]}")
    assert desk.codes == list(codes)


@pytest.mark.parametrize("focus", ["#press", "#opener", "#choice", "a.brand", "body"])
def test_a_scan_is_read_wherever_the_focus_is_and_its_enter_presses_nothing(page: Page, focus: str) -> None:
    page.evaluate("document.activeElement.blur()")
    if focus != "body":
        page.locator(focus).first.focus()
    shoot(page, CODE)

    accepted(page, CODE)
    assert desk.forms == []
    assert page.locator("dialog[open]").count() == 0
    assert page.locator("[data-scan=main]").input_value() == ""
    assert page.locator("#choice").input_value() == "none"
    assert page.url.endswith("/tasks/1/")


@pytest.mark.parametrize("focus", ["#note", "#long"])
def test_a_scan_in_a_field_of_something_else_is_taken_out_of_it_again(page: Page, focus: str) -> None:
    page.locator(focus).fill("two boxes")
    page.locator(focus).evaluate("node => node.setSelectionRange(3, 3)")
    shoot(page, CODE)

    accepted(page, CODE)
    assert page.locator(focus).input_value() == "two boxes"
    assert page.locator(focus).evaluate("node => node.selectionStart") == 3
    assert desk.forms == []


def test_a_password_is_never_read_as_a_scan(page: Page) -> None:
    page.locator("#note").evaluate("node => { node.type = 'password'; }")
    page.locator("#note").focus()
    shoot(page, CODE, end=None)

    expect(page.locator("#note")).to_have_value(CODE)
    page.locator("#note").press("Enter")
    expect(page.locator(".answer")).to_be_visible()
    assert (desk.forms, desk.heard) == (["/form/"], [])


def test_a_list_that_had_the_focus_hears_of_no_choice(page: Page) -> None:
    page.evaluate("choice.addEventListener('change', () => { document.body.dataset.chosen = choice.value; })")
    page.locator("#choice").focus()
    chosen = "choice.value = 'Bo-two'; ['input', 'change'].forEach(each => choice.dispatchEvent(new Event(each, {bubbles: true})))"
    page.evaluate(
        f"([first, rest]) => {{ ({SHOOT})([first, null]); {chosen}; ({SHOOT})([rest, 'Enter']); }}",
        [keys_of("B"), keys_of("O-T-1")],
    )
    expect(page.locator("#verdict strong")).to_have_text("Opened 1")
    assert page.evaluate("[choice.value, document.body.dataset.chosen || '']") == ["none", ""]

    page.locator("#choice").focus()
    page.keyboard.press("b")
    expect(page.locator("body")).to_have_attribute("data-chosen", "Bo-two")


def test_a_field_that_asks_for_a_code_keeps_it(page: Page) -> None:
    page.locator("#into").focus()
    shoot(page, "AB", end=None)
    page.keyboard.press("Control+BracketRight")
    shoot(page, "CD-123456", end=None)

    assert page.locator("#into").input_value() == "AB\x1dCD-123456"
    assert desk.heard == []


def test_people_type_where_they_like(page: Page) -> None:
    page.locator("#note").focus()
    page.keyboard.type("a note", delay=90)
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_be_visible()

    assert desk.forms == ["/form/"]
    assert desk.heard == []


def test_a_code_typed_by_hand_into_the_scan_field_is_a_typed_scan(page: Page) -> None:
    page.keyboard.type("46004", delay=90)
    page.keyboard.press("Enter")

    accepted(page, "46004")
    assert [scan["typed"] for scan in desk.heard] == ["1"]


def test_a_scanner_without_a_suffix_ends_its_scan_by_silence(page: Page) -> None:
    page.evaluate("localStorage.setItem('scan-suffix', '?')")
    page.reload()
    page.evaluate(SHOOT, [keys_of(CODE), None])
    accepted(page, CODE)
    page.evaluate(SHOOT, [keys_of("4600439931257"), None])

    accepted(page, CODE, "4600439931257")
    assert page.evaluate("localStorage.getItem('scan-suffix')") == "no"
    assert page.locator("[data-scan=main]").input_value() == ""


def test_three_quick_keys_and_silence_are_a_person(page: Page) -> None:
    page.evaluate(SHOOT, [keys_of("the"), None])
    page.evaluate(SHOOT, [keys_of(CODE), "Enter"])

    expect(page.locator("#verdict strong")).to_be_visible()
    assert len(desk.heard) == 1


def test_a_tab_ends_a_scan_too_and_moves_nothing(page: Page) -> None:
    page.locator("#long").focus()
    shoot(page, CODE, "Tab")

    accepted(page, CODE)
    expect(page.locator("#long")).to_be_focused()
    assert desk.forms == []


def test_the_second_half_of_cr_lf_presses_nothing(page: Page) -> None:
    second = "new KeyboardEvent('keydown', {key: 'Enter', code: 'Enter', bubbles: true, cancelable: true})"
    stopped = f"!document.getElementById('press').dispatchEvent({second})"

    assert page.evaluate(f"([keys]) => {{ ({SHOOT})([keys, 'Enter']); return {stopped}; }}", [keys_of(CODE)]) is True
    accepted(page, CODE)


def test_the_wrong_layout_is_put_right_by_the_places_of_keys(page: Page) -> None:
    code = "0104600439931256215RJZx80hlqAq3?;'\"&<>/"
    page.evaluate(SHOOT, [keys_of(code, russian=True), "Enter"])
    expect(page.locator("#verdict strong")).to_be_visible()

    assert [(scan["raw"], scan["keys"]) for scan in desk.heard] == [
        (typed_in_russian(code), code),
    ]


def test_caps_lock_and_the_german_layout_are_put_right_and_plain_text_is_left_alone(page: Page) -> None:
    german = [("z", "KeyY", False), ("y", "KeyZ", False), ("ß", "Minus", False), *keys_of("1234567890")]
    page.evaluate(SHOOT, [german, "Enter"])
    page.evaluate(
        """([keys]) => keys.forEach(([key, code, shift]) => document.body.dispatchEvent(new KeyboardEvent('keydown',
        {key, code, shiftKey: shift, modifierCapsLock: true, bubbles: true, cancelable: true})))""",
        [
            [
                ("b", "KeyB", True),
                ("o", "KeyO", True),
                ("-", "Minus", False),
                ("X", "KeyX", False),
                *keys_of("1234567890"),
                ("Enter", "Enter", False),
            ]
        ],
    )
    # What may be personal does not wait in the line of the others, so it comes after them.
    expect(page.locator("#verdict strong")).to_have_text("Accepted BO-x1234567890")
    shoot(page, "Plain-1@")
    expect(page.locator("#verdict strong")).to_have_text("Accepted Plain-1@")

    assert [scan["keys"] for scan in desk.heard] == ["yz-1234567890", "BO-x1234567890", ""]


@pytest.mark.parametrize("focus", ["[data-scan=main]", "#press"])
def test_the_group_separator_is_kept(page: Page, focus: str) -> None:
    page.locator(focus).focus()
    head, *rest = FULL.split("\x1d")
    page.keyboard.type(head)
    for part in rest:
        page.keyboard.press("Control+BracketRight")
        page.keyboard.type(part)
    page.keyboard.press("Enter")
    expect(page.locator("#verdict strong")).to_be_visible()

    assert desk.codes == [FULL]


def test_the_group_separator_comes_as_f8_as_itself_and_as_alt_029(page: Page) -> None:
    plain, numpad = keys_of("0104600"), [["Alt", "AltLeft"], ["0", "Numpad0"], ["2", "Numpad2"], ["9", "Numpad9"]]
    page.evaluate(SHOOT, [[*plain, ("F8", "F8", False), *plain, ("\x1d", "", False), *plain], "Enter"])
    page.evaluate(
        """([plain, numpad]) => {
        const send = (type, init) => document.body.dispatchEvent(new KeyboardEvent(type, {bubbles: true, cancelable: true, ...init}));
        const text = () => plain.forEach(([key, code]) => send('keydown', {key, code}));
        text(); numpad.forEach(([key, code]) => send('keydown', {key, code, altKey: true})); send('keyup', {key: 'Alt'}); text();
        send('keydown', {key: 'Enter', code: 'Enter'}); }""",
        [plain, numpad],
    )
    expect(page.locator("[data-last-scans] li")).to_have_count(2)

    assert desk.codes == ["0104600\x1d0104600\x1d0104600", "0104600\x1d0104600"]


def test_an_open_question_is_neither_answered_nor_passed_over(page: Page) -> None:
    page.locator("#opener").click()
    page.locator("#yes").focus()
    shoot(page, CODE)
    expect(page.locator("#ask .scan-first")).to_contain_text("Close the question first")
    page.locator("#inside").focus()
    shoot(page, CODE)

    assert page.locator("#inside").input_value() == ""
    assert (desk.heard, desk.forms) == ([], [])
    page.keyboard.press("Escape")
    expect(page.locator("#ask .scan-first")).to_have_count(0)
    shoot(page, CODE)
    accepted(page, CODE)


def test_no_keyboard_of_the_screen_until_the_field_is_tapped(page: Page) -> None:
    field = page.locator("[data-scan=main]")
    expect(field).to_be_focused()

    assert field.evaluate("node => node.inputMode") == "none"

    field.click()

    assert field.evaluate("node => node.inputMode") == "text"


def test_u_takes_the_last_scan_back_unless_it_begins_a_code(page: Page) -> None:
    shoot(page, CODE)
    accepted(page, CODE)
    shoot(page, "unit-77")
    accepted(page, CODE, "unit-77")
    assert desk.undone == []
    page.keyboard.press("u")
    expect(page.locator("#verdict strong")).to_have_text("Undone")

    assert [each["scan"] for each in desk.undone] == ["7"]
    assert page.locator("[data-scan=main]").input_value() == ""


def test_a_page_may_take_scans_for_work_of_its_own(page: Page) -> None:
    page.evaluate(
        "document.addEventListener('scan', event => { document.body.dataset.got = event.detail.raw; event.preventDefault(); })"
    )
    shoot(page, CODE)

    expect(page.locator("body")).to_have_attribute("data-got", CODE)
    assert desk.heard == []
