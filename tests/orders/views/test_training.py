"""Training: exercises and real work stay apart, whatever is posted from where, and every page says which it is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from backoffice.models import User
from orders.enums import AttentionKind
from orders.models import AssemblyTask, MarketplaceAccount, Order, Wave
from orders.services import accounts, actors, attention
from orders.services.syncing import sync
from sandbox.server import RunningSandbox
from tests.orders.conftest import SELLER, pulled
from tests.orders.exercises import begin, practised
from tests.orders.statements import counted

from .conftest import TRAIN, Exercise, Task, browser, text_of


def bar(response: Any) -> str:
    """Which banner the page has."""
    found = re.search(r'class="training-bar is-(\w+)"', response.content.decode())
    return found[1] if found else ""


def rows(response: Any) -> list[int]:
    return [int(found) for found in re.findall(r'id="row-(\d+)"', response.content.decode())]


# The switch ------------------------------------------------------------------------------------------------------------------


def test_a_person_goes_into_training_and_comes_back(exercise: Exercise, task_at: Task, web: Client) -> None:
    real, fake = task_at(), exercise()
    assert (rows(web.get("/tasks/")), bar(web.get("/tasks/"))) == ([real.pk], "")

    answer = web.post("/training/start/", {"next": "/orders/"})
    assert (answer.status_code, answer["Location"]) == (302, "/orders/")
    page = web.get("/tasks/")
    assert (rows(page), bar(page)) == ([fake.pk], "on")
    assert "TRAINING — nothing here is real" in text_of(page)

    assert web.post("/training/stop/")["Location"] == "/tasks/"
    page = web.get("/tasks/")
    assert (rows(page), bar(page)) == ([real.pk], "")
    assert "from here on everything is real" in text_of(page)


def test_every_page_of_the_training_is_marked(exercise: Exercise, web: Client) -> None:
    fake = exercise()
    begin(web)
    places = [
        "/tasks/",
        "/orders/",
        "/attention/",
        "/divergence/",
        "/training/",
        "/training/codes/",
        "/waves/",
        "/desk/",
    ]
    places += [
        "/shift/",
        "/scan/?seek=x",
        "/password/",
        f"/tasks/{fake.pk}/",
        f"/orders/{fake.order_id}/",
    ]

    assert {address: bar(web.get(address)) for address in places} == dict.fromkeys(places, "on")


def test_without_an_account_for_training_there_is_none(shop: MarketplaceAccount, web: Client) -> None:
    answer = web.post("/training/start/")

    assert answer.status_code == 409
    assert "No account for training is connected" in text_of(answer)
    assert bar(web.get("/tasks/")) == ""
    assert "connect wildberries --training" in text_of(web.get("/training/"))


def test_a_wave_of_real_tasks_comes_first(exercise: Exercise, task_at: Task, web: Client, picker: User) -> None:
    exercise()
    wave = Wave.objects.create(picker=picker)
    AssemblyTask.objects.filter(pk=task_at().pk).update(wave=wave, assignee=picker)

    assert web.post("/training/start/").status_code == 409
    assert bar(web.get("/tasks/")) == ""


def test_a_wave_of_exercises_is_given_back_at_the_end(exercise: Exercise, web: Client, picker: User) -> None:
    fake = exercise()
    begin(web)
    wave = Wave.objects.create(picker=picker)
    AssemblyTask.objects.filter(pk=fake.pk).update(wave=wave, assignee=picker)

    web.post("/training/stop/")
    wave.refresh_from_db()
    fake.refresh_from_db()

    assert wave.closed_at is not None
    assert (fake.wave_id, fake.assignee_id) == (None, None)


def test_the_way_back_leads_to_us_only(exercise: Exercise, web: Client) -> None:
    assert web.post("/training/start/", {"next": "https://elsewhere.example/"})["Location"] == "/tasks/"


# What comes in ---------------------------------------------------------------------------------------------------------------


def test_exercises_are_tests_from_the_first_moment_and_stay_so(exercise: Exercise, gym: MarketplaceAccount) -> None:
    fake = exercise()
    pulled(gym)
    fake.refresh_from_db()

    assert fake.is_test
    assert Order.objects.get().is_test


def test_a_whole_order_told_anew_stays_an_exercise(db: None, upstream: RunningSandbox) -> None:
    options = {"campaign_id": str(upstream.ym.campaign), "business_id": str(upstream.ym.business)}
    wanted = accounts.Settings(
        "Training", upstream.yandex_market_url, options=options, credentials={"api_key": SELLER}, training=True
    )
    market = accounts.store(accounts.draft("yandex_market", wanted), actor=actors.SYSTEM)
    upstream.ym.make(SELLER, items=[TRAIN], type="DELIVERY", courier=False, payment="YANDEX", region="Екатеринбург")
    sync.pull_new(market)
    assert AssemblyTask.objects.filter(is_test=True).count() == 1
    AssemblyTask.objects.update(is_test=False, raw_digest="")
    Order.objects.update(is_test=False)

    sync.pull_new(market)

    assert (AssemblyTask.objects.get().is_test, Order.objects.get().is_test) == (True, True)


# What is seen ----------------------------------------------------------------------------------------------------------------


def test_neither_side_finds_the_other(exercise: Exercise, task_at: Task, web: Client) -> None:
    real, fake = task_at(article="mug-unicorn"), exercise(article="mug-unicorn")

    def seen() -> dict[str, list[bool]]:
        pages = ("/tasks/", "/tasks/?test=1", "/orders/", "/scan/?seek=mug-unicorn")
        found = {address: web.get(address, follow=True).content.decode() for address in pages}
        return {address: [task.external_id in html for task in (real, fake)] for address, html in found.items()}

    assert seen() == {
        "/tasks/": [True, False],
        "/tasks/?test=1": [False, False],
        "/orders/": [True, False],
        "/scan/?seek=mug-unicorn": [True, False],
    }
    assert web.get("/scan/", {"seek": real.external_id})["Location"] == f"/tasks/{real.pk}/"
    assert web.get("/scan/", {"seek": fake.external_id}).status_code == 200
    begin(web)
    assert set(map(tuple, seen().values())) == {(False, True)}
    assert web.get("/scan/", {"seek": fake.external_id})["Location"] == f"/tasks/{fake.pk}/"
    assert web.get("/scan/", {"seek": real.external_id}).status_code == 200


def test_counts_are_those_of_one_side(exercise: Exercise, task_at: Task, web: Client) -> None:
    real, fake, _other = task_at(), exercise(), exercise()
    for task in (real, fake):
        asked = attention.Question(
            AttentionKind.ACTION_FAILED,
            f"t:{task.pk}",
            account_id=task.account_id,
            order_id=task.order_id,
            task_id=task.pk,
        )
        attention.open_one(asked)

    assert re.search(r"Assembly 1 .*Attention 1 ", text_of(web.get("/orders/")))
    begin(web)
    assert re.search(r"Assembly 2 .*Attention 1 ", text_of(web.get("/orders/")))


def test_a_task_of_the_other_side_says_so_and_offers_the_way(exercise: Exercise, task_at: Task, web: Client) -> None:
    real, fake = task_at(), exercise()

    assert [bar(web.get(f"/tasks/{task.pk}/")) for task in (real, fake)] == ["", "exercise"]
    assert [bar(web.get(f"/orders/{task.order_id}/")) for task in (real, fake)] == ["", "exercise"]
    assert 'action="/training/start/"' in web.get(f"/tasks/{fake.pk}/").content.decode()
    begin(web)
    assert [bar(web.get(f"/tasks/{task.pk}/")) for task in (real, fake)] == ["real", "on"]


# What it costs ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_codes_take_a_fixed_number_of_statements(
    gym: MarketplaceAccount, upstream: RunningSandbox, web: Client, count: int
) -> None:
    practised(upstream, count=count, requiredMeta=["sgtin"], article="boots-42-blk")
    pulled(gym)
    web.get("/tasks/")

    with counted() as statements:
        page = web.get("/training/codes/")

    assert page.content.decode().count('class="practice-task"') == count
    assert len(statements) == 5, statements


def test_a_page_about_an_order_costs_one_statement_where_exercises_are(
    shop: MarketplaceAccount, task_at: Task, web: Client, upstream: RunningSandbox
) -> None:
    task = task_at()
    web.get(f"/tasks/{task.pk}/")
    with counted() as without:
        web.get(f"/tasks/{task.pk}/")
    MarketplaceAccount.objects.create(
        kind="wildberries", title="Gym", training=True, credentials={"token": "sandbox-x"}
    )
    with counted() as with_exercises:
        web.get(f"/tasks/{task.pk}/")

    assert len(with_exercises) == len(without) + 1


def test_the_page_of_training_is_for_who_assembles(onlooker: Client, boss: User, gym: MarketplaceAccount) -> None:
    assert [onlooker.post(f"/training/{what}/").status_code for what in ("start", "stop")] == [403, 403]
    assert browser(boss).get("/training/").status_code == 200
