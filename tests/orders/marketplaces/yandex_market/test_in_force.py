"""Whether a change that got no answer is in force: one look at the order (contract 2.5, appendices B and C)."""

from __future__ import annotations

from typing import Any

import pytest

from orders.enums import ActionKind
from orders.marketplaces.base import Outgoing

from .support import bench, business_order, error, order, page, v2_order

DIALECTS = ("business", "v2")


def happened(dialect: str, fields: dict[str, Any], kind: ActionKind, **data: Any) -> bool | None:
    """What one look-up tells of an order that has these fields; those of its delivery are laid over the usual ones."""
    made = order(dialect, 1)
    made["delivery"] |= fields.pop("delivery", {})
    made |= fields
    answer = {"order": made} if dialect == "v2" else page(made)
    this = bench((200, answer), dialect=dialect)
    found = this.provider.has_happened(Outgoing("1", kind, data=data))
    assert len(this.sent) == 1
    return found


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("fields", "accepted", "refused"),
    [
        ({"status": "CANCELLED", "substatus": "USER_CHANGED_MIND"}, True, False),
        ({"status": "DELIVERY", "substatus": "X", "cancelRequested": True}, False, False),
        ({"status": "DELIVERY", "substatus": "X", "cancelRequested": False}, None, True),
    ],
)
def test_a_wish_to_cancel(dialect: str, fields: dict[str, Any], accepted: bool | None, refused: bool | None) -> None:
    assert happened(dialect, dict(fields), ActionKind.ACCEPT_CANCEL) is accepted
    assert happened(dialect, dict(fields), ActionKind.REFUSE_CANCEL) is refused


@pytest.mark.parametrize(("dialect", "day"), [("business", "2026-11-25"), ("v2", "25-11-2026")])
def test_another_day(dialect: str, day: str) -> None:
    first = "2026-11-22" if dialect == "business" else "22-11-2026"
    fields = {"delivery": {"dates": {"fromDate": first, "toDate": day}}}

    assert happened(dialect, dict(fields), ActionKind.MOVE_DATE, date="2026-11-25") is True
    assert happened(dialect, dict(fields), ActionKind.MOVE_DATE, date="2026-11-26") is False


@pytest.mark.parametrize(
    ("dialect", "delivery"),
    [
        ("business", {"type": "PICKUP", "pickup": {"outletStorageLimitDate": "2026-12-10"}}),
        ("v2", {"type": "PICKUP", "outletStorageLimitDate": "10-12-2026"}),
    ],
)
def test_longer_storage(dialect: str, delivery: dict[str, Any]) -> None:
    assert happened(dialect, {"delivery": delivery}, ActionKind.EXTEND_STORAGE, date="2026-12-10") is True
    assert happened(dialect, {"delivery": delivery}, ActionKind.EXTEND_STORAGE, date="2026-12-11") is False


@pytest.mark.parametrize(
    ("dialect", "delivery"),
    [
        ("business", {"tracks": [{"trackCode": "80", "deliveryServiceId": 139}]}),
        ("v2", {"tracks": [{"trackCode": "80", "deliveryServiceId": 139}]}),
        ("v2", {"shipments": [{"tracks": [{"trackCode": "80", "deliveryServiceId": 139}]}]}),
    ],
)
def test_a_track(dialect: str, delivery: dict[str, Any]) -> None:
    assert happened(dialect, {"delivery": delivery}, ActionKind.SEND_TRACK, track=" 80 ", service="139") is True
    assert happened(dialect, {"delivery": delivery}, ActionKind.SEND_TRACK, track="81", service="139") is False
    assert happened(dialect, {}, ActionKind.SEND_TRACK, track="80", service="139") is False


@pytest.mark.parametrize("dialect", DIALECTS)
def test_our_own_number(dialect: str) -> None:
    assert happened(dialect, {"externalOrderId": "WEB-1"}, ActionKind.SET_NUMBER, number="WEB-1") is True
    assert happened(dialect, {"externalOrderId": "WEB-2"}, ActionKind.SET_NUMBER, number="WEB-1") is False
    assert happened(dialect, {}, ActionKind.SET_NUMBER, number="WEB-1") is False


@pytest.mark.parametrize("dialect", DIALECTS)
def test_items_that_stay(dialect: str) -> None:
    assert happened(dialect, {}, ActionKind.CHANGE_ITEMS, items={"11": 2}) is True
    assert happened(dialect, {}, ActionKind.CHANGE_ITEMS, items={"11": 2, "12": 0}) is True
    assert happened(dialect, {}, ActionKind.CHANGE_ITEMS, items={"11": 1}) is False
    assert happened(dialect, {}, ActionKind.CHANGE_ITEMS, items={"11": 2, "12": 1}) is False


@pytest.mark.parametrize("dialect", DIALECTS)
def test_boxes(dialect: str) -> None:
    """As many boxes may hold other things: the layout, which may be sent as often as one likes, goes again."""
    boxes = {"boxesLayout": [{"boxId": 1, "items": []}, {"boxId": 2}], "shipments": [{"boxes": [{"id": 1}, {"id": 2}]}]}
    two = [[{"item": 11, "count": 1}]] * 2

    assert happened(dialect, {"delivery": boxes}, ActionKind.SET_BOXES, boxes=two) is False


@pytest.mark.parametrize("dialect", DIALECTS)
def test_digital_keys(dialect: str) -> None:
    done = {"status": "DELIVERED", "substatus": "DELIVERY_SERVICE_DELIVERED"}

    assert happened(dialect, done, ActionKind.GIVE_DIGITAL) is True
    assert happened(dialect, {}, ActionKind.GIVE_DIGITAL) is None  # the keys may still be on their way


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_cannot_be_told(dialect: str) -> None:
    """Steps and codes are asked about otherwise."""
    assert happened(dialect, {}, ActionKind.DELIVER) is None
    assert happened(dialect, {"items": None}, ActionKind.SET_NUMBER, number="A") is None


def test_an_order_that_is_not_found() -> None:
    track = Outgoing("1", ActionKind.SEND_TRACK, data={"track": "80", "service": "139"})
    new = bench((200, page()), (200, page()))
    old = bench((404, error("Order not found: '1'")), (200, page()), dialect="v2")

    assert new.provider.has_happened(track) is None
    assert old.provider.has_happened(track) is None


def test_a_test_order_is_found_as_well() -> None:
    number = Outgoing("1", ActionKind.SET_NUMBER, data={"number": "A"})
    new = bench((200, page()), (200, page(business_order(1, fake=True, externalOrderId="A"))))
    old = bench(
        (404, error("Order not found: '1'")), (200, page(v2_order(1, fake=True, externalOrderId="A"))), dialect="v2"
    )

    assert new.provider.has_happened(number) is True
    assert old.provider.has_happened(number) is True
