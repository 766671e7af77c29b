"""Where one scan ends and the next begins: scanners without Enter, keys of people just before a scan."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .bench import SHOOT, desk
from .test_scanner_keys import CODE, accepted, keys_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEXT = "4600439931257"
#: Keys at the times they are said to have: [[key, code, shift], ms], none of them with a suffix.
PACED = """keys => keys.forEach(([[key, code, shift], at]) => {
  const event = new KeyboardEvent('keydown', {key, code, shiftKey: shift, bubbles: true, cancelable: true});
  Object.defineProperty(event, 'timeStamp', {value: performance.now() + at});
  (document.activeElement || document.body).dispatchEvent(event);
})"""


def paced(text: str, begins: int) -> list[tuple[tuple[str, str, bool], int]]:
    """A key every 5 ms."""
    return [(key, begins + 5 * n) for n, key in enumerate(keys_of(text))]


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """The page as it is everywhere, at a browser that has known a scanner with Enter."""
    context.add_init_script("window.boScans = {}; if (location.port) localStorage['scan-suffix'] = 'yes';")
    opened = context.new_page()
    opened.goto("/tasks/1/")
    yield opened
    assert opened.locator("[data-scan=main]").input_value() == ""


def test_a_scan_without_an_end_is_taken_at_once_whatever_the_scanner_before_it_sent(page: Page) -> None:
    page.clock.install(time=0)
    page.clock.pause_at(1_000)
    page.evaluate(SHOOT, [keys_of(CODE), None])
    page.clock.run_for(130)

    accepted(page, CODE)
    assert page.evaluate("localStorage['scan-suffix']") == "no"


def test_two_scans_without_an_end_soon_after_one_another_are_two(page: Page) -> None:
    page.evaluate(PACED, [*paced(CODE, 0), *paced(NEXT, 600)])

    expect(page.locator("[data-last-scans] li")).to_have_count(2)
    accepted(page, CODE, NEXT)


def test_a_scan_that_falters_after_its_first_keys_is_one(page: Page) -> None:
    page.evaluate(PACED, [*paced(CODE[:4], 0), *paced(CODE[4:], 400)])

    accepted(page, CODE)


def test_a_key_pressed_just_before_a_scan_is_no_part_of_it(page: Page) -> None:
    page.evaluate(PACED, [*paced("u", 0), *paced(CODE, 300)])

    accepted(page, CODE)
    assert desk.undone == []


def test_a_scan_right_after_u_does_not_begin_with_it(page: Page) -> None:
    page.evaluate(SHOOT, [keys_of(CODE), "Enter"])
    accepted(page, CODE)
    page.keyboard.press("u")
    expect(page.locator("#verdict strong")).to_have_text("Undone")
    page.evaluate(SHOOT, [keys_of(NEXT), "Enter"])

    accepted(page, CODE, NEXT)


def test_u_takes_the_last_scan_back_at_a_bench_where_no_button_says_so(page: Page) -> None:
    page.keyboard.press("u")
    expect(page.locator("#verdict strong")).to_have_text("Undone")

    assert [each.get("scan") for each in desk.undone] == [None]


def test_away_from_the_bench_a_u_is_a_letter(page: Page) -> None:
    page.goto("/bench/")
    page.clock.install()
    page.keyboard.press("u")
    page.clock.run_for(1_000)

    field = page.locator(".seek [data-scan]")
    expect(field).to_have_value("u")
    assert desk.undone == []
    page.goto("/tasks/1/")


def test_a_scan_right_after_the_help_does_not_begin_with_its_key(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    page.locator("#keys-help .answers button").click()
    expect(page.locator("#keys-help")).to_be_hidden()
    page.evaluate(SHOOT, [keys_of(CODE), "Enter"])

    accepted(page, CODE)
