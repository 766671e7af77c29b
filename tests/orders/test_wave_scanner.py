"""A scanner types a whole wave: twenty tasks, their barcodes and codes at 5 ms a key, and everything that goes wrong in a day."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer
from stdnum import ean

from backoffice.models import User
from orders.enums import ActionKind, ScanOutcome
from orders.models import AssemblyTask, MarketplaceAccount, MarkingCode, Scan, Wave
from orders.services import actors
from orders.services.warehouse import picking, scanning
from sandbox.server import RunningSandbox
from tests.browser.scanner.conftest import shoot, waiting
from tests.live.processes import until

from .conftest import Ask, made, pulled
from .scans import RU_KEYS, US_KEYS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GS = "\x1d"
ARTICLES = 4
OF_EACH = 5
SIGNATURE = "sGGtBnYBxYJ2bpEx55+DjlbOAUSHWVQQO9IxBPo3uA="
CUT_AT, BACK_AT = 12, 18


def barcode(article: int) -> str:
    digits = f"460043993{article:03d}"
    return digits + ean.calc_check_digit(digits)


def code(article: int, number: int) -> str:
    return f"01{barcode(article).zfill(14)}215RJZx{article}{number:02d}hlqAq{GS}91FFD0{GS}92{SIGNATURE}"


def shoot_russian(page: Page, text: str) -> None:
    """The same keys while the computer is in the Russian layout."""
    session = page.context.new_cdp_session(page)
    now = time.time()
    for char in text:
        now += 0.005
        typed = RU_KEYS[US_KEYS.index(char)] if char in US_KEYS else char
        shift = 8 if char.isupper() or char in '+"' else 0
        key: dict[str, Any] = {"key": typed, "code": _place(char), "text": typed, "modifiers": shift, "timestamp": now}
        if char == GS:
            key |= {"key": "]", "code": "BracketRight", "text": "", "modifiers": 2}
        session.send("Input.dispatchKeyEvent", {"type": "keyDown" if key["text"] else "rawKeyDown", **key})
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    end = {"key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13, "timestamp": now + 0.005}
    session.send("Input.dispatchKeyEvent", {"type": "keyDown", **end})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **end})
    session.detach()


def _place(char: str) -> str:
    if char.isdigit():
        return f"Digit{char}"
    return f"Key{char.upper()}" if char.isalpha() else {"+": "Equal", "=": "Equal", "/": "Slash", GS: ""}[char]


@pytest.fixture
def wave(
    shop: MarketplaceAccount,
    upstream: RunningSandbox,
    ask: Ask,
    picker: User,
) -> Wave:
    """Twenty tasks of four articles, each with a marking code to be scanned."""
    for article in range(ARTICLES):
        made(upstream, count=OF_EACH, skus=[barcode(article)], article=f"mug-{article}", requiredMeta=["sgtin"])
    for task in pulled(shop):
        ask(task, ActionKind.CONFIRM)
    found = Wave.objects.create(picker=picker)
    AssemblyTask.objects.update(wave=found, assignee=picker)
    return found


@pytest.fixture
def elsewhere(
    wave: Wave, shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> AssemblyTask:
    """A task outside the wave that has a code already."""
    (number,) = made(upstream, skus=[barcode(0)], article="mug-0", requiredMeta=["sgtin"])
    task = next(task for task in pulled(shop) if task.external_id == str(number))
    ask(task, ActionKind.CONFIRM)
    assert scanning.scan(task.pk, scanning.Shot(code(0, 99)), actor=staff).outcome == ScanOutcome.ACCEPTED
    return task


@pytest.fixture(params=[1440, 390], ids=["wide", "phone"])
def context(
    request: pytest.FixtureRequest,
    browser: Browser,
    live_server: LiveServer,
    picker: User,
) -> Iterator[BrowserContext]:
    client = Client()
    client.force_login(picker)
    opened = browser.new_context(
        locale="ru-RU", base_url=live_server.url, viewport={"width": request.param, "height": 844}
    )
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    opened.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    opened.set_default_timeout(20_000)
    opened.add_init_script("window.boScans = {silence: 1500};")  # keys come as fast as the machine of the test is free
    yield opened
    opened.close()


def shots() -> list[tuple[str, str, ScanOutcome]]:
    """What is scanned in which manner, and what has to be heard."""
    found: list[tuple[str, str, ScanOutcome]] = []
    for number in range(OF_EACH):
        for article in range(ARTICLES):
            found.append(("", barcode(article), ScanOutcome.ACCEPTED))
            manner, text = "", code(article, number)
            if (article, number) == (1, 0):
                manner = "russian"
            if (article, number) == (2, 1):  # without its separators nobody knows where the serial number ends
                found.append(("", text.replace(GS, ""), ScanOutcome.ASK))
            found.append((manner, text, ScanOutcome.ACCEPTED))
            if (article, number) == (3, 0):
                found.append(("", text, ScanOutcome.REPEAT))  # read twice
            if (article, number) == (0, 2):
                found.append(("", code(9, 1), ScanOutcome.REFUSED))  # of an article that nobody here has ordered
            if (article, number) == (1, 2):
                found.append(("", code(0, 99), ScanOutcome.ASK))  # on another order of the article: swap?
    return found


@pytest.mark.timeout(300)
def test_a_whole_wave_with_everything_that_goes_wrong(
    context: BrowserContext, wave: Wave, elsewhere: AssemblyTask
) -> None:
    page = context.new_page()
    page.goto(f"/waves/{wave.pk}/")
    wanted = shots()
    before = Scan.objects.count()

    for at, (manner, text, _outcome) in enumerate(wanted):
        if at == CUT_AT:
            context.set_offline(True)
        if at == BACK_AT:
            assert waiting(page) >= BACK_AT - CUT_AT
            context.set_offline(False)
        (shoot_russian if manner else shoot)(page, text)
    until(lambda: Scan.objects.count() == before + len(wanted), "every scan is answered", seconds=60)
    page.wait_for_function("boScans.store.all().then(rows => rows.length === 0)", timeout=60_000)
    expect(page.locator("#verdict .verdict.ok")).to_be_visible()

    heard = list(Scan.objects.order_by("pk").values_list("outcome", "kind", "facts__title")[before:])
    assert [outcome for outcome, _kind, _title in heard] == [outcome for _manner, _text, outcome in wanted], heard
    assert _codes(wave) == {(f"mug-{a}", code(a, n)[:31]) for a in range(ARTICLES) for n in range(OF_EACH)}
    for task in wave.tasks.all():
        assert (task.codes.count(), picking.left(list(task.items.all()))) == (1, 0)
    assert MarkingCode.objects.get(task=elsewhere).value == code(0, 99)


def _codes(wave: Wave) -> set[tuple[Any, str]]:
    rows = MarkingCode.objects.filter(task__wave=wave).values_list("item__article", "value")
    return {(article, value[:31]) for article, value in rows}
