"""The page of a task: statements, scans, codes, who has it, the buyer, and what is refused."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.models import User
from orders.enums import CodeState, EntryKind, ScanOutcome, Stage
from orders.marketplaces.base import BuyerInfo, Phone
from orders.models import AssemblyTask, MarketplaceAccount, MarkingCode, Scan, TimelineEntry
from orders.services import actors, buyers, timeline
from orders.services.warehouse import assembly
from tests.orders.conftest import work
from tests.orders.scans import FULL, IMEI
from tests.orders.statements import counted

from .conftest import HTMX, Task, browser, hidden, text_of

UIN = "1234567890123456"
IMEI_WITH_WRONG_CHECK_DIGIT = "123456789012345"
FLAT = {"fullAddress": "г. Тверь, Трёхсвятская ул., д. 12, кв. 7, подъезд 3"}


def entries(task: AssemblyTask, count: int) -> None:
    now = timezone.now()
    facts = [
        timeline.about(
            task,
            EntryKind.NOTE,
            actors.SYSTEM,
            f"note {n}",
            data={"detail": f"note-{n}."},
            happened_at=now - timedelta(hours=1, minutes=n),
        )
        for n in range(count)
    ]
    timeline.record(facts)


@pytest.mark.parametrize("count", [1, 80])
def test_the_page_takes_ten_statements_however_long_the_timeline(task_at: Task, web: Client, count: int) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["uin"])
    entries(task, count)
    web.post(f"/tasks/{task.pk}/scan/", {"raw": UIN})
    web.get("/tasks/")  # the permissions of roles are in memory from now on

    with counted() as statements:
        page = web.get(f"/tasks/{task.pk}/")

    assert len(statements) == 10, statements
    assert ("Older" in text_of(page)) is (count > 40)


def test_older_entries_are_one_link_away(task_at: Task, web: Client) -> None:
    task = task_at()
    entries(task, 60)
    page = web.get(f"/tasks/{task.pk}/").content.decode()
    older = re.search(r'href="(/tasks/\d+/timeline/\?after=[^"]+)"', page)
    assert older
    words = text_of(web.get(older.group(1)))

    shown = set(re.findall(r"note-\d+\.", page)) | set(re.findall(r"note-\d+\.", words))
    assert len(shown) == 60
    assert set(re.findall(r"note-\d+\.", page)).isdisjoint(re.findall(r"note-\d+\.", words))


@pytest.mark.parametrize("number", [999, 99999999999999999999999])
@pytest.mark.parametrize("path", ["", "state/", "enter/", "take-over/", "ask/receive/", "timeline/"])
def test_a_task_that_does_not_exist(web: Client, number: int, path: str) -> None:
    assert web.get(f"/tasks/{number}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["scan/", "take/", "release/", "act/", "buyer/", "codes/1/remove/"])
def test_nothing_is_done_to_a_task_that_does_not_exist(web: Client, path: str) -> None:
    answer = web.post(f"/tasks/999/{path}", {"raw": UIN, "kind": "confirm", "seen": "new"})

    assert answer.status_code == 404
    assert TimelineEntry.objects.count() == 0


# Scanning -----------------------------------------------------------------------------------------------------------
def test_a_scan_keeps_its_separators_and_is_answered_in_place(task_at: Task, web: Client) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"], article="boots-42")
    answer = web.post(f"/tasks/{task.pk}/scan/", {"raw": FULL, "nonce": "n1"}, headers=HTMX)

    assert MarkingCode.objects.get().value == FULL
    assert Scan.objects.get().raw == FULL
    assert "Code accepted: boots-42, 1 of 1" in text_of(answer)
    assert "<html" not in answer.content.decode()
    assert "work-changed" in answer["HX-Trigger"]


def test_the_same_scan_without_javascript_leads_back_to_the_page_with_its_verdict(task_at: Task, web: Client) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"], article="boots-42")
    for _twice in range(2):
        answer = web.post(f"/tasks/{task.pk}/scan/", {"raw": FULL, "nonce": "n1"})
        assert (answer.status_code, answer["Location"]) == (302, f"/tasks/{task.pk}/")
    page = web.get(f"/tasks/{task.pk}/")

    assert MarkingCode.objects.count() == Scan.objects.count() == 1
    assert "Code accepted: boots-42, 1 of 1" in text_of(page)
    assert "0104600439931256215RJZx80hlqAq3" in text_of(page)
    assert "sGGtBnYBxYJ2bpEx55" not in page.content.decode()


def test_another_code_under_an_old_nonce_never_gets_the_old_answer(task_at: Task, web: Client) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["uin"])
    first = web.post(f"/tasks/{task.pk}/scan/", {"raw": UIN, "nonce": "same"}, headers=HTMX)
    second = web.post(f"/tasks/{task.pk}/scan/", {"raw": "no such code", "nonce": "same"}, headers=HTMX)

    assert "Code accepted" in text_of(first)
    assert "Code accepted" not in text_of(second)
    assert list(Scan.objects.order_by("pk").values_list("outcome", flat=True)) == ["accepted", "refused"]


def test_an_accepted_scan_takes_ten_statements_from_request_to_answer(task_at: Task, web: Client) -> None:
    """One tells real work from exercises; the first scan also makes the task the picker's, in two."""
    task = task_at(Stage.ASSEMBLING, requiredMeta=["uin"])
    web.get("/tasks/")

    with counted() as statements:
        web.post(f"/tasks/{task.pk}/scan/", {"raw": UIN, "nonce": "n"}, headers=HTMX)

    assert MarkingCode.objects.count() == 1
    assert len(statements) <= 10, statements


@pytest.mark.parametrize(
    "raw", ["rubbish", "\x00", "12345", "9" * 5000, "ы" * 100_000, "<script>alert(1)</script>", "\x1d", IMEI]
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_bad_scan_is_answered_kept_and_changes_nothing(
    task_at: Task, web: Client, raw: str, headers: dict[str, str]
) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["uin"])
    before = TimelineEntry.objects.count()
    answer = web.post(f"/tasks/{task.pk}/scan/", {"raw": raw}, headers=headers)
    page = answer if headers else web.get(f"/tasks/{task.pk}/")

    assert 'class="verdict bad" role="alert"' in page.content.decode()
    assert "<script>alert" not in page.content.decode()
    assert Scan.objects.get().outcome == ScanOutcome.REFUSED
    assert MarkingCode.objects.count() == 0
    assert TimelineEntry.objects.count() == before


def test_an_empty_scan_is_no_scan(task_at: Task, web: Client) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["uin"])

    assert web.post(f"/tasks/{task.pk}/scan/", {"raw": ""}, headers=HTMX).status_code == 204
    assert web.post(f"/tasks/{task.pk}/scan/", {}).status_code == 302
    assert Scan.objects.count() == 0


def test_a_code_in_use_names_the_other_task_and_leads_there(task_at: Task, web: Client) -> None:
    first, second = (task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"]) for _n in range(2))
    web.post(f"/tasks/{first.pk}/scan/", {"raw": FULL})
    web.post(f"/tasks/{second.pk}/scan/", {"raw": FULL})
    page = web.get(f"/tasks/{second.pk}/")

    assert first.external_id in text_of(page)
    assert f'<a href="/tasks/{first.pk}/">Open that task</a>' in page.content.decode()
    assert MarkingCode.objects.get().task_id == first.pk


def test_a_warning_asks_and_yes_takes_the_code_as_it_was_scanned(task_at: Task, web: Client) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["imei"])
    asked = web.post(f"/tasks/{task.pk}/scan/", {"raw": IMEI_WITH_WRONG_CHECK_DIGIT, "nonce": "n"}, headers=HTMX)
    assert MarkingCode.objects.count() == 0
    form = {"again": hidden(asked, "again"), "nonce": hidden(asked, "nonce")}
    taken = web.post(f"/tasks/{task.pk}/scan/", form, headers=HTMX)

    assert "Code accepted" in text_of(taken)
    assert MarkingCode.objects.get().value == IMEI_WITH_WRONG_CHECK_DIGIT


def test_yes_to_the_scan_of_somebody_else_is_refused(task_at: Task, web: Client, boss: User) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["imei"])
    asked = web.post(f"/tasks/{task.pk}/scan/", {"raw": IMEI_WITH_WRONG_CHECK_DIGIT}, headers=HTMX)

    assert browser(boss).post(f"/tasks/{task.pk}/scan/", {"again": hidden(asked, "again")}).status_code == 404
    assert MarkingCode.objects.count() == 0


def test_a_code_typed_in_goes_where_the_person_says(task_at: Task, web: Client) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["uin"])
    item = task.items.get()
    question = web.get(f"/tasks/{task.pk}/enter/?item={item.pk}&kind=uin")
    dialog = web.get(f"/tasks/{task.pk}/enter/", headers=HTMX)
    web.post(
        f"/tasks/{task.pk}/scan/", {"raw": UIN, "kind": "uin", "item": item.pk, "nonce": hidden(question, "nonce")}
    )

    assert "<html" in question.content.decode()
    assert "<dialog" in dialog.content.decode()
    assert "<html" not in dialog.content.decode()
    assert (MarkingCode.objects.get().kind, MarkingCode.objects.get().item_id) == ("uin", item.pk)


def test_a_removed_code_takes_its_verdict_with_it(task_at: Task, web: Client) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["uin"])
    web.post(f"/tasks/{task.pk}/scan/", {"raw": UIN})
    code = MarkingCode.objects.get()
    for _twice in range(2):
        answer = web.post(f"/tasks/{task.pk}/codes/{code.pk}/remove/", headers=HTMX)
        assert answer.status_code == 200
        assert answer["HX-Retarget"] == "#task-page"
    code.refresh_from_db()

    assert code.state == CodeState.REMOVED
    assert "Code accepted" not in text_of(answer)
    assert "Scan the marking code" in text_of(answer)


def test_a_code_of_another_task_is_not_removed_from_here(task_at: Task, web: Client) -> None:
    mine, other = (task_at(Stage.ASSEMBLING, requiredMeta=["uin"]) for _n in range(2))
    web.post(f"/tasks/{other.pk}/scan/", {"raw": UIN})
    code = MarkingCode.objects.get()

    assert web.post(f"/tasks/{mine.pk}/codes/{code.pk}/remove/").status_code == 404
    code.refresh_from_db()
    assert code.state == CodeState.PENDING


# Who has it ---------------------------------------------------------------------------------------------------------
def test_a_task_somebody_else_took_says_who_and_is_taken_over_only_on_purpose(
    task_at: Task, web: Client, boss: User
) -> None:
    task = task_at(Stage.ASSEMBLING)
    assembly.take(task.pk, actor=actors.staff(boss))
    refused = web.post(f"/tasks/{task.pk}/take/")
    task.refresh_from_db()

    assert refused.status_code == 409
    assert "boss has taken this task. Take it over?" in text_of(refused)
    assert task.assignee_id == boss.pk
    assert "boss is assembling it" in text_of(web.get(f"/tasks/{task.pk}/take-over/"))

    assert web.post(f"/tasks/{task.pk}/take/", {"over": "1"}).status_code == 302
    task.refresh_from_db()
    assert task.assignee is not None
    assert task.assignee.username == "picker"
    assert web.post(f"/tasks/{task.pk}/release/").status_code == 302
    task.refresh_from_db()
    assert task.assignee_id is None


# The buyer ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def known(task_at: Task) -> AssemblyTask:
    task = task_at(Stage.ASSEMBLING, address=FLAT)
    info = BuyerInfo(task.external_id, "Пётр", "Петров Пётр", (Phone("79161234567", "12345"),), complete=True)
    buyers.learn([(task, info)])
    return task


def test_the_buyer_is_masked_until_asked_for_and_who_looked_is_recorded(known: AssemblyTask, web: Client) -> None:
    masked = web.get(f"/tasks/{known.pk}/").content.decode()
    assert "Пётр П." in masked
    for secret in ("Петров", "79161234567", "12345", "кв. 7", "подъезд"):
        assert secret not in masked

    for headers in (HTMX, {}):
        shown = text_of(web.post(f"/tasks/{known.pk}/buyer/", headers=headers))
        assert "Петров Пётр" in shown
        assert "79161234567, ext. 12345" in shown
        assert "кв. 7" in shown
    entry = TimelineEntry.objects.get(kind=EntryKind.BUYER_SHOWN)
    assert (entry.actor.username if entry.actor else "", entry.task_id) == ("picker", known.pk)
    assert "Петров" not in web.get(f"/tasks/{known.pk}/").content.decode()
    assert web.get(f"/tasks/{known.pk}/buyer/").status_code == 405


# What is live -------------------------------------------------------------------------------------------------------
def test_the_live_part_is_sent_only_when_something_changed(
    task_at: Task, shop: MarketplaceAccount, web: Client
) -> None:
    task = task_at()
    page = web.get(f"/tasks/{task.pk}/")
    (address,) = re.findall(rf'hx-get="(/tasks/{task.pk}/state/[^"]+)"\s+hx-trigger="every 15s', page.content.decode())
    address = address.replace("&amp;", "&")
    assert web.get(address, headers=HTMX).status_code == 204

    web.post(f"/tasks/{task.pk}/act/", {"kind": "confirm", "seen": "new"})
    waiting = web.get(address, headers=HTMX)
    assert waiting.status_code == 200
    assert 'hx-trigger="every 2s' in waiting.content.decode()
    assert "HX-Retarget" not in waiting.headers

    work(shop)
    moved = web.get(address, headers=HTMX)
    assert moved["HX-Retarget"] == "#task-page"
    assert "Assembling" in text_of(moved)


def test_a_closed_task_is_not_asked_for_again(task_at: Task, web: Client) -> None:
    task = task_at()
    AssemblyTask.objects.filter(pk=task.pk).update(stage=Stage.RECEIVED)

    assert "every" not in web.get(f"/tasks/{task.pk}/").content.decode().split('id="work"')[1]


def test_an_unknown_status_word_is_shown_raw(task_at: Task, web: Client) -> None:
    task = task_at()
    AssemblyTask.objects.filter(pk=task.pk).update(
        marketplace_status={"supplierStatus": "new", "wbStatus": "teleported"}
    )

    assert "New task · teleported" in text_of(web.get(f"/tasks/{task.pk}/"))
