"""The scanner at real tasks, in Chromium: what is scanned goes to the server that decides, and the page follows."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders import signs
from orders.enums import CodeState, ScanOutcome, Stage
from orders.models import MarkingCode, Scan
from tests.browser.scanner.bench import SHOOT
from tests.browser.scanner.conftest import shoot
from tests.browser.scanner.test_scanner_keys import keys_of
from tests.orders.scans import FULL, SHORT

from .conftest import Task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Set to a folder to keep pictures.
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(params=[1440, 390], ids=["wide", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, web: Client) -> Iterator[Page]:
    """A page of the picker who is signed in; a script that breaks fails the test."""
    wide: bool = request.param > 400
    context = browser.new_context(
        locale="en-GB",
        viewport={"width": request.param, "height": 900 if wide else 844},
        base_url=live_server.url,
        color_scheme="light" if wide else "dark",
        has_touch=not wide,
    )
    context.set_default_timeout(10_000)
    context.add_init_script("window.boScans = {silence: 1500};")
    session = web.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert broken == []


def take(page: Page, name: str) -> None:
    if PICTURES and page.viewport_size:
        page.screenshot(path=f"{PICTURES}/{name}-{page.viewport_size['width']}.png")


def test_codes_go_to_their_units_a_sheet_opens_the_next_task_and_undo_takes_back(task_at: Task, page: Page) -> None:
    first = task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"], article="boots-42")
    second = task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"], article="coat-50")
    page.goto("/tasks/")
    shoot(page, "nonsense-00")
    expect(page.locator("#scan-said .verdict.bad")).to_be_visible()
    take(page, "scan-queue-refused")
    shoot(page, signs.of_task(first.pk))
    page.wait_for_url(f"**/tasks/{first.pk}/")
    expect(page.locator("#scan-input")).to_be_visible()
    page.evaluate(SHOOT, [keys_of(SHORT.replace("\x1d", ""), russian=True), "Enter"])
    expect(page.locator("#verdict .verdict.warn")).to_contain_text("Keyboard layout corrected")
    take(page, "scan-task-asks")
    page.locator("#verdict [data-scan-again]").click()
    expect(page.locator("#verdict .verdict.ok")).to_contain_text("Code accepted: boots-42")
    expect(page.locator(".unit.done")).to_be_visible()
    take(page, "scan-task-accepted")

    shoot(page, signs.of_task(second.pk))
    page.wait_for_url(f"**/tasks/{second.pk}/")
    expect(page.locator("h1")).to_contain_text(second.external_id)
    shoot(page, FULL)
    expect(page.locator("#verdict .verdict.ok")).to_contain_text("Code accepted: coat-50")
    expect(page.locator(".unit.done")).to_be_visible()
    page.locator("#verdict [data-scan-undo]").click()
    expect(page.locator(".unit.next")).to_be_visible()
    take(page, "scan-task-undone")

    codes = MarkingCode.objects.order_by("pk").values_list("task_id", "state")
    assert list(codes) == [(first.pk, CodeState.PENDING), (second.pk, CodeState.REMOVED)]
    outcomes = Scan.objects.exclude(raw="BO-C-UNDO").order_by("pk").values_list("outcome", "task_id")
    assert list(outcomes) == [
        (ScanOutcome.REFUSED, None), (ScanOutcome.OPENED, first.pk), (ScanOutcome.ASK, first.pk), (ScanOutcome.ACCEPTED, first.pk),
        (ScanOutcome.OPENED, second.pk), (ScanOutcome.ACCEPTED, second.pk),
    ]  # fmt: skip


def test_the_network_is_cut_at_a_task_and_nothing_is_lost(task_at: Task, page: Page) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"], article="boots-42")
    page.goto(f"/tasks/{task.pk}/")
    page.context.set_offline(True)
    shoot(page, FULL)
    shoot(page, "nonsense-00")
    expect(page.locator("#scan-wait")).to_have_text("2 scans wait for the server")
    expect(page.locator("#verdict .verdict.wait")).to_be_visible()
    take(page, "scan-offline")
    page.locator("#scan-wait").click()
    expect(page.locator("#scan-waiting .code")).to_have_count(2)
    take(page, "scan-offline-dialog")
    page.locator("#scan-waiting [data-close]").click()
    assert Scan.objects.count() == 0

    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator(".unit.done")).to_be_visible()
    expect(page.locator("#scan-wait")).to_be_hidden()
    expect(page.locator("#verdict .verdict.bad")).to_be_visible()
    take(page, "scan-replayed")

    assert list(Scan.objects.order_by("pk").values_list("outcome", flat=True)) == [
        ScanOutcome.ACCEPTED,
        ScanOutcome.REFUSED,
    ]
