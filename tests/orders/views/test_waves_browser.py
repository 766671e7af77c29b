"""Two people at work in two browsers: each task is given to one of them, and who comes second is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User
from orders.enums import Stage
from orders.models import AssemblyTask, MarketplaceAccount, Shortage, Wave
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
def boris() -> User:
    return somebody("boris", first_name="Boris")


@pytest.fixture
def window(browser: Browser, live_server: LiveServer) -> Iterator[Open]:
    """A browser of somebody who is signed in; a script that breaks fails the test."""
    opened, broken = [], list[str]()

    def open_(user: User, *, width: int = 1440) -> Page:
        session: Client = client_of(user)
        context = browser.new_context(
            locale="en-GB", viewport={"width": width, "height": 900}, base_url=live_server.url
        )
        context.set_default_timeout(10_000)
        cookie = session.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        context.on("weberror", lambda error: broken.append(str(error.error)))
        opened.append(context)
        return context.new_page()

    yield open_
    for context in opened:
        context.close()
    assert broken == []


def test_two_browsers_race_for_one_task(shop: MarketplaceAccount, anna: User, boris: User, window: Open) -> None:
    first, second, third = (made(shop, minutes=n) for n in (10, 20, 30))
    hers, his = window(anna), window(boris)

    for page in (hers, his):  # both look at the same list
        page.goto("/waves/")
    for page in (hers, his):
        page.locator("#take-next").click()
    expect(hers).to_have_url(f"/tasks/{first.pk}/")
    expect(his).to_have_url(f"/tasks/{second.pk}/")

    for page in (hers, his):  # both look at the same free task
        page.goto(f"/tasks/{third.pk}/")
    hers.get_by_role("button", name="Take", exact=True).click()
    expect(hers.get_by_role("button", name="Give back")).to_be_visible()
    his.get_by_role("button", name="Take", exact=True).click()
    expect(his.locator("#task-page")).to_contain_text("Anna K. has taken this task. Take it over?")
    third.refresh_from_db()
    assert third.assignee == anna

    his.get_by_role("link", name="Take over").click()
    dialog = his.locator("dialog[open]")
    expect(dialog).to_contain_text("Anna K. is assembling it.")
    dialog.get_by_role("button", name="Take over").click()
    expect(his.get_by_role("button", name="Give back")).to_be_visible()
    third.refresh_from_db()
    assert third.assignee == boris


@pytest.mark.parametrize("width", [1440, 390])
def test_a_wave_from_its_start_to_its_end(shop: MarketplaceAccount, anna: User, window: Open, width: int) -> None:
    one, two = made(shop, ONE, minutes=10), made(shop, ONE, ("TRAIN", 1, [TRAIN]), minutes=20)
    page = window(anna, width=width)
    page.goto("/waves/")
    page.locator("#start").click()
    wave = Wave.objects.get()
    expect(page).to_have_url(f"/waves/{wave.pk}/")
    expect(page.locator(".pick-row")).to_have_count(2)
    expect(page.locator("#scan-input")).to_be_focused()

    picked(one)
    changed(page)
    expect(page.locator(f"#go-{one.pk}")).to_have_text("Ready")
    page.locator(f"#go-{one.pk}").click()
    expect(page.locator(f"#task-{one.pk}")).to_contain_text("packed")
    assert AssemblyTask.objects.get(pk=one.pk).stage == Stage.READY

    train = two.items.get(article="TRAIN")
    page.locator(f"#missing-{train.pk}").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("This marketplace takes no single items out of an order")
    dialog.get_by_label("damaged").check()
    dialog.get_by_role("button", name="Report it missing").click()
    expect(page.locator(f"#task-{two.pk}")).to_contain_text("goods are missing")
    assert Shortage.objects.get().reason == "damaged"

    page.locator("#close-wave").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("1 task is not packed: it is given back to everybody.")
    dialog.get_by_role("button", name="Close the wave").click()
    expect(page).to_have_url("/waves/")
    two.refresh_from_db()
    assert (two.assignee, two.wave) == (None, None)


def changed(page: Page) -> None:
    """What the script of the scanner tells the page after a scan."""
    with page.expect_response("**/waves/**"):
        page.evaluate("htmx.trigger(document.body, 'work-changed')")


def test_one_more_task_joins_by_its_number(shop: MarketplaceAccount, anna: User, window: Open) -> None:
    made(shop, minutes=1)
    page = window(anna)
    page.goto("/waves/")
    page.locator("[name=count]").fill("1")
    page.locator("#start").click()
    more = made(shop, ("MUG-1", 2, [MUG]), minutes=2)

    page.locator("#add-number").fill("nothing")
    page.locator(".wave-add button").click()
    expect(page.locator("#notices")).to_contain_text("No task has this number: nothing")
    page.locator("#add-number").fill(more.external_id)
    page.locator(".wave-add button").click()
    expect(page.locator(f"#task-{more.pk}")).to_be_visible()
    page.locator(f"#back-{more.pk}").click()
    expect(page.locator(f"#task-{more.pk}")).to_have_count(0)
