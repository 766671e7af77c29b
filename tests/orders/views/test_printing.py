"""Pages to be printed: who may, what they hold and what they do not, in how many statements."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from backoffice.models import User
from orders import signs
from orders.enums import Stage
from orders.models import AssemblyTask, Badge, Buyer, MarketplaceAccount, TaskItem, Wave
from orders.services import actors
from orders.services.shipping import shipments
from sandbox.server import RunningSandbox
from tests.orders.conftest import made, pulled
from tests.orders.exercises import practised
from tests.orders.statements import counted

from .conftest import ParcelOf, Task, browser, text_of

#: Session; user with groups; accounts and counts; tasks; items.
STATEMENTS = 5


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("form", ["sheet", "58x40", "75x120"])
def test_many_take_a_fixed_number_of_statements(
    shop: MarketplaceAccount, upstream: RunningSandbox, web: Client, count: int, form: str
) -> None:
    made(upstream, count=count)
    ids = ",".join(str(task.pk) for task in pulled(shop))
    web.get("/tasks/")

    with counted() as statements:
        page = web.get("/print/tasks/", {"ids": ids, "form": form})

    assert page.status_code == 200
    assert page.content.decode().count('<article class="paper') == count
    # the large label names the parcels of the orders
    assert len(statements) == STATEMENTS + (form == "75x120"), statements


def test_nothing_personal_is_printed_but_a_masked_name(task_at: Task, web: Client) -> None:
    task = task_at(comment="Спросить Ирину, +7 912 345-67-89", article="mug-unicorn")
    known = {"first": "Ирина", "full": "Соколова Ирина Петровна"}
    phones = [{"number": "+79123456789"}]
    address = {"full": "г. Тверь, Садовая ул., д. 5, кв. 17"}
    Buyer.objects.filter(order=task.order).update(name=known, phones=phones, address=address)

    shown = {
        form: text_of(web.get(f"/print/tasks/{task.pk}/", {"form": form})) for form in ("sheet", "58x40", "75x120")
    }

    assert ["Ирина С." in words for words in shown.values()] == [False, True, True]
    for words in shown.values():
        assert task.external_id in words
        assert "mug-unicorn" in words
        assert signs.of_task(task.pk) in words
        assert not re.search(r"Соколова|Спросить|Тверь|Садовая|345-67-89|3456789", words)


def test_a_form_that_is_none_is_the_sheet(task_at: Task, web: Client) -> None:
    page = web.get(f"/print/tasks/{task_at().pk}/", {"form": "letter"}).content.decode()

    assert 'class="paper sheet"' in page


def test_a_selection_becomes_an_address(task_at: Task, web: Client) -> None:
    tasks = [task_at().pk, task_at().pk]
    answer = web.post("/print/tasks/", {"task": [str(tasks[1]), str(tasks[0]), "x", str(tasks[1])]})

    assert (answer.status_code, answer["Location"]) == (302, f"/print/tasks/?ids={tasks[1]}%2C{tasks[0]}")
    papers = re.findall(r'class="sign">(BO-T-\d+)', web.get(answer["Location"]).content.decode())
    assert papers == [signs.of_task(tasks[1]), signs.of_task(tasks[0])]


@pytest.mark.parametrize("address", ["/print/tasks/404/", "/print/tasks/", "/print/tasks/?ids=9", "/print/waves/404/"])
def test_what_is_not_there_is_not_found(shop: MarketplaceAccount, web: Client, address: str) -> None:
    assert web.get(address).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_a_pick_list_puts_articles_together(
    shop: MarketplaceAccount, upstream: RunningSandbox, web: Client, picker: User, count: int
) -> None:
    made(upstream, count=count, article="mug-unicorn")
    wave = Wave.objects.create(picker=picker)
    tasks = pulled(shop)
    AssemblyTask.objects.update(wave=wave)
    web.get("/tasks/")

    with counted() as statements:
        page = web.get(f"/print/waves/{wave.pk}/")

    html = page.content.decode()
    assert len(statements) == STATEMENTS + 1, statements
    assert html.count("<tr>") == 2
    assert [f"{task.external_id} × 1" in html for task in tasks] == [True] * count
    assert signs.of_wave(wave.pk) in html


def test_a_training_wave_and_sheet_say_so(
    gym: MarketplaceAccount, upstream: RunningSandbox, web: Client, picker: User
) -> None:
    practised(upstream)
    (task,) = pulled(gym)
    wave = Wave.objects.create(picker=picker)
    AssemblyTask.objects.update(wave=wave)

    for address in (f"/print/tasks/{task.pk}/", f"/print/tasks/{task.pk}/?form=58x40", f"/print/waves/{wave.pk}/"):
        assert '<p class="exercise">TRAINING' in web.get(address).content.decode()


def test_badges_are_for_managers(web: Client, picker: User, boss: User) -> None:
    Badge.objects.create(user=picker, serial=3)
    Badge.objects.create(user=boss)
    gone = User.objects.create_user("gone", is_active=False)
    Badge.objects.create(user=gone)
    office = browser(boss)

    every = re.findall(r"BO-U-[\w-]+", text_of(office.get("/print/badges/")))
    assert sorted(every) == sorted([signs.of_badge(picker.pk, 3), signs.of_badge(boss.pk, 1)])
    assert re.findall(r"BO-U-[\w-]+", text_of(office.get("/print/badges/", {"user": picker.pk}))) == [
        signs.of_badge(picker.pk, 3)
    ]
    assert web.get("/print/badges/").status_code == 403


def test_onlookers_print_nothing(task_at: Task, onlooker: Client) -> None:
    task = task_at()
    addresses = [f"/print/tasks/{task.pk}/", "/print/tasks/", "/print/commands/", "/training/", "/training/codes/"]

    assert [onlooker.get(address).status_code for address in addresses] == [403] * len(addresses)


def test_the_marketplaces_own_label_is_offered_where_there_is_one(task_at: Task, web: Client) -> None:
    plain, point = task_at(Stage.ASSEMBLING), task_at(Stage.ASSEMBLING, deliveryType="dbsPickupPoint")

    assert f"/tasks/{plain.pk}/label.pdf" not in web.get(f"/print/tasks/{plain.pk}/").content.decode()
    assert f"/tasks/{point.pk}/label.pdf" in web.get(f"/print/tasks/{point.pk}/").content.decode()


def test_pages_lead_to_their_prints(task_at: Task, web: Client) -> None:
    task = task_at()

    assert f"/print/tasks/{task.pk}/" in web.get(f"/tasks/{task.pk}/").content.decode()
    assert 'formaction="/print/tasks/"' in web.get("/tasks/").content.decode()


def test_the_large_label_names_goods_and_parcels(task_at: Task, parcel_of: ParcelOf, web: Client) -> None:
    task = task_at(Stage.DELIVERING, article="mug-unicorn")
    TaskItem.objects.filter(task=task).update(name="A mug with a unicorn")
    parcel = parcel_of(task)
    large = text_of(web.get(f"/print/tasks/{task.pk}/?form=75x120"))

    assert "1 × mug-unicorn A mug with a unicorn" in large
    assert f"MeaSoft {parcel.number}" in large
    assert parcel.number not in text_of(web.get(f"/print/tasks/{task.pk}/?form=58x40"))
    shipments.detach(parcel.pk, "test", actor=actors.SYSTEM)
    assert parcel.number not in text_of(web.get(f"/print/tasks/{task.pk}/?form=75x120"))
