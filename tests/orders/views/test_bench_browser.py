"""The bench in Chromium: the head that follows who has a task, the next step within reach, the card in hand in view."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User
from orders.models import AssemblyTask, MarketplaceAccount
from orders.services import actors
from orders.services.warehouse import assembly, waves
from tests.browser.scanner.conftest import shoot
from tests.orders.floors import MUG, ONE, TRAIN, made, picked, somebody, wildberries

from .conftest import browser as client_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


@pytest.fixture
def shop() -> MarketplaceAccount:
    return wildberries()


@pytest.fixture
def anna() -> User:
    return somebody("anna", first_name="Anna", last_name="Kim")


@pytest.fixture
def window(browser: Browser, live_server: LiveServer, anna: User) -> Iterator[Open]:
    """Anna's browser, on a PC or on a phone; a script that breaks fails the test."""
    opened, broken = [], list[str]()

    def open_(*, phone: bool = False) -> Page:
        size: Any = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        context = browser.new_context(
            locale="en-GB", viewport=size, base_url=live_server.url, has_touch=phone, is_mobile=phone
        )
        context.set_default_timeout(10_000)
        cookie = client_of(anna).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        context.on("weberror", lambda error: broken.append(str(error.error)))
        context.add_init_script(
            "window.boScans = {silence: 1500};"
        )  # a scanner is waited for, however busy the machine
        opened.append(context)
        return context.new_page()

    yield open_
    for context in opened:
        context.close()
    assert broken == []


def refreshed(page: Page) -> None:
    """What the clock does every few seconds."""
    with page.expect_response("**/state/**"):
        page.evaluate("htmx.trigger(document.body, 'work-changed')")


def test_the_head_follows_who_has_the_task(shop: MarketplaceAccount, anna: User, window: Open) -> None:
    task = made(shop, ("MUG-1", 2, [MUG]))
    page = window()
    page.goto(f"/tasks/{task.pk}/")
    expect(page.get_by_role("button", name="Take", exact=True)).to_be_visible()

    shoot(page, MUG)
    expect(page.locator("#verdict .verdict.ok")).to_be_visible()
    expect(page.locator("#task-head")).to_contain_text("Assembled by Anna K.")
    expect(page.get_by_role("button", name="Give back")).to_be_visible()
    expect(page.get_by_role("button", name="Take", exact=True)).to_have_count(0)
    expect(page.locator("#scan-input")).to_be_focused()
    expect(page.locator("#toasts .notice")).to_have_count(0)

    boris = somebody("boris", first_name="Boris")
    assembly.take(task.pk, actor=actors.staff(boris), take_over=True)
    refreshed(page)
    expect(page.locator("#toasts")).to_contain_text("Boris has taken this task.")
    expect(page.locator("#task-head")).to_contain_text("Assembled by Boris")
    expect(page.get_by_role("link", name="Take over")).to_be_visible()


def test_on_a_phone_the_next_step_lies_above_the_bar_of_places(
    shop: MarketplaceAccount, anna: User, window: Open
) -> None:
    goods = [(f"GOODS-{n}", 1, [f"200000000{n:04d}"]) for n in range(8)]
    task = made(shop, ONE, *goods, assignee=anna)
    page = window(phone=True)
    page.goto(f"/tasks/{task.pk}/")
    shoot(page, MUG)
    expect(page.locator("#work")).to_contain_text("1 of 1 picked")  # nothing is read anew from here on

    ready = page.locator("#acts .main-act .btn")
    nav = page.locator(".bottom").evaluate("node => node.getBoundingClientRect().top")
    box = ready.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert nav - 24 <= box["y"] + box["height"] <= nav  # within reach, though its place is far below
    hit = "([x, y]) => document.elementFromPoint(x, y).closest('.main-act') !== null"
    assert page.evaluate(hit, [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
    page.locator("#acts .apart").scroll_into_view_if_needed()
    cancel = page.locator("#acts .apart .btn").bounding_box()
    step = ready.bounding_box()
    assert cancel is not None
    assert step is not None
    assert step["y"] + step["height"] < cancel["y"]  # in its own place again, and not over what is irreversible


def test_on_a_phone_nothing_stands_above_the_work(shop: MarketplaceAccount, anna: User, window: Open) -> None:
    task = made(shop, ("MUG-1", 2, [MUG]), assignee=anna)
    page = window(phone=True)
    page.goto(f"/tasks/{task.pk}/")
    shoot(page, MUG)

    undo = page.locator("#verdict [data-key=u]")
    expect(undo).to_be_visible()
    assert undo.inner_text().strip() == "Undo"  # a phone has no U to press
    assert page.locator("#scan-input").get_attribute("placeholder") == "Scan"
    back = page.get_by_role("button", name="Give back")
    expect(back).to_have_count(0)
    page.locator(".holder-menu summary").click()
    expect(page.locator(".holder-menu")).to_contain_text("Assembled by Anna K.")
    expect(back).to_have_count(1)
    box = back.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    back.click()
    expect(page.get_by_role("button", name="Take", exact=True)).to_be_visible()
    task.refresh_from_db()
    assert task.assignee is None


def test_on_a_pc_the_key_is_named(shop: MarketplaceAccount, anna: User, window: Open) -> None:
    task = made(shop, assignee=anna)
    page = window()
    page.goto(f"/tasks/{task.pk}/")
    shoot(page, MUG)

    expect(page.locator("#verdict [data-key=u]")).to_have_text("Undo (U)")


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_the_card_in_hand_comes_into_view_with_its_verdict(
    shop: MarketplaceAccount, anna: User, window: Open, phone: bool
) -> None:
    tasks = [made(shop, ("OTHER", 1, [f"20000000{n:05d}"]), minutes=n) for n in range(1, 13)]
    last = made(shop, ("TRAIN", 1, [TRAIN]), minutes=100)
    wave = waves.start(13, actor=actors.staff(anna))
    page = window(phone=phone)
    page.goto(f"/waves/{wave.pk}/")
    card = page.locator(f"#task-{last.pk}")
    expect(card).not_to_be_in_viewport()

    shoot(page, TRAIN)
    expect(page.locator(f"#task-{last.pk}.is-hand")).to_be_in_viewport(ratio=0.99)
    said = page.locator("#scan-said .verdict.ok")
    expect(said).to_contain_text(f"#13 · {last.external_id}")
    expect(said).to_be_in_viewport(ratio=0.99)

    foot = said.evaluate("node => node.getBoundingClientRect().bottom")
    top = card.evaluate("node => node.getBoundingClientRect().top")
    assert foot <= top  # the one does not cover the other
    assert len(tasks) == 12


def test_going_on_and_coming_back(shop: MarketplaceAccount, anna: User, window: Open) -> None:
    first, _second = made(shop, minutes=1), made(shop, minutes=2)
    wave = waves.start(2, actor=actors.staff(anna))
    picked(first)
    page = window()
    page.goto(f"/tasks/{first.pk}/")

    page.locator(".wave-link").click()
    expect(page).to_have_url(f"/waves/{wave.pk}/")
    assert AssemblyTask.objects.get(pk=first.pk).wave_id == wave.pk
