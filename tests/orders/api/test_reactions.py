"""Suggestions and receipts over the API: read, taken, stopped, put away."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from backoffice.models import User
from orders.enums import ActionKind, ReactionState, Stage
from orders.models import AssemblyTask, MarketplaceAction, Reaction
from orders.services.actors import SYSTEM
from orders.services.sending import outbox
from tests.orders.api.conftest import Client
from tests.orders.api.test_schema import document, problems
from tests.orders.statements import counted
from tests.orders.tracking.reacting import World, world

__all__ = ["document"]

pytestmark = pytest.mark.django_db
PATH = "/api/v1/reactions/"


def suggested(**more: Any) -> tuple[World, Reaction]:
    here = world(stage=Stage.DELIVERING, **more)
    parcel = here.parcel()
    parcel.say("DELIVERY")
    parcel.say("COMPLETE")
    return here, Reaction.objects.get(task=here.task, kind=ActionKind.RECEIVE)


def waiting() -> tuple[World, Reaction]:
    here = world(stage=Stage.DELIVERING)
    here.rule(grace_minutes=30)
    parcel = here.parcel()
    parcel.say("DELIVERY")
    parcel.say("COMPLETE")
    return here, Reaction.objects.get(state=ReactionState.WAITING)


def test_what_is_open_is_listed_and_the_rest_by_its_state(api: APIClient, document: dict[str, Any]) -> None:
    here, row = suggested()
    answer = api.get(PATH)

    (found,) = answer.json()["results"]
    assert problems(document, "get", PATH, 200, answer.json()) == []
    assert found == {
        "id": row.pk, "order": here.order.pk, "task": here.task.pk, "shipment": row.shipment_id, "status": "delivered",
        "action_kind": "receive", "reason": "", "date": row.date and row.date.isoformat(), "state": "suggested",
        "mode": "suggest", "rule_version": 1, "note": "", "due_at": None, "created_at": found["created_at"],
        "decided_at": None, "decided_by": None,
    }  # fmt: skip
    for query, count in (
        ("?state=acted", 0),
        ("?state=suggested", 1),
        (f"?order={here.order.pk}", 1),
        ("?task=987654", 0),
    ):
        assert len(api.get(PATH + query).json()["results"]) == count, query
    assert api.get(f"{PATH}?state=nonsense").status_code == 400

    AssemblyTask.objects.update(is_test=True)
    assert [len(api.get(PATH + query).json()["results"]) for query in ("", "?test=true")] == [0, 1]


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_two_statements(api: APIClient, count: int) -> None:
    for number in range(count):
        here = world(stage=Stage.DELIVERING, number=str(number))
        parcel = here.parcel(f"P-{number}")
        parcel.say("DELIVERY")
        parcel.say("COMPLETE")
    api.get(PATH)
    with counted() as found:
        answer = api.get(PATH)

    assert len(answer.json()["results"]) == count
    assert len(found) == 2, found  # token, page


def test_the_receipt_says_what_it_rests_on_and_what_came_of_it(api: APIClient, document: dict[str, Any]) -> None:
    _here, row = suggested()
    answer = api.get(f"{PATH}{row.pk}/")

    found = answer.json()
    assert problems(document, "get", f"{PATH}{{id}}/", 200, found) == []
    assert [entry["code"] for entry in found["entries"]] == ["COMPLETE"]
    assert [entry["status"] for entry in found["story"]] == ["suggested"]
    assert (found["inputs"]["raw_status"], found["action"]) == ("COMPLETE", None)
    for address in (f"{PATH}987654/", f"{PATH}{2**70}/"):
        assert api.get(address).status_code == 404


def test_a_suggestion_is_taken_once(api: APIClient, document: dict[str, Any], program: User) -> None:
    _here, row = suggested()
    path = f"{PATH}{{id}}/take/"
    for _twice in range(2):
        answer = api.post(path.replace("{id}", str(row.pk)), {}, format="json")
        assert answer.status_code == 200
        assert problems(document, "post", path, 200, answer.json()) == []

    action = MarketplaceAction.objects.get()
    assert (action.kind, action.source) == (ActionKind.RECEIVE, "api")
    assert (answer.json()["state"], answer.json()["decided_by"]) == ("taken", program.username)
    assert answer.json()["action"] == {"id": action.pk, "kind": "receive", "state": "queued"}

    why = api.get(f"/api/v1/actions/{action.pk}/receipt/")
    assert problems(document, "get", "/api/v1/actions/{id}/receipt/", 200, why.json()) == []
    assert why.json() == answer.json()


def test_what_a_person_asked_for_unprompted_has_no_receipt(api: APIClient) -> None:
    here = world(stage=Stage.READY)
    action = outbox.request(here.task.pk, outbox.Wish(ActionKind.DELIVER), actor=SYSTEM)

    for pk in (action.pk, 987654, 2**70):
        assert api.get(f"/api/v1/actions/{pk}/receipt/").status_code == 404


def test_where_the_buyers_code_is_needed_it_is_said(api: APIClient) -> None:
    here = world("wildberries", stage=Stage.DELIVERING)
    parcel = here.parcel()
    parcel.say("DELIVERY")
    parcel.say("COMPLETE")
    row = Reaction.objects.get()

    answer = api.post(f"{PATH}{row.pk}/take/", {}, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "code_required")
    row.refresh_from_db()
    assert (row.state, MarketplaceAction.objects.count()) == ("suggested", 0)


def test_what_waits_is_stopped_and_a_suggestion_put_away(api: APIClient, document: dict[str, Any]) -> None:
    _here, row = waiting()
    refused = api.post(f"{PATH}{row.pk}/dismiss/", {"note": "no"}, format="json")
    row.refresh_from_db()
    assert (refused.status_code, row.state, row.note) == (409, "waiting", "")

    for _twice in range(2):
        answer = api.post(f"{PATH}{row.pk}/stop/")
        assert (answer.status_code, answer.json()["state"]) == (200, "stopped")
    assert problems(document, "post", f"{PATH}{{id}}/stop/", 200, answer.json()) == []
    taken = api.post(f"{PATH}{row.pk}/take/", {}, format="json")
    assert taken.status_code == 409
    assert problems(document, "post", f"{PATH}{{id}}/take/", 409, taken.json()) == []
    assert MarketplaceAction.objects.count() == 0


def test_a_suggestion_is_put_away_with_a_note(api: APIClient) -> None:
    _here, row = suggested()
    assert api.post(f"{PATH}{row.pk}/stop/").status_code == 409
    answer = api.post(f"{PATH}{row.pk}/dismiss/", {"note": "it was another parcel"}, format="json")

    assert (answer.status_code, answer.json()["note"]) == (200, "it was another parcel")
    assert api.get(PATH).json()["results"] == []


def test_rights_and_scopes_are_asked(api: APIClient, client_of: Client, program: User) -> None:
    _here, row = suggested()
    reader = client_of(program, "read")
    assert reader.get(f"{PATH}{row.pk}/").status_code == 200
    nobody = User.objects.create_user("nobody")
    nobody.user_permissions.set(Permission.objects.none())
    for client, status in ((reader, 403), (client_of(nobody), 403)):
        for what in ("take", "stop", "dismiss"):
            assert client.post(f"{PATH}{row.pk}/{what}/", {}, format="json").status_code == status
    assert client_of(nobody).get(PATH).status_code == 403
    row.refresh_from_db()
    assert (row.state, MarketplaceAction.objects.count()) == ("suggested", 0)
