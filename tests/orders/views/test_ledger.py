"""One code, one life: which orders of which marketplaces it was on, how it left them, where it was refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User
from orders.enums import ActionKind, CodeState, Stage
from orders.models import AssemblyTask, MarkingCode, Scan
from orders.services import actors, stages
from orders.services.warehouse import articles, marking, scanning, swaps
from tests.orders.conftest import Ask
from tests.orders.statements import counted

from .conftest import Order, Task, browser, text_of

MUG = "4600439931256"
CODE = f"010{MUG}215RJZx80hlqAq3\x1d91FFD0\x1d92sGGtBnYBxYJ2bpEx55+DjlbOAUSHWVQQO9IxBPo3uA="
CUP = {"offerId": "MUG-1", "offerName": "Кружка", "count": 1, "price": 499, "requiredInstanceTypes": ["CIS"]}


def mug(task_at: Task, **fields: Any) -> AssemblyTask:
    return task_at(Stage.ASSEMBLING, **{"requiredMeta": ["sgtin"], "article": "MUG-1", "skus": [MUG], **fields})


def scan(task: AssemblyTask, staff: actors.Actor, raw: str = CODE, **more: Any) -> scanning.Verdict:
    return scanning.scan(task.pk, scanning.Shot(raw, **more), actor=staff)


def looked_up(web: Client, raw: str) -> Any:
    answer = web.post("/codes/", {"code": raw})
    assert answer.status_code == 302
    return web.get(answer["Location"])


def told(response: Any) -> list[str]:
    """The lines of a life without their times, newest first."""
    lines = re.findall(r'<span class="what">(.*?)</span>', response.content.decode(), flags=re.DOTALL)
    return [re.sub(r"<[^>]*>", "", line).strip() for line in lines]


def test_a_life_over_two_marketplaces(
    task_at: Task, order_at: Order, ask: Ask, staff: actors.Actor, web: Client
) -> None:
    one, refused = (
        mug(task_at),
        task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"], article="BOOTS", skus=["4006381333931"]),
    )
    other = order_at(items=[CUP])
    ask(other, ActionKind.CONFIRM)
    scan(refused, staff)
    scan(one, staff)
    stages.move(one, Stage.CANCELLED, actor=actors.MARKETPLACE)
    assert scan(other, staff).ok

    page = looked_up(web, CODE)
    assert told(page) == [
        f"Entered on order {other.external_id}",
        f"Came back from order {one.external_id}: Cancelled",
        f"Entered on order {one.external_id}",
        "Refused: Wrong goods",
    ]
    words = text_of(page)
    for said in (
        f"On order {other.external_id}",
        "Shop",
        "Market shop",
        "free for another order",
        MUG,
        "5RJZx80hlqAq3",
        "MUG-1",
    ):
        assert said in words, said
    assert "91FFD0" not in page.content.decode()  # the verification part is nobody's reading


def test_a_life_costs_the_same_whatever_has_happened(task_at: Task, staff: actors.Actor, web: Client) -> None:
    tasks = [mug(task_at) for _ in range(3)]
    scan(tasks[0], staff)
    marking.remove_code(MarkingCode.objects.get().pk, actor=staff)
    address = web.post("/codes/", {"code": CODE})["Location"]
    counts = []
    for _round in range(2):
        with counted() as statements:
            assert web.get(address).status_code == 200
        counts.append(len(statements))
        for task in tasks[1:]:
            scan(task, staff)
            marking.remove_code(MarkingCode.objects.get(task=task, state=CodeState.PENDING).pk, actor=staff)
    # Session, user with his groups, the counts of the frame; barcode's articles, codes, what timelines say, refused scans.
    assert counts == [7, 7], statements


@pytest.mark.parametrize("how", ["off", "given", "swapped", "back", "received"])
def test_how_a_code_left_its_order_and_who_did_it(
    task_at: Task, staff: actors.Actor, boss: User, web: Client, how: str
) -> None:
    one, other = mug(task_at), mug(task_at)
    a, b = one.external_id, other.external_id
    scan(one, staff)
    code = MarkingCode.objects.get()
    chief = actors.staff(boss)
    if how == "off":
        marking.remove_code(code.pk, actor=chief)
        expected = [f"Taken off order {a}", f"Entered on order {a}"]
    elif how == "given":
        swaps.swap(code.pk, other.pk, actor=chief)
        expected = [f"Entered on order {b}", f"Given from order {a} to order {b}", f"Entered on order {a}"]
    elif how == "swapped":
        scan(other, staff, CODE.replace("5RJ", "7RJ"))
        swaps.swap(code.pk, other.pk, actor=chief)
        expected = [f"Entered on order {b}", f"Swapped back with order {b}", f"Entered on order {a}"]
    elif how == "back":
        AssemblyTask.objects.filter(pk=one.pk).update(stage=Stage.RECEIVED)
        scan(other, chief, override=True)
        expected = [f"Entered on order {b}", f"Came back from order {a}", f"Entered on order {a}"]
    else:
        AssemblyTask.objects.filter(pk=one.pk).update(stage=Stage.RECEIVED)
        expected = [f"Entered on order {a}"]
    page = looked_up(web, CODE)
    assert sorted(told(page)) == sorted(expected)
    assert told(page)[-1] == f"Entered on order {a}"
    words = text_of(page)
    assert ("boss" in words) is (how != "received")
    assert {"off": "Free", "received": f"Went out with order {a}"}.get(how, f"On order {b}") in words
    if how == "swapped":  # the other code tells its side
        assert f"Swapped back with order {a}" in told(looked_up(web, CODE.replace("5RJ", "7RJ")))


def test_refused_scans_are_found_however_the_scanner_sent_them(task_at: Task, staff: actors.Actor, web: Client) -> None:
    boots = task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"], article="BOOTS", skus=["4006381333931"])
    articles.learn([mug(task_at).items.get()])
    for raw in (CODE, "]d2" + CODE, CODE.replace("\x1d", "<GS>"), CODE.lower()):
        scan(boots, staff, raw)
    page = looked_up(web, CODE)
    assert told(page) == ["Refused: Wrong goods"] * 3
    assert "On no order yet" in text_of(page)
    Scan.objects.update(scanned_at=timezone.now() - timedelta(days=91))
    assert told(looked_up(web, CODE)) == []


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (CODE, "Never seen here"),
        (MUG, "No code of one unit"),
        ("WB-42/blue", "No code of one unit"),
        ("x" * 513, "Not understood"),
        ("\x00", "Not understood"),
        ("🙂", "Not understood"),
        ("490154203237518", "Never seen here"),
    ],
)
def test_whatever_is_scanned_is_answered(web: Client, db: None, raw: str, said: str) -> None:
    assert said in text_of(looked_up(web, raw))


@pytest.mark.parametrize("find", ["", "nonsense", "../../etc", "a" * 5000])
def test_an_address_that_is_not_ours_asks_for_a_scan(web: Client, find: str) -> None:
    page = web.get("/codes/", {"find": find})
    assert (page.status_code, "Scan a code" in text_of(page)) == (200, True)


def test_no_code_is_in_an_address(web: Client, db: None) -> None:
    where = web.post("/codes/", {"code": CODE})["Location"]
    assert "5RJZx80hlqAq3" not in where
    assert MUG not in where
    assert web.post("/codes/", {"code": ""})["Location"] == "/codes/"


def test_a_code_of_a_task_leads_to_its_life(task_at: Task, staff: actors.Actor, web: Client) -> None:
    task = mug(task_at)
    scan(task, staff)
    code = MarkingCode.objects.get()
    assert f'href="/codes/{code.pk}/"' in web.get(f"/tasks/{task.pk}/").content.decode()
    assert told(web.get(f"/codes/{code.pk}/")) == [f"Entered on order {task.external_id}"]
    assert web.get("/codes/987654/").status_code == 404


def test_who_only_looks_does_not_enter(onlooker: Client, web: Client, boss: User) -> None:
    assert onlooker.get("/codes/").status_code == 403
    assert onlooker.post("/codes/", {"code": CODE}).status_code == 403
    assert web.put("/codes/").status_code == 405
    assert browser(boss).get("/codes/").status_code == 200


def test_exercises_are_not_shown_among_real_work(task_at: Task, staff: actors.Actor, web: Client) -> None:
    task = mug(task_at)
    scan(task, staff)
    task.account.training = True
    task.account.save(update_fields=["training"])
    assert told(looked_up(web, CODE)) == []


# In the browser ----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[1440, 390], ids=["wide", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, web: Client) -> Iterator[Page]:
    view = {"width": request.param, "height": 900}
    context = browser.new_context(locale="en-GB", viewport=view, base_url=live_server.url)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    session = web.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert broken == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_scan_shows_a_life_without_a_mouse(task_at: Task, staff: actors.Actor, page: Page) -> None:
    task = mug(task_at)
    scan(task, staff)
    page.goto("/codes/")
    expect(page.locator("[name=code]")).to_be_focused()
    for part in CODE.split("\x1d"):
        page.keyboard.type(part, delay=5)
        page.keyboard.press("Control+]")
    page.keyboard.press("Enter")
    expect(page.locator(".ledger-now")).to_contain_text(f"On order {task.external_id}")
    expect(page.locator("[name=code]")).to_be_focused()  # for the next one
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
