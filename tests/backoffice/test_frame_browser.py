"""The frame in Chromium: what its scripts add, and that everything works without them."""

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import include, path
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long enough one 17"
GS = "\x1d"
_seen: list[tuple[str, str]] = []


def note(request: HttpRequest) -> HttpResponse:
    """Stands for the pages behind the frame's forms: keeps what arrived."""
    body = parse_qs(request.body.decode(), keep_blank_values=True)
    _seen.append((request.path, body.get("seek", body.get("code", [""]))[0]))
    return HttpResponse("<link rel='icon' href='data:,'><p class='answer'>answered</p>")


urlpatterns = [
    path("scan/", note),
    path("", include("backoffice.frame_urls")),
]


@pytest.fixture(autouse=True)
def _addresses() -> Iterator[None]:
    _seen.clear()
    with override_settings(ROOT_URLCONF=__name__):
        yield


def signed_in(context: BrowserContext, live_server: LiveServer) -> Page:
    User.objects.create_user("boss", password=PASSWORD, is_staff=True)
    page = context.new_page()
    page.goto(f"{live_server.url}/sign-in/?next=/styleguide/")
    page.fill("[name=username]", "boss")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/styleguide/")
    return page


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """The style page, signed in; a message of the console or a broken script fails the test."""
    context = browser.new_context(locale="en-GB", color_scheme="dark", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(10_000)
    context.add_init_script("window.boScans = {silence: 1500};")  # a busy machine presses keys late
    complaints: list[str] = []
    context.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield signed_in(context, live_server)
    context.close()
    assert complaints == []


def type_fast(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_the_theme_follows_the_system_before_the_first_paint(page: Page) -> None:
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"

    page.emulate_media(color_scheme="light")

    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_a_chosen_theme_wins_over_the_system(page: Page) -> None:
    page.get_by_label("Menu of boss").click()
    page.get_by_role("button", name="Light").click()
    page.wait_for_load_state()

    assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"
    assert User.objects.get().theme == "light"


@pytest.mark.parametrize("width", [390, 768, 1024, 1280, 1440])
def test_no_page_is_wider_than_its_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_touch_targets_are_large_enough(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    small = page.evaluate(
        """[...document.querySelectorAll('.btn, .stages a, .seek input, .menu summary, .notice .shut, .row-t .pick')]
        .filter(node => node.offsetParent).filter(node => node.getBoundingClientRect().height < 44)
        .map(node => node.outerHTML.slice(0, 80))"""
    )

    assert small == []


def test_a_dialog_opens_over_the_page_and_escape_takes_it_back(page: Page) -> None:
    page.get_by_role("link", name="Cancel the order").click()

    assert page.get_by_role("dialog", name="Cancel the order?").is_visible()
    assert page.evaluate("document.activeElement.textContent") == "No, go back"

    page.keyboard.press("Escape")

    assert page.locator("dialog[open]").count() == 0
    assert page.url.endswith("/styleguide/")


def test_the_code_field_keeps_digits_only(page: Page) -> None:
    page.get_by_role("link", name="Enter the buyer's code").click()
    page.keyboard.type("12 34-5")

    assert page.locator("dialog[open] [name=code]").input_value() == "12345"


def test_a_form_is_sent_once(page: Page) -> None:
    page.evaluate(
        """() => { const form = document.querySelector('#cancel form'); window.sends = 0;
        form.addEventListener('submit', event => { event.preventDefault(); window.sends += 1; }); }"""
    )
    page.get_by_role("link", name="Cancel the order").click()
    page.evaluate(
        "() => { const form = document.querySelector('#cancel form');"
        " for (let n = 0; n < 3; n += 1) form.requestSubmit(form.querySelector('.btn-danger')); }"
    )

    assert page.evaluate("window.sends") == 1
    assert page.locator("#cancel form").get_attribute("aria-busy") == "true"


def test_a_message_is_closed_and_a_told_one_is_text_only(page: Page) -> None:
    page.locator(".notice.error .shut").first.click()
    page.evaluate("document.dispatchEvent(new CustomEvent('toast', {detail: {text: '<b>done</b>', level: 'success'}}))")

    assert page.locator("#notices .notice.error").count() == 0
    assert page.locator("#toasts .notice span").inner_text() == "<b>done</b>"


def test_selecting_rows_counts_them(page: Page) -> None:
    page.locator("[data-pick-all]").check()

    assert page.locator("[data-picked]").inner_text() == "4"

    page.locator("[data-pick-all]").uncheck()

    assert page.locator("[data-when-picked]").is_hidden()


def test_the_field_has_the_focus_and_takes_a_scan_from_anywhere(page: Page) -> None:
    assert page.evaluate("document.activeElement.name") == "seek"

    page.locator("#panels").evaluate("() => document.activeElement.blur()")
    page.get_by_role("link", name="Cancel the order").focus()
    page.keyboard.type("0104600439931256")

    assert page.locator("[name=seek]").input_value() == "0104600439931256"
    assert page.locator("dialog[open]").count() == 0


def test_a_scan_is_sent_by_its_enter_and_the_second_half_of_it_is_swallowed(page: Page) -> None:
    with page.expect_navigation():
        type_fast(page, "4600439931256")
        page.keyboard.press("Enter")

    assert page.locator(".answer").inner_text() == "answered"
    assert _seen == [("/scan/", "4600439931256")]


def test_an_enter_alone_sends_nothing(page: Page) -> None:
    page.locator("[name=seek]").press("Enter")
    type_fast(page, "4600439931256")
    expect(page.locator(".answer")).to_have_text("answered")

    assert _seen == [("/scan/", "4600439931256")]


def test_the_group_separator_of_a_scanner_stays(page: Page) -> None:
    page.keyboard.type("0104600439931256215RJZ")
    page.keyboard.press("Control+BracketRight")
    page.keyboard.type("93abcd")

    assert page.locator("[name=seek]").input_value() == f"0104600439931256215RJZ{GS}93abcd"


def test_typing_into_another_field_stays_there(page: Page) -> None:
    page.locator("#id_title").click()
    page.keyboard.type("a title", delay=80)

    assert page.locator("#id_title").input_value() == "a title"
    assert page.locator("[name=seek]").input_value() == ""


def test_a_page_that_asks_for_the_focus_keeps_it(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/password/")

    expect(page.locator("[name=old_password]")).to_be_focused()


def test_without_scripts_a_question_is_a_page_and_the_menu_still_opens(
    browser: Browser, live_server: LiveServer
) -> None:
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    context.set_default_timeout(10_000)
    page = signed_in(context, live_server)
    page.get_by_role("link", name="Cancel the order").click()
    asked = page.locator("h1").inner_text()
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Dark").click()

    assert asked == "Cancel the order?"
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    context.close()
