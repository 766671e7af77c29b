"""What of the scans is written down in the browser, and how the queue gets past a scan the server fails on."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .bench import desk
from .conftest import shoot, waiting
from .test_scanner_queue import CODES, empty, places, said

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KEPT = [
    "0104600439931234215(+7912-34.56)@tel:x\x1d91EE10\x1d92abc+/==", "(01)04600439931234(21)ab+79161234567", "\x1d010460043993123421a",
    "10704010/010624/0000302", "89161234567", "12345678901", "4600439931202", "25-00031005270", "89123456-0012-1", "MW-0012345",
    "BO-T-12", "BO-C-NEXT", "00000046198488X?io+qCABm8wAYa",
]  # fmt: skip
PERSONAL = [
    "8-912-345-67-89", "+7(912)3456789", "+79123456789", "8(912)345-67-89", "(912)345-67-89", "912-345-67-89", "8.912.345.67.89",
    "ivan1@example.org", "BEGIN:VCARD", "TEL;TYPE=CELL:+79123456789", "tel:89123456789", "mailto:ivan1", "https://wa.me/79123456789",
    "Иванов7", "Ivan Petrov 7", "Petrov", "Petrov+79123456789",
]  # fmt: skip


def test_only_what_looks_like_a_code_is_written_down(page: Page) -> None:
    keeps = "texts => texts.filter(raw => boScans.store.keeps({raw, keys: ''}))"
    assert page.evaluate(keeps, KEPT) == KEPT
    assert page.evaluate(keeps, PERSONAL) == []
    typed = "texts => texts.filter(raw => boScans.store.keeps({raw, keys: '', typed: true}))"
    assert page.evaluate(typed, ["79161234567", "89161234567", "9161234567", "12345678901", "4600439"]) == [
        "12345678901",
        "4600439",
    ]


@pytest.mark.parametrize("card", ["TEL;TYPE=CELL:+79123456789", "8-912-345-67-89", "Ivan Petrov 7"])
def test_a_scan_of_something_personal_is_sent_at_once_or_lost(page: Page, context: BrowserContext, card: str) -> None:
    context.set_offline(True)
    shoot(page, card)
    said(page, "No connection")
    expect(page.locator("#verdict")).to_contain_text("scan it again")
    assert waiting(page) == 0
    context.set_offline(False)
    shoot(page, "BO-T-2")
    shoot(page, card)
    expect(page.locator("h1")).to_have_text("Page 2")
    said(page, f"Accepted {card}")

    assert places(desk.answered) == [("BO-T-2", "1"), (card, "2")]
    kept = json.dumps(page.evaluate("[{...localStorage}, {...sessionStorage}]"), ensure_ascii=False)
    assert card not in kept


def stuck(page: Page) -> None:
    """Five times an error of the server for the first scan."""
    desk.status = 500
    shoot(page, "BO-T-2")
    shoot(page, CODES[0])
    expect(page.locator("#scan-wait")).to_have_text("2 scans wait for the server")
    page.locator("#scan-wait").click()
    expect(page.locator("[data-set-aside]")).to_be_hidden()
    page.evaluate("""async () => {
      for (let n = 0; n < 5; n += 1) await boScans.pump();
    }""")
    expect(page.locator("[data-set-aside]")).to_be_visible()
    assert {scan["raw"] for scan in desk.heard} == {"BO-T-2"}
    desk.status = 200
    desk.heard.clear()
    page.locator("[data-set-aside]").click()
    expect(page.locator("#scan-wait")).to_have_text("1 scan set aside")
    expect(page.locator('[data-part="aside"] .code')).to_have_text(["BO-T-2"])


def test_a_scan_the_server_fails_on_is_set_aside_and_tried_again(page: Page) -> None:
    stuck(page)
    expect(page.locator("[data-last-scans] li")).to_have_count(2)
    assert places(desk.answered) == [(CODES[0], "")]  # after a sheet nobody knows what it was meant for
    page.reload()
    page.locator("#scan-wait").click()
    page.locator("[data-aside-again]").click()
    expect(page.locator("h1")).to_have_text("Page 2")

    assert places(desk.answered) == [(CODES[0], ""), ("BO-T-2", "1")]
    empty(page)


def test_a_scan_that_was_set_aside_is_discarded(page: Page) -> None:
    stuck(page)
    page.locator("[data-aside-discard]").click()
    empty(page)

    assert desk.codes == [CODES[0]]


def test_without_a_network_nothing_is_offered_to_be_set_aside(page: Page, context: BrowserContext) -> None:
    context.set_offline(True)
    shoot(page, CODES[0])
    expect(page.locator("#scan-wait")).to_be_visible()
    page.evaluate("""async () => {
      for (let n = 0; n < 6; n += 1) await boScans.pump();
    }""")
    page.locator("#scan-wait").click()
    expect(page.locator("#scan-waiting .code")).to_have_text([CODES[0]])

    expect(page.locator("[data-set-aside]")).to_be_hidden()


def test_a_page_that_cannot_be_turned_is_opened_as_a_whole(page: Page) -> None:
    page.evaluate("""() => {
      window.kept = 1;
      boScans.turn = async (there) => { history.pushState({}, "", there); throw new Error("half"); };
    }""")
    shoot(page, "BO-T-2")
    expect(page.locator("h1")).to_have_text("Page 2")
    assert page.evaluate("window.kept") is None
    shoot(page, CODES[0])
    said(page, f"Accepted {CODES[0]}")

    assert places(desk.answered) == [("BO-T-2", "1"), (CODES[0], "2")]
