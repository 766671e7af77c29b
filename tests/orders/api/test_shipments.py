"""Parcels over the API: attached once, shown with their orders, taken off with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from backoffice.models import User
from carriers.models import CarrierAccount
from orders.models import Order, Shipment
from orders.services import actors
from orders.services.shipping import shipments, tracking
from tests.orders.api.conftest import Client
from tests.orders.statements import counted
from tests.orders.tracking.parcels import carrier_account, event, order_of, shop_account, snapshot

pytestmark = pytest.mark.django_db
PATH = "/api/v1/shipments/"


@pytest.fixture
def order() -> Order:
    return order_of(shop_account(), "1001")


@pytest.fixture
def couriers() -> CarrierAccount:
    return carrier_account()


def sent(order: Order, account: CarrierAccount, number: str = "A1") -> dict[str, Any]:
    return {"order": order.pk, "carrier_account": account.pk, "number": number}


def test_a_parcel_is_attached_once(api: APIClient, order: Order, couriers: CarrierAccount, program: User) -> None:
    first = api.post(PATH, sent(order, couriers), format="json")
    second = api.post(PATH, sent(order, couriers, " A1 "), format="json")

    parcel = Shipment.objects.get()
    assert (first.status_code, second.status_code, first.json()) == (201, 200, second.json())
    assert first.json() == {
        "id": parcel.pk,
        "order": order.pk,
        "carrier": "measoft",
        "carrier_account": couriers.pk,
        "number": "A1",
        "status": "unknown",
        "finality": "open",
        "raw_status": "",
        "raw_title": "",
        "checked_at": None,
        "changed_at": None,
    }
    assert parcel.created_by == program
    assert order.timeline.get().source == "api"


@pytest.mark.parametrize(
    ("changes", "status", "attr"),
    [
        ({"number": ""}, 400, "number"),
        ({"number": "x" * 60}, 422, "number"),
        ({"order": 987654}, 422, "order"),
        ({"order": 10**30}, 400, "order"),
        ({"order": None}, 400, "order"),
        ({"carrier_account": 987654}, 422, "carrier_account"),
    ],
)
def test_what_makes_no_parcel_is_refused_at_its_field(
    api: APIClient, order: Order, couriers: CarrierAccount, changes: dict[str, Any], status: int, attr: str
) -> None:
    answer = api.post(PATH, {**sent(order, couriers), **changes}, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (status, attr)
    assert Shipment.objects.count() == 0


def test_a_number_of_another_order_is_a_conflict_that_says_which(
    api: APIClient, order: Order, couriers: CarrierAccount
) -> None:
    other = order_of(order.account, "1002")
    api.post(PATH, sent(order, couriers), format="json")
    answer = api.post(PATH, sent(other, couriers), format="json")

    assert answer.status_code == 409
    assert answer.json()["errors"] == [
        {"code": "number_in_use", "detail": "The number A1 belongs to order 1001 already.", "attr": None}
    ]
    assert other.shipments.count() == 0


def test_a_parcel_is_taken_off_with_a_reason(api: APIClient, order: Order, couriers: CarrierAccount) -> None:
    pk = api.post(PATH, sent(order, couriers), format="json").json()["id"]

    assert api.post(f"{PATH}{pk}/detach/", {}, format="json").status_code == 400
    assert api.get(f"/api/v1/orders/{order.pk}/").json()["shipments"] != []
    assert api.post(f"{PATH}{pk}/detach/", {"reason": "wrong"}, format="json").status_code == 200

    assert api.get(f"/api/v1/orders/{order.pk}/").json()["shipments"] == []
    assert api.get(PATH).json()["results"] == []
    assert [row["id"] for row in api.get(PATH, {"detached": "true"}).json()["results"]] == [pk]
    assert api.post(f"{PATH}987654/detach/", {"reason": "x"}, format="json").status_code == 404


def test_orders_and_their_timeline_tell_of_parcels(api: APIClient, order: Order, couriers: CarrierAccount) -> None:
    parcel = shipments.attach(order.pk, couriers.pk, "A1", actor=actors.SYSTEM)
    tracking.apply(couriers, [snapshot("A1", event("NEW"), event("DELIVERY", 1))], parcel.created_at)

    (shown,) = api.get(f"/api/v1/orders/{order.pk}/").json()["shipments"]
    assert shown == api.get(f"{PATH}{parcel.pk}/").json()
    assert (shown["status"], shown["finality"], shown["raw_status"], shown["raw_title"]) == (
        "out_for_delivery", "open", "DELIVERY", "Delivery",
    )  # fmt: skip
    entries = api.get(f"/api/v1/orders/{order.pk}/timeline/").json()["results"]
    told = [(row["source"], row["kind"], row["code"], row["status"], row["shipment"]) for row in entries]
    assert told == [
        ("carrier", "tracking", "NEW", "pending", parcel.pk),
        ("carrier", "tracking", "DELIVERY", "out_for_delivery", parcel.pk),
        ("system", "shipment_attached", "A1", "", parcel.pk),
    ]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, ["D400", "A2", "A1"]),
        ({"ordering": "created_at"}, ["A1", "A2", "D400"]),
        ({"carrier": "dellin"}, ["D400"]),
        ({"number": "A2"}, ["A2"]),
        ({"status": "delivered"}, ["A1"]),
        ({"finality": "final"}, ["A1"]),
        ({"page_size": "1"}, ["D400"]),
    ],
)
def test_the_list_is_filtered_and_paged(
    api: APIClient, order: Order, couriers: CarrierAccount, query: dict[str, str], numbers: list[str]
) -> None:
    for account, number in ((couriers, "A1"), (couriers, "A2"), (carrier_account("dellin"), "D400")):
        shipments.attach(order.pk, account.pk, number, actor=actors.SYSTEM)
    tracking.apply(couriers, [snapshot("A1", event("COMPLETE"))], order.created_at)

    answer = api.get(PATH, query)

    assert [row["number"] for row in answer.json()["results"]] == numbers
    assert api.get(PATH, {"status": "nonsense"}).status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_the_same_statements_however_many(
    api: APIClient, order: Order, couriers: CarrierAccount, count: int
) -> None:
    for number in range(count):
        shipments.attach(order.pk, couriers.pk, f"A{number}", actor=actors.SYSTEM)
    api.get(PATH)

    with counted() as found:
        assert len(api.get(PATH).json()["results"]) == count

    assert len(found) == 2, found  # token, page


def test_scopes_and_rights(order: Order, couriers: CarrierAccount, program: User, client_of: Client) -> None:
    reader = client_of(program, "read")
    assert (reader.get(PATH).status_code, reader.post(PATH, sent(order, couriers), format="json").status_code) == (
        200,
        403,
    )
    program.groups.clear()
    nobody = client_of(program)
    assert (nobody.get(PATH).status_code, nobody.post(PATH, sent(order, couriers), format="json").status_code) == (
        403,
        403,
    )
    assert Shipment.objects.count() == 0
