"""Shortcuts beside the scanner, in Chromium: a row is chosen, opened and done without the mouse; the help tells how."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.models import AssemblyTask, MarketplaceAction

from .conftest import Task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, web: Client) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900}, base_url=live_server.url)
    context.set_default_timeout(10_000)
    session = web.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert broken == []


def two(task_at: Task) -> tuple[AssemblyTask, AssemblyTask]:
    """The first is due first."""
    first, second = task_at(), task_at()
    for hours, task in ((1, first), (2, second)):
        AssemblyTask.objects.filter(pk=task.pk).update(deadline_at=timezone.now() + timedelta(hours=hours))
    return first, second


def test_arrows_choose_a_row_and_enter_opens_it(task_at: Task, page: Page) -> None:
    first, second = two(task_at)
    page.goto("/tasks/")

    page.keyboard.press("ArrowDown")
    expect(page.locator(f"#row-{first.pk}[data-chosen]")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")  # there is no third one
    expect(page.locator("[data-chosen]")).to_have_id(f"row-{second.pk}")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tasks/{first.pk}/")


def test_rows_are_selected_and_their_button_pressed(task_at: Task, page: Page) -> None:
    first, second = two(task_at)
    page.goto("/tasks/")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Alt+s")
    expect(page.locator(f"#pick-{first.pk}")).to_be_checked()
    page.keyboard.press("Alt+a")
    expect(page.locator(f"#pick-{second.pk}")).to_be_checked()
    with page.expect_response(f"**/tasks/{first.pk}/act/"):
        page.keyboard.press("Alt+Enter")
    assert list(MarketplaceAction.objects.values_list("task", "kind")) == [(first.pk, "confirm")]


def test_the_choice_outlives_a_refresh(task_at: Task, page: Page) -> None:
    first = task_at()
    page.goto("/tasks/")
    page.keyboard.press("ArrowDown")
    with page.expect_response("**/tasks/**"):
        page.evaluate("htmx.trigger(document.body, 'queue-changed')")

    expect(page.locator(f"#row-{first.pk}[data-chosen]")).to_be_visible()


def test_a_question_mark_shows_the_help_unless_more_follows(task_at: Task, page: Page) -> None:
    task_at()
    page.goto("/tasks/")
    helped = page.locator("#keys-help")

    page.keyboard.type("?x", delay=5)
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    expect(helped).to_be_hidden()
    page.keyboard.press("?")
    expect(helped).to_be_visible()
    expect(helped).to_contain_text("open the chosen row")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-chosen]")).to_have_count(0)  # what is behind a question is left alone
    page.keyboard.press("Escape")
    expect(helped).to_be_hidden()
