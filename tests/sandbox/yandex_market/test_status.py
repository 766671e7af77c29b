"""Transitions of the shop and substatuses of the Market (contract 2.5, 2.6, 2.7; checklist 4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from sandbox.server import RunningSandbox
from tests.sandbox.yandex_market import shape
from tests.sandbox.yandex_market.conftest import CAMPAIGN, Shop, effects, message

MOSCOW = timezone(timedelta(hours=3))
PLACES = (
    "UNPAID/WAITING_USER_INPUT", "PROCESSING/STARTED", "PROCESSING/READY_TO_SHIP", "DELIVERY/DELIVERY_SERVICE_RECEIVED",
    "DELIVERY/USER_RECEIVED", "DELIVERY/DELIVERY_USER_NOT_RECEIVED", "PICKUP/PICKUP_SERVICE_RECEIVED",
    "DELIVERED/DELIVERY_SERVICE_DELIVERED", "DELIVERED/DELIVERED_USER_NOT_RECEIVED", "CANCELLED/SHOP_FAILED",
    "RETURNED/DELIVERY_SERVICE_DELIVERED",
)  # fmt: skip
ALLOWED = {
    ("PROCESSING/STARTED", "DELIVERY"): "DELIVERY/DELIVERY_SERVICE_RECEIVED",
    ("PROCESSING/READY_TO_SHIP", "DELIVERY"): "DELIVERY/DELIVERY_SERVICE_RECEIVED",
    ("DELIVERY/DELIVERY_SERVICE_RECEIVED", "PICKUP"): "PICKUP/PICKUP_SERVICE_RECEIVED",
    ("DELIVERY/DELIVERY_SERVICE_RECEIVED", "DELIVERED"): "DELIVERED/DELIVERY_SERVICE_DELIVERED",
    ("PICKUP/PICKUP_SERVICE_RECEIVED", "DELIVERED"): "DELIVERED/DELIVERY_SERVICE_DELIVERED",
}


def made(box: RunningSandbox, place: str, **more: Any) -> int:
    status, substatus = place.split("/")
    (number,) = box.ym.make(status=status, substatus=substatus, **{"type": "PICKUP", **more})
    return number


@pytest.mark.parametrize("place", PLACES)
def test_every_step_of_the_table_and_no_other(box: RunningSandbox, ym: Shop, place: str) -> None:
    for status in ("PROCESSING", "DELIVERY", "PICKUP", "DELIVERED"):
        number = made(box, place)
        answer = ym.move(number, status)
        target = ALLOWED.get((place, status))
        if target is None:
            message(answer)
            assert (box.ym.place(number), effects(box, number)) == (place, [])
            continue
        assert list(answer.json()) == ["order"]
        assert shape.faults(shape.LEGACY.fields["orders"].fields["[]"], answer.json()["order"]) == []
        assert f"{answer.json()['order']['status']}/{answer.json()['order']['substatus']}" == target
        assert effects(box, number) == [("status", place, target)]


@pytest.mark.parametrize(
    ("place", "status", "words"),
    [
        ("PROCESSING/STARTED", "PICKUP", "No transition found: 'PROCESSING' -> 'PICKUP'"),
        ("PROCESSING/STARTED", "DELIVERED", "No transition found: 'PROCESSING' -> 'DELIVERED'"),
        ("DELIVERY/DELIVERY_SERVICE_RECEIVED", "DELIVERY", "No transition found: 'DELIVERY' -> 'DELIVERY'"),
        ("DELIVERY/USER_RECEIVED", "DELIVERED", "Status change was forbidden for client role = 'SHOP'"),
        ("PROCESSING/STARTED", "RETURNED", "Status not allowed: 'RETURNED'"),
        ("PROCESSING/STARTED", "TELEPORTED", "Status not allowed: 'TELEPORTED'"),
    ],
)
def test_words_of_refusals(box: RunningSandbox, ym: Shop, place: str, status: str, words: str) -> None:
    number = made(box, place)
    assert message(ym.move(number, status)) == words
    assert effects(box, number) == []


def test_finished_orders_are_not_the_shops(box: RunningSandbox, ym: Shop) -> None:
    number = made(box, "DELIVERED/DELIVERY_SERVICE_DELIVERED")
    assert message(ym.move(number, "CANCELLED", "SHOP_FAILED")) == (
        f"No permission to set status 'CANCELLED' for order '{number}' with status 'DELIVERED'"
    )


@pytest.mark.parametrize(
    ("place", "allowed"),
    [
        ("PROCESSING/STARTED", {"SHOP_FAILED", "USER_CHANGED_MIND", "USER_UNREACHABLE", "INCORRECT_PERSONAL_DATA"}),
        ("DELIVERY/DELIVERY_SERVICE_RECEIVED", {"SHOP_FAILED", "USER_CHANGED_MIND", "USER_UNREACHABLE"}),
        ("PICKUP/PICKUP_SERVICE_RECEIVED", {"SHOP_FAILED", "USER_CHANGED_MIND", "USER_UNREACHABLE", "PICKUP_EXPIRED"}),
    ],
)
def test_reasons_to_cancel(box: RunningSandbox, ym: Shop, place: str, allowed: set[str]) -> None:
    for reason in ("SHOP_FAILED", "USER_CHANGED_MIND", "USER_UNREACHABLE", "INCORRECT_PERSONAL_DATA", "PICKUP_EXPIRED",
                   "REPLACING_ORDER"):  # fmt: skip
        number = made(box, place)
        answer = ym.move(number, "CANCELLED", reason)
        if reason in allowed:
            assert (answer.json()["order"]["status"], answer.json()["order"]["substatus"]) == ("CANCELLED", reason)
            assert effects(box, number) == [("status", place, f"CANCELLED/{reason}")]
            continue
        assert message(answer) == (
            f"Cancellation request substatus '{reason}' is not available for status '{place.split('/', maxsplit=1)[0]}' "
            f"and role 'SHOP' for order '{number}'"
        )
        assert effects(box, number) == []


def test_cancel_needs_a_reason(box: RunningSandbox, ym: Shop) -> None:
    number = made(box, "PROCESSING/STARTED")
    assert message(ym.move(number, "CANCELLED")) == "'order.substatus' must not be null (rejected value: null)"
    assert message(ym.of("PUT", number, "/status", {})) == "'order' must not be null (rejected value: null)"
    assert (
        message(ym.of("PUT", number, "/status", {"order": {}}))
        == "'order.status' must not be null (rejected value: null)"
    )
    assert effects(box, number) == []


def test_unreachable_without_the_three_calls(box: RunningSandbox, ym: Shop) -> None:
    number = made(box, "PROCESSING/STARTED")
    box.ym.tune(unreachable_proven=False)
    assert message(ym.move(number, "CANCELLED", "USER_UNREACHABLE")).startswith(
        "Transition 'PROCESSING' -> 'CANCELLED' is not allowed. Reason: three calls"
    )
    assert effects(box, number) == []
    assert ym.move(number, "CANCELLED", "SHOP_FAILED").status_code == 200


def test_ready_to_ship_is_accepted_and_not_required(box: RunningSandbox, ym: Shop) -> None:
    number = made(box, "PROCESSING/STARTED")
    assert ym.move(number, "PROCESSING", "READY_TO_SHIP").json()["order"]["substatus"] == "READY_TO_SHIP"
    assert (
        message(ym.move(number, "PROCESSING", "READY_TO_SHIP")) == "No transition found: 'PROCESSING' -> 'PROCESSING'"
    )
    assert ym.move(number, "DELIVERY").status_code == 200
    box.ym.tune(ready_to_ship=False)
    assert ym.move(made(box, "PROCESSING/STARTED"), "PROCESSING", "READY_TO_SHIP").status_code == 400


def test_the_same_status_again_as_set(box: RunningSandbox, ym: Shop) -> None:
    number = made(box, "DELIVERED/DELIVERY_SERVICE_DELIVERED")
    box.ym.tune(same_status="accept")
    assert ym.move(number, "DELIVERED").status_code == 200
    assert effects(box, number) == []


def test_pickup_is_for_pickup_points(box: RunningSandbox, ym: Shop) -> None:
    number = made(box, "DELIVERY/DELIVERY_SERVICE_RECEIVED", type="DELIVERY")
    assert message(ym.move(number, "PICKUP")) == (
        "Transition 'DELIVERY' -> 'PICKUP' is not allowed. Reason: delivery type is DELIVERY"
    )
    assert effects(box, number) == []
    box.ym.tune(pickup_needs_outlet=False)
    assert ym.move(number, "PICKUP").status_code == 200


def test_companies_only_with_codes_when_set(box: RunningSandbox, ym: Shop) -> None:
    item = {"requiredInstanceTypes": ["CIS"], "price": 5}
    (number,) = box.ym.make(business=True, items=[item])
    box.ym.tune(business_needs_codes=True)
    assert "no cis" in message(ym.move(number, "DELIVERY"))
    assert effects(box, number) == []
    ((item_id, codes),) = box.ym.codes(number).items()
    ym.of("PUT", number, "/identifiers", {"items": [{"id": item_id, "instances": codes}]})
    assert ym.move(number, "DELIVERY").status_code == 200


def test_real_delivery_date(box: RunningSandbox, ym: Shop) -> None:
    created = datetime.now(UTC) - timedelta(days=5)
    number = made(box, "DELIVERY/DELIVERY_SERVICE_RECEIVED", created=created.isoformat())
    here = datetime.now(MOSCOW).date()
    late, early = (
        (here + timedelta(days=1)).isoformat(),
        (created.astimezone(MOSCOW).date() - timedelta(days=1)).isoformat(),
    )
    assert (
        message(ym.move(number, "DELIVERED", realDeliveryDate=late)) == f"Delivery date {late} can't be in the future"
    )
    assert message(ym.move(number, "DELIVERED", realDeliveryDate=early)) == (
        "Real delivery date should be from order creation date to current date inclusively"
    )
    assert message(ym.move(number, "DELIVERED", realDeliveryDate="20.11.2026")) == "Type mismatch: '20.11.2026'"
    assert effects(box, number) == []
    day = here - timedelta(days=2)
    answer = ym.move(number, "DELIVERED", realDeliveryDate=day.isoformat())
    assert answer.json()["order"]["delivery"]["dates"]["realDeliveryDate"] == day.strftime("%d-%m-%Y")
    assert ym.one(number)[0]["delivery"]["dates"]["realDeliveryDate"] == day.isoformat()


def test_many_at_once(box: RunningSandbox, ym: Shop) -> None:
    """Partial success inside a 200 (contract 2.5)."""
    good, bad = made(box, "PROCESSING/STARTED"), made(box, "CANCELLED/SHOP_FAILED")
    wrong = made(box, "PROCESSING/STARTED")
    orders = [
        {"id": good, "status": "DELIVERY"},
        {"id": bad, "status": "DELIVERY"},
        {"id": wrong, "status": "PICKUP"},
        {"id": 5, "status": "DELIVERY"},
        {"id": wrong, "status": "CANCELLED", "substatus": "SHOP_FAILED"},
    ]
    answer = ym.call("POST", f"/v2/campaigns/{CAMPAIGN}/orders/status-update", {"orders": orders})
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "OK",
        "result": {
            "orders": [
                {"id": good, "status": "DELIVERY", "substatus": "DELIVERY_SERVICE_RECEIVED", "updateStatus": "OK"},
                {
                    "id": bad,
                    "updateStatus": "ERROR",
                    "errorDetails": f"No permission to set status 'DELIVERY' for order '{bad}' with status 'CANCELLED'",
                },
                {
                    "id": wrong,
                    "updateStatus": "ERROR",
                    "errorDetails": f"No transition found: 'PROCESSING' -> 'PICKUP' (orderId = {wrong})",
                },
                {"id": 5, "updateStatus": "ERROR", "errorDetails": "Order not found: '5'"},
                {"id": wrong, "status": "CANCELLED", "substatus": "SHOP_FAILED", "updateStatus": "OK"},
            ]
        },
    }
    assert effects(box, bad) == []
    assert effects(box, good) == [("status", "PROCESSING/STARTED", "DELIVERY/DELIVERY_SERVICE_RECEIVED")]


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        ([], "'orders' size must be between '1' and '30' (rejected size: '0')"),
        ([{"id": 1, "status": "DELIVERY"}] * 31, "'orders' size must be between '1' and '30' (rejected size: '31')"),
        ([{"status": "DELIVERY"}], "'orders[0].id' must not be null (rejected value: null)"),
        (None, "'orders' must not be null (rejected value: null)"),
    ],
)
def test_wrong_batches(box: RunningSandbox, ym: Shop, orders: Any, words: str) -> None:
    number = made(box, "PROCESSING/STARTED")
    body = {"orders": [{**one, "id": number} if one.get("id") else one for one in orders] if orders else orders}
    assert message(ym.call("POST", f"/v2/campaigns/{CAMPAIGN}/orders/status-update", body)) == words
    assert effects(box, number) == []
