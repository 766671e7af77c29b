"""The shift, the hand-over and badges, as pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backoffice.models import User
from backoffice.people import Role, create_user
from orders.enums import ScanOutcome, Stage
from orders.models import AssemblyTask, Badge, MarketplaceAction, Scan, Shift
from orders.services import actors
from orders.services.warehouse import badges, shifts
from orders.views import common
from tests.orders.statements import counted

from .conftest import HTMX, Task, browser, text_of

HOUR = timedelta(hours=1)


# The shift ----------------------------------------------------------------------------------------------------------
def test_a_shift_begins_and_every_page_knows_of_it(task_at: Task, web: Client, picker: User) -> None:
    before = web.get("/tasks/")
    answer = web.post("/shift/start/", {"station": "Стол 3"})
    page = web.get("/tasks/")
    shift = Shift.objects.get()

    assert 'data-shift="1"' not in before.content.decode()
    assert "Begin the shift" in text_of(before)
    assert (answer.status_code, answer["Location"]) == (302, "/shift/")
    assert (shift.user, shift.station, shift.ended_at) == (picker, "Стол 3", None)
    assert web.session["station"] == "Стол 3"
    assert 'data-shift="1"' in page.content.decode()
    assert "Shift since" in text_of(page)
    assert 'hx-trigger="load, every 60s"' in page.content.decode()
    assert "Shift since" in text_of(web.get("/shift/line/", headers=HTMX))
    assert "· 0 assembled" in text_of(web.get("/tasks/"))
    assert 'hx-trigger="every 60s"' in web.get("/tasks/").content.decode()


def test_a_shift_costs_no_page_a_statement(task_at: Task, web: Client) -> None:
    costs = []
    for _twice in range(2):
        web.get("/tasks/")
        with counted() as statements:
            web.get("/tasks/")
        costs.append(len(statements))
        web.post("/shift/start/", {"station": "Table"})

    assert costs[0] == costs[1]


def test_the_next_person_finds_the_name_of_the_station(web: Client, boss: User) -> None:
    web.post("/shift/start/", {"station": "Стол 3"})
    other = browser(boss)
    other.cookies["station"] = web.cookies["station"].value

    assert web.cookies["station"]["httponly"] is True
    assert 'value="Стол 3"' in other.get("/shift/").content.decode()


def test_a_shift_ends_with_a_note_that_the_next_one_reads(web: Client, boss: User, picker: User) -> None:
    web.post("/shift/start/", {"station": "Table 3"})
    badges.issue(picker)
    session = web.session
    badges.sign_in(session, picker)
    session.save()
    answer = web.post("/shift/end/", {"note": "The printer is out of paper.\n<b>"})
    ended = Shift.objects.get()

    assert (answer.status_code, ended.note, ended.ended_at is None) == (302, "The printer is out of paper.\n<b>", False)
    assert "shift" not in web.session
    assert "picker" not in web.session
    words = browser(boss).get("/shift/").content.decode()
    assert "The printer is out of paper.<br>&lt;b&gt;" in words
    assert "Table 3" in words
    assert "out of paper" not in text_of(web.get("/shift/"))
    web.post("/shift/end/", {"note": "again"})
    assert Shift.objects.get().note == ended.note


def test_what_is_too_long_is_said(web: Client) -> None:
    assert web.post("/shift/start/", {"station": "x" * 41}).status_code == 422
    assert Shift.objects.count() == 0
    web.post("/shift/start/", {})
    assert web.post("/shift/end/", {"note": "x" * 501}).status_code == 422
    assert Shift.objects.get().ended_at is None


def test_a_shift_goes_on_where_the_person_signs_in_next(web: Client, picker: User) -> None:
    web.post("/shift/start/", {"station": "Table 3"})
    other = browser(picker)

    assert other.session["shift"]["id"] == Shift.objects.get().pk
    assert 'data-shift="1"' in other.get("/tasks/").content.decode()
    assert browser(create_user("new", role=Role.WAREHOUSE, password="n", weak=True)).session.get("shift") is None


def test_a_shift_that_ended_elsewhere_ends_here_too(web: Client, picker: User) -> None:
    web.post("/shift/start/", {})
    shifts.end(note="", actor=actors.staff(picker))
    line = web.get("/shift/line/", headers=HTMX)

    assert "Begin the shift" in text_of(line)
    assert "hx-get" not in line.content.decode()
    assert "shift" not in web.session


def test_the_shift_is_for_who_assembles(onlooker: Client, web: Client) -> None:
    for there in ("/shift/", "/shift/line/"):
        assert onlooker.get(there).status_code == 403
    assert onlooker.post("/shift/start/", {}).status_code == 403
    assert Shift.objects.count() == 0
    assert web.get("/shift/start/").status_code == 405


# What is handed over --------------------------------------------------------------------------------------------------
def test_the_hand_over_tells_what_changed_and_what_burns(task_at: Task, web: Client, picker: User, boss: User) -> None:
    shifts.start(station="", actor=actors.staff(picker), now=timezone.now() - 9 * HOUR)
    shifts.end(note="", actor=actors.staff(picker), now=timezone.now() - 8 * HOUR)
    shifts.start(station="Table 1", actor=actors.staff(boss))
    soon, late = task_at(Stage.ASSEMBLING, article="boots-42"), task_at(Stage.NEW)
    now = timezone.now()
    AssemblyTask.objects.filter(pk=soon.pk).update(
        deadline_at=now + HOUR, assignee=boss, created_at=now - 2 * HOUR, is_test=False
    )
    AssemblyTask.objects.filter(pk=late.pk).update(deadline_at=now - HOUR, created_at=now - 20 * HOUR)
    Scan.objects.create(user=boss, task=soon, raw="123", outcome=ScanOutcome.REFUSED)
    words = text_of(web.get("/shift/"))

    for said in (
        "What changed since you left", "1 new order", "0 cancelled", "1 went late", "0 actions refused", "Overdue: 1",
        f"{soon.external_id} boots-42", "boss · Table 1", "1 unfinished", "1 refused scan",
    ):  # fmt: skip
        assert said in words, said


def test_counts_of_people_lead_to_what_they_count(task_at: Task, web: Client, boss: User) -> None:
    task = task_at(Stage.ASSEMBLING)
    AssemblyTask.objects.filter(pk=task.pk).update(assignee=boss)
    Scan.objects.create(user=boss, task=task, raw="4006381333931", outcome=ScanOutcome.REFUSED, reason="foreign_item")
    page = browser(boss).get("/shift/").content.decode()
    there = [address.replace("&amp;", "&") for address in re.findall(r'class="at-work-count" href="([^"]+)"', page)]

    assert there == [f"/tasks/?tab=hand&person={boss.pk}", f"/scans/?person={boss.pk}"]
    assert f'id="row-{task.pk}"' in browser(boss).get(there[0]).content.decode()
    assert 'class="line scan-line"' in browser(boss).get(there[1]).content.decode()
    assert 'href="/training/"' in page
    assert "/scans/?person=" not in web.get("/shift/").content.decode()  # he may not see that page


@pytest.mark.parametrize("count", [1, 3])
def test_the_hand_over_costs_the_same_however_much_there_is(task_at: Task, web: Client, boss: User, count: int) -> None:
    now = timezone.now()
    for n in range(count):
        task = task_at(Stage.NEW)
        AssemblyTask.objects.filter(pk=task.pk).update(deadline_at=now + HOUR, assignee=boss)
        other = create_user(f"p{n}", role=Role.WAREHOUSE, password="p", weak=True)
        shifts.start(station="", actor=actors.staff(other), now=now - HOUR)
        shifts.end(note="note", actor=actors.staff(other))
        shifts.start(station="", actor=actors.staff(other))
    web.get("/shift/")
    with counted() as statements:
        page = web.get("/shift/").content.decode()

    assert page.count('class="note"') == count
    assert page.count('class="burn"') == count
    # session, person, my shifts, changes, accounts with counts, burning, its items, people, notes
    assert len(statements) == 9, statements


# Badges -------------------------------------------------------------------------------------------------------------
def test_a_manager_issues_badges(web: Client, boss: User, picker: User) -> None:
    lead = browser(boss)
    shown = text_of(lead.get("/shift/badges/"))
    for data, serial in (({}, 1), ({}, 1), ({"seen": "1"}, 2), ({"seen": "1"}, 2)):
        assert lead.post(f"/shift/badges/{picker.pk}/", data).status_code == 302
        assert Badge.objects.get().serial == serial

    assert "picker" in shown
    assert "no badge" in shown
    assert "has a badge no. 2" in text_of(lead.get("/shift/badges/"))
    assert web.get("/shift/badges/").status_code == 403
    assert web.post(f"/shift/badges/{boss.pk}/", {}).status_code == 403
    assert lead.post("/shift/badges/999999/", {}).status_code == 404
    assert Badge.objects.count() == 1


def test_a_program_and_who_left_have_no_badge(boss: User) -> None:
    program = create_user("robot", role=Role.INTEGRATION, password="r", weak=True)
    gone = create_user("gone", role=Role.WAREHOUSE, password="g", weak=True)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    lead = browser(boss)
    words = text_of(lead.get("/shift/badges/"))

    assert "robot" not in words
    assert "gone" not in words
    assert lead.post(f"/shift/badges/{gone.pk}/", {}).status_code == 409
    assert program.is_active
    assert Badge.objects.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_the_badges_cost_the_same_however_many_there_are(boss: User, count: int) -> None:
    for n in range(count):
        badges.issue(create_user(f"p{n}", role=Role.WAREHOUSE, password="p", weak=True))
    lead = browser(boss)
    lead.get("/shift/badges/")
    with counted() as statements:
        page = lead.get("/shift/badges/").content.decode()

    assert page.count('hx-target="#question-place"') == count
    # session, person, people with badges, accounts with counts
    assert len(statements) == 4, statements


def test_the_head_says_who_picks_and_lets_him_sign_off(web: Client, boss: User, picker: User) -> None:
    badges.issue(boss)
    session = web.session
    badges.sign_in(session, boss)
    session.save()
    page = web.get("/tasks/")

    assert f"Picker: {boss.short_name} (badge)" in text_of(page)
    answer = web.post("/shift/badges/sign-off/", {"back": "/tasks/"})
    assert (answer.status_code, answer["Location"]) == (302, "/tasks/")
    assert "Picker:" not in text_of(web.get("/tasks/"))
    assert web.post("/shift/badges/sign-off/", {"back": "https://evil.example/"})["Location"] == reverse("shift")


def test_a_badge_says_who_picks_and_never_who_asks_a_marketplace(
    task_at: Task, web: Client, boss: User, picker: User
) -> None:
    badges.issue(boss)
    session = web.session
    badges.sign_in(session, boss)
    session.save()
    request = web.get("/tasks/").wsgi_request

    assert (common.actor(request).user, common.picker(request).user) == (picker, boss)
    task = task_at(Stage.DELIVERING)
    web.post(f"/desk/{task.pk}/", {"kind": "receive", "seen": task.stage, "code": "123456", "nonce": "n"})
    assert MarketplaceAction.objects.get(kind="receive").actor == picker
    badges.renew(boss)
    again = web.get("/tasks/").wsgi_request
    assert common.picker(again).user == picker
