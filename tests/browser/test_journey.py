"""The main job as a person does it: Chromium, a real worker process, HTTP to the sandbox; from a new order to "received"."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from orders.enums import ActionState, CodeState, Stage
from orders.models import AssemblyTask, MarketplaceAccount, MarketplaceAction, MarkingCode
from sandbox.server import RunningSandbox
from tests.live.conftest import StartWorker
from tests.live.processes import until
from tests.live.test_worker import schedules_now
from tests.orders.conftest import made

from .conftest import Album

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("all_schedules")]

UIN = "1234567890123456"
SOON = 30_000


def arrived(shop: MarketplaceAccount, upstream: RunningSandbox) -> AssemblyTask:
    (number,) = made(upstream, requiredMeta=["uin"], article="one-ring-7548")
    schedules_now()
    rows = AssemblyTask.objects.filter(external_id=str(number))
    task = until(rows.first, "the order arrives by itself")
    assert task is not None
    return task


def press(page: Page, name: str) -> None:
    page.locator("#acts").get_by_role("button", name=name, exact=True).click()


def shoot(page: Page, code: str) -> None:
    """A scanner: keys in a burst, then Enter."""
    page.keyboard.type(code, delay=5)
    page.keyboard.press("Enter")


def test_from_a_new_order_to_received(
    page: Page, album: Album, shop: MarketplaceAccount, upstream: RunningSandbox, start_worker: StartWorker
) -> None:
    start_worker()
    task = arrived(shop, upstream)
    expect(page.get_by_text("one-ring-7548")).to_be_visible(timeout=SOON)
    album.take("queue")

    page.get_by_text("one-ring-7548").first.click()
    page.wait_for_url(f"**/tasks/{task.pk}/")
    page.get_by_role("button", name="Взять").click()
    expect(page.get_by_role("button", name="Взять")).to_have_count(0)
    if page.locator(".holder-menu summary").is_visible():  # on a phone what is seldom needed is in a menu
        page.locator(".holder-menu summary").click()
    expect(page.get_by_role("button", name="Вернуть в очередь")).to_be_visible()
    album.take("taken")
    page.keyboard.press("Escape")

    press(page, "Подтвердить")
    scan = page.locator("#scan-input")
    expect(scan).to_be_visible(timeout=SOON)
    album.take("assembling")

    shoot(page, UIN[:-1])
    expect(page.locator("#verdict .verdict.bad")).to_be_visible()
    album.take("refused-scan")
    assert MarkingCode.objects.count() == 0

    shoot(page, UIN)
    expect(page.locator("#verdict .verdict.ok")).to_be_visible()
    album.take("accepted-scan")
    until(lambda: MarkingCode.objects.get().state == CodeState.SENT, "the code is sent")

    press(page, "Готов к отгрузке")
    expect(page.locator(".head").get_by_text("Готов", exact=True)).to_be_visible()
    press(page, "Передать в доставку")
    until(lambda: AssemblyTask.objects.get().stage == Stage.DELIVERING, "it is being delivered")

    _hand_over(page, album, task, upstream)
    assert [effect["kind"] for effect in upstream.effects(int(task.external_id))] == [
        "made", "status", "meta.uin", "status", "status",
    ]  # fmt: skip
    assert set(MarketplaceAction.objects.values_list("state", flat=True)) == {ActionState.SUCCEEDED, ActionState.FAILED}


def _hand_over(page: Page, album: Album, task: AssemblyTask, upstream: RunningSandbox) -> None:
    """A mistyped code first: it is said in words and both ways out are offered; then the right one."""
    right = upstream.order(int(task.external_id))["code"]
    wrong = "000000" if right != "000000" else "111111"
    for code in (wrong, right):
        link = page.locator("#work").get_by_role("link", name="Принят покупателем")
        other = page.locator("#work").get_by_role("link", name="Ввести другой код")
        (link if code == wrong else other).first.click(timeout=SOON)
        page.locator("dialog input[name=code], #question-place input[name=code]").first.fill(code)
        album.take("code")
        page.keyboard.press("Enter")
        if code == wrong:
            expect(other.first).to_be_visible(timeout=SOON)
            album.take("wrong-code")
            assert AssemblyTask.objects.get().stage == Stage.DELIVERING
    until(lambda: AssemblyTask.objects.get().stage == Stage.RECEIVED, "it is received")
    page.goto(page.url)
    expect(page.locator(".tl").get_by_text("Принято: «Принят покупателем»")).to_be_visible()
    assert code not in page.url
    album.take("received")
