"""Scans that lead to another page: nothing shot meanwhile is lost or cut, with a connection or without one; what PRINT prints."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from .bench import SHOOT, desk
from .conftest import shoot
from .test_scanner_keys import keys_of
from .test_scanner_queue import CODES, empty, places, said

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BADGE, PRINT, ORDER, SHEET = "BO-U-5-2-K7QX2M", "BO-C-PRINT", "order-7", "BO-T-2"
#: Where a scan leads, and the task that scans after it belong to.
LEADS = {BADGE: ("Page 1", "1"), PRINT: ("Paper", "1"), ORDER: ("Page 7", ""), SHEET: ("Page 2", "2")}
COUNTED = """window.print = () => { sessionStorage.printed = Number(sessionStorage.printed || 0) + 1;
document.documentElement.dataset.printed = sessionStorage.printed; };"""
AFTER = [50, 200, 400, 800]


@pytest.fixture(autouse=True)
def _printer(context: BrowserContext) -> None:
    context.add_init_script(COUNTED)


def printed(page: Page, times: int) -> None:
    expect(page.locator("html")).to_have_attribute("data-printed", str(times))


@pytest.mark.parametrize("first", LEADS)
def test_scans_while_a_page_is_opened_are_neither_lost_nor_cut(page: Page, first: str) -> None:
    title, task = LEADS[first]
    page.evaluate("window.kept = 1")
    shots = [[keys_of(code), after] for code, after in zip(CODES, AFTER, strict=False)]
    page.evaluate(
        f"""([first, shots]) => {{ const shoot = {SHOOT}; shoot([first, 'Enter']);
        shots.forEach(([keys, after]) => setTimeout(() => shoot([keys, 'Enter']), after)); }}""",
        [keys_of(first), shots],
    )
    expect(page.locator("h1")).to_contain_text(title)
    expect(page.locator(":is(#verdict, #scan-said) strong")).to_have_text([f"Accepted {CODES[3]}"])

    assert desk.codes == [first, *CODES[:4]]
    assert places(desk.answered)[-1] == (CODES[3], task)
    assert page.evaluate("window.kept") == 1  # the same document: no key was dropped


@pytest.mark.parametrize("first", LEADS)
def test_a_scan_in_the_middle_of_which_the_page_comes_is_one(page: Page, first: str) -> None:
    title, task = LEADS[first]
    page.evaluate("document.querySelector('h1').id = 'old'")
    page.evaluate(
        f"""([first, head, tail]) => {{ const shoot = {SHOOT}; shoot([first, 'Enter']);
        new MutationObserver((_all, watch) => {{ if (!document.getElementById('old')) {{
          watch.disconnect(); shoot([tail, 'Enter']); }} }}).observe(document.body, {{childList: true, subtree: true}});
        shoot([head, null]); }}""",
        [keys_of(first), keys_of(CODES[0][:7]), keys_of(CODES[0][7:])],
    )
    expect(page.locator("h1")).to_contain_text(title)
    expect(page.locator(":is(#verdict, #scan-said) strong")).to_have_text([f"Accepted {CODES[0]}"])

    assert places(desk.answered)[-1] == (CODES[0], task)


def test_a_badge_changes_the_head_and_spoils_no_form(page: Page) -> None:
    page.goto("/bench/")
    page.locator("#note").fill("two boxes")
    shoot(page, BADGE)
    expect(page.locator(".top .picker")).to_contain_text("K7QX2M")
    shoot(page, "BO-U-6-1-A7QX2B")
    expect(page.locator(".top .picker")).to_contain_text("A7QX2B")

    assert page.locator(".top .picker").count() == 1
    assert page.locator("#note").input_value() == "two boxes"


def test_the_way_back_is_taken_without_another_document(page: Page) -> None:
    page.evaluate("window.kept = 1")
    shoot(page, SHEET)
    expect(page.locator("h1")).to_have_text("Page 2")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Page 1")
    shoot(page, CODES[0])
    said(page, f"Accepted {CODES[0]}")

    assert places(desk.answered)[-1] == (CODES[0], "1")
    assert page.evaluate("window.kept") == 1


# Without a connection ---------------------------------------------------------------------------------------------------
def dead(route: Route) -> None:
    route.abort()


def test_the_network_dies_between_the_answer_and_the_page(page: Page) -> None:
    page.route("**/tasks/2/", dead)
    shoot(page, SHEET)
    said(page, "Not opened yet")
    expect(page.locator("#verdict .verdict.wait")).to_contain_text("opens by itself")
    shoot(page, CODES[0])
    expect(page.locator("[data-last-scans] li")).to_have_count(2)
    assert page.url.endswith("/tasks/1/")
    page.unroute("**/tasks/2/")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("h1")).to_have_text("Page 2")
    said(page, f"Accepted {CODES[0]}")

    assert places(desk.answered) == [(SHEET, "1"), (CODES[0], "2")]


def test_a_page_that_comes_late_brings_the_verdict_that_led_to_it(page: Page) -> None:
    page.route("**/tasks/2/", dead, times=1)
    shoot(page, SHEET)
    said(page, "Not opened yet")
    expect(page.locator("h1")).to_have_text("Page 2")

    said(page, "Opened 2")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_page_that_nobody_can_serve_now_is_asked_for_again(page: Page, status: int) -> None:
    page.route("**/tasks/2/", lambda route: route.fulfill(status=status, body="away"), times=1)
    shoot(page, SHEET)
    said(page, "Not opened yet")
    expect(page.locator("h1")).to_have_text("Page 2")

    said(page, "Opened 2")


def test_a_link_that_is_pressed_without_a_connection_leaves_the_page_where_it_is(
    page: Page, context: BrowserContext
) -> None:
    context.set_offline(True)
    expect(page.locator("#scan-away")).to_be_visible()
    page.locator("a.brand").first.click()
    said(page, "No connection")
    shoot(page, CODES[0])
    said(page, "Not confirmed yet")
    context.set_offline(False)
    said(page, f"Accepted {CODES[0]}")

    expect(page.locator("#scan-away")).to_be_hidden()
    assert page.url.endswith("/tasks/1/")
    empty(page)
    page.locator("a.brand").first.click()
    page.wait_for_url(lambda url: not url.endswith("/tasks/1/"))


# PRINT ------------------------------------------------------------------------------------------------------------------
def test_print_prints_once_and_comes_back_to_the_bench(page: Page) -> None:
    page.evaluate("window.kept = 1")
    for times in (1, 2):
        shoot(page, PRINT)
        expect(page.locator("h1")).to_have_text("Paper sheet")
        printed(page, times)
        shoot(page, CODES[times])
        expect(page.locator("#scan-said strong")).to_have_text(f"Accepted {CODES[times]}")
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        expect(page.locator("h1")).to_have_text("Page 1")
        assert page.url.endswith("/tasks/1/")

    assert page.evaluate("[window.kept, Number(sessionStorage.printed)]") == [1, 2]
    assert places(desk.answered) == [(PRINT, "1"), (CODES[1], "1"), (PRINT, "1"), (CODES[2], "1")]


def test_a_page_to_print_that_was_opened_by_hand_waits_for_its_button(page: Page) -> None:
    page.goto("/print/tasks/1/")
    page.locator("[data-print]").click()
    printed(page, 1)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    shoot(page, PRINT)
    printed(page, 2)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    shoot(page, CODES[0])
    expect(page.locator("#scan-said strong")).to_have_text(f"Accepted {CODES[0]}")

    assert page.url.endswith("/print/tasks/1/")


def test_the_size_that_was_chosen_last_is_what_this_browser_prints(page: Page) -> None:
    page.goto("/print/tasks/1/")
    page.get_by_role("link", name="Label").click()
    expect(page.locator("h1")).to_have_text("Paper 58x40")
    page.goto("/tasks/1/")
    shoot(page, PRINT)
    expect(page.locator("h1")).to_have_text("Paper 58x40")
    printed(page, 1)
    page.get_by_role("link", name="Sheet").click()
    expect(page.locator("h1")).to_have_text("Paper sheet")
    page.goto("/tasks/1/")
    shoot(page, PRINT)
    printed(page, 2)

    expect(page.locator("h1")).to_have_text("Paper sheet")
