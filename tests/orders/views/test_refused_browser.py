"""The board of refused scans in Chromium: what is new comes by itself and moves nothing under one's hands."""

from __future__ import annotations

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User
from orders.enums import ScanOutcome
from orders.models import Scan

from .conftest import browser as client_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def scan(user: User, title: str) -> Scan:
    facts = {"title": title, "text": "text"}
    return Scan.objects.create(user=user, raw="123", outcome=ScanOutcome.REFUSED, reason="unknown", facts=facts)


def test_new_refusals_come_above_and_the_place_is_kept(browser: Browser, live_server: LiveServer, boss: User) -> None:
    rows = [scan(boss, f"title {n}") for n in range(28)]
    session = client_of(boss).cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 800}, base_url=live_server.url)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto("/scans/")
    place = page.locator(f"#scan-{rows[3].pk}")
    place.scroll_into_view_if_needed()
    before = place.bounding_box()
    new = scan(boss, "<b>just now</b>")
    shown = page.locator(f"#scan-{new.pk}")
    expect(shown).to_have_count(1, timeout=15_000)

    expect(shown).to_contain_text("<b>just now</b>")
    assert page.locator("#scan-rows > .line").first.get_attribute("id") == f"scan-{new.pk}"
    expect(page.locator("#scan-counts")).to_contain_text("nothing has this number 29")
    after = place.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 2
    later = scan(boss, "later")
    expect(page.locator(f"#scan-{later.pk}")).to_have_count(1, timeout=15_000)
    context.close()
