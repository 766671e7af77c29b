"""The board of refused scans."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.models import User
from orders.enums import ScanOutcome, Stage
from orders.models import Scan
from orders.queries import refused
from tests.orders.scans import FULL, GTIN, typed_in_russian
from tests.orders.statements import counted

from .conftest import HTMX, Task, browser, text_of


@pytest.fixture
def lead(boss: User) -> Client:
    return browser(boss)


def scan(user: User | None, reason: str = "in_use", raw: str = GTIN, **more: object) -> Scan:
    facts = {"title": f"title of {reason}", "text": "text"}
    return Scan.objects.create(
        **{"user": user, "reason": reason, "raw": raw, "outcome": ScanOutcome.REFUSED, "facts": facts, **more}
    )


def ids(page: object) -> list[int]:
    return [int(found) for found in re.findall(r'id="scan-(\d+)"', page.content.decode())]  # type: ignore[attr-defined]


def test_refused_scans_stand_there_the_newest_first(task_at: Task, lead: Client, picker: User) -> None:
    task = task_at(Stage.ASSEMBLING)
    first = scan(picker, task=task, station="Table 3", kind="sgtin", raw=FULL)
    scan(picker, outcome=ScanOutcome.ACCEPTED)
    second = scan(None, "foreign_item")
    page = lead.get("/scans/")
    words = text_of(page)

    assert ids(page) == [second.pk, first.pk]
    for said in (
        "title of in_use",
        "text",
        task.external_id,
        "Table 3",
        "Chestny ZNAK",
        "the code is in use 1",
        "wrong item 1",
    ):
        assert said in words, said
    assert "0104600439931256215RJZx80hlqAq3" in words
    assert "sGGtBnYBxYJ2" not in words


def test_it_is_sifted_by_person_and_reason(lead: Client, picker: User, boss: User) -> None:
    mine, other, third = scan(picker), scan(boss), scan(picker, "stage")

    assert ids(lead.get(f"/scans/?person={picker.pk}")) == [third.pk, mine.pk]
    assert ids(lead.get("/scans/?reason=in_use")) == [other.pk, mine.pk]
    assert ids(lead.get(f"/scans/?person={picker.pk}&reason=in_use")) == [mine.pk]
    assert ids(lead.get("/scans/?person=nobody&reason=")) == [third.pk, other.pk, mine.pk]
    assert ids(lead.get("/scans/?person=9999999999999999999999")) == [third.pk, other.pk, mine.pk]


def test_the_pages_go_by_place(lead: Client, picker: User) -> None:
    rows = [scan(picker) for _n in range(refused.SIZE + 5)]
    newest = [row.pk for row in reversed(rows)]
    first = lead.get("/scans/")
    there = re.search(r'rel="next" href="([^"]+)"', first.content.decode())
    assert there
    second = lead.get(there[1].replace("&amp;", "&"))

    assert ids(first) == newest[: refused.SIZE]
    assert ids(second) == newest[refused.SIZE :]
    assert "scan-poll" in first.content.decode()
    assert "scan-poll" not in second.content.decode()
    assert "this page stands still" in text_of(second)


def test_only_what_is_new_comes_by_itself(lead: Client, picker: User, boss: User) -> None:
    old = scan(picker)
    page = lead.get(f"/scans/?person={picker.pk}").content.decode()
    poll = re.search(r'id="scan-poll" hx-get="([^"]+)"', page)
    assert poll
    there = poll[1].replace("&amp;", "&")
    assert lead.get(there, headers=HTMX).status_code == 204
    scan(boss)
    new = scan(picker, "stage")
    news = lead.get(there, headers=HTMX)

    assert ids(news) == [new.pk]
    assert old.pk not in ids(news)
    assert 'hx-swap-oob="afterbegin:#scan-rows"' in news.content.decode()
    assert 'id="scan-counts"' in news.content.decode()
    assert "not at this stage 1" in text_of(news)


def test_the_first_refused_scan_comes_to_an_empty_board(lead: Client, picker: User) -> None:
    page = lead.get("/scans/").content.decode()
    new = scan(picker)

    assert 'hx-get="/scans/?newer=0-0"' in page
    assert ids(lead.get("/scans/?newer=0-0", headers=HTMX)) == [new.pk]


def test_yesterday_is_not_counted_today(lead: Client, picker: User) -> None:
    Scan.objects.filter(pk=scan(picker).pk).update(scanned_at=timezone.now() - timedelta(days=1, hours=1))

    assert "Nothing was refused today." in text_of(lead.get("/scans/"))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Анна Котова", "•••"),
        ("Anna Kotova", "•••"),
        ("anna@example.org", "•••"),
        ("+7 912 345-67-89", "••• 89"),
        ("79123456789", "••• 89"),
        (GTIN, GTIN),
        ("", ""),
        ("MS-1042", "MS-1042"),
        (typed_in_russian("0104600439931256215RJZx80hlqAq3"), "0104600439931256215RJZx80hlqAq3"),
        (FULL, "0104600439931256215RJZx80hlqAq3"),
        ("x1" * 50, "x1" * 19 + "x…"),
        ("Anna", "•••"),
    ],
)
def test_nobody_is_read_out_of_a_scan(raw: str, shown: str) -> None:
    assert refused.shown(raw) == shown


def test_the_board_is_for_the_lead(web: Client, onlooker: Client, picker: User) -> None:
    scan(picker)

    assert web.get("/scans/").status_code == 403
    assert web.get("/scans/?newer=0-0", headers=HTMX).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_board_costs_the_same_however_much_there_is(task_at: Task, lead: Client, picker: User, count: int) -> None:
    task = task_at(Stage.ASSEMBLING)
    for n in range(count):
        scan(picker, f"reason {n}", task=task)
    lead.get("/scans/")
    with counted() as page:
        lead.get("/scans/")
    with counted() as news:
        lead.get("/scans/?newer=0-0", headers=HTMX)

    # session, person, scans, people, reasons, accounts with counts; the news: scans and reasons
    assert (len(page), len(news)) == (6, 4), page
