"""Assembly tasks over the API: the documented shape, filters, pages, statements, and who may look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from backoffice.models import User
from orders.enums import ActionKind, Stage
from orders.models import AssemblyTask, MarketplaceAccount
from orders.queries import api as shapes
from orders.services import actors, guards
from orders.services.sending import outbox
from orders.services.warehouse import assembly, marking
from sandbox.server import RunningSandbox
from tests.orders.api.conftest import Client
from tests.orders.conftest import Ask, made, pulled
from tests.orders.statements import counted

UIN = "1234567890123456"
ORDER: dict[str, Any] = {
    "article": "one-ring-7548",
    "skus": ["6665956397512"],
    "requiredMeta": ["uin"],
    "price": 504658,
    "salePrice": 504658,
    "currencyCode": 643,
    "createdAt": "2026-11-20T07:56:29Z",
}
#: Token with its user and roles, page, items, codes, actions.
STATEMENTS = 5


def iso(value: Any) -> str:
    return str(value.isoformat())


def test_a_task_has_the_documented_shape(
    shop: MarketplaceAccount, upstream: RunningSandbox, api: APIClient, ask: Ask, staff: actors.Actor
) -> None:
    (number,) = made(upstream, **ORDER)
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    assembly.take(task.pk, actor=staff)
    code = marking.add_code(task.pk, marking.Entry(UIN), actor=staff)
    task.refresh_from_db()
    item = task.items.get()

    answer = api.get(f"/api/v1/tasks/{task.pk}/")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == {
        "id": task.pk,
        "order": {
            "id": task.order_id,
            "external_id": task.order.external_id,
            "marketplace": "wildberries",
            "account": shop.pk,
        },
        "external_id": str(number),
        "stage": "assembling",
        "marketplace_status": {"supplierStatus": "confirm", "wbStatus": "waiting"},
        "items": [
            {
                "id": item.pk,
                "external_id": item.external_id,
                "article": "one-ring-7548",
                "name": item.name,
                "barcodes": ["6665956397512"],
                "quantity": 1,
                "price": "5046.58",
                "currency": "RUB",
                "code_kinds": None,
                "required_kinds": None,
            }
        ],
        "code_kinds": ["uin"],
        "codes": [
            {
                "id": code.pk,
                "item": item.pk,
                "unit": 1,
                "kind": "uin",
                "value": UIN,
                "state": "pending",
                "detail": "",
            }
        ],
        "allowed_actions": ["ready", "deliver", "cancel"],
        "cancel_requested_at": None,
        "assignee": "picker",
        "deadline_at": iso(task.deadline_at),
        "created_at": "2026-11-20T07:56:29+00:00",
        "updated_at": iso(task.updated_at),
    }
    assert api.get("/api/v1/tasks/").json()["results"] == [answer.json()]


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_the_same_statements_however_many_rows(
    shop: MarketplaceAccount, upstream: RunningSandbox, api: APIClient, count: int
) -> None:
    made(upstream, count=count, **ORDER)
    pulled(shop)
    api.get("/api/v1/tasks/")  # the use of the token is noted once a minute

    with counted() as statements:
        answer = api.get("/api/v1/tasks/")

    assert len(answer.json()["results"]) == count
    assert len(statements) == STATEMENTS, statements
    assert "COUNT(*)" not in " ".join(statements).upper()


def test_allowed_actions_are_those_of_the_guards(
    shop: MarketplaceAccount, upstream: RunningSandbox, api: APIClient, staff: actors.Actor
) -> None:
    for status in ("new/waiting", "confirm/waiting", "deliver/waiting", "receive/sold", "cancel/canceled"):
        made(upstream, status=status, **ORDER)
    made(upstream, status="confirm/waiting")
    tasks = pulled(shop)
    for task in tasks:  # the list of new orders has one of them; the others come as they are at the marketplace
        assert task.stage == Stage.NEW
    outbox.request(tasks[0].pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    offer = outbox.offer_of(shop)
    facts = guards.gather(list(AssemblyTask.objects.all()))

    results = api.get("/api/v1/tasks/").json()["results"]

    expected = {
        pk: [kind.value for kind, refusal in guards.allowed(fact, offer) if refusal is None]
        for pk, fact in facts.items()
    }
    assert {row["id"]: row["allowed_actions"] for row in results} == expected


def test_what_the_guards_said_of_alike_tasks_is_kept(
    shop: MarketplaceAccount, upstream: RunningSandbox, api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: dict[object, list[str]] = {}
    monkeypatch.setattr(shapes, "_KNOWN", known)
    made(upstream, count=3, deliveryType="dbs", **ORDER)
    first, *_others = pulled(shop)

    def told() -> dict[int, list[str]]:
        return {row["id"]: row["allowed_actions"] for row in api.get("/api/v1/tasks/").json()["results"]}

    before = told()
    assert len(known) == 1
    with monkeypatch.context() as patched:
        patched.setattr(guards, "allowed", None)
        assert told() == before

    AssemblyTask.objects.filter(pk=first.pk).update(raw_digest="")
    assert told() == {**before, first.pk: [kind for kind in before[first.pk] if kind != "confirm"]}
    assert len(known) == 2

    monkeypatch.setattr(shapes, "_MOST_KNOWN", 2)
    AssemblyTask.objects.filter(pk=first.pk).update(stage=Stage.CANCELLED)
    assert told() == {**before, first.pk: []}
    assert len(known) == 1


def test_pages_go_forth_and_back_and_lose_nothing_among_equals(
    shop: MarketplaceAccount, upstream: RunningSandbox, api: APIClient
) -> None:
    made(upstream, count=7, **ORDER)  # all ordered in the same second
    ids = [task.pk for task in pulled(shop)]
    newest_first = sorted(ids, reverse=True)

    seen, pages, address = [], [], "/api/v1/tasks/?page_size=3"
    while address:
        page = api.get(address).json()
        pages.append([row["id"] for row in page["results"]])
        seen += pages[-1]
        previous, address = page["previous"], page["next"]

    assert pages == [newest_first[:3], newest_first[3:6], newest_first[6:]]
    back = api.get(previous).json()
    assert [row["id"] for row in back["results"]] == newest_first[3:6]
    first = api.get(back["previous"]).json()
    assert [row["id"] for row in first["results"]] == newest_first[:3]
    assert (first["previous"], first["next"] is not None) == (None, True)


@pytest.mark.parametrize(
    ("ordering", "field", "down"),
    [("created_at", "created_at", False), ("-created_at", "created_at", True), ("deadline_at", "deadline_at", False)],
)
def test_orderings(
    shop: MarketplaceAccount, upstream: RunningSandbox, api: APIClient, ordering: str, field: str, down: bool
) -> None:
    for day in (20, 18, 19):
        made(upstream, **{**ORDER, "createdAt": f"2026-11-{day}T10:00:00Z"})
    pulled(shop)

    results = api.get("/api/v1/tasks/", {"ordering": ordering}).json()["results"]

    values = [row[field] for row in results]
    assert len(values) == 3
    assert len(set(values)) > 1
    assert values == sorted(values, reverse=down)


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ({"ordering": "stage"}, "ordering"),
        ({"cursor": "no-cursor"}, "cursor"),
        ({"cursor": "WyItY3JlYXRlZF9hdCIsMSwxLGZhbHNlXQ=="}, "cursor"),  # a number where a time belongs
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "many"}, "page_size"),
        ({"stage": "flying"}, "stage"),
        ({"account": "99999"}, "account"),
        ({"created_after": "yesterday"}, "created_after"),
    ],
)
def test_a_query_that_makes_no_sense_is_400_and_says_where(api: APIClient, query: dict[str, str], attr: str) -> None:
    answer = api.get("/api/v1/tasks/", query)

    assert answer.status_code == 400
    body = answer.json()
    assert (body["type"], [error["attr"] for error in body["errors"]]) == ("validation_error", [attr])


def test_filters(
    shop: MarketplaceAccount, upstream: RunningSandbox, api: APIClient, ask: Ask, staff: actors.Actor, picker: User
) -> None:
    made(upstream, **ORDER)
    made(upstream, **{**ORDER, "article": "two-towers"})
    first, second = pulled(shop)
    ask(first, ActionKind.CONFIRM)
    assembly.take(first.pk, actor=staff)
    soon = timezone.now() + timedelta(hours=1)

    def found(**query: str) -> list[int]:
        return [row["id"] for row in api.get("/api/v1/tasks/", {**query, "ordering": "created_at"}).json()["results"]]

    assert found(stage="assembling") == [first.pk]
    assert found(stage="new") == [second.pk]
    assert found(account=str(shop.pk)) == [first.pk, second.pk]
    assert found(marketplace="yandex_market") == []
    assert found(search="two-tow") == [second.pk]
    assert found(search=first.external_id) == [first.pk]
    assert found(assignee="picker") == found(assignee=str(picker.pk)) == [first.pk]
    assert found(assignee="nobody") == []
    assert found(updated_after=soon.isoformat()) == []
    assert found(has_attention="true") == []


def test_page_size_has_a_top(api: APIClient, shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=201, **ORDER)
    pulled(shop)

    page = api.get("/api/v1/tasks/", {"page_size": "1000"}).json()

    assert len(page["results"]) == 200
    assert len(api.get(page["next"]).json()["results"]) == 1


def test_without_a_token_401_without_scope_or_right_403_foreign_ids_404(
    api: APIClient, client_of: Client, program: User, db: None
) -> None:
    assert APIClient().get("/api/v1/tasks/").status_code == 401
    assert client_of(program, "act").get("/api/v1/tasks/").status_code == 403
    nobody = User.objects.create_user("nobody")
    assert client_of(nobody).get("/api/v1/tasks/").status_code == 403
    for pk in (12345, 10**30):
        answer = api.get(f"/api/v1/tasks/{pk}/")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found")
    nowhere = api.get("/api/v1/nowhere/")
    assert (nowhere.status_code, nowhere.json()["type"]) == (404, "client_error")
    assert api.get("/api/v1/tasks").status_code == 301
