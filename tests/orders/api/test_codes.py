"""Marking codes over the API: found from the value, refused with the place, taken off again."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from orders.enums import ActionKind, CodeState
from orders.models import AssemblyTask, MarketplaceAccount, MarkingCode
from sandbox.server import RunningSandbox
from tests.orders.conftest import Ask, made, pulled

SGTIN = "0104600439931256215RJZx80hlqAq3\x1d91FFD0\x1d92sGGtBnYBxYJ2bpEx55+DjlbOAUSHWVQQO9IxBPo3uA="


@pytest.fixture
def tasks(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> list[AssemblyTask]:
    made(upstream, count=2, requiredMeta=["sgtin"], article="boots-42", skus=["4600439931256"])
    found = pulled(shop)
    for task in found:
        ask(task, ActionKind.CONFIRM)
    return found


def post(api: APIClient, task: AssemblyTask, **body: object) -> tuple[int, dict[str, object]]:
    answer = api.post(f"/api/v1/tasks/{task.pk}/codes/", body, format="json")
    return answer.status_code, answer.json()


def test_kind_and_item_are_found_from_the_value_and_gs_is_kept(api: APIClient, tasks: list[AssemblyTask]) -> None:
    status, body = post(api, tasks[0], value=SGTIN)

    row = MarkingCode.objects.get()
    assert (status, row.value) == (201, SGTIN)
    assert body == {
        "id": row.pk,
        "item": tasks[0].items.get().pk,
        "unit": 1,
        "kind": "sgtin",
        "value": SGTIN,
        "state": "pending",
        "detail": "",
    }
    listed = api.get(f"/api/v1/tasks/{tasks[0].pk}/codes/").json()
    assert listed == {"next": None, "previous": None, "results": [body]}


def test_the_same_code_again_is_the_same_row(api: APIClient, tasks: list[AssemblyTask]) -> None:
    first, again = (post(api, tasks[0], value=SGTIN) for _ in range(2))

    assert (first[0], again[0], first[1]) == (201, 201, again[1])
    assert MarkingCode.objects.count() == 1


def test_a_code_in_use_is_409_and_says_where(api: APIClient, tasks: list[AssemblyTask]) -> None:
    post(api, tasks[0], value=SGTIN)

    status, body = post(api, tasks[1], value=SGTIN)

    text = f"This code is already in order {tasks[0].external_id} (boots-42)."
    assert status == 409
    assert body == {"type": "client_error", "errors": [{"code": "in_use", "detail": text, "attr": None}]}
    assert MarkingCode.objects.filter(task=tasks[1]).count() == 0


@pytest.mark.parametrize(
    ("body", "status", "attr"),
    [
        ({"value": "0104600439931256"}, 422, "value"),
        ({"value": ""}, 422, "value"),
        ({"value": "x" * 5000}, 422, "value"),
        ({"value": "\x1d"}, 422, "value"),
        ({"value": "1234567890123456", "kind": "uin"}, 422, "kind"),
        ({"value": SGTIN, "item": 99999}, 422, "item"),
        ({"value": SGTIN, "kind": "ean"}, 400, "kind"),
        ({"value": SGTIN, "item": "first"}, 400, "item"),
        ({"value": "a\x00b"}, 400, "value"),
        ({"value": None}, 400, "value"),
        ({}, 400, "value"),
    ],
)
def test_a_malformed_code_says_how_and_changes_nothing(
    api: APIClient, tasks: list[AssemblyTask], body: dict[str, object], status: int, attr: str
) -> None:
    got, answer = post(api, tasks[0], **body)

    errors = answer["errors"]
    assert isinstance(errors, list)
    assert (got, answer["type"], [error["attr"] for error in errors]) == (status, "validation_error", [attr])
    assert all(error["detail"] for error in errors)
    assert MarkingCode.objects.count() == 0


def test_a_code_is_taken_off_once_and_for_all(api: APIClient, tasks: list[AssemblyTask]) -> None:
    _status, body = post(api, tasks[0], value=SGTIN)
    address = f"/api/v1/tasks/{tasks[0].pk}/codes/{body['id']}/"

    elsewhere = api.delete(f"/api/v1/tasks/{tasks[1].pk}/codes/{body['id']}/")
    assert (elsewhere.status_code, MarkingCode.objects.get().state) == (404, CodeState.PENDING)
    assert [api.delete(address).status_code for _ in range(2)] == [204, 204]
    assert MarkingCode.objects.get().state == CodeState.REMOVED
    assert api.get(f"/api/v1/tasks/{tasks[0].pk}/codes/").json()["results"] == []


def test_codes_stay_when_the_task_has_gone_on(api: APIClient, tasks: list[AssemblyTask], ask: Ask) -> None:
    _status, body = post(api, tasks[0], value=SGTIN)
    ask(tasks[0], ActionKind.READY)

    answer = api.delete(f"/api/v1/tasks/{tasks[0].pk}/codes/{body['id']}/")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "stage")
    assert MarkingCode.objects.get().state != CodeState.REMOVED
    assert post(api, tasks[0], value=SGTIN.replace("5RJZx80hlqAq3", "5RJZx80hlqAq4"))[0] == 409
    assert MarkingCode.objects.count() == 1


def test_an_unknown_task_is_404(api: APIClient, db: None) -> None:
    assert api.get("/api/v1/tasks/99999/codes/").status_code == 404
    assert api.post("/api/v1/tasks/99999/codes/", {"value": SGTIN}, format="json").status_code == 404
    assert api.delete("/api/v1/tasks/99999/codes/1/").status_code == 404
