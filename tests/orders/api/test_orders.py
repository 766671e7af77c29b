"""Orders, their timeline and open questions over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from rest_framework.test import APIClient
from structlog.testing import capture_logs

from backoffice.models import User
from orders.enums import ActionKind, AttentionKind, Severity
from orders.models import Attention, MarketplaceAccount, Order
from orders.services import attention
from sandbox.server import RunningSandbox
from tests.orders.api.conftest import Client
from tests.orders.conftest import Ask, made, pulled
from tests.orders.statements import counted

ADDRESS = {
    "fullAddress": "Челябинск, 51-я улица Арабкира, д. 10А, кв. 42",
    "longitude": 44.519068,
    "latitude": 40.20192,
}
ORDER: dict[str, Any] = {"address": ADDRESS, "comment": "Упакуйте в плёнку", "requiredMeta": []}
#: Token with its user and roles, page, tasks with items, codes and actions, questions, buyers, parcels.
STATEMENTS = 9


@pytest.fixture
def order(shop: MarketplaceAccount, upstream: RunningSandbox) -> Order:
    made(upstream, **ORDER)
    return pulled(shop)[0].order


def question(order: Order, key: str = "q") -> Attention:
    asked = attention.Question(
        AttentionKind.CORRECTION,
        key,
        Severity.WARNING,
        order_id=order.pk,
        facts={"from": "received", "to": "delivering"},
    )
    attention.open_one(asked)
    return Attention.objects.get(key=key)


def test_an_order_has_the_documented_shape(api: APIClient, order: Order, shop: MarketplaceAccount) -> None:
    asked = question(order)

    answer = api.get(f"/api/v1/orders/{order.pk}/")

    order.refresh_from_db()
    task = order.tasks.get()
    assert answer.status_code == 200
    assert answer.json() == {
        "id": order.pk,
        "external_id": order.external_id,
        "marketplace": "wildberries",
        "account": shop.pk,
        "stage": "new",
        "address": {"full": ADDRESS["fullAddress"], "latitude": 40.20192, "longitude": 44.519068},
        "comment": "Упакуйте в плёнку",
        "deadline_at": order.deadline_at.isoformat(),
        "tasks": [api.get(f"/api/v1/tasks/{task.pk}/").json()],
        "shipments": [],
        "attention": [
            {
                "id": asked.pk,
                "kind": "correction",
                "severity": "warning",
                "title": "The marketplace took a step back: Received → Delivering",
                "todo": "Check where the parcel is.",
                "account": None,
                "order": order.pk,
                "task": None,
                "shipment": None,
                "carrier_account": None,
                "count": 1,
                "opened_at": asked.opened_at.isoformat(),
                "last_seen_at": asked.last_seen_at.isoformat(),
                "assignee": None,
                "snoozed_until": None,
                "resolved_at": None,
                "note": "",
            }
        ],
        "is_test": False,
        "facts": {},
        "created_at": order.created_at.isoformat(),
        "updated_at": order.updated_at.isoformat(),
    }
    assert api.get("/api/v1/orders/").json()["results"] == [answer.json()]


def test_a_buyer_is_shown_only_to_those_who_may_see_him(client_of: Client, order: Order) -> None:
    curious = User.objects.create_user("curious")
    group = Group.objects.create(name="curious")
    group.permissions.add(Permission.objects.get(codename="view_order"))
    curious.groups.add(group)
    api = client_of(curious)

    for found in (api.get(f"/api/v1/orders/{order.pk}/").json(), api.get("/api/v1/orders/").json()["results"][0]):
        assert (found["address"], found["comment"]) == (None, None)


def test_who_is_shown_a_buyer_is_recorded_at_the_order(
    client_of: Client, api: APIClient, order: Order, program: User
) -> None:
    shown = order.timeline.filter(kind="buyer_shown")
    curious = User.objects.create_user("curious")
    group = Group.objects.create(name="curious")
    group.permissions.add(Permission.objects.get(codename="view_order"))
    curious.groups.add(group)
    assert client_of(curious).get(f"/api/v1/orders/{order.pk}/").status_code == 200
    assert api.get("/api/v1/orders/999999/").status_code == 404
    assert shown.count() == 0

    for _twice in range(2):
        assert api.get(f"/api/v1/orders/{order.pk}/").json()["comment"] == "Упакуйте в плёнку"
    entry = shown.get()
    assert (entry.actor, entry.source) == (program, "api")


def test_a_list_with_buyers_is_one_line_of_the_log(api: APIClient, order: Order, program: User) -> None:
    with capture_logs() as lines:
        assert api.get("/api/v1/orders/").json()["results"][0]["comment"] == "Упакуйте в плёнку"

    assert [line for line in lines if line["event"] == "buyers_listed"] == [
        {"event": "buyers_listed", "log_level": "info", "user": program.pk, "orders": 1}
    ]
    assert order.timeline.filter(kind="buyer_shown").count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_the_same_statements_however_many_rows(
    shop: MarketplaceAccount, upstream: RunningSandbox, api: APIClient, count: int
) -> None:
    made(upstream, count=count, **ORDER)
    for task in pulled(shop):
        question(task.order, f"q{task.pk}")
    api.get("/api/v1/orders/")

    with counted() as statements:
        answer = api.get("/api/v1/orders/")

    assert len(answer.json()["results"]) == count
    assert len(statements) == STATEMENTS, statements


def test_filters(api: APIClient, shop: MarketplaceAccount, upstream: RunningSandbox, order: Order) -> None:
    made(upstream, **{**ORDER, "article": "lamp-9"})
    other = pulled(shop)[1].order
    question(other)

    def found(**query: str) -> set[int]:
        return {row["id"] for row in api.get("/api/v1/orders/", query).json()["results"]}

    assert found(has_attention="true") == {other.pk}
    assert found(has_attention="false") == {order.pk}
    assert found(search="lamp-9") == {other.pk}
    assert found(search=order.external_id) == {order.pk}
    assert found(stage="received") == set()
    assert found(created_before="2020-01-01T00:00:00Z") == set()


def test_the_timeline_is_in_order_of_happening(api: APIClient, order: Order, ask: Ask) -> None:
    ask(order.tasks.get(), ActionKind.CONFIRM)

    page = api.get(f"/api/v1/orders/{order.pk}/timeline/", {"page_size": 200}).json()

    entries = page["results"]
    assert (page["next"], page["previous"]) == (None, None)
    assert [entry["happened_at"] for entry in entries] == sorted(entry["happened_at"] for entry in entries)
    asked = next(entry for entry in entries if entry["kind"] == "action_requested")
    row = order.timeline.get(kind="action_requested")
    assert asked == {
        "id": row.pk,
        "task": order.tasks.get().pk,
        "shipment": None,
        "source": "staff",
        "kind": "action_requested",
        "code": "confirm",
        "status": "",
        "title": "Asked: Confirm",
        "happened_at": row.happened_at.isoformat(),
        "recorded_at": row.recorded_at.isoformat(),
        "actor": "picker",
        "correction": False,
    }
    kinds = [entry["kind"] for entry in entries]
    assert (kinds[0], "stage" in kinds, "action_done" in kinds) == ("order_received", True, True)


@pytest.mark.parametrize("count", [1, 3])
def test_a_timeline_takes_the_same_statements_however_long(api: APIClient, order: Order, count: int) -> None:
    api.get(f"/api/v1/orders/{order.pk}/timeline/")

    with counted() as statements:
        answer = api.get(f"/api/v1/orders/{order.pk}/timeline/", {"page_size": count})

    assert answer.status_code == 200
    assert len(statements) == 3, statements  # token with its user and roles, order, entries


def test_attention_is_listed_and_resolved_once(api: APIClient, program: User, order: Order) -> None:
    asked = question(order)
    (listed,) = api.get("/api/v1/attention/").json()["results"]
    assert (listed["id"], listed["resolved_at"]) == (asked.pk, None)

    answer = api.post(f"/api/v1/attention/{asked.pk}/resolve/", {"note": "called the buyer"}, format="json")
    again = api.post(f"/api/v1/attention/{asked.pk}/resolve/", {"note": "twice"}, format="json")

    asked.refresh_from_db()
    assert (answer.status_code, again.status_code, answer.json()) == (200, 200, again.json())
    assert (asked.note, asked.resolved_by) == ("called the buyer", program)
    assert api.get("/api/v1/attention/").json()["results"] == []
    assert api.get("/api/v1/attention/", {"resolved": "true"}).json()["results"] == [answer.json()]
    assert api.get("/api/v1/attention/", {"resolved": "false"}).json()["results"] == []


def test_foreign_ids_and_scopes(api: APIClient, client_of: Client, program: User, order: Order) -> None:
    asked = question(order)
    assert api.get("/api/v1/orders/99999/").status_code == 404
    assert api.get("/api/v1/orders/99999/timeline/").status_code == 404
    assert api.post("/api/v1/attention/99999/resolve/").status_code == 404
    assert client_of(program, "read").post(f"/api/v1/attention/{asked.pk}/resolve/").status_code == 403
    asked.refresh_from_db()
    assert asked.resolved_at is None
