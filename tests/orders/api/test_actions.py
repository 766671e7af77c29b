"""Asking for actions over the API: accepted, refused, repeated, and never half done."""

from __future__ import annotations

import pytest
from django.utils.dateparse import parse_datetime
from rest_framework.test import APIClient

from backoffice.models import User
from orders.enums import ActionKind, Source
from orders.models import AssemblyTask, Buyer, MarketplaceAccount, MarketplaceAction, TimelineEntry
from orders.services import buyers
from sandbox.server import RunningSandbox
from tests.orders.api.conftest import Client
from tests.orders.conftest import Ask, made, pulled, work

CODE = "123456"


@pytest.fixture
def task(shop: MarketplaceAccount, upstream: RunningSandbox) -> AssemblyTask:
    made(upstream, requiredMeta=[])
    return pulled(shop)[0]


def ask_for(api: APIClient, task: AssemblyTask, body: object, **headers: str) -> tuple[int, dict[str, object]]:
    answer = api.post(f"/api/v1/tasks/{task.pk}/actions/", body, format="json", headers=headers)
    return answer.status_code, answer.json()


def test_an_action_is_accepted_then_sent_and_can_be_watched(
    api: APIClient, program: User, task: AssemblyTask, upstream: RunningSandbox
) -> None:
    status, body = ask_for(api, task, {"kind": "confirm"})

    row = MarketplaceAction.objects.get()
    assert (row.kind, row.source, row.actor) == (ActionKind.CONFIRM, Source.API, program)
    assert status == 202
    assert body == {
        "id": row.pk,
        "task": task.pk,
        "kind": "confirm",
        "state": "queued",
        "attempts": 0,
        "error": None,
        "created_at": row.created_at.isoformat(),
        "finished_at": None,
    }
    work(task.account)
    done = api.get(f"/api/v1/actions/{row.pk}/").json()
    assert (done["state"], done["attempts"], done["error"]) == ("succeeded", 1, None)
    assert parse_datetime(str(done["finished_at"])) is not None
    assert api.get("/api/v1/actions/", {"state": "succeeded"}).json()["results"] == [done]
    assert api.get("/api/v1/actions/", {"state": "queued"}).json()["results"] == []
    assert api.get("/api/v1/actions/", {"task": task.pk}).json()["results"] == [done]
    assert upstream.order(int(task.external_id))["supplierStatus"] == "confirm"


def test_the_stage_decides_409_and_nothing_is_queued(api: APIClient, task: AssemblyTask) -> None:
    before = TimelineEntry.objects.count()

    status, body = ask_for(api, task, {"kind": "deliver"})

    assert status == 409
    assert body == {
        "type": "client_error",
        "errors": [{"code": "stage", "detail": "Not possible while the task is “New”.", "attr": None}],
    }
    assert (MarketplaceAction.objects.count(), TimelineEntry.objects.count()) == (0, before)


@pytest.mark.parametrize(
    ("body", "status", "code", "attr"),
    [
        ({"kind": "fly"}, 400, "invalid_choice", "kind"),
        ({"kind": "put_codes"}, 400, "invalid_choice", "kind"),
        ({}, 400, "required", "kind"),
        ({"kind": "confirm", "date": "tomorrow"}, 400, "invalid", "date"),
        ({"kind": "confirm", "reason": "x" * 201}, 400, "max_length", "reason"),
        ({"kind": "receive"}, 422, "code_required", "code"),
        ({"kind": "receive", "code": "12ab"}, 422, "code_format", "code"),
    ],
)
def test_a_malformed_wish_says_where(
    api: APIClient, task: AssemblyTask, body: dict[str, str], status: int, code: str, attr: str
) -> None:
    got, answer = ask_for(api, task, body)

    assert (got, answer["type"]) == (status, "validation_error")
    errors = answer["errors"]
    assert isinstance(errors, list)
    assert [(error["code"], error["attr"]) for error in errors] == [(code, attr)]
    assert MarketplaceAction.objects.count() == 0


@pytest.mark.parametrize("text", ["[]", '"confirm"', "{", "null", ""])
def test_a_body_that_is_no_object_is_400(api: APIClient, task: AssemblyTask, text: str) -> None:
    address = f"/api/v1/tasks/{task.pk}/actions/"

    answer = api.generic("POST", address, text, content_type="application/json")

    assert (answer.status_code, MarketplaceAction.objects.count()) == (400, 0)


def test_the_same_key_and_body_is_the_same_action_another_body_is_422(api: APIClient, task: AssemblyTask) -> None:
    key = {"Idempotency-Key": "order-17"}

    first = ask_for(api, task, {"kind": "confirm"}, **key)
    work(task.account)
    again = ask_for(api, task, {"kind": "confirm", "reason": ""}, **key)
    other = ask_for(api, task, {"kind": "cancel"}, **key)

    assert (first[0], again[0], first[1]["id"]) == (202, 202, again[1]["id"])
    assert again[1]["state"] == "succeeded"
    assert other == (
        422,
        {
            "type": "validation_error",
            "errors": [
                {
                    "code": "idempotency_key",
                    "detail": "This Idempotency-Key was used for another request.",
                    "attr": None,
                }
            ],
        },
    )
    assert MarketplaceAction.objects.count() == 1


def test_a_key_with_another_code_is_another_request(api: APIClient, task: AssemblyTask, ask: Ask) -> None:
    ask(task, ActionKind.CONFIRM)
    ask(task, ActionKind.DELIVER)
    first, again, other = (
        ask_for(api, task, {"kind": "receive", "code": code}, **{"Idempotency-Key": "k"})
        for code in ("123456", "123456", "654321")
    )
    row = MarketplaceAction.objects.get(kind=ActionKind.RECEIVE)

    assert (first[0], again[0], other[0]) == (202, 202, 422)
    assert buyers.codes_for([(task.order_id, row.pk)]) == {row.pk: "123456"}


def test_a_key_belongs_to_its_task_and_user(
    api: APIClient, task: AssemblyTask, upstream: RunningSandbox, client_of: Client, picker: User
) -> None:
    made(upstream, requiredMeta=[])
    other_task = pulled(task.account)[1]
    key = {"Idempotency-Key": "k"}
    ask_for(api, task, {"kind": "confirm"}, **key)

    assert ask_for(api, other_task, {"kind": "confirm"}, **key)[0] == 422
    assert ask_for(client_of(picker), other_task, {"kind": "confirm"}, **key)[0] == 202


def test_a_key_too_long_is_400(api: APIClient, task: AssemblyTask) -> None:
    status, _body = ask_for(api, task, {"kind": "confirm"}, **{"Idempotency-Key": "k" * 129})

    assert (status, MarketplaceAction.objects.count()) == (400, 0)


def test_without_a_key_an_open_action_of_the_kind_is_given_again(api: APIClient, task: AssemblyTask) -> None:
    first, again = (ask_for(api, task, {"kind": "confirm"}) for _ in range(2))

    assert (first[0], again[0], first[1]["id"]) == (202, 202, again[1]["id"])


def test_a_refused_code_of_the_buyer_is_told_in_the_words_of_the_marketplace_and_kept_nowhere(
    api: APIClient, task: AssemblyTask, upstream: RunningSandbox, ask: Ask
) -> None:
    ask(task, ActionKind.CONFIRM)
    ask(task, ActionKind.DELIVER)
    right = upstream.order(int(task.external_id))["code"]
    wrong = "000000" if right != "000000" else "000001"

    status, body = ask_for(api, task, {"kind": "receive", "code": wrong}, **{"Idempotency-Key": "r1"})
    work(task.account)

    assert status == 202
    row = MarketplaceAction.objects.get(pk=int(str(body["id"])))
    shown = api.get(f"/api/v1/actions/{row.pk}/").json()
    assert (shown["state"], shown["error"]["code"], bool(shown["error"]["detail"])) == ("failed", "wrong_code", True)
    texts = [str(vars(row)), *(str(entry.data) for entry in TimelineEntry.objects.all()), str(shown)]
    assert all(wrong not in text for text in texts)
    assert buyers.codes_for([(task.order_id, row.pk)]) == {row.pk: wrong}
    assert Buyer.objects.count() == 1


def test_foreign_ids_and_scopes(api: APIClient, client_of: Client, program: User, task: AssemblyTask) -> None:
    assert api.post("/api/v1/tasks/99999/actions/", {"kind": "confirm"}, format="json").status_code == 404
    assert api.get("/api/v1/actions/99999/").status_code == 404
    assert ask_for(client_of(program, "read"), task, {"kind": "confirm"})[0] == 403
    assert APIClient().post(f"/api/v1/tasks/{task.pk}/actions/", {"kind": "confirm"}).status_code == 401
    assert MarketplaceAction.objects.count() == 0
