"""Fixtures for tests of scans in the browser: the bench's page at two widths, and a scanner in front of it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User
from backoffice.people import Role, create_user

from .bench import desk, sign_in

PASSWORD = "a password of tests"


@pytest.fixture(autouse=True)
def _bench() -> Iterator[None]:
    desk.reset()
    with override_settings(ROOT_URLCONF="tests.browser.scanner.bench"):
        yield


@pytest.fixture
def anna(live_server: LiveServer) -> User:
    return create_user("anna", role=Role.WAREHOUSE, password=PASSWORD)


@pytest.fixture
def context(browser: Browser, live_server: LiveServer, anna: User) -> Iterator[BrowserContext]:
    """Anna's browser; a script that breaks fails the test."""
    opened = browser.new_context(locale="en-GB", base_url=live_server.url, viewport={"width": 1440, "height": 900})
    opened.set_default_timeout(10_000)
    broken: list[str] = []
    opened.on("weberror", lambda error: broken.append(str(error.error)))
    opened.add_init_script("window.boScans = {silence: 1500};")  # as in shoot(), for keys that are pressed otherwise
    sign_in(opened, live_server, anna)
    yield opened
    opened.close()
    assert broken == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    opened = context.new_page()
    opened.goto("/tasks/1/")
    return opened


_SHIFTED = '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
_KEYS = {"Enter": ("Enter", 13, "\r"), "Tab": ("Tab", 9, "")}


def shoot(page: Page, text: str, end: str | None = "Enter") -> None:
    """A scanner: a key every 5 ms by the keys' own clock, which a busy machine does not change, then its suffix."""
    page.evaluate("if (window.boScans) boScans.silence = 1500")  # keys come as fast as the machine of the test is free
    session = page.context.new_cdp_session(page)
    now = time.time()
    for char in (*text, *([end] if end else [])):
        now += 0.005
        code, number, typed = _KEYS.get(char, ("", 0, char))
        shift = 8 if char in _SHIFTED else 0
        key = {"key": char, "code": code, "windowsVirtualKeyCode": number, "modifiers": shift, "timestamp": now}
        session.send("Input.dispatchKeyEvent", {"type": "keyDown" if typed else "rawKeyDown", "text": typed, **key})
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    session.detach()


def waiting(page: Page) -> int:
    """How many scans are in the browser's queue."""
    count: int = page.evaluate("boScans.store.all().then(rows => rows.length)")
    return count
