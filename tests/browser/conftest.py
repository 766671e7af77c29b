"""A browser in front of a live server, with a real worker and the sandbox behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from backoffice.people import Role, create_user
from tests.live.conftest import all_schedules, shop, start_worker, upstream  # noqa: F401 - fixtures

PASSWORD = "a password of tests"
#: Set to a folder to keep a picture of every step (the README's pictures are made like that).
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(params=[1440, 390], ids=["wide", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, tmp_path: Path) -> Iterator[Page]:
    """A Russian browser signed in as a warehouse user."""
    create_user("anna", role=Role.WAREHOUSE, password=PASSWORD)
    width = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="ru-RU")
    # A scanner is waited for, however busy the machine of the test is.
    context.add_init_script("window.boScans = {silence: 1500};")
    opened = context.new_page()
    opened.goto(live_server.url)
    opened.fill("input[name=username]", "anna")
    opened.fill("input[name=password]", PASSWORD)
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/tasks/")
    yield opened
    context.close()


class Album:
    """A picture a step, numbered; each one has to be a real picture of the page."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder, self.count = page, folder, 0

    def take(self, step: str) -> None:
        self.count += 1
        wide = self.page.viewport_size["width"] if self.page.viewport_size else 0
        path = self.folder / f"{self.count:02d}-{step}-{wide}.png"
        self.page.screenshot(path=path, full_page=True)
        assert path.stat().st_size > 5_000


@pytest.fixture
def album(page: Page, tmp_path: Path) -> Album:
    folder = Path(PICTURES) if PICTURES else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return Album(page, folder)
