"""The queue: what it shows, in how many statements, its filters, pages and bulk runs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.models import User
from orders.enums import ActionKind, ActionState, Stage
from orders.marketplaces.base import BuyerInfo, Phone
from orders.models import AssemblyTask, BulkRun, Buyer, MarketplaceAccount, MarketplaceAction, Order, TaskItem
from orders.services import actors, buyers
from orders.services.actors import MARKETPLACE
from orders.services.stages import move
from orders.services.warehouse import assembly
from sandbox.server import RunningSandbox
from tests.orders.conftest import made, pulled, work
from tests.orders.statements import counted

from .conftest import HTMX, Task, browser, text_of

ADDRESS = {"fullAddress": "Челябинская область, г. Челябинск, 51-я улица Арабкира, д. 10А, кв. 42"}


def rows(html: bytes) -> list[int]:
    return [int(found) for found in re.findall(r'id="row-(\d+)"', html.decode())]


def test_a_row_tells_what_to_do_and_hides_the_flat(task_at: Task, web: Client) -> None:
    task = task_at(requiredMeta=["uin"], article="one-ring-7548", address=ADDRESS, comment="Упакуйте в плёнку")
    AssemblyTask.objects.filter(pk=task.pk).update(deadline_at=timezone.now() - timedelta(minutes=25))
    page = web.get("/tasks/")
    words = text_of(page)

    assert "one-ring-7548" in words
    assert "−25" in words
    assert "г. Челябинск, 51-я улица Арабкира, д. 10А" in words
    assert "42" not in re.sub(r"409\d+|\d\d:\d\d", "", words)
    assert "Упакуйте в плёнку" in words
    assert "UIN 0/1" in words
    assert page["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_takes_eight_statements_however_many_rows(
    shop: MarketplaceAccount, upstream: RunningSandbox, web: Client, count: int
) -> None:
    made(upstream, count=count, requiredMeta=["uin"])
    pulled(shop)
    web.get("/tasks/")  # the permissions of roles are in memory from now on

    with counted() as statements:
        page = web.get("/tasks/")

    assert len(rows(page.content)) == count
    assert len(statements) == 8, statements
    assert [one for one in statements if re.search(r"count\(\*\)(?! FROM \(SELECT)", one, re.IGNORECASE)] == []


def test_counts_stop_at_a_thousand(shop: MarketplaceAccount, web: Client) -> None:
    now = timezone.now()
    order = Order.objects.create(account=shop, external_id="many", deadline_at=now, created_at=now)
    AssemblyTask.objects.bulk_create(
        AssemblyTask(order=order, account=shop, external_id=str(n), deadline_at=now, created_at=now)
        for n in range(1001)
    )

    assert re.search(r"New 999\+", text_of(web.get("/tasks/")))


def test_pages_go_there_and_back_over_equal_deadlines(shop: MarketplaceAccount, web: Client) -> None:
    now = timezone.now()
    order = Order.objects.create(account=shop, external_id="many", deadline_at=now, created_at=now)
    AssemblyTask.objects.bulk_create(
        AssemblyTask(order=order, account=shop, external_id=str(n), deadline_at=now, created_at=now) for n in range(120)
    )
    everything = list(AssemblyTask.objects.order_by("deadline_at", "pk").values_list("pk", flat=True))
    seen, address, pages = [], "/tasks/", []
    while address:
        page = web.get(address)
        pages.append(rows(page.content))
        seen += pages[-1]
        following = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        address = following.group(1).replace("&amp;", "&") if following else ""
    back = re.search(r'rel="prev" href="([^"]+)"', page.content.decode())

    assert seen == everything
    assert [len(one) for one in pages] == [50, 50, 20]
    assert back
    assert rows(web.get(back.group(1).replace("&amp;", "&")).content) == everything[50:100]


@pytest.mark.parametrize("cursor", ["", "x", "1-", "-5", "9" * 40 + "-1", "1-" + "9" * 40, "0-0", "١-١"])
def test_a_cursor_that_is_none_shows_the_first_page(task_at: Task, web: Client, cursor: str) -> None:
    task = task_at()
    page = web.get("/tasks/", {"after": cursor})

    assert page.status_code == 200
    assert rows(page.content) == [task.pk]


def test_tabs_and_filters(task_at: Task, web: Client, picker: User) -> None:
    courier, express = task_at(), task_at(deliveryType="edbs")
    mine = task_at(Stage.ASSEMBLING)
    assembly.take(mine.pk, actor=actors.staff(picker))
    AssemblyTask.objects.exclude(pk=express.pk).update(deadline_at=timezone.now() + timedelta(days=1))
    AssemblyTask.objects.filter(pk=express.pk).update(deadline_at=timezone.now() - timedelta(hours=1))

    def shown(**asked: Any) -> list[int]:
        return rows(web.get("/tasks/", {"mine": "", **asked}).content)

    assert shown() == [express.pk, courier.pk]
    assert shown(delivery="edbs") == [express.pk]
    assert shown(tab="assembling") == [mine.pk]
    assert shown(tab="assembling", mine="true") == [mine.pk]
    assert shown(mine="true") == []
    assert shown(tab="overdue") == [express.pk]
    assert shown(account=courier.account_id) == [express.pk, courier.pk]
    assert shown(account="999999") == []
    assert shown(account="'; drop") == [express.pk, courier.pk]
    assert shown(tab="nonsense") == [express.pk, courier.pk]


def test_a_search_for_a_name_never_stands_in_an_address(task_at: Task, web: Client) -> None:
    task, _other = task_at(), task_at()
    Buyer.objects.filter(order=task.order).delete()
    buyers.learn([(task, BuyerInfo(task.external_id, "Пётр", "Петров Пётр", (Phone("79161234567"),), complete=True))])
    answer = web.post("/tasks/", {"search": "Петров", "tab": "new"})

    assert answer.status_code == 302
    assert "Петров" not in answer["Location"]
    assert "%D0" not in answer["Location"]
    assert rows(web.get(answer["Location"]).content) == [task.pk]
    assert rows(web.get("/tasks/?find=forged").content) != [task.pk]


def test_the_button_of_a_row_asks_at_once(task_at: Task, web: Client) -> None:
    task = task_at()
    form = {"kind": "confirm", "seen": "new", "nonce": "n", "back": "/tasks/?tab=new"}
    answer = web.post(f"/tasks/{task.pk}/act/", form)

    assert (answer.status_code, answer["Location"]) == (302, "/tasks/?tab=new")
    action = MarketplaceAction.objects.get(task=task, kind=ActionKind.CONFIRM)
    assert action.state == ActionState.QUEUED
    assert "queued" in text_of(web.get("/tasks/"))

    quiet = web.post(f"/tasks/{task.pk}/act/", form, headers=HTMX)
    assert quiet.status_code == 204
    assert "queue-changed" in quiet["HX-Trigger"]
    assert MarketplaceAction.objects.count() == 1


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_way_back_never_leads_elsewhere(task_at: Task, web: Client, there: str) -> None:
    task = task_at()
    answer = web.post(f"/tasks/{task.pk}/act/", {"kind": "confirm", "seen": "new", "back": there})

    assert answer["Location"] == f"/tasks/{task.pk}/"


def test_a_live_refresh_is_only_the_list(task_at: Task, web: Client) -> None:
    task = task_at()
    html = web.get("/tasks/", headers={**HTMX, "HX-Target": "queue"}).content.decode()

    assert "<html" not in html
    assert f'id="row-{task.pk}"' in html
    assert 'id="stages" aria-label="Stages" hx-swap-oob="true"' in html


def test_a_task_cancelled_in_work_is_told_to_its_assembler_only(
    task_at: Task, web: Client, picker: User, boss: User
) -> None:
    task = task_at(Stage.ASSEMBLING)
    assembly.take(task.pk, actor=actors.staff(picker))
    task.refresh_from_db()
    move(
        task, Stage.CANCELLED, actor=MARKETPLACE, words={"supplierStatus": "confirm", "wbStatus": "declined_by_client"}
    )

    assert f"Task {task.external_id} was cancelled while you were assembling it" in text_of(web.get("/tasks/"))
    assert "was cancelled while" not in text_of(browser(boss).get("/tasks/"))
    assert "Stop assembling" in text_of(web.get(f"/tasks/{task.pk}/"))


# Bulk runs ----------------------------------------------------------------------------------------------------------
def test_many_are_rehearsed_then_done_and_failures_tried_again(
    task_at: Task, shop: MarketplaceAccount, web: Client
) -> None:
    first, lacks, done = task_at(), task_at(Stage.ASSEMBLING), task_at()
    chosen = [first.pk, lacks.pk, done.pk]
    web.post(f"/tasks/{done.pk}/act/", {"kind": "confirm"})
    frozen = web.post("/tasks/many/", {"kind": "confirm", "task": chosen})
    run = BulkRun.objects.get()

    assert (frozen.status_code, frozen["Location"]) == (302, f"/tasks/runs/{run.pk}/")
    assert run.task_ids == chosen
    words = text_of(web.get(frozen["Location"]))
    assert "1 will be done 0 cannot be done 2 done already" in words
    assert MarketplaceAction.objects.filter(task=first).count() == 0

    for _twice in range(2):
        assert web.post(frozen["Location"]).status_code == 302
    assert MarketplaceAction.objects.filter(task=first, kind=ActionKind.CONFIRM).count() == 1
    assert 'hx-trigger="every 2s"' in web.get(frozen["Location"]).content.decode()
    work(shop)
    page = web.get(frozen["Location"])
    words = text_of(page)
    assert "2 done 0 under way 1 not done" in words
    assert "Try 1 again" in words
    assert "hx-trigger" not in page.content.decode().split('id="progress"')[1]
    assert web.post(f"{frozen['Location']}retry/").status_code == 302
    assert MarketplaceAction.objects.filter(task=lacks, kind=ActionKind.CONFIRM).count() == 1


@pytest.mark.parametrize(
    "chosen", [{}, {"kind": "confirm"}, {"kind": "cancel", "task": ["1"]}, {"kind": "confirm", "task": ["x"]}]
)
def test_a_senseless_choice_freezes_nothing(web: Client, chosen: dict[str, object]) -> None:
    answer = web.post("/tasks/many/", chosen)

    assert answer.status_code == 422
    assert "Nothing was changed" in text_of(answer)
    assert BulkRun.objects.count() == 0


def test_a_run_belongs_to_the_one_who_made_it(task_at: Task, web: Client, boss: User) -> None:
    task = task_at()
    address = web.post("/tasks/many/", {"kind": "confirm", "task": [task.pk]})["Location"]
    other = browser(boss)

    assert other.get(address).status_code == 404
    assert other.post(address).status_code == 409
    assert MarketplaceAction.objects.count() == 0


def test_filters_are_found_again_and_cleared_for_good(task_at: Task, web: Client, picker: User) -> None:
    task_at()
    assert web.get("/tasks/?marketplace=yandex_market&mine=1").status_code == 200

    kept = web.get("/tasks/?tab=ready")
    assert (kept.status_code, kept["Location"]) == (302, "/tasks/?marketplace=yandex_market&mine=1&tab=ready")
    nothing = web.get(kept["Location"])
    assert 'href="/tasks/?tab=ready&amp;mine="' in nothing.content.decode()
    assert web.get("/tasks/?tab=ready&mine=").status_code == 200
    assert web.get("/tasks/").status_code == 200
    picker.refresh_from_db()
    assert set(picker.preferences["queue"].values()) == {""}


def test_a_search_and_tests_leave_the_kept_filters_alone(web: Client, picker: User) -> None:
    web.get("/tasks/?mine=1")
    web.get("/tasks/?test=1")
    web.get("/tasks/?find=xyz")

    picker.refresh_from_db()
    assert picker.preferences["queue"] == {"marketplace": "", "account": "", "delivery": "", "mine": "1"}


# What somebody has in hand ----------------------------------------------------------------------------------------
def test_what_one_person_has_is_shown_over_all_stages(task_at: Task, web: Client, picker: User, boss: User) -> None:
    begun, fresh, others, packed = task_at(Stage.ASSEMBLING), task_at(), task_at(Stage.ASSEMBLING), task_at(Stage.READY)
    gone = task_at(Stage.DELIVERING)
    AssemblyTask.objects.filter(pk__in=[begun.pk, fresh.pk, packed.pk, gone.pk]).update(assignee=boss)
    AssemblyTask.objects.filter(pk=others.pk).update(assignee=picker)
    page = web.get(f"/tasks/?tab=hand&person={boss.pk}")

    assert set(rows(page.content)) == {begun.pk, fresh.pk, packed.pk}
    assert "In hand 3" in text_of(page)
    assert "boss" in text_of(page)
    assert "In hand" not in text_of(web.get("/tasks/"))
    assert set(rows(web.get(f"/tasks/?tab=assembling&person={boss.pk}").content)) == {begun.pk}
    assert (
        "queue" not in User.objects.get(pk=picker.pk).preferences
    )  # whose tasks one looked at is no filter of one's own


@pytest.mark.parametrize("person", ["999999", "x", "9" * 30, "-1", ""])
def test_a_person_who_is_not_there_breaks_nothing(task_at: Task, web: Client, person: str) -> None:
    task_at(Stage.ASSEMBLING)

    assert web.get("/tasks/", {"tab": "hand", "person": person}).status_code == 200


def test_an_account_that_is_none_breaks_nothing(task_at: Task, web: Client) -> None:
    task = task_at()

    assert rows(web.get("/tasks/", {"account": "9" * 30}).content) == [task.pk]


def test_the_number_stands_in_every_row(task_at: Task, web: Client) -> None:
    task = task_at(article="mug")
    TaskItem.objects.filter(task=task).update(name="A mug with a unicorn")

    assert f"mug {task.external_id} · 1 pcs · A mug with a unicorn" in text_of(web.get("/tasks/"))
