"""What the scripts of the warehouse pages add, in Chromium. That all works without them too is tested beside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.enums import ActionKind, Stage
from orders.models import MarketplaceAction, MarkingCode, Scan
from tests.orders.scans import FULL

from .conftest import Task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, web: Client) -> Iterator[Page]:
    """A page of the picker who is signed in; a script that breaks fails the test."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900}, base_url=live_server.url)
    context.set_default_timeout(10_000)
    session = web.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert broken == []


def refresh(page: Page) -> None:
    """The refresh by the clock, without waiting for it."""
    with page.expect_response("**/tasks/**"):
        page.evaluate("htmx.trigger(document.body, 'queue-changed')")


def test_a_refresh_brings_news_and_takes_no_choice_away(task_at: Task, page: Page) -> None:
    first = task_at()
    page.goto("/tasks/")
    page.locator(f"#pick-{first.pk}").check()
    second = task_at()
    refresh(page)

    expect(page.locator(f"#row-{second.pk}")).to_be_visible()
    expect(page.locator(f"#pick-{first.pk}")).to_be_checked()
    expect(page.locator("#bulk")).to_contain_text("Selected: 1")
    page.locator("[data-pick-none]").click()
    expect(page.locator("#bulk")).to_be_hidden()


def test_a_code_is_asked_for_over_the_queue_and_a_bad_one_said_there(task_at: Task, page: Page) -> None:
    task = task_at(Stage.DELIVERING)
    page.goto("/tasks/?tab=delivering")
    page.locator(f"#go-{task.pk}").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("[name=code]").fill("12")
    dialog.get_by_role("button", name="Handed over").click()
    expect(dialog.locator(".invalid-feedback")).to_be_visible()
    assert MarketplaceAction.objects.filter(kind=ActionKind.RECEIVE).count() == 0

    dialog.locator("[name=code]").fill("123 456")
    dialog.get_by_role("button", name="Handed over").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(f"#row-{task.pk} .act")).to_contain_text("queued")
    assert MarketplaceAction.objects.filter(kind=ActionKind.RECEIVE).count() == 1


def test_scans_come_one_after_another_and_keep_the_focus(task_at: Task, page: Page) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"], article="boots-42")
    page.goto(f"/tasks/{task.pk}/")
    field = page.locator("#scan-input")
    expect(field).to_be_focused()
    field.fill("rubbish")
    field.press("Enter")
    expect(page.locator("#verdict .bad")).to_be_visible()
    head, *rest = FULL.split("\x1d")
    page.keyboard.insert_text(head)
    for part in rest:
        page.keyboard.press("Control+BracketRight")
        page.keyboard.insert_text(part)
    page.keyboard.press("Enter")

    expect(page.locator("#verdict")).to_contain_text("Code accepted: boots-42, 1 of 1")
    expect(page.locator(".unit.done")).to_be_visible()
    expect(field).to_be_focused()
    assert MarkingCode.objects.get().value == FULL
    assert Scan.objects.count() == 2
    page.locator(".unit").get_by_role("button").click()
    expect(page.locator(".unit.next")).to_be_visible()
    expect(page.locator("#verdict .ok")).to_have_count(0)
    page.locator(".unit.next").get_by_role("link", name="Type in").click()
    expect(page.locator("dialog[open] [name=raw]")).to_be_focused()


def test_filters_of_a_phone_are_a_sheet_behind_one_button(task_at: Task, page: Page) -> None:
    task_at()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/tasks/")
    sheet, button = page.locator(".filters-form"), page.locator(".filters > summary")
    expect(sheet).to_be_hidden()
    expect(page.locator(".sift-search input[type=search]")).to_be_visible()
    expect(page.locator("#stages a").first).to_be_visible()

    button.click()
    sheet.get_by_label("Mine").check()
    sheet.get_by_label("Test orders").check()
    assert page.url.endswith("/tasks/")  # nothing is sent before all is chosen
    sheet.get_by_role("button", name="Show").click()
    expect(button).to_have_text("Filters · 2")
    expect(sheet).to_be_hidden()
    button.click()
    page.mouse.click(200, 60)  # the page beside it
    expect(sheet).to_be_hidden()


def test_filters_stand_in_the_line_where_there_is_room(task_at: Task, page: Page) -> None:
    task_at()
    page.goto("/tasks/")
    expect(page.locator(".filters > summary")).to_be_hidden()
    page.locator(".filters-form").get_by_label("Mine").check()
    page.wait_for_url("**/tasks/?*mine=true*")


def test_columns_of_the_queue_stand_below_each_other(task_at: Task, page: Page) -> None:
    task_at()
    task_at(requiredMeta=["sgtin", "imei"])
    page.goto("/tasks/")
    lefts = page.locator(".row-t .place").evaluate_all("nodes => nodes.map(node => node.getBoundingClientRect().left)")

    assert len(lefts) == 3
    assert len(set(lefts)) == 1
    tops = page.locator(".sift > *, .filters-form > *").evaluate_all(
        "nodes => nodes.filter(node => node.checkVisibility()).map(node => Math.round(node.getBoundingClientRect().bottom))"
    )
    assert max(tops) - min(tops) < 12  # one line
