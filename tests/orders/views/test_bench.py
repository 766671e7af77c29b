"""What stands around scanning: who has a task, which wave it is in, the numbers of a wave's tasks, the help."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.models import User
from orders import signs
from orders.enums import ScanOutcome, Stage
from orders.models import AssemblyTask, MarketplaceAccount, Scan, Wave
from orders.services import actors
from orders.services.warehouse import assembly, waves
from orders.signs import Command
from tests.orders.floors import MUG, made, somebody, wildberries
from tests.orders.statements import counted

from .conftest import HTMX, browser, text_of


@pytest.fixture
def shop(db: None) -> MarketplaceAccount:
    return wildberries()


def seen_of(client: Client, task: AssemblyTask) -> str:
    """Where the page of the task asks whether it is old."""
    found = re.search(r'hx-get="([^"]*/state/[^"]*)"', client.get(f"/tasks/{task.pk}/").content.decode())
    assert found
    return found.group(1).replace("&amp;", "&")


def told(answer: Any) -> str:
    return str(json.loads(answer.get("HX-Trigger", "{}")).get("toast", {}).get("text", ""))


def head(answer: Any) -> str:
    found = re.search(r'<div class="head task-head".*?</div>\s*(?=<|$)', answer.content.decode(), re.DOTALL)
    assert found
    return found.group(0)


# Who has it -----------------------------------------------------------------------------------------------------------


def test_the_head_says_that_i_have_it_after_my_first_good_scan(
    shop: MarketplaceAccount, web: Client, picker: User
) -> None:
    task = made(shop)
    there = seen_of(web, task)
    assert "Take" in text_of(web.get(f"/tasks/{task.pk}/"))
    web.post("/scan/answer/", {"raw": MUG, "nonce": "n" * 16, "task": str(task.pk)})

    answer = web.get(there, headers=HTMX)

    task.refresh_from_db()
    assert task.assignee == picker
    assert 'id="task-head" hx-swap-oob="true"' in head(answer)
    assert f"Assembled by {picker.short_name}" in head(answer)
    assert told(answer) == ""  # that was me


def test_who_loses_a_task_is_told_at_once_by_whom(shop: MarketplaceAccount, web: Client, picker: User) -> None:
    task = made(shop)
    assembly.take(task.pk, actor=actors.staff(picker))
    there = seen_of(web, task)
    assert web.get(there, headers=HTMX).status_code == 204
    boris = somebody("boris", first_name="Boris", last_name="Lis")
    assembly.take(task.pk, actor=actors.staff(boris), take_over=True)

    answer = web.get(there, headers=HTMX)

    assert told(answer) == "Boris L. has taken this task."
    assert "Assembled by Boris L." in head(answer)
    assert "Take over" in head(answer)
    assert "Give back" not in head(answer)


def test_who_loses_a_task_to_nobody_is_told_so(shop: MarketplaceAccount, web: Client, picker: User) -> None:
    task = made(shop)
    assembly.take(task.pk, actor=actors.staff(picker))
    mine, other = seen_of(web, task), browser(somebody("boris"))
    his = seen_of(other, task)
    assembly.release(task.pk, actor=actors.SYSTEM)

    assert told(web.get(mine, headers=HTMX)) == "This task is nobody's now."
    assert told(other.get(his, headers=HTMX)) == ""  # it had never been his


# Its wave -------------------------------------------------------------------------------------------------------------


def wave_of(shop: MarketplaceAccount, picker: User) -> tuple[Wave, list[AssemblyTask]]:
    tasks = [made(shop, minutes=n) for n in (10, 20, 30, 40)]
    return waves.start(4, actor=actors.staff(picker)), tasks


def test_a_task_leads_back_to_its_wave(shop: MarketplaceAccount, web: Client, picker: User) -> None:
    wave, tasks = wave_of(shop, picker)
    AssemblyTask.objects.filter(pk=tasks[0].pk).update(stage=Stage.READY)
    AssemblyTask.objects.filter(pk=tasks[1].pk).update(stage=Stage.CANCELLED)  # counts no more

    page = web.get(f"/tasks/{tasks[2].pk}/")

    link = re.search(rf'<a class="wave-link" href="/waves/{wave.pk}/">(.*?)</a>', page.content.decode(), re.DOTALL)
    assert link
    words = " ".join(re.sub(r"<[^>]*>", " ", link.group(1)).split())
    assert words == f"Place in the wave 3 Wave {wave.pk} · 1 of 3"


def test_the_way_back_costs_one_statement(shop: MarketplaceAccount, web: Client, picker: User) -> None:
    _wave, tasks = wave_of(shop, picker)
    alone = made(shop, minutes=50, assignee=picker)
    web.get("/tasks/")
    with counted() as without:
        web.get(f"/tasks/{alone.pk}/")
    with counted() as within:
        web.get(f"/tasks/{tasks[0].pk}/")

    assert len(within) == len(without) + 1, within


def test_a_wave_that_is_closed_is_no_way_back(shop: MarketplaceAccount, web: Client, picker: User) -> None:
    wave, tasks = wave_of(shop, picker)
    AssemblyTask.objects.filter(pk=tasks[0].pk).update(stage=Stage.READY)
    waves.close(wave.pk, actor=actors.staff(picker))

    assert "wave-link" not in web.get(f"/tasks/{tasks[0].pk}/").content.decode()


def test_tasks_of_a_wave_have_numbers_and_the_one_in_hand_is_marked(
    shop: MarketplaceAccount, web: Client, picker: User
) -> None:
    wave, tasks = wave_of(shop, picker)
    Scan.objects.create(
        task=tasks[1], user=picker, raw=MUG, outcome=ScanOutcome.ACCEPTED, nonce="x", scanned_at=timezone.now()
    )
    html = web.get(f"/waves/{wave.pk}/").content.decode()

    cards = re.findall(r'<article[^>]*class="([^"]*)"[^>]*id="task-(\d+)">(.*?)</article>', html, re.DOTALL)
    places = [" ".join(re.sub(r"<[^>]*>", " ", inside).split())[:19] for _css, _pk, inside in cards]
    assert places == [f"Place in the wave {n}" for n in (1, 2, 3, 4)]
    assert [int(pk) for css, pk, _inside in cards if "is-hand" in css] == [tasks[1].pk]
    (words,) = [inside for css, _pk, inside in cards if "is-hand" in css]
    assert "in hand" in words  # not by colour alone
    listed = re.findall(
        r'<b class="slot".*?</span>\s*(\d)</b>\s*<span class="pick-number">(\d+)</span>', html, re.DOTALL
    )
    assert listed == [(str(n), task.external_id) for n, task in enumerate(tasks, start=1)]


# The help -------------------------------------------------------------------------------------------------------------


def test_the_help_names_every_command_and_the_keys_of_a_task(shop: MarketplaceAccount, web: Client) -> None:
    page = web.get(f"/tasks/{made(shop).pk}/").content.decode()
    found = re.search(r'<dialog class="ask keys-help".*?</dialog>', page, re.DOTALL)

    assert found
    named = re.findall(r"<kbd>([^<]*)</kbd>", found.group(0))
    assert {signs.of_command(command) for command in Command} == {name for name in named if name.startswith("BO-C-")}
    assert {"U", "Esc", "?", "Enter"} <= set(named)
    assert 'href="/print/commands/"' in found.group(0)
