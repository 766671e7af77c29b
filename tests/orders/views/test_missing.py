"""Reporting missing goods on pages: the question with the marketplace's rules, what stands at the item then, and its ways out."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from backoffice.models import User
from orders.enums import ShortageReason, Stage
from orders.models import AssemblyTask, MarketplaceAccount, Shortage
from orders.services import actors
from orders.services.warehouse import shortages
from tests.orders.floors import MUG, ONE, TRAIN, made, picked, wildberries, yandex

from .conftest import HTMX, text_of

TWO = (("MUG-1", 3, [MUG]), ("TRAIN", 1, [TRAIN]))
GOOD = {"quantity": "2", "reason": "damaged", "note": "cracked"}


@pytest.fixture
def shop(db: None) -> MarketplaceAccount:
    return wildberries()


def path(task: AssemblyTask, what: str = "missing", article: str = "MUG-1") -> str:
    return f"/tasks/{task.pk}/items/{task.items.get(article=article).pk}/{what}/"


def gone(task: AssemblyTask, picker: User) -> Shortage:
    report = shortages.Report(2, ShortageReason.DAMAGED, "cracked")
    return shortages.report(task.pk, task.items.get(article="MUG-1").pk, report, actor=actors.staff(picker))


def test_the_question_tells_the_rules_and_what_is_left(shop: MarketplaceAccount, web: Client) -> None:
    task = made(shop, *TWO)
    picked(task)
    dialog = web.get(path(task), headers=HTMX)
    words, html = text_of(dialog), dialog.content.decode()

    assert 'id="question"' in html
    assert "This marketplace takes no single items out of an order: it is sent whole or cancelled." in words
    assert 'name="quantity" value="2"' in html
    assert 'value="out_of_stock"' in html
    assert 'id="question"' not in web.get(path(task)).content.decode()  # without scripts it is a page


def test_what_was_verified_is_damaged_rather_than_missing(shop: MarketplaceAccount, web: Client) -> None:
    task = made(shop)
    picked(task)
    html = web.get(path(task), headers=HTMX).content.decode()

    assert html.index("checked") > html.index('value="damaged"')


def test_a_report_is_shown_at_the_item(shop: MarketplaceAccount, web: Client, picker: User) -> None:
    task = made(shop, *TWO)
    answer = web.post(path(task), GOOD, headers=HTMX)

    words = text_of(answer)
    assert answer.status_code == 200
    assert "missing 2 of 3 damaged picker" in words
    assert "cracked" in words
    assert "Missing: MUG-1, 2 of 3 (damaged)" in words  # in the timeline
    assert json.loads(answer["HX-Trigger"])["toast"]["text"] == "Reported. A manager sees it among the questions."
    row = Shortage.objects.get()
    assert (row.quantity, row.reason, row.note, row.reported_by) == (2, "damaged", "cracked", picker)
    assert web.post(path(task, article="TRAIN"), {**GOOD, "quantity": "1"})["Location"] == f"/tasks/{task.pk}/"


def test_a_report_from_the_wave_stays_there(shop: MarketplaceAccount, web: Client) -> None:
    task = made(shop)
    form = {**GOOD, "quantity": "1", "back": "/waves/7/"}
    answer = web.post(path(task), form, headers=HTMX)

    assert answer.status_code == 204
    assert set(json.loads(answer["HX-Trigger"])) == {"work-changed", "toast"}
    assert web.post(path(task), form)["Location"] == "/waves/7/"
    assert web.post(path(task), {**form, "back": "https://elsewhere/"})["Location"] == f"/tasks/{task.pk}/"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"quantity": "4"}, "Between 1 and 3 pcs can be missing."),
        ({"quantity": "0"}, "greater than or equal to 1"),
        ({"quantity": "x"}, "Enter a whole number."),
        ({"reason": "lost"}, "Select a valid choice"),
        ({"note": "x" * 301}, "at most 300 characters"),
    ],
)
def test_what_is_wrong_is_said_in_the_question(
    shop: MarketplaceAccount, web: Client, wrong: dict[str, str], words: str
) -> None:
    task = made(shop, *TWO)
    answer = web.post(path(task), {**GOOD, **wrong, "back": "/waves/7/"}, headers=HTMX)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert 'name="back" value="/waves/7/"' in answer.content.decode()
    assert not Shortage.objects.exists()


def test_yandex_market_has_ways_out(db: None, web: Client, picker: User) -> None:
    task = made(yandex(), *TWO)
    gone(task, picker)
    html = web.get(f"/tasks/{task.pk}/").content.decode()

    assert f'href="/tasks/{task.pk}/details/change_items/"' in html
    assert f'href="/tasks/{task.pk}/ask/cancel/?reason=SHOP_FAILED"' in html
    question = web.get(f"/tasks/{task.pk}/ask/cancel/?reason=SHOP_FAILED", headers=HTMX).content.decode()
    assert question.index('value="SHOP_FAILED"') < question.index("checked")


def test_wildberries_has_one_way_out(shop: MarketplaceAccount, web: Client, picker: User) -> None:
    task = made(shop, *TWO)
    gone(task, picker)
    html = web.get(f"/tasks/{task.pk}/").content.decode()

    assert "/details/change_items/" not in html
    assert f'href="/tasks/{task.pk}/ask/cancel/"' in html


def test_found_again(shop: MarketplaceAccount, web: Client, picker: User) -> None:
    task = made(shop, *TWO)
    row = gone(task, picker)

    answer = web.post(path(task, "found"), headers=HTMX)

    row.refresh_from_db()
    assert row.settled_by == picker
    assert "Found again: MUG-1" in text_of(answer)
    assert "missing 2 of 3" not in text_of(answer)
    assert web.post(path(task, "found")).status_code == 302  # again: nothing more to do


@pytest.mark.parametrize("stage", [Stage.DELIVERING, Stage.CANCELLED])
def test_nothing_is_missing_once_the_parcel_is_gone(shop: MarketplaceAccount, web: Client, stage: Stage) -> None:
    task = made(shop)
    AssemblyTask.objects.filter(pk=task.pk).update(stage=stage)

    assert web.get(path(task)).status_code == 404
    answer = web.post(path(task), {**GOOD, "quantity": "1"}, headers=HTMX)
    assert (answer.status_code, Shortage.objects.count()) == (409, 0)
    assert "missing/" not in web.get(f"/tasks/{task.pk}/").content.decode()


def test_an_item_of_another_task(shop: MarketplaceAccount, web: Client) -> None:
    task, other = made(shop), made(shop)
    item = other.items.get().pk

    assert web.get(f"/tasks/{task.pk}/items/{item}/missing/").status_code == 404
    assert web.post(f"/tasks/{task.pk}/items/{item}/missing/", GOOD).status_code == 404
    assert not Shortage.objects.exists()


def test_who_may_only_look_reports_nothing(shop: MarketplaceAccount, onlooker: Client) -> None:
    task = made(shop)

    assert onlooker.post(path(task), GOOD).status_code == 403
    assert onlooker.post(path(task, "found")).status_code == 403
    assert "missing/" not in onlooker.get(f"/tasks/{task.pk}/").content.decode()
    assert not Shortage.objects.exists()


def test_a_question_leads_to_the_task(shop: MarketplaceAccount, web: Client, picker: User) -> None:
    task = made(shop, ONE)
    shortages.report(task.pk, task.items.get().pk, shortages.Report(1, "no_code"), actor=actors.staff(picker))
    page = web.get("/attention/")

    assert "Missing: MUG-1, 1 of 1 (marking code missing or unreadable)" in text_of(page)
    assert f'href="/tasks/{task.pk}/"' in page.content.decode()
