"""Search as one types: any number, article, barcode, code, name, phone or parcel, in place and in a fixed number of statements."""

from __future__ import annotations

import pytest
from django.test import Client

from orders.enums import Stage
from orders.marketplaces.base import BuyerInfo, Phone
from orders.models import AssemblyTask, Order
from orders.queries import find
from orders.services import buyers
from orders.services.warehouse import articles
from tests.orders.scans import FULL
from tests.orders.statements import counted

from .conftest import HTMX, ParcelOf, Task, text_of

TYPING = {**HTMX, "HX-Target": "found"}
MUG = "4600439931256"


def looked(text: str) -> find.Found:
    return find.look(text, AssemblyTask.objects.all(), Order.objects.all())


def typed(web: Client, text: str) -> str:
    answer = web.post("/scan/", {"seek": text}, headers=TYPING)
    assert answer.status_code == 200
    assert b"<html" not in answer.content
    return text_of(answer)


def test_every_kind_of_number_finds_its_task(task_at: Task, parcel_of: ParcelOf, web: Client) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"], article="mug-unicorn", skus=[MUG])
    task_at(article="cup-dragon", skus=["6665956397512"])
    web.post(f"/tasks/{task.pk}/scan/", {"raw": FULL})
    known = BuyerInfo(task.external_id, "Пётр", "Петров Пётр", (Phone("79161234567"),), complete=True)
    buyers.learn([(task, known)])
    parcel = parcel_of(task)
    articles.backfill()

    for text in (task.external_id, task.external_id[:6] + task.external_id[6:], "mug-uni", MUG, FULL, "петров", "4567",
                 "+7 916 123-45-67", parcel.number, task.order.external_id):  # fmt: skip
        found = looked(text)
        assert task in found.tasks, text
        assert [each.article for other in found.tasks for each in other.items.all()] == ["mug-unicorn"], text
    assert looked(parcel.number).parcels == [parcel]


def test_a_name_is_found_while_it_is_typed_and_a_task_by_its_last_digits(task_at: Task) -> None:
    task, other = task_at(article="mug-unicorn"), task_at(article="mug-unicorn")
    known = BuyerInfo(task.external_id, "Алексей", "Константинова Алёна", (Phone("79161234567"),), complete=True)
    buyers.learn([(task, known)])
    AssemblyTask.objects.filter(pk=task.pk).update(external_id="40917408-990846")
    AssemblyTask.objects.filter(pk=other.pk).update(external_id="40917408-990847")

    for text in ("кон", "Конст", "констан", "констант", "константинова", "Алек", "ален", "0846", "кон але"):
        assert [each.pk for each in looked(text).tasks] == [task.pk], text
    for text in ("ко", "онст", "кинстант", "алик", "846", "084"):
        assert not looked(text), text


@pytest.mark.parametrize("text", ["", " ", "m", "\x00", "%", "_______", "nothing like this", "9" * 9000, "' OR 1=1 --"])
def test_what_finds_nothing(task_at: Task, text: str) -> None:
    task_at(article="mug-unicorn")
    assert not looked(text)


def test_typing_shows_what_is_there_and_a_whole_page_keeps_the_text(task_at: Task, web: Client) -> None:
    first, second = task_at(article="mug-unicorn"), task_at(article="mug-unicorn")

    assert [number in typed(web, "mug-uni") for number in (first.external_id, second.external_id)] == [True, True]
    assert "Nothing found" in typed(web, "no such mug")
    assert "Scan or type something" in typed(web, "m")
    page = web.post("/scan/", {"seek": "mug-uni"})
    assert (page.status_code, b'value="mug-uni"' in page.content) == (200, True)
    assert (
        web.post("/scan/", {"seek": first.external_id}, headers=TYPING).status_code == 200
    )  # a page of its own only on Enter


def test_open_work_comes_first(task_at: Task) -> None:
    first, second = task_at(article="mug-unicorn"), task_at(article="mug-unicorn")
    AssemblyTask.objects.filter(pk=second.pk).update(stage=Stage.RECEIVED)

    assert [task.pk for task in looked("mug-uni").tasks] == [first.pk, second.pk]


def test_statements_do_not_grow(task_at: Task, web: Client) -> None:
    counts = []
    for more in (1, 2):
        for _each in range(more):
            task_at(article="mug-unicorn")
        typed(web, "mug-uni")
        with counted() as statements:
            typed(web, "mug-uni")
        counts.append(len(statements))
    assert counts == [11, 11]


def test_nobody_without_the_right_finds_anything(db: None) -> None:
    assert Client().post("/scan/", {"seek": "mug"}).status_code == 302
