"""The desk in Chromium: a scan brings an order, the keypad writes the code, and the answer of the sandbox comes to the page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders import signs
from orders.enums import ActionKind, ActionState, Stage
from orders.models import AssemblyTask, MarketplaceAction
from sandbox.server import RunningSandbox
from tests.orders.conftest import work

from .conftest import Task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SOON = 15_000
#: Set to a folder to keep a picture of every step.
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(params=[1440, 390], ids=["wide", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, web: Client) -> Iterator[Page]:
    """A page of the picker who is signed in; a script that breaks fails the test."""
    context = browser.new_context(
        locale="en-GB", viewport={"width": request.param, "height": 900}, base_url=live_server.url
    )
    context.set_default_timeout(SOON)
    session = web.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert broken == []


def picture(page: Page, step: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=Path(PICTURES) / f"desk-{step}-{width}.png", full_page=True)


def shoot(page: Page, text: str) -> None:
    page.keyboard.type(text, delay=5)
    page.keyboard.press("Enter")


def press(page: Page, digits: str) -> None:
    keypad = page.get_by_role("group", name="Digits")
    for digit in digits:
        keypad.get_by_role("button", name=digit, exact=True).click()


def test_a_wrong_code_then_the_right_one(task_at: Task, upstream: RunningSandbox, page: Page) -> None:
    task = task_at(Stage.DELIVERING, article="boots-42")
    right = str(upstream.order(int(task.external_id))["code"])
    wrong = "000000" if right != "000000" else "111111"
    addresses: list[str] = []
    page.on("request", lambda asked: addresses.append(asked.url))
    page.goto("/desk/")
    expect(page.locator("#desk-find-input")).to_be_focused()
    picture(page, "empty")

    shoot(page, signs.of_task(task.pk))
    expect(page.locator(".desk-number")).to_have_text(task.external_id)
    assert page.url.endswith(f"/desk/{task.pk}/")
    code = page.locator("#desk-code")
    expect(code).to_be_focused()
    press(page, wrong + "7")
    page.get_by_role("button", name="Delete the last digit").click()
    expect(code).to_have_value(wrong)
    expect(code).to_be_focused()
    picture(page, "code")

    page.get_by_role("button", name="Received", exact=True).click()
    expect(page.locator("#desk-work .verdict.wait")).to_contain_text("Sending…")
    expect(code).to_have_count(0)
    picture(page, "sending")
    work(task.account)
    expect(page.locator("#desk-work .verdict.bad")).to_contain_text("Wrong code")
    expect(page.locator(".desk-tries")).to_have_text("Wrong codes in half an hour: 1 of 5")
    expect(page.locator("#desk-results")).to_contain_text("wrong code")
    expect(code).to_be_focused()
    expect(code).to_have_value("")
    picture(page, "wrong")

    page.keyboard.type(right, delay=120)  # by hand
    page.keyboard.press("Enter")
    expect(page.locator("#desk-work .verdict.wait")).to_be_visible()
    work(task.account)
    expect(page.locator("#desk-work .verdict.ok")).to_contain_text("Received")
    expect(page.locator("#desk-find-input")).to_be_focused()
    picture(page, "done")
    assert AssemblyTask.objects.get(pk=task.pk).stage == Stage.RECEIVED
    assert sorted(MarketplaceAction.objects.filter(kind=ActionKind.RECEIVE).values_list("state", flat=True)) == [
        ActionState.FAILED, ActionState.SUCCEEDED,
    ]  # fmt: skip
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert all(secret not in text for secret in (right, wrong) for text in (kept, *addresses))


def test_the_next_order_is_scanned_while_an_answer_is_awaited(
    task_at: Task, upstream: RunningSandbox, page: Page
) -> None:
    first, second = task_at(Stage.DELIVERING), task_at(Stage.DELIVERING)
    page.goto(f"/desk/{first.pk}/")
    press(page, str(upstream.order(int(first.external_id))["code"]))
    page.get_by_role("button", name="Received", exact=True).click()
    expect(page.locator("#desk-work .verdict.wait")).to_be_visible()
    shoot(page, second.external_id)
    expect(page.locator(".desk-number")).to_have_text(second.external_id)
    press(page, "12")
    work(first.account)

    expect(page.locator("#desk-results .chip.ok")).to_contain_text("Received")
    expect(page.locator("#desk-code")).to_have_value("12")
    expect(page.locator(".desk-number")).to_have_text(second.external_id)


def test_a_key_is_large_enough_for_a_thumb_and_nothing_runs_out_of_the_page(task_at: Task, page: Page) -> None:
    task = task_at(Stage.DELIVERING)
    page.goto(f"/desk/{task.pk}/")
    sizes = page.evaluate(
        "[...document.querySelectorAll('.keypad button, .desk-big')].map((one) => one.getBoundingClientRect())"
        ".map((box) => Math.min(box.width, box.height))"
    )
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert len(sizes) >= 14
    assert min(sizes[:14]) >= 56
    assert wide <= 0
