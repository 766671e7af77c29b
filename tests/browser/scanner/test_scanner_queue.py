"""No scan is lost: what is read while the server is away waits in the browser and is replayed in order, each answered once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User
from backoffice.people import Role, create_user

from .bench import accepted, desk, sign_in
from .conftest import PASSWORD, shoot, waiting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CODES = [f"46004399312{n:02}" for n in range(10)]
STORED = "boScans.store.all()"


def said(page: Page, text: str) -> None:
    expect(page.locator("#verdict strong")).to_have_text(text)


def empty(page: Page) -> None:
    expect(page.locator("#scan-wait")).to_be_hidden()
    assert waiting(page) == 0


def places(of: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(scan["keys"] or scan["raw"], scan["task"]) for scan in of]


def test_ten_scans_in_two_seconds_are_answered_in_order_and_none_is_skipped(page: Page) -> None:
    for code in CODES:
        shoot(page, code)
    said(page, f"Accepted {CODES[-1]}")

    assert places(desk.answered) == [(code, "1") for code in CODES]
    assert len({scan["nonce"] for scan in desk.heard}) == len(desk.heard) == 10
    assert {scan["replay"] for scan in desk.heard} == {""}
    assert page.locator("[data-last-scans] li > span:not(.sign)").all_inner_texts() == [
        f"Accepted {code}" for code in reversed(CODES)
    ]
    empty(page)


def test_the_network_is_cut_in_the_middle_and_nothing_is_lost(page: Page, context: BrowserContext) -> None:
    shoot(page, CODES[0])
    said(page, f"Accepted {CODES[0]}")
    context.set_offline(True)
    for code in CODES[1:4]:
        shoot(page, code)
    said(page, "Not confirmed yet")
    expect(page.locator("#verdict .verdict.wait")).to_be_visible()
    expect(page.locator("#scan-wait")).to_have_text("3 scans wait for the server")
    assert desk.codes == CODES[:1]

    context.set_offline(False)
    said(page, f"Accepted {CODES[3]}")

    assert desk.codes == CODES[:4]
    assert [scan["replay"] for scan in desk.answered][:2] == ["", "1"]
    empty(page)


@pytest.mark.parametrize("status", [500, 502, 503, 429, 404])
def test_a_server_that_cannot_answer_is_asked_again(page: Page, status: int) -> None:
    desk.status = status
    shoot(page, CODES[0])
    said(page, "Not confirmed yet")
    desk.status = 200
    page.evaluate("window.dispatchEvent(new Event('online'))")
    said(page, f"Accepted {CODES[0]}")

    assert len(desk.heard) >= 2
    assert desk.codes == CODES[:1]


def test_an_answer_that_is_lost_on_the_way_makes_no_second_scan(page: Page) -> None:
    lost: list[str] = []

    def lose(route: Route) -> None:
        route.fetch()
        lost.append(route.request.url)
        route.abort()

    page.route("**/scan/answer/", lose, times=1)
    shoot(page, CODES[0])
    said(page, "Not confirmed yet")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    said(page, f"Accepted {CODES[0]}")

    assert len(lost) == 1
    assert [scan["nonce"] for scan in desk.heard] == [desk.answered[0]["nonce"]] * 2
    assert [scan["replay"] for scan in desk.heard] == ["", "1"]
    assert page.locator("[data-last-scans] li").count() == 1


def test_the_queue_outlives_the_page_and_its_answers_are_told_on_the_next_one(page: Page) -> None:
    desk.status = 503
    shoot(page, CODES[0])
    shoot(page, "bad-1234")
    expect(page.locator("#scan-wait")).to_have_text("2 scans wait for the server")
    desk.status = 200
    page.goto("/bench/")
    expect(page.locator("[data-last-scans] li")).to_have_count(2)

    assert places(desk.answered) == [(CODES[0], "1"), ("bad-1234", "1")]
    assert {scan["replay"] for scan in desk.heard[-2:]} == {"1"}
    expect(page.locator("#toasts .notice.error")).to_contain_text("Refused bad-1234")
    empty(page)


def test_a_reload_sends_what_waited(page: Page) -> None:
    desk.status = 503
    shoot(page, CODES[0])
    expect(page.locator("#scan-wait")).to_be_visible()
    desk.status = 200
    page.reload()
    said(page, f"Accepted {CODES[0]}")

    assert desk.codes == CODES[:1]


def test_a_scan_of_a_sheet_turns_the_scans_that_were_shot_after_it(page: Page) -> None:
    desk.status = 503
    for code in ("BO-T-2", CODES[0], CODES[1], "BO-T-3", CODES[2]):
        shoot(page, code)
    expect(page.locator("#scan-wait")).to_contain_text("5 scans wait for the server")
    desk.status = 200
    page.evaluate("window.kept = 1; window.dispatchEvent(new Event('online'))")
    page.wait_for_url("**/tasks/3/")
    expect(page.locator("h1")).to_have_text("Page 3")
    said(page, f"Accepted {CODES[2]}")
    assert page.evaluate("window.kept") == 1  # the document has not changed, so no key was lost
    shoot(page, CODES[3])
    said(page, f"Accepted {CODES[3]}")

    assert places(desk.answered) == [
        ("BO-T-2", "1"), (CODES[0], "2"), (CODES[1], "2"), ("BO-T-3", "2"), (CODES[2], "3"), (CODES[3], "3"),
    ]  # fmt: skip


def test_scans_while_the_page_changes_reach_the_task_that_was_opened(page: Page) -> None:
    for code in ("BO-T-2", *CODES[:3]):
        shoot(page, code)
    for code in CODES[3:5]:
        shoot(page, code)
    said(page, f"Accepted {CODES[4]}")

    assert places(desk.answered) == [("BO-T-2", "1"), *((code, "2") for code in CODES[:5])]


def test_after_a_sheet_that_is_refused_nobody_guesses_where_the_scans_belong(page: Page) -> None:
    desk.reply = lambda scan: (
        accepted({**scan, "raw": "bad " + scan["raw"]}) if scan["raw"].startswith("BO-") else accepted(scan)
    )
    desk.status = 503
    shoot(page, "BO-T-99")
    shoot(page, CODES[0])
    expect(page.locator("#scan-wait")).to_have_text("2 scans wait for the server")
    desk.status = 200
    page.evaluate("window.dispatchEvent(new Event('online'))")
    said(page, f"Accepted {CODES[0]}")

    assert places(desk.answered) == [("BO-T-99", "1"), (CODES[0], "")]


def test_the_session_ends_and_the_queue_waits_until_the_same_person_is_back(
    page: Page, context: BrowserContext, live_server: LiveServer, anna: User
) -> None:
    context.clear_cookies()
    shoot(page, CODES[0])
    expect(page.locator("#scan-wait")).to_have_text("1 scan waits for the server · sign in again")
    said(page, "Not confirmed yet")
    page.locator("#scan-wait").click()
    link = page.locator("#scan-waiting [data-sign-in]")
    expect(link).to_be_visible()
    assert link.get_attribute("href") == "/sign-in/?next=%2Ftasks%2F1%2F"

    other = context.new_page()
    other.goto("/sign-in/?next=/bench/")
    other.fill("[name=username]", "anna")
    other.fill("[name=password]", PASSWORD)
    other.keyboard.press("Enter")
    other.wait_for_url("**/bench/")
    expect(other.locator("[data-last-scans], #toasts .notice").first).to_be_attached()
    page.bring_to_front()
    page.locator("#scan-waiting [data-close]").click()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#scan-wait")).to_be_hidden()

    assert places(desk.answered) == [(CODES[0], "1")]
    assert desk.answered[0]["replay"] == "1"


def test_scans_of_somebody_else_are_shown_and_never_sent(
    page: Page, context: BrowserContext, live_server: LiveServer, db: None
) -> None:
    desk.status = 503
    shoot(page, CODES[0])
    expect(page.locator("#scan-wait")).to_be_visible()
    desk.status = 200
    context.clear_cookies()
    sign_in(context, live_server, create_user("boris", role=Role.WAREHOUSE, password=PASSWORD))
    page.goto("/bench/")
    expect(page.locator("#scan-wait")).to_have_text("1 scan left here by somebody else")
    shoot(page, CODES[1])
    expect(page.locator("#scan-said strong")).to_have_text(f"Accepted {CODES[1]}")
    assert desk.codes == [CODES[1]]

    page.locator("#scan-wait").click()
    expect(page.locator("#scan-waiting .code")).to_have_text([CODES[0]])
    with page.expect_download() as download:
        page.locator("[data-save]").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == "time;task;wave;scan"
    assert text.splitlines()[1].endswith(f'"1";"";"{CODES[0]}"')
    page.locator("[data-discard]").click()
    empty(page)
    assert desk.codes == [CODES[1]]


def test_a_page_of_somebody_who_has_gone_does_not_send_in_the_name_of_the_next(
    page: Page, context: BrowserContext, live_server: LiveServer, db: None
) -> None:
    context.clear_cookies()
    create_user("boris", role=Role.WAREHOUSE, password=PASSWORD)
    other = context.new_page()
    other.goto("/sign-in/?next=/bench/")
    other.fill("[name=username]", "boris")
    other.fill("[name=password]", PASSWORD)
    other.keyboard.press("Enter")
    other.wait_for_url("**/bench/")
    page.bring_to_front()
    shoot(page, CODES[0])
    expect(page.locator("#scan-wait")).to_have_text("1 scan left here by somebody else")

    assert desk.answered == []
    assert waiting(page) == 1


def test_names_and_phones_that_are_typed_are_never_written_down(page: Page, context: BrowserContext) -> None:
    context.set_offline(True)
    field = page.locator("[data-scan=main]")
    for typed in ("Ivan Petrov", "Иванова", "+79161234567", "89161234567"):
        field.fill(typed)
        field.press("Enter")
        said(page, "No connection")
        expect(field).to_have_value(typed)
    shoot_typed = "46004399"
    field.fill(shoot_typed)
    field.press("Enter")
    said(page, "Not confirmed yet")

    stored: list[dict[str, Any]] = page.evaluate(STORED)
    assert [scan["raw"] for scan in stored] == [shoot_typed]
    assert set(stored[0]) == {"n", "nonce", "raw", "keys", "typed", "at", "task", "wave", "user", "page", "chain"}
    kept = json.dumps(page.evaluate("[{...localStorage}, {...sessionStorage}]"), ensure_ascii=False)
    assert not [word for word in ("Petrov", "Иванова", "9161234567") if word in kept]


def test_the_search_in_the_head_stays_a_search(page: Page) -> None:
    page.goto("/bench/")
    page.locator(".seek input[name=seek]").fill("Ivan Petrov")
    page.locator(".seek input[name=seek]").press("Enter")
    expect(page.locator(".answer")).to_be_visible()

    assert desk.forms == ["/scan/"]
    assert desk.heard == []


def test_a_scan_that_was_not_sent_yet_is_taken_back_without_the_server(page: Page, context: BrowserContext) -> None:
    context.set_offline(True)
    shoot(page, CODES[0])
    said(page, "Not confirmed yet")
    shoot(page, CODES[1])
    page.locator("#verdict [data-scan-drop]").click()
    said(page, "Taken back: it had not been sent")
    context.set_offline(False)
    expect(page.locator("#scan-wait")).to_be_hidden()

    assert desk.codes == CODES[:1]
    assert waiting(page) == 0


def test_two_windows_send_one_after_another_and_each_shows_its_own(page: Page, context: BrowserContext) -> None:
    second = context.new_page()
    second.goto("/tasks/2/")
    desk.status = 503
    page.bring_to_front()
    shoot(page, CODES[0])
    expect(page.locator("#scan-wait")).to_be_visible()
    second.bring_to_front()
    shoot(second, CODES[1])
    expect(second.locator("#scan-wait")).to_have_text("2 scans wait for the server")
    desk.status = 200
    second.evaluate("window.dispatchEvent(new Event('online'))")
    said(second, f"Accepted {CODES[1]}")
    said(page, f"Accepted {CODES[0]}")

    assert places(desk.answered) == [(CODES[0], "1"), (CODES[1], "2")]
    assert page.url.endswith("/tasks/1/")


def test_without_a_database_in_the_browser_the_queue_is_in_memory(page: Page) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'indexedDB', {value: {open() { throw new Error('private'); }}})"
    )
    page.reload()
    desk.status = 503
    shoot(page, CODES[0])
    shoot(page, "BO-T-1")
    shoot(page, CODES[1])
    expect(page.locator("#scan-wait")).to_have_text("3 scans wait for the server")
    desk.status = 200
    page.evaluate("window.dispatchEvent(new Event('online'))")
    said(page, f"Accepted {CODES[1]}")

    assert desk.codes == [CODES[0], "BO-T-1", CODES[1]]
    empty(page)


def test_who_may_not_work_on_tasks_looks_them_up_with_the_scanner(page: Page, anna: User) -> None:
    anna.groups.clear()
    page.goto("/bench/")
    shoot(page, CODES[0])
    expect(page.locator(".answer")).to_be_visible()

    assert desk.forms == ["/scan/"]
    assert desk.heard == []
