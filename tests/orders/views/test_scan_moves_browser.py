"""Scans that lead from one real page to another, in Chromium: the document stays, so no key of the next scan is dropped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User
from backoffice.people import Role, create_user
from orders import signs
from orders.enums import ScanOutcome, Stage
from orders.models import Badge, Scan
from orders.signs import Command
from tests.browser.scanner.conftest import shoot
from tests.orders.scans import FULL

from .conftest import Task
from .conftest import browser as signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PRINTER = "window.print = () => { document.documentElement.dataset.printed = location.pathname + location.search; };"


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, web: Client) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", base_url=live_server.url)
    context.set_default_timeout(10_000)
    context.add_init_script("window.boScans = {silence: 1500}; window.opened = (window.opened || 0) + 1;" + PRINTER)
    session = web.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert broken == []


@pytest.fixture
def boris(db: None) -> User:
    person = create_user("boris", role=Role.WAREHOUSE, password="a password of tests")
    Badge.objects.create(user=person, serial=1)
    return person


def test_a_badge_and_print_keep_the_bench_and_the_next_scan(task_at: Task, page: Page, boris: User) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"], article="boots-42")
    page.goto(f"/tasks/{task.pk}/")
    page.evaluate("document.documentElement.dataset.kept = 1")
    shoot(page, signs.of_badge(boris.pk, 1))
    expect(page.locator(".top .picker")).to_contain_text(boris.short_name)
    shoot(page, signs.of_command(Command.PRINT))
    expect(page.locator("article.paper.sheet")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-printed", f"/print/tasks/{task.pk}/")
    shoot(page, FULL)
    expect(page.locator("#scan-said .verdict.ok")).to_contain_text("boots-42")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".unit.done")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-kept", "1")

    assert page.url.endswith(f"/tasks/{task.pk}/")
    rows = Scan.objects.order_by("pk").values_list("outcome", "user", "task_id")
    assert list(rows)[1:] == [
        (ScanOutcome.OPENED, boris.pk, task.pk),
        (ScanOutcome.ACCEPTED, boris.pk, task.pk),
    ]


def test_pages_that_scans_open_say_where_the_next_scan_belongs(task_at: Task, boss: User) -> None:
    one, two = task_at(Stage.ASSEMBLING), task_at(Stage.ASSEMBLING)
    manager = signed_in(boss)
    paper = f'data-scan-task="{one.pk}"'

    assert paper in manager.get(f"/print/tasks/{one.pk}/").content.decode()
    assert "data-scan-task" not in manager.get("/print/tasks/", {"ids": f"{one.pk},{two.pk}"}).content.decode()
    assert f'data-scan-order="{one.order_id}"' in manager.get(f"/orders/{one.order_id}/").content.decode()
