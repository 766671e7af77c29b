"""Pages of waves: starting one, its pick list and cards, what is done from it, and who may do it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.models import User
from orders import signs
from orders.enums import ActionKind, ShortageReason, Stage
from orders.models import AssemblyTask, MarketplaceAccount, MarketplaceAction, TaskItem, Wave
from orders.services import actors
from orders.services.warehouse import shortages, waves
from tests.orders.floors import MUG, ONE, TRAIN, hand, made, picked, somebody, wildberries
from tests.orders.statements import counted

from .conftest import HTMX, browser, hidden, text_of

LIVE = {**HTMX, "HX-Target": "wave"}


@pytest.fixture
def shop(db: None) -> MarketplaceAccount:
    return wildberries()


@pytest.fixture
def anna(picker: User) -> actors.Actor:
    return actors.staff(picker)


def rows(page: Any) -> list[str]:
    """The pick list, a line a row."""
    found = re.findall(r'<li class="pick-row.*?</li>', page.content.decode(), re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", row)).strip() for row in found]


def card(page: Any, task: AssemblyTask) -> str:
    found = re.search(rf'<article[^>]*id="task-{task.pk}".*?</article>', page.content.decode(), re.DOTALL)
    assert found
    return found.group(0)


def toast(answer: Any) -> str:
    return str(json.loads(answer["HX-Trigger"])["toast"]["text"])


def test_a_wave_is_started_from_its_page(shop: MarketplaceAccount, web: Client, picker: User) -> None:
    tasks = [made(shop, minutes=n) for n in range(3)]
    boris = hand("boris")
    waves.start(1, actor=boris)
    page = web.get("/waves/")
    assert "Free tasks: 2 The most urgent" in text_of(page)
    assert "boris 0 of 1 packed" in text_of(page)

    answer = web.post("/waves/start/", {"count": "2", "single": "on"})

    wave = Wave.objects.get(picker=picker)
    assert (answer.status_code, answer["Location"]) == (302, f"/waves/{wave.pk}/")
    assert set(wave.tasks.all()) == set(tasks[1:])
    assert f"Wave {wave.pk}" in text_of(web.get("/waves/"))
    assert web.session["wave"] == {"count": 2, "delivery": "", "single": True}


@pytest.mark.parametrize("count", ["", "0", "51", "x", "9" * 30])
def test_a_size_that_makes_no_sense_is_said_at_the_field(shop: MarketplaceAccount, web: Client, count: str) -> None:
    made(shop)
    answer = web.post("/waves/start/", {"count": count})

    assert answer.status_code == 422
    assert "invalid-feedback" in answer.content.decode()
    assert not Wave.objects.exists()


def test_nothing_to_begin_is_said(shop: MarketplaceAccount, web: Client) -> None:
    answer = web.post("/waves/start/", {"count": "3"})
    there = web.post("/waves/next/", {"count": "3"}, follow=True)

    assert answer.status_code == 409
    assert "No task waits for somebody." in text_of(answer)
    assert "Nothing waits for somebody right now." in text_of(there)
    assert not Wave.objects.exists()


def test_the_next_task_opens_and_is_mine(shop: MarketplaceAccount, web: Client, picker: User) -> None:
    task = made(shop, minutes=1)
    made(shop, minutes=2)
    answer = web.post("/waves/next/", {"count": "5"})

    task.refresh_from_db()
    assert (answer["Location"], task.assignee) == (f"/tasks/{task.pk}/", picker)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_nine_statements_however_many_tasks(
    shop: MarketplaceAccount, web: Client, anna: actors.Actor, count: int
) -> None:
    for n in range(count):
        made(shop, ONE, ("TRAIN", 2, [TRAIN]), minutes=n, required_kinds=["uin"], code_kinds=["uin"])
    wave = waves.start(count, actor=anna)
    web.get("/tasks/")  # the permissions of roles are in memory from now on

    with counted() as whole:
        page = web.get(f"/waves/{wave.pk}/")
    with counted() as live:
        web.get(f"/waves/{wave.pk}/", headers=LIVE)
    with counted() as mine:
        web.get("/waves/")

    assert len(rows(page)) == 2
    assert [len(whole), len(live), len(mine)] == [9, 9, 9], whole  # one of them: which task is in the hand


@pytest.mark.parametrize("count", [1, 3])
def test_the_start_takes_six_statements_however_many_waves(shop: MarketplaceAccount, web: Client, count: int) -> None:
    for n in range(count):
        made(shop)
        waves.start(1, actor=hand(f"somebody{n}"))
    web.get("/tasks/")
    with counted() as statements:
        page = web.get("/waves/")

    assert text_of(page).count("0 of 1 packed") == count
    assert len(statements) == 6, statements


def test_the_pick_list_is_grouped_by_article(shop: MarketplaceAccount, web: Client, anna: actors.Actor) -> None:
    one = made(shop, ("MUG-1", 2, [MUG]), minutes=1)
    two = made(shop, ONE, ("LAMP", 1, []), ("GONE", 0, [TRAIN]), minutes=2)
    three = made(shop, ("CHAIR", 1, [TRAIN]), minutes=3)
    packed = made(shop, ("CHAIR", 4, [TRAIN]), minutes=4)
    wave = waves.start(4, actor=anna)
    picked(one)
    picked(three)
    AssemblyTask.objects.filter(pk=packed.pk).update(stage=Stage.READY)

    page = web.get(f"/waves/{wave.pk}/")

    assert rows(page) == [
        f"0 /1 LAMP Name of LAMP no barcode known: check by eye Place in the wave 2 {two.external_id} Missing",
        f"1 /3 MUG-1 Name of MUG-1 {MUG} Place in the wave 1 {one.external_id} 1/2 Place in the wave 2 {two.external_id} Missing",
        f"all picked 1 /1 CHAIR Name of CHAIR {TRAIN} Place in the wave 3 {three.external_id} 1/1",
    ]
    assert "1 of 4 tasks packed 6 of 9 units picked" in text_of(page)
    # when one is missing, the least urgent task goes without it
    assert f"/tasks/{two.pk}/items/{two.items.get(article='MUG-1').pk}/missing/" in page.content.decode()


def test_a_task_whose_goods_and_codes_are_there_has_one_button(
    shop: MarketplaceAccount, web: Client, anna: actors.Actor
) -> None:
    whole, half, coded, new = (
        made(shop, minutes=1),
        made(shop, ("MUG-1", 2, [MUG]), minutes=2),
        made(shop, minutes=3, required_kinds=["uin"], code_kinds=["uin"]),
        made(shop, minutes=4, stage=Stage.NEW),
    )
    by_eye, asked = made(shop, ("LAMP", 1, []), minutes=5), made(shop, minutes=6)
    wave = waves.start(6, actor=anna)
    for task in (whole, half, coded, new, asked):
        picked(task)
    shortages.report(asked.pk, asked.items.get().pk, shortages.Report(1, ShortageReason.DAMAGED), actor=anna)
    page = web.get(f"/waves/{wave.pk}/")

    def button(task: AssemblyTask) -> str:
        found = re.search(rf'id="go-{task.pk}".*?>(.*?)</(?:a|button)>', card(page, task), re.DOTALL)
        return re.sub(r"<[^>]*>", "", found.group(1)).strip() if found else ""

    assert [button(task) for task in (whole, half, coded, new, by_eye, asked)] == [
        "Ready", "Open", "Open", "Confirm", "Ready", "Open",
    ]  # fmt: skip
    assert "compare them by eye" in card(page, by_eye)
    assert "goods are missing" in card(page, asked)


def test_ready_is_asked_from_the_wave_and_the_last_one_closes_it(
    shop: MarketplaceAccount, web: Client, anna: actors.Actor
) -> None:
    task = made(shop)
    wave = waves.start(1, actor=anna)
    picked(task)
    page = web.get(f"/waves/{wave.pk}/")
    form = {"kind": "ready", "seen": "assembling", "nonce": hidden(page, "nonce"), "back": f"/waves/{wave.pk}/"}

    answer = web.post(f"/tasks/{task.pk}/act/", form, headers=HTMX)
    assert (answer.status_code, "queue-changed" in answer["HX-Trigger"]) == (204, True)
    live = web.get(f"/waves/{wave.pk}/", headers=LIVE)

    task.refresh_from_db()
    assert task.stage == Stage.READY
    assert "The wave is closed." in text_of(live)
    assert "hx-get" not in live.content.decode()
    assert "A new wave" in text_of(web.get("/waves/"))


def test_without_scripts_ready_leads_back_to_the_wave(
    shop: MarketplaceAccount, web: Client, anna: actors.Actor
) -> None:
    task = made(shop)
    wave = waves.start(1, actor=anna)
    form = {"kind": "ready", "seen": "assembling", "nonce": "n", "back": f"/waves/{wave.pk}/"}

    assert web.post(f"/tasks/{task.pk}/act/", form)["Location"] == f"/waves/{wave.pk}/"


def test_the_live_part_is_silent_until_something_changes(
    shop: MarketplaceAccount, web: Client, anna: actors.Actor
) -> None:
    task = made(shop)
    wave = waves.start(1, actor=anna)
    page = web.get(f"/waves/{wave.pk}/").content.decode()
    found = re.search(r'hx-get="(/waves/\d+/\?seen=\w+)"', page)
    assert found

    assert web.get(found.group(1), headers=LIVE).status_code == 204
    picked(task)
    changed = web.get(found.group(1), headers=LIVE)
    assert changed.status_code == 200
    assert "1 of 1 picked" in text_of(changed)
    assert "<html" not in changed.content.decode()
    assert 'id="scan-input"' not in changed.content.decode()  # it is never taken out of the hand


def test_somebody_elses_wave_is_for_looking(shop: MarketplaceAccount, web: Client) -> None:
    made(shop)
    wave = waves.start(1, actor=actors.staff(somebody("anna", first_name="Anna", last_name="Kim")))
    page = web.get(f"/waves/{wave.pk}/")
    html = page.content.decode()

    assert "Anna K. has it" in text_of(page)
    assert 'id="scan-input"' not in html
    assert "data-scan-wave" not in html
    assert "Give back" not in html
    assert "A new wave" in text_of(web.get("/waves/"))
    assert "Anna K. 0 of 1 packed" in text_of(web.get("/waves/"))


def test_scans_of_the_page_know_their_wave(shop: MarketplaceAccount, web: Client, anna: actors.Actor) -> None:
    made(shop)
    wave = waves.start(1, actor=anna)

    html = web.get("/waves/").content.decode()

    assert f'data-scan-wave="{wave.pk}"' in html
    assert 'data-scan="main"' in html


def test_a_task_joins_by_number_or_by_its_sheet(shop: MarketplaceAccount, web: Client, anna: actors.Actor) -> None:
    made(shop, minutes=1)
    wave = waves.start(1, actor=anna)
    one, two, taken = made(shop), made(shop), made(shop, assignee=hand("boris").user)
    path = f"/waves/{wave.pk}/add/"

    assert toast(web.post(path, {"number": f" {one.external_id} "}, headers=HTMX)) == "It is in the wave now."
    assert web.post(path, {"number": signs.of_task(two.pk)})["Location"] == f"/waves/{wave.pk}/"
    refused = web.post(path, {"number": taken.external_id}, headers=HTMX)
    unknown = [web.post(path, {"number": n}, headers=HTMX) for n in ("nothing", "", "BO-T-99999", "\x00")]

    assert set(wave.tasks.exclude(pk=wave.tasks.order_by("deadline_at")[0].pk)) == {one, two}
    assert (refused.status_code, "boris has taken this task" in text_of(refused)) == (409, True)
    assert [answer.status_code for answer in unknown] == [409] * 4


def test_a_task_is_given_back_from_the_wave(shop: MarketplaceAccount, web: Client, anna: actors.Actor) -> None:
    one, two = made(shop, minutes=1), made(shop, minutes=2)
    wave = waves.start(2, actor=anna)

    answer = web.post(f"/waves/{wave.pk}/tasks/{one.pk}/remove/", headers=HTMX)
    assert (answer.status_code, toast(answer)) == (204, "Given back to everybody.")
    assert web.post(f"/waves/{wave.pk}/tasks/{two.pk}/remove/")["Location"] == f"/waves/{wave.pk}/"
    assert not AssemblyTask.objects.exclude(assignee=None).exists()
    assert Wave.objects.get().closed_at is not None


def test_all_new_tasks_are_begun_at_once(shop: MarketplaceAccount, web: Client, anna: actors.Actor) -> None:
    for n in range(2):
        made(shop, minutes=n, stage=Stage.NEW)
    unsaved = made(shop, minutes=3, stage=Stage.NEW)
    AssemblyTask.objects.filter(pk=unsaved.pk).update(raw_digest="")
    made(shop, minutes=4)
    wave = waves.start(4, actor=anna)
    assert "2 tasks are new" in text_of(web.get(f"/waves/{wave.pk}/"))

    answer = web.post(f"/waves/{wave.pk}/confirm/", headers=HTMX)

    assert toast(answer) == "Asked for 2 tasks."
    assert MarketplaceAction.objects.filter(kind=ActionKind.CONFIRM).count() == 2
    page = web.get(f"/waves/{wave.pk}/")
    assert "queued" in text_of(page)
    assert "every 2s" in page.content.decode()  # the answer comes within seconds


def test_closing_asks_first(shop: MarketplaceAccount, web: Client, anna: actors.Actor) -> None:
    for n in range(3):
        made(shop, minutes=n)
    wave = waves.start(3, actor=anna)
    picked(wave.tasks.order_by("pk")[0])
    AssemblyTask.objects.filter(pk=wave.tasks.order_by("pk")[2].pk).update(stage=Stage.READY)

    asked = web.get(f"/waves/{wave.pk}/close/", headers=HTMX)
    assert "2 tasks are not packed: they are given back to everybody." in text_of(asked)
    assert "1 of them is begun" in text_of(asked)
    assert 'id="question"' in asked.content.decode()
    assert 'id="question"' not in web.get(f"/waves/{wave.pk}/close/").content.decode()  # a page of its own
    assert Wave.objects.get().closed_at is None

    there = web.post(f"/waves/{wave.pk}/close/", follow=True)
    assert "2 tasks were given back." in text_of(there)
    assert Wave.objects.get().closed_at is not None


def test_a_task_cancelled_under_the_hands_says_so(shop: MarketplaceAccount, web: Client, anna: actors.Actor) -> None:
    task = made(shop, minutes=1)
    made(shop, minutes=2)
    wave = waves.start(2, actor=anna)
    AssemblyTask.objects.filter(pk=task.pk).update(stage=Stage.CANCELLED)
    page = web.get(f"/waves/{wave.pk}/")

    assert "Stop assembling, put the goods back on the shelf." in card(page, task)
    assert "0 of 1 task packed" in text_of(page)


def test_names_of_goods_are_text(shop: MarketplaceAccount, web: Client, anna: actors.Actor) -> None:
    task = made(shop)
    TaskItem.objects.filter(task=task).update(article="<b>x</b>", name="<script>alert(1)</script>", barcodes=['"><i>'])
    wave = waves.start(1, actor=anna)

    html = web.get(f"/waves/{wave.pk}/").content.decode()

    assert "<script>alert" not in html
    assert "<b>x</b>" not in html
    assert '"><i>' not in html


@pytest.mark.parametrize("name", ["wave", "wave_close"])
def test_a_wave_that_does_not_exist(db: None, web: Client, name: str) -> None:
    assert web.get(reverse(name, args=[99])).status_code == 404


POSTS = ["start/", "next/", "1/add/", "1/confirm/", "1/close/", "1/tasks/1/remove/"]


@pytest.mark.parametrize("path", POSTS)
def test_who_may_only_look_begins_nothing(shop: MarketplaceAccount, onlooker: Client, path: str) -> None:
    task = made(shop)
    assert onlooker.post(f"/waves/{path}", {"count": "1"}).status_code == 403
    assert onlooker.get("/waves/").status_code == 403
    task.refresh_from_db()
    assert (task.assignee, Wave.objects.count()) == (None, 0)


@pytest.mark.parametrize("path", POSTS[:-3] + POSTS[-1:])
def test_nothing_is_done_by_looking(db: None, web: Client, path: str) -> None:
    assert web.get(f"/waves/{path}").status_code == 405


def test_strangers_sign_in_first(db: None) -> None:
    assert Client().get("/waves/").status_code == 302


def test_in_training_only_exercises_are_given_out(shop: MarketplaceAccount, picker: User) -> None:
    school = wildberries(title="School", training=True)
    exercise, real = made(school, is_test=True), made(shop)
    web = browser(picker)

    web.post("/waves/start/", {"count": "5"})

    exercise.refresh_from_db()
    real.refresh_from_db()
    assert (exercise.assignee, real.assignee) == (None, picker)
