"""The mark of training in Chromium: in sight on every screen and at every place of a page, and the way in and out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.models import AssemblyTask, MarketplaceAccount
from sandbox.server import RunningSandbox
from tests.orders.conftest import pulled
from tests.orders.exercises import practised

from .conftest import Task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
#: Set to a folder to keep pictures.
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(
    params=[(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")], ids=lambda one: f"{one[0]}-{one[1]}"
)
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, web: Client) -> Iterator[Page]:
    """A page of the picker who is signed in."""
    width, scheme = request.param
    context = browser.new_context(
        locale="en-GB", viewport={"width": width, "height": 800}, base_url=live_server.url, color_scheme=scheme
    )
    session = web.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    yield context.new_page()
    context.close()


def keep(page: Page, name: str, request: pytest.FixtureRequest) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"training-{name}-{request.node.callspec.id}.png")


def test_the_bar_is_in_sight_wherever_one_is(
    gym: MarketplaceAccount, upstream: RunningSandbox, task_at: Task, page: Page, request: pytest.FixtureRequest
) -> None:
    practised(upstream, count=14)
    first = pulled(gym)[0]
    real: AssemblyTask = task_at()
    page.goto("/training/")
    expect(page.locator(".training-bar")).to_have_count(0)
    keep(page, "page", request)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url("**/tasks/")

    bar = page.locator(".training-bar")
    expect(bar).to_contain_text("TRAINING — nothing here is real")
    keep(page, "queue", request)
    page.mouse.wheel(0, 3000)
    page.wait_for_function("window.scrollY > 0")
    expect(bar).to_be_in_viewport(ratio=1)
    box, stop = bar.bounding_box(), bar.get_by_role("button", name="Stop training").bounding_box()
    assert box
    assert stop
    assert (box["y"], box["width"]) == (0, page.evaluate("document.documentElement.clientWidth"))
    assert stop["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    top = page.locator(".top").bounding_box()
    assert top
    assert top["y"] >= box["height"] - 1
    keep(page, "queue-below", request)
    page.goto(f"/tasks/{first.pk}/")
    keep(page, "task", request)
    page.goto(f"/tasks/{real.pk}/")
    expect(bar).to_contain_text("TRAINING — but this order is real")
    keep(page, "real", request)

    bar.get_by_role("button", name="Stop training").click()
    expect(bar).to_have_count(0)
    page.goto(f"/tasks/{first.pk}/")
    expect(bar).to_contain_text("TRAINING ORDER — nothing here is real")
    keep(page, "exercise", request)
    bar.get_by_role("button", name="Start training").click()
    expect(bar).to_contain_text("TRAINING — nothing here is real")
    assert page.url.endswith(f"/tasks/{first.pk}/")


def test_papers_on_the_screen(task_at: Task, page: Page, request: pytest.FixtureRequest) -> None:
    """A phone scrolls the paper, not the page; the button prints."""
    task = task_at()
    page.goto(f"/print/tasks/{task.pk}/")
    keep(page, "sheet", request)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Print", exact=True).click()
    assert page.evaluate("window.printed") is True
    page.get_by_role("link", name="Label 58×40").click()
    page.wait_for_url("**form=58x40")
    keep(page, "label", request)
    assert page.locator(".paper").evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(255, 255, 255)"
