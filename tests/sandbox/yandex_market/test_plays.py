"""The buyer and the Market: cancellations, arbitration, returns, what happens by itself (contract 2.5, 2.6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.server import RunningSandbox, start
from sandbox.yandex_market.machine import PLAYS, CannotPlay
from tests.sandbox.yandex_market.conftest import Shop, effects, message

SENT = "DELIVERY/DELIVERY_SERVICE_RECEIVED"
DONE = "DELIVERED/DELIVERY_SERVICE_DELIVERED"


@pytest.mark.parametrize(
    ("place", "plays"),
    [
        ("UNPAID/WAITING_USER_INPUT", ["pay", "cancel", "expire", "market_cancel"]),
        ("PROCESSING/STARTED", ["cancel", "market_cancel"]),
        (SENT, ["request_cancel", "refuse", "user_received", "arbitrate", "market_cancel"]),
        ("DELIVERY/USER_RECEIVED", ["request_cancel", "confirm", "market_cancel"]),
        ("DELIVERY/DELIVERY_USER_NOT_RECEIVED", ["request_cancel", "win", "lose", "market_cancel"]),
        ("PICKUP/PICKUP_SERVICE_RECEIVED", ["request_cancel", "refuse", "expire", "market_cancel"]),
        (DONE, ["return", "partial_return", "arbitrate"]),
        ("DELIVERED/DELIVERED_USER_NOT_RECEIVED", ["win", "lose"]),
        ("PARTIALLY_RETURNED/DELIVERY_SERVICE_DELIVERED", ["return"]),
        ("CANCELLED/SHOP_FAILED", []),
    ],
)
def test_only_what_makes_sense_is_offered(box: RunningSandbox, place: str, plays: list[str]) -> None:
    status, substatus = place.split("/")
    (number,) = box.ym.make(status=status, substatus=substatus, items=[{"count": 2}])
    assert box.ym.order(number)["plays"] == plays
    for name in PLAYS.keys() - set(plays):
        with pytest.raises(CannotPlay):
            box.ym.play(number, name)
    assert effects(box, number) == []


@pytest.mark.parametrize(
    ("place", "play", "after"),
    [
        ("UNPAID/WAITING_USER_INPUT", "pay", "PROCESSING/STARTED"),
        ("UNPAID/WAITING_USER_INPUT", "expire", "CANCELLED/USER_NOT_PAID"),
        ("PROCESSING/STARTED", "cancel", "CANCELLED/USER_CHANGED_MIND"),
        (SENT, "refuse", "CANCELLED/USER_REFUSED_PRODUCT"),
        (SENT, "user_received", "DELIVERY/USER_RECEIVED"),
        ("DELIVERY/USER_RECEIVED", "confirm", DONE),
        ("PICKUP/PICKUP_SERVICE_RECEIVED", "expire", "CANCELLED/PICKUP_EXPIRED"),
        (SENT, "arbitrate", "DELIVERY/DELIVERY_USER_NOT_RECEIVED"),
        ("DELIVERY/DELIVERY_USER_NOT_RECEIVED", "win", DONE),
        ("DELIVERY/DELIVERY_USER_NOT_RECEIVED", "lose", "CANCELLED/DELIVERY_USER_NOT_RECEIVED"),
        (DONE, "arbitrate", "DELIVERED/DELIVERED_USER_NOT_RECEIVED"),
        ("DELIVERED/DELIVERED_USER_NOT_RECEIVED", "win", DONE),
        ("DELIVERED/DELIVERED_USER_NOT_RECEIVED", "lose", "CANCELLED/DELIVERED_USER_NOT_RECEIVED"),
        (DONE, "return", "RETURNED/DELIVERY_SERVICE_DELIVERED"),
        ("PROCESSING/STARTED", "market_cancel", "CANCELLED/TECHNICAL_ERROR"),
    ],
)
def test_where_plays_lead(box: RunningSandbox, ym: Shop, place: str, play: str, after: str) -> None:
    status, substatus = place.split("/")
    (number,) = box.ym.make(status=status, substatus=substatus, type="PICKUP")
    box.advance(60)
    box.ym.play(number, play)
    assert effects(box, number) == [("status", place, after)]
    assert box.ym.effects(number)[-1]["call"] is None
    business, legacy = ym.one(number)
    assert (business["status"], legacy["substatus"]) == tuple(after.split("/"))
    assert business["updateDate"] > business["creationDate"]


def test_cancel_request_accepted(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(status="DELIVERY")
    box.ym.play(number, "request_cancel")
    business, legacy = ym.one(number)
    assert (business["cancelRequested"], legacy["cancelRequested"]) == (True, True)
    assert ym.of("PUT", number, "/cancellation/accept", {"accepted": True}).json() == {"status": "OK"}
    assert effects(box, number) == [
        ("cancellation", None, "requested"),
        ("cancellation", "requested", "accepted"),
        ("status", SENT, "CANCELLED/USER_CHANGED_MIND"),
    ]
    assert ym.one(number)[0]["cancelRequested"] is False


def test_cancel_request_declined(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(status="DELIVERY", cancel_requested=True)
    for body, words in (
        ({}, "'accepted' must not be null (rejected value: null)"),
        ({"accepted": False}, "'reason' must not be null (rejected value: null)"),
        ({"accepted": False, "reason": "NO_WISH"}, "Illegal input at 'reason'"),
        ({"accepted": "yes"}, "Type mismatch: 'yes'"),
    ):
        assert message(ym.of("PUT", number, "/cancellation/accept", body)) == words
    assert effects(box, number) == []
    answer = ym.of("PUT", number, "/cancellation/accept", {"accepted": False, "reason": "ORDER_DELIVERED"})
    assert answer.json() == {"status": "OK"}
    assert effects(box, number) == [("cancellation", "requested", "declined: ORDER_DELIVERED")]
    assert box.ym.place(number) == SENT
    assert message(ym.of("PUT", number, "/cancellation/accept", {"accepted": True})) == (
        f"Action is not allowed for order '{number}' with status 'DELIVERY' and substatus 'DELIVERY_SERVICE_RECEIVED'"
    )
    box.advance(3 * 86400)
    assert box.ym.place(number) == SENT


def test_unanswered_for_48_hours(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(status="PICKUP", type="PICKUP")
    box.ym.play(number, "request_cancel")
    asked = box.yandex.world.orders[number].cancel_asked
    box.advance(48 * 3600 - 60)
    assert box.ym.place(number) == "PICKUP/PICKUP_SERVICE_RECEIVED"
    assert ym.business_ids(waitingForCancellationApprove=True) == [number]
    box.advance(3600)
    assert ym.business_ids(waitingForCancellationApprove=True) == []
    assert effects(box, number)[-1] == ("status", "PICKUP/PICKUP_SERVICE_RECEIVED", "CANCELLED/USER_CHANGED_MIND")
    found = box.yandex.world.orders[number]
    assert asked is not None
    assert found.updated == asked + 48 * 3600
    assert box.ym.effects(number)[-1]["call"] is None


def test_delivered_in_time_is_not_cancelled(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(status="DELIVERY", cancel_requested=True)
    ym.move(number, "DELIVERED")
    box.advance(3 * 86400)
    assert box.ym.place(number) == DONE


def test_delays_that_are_changed_hold_for_what_waits(box: RunningSandbox) -> None:
    (number,) = box.ym.make(status="DELIVERY", cancel_requested=True)
    box.ym.tune(cancel_after=60)
    box.advance(61)
    assert box.ym.place(number) == "CANCELLED/USER_CHANGED_MIND"


def test_unpaid_for_half_an_hour(box: RunningSandbox, ym: Shop) -> None:
    paid, unpaid = box.ym.make(status="UNPAID", count=2)
    box.ym.play(paid, "pay")
    box.advance(1801)
    assert (box.ym.place(paid), box.ym.place(unpaid)) == ("PROCESSING/STARTED", "CANCELLED/USER_NOT_PAID")
    assert ym.one(unpaid)[1]["paymentType"] == "PREPAID"


def test_a_request_outlives_the_process(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite3"
    with start(data=data) as box:
        (number,) = box.ym.make(status="DELIVERY", cancel_requested=True)
        box.ym.tune(shops=2)
        before = box.ym.order(number)
    with start(data=data) as box:
        assert box.ym.order(number) == before
        assert box.yandex.world.campaigns == [7100001, 7100002]
        assert box.ym.make()[0] > number
        box.advance(48 * 3600)
        assert box.ym.place(number) == "CANCELLED/USER_CHANGED_MIND"


def test_reset_keeps_numbers_rising(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(status="UNPAID")
    box.ym.tune(v1_orders=False)
    box.store.reset()
    assert ym.business_ids() == []
    assert box.ym.make()[0] > number
