"""Printouts, printed by Chromium and read back from the paper at the resolution of a label printer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User
from orders import codes, fakecodes, signs
from orders.enums import CodeKind, Stage
from orders.models import AssemblyTask, Badge, Buyer, MarketplaceAccount, TaskItem, Wave
from orders.signs import Command
from sandbox.server import RunningSandbox
from tests.orders.conftest import pulled
from tests.orders.exercises import practised

from .conftest import Task, browser
from .paper import clipped, printed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opened = Callable[..., Page]
A4 = (210, 297)


@pytest.fixture
def opened(browser: Browser, live_server: LiveServer) -> Iterator[Opened]:
    """A page of somebody's browser."""
    contexts: list[BrowserContext] = []

    def open_(client: Client, *, scheme: str = "light") -> Page:
        dark = {"color_scheme": scheme}
        context = browser.new_context(locale="ru-RU", base_url=live_server.url, **dark)  # type: ignore[arg-type]
        contexts.append(context)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        return context.new_page()

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def long_task(task_at: Task) -> AssemblyTask:
    """A task with everything long: article, name, recipient, and several items."""
    task = task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"], article="boots-42-blk-winter-leather-with-fur-extra-wide")
    name = "Ботинки зимние кожаные на меху, чёрные, полнота G, размер 42"
    TaskItem.objects.filter(task=task).update(quantity=3, name=name)
    TaskItem.objects.bulk_create(
        TaskItem(task=task, article=f"insoles-and-laces-{number}", quantity=number + 1, price=1, currency="RUB")
        for number in range(5)
    )
    known = {"first": "Александра-Виктория", "full": "Верхнеколымская Александра-Виктория Константиновна"}
    Buyer.objects.filter(order=task.order).update(name=known)
    return task


@pytest.mark.parametrize(("form", "size"), [("58x40", (58, 40)), ("75x120", (75, 120))])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_label_has_its_size_and_is_read_back(
    opened: Opened, web: Client, long_task: AssemblyTask, task_at: Task, form: str, size: tuple[int, int], scheme: str
) -> None:
    tasks = [long_task, task_at()]
    page = opened(web, scheme=scheme)
    papers = printed(page, f"/print/tasks/?ids={tasks[0].pk},{tasks[1].pk}&form={form}")

    assert [paper.size for paper in papers] == [size, size]
    assert clipped(page) == []
    for paper, task in zip(papers, tasks, strict=True):
        sign = signs.of_task(task.pk)
        assert set(paper.codes) == {f"QRCode {sign}", f"Code128 {sign}"}
        assert min(paper.ink) >= 1.0
        assert sign in paper.text
        assert task.external_id in paper.text
    assert "Александра-Виктория В." in papers[0].text
    assert "Верхнеколымская" not in papers[0].text


def test_a_sheet_opens_its_task_and_hides_the_buyer(opened: Opened, web: Client, long_task: AssemblyTask) -> None:
    page = opened(web, scheme="dark")
    (paper,) = printed(page, f"/print/tasks/{long_task.pk}/")
    sign = signs.of_task(long_task.pk)

    assert paper.size == A4
    assert set(paper.codes) == {f"QRCode {sign}", f"Code128 {sign}"}
    assert min(paper.ink) >= 11.5
    assert clipped(page) == []
    assert "insoles-and-laces-4" in paper.text
    assert "КИЗ × 3" in paper.text
    assert "Александра" not in paper.text
    assert "BACKOFFICE" not in paper.text.upper()


def test_sheets_of_many_items_go_on_on_the_next_page(opened: Opened, web: Client, long_task: AssemblyTask) -> None:
    TaskItem.objects.bulk_create(
        TaskItem(task=long_task, article=f"more-{number:02}", quantity=1, price=1, currency="RUB")
        for number in range(30)
    )
    papers = printed(opened(web), f"/print/tasks/{long_task.pk}/")

    assert len(papers) > 1
    assert {paper.size for paper in papers} == {A4}
    text = " ".join(paper.text for paper in papers)
    assert [number for number in range(30) if f"more-{number:02}" not in text] == []


def test_the_pick_list_of_a_wave(
    opened: Opened, web: Client, picker: User, long_task: AssemblyTask, task_at: Task
) -> None:
    wave = Wave.objects.create(picker=picker)
    other = task_at(article="boots-42-blk-winter-leather-with-fur-extra-wide")
    AssemblyTask.objects.filter(pk__in=[long_task.pk, other.pk]).update(wave=wave)
    page = opened(web)
    (paper,) = printed(page, f"/print/waves/{wave.pk}/")

    assert paper.size == A4
    assert set(paper.codes) == {f"QRCode {signs.of_wave(wave.pk)}", f"Code128 {signs.of_wave(wave.pk)}"}
    assert min(paper.ink) >= 11.5
    assert f"{long_task.external_id} × 3" in paper.text
    assert f"{other.external_id} × 1" in paper.text
    assert clipped(page) == []


def test_the_commands(opened: Opened, web: Client) -> None:
    (paper,) = printed(opened(web), "/print/commands/")

    assert paper.size == A4
    assert set(paper.codes) == {f"Code128 {signs.of_command(command)}" for command in Command}
    assert min(paper.ink) >= 11.5


def test_badges(opened: Opened, picker: User, boss: User) -> None:
    for number, user in enumerate((picker, boss), 1):
        Badge.objects.create(user=user, serial=number)
    papers = printed(opened(browser(boss)), "/print/badges/")

    wanted = {signs.of_badge(picker.pk, 1), signs.of_badge(boss.pk, 2)}
    assert [paper.size for paper in papers] == [A4]
    assert set(papers[0].codes) == {f"{kind} {sign}" for kind in ("QRCode", "Code128") for sign in wanted}


def test_codes_for_training_are_codes_as_goods_have_them(
    opened: Opened, web: Client, gym: MarketplaceAccount, upstream: RunningSandbox
) -> None:
    """Read back from the paper with their separators, and right in the eyes of our own checks."""
    practised(upstream, requiredMeta=["sgtin"])
    practised(upstream, requiredMeta=["imei"])
    tasks = pulled(gym)
    page = opened(web)
    papers = printed(page, "/training/codes/")
    read = {name: value for paper in papers for name, value in paper.codes.items()}

    marked = TaskItem.objects.get(task__in=tasks, task__required_kinds=["sgtin"])
    phone = TaskItem.objects.get(task__in=tasks, task__required_kinds=["imei"])
    cis = fakecodes.of_unit(marked, 1, CodeKind.SGTIN).value
    assert cis.count("\x1d") == 2
    assert [value.decode() for name, value in read.items() if name.startswith("DataMatrix")] == [cis]
    assert {f"EAN13 {marked.barcodes[0]}", f"EAN13 {phone.barcodes[0]}"} <= set(read)
    assert f"Code128 {fakecodes.of_unit(phone, 1, CodeKind.IMEI).value}" in read
    assert {f"QRCode {signs.of_task(task.pk)}" for task in tasks} <= set(read)
    assert codes.problems(cis, CodeKind.SGTIN) == ([], [])
    assert page.locator(".exercise").count() == len(tasks)


def test_a_page_holds_the_codes_of_four_exercises_at_least(
    opened: Opened, web: Client, gym: MarketplaceAccount, upstream: RunningSandbox
) -> None:
    practised(upstream, count=4, requiredMeta=["sgtin"])
    practised(upstream, count=4, requiredMeta=["imei"])
    tasks = pulled(gym)
    papers = printed(opened(web), "/training/codes/")
    squares = [sum(name.startswith("QRCode BO-T-") for name in paper.codes) for paper in papers]

    assert sum(squares) == len(tasks) == 8
    assert min(squares[:-1]) >= 4
    assert {paper.size for paper in papers} == {A4}
