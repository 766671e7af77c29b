"""Every page in Chromium: the rules of axe for WCAG 2.2 A and AA, and targets that a finger hits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User
from orders.enums import AttentionKind, ScanOutcome, Severity, Stage
from orders.models import AssemblyTask, Scan, Wave
from orders.services import attention

from .conftest import Order, ParcelOf, Task
from .conftest import browser as signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SERIOUS = ("serious", "critical")
#: Buttons, fields and places to go that are smaller than 44 px on a phone; links inside a line of text are exempt (WCAG 2.5.8).
SMALL = """() => {
  const inLine = (node) => node.nodeName === "A" && getComputedStyle(node).display === "inline";
  const wanted = "button, .btn, summary, select, nav a, [role=button], input:not([type=hidden])";
  const size = (node) => {
    const labels = node.matches("[type=checkbox], [type=radio]") ? [...node.labels] : [];
    const boxes = [node, ...labels].map((each) => each.getBoundingClientRect());
    const side = (name) => Math.round(Math.max(...boxes.map((box) => box[name])) * 10) / 10;
    return [side("width"), side("height")];
  };
  return [...document.querySelectorAll(wanted)]
    .filter((node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !inLine(node))
    .map((node) => [node.outerHTML.slice(0, 110), ...size(node)])
    .filter(([, width, height]) => width > 1 && (width < 44 || height < 44));
}"""
#: Links of rows and those that stand in lists, which a finger hits in less than 44 px from top to bottom: where it lands is
#: asked of the browser, point by point.
MISSED = """() => {
  const wanted = ".row-t .item a, .l-main a, .found a, .inbox-words .small a, .scan-line a, .more-links a, .at-work-count, .burn";
  const hit = (node, x, y) => {
    const there = document.elementFromPoint(x, y);
    return Boolean(there) && there.closest("a") === node;
  };
  return [...document.querySelectorAll(wanted)].filter((node) => node.checkVisibility()).map((node) => {
    node.scrollIntoView({ block: "center", behavior: "instant" });
    const box = node.getBoundingClientRect();
    const [x, middle] = [box.left + Math.min(box.width / 2, 12), box.top + box.height / 2];
    let [top, bottom] = [middle, middle];
    while (middle - top < 60 && hit(node, x, top - 1)) top -= 1;
    while (bottom - middle < 60 && hit(node, x, bottom + 1)) bottom += 1;
    return [node.outerHTML.slice(0, 110), bottom - top];
  }).filter(([, height]) => height < 43);
}"""
#: How much wider than the window the page is.
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def world(task_at: Task, order_at: Order, parcel_of: ParcelOf, boss: User) -> dict[str, list[Any]]:
    """Something of everything; the arguments of the addresses by the name of the page."""
    coded = task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"])
    late = task_at(Stage.DELIVERING)
    task_at(Stage.NEW)
    order_at()
    parcel = parcel_of(late)
    wave = Wave.objects.create(picker=boss)
    AssemblyTask.objects.filter(pk=coded.pk).update(wave=wave, assignee=boss, taken_at=timezone.now())
    AssemblyTask.objects.filter(pk=late.pk).update(deadline_at="2026-01-01T00:00Z")
    Scan.objects.create(
        task=coded, user=boss, raw="4006381333931", kind="barcode", outcome=ScanOutcome.REFUSED, reason="foreign_item",
        facts={"title": "Wrong item", "text": "Check what is in your hand."},
    )  # fmt: skip
    kinds = (AttentionKind.ACTION_FAILED, AttentionKind.CANCEL_REQUESTED, AttentionKind.SHORTAGE)
    for kind in kinds:
        attention.open_one(
            attention.Question(kind, f"{kind}:1", Severity.URGENT, order_id=late.order_id, task_id=late.pk)
        )
    return {"task": [coded.pk], "late": [late.pk], "order": [late.order_id], "parcel": [parcel.pk], "wave": [wave.pk]}


def addresses(world: dict[str, list[Any]]) -> list[str]:
    """Every page a person can open."""
    plain = (
        "tasks", "orders", "attention", "divergence", "carriers", "glossary", "dashboard", "parcel_import", "seek", "waves",
        "desk", "shift", "badges", "refused_scans", "codes", "training", "print_commands",
    )  # fmt: skip
    of_task = (
        "task", "task_enter", "task_timeline", "task_calls", "task_parcels", "desk_task", "print_task",
    )  # fmt: skip
    of_order = ("order", "order_fields", "order_timeline", "parcel_attach")
    found = [reverse(name) for name in plain]
    found += [reverse(name, args=world["task"]) for name in of_task]
    found += [reverse(name, args=world["order"]) for name in of_order]
    found += [reverse("task", args=world["late"]), reverse("wave", args=world["wave"])]
    found += [reverse(name, args=world["parcel"]) for name in ("parcel_detach", "parcel_replace")]
    found += [reverse("task_ask", args=[*world["late"], "receive"]), f"{reverse('tasks')}?tab=overdue"]
    return [*found, "/styleguide/", "/password/"]


@pytest.fixture(params=[(1440, "light"), (390, "dark")], ids=["wide-light", "phone-dark"])
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, boss: User) -> Iterator[Page]:
    """A page of a manager who is signed in."""
    width, theme = request.param
    boss.theme = theme
    boss.save(update_fields=["theme"])
    client: Client = signed_in(boss)
    context = browser.new_context(
        locale="ru-RU", viewport={"width": width, "height": 900}, base_url=live_server.url, reduced_motion="reduce"
    )
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def whole(page: Page, *, narrow: bool) -> None:
    """A phone so tall that it shows the page to its end: what stands behind the bottom bar only until it is scrolled is not hidden."""
    if narrow:
        page.set_viewport_size({"width": 390, "height": 900})
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": 390, "height": max(900, height)})


def findings(page: Page) -> list[str]:
    told = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]})
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')[:160]}"
        for each in told.response["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


@pytest.mark.timeout(300)
def test_every_page_is_open_to_everybody(page: Page, world: dict[str, list[Any]]) -> None:
    found: dict[str, list[Any]] = {}
    narrow = page.viewport_size is not None and page.viewport_size["width"] < 500
    for address in addresses(world):
        answer = page.goto(address)
        assert answer is not None, address
        assert answer.status == 200, address
        small = [*page.evaluate(SMALL), *page.evaluate(MISSED)] if narrow else []
        whole(page, narrow=narrow)
        wide = page.evaluate(WIDER)
        told = [*findings(page), *small, *([f"{wide} px too wide"] if wide > 0 else [])]
        if told:
            found[address] = told
    assert found == {}, "\n".join(f"{address}\n  {told}" for address, each in found.items() for told in each)


def inside(page: Page, selector: str) -> list[str]:
    """Visible parts of the page that stick out of the window, or that something lies over."""
    script = """(nodes) => nodes.filter((node) => node.checkVisibility()).filter((node) => {
        const box = node.getBoundingClientRect();
        const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        return box.left < 0 || box.right > innerWidth || box.bottom > innerHeight || !there || !node.contains(there);
    }).map((node) => node.outerHTML.slice(0, 110))"""
    found: list[str] = page.locator(selector).evaluate_all(script)
    return found


@pytest.mark.parametrize("tab", ["new", "assembling", "overdue"])
def test_a_picked_row_leaves_the_page_as_wide_as_it_is(page: Page, world: dict[str, list[Any]], tab: str) -> None:
    AssemblyTask.objects.filter(stage=Stage.NEW).update(is_test=False)
    page.goto(f"{reverse('tasks')}?tab={tab}")
    page.locator("[data-pick]").first.check()
    page.locator("#bulk").wait_for()

    assert page.evaluate(WIDER) <= 0
    assert inside(page, "#bulk button, .bottom a") == []
    assert findings(page) == []
    page.locator("[data-pick-none]").click()
    expect(page.locator("#bulk")).to_be_hidden()
