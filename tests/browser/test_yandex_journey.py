"""A Yandex Market order as a person works it: three units with their codes, on its way, and a buyer who wants to cancel."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from orders.enums import ActionKind, ActionState, AttentionKind, CodeState, Stage
from orders.models import AssemblyTask, Attention, MarketplaceAccount, MarketplaceAction, MarkingCode
from orders.services.syncing import reread
from sandbox.server import RunningSandbox
from tests.live.conftest import StartWorker
from tests.live.processes import until
from tests.live.test_worker import schedules_now
from tests.orders.yandex_market.conftest import connected, made

from .conftest import Album

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("all_schedules")]

SOON = 30_000
HEAD = "0104600439931256215RJZx80hlqAq"
CODES = [f"{HEAD}{unit}\x1d91FFD0\x1d92sGGtBnYBxYJ2bpEx55+DjlbOAUSHWVQQO9IxBPo3uA=" for unit in (1, 2, 3)]
LINES = [
    {"offerId": "SNEAKERS-39", "offerName": "Кроссовки", "count": 3, "price": 4890, "requiredInstanceTypes": ["CIS"]}
]


@pytest.fixture
def shop(transactional_db: None, upstream: RunningSandbox) -> MarketplaceAccount:
    return connected(upstream)


def arrived(shop: MarketplaceAccount, upstream: RunningSandbox) -> AssemblyTask:
    (number,) = made(upstream, items=LINES, type="DELIVERY")
    schedules_now()
    task = until(AssemblyTask.objects.filter(external_id=number).first, "the order arrives by itself")
    assert task is not None
    return task


def press(page: Page, name: str) -> None:
    page.locator("#acts").get_by_role("button", name=name, exact=True).click()


def shoot(page: Page, code: str) -> None:
    """A scanner: keys in a burst, GS as Ctrl+], then Enter."""
    first, *rest = code.split("\x1d")
    page.keyboard.type(first, delay=2)
    for part in rest:
        page.keyboard.press("Control+BracketRight")
        page.keyboard.type(part, delay=2)
    page.keyboard.press("Enter")


def test_three_codes_and_a_cancellation_request(
    page: Page,
    album: Album,
    shop: MarketplaceAccount,
    upstream: RunningSandbox,
    start_worker: StartWorker,
    tmp_path: Path,
) -> None:
    start_worker()
    task = arrived(shop, upstream)
    expect(page.get_by_text("SNEAKERS-39")).to_be_visible(timeout=SOON)
    page.get_by_text("SNEAKERS-39").first.click()
    page.wait_for_url(f"**/tasks/{task.pk}/")
    press(page, "Начать сборку")
    expect(page.locator("#scan-input")).to_be_visible(timeout=SOON)
    assert upstream.ym.place(int(task.external_id)) == "PROCESSING/STARTED"  # nobody there has to know

    _scan(page, album)
    until(lambda: set(MarkingCode.objects.values_list("state", flat=True)) == {CodeState.VERIFIED}, "codes are taken")
    assert len([call for call in upstream.calls("/identifiers") if call["method"] == "PUT"]) == 1
    press(page, "Готов к отгрузке")
    until(lambda: AssemblyTask.objects.get().stage == Stage.READY, "the market knows that it is packed")
    expect(page.locator("#acts").get_by_role("button", name="Передать в доставку")).to_be_enabled(timeout=SOON)
    press(page, "Передать в доставку")
    until(lambda: AssemblyTask.objects.get().stage == Stage.DELIVERING, "it is being delivered")

    _refuse_the_wish(page, album, task, upstream)
    _receive(page, album)
    states = set(MarketplaceAction.objects.values_list("kind", "state"))
    assert {state for _kind, state in states} == {ActionState.SUCCEEDED}
    moves = [each["after"] for each in upstream.ym.effects(int(task.external_id)) if each["kind"] == "status"]
    assert moves == [
        "PROCESSING/READY_TO_SHIP", "DELIVERY/DELIVERY_SERVICE_RECEIVED", "DELIVERED/DELIVERY_SERVICE_DELIVERED",
    ]  # fmt: skip


def _scan(page: Page, album: Album) -> None:
    """Two of three: the page shows which unit lacks one, and the order cannot leave; then the third."""
    for count, code in enumerate(CODES[:2], start=1):
        shoot(page, code)
        expect(page.locator("#verdict .verdict.ok")).to_contain_text(f"{count} из 3")
    expect(page.locator(".unit.done")).to_have_count(2)
    expect(page.locator(".unit.next .n")).to_have_text("3")
    expect(page.locator("#acts").get_by_text("Передать в доставку")).to_be_visible()
    album.take("two-of-three")
    shoot(page, CODES[0])
    expect(page.locator("#verdict .verdict")).to_contain_text("Уже прочитан")
    shoot(page, CODES[2])
    expect(page.locator(".unit.done")).to_have_count(3)
    album.take("three-of-three")


def _refuse_the_wish(page: Page, album: Album, task: AssemblyTask, upstream: RunningSandbox) -> None:
    upstream.ym.play(int(task.external_id), "request_cancel")
    reread.mark(task.account_id, [task.external_id])
    until(lambda: Attention.objects.filter(kind=AttentionKind.CANCEL_REQUESTED).exists(), "the wish is known")
    page.goto(page.url)
    expect(page.get_by_text("Покупатель просит отменить заказ").first).to_be_visible()
    album.take("wish")
    page.get_by_role("link", name="Отказать").first.click()
    page.get_by_label("Заказ уже в доставке").or_(page.locator("input[value=ORDER_IN_DELIVERY]")).first.check()
    album.take("refuse")
    page.locator("dialog, #question-place").get_by_role("button", name="Отказать").first.click()
    refused = MarketplaceAction.objects.filter(kind=ActionKind.REFUSE_CANCEL, state=ActionState.SUCCEEDED)
    until(refused.exists, "the buyer has his answer")
    assert not Attention.objects.filter(kind=AttentionKind.CANCEL_REQUESTED, resolved_at=None).exists()


def _receive(page: Page, album: Album) -> None:
    page.goto(page.url)
    expect(page.get_by_text("Покупатель просит отменить заказ", exact=True)).to_have_count(0)
    page.locator("#acts").get_by_role("link", name="Принят покупателем").click()
    album.take("question")
    page.locator("dialog, #question-place").get_by_role("button", name="Получен", exact=True).first.click()
    until(lambda: AssemblyTask.objects.get().stage == Stage.RECEIVED, "it is received")
    page.goto(page.url)
    album.take("received")
