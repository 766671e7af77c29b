"""Orders, attention, dashboard, the search field: who may see them, and what they say."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.models import Counter, JobState, UpstreamDrift, User
from backoffice.people import Role, create_user
from orders.enums import AttentionKind, EntryKind, Severity, Stage
from orders.marketplaces.base import BuyerInfo, Phone
from orders.models import Attention, MarketplaceAccount, Order, TimelineEntry
from orders.services import accounts, actors, attention, buyers
from sandbox.server import RunningSandbox
from tests.orders.conftest import made, pulled
from tests.orders.scans import FULL, typed_in_russian
from tests.orders.statements import counted

from .conftest import HTMX, Task, browser, text_of

PAGES = ["/tasks/", "/orders/", "/attention/", "/dashboard/", "/scan/", "/tasks/1/", "/orders/1/"]


# Who may enter ------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("address", [*PAGES, "/tasks/1/raw/", "/attention/1/raw/"])
def test_strangers_are_asked_to_sign_in(address: str) -> None:
    assert Client().get(address)["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("address", ["/dashboard/", "/tasks/1/raw/", "/attention/1/raw/"])
def test_pages_of_managers_are_not_for_the_warehouse(web: Client, address: str) -> None:
    assert web.get(address).status_code == 403


def test_only_managers_resume_accounts(web: Client, shop: MarketplaceAccount, boss: User) -> None:
    accounts.pause(shop, reason="401 token is wrong", actor=actors.SYSTEM)
    address = f"/dashboard/accounts/{shop.pk}/resume/"

    assert web.post(address).status_code == 403
    shop.refresh_from_db()
    assert shop.paused_reason == "401 token is wrong"
    assert "paused" in text_of(browser(boss).get("/dashboard/"))
    assert browser(boss).post(address).status_code == 302
    shop.refresh_from_db()
    assert shop.paused_reason == ""


@pytest.mark.django_db
def test_a_person_without_a_role_sees_nothing_and_does_nothing() -> None:
    nobody = browser(User.objects.create_user("nobody"))

    for address in PAGES:
        assert nobody.get(address).status_code == 403
    for address in ("/tasks/1/act/", "/tasks/1/scan/", "/tasks/many/", "/attention/1/resolve/", "/tasks/1/buyer/"):
        assert nobody.post(address).status_code == 403


@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.MANAGER, Role.ADMIN])
def test_the_start_page_is_where_the_role_works(db: None, role: Role) -> None:
    person = browser(create_user("somebody", role=role, password="x", weak=True))
    start = {Role.WAREHOUSE: "/tasks/", Role.MANAGER: "/dashboard/", Role.ADMIN: "/admin/"}

    assert person.get("/")["Location"] == start[role]


@pytest.mark.django_db
def test_a_user_of_the_api_is_told_so() -> None:
    program = browser(create_user("program", role=Role.INTEGRATION, password="x", weak=True))
    answer = program.get("/")

    assert answer.status_code == 403
    assert "This is a user of the API" in text_of(answer)


@pytest.mark.parametrize("address", ["/tasks/", "/orders/", "/attention/", "/dashboard/", "/scan/"])
def test_empty_pages_say_so(db: None, boss: User, address: str) -> None:
    page = browser(boss).get(address)

    assert page.status_code == 200
    assert 'class="empty"' in page.content.decode()


# Orders -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [1, 3])
def test_the_order_list_takes_seven_statements(
    shop: MarketplaceAccount, upstream: RunningSandbox, web: Client, count: int
) -> None:
    made(upstream, count=count)
    pulled(shop)
    web.get("/tasks/")

    with counted() as statements:
        page = web.get("/orders/")

    assert page.content.decode().count('class="line"') == count
    assert len(statements) == 7, statements


def test_orders_are_filtered_and_paged_the_newest_first(shop: MarketplaceAccount, web: Client) -> None:
    now = timezone.now()
    Order.objects.bulk_create(
        Order(account=shop, external_id=f"n{n:03}", deadline_at=now, created_at=now, stage=Stage.NEW) for n in range(60)
    )
    Order.objects.filter(external_id="n007").update(stage=Stage.RECEIVED)
    first = web.get("/orders/").content.decode()
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = web.get(following.group(1).replace("&amp;", "&")).content.decode()
    numbers = re.findall(r"n\d{3}(?=</small>)", first + second)

    assert numbers == [f"n{n:03}" for n in range(59, -1, -1)]
    only = web.get("/orders/?stage=received").content.decode()
    assert re.findall(r"n\d{3}(?=</small>)", only) == ["n007"]


def test_an_order_shows_its_tasks_questions_and_timeline(task_at: Task, web: Client) -> None:
    task = task_at(Stage.ASSEMBLING, article="boots-42")
    kind = AttentionKind.CORRECTION
    facts = {"from": "received", "to": "delivering"}
    attention.open_one(attention.Question(kind, "k", order_id=task.order_id, task_id=task.pk, facts=facts))
    words = text_of(web.get(f"/orders/{task.order_id}/"))

    assert task.external_id in words
    assert "boots-42" in words
    assert "The marketplace took a step back: Received → Delivering" in words
    assert "New → Assembling" in words
    assert web.get("/orders/99999999999999999999/").status_code == 404


def test_the_buyer_of_an_order_is_masked_too(task_at: Task, web: Client) -> None:
    task = task_at()
    buyers.learn([(task, BuyerInfo(task.external_id, "Пётр", "Петров Пётр", (Phone("79161234567"),), complete=True))])
    address = f"/orders/{task.order_id}/"

    assert "Петров" not in web.get(address).content.decode()
    assert "Петров Пётр" in text_of(web.post(f"{address}buyer/", headers=HTMX))
    assert TimelineEntry.objects.filter(kind=EntryKind.BUYER_SHOWN).count() == 1


def test_the_raw_order_is_for_managers_and_who_looked_is_recorded(task_at: Task, boss: User) -> None:
    task = task_at()
    page = text_of(browser(boss).get(f"/tasks/{task.pk}/raw/"))

    assert task.external_id in page
    assert "deliveryType" in page
    assert TimelineEntry.objects.get(kind=EntryKind.BUYER_SHOWN).actor_id == boss.pk


# Attention ----------------------------------------------------------------------------------------------------------
def test_questions_stand_by_kind_the_urgent_first_and_are_resolved_with_a_note(
    task_at: Task, web: Client, picker: User
) -> None:
    task = task_at()
    of_task: dict[str, Any] = {"account_id": task.account_id, "order_id": task.order_id, "task_id": task.pk}
    attention.open_many(
        [
            attention.Question(AttentionKind.CORRECTION, "a", Severity.WARNING, **of_task),
            attention.Question(AttentionKind.SYNC_FAILING, "b", Severity.URGENT, account_id=task.account_id),
        ]
    )
    words = text_of(web.get("/attention/"))
    row = Attention.objects.get(key="a")

    assert words.index("An account does not answer · 1") < words.index("The marketplace took a step back · 1")
    for _twice in range(2):
        assert web.post(f"/attention/{row.pk}/resolve/", {"note": "in the van"}).status_code == 302
    row.refresh_from_db()
    assert (row.note, row.resolved_by) == ("in the van", picker)
    assert "took a step back" not in text_of(web.get("/attention/"))
    assert web.post("/attention/999/resolve/").status_code == 404


def test_a_broken_order_is_shown_with_its_raw_text_to_a_manager(
    shop: MarketplaceAccount, upstream: RunningSandbox, web: Client, boss: User
) -> None:
    upstream.make_raw({"id": 5, "article": ["<b>not a text</b>"], "createdAt": "yesterday"}, "sandbox-tests")
    pulled(shop)
    row = Attention.objects.get(kind=AttentionKind.BAD_ORDER)
    page = browser(boss).get(f"/attention/{row.pk}/raw/").content.decode()

    assert "Order 5 could not be read" in text_of(web.get("/attention/"))
    assert "&lt;b&gt;not a text&lt;/b&gt;" in page


def test_the_dashboard_tells_health_drift_jobs_and_saved_calls(shop: MarketplaceAccount, boss: User) -> None:
    now = timezone.now()
    Counter.objects.create(name="saved_calls:marketplaces", day=timezone.localdate(), value=17)
    JobState.objects.create(name="pull_orders:wildberries:1", error="RateLimited 429", finished_at=now)
    UpstreamDrift.objects.create(
        upstream="wildberries", place="orders/new", kind="field", name="giftWrap", first_seen_at=now, last_seen_at=now
    )
    MarketplaceAccount.objects.update(last_error="no route to host", last_error_at=now)
    words = text_of(browser(boss).get("/dashboard/"))

    for said in ("17 calls saved today", "RateLimited 429", "unknown field giftWrap", "does not answer", "no route to"):
        assert said in words


# The search field ---------------------------------------------------------------------------------------------------
def test_a_number_or_a_scanned_code_leads_to_its_task(task_at: Task, web: Client) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"])
    task_at()
    web.post(f"/tasks/{task.pk}/scan/", {"raw": FULL})

    for text in (task.external_id, f" {task.external_id}\n", FULL, typed_in_russian(FULL), FULL.split("\x1d", 1)[0]):
        assert web.post("/scan/", {"seek": text}).headers.get("Location") == f"/tasks/{task.pk}/", text
    assert web.post("/scan/", {"seek": task.order.external_id})["Location"] == f"/orders/{task.order_id}/"
    assert web.get("/scan/", {"seek": task.external_id})["Location"] == f"/tasks/{task.pk}/"


def test_a_name_or_a_phone_is_answered_in_place(task_at: Task, web: Client) -> None:
    tasks = [task_at(), task_at()]
    for task in tasks:
        known = BuyerInfo(task.external_id, "Пётр", "Петров Пётр", (Phone("79161234567"),), complete=True)
        buyers.learn([(task, known)])

    for text in ("петров", "+7 916 123-45-67", "4567", "Пётр Петров"):
        answer = web.post("/scan/", {"seek": text})
        assert answer.status_code == 200
        for task in tasks:
            assert task.external_id in text_of(answer), text


@pytest.mark.parametrize("text", ["nothing like this", "<script>alert(1)</script>", "\x00", "9" * 9000, "\x1d", "'"])
def test_what_is_not_found_is_said(web: Client, text: str) -> None:
    answer = web.post("/scan/", {"seek": text})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    assert 'class="empty"' in answer.content.decode()
