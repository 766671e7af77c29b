"""What the browser says of scans and of the connection beside the verdicts: the list, the question, the chip, signing out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from .bench import VERDICT, desk
from .conftest import shoot, waiting
from .test_scanner_queue import CODES, said

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: A part of the page that is read anew by the clock, and a button that asks for the same.
POLLED = """() => { main.insertAdjacentHTML('beforeend', `<p id="polled" hx-get="/form/" hx-trigger="every 200ms">old</p>
<button type="button" id="asks" hx-get="/form/" hx-target="#polled">Ask</button>`); htmx.process(main);
document.addEventListener('htmx:afterSettle', () => { document.body.dataset.settled = '1'; }); }"""

MISSED = "document.addEventListener('htmx:sendError', () => { document.body.dataset.missed = 1; })"


def dead(route: Route) -> None:
    route.abort()


# The connection ---------------------------------------------------------------------------------------------------------
def test_without_a_connection_one_chip_says_so_and_leaves_by_itself(page: Page) -> None:
    page.evaluate(POLLED)
    page.evaluate(MISSED)
    page.route("**/form/", dead)
    expect(page.locator("body")).to_have_attribute("data-missed", re.compile("[1-9]"))
    page.evaluate("delete document.body.dataset.missed")
    expect(page.locator("body")).to_have_attribute("data-missed", re.compile("[1-9]"))
    expect(page.locator("#scan-away")).to_be_visible()
    assert page.locator("#toasts .notice").count() == 0
    page.unroute("**/form/")

    expect(page.locator("#scan-away")).to_be_hidden()


def test_a_server_that_fails_the_clock_is_no_message_either(page: Page) -> None:
    page.evaluate(POLLED)
    page.route("**/form/", lambda route: route.fulfill(status=502, body="away"))
    expect(page.locator("#scan-away")).to_be_visible()
    assert page.locator("#toasts .notice").count() == 0
    page.unroute("**/form/")

    expect(page.locator("#scan-away")).to_be_hidden()


def test_what_a_person_asked_for_is_answered_by_a_message(page: Page) -> None:
    page.evaluate(POLLED.replace("every 200ms", "never"))
    page.route("**/form/", dead)
    page.locator("#asks").click()

    expect(page.locator("#toasts .notice.error")).to_contain_text("No connection")


def test_a_scan_that_waits_says_which_one_it_is(page: Page, context: BrowserContext) -> None:
    context.set_offline(True)
    shoot(page, CODES[3])
    said(page, "Not confirmed yet")
    expect(page.locator("#verdict p")).to_contain_text("…931203 · No connection")
    expect(page.locator("#scan-wait")).to_be_visible()
    assert page.locator("#scan-away").is_hidden()  # one chip is enough
    shoot(page, "BO-T-2")

    expect(page.locator("#verdict p")).to_contain_text("BO-T-2 · No connection")


# The focus --------------------------------------------------------------------------------------------------------------
def test_a_part_that_is_read_anew_leaves_the_focus_where_it_is(page: Page) -> None:
    page.evaluate(POLLED.replace("every 200ms", "again from:body"))
    page.locator("#opener").focus()
    page.evaluate("document.body.dispatchEvent(new Event('again'))")
    expect(page.locator("body")).to_have_attribute("data-settled", "1")
    expect(page.locator("#opener")).to_be_focused()
    page.evaluate("document.activeElement.blur(); document.body.dispatchEvent(new Event('again'))")

    expect(page.locator("[data-scan=main]")).to_be_focused()


def test_a_part_that_held_the_focus_gives_it_to_the_field(page: Page) -> None:
    page.evaluate(POLLED.replace(">old<", "><a href='/bench/'>old</a><").replace("every 200ms", "again from:body"))
    page.locator("#polled a").focus()
    page.evaluate("document.body.dispatchEvent(new Event('again'))")
    expect(page.locator("body")).to_have_attribute("data-settled", "1")

    expect(page.locator("[data-scan=main]")).to_be_focused()


# Words ------------------------------------------------------------------------------------------------------------------
HTML = (
    '<div class="verdict ask"><span class="sign"></span><div class="body"><strong>Of another order</strong></div></div>'
)


@pytest.mark.parametrize("html", ["", HTML], ids=["words", "fragment"])
def test_the_button_of_a_question_says_what_it_does(page: Page, html: str) -> None:
    asked = {"outcome": "ask", "tone": "warn", "sound": "ask", "title": "Of another order", "again": 5, "html": html}
    desk.reply = lambda _scan: {**asked, "yes": "Swap the codes"}
    shoot(page, CODES[0])
    expect(page.locator("#verdict [data-scan-again]")).to_have_text("Swap the codes")
    desk.reply = lambda _scan: asked
    shoot(page, CODES[1])

    expect(page.locator("#verdict [data-scan-again]")).to_have_text("The code is right, take it")


def test_the_list_of_the_last_scans_keeps_the_reason_and_the_order(page: Page) -> None:
    refused = {
        "tone": "bad",
        "sound": "error",
        "title": "Not now",
        "text": "2 pcs were not scanned yet. Scan them.",
        "head": "3 · 4091-12",
    }
    answers = [
        {**refused},
        {**refused, "title": "3 · 4091-12 · Not now", "text": "Why " * 40},
        {"title": "Right", "text": "phone-x11, 1 of 1", "head": "3 · 4091-12"},
        {"tone": "warn", "title": "Scanned already", "word": "Repeat"},
    ]
    for code, told in zip(CODES, answers, strict=False):
        desk.reply = lambda _scan, told=told: {**VERDICT, **told}  # type: ignore[misc]
        shoot(page, code)
        said(page, str(told["title"]))
    page.reload()
    rows = page.locator("[data-last-scans] li > span:not(.sign)")
    expect(rows).to_have_count(4)

    assert [row.split("\n") for row in reversed(rows.all_inner_texts())] == [
        ["Not now", "3 · 4091-12 · 2 pcs were not scanned yet."],
        ["3 · 4091-12 · Not now", ("Why " * 40)[:89] + "…"],
        ["Right", "3 · 4091-12"],
        ["Scanned already"],
    ]
    expect(page.locator("[data-last-scans] li").first.locator(".visually-hidden")).to_have_text("Repeat")


# Signing out ------------------------------------------------------------------------------------------------------------
def signs_out(page: Page) -> None:
    """Two scans wait, one of them set aside; signing out asks first."""
    desk.status = 503
    shoot(page, CODES[0])
    shoot(page, CODES[1])
    expect(page.locator("#scan-wait")).to_have_text("2 scans wait for the server")
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.locator("#scan-leaving")).to_be_visible()
    expect(page.locator("#scan-leaving [data-what]")).to_have_text("2 scans wait for the server")


def test_nobody_is_signed_out_while_scans_wait_however_often_he_asks(page: Page) -> None:
    signs_out(page)
    page.get_by_role("button", name="Stay").click()
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.locator("#scan-leaving")).to_be_visible()

    assert page.url.endswith("/tasks/1/")
    assert waiting(page) == 2


def test_the_scans_are_sent_first_and_then_the_person_is_signed_out(page: Page) -> None:
    signs_out(page)
    page.get_by_role("button", name="Send and sign out").click()
    expect(page.locator("#scan-leaving [data-sending]")).to_be_visible()
    assert page.url.endswith("/tasks/1/")
    desk.status = 200
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_url("**/sign-out/")

    assert desk.codes == CODES[:2]


def test_a_scan_that_leads_elsewhere_does_not_keep_from_signing_out(page: Page) -> None:
    desk.status = 503
    shoot(page, "order-7")
    expect(page.locator("#scan-wait")).to_be_visible()
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    desk.status = 200
    page.get_by_role("button", name="Send and sign out").click()
    page.wait_for_url("**/sign-out/")

    assert desk.codes == ["order-7"]


def test_the_list_is_saved_and_nothing_is_lost_by_it(page: Page) -> None:
    signs_out(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the list").click()
    text = download.value.path().read_text(encoding="utf-8-sig")

    assert [line.rpartition(";")[2] for line in text.splitlines()] == ["scan", f'"{CODES[0]}"', f'"{CODES[1]}"']
    assert waiting(page) == 2
    assert page.url.endswith("/tasks/1/")


def test_scans_are_given_up_in_so_many_words(page: Page) -> None:
    signs_out(page)
    page.get_by_role("button", name="Lose them and sign out").click()
    page.wait_for_url("**/sign-out/")

    assert desk.codes == []
