"""The Content-Security-Policy in Chromium: nothing that a page needs is refused, and what is injected is."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page of an administrator who is signed in."""
    client = Client()
    client.force_login(User.objects.create(username="root", is_staff=True, is_superuser=True))
    context = browser.new_context(base_url=live_server.url)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    yield context.new_page()
    context.close()


def refusals(page: Page, path: str) -> list[str]:
    """What the browser refused to load or run on the page."""
    seen: list[str] = []
    page.on("console", lambda message: seen.append(message.text) if "Content Security Policy" in message.text else None)
    answer = page.goto(path, wait_until="networkidle")
    assert answer is not None
    assert answer.status == 200, path
    return seen


@pytest.mark.parametrize(
    "path", ["/styleguide/", "/admin/", "/admin/backoffice/user/", "/admin/django_q/schedule/add/"]
)
def test_pages_need_nothing_that_is_refused(page: Page, path: str) -> None:
    assert refusals(page, path) == []


def test_the_readable_api_schema_is_drawn(page: Page) -> None:
    assert refusals(page, "/api/v1/docs/") == []
    page.wait_for_selector("text=/api/v1/orders/")


def test_an_injected_script_does_not_run(page: Page) -> None:
    page.goto("/styleguide/")
    injected = "<img src=x onerror=window.stolen=1>"
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", injected)

    assert page.evaluate("window.stolen") is None
