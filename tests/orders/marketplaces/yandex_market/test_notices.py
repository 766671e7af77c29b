"""Notifications (contract 2.9)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from backoffice.errors import Invalid
from orders.marketplaces import registry
from orders.marketplaces.base import Notice
from orders.marketplaces.yandex_market import notices


def read(**body: Any) -> Notice:
    return notices.read(json.dumps(body).encode())


def test_a_ping() -> None:
    assert read(notificationType="PING", time="2025-01-01T00:00:00Z") == Notice("PING", ping=True)


@pytest.mark.parametrize(
    "event",
    [
        "ORDER_CREATED",
        "ORDER_CANCELLED",
        "ORDER_STATUS_UPDATED",
        "ORDER_UPDATED",
        "ORDER_CANCELLATION_REQUEST",
        "ORDER_RETURN_CREATED",
        "ORDER_RETURN_STATUS_UPDATED",
    ],
)
def test_what_happened_to_an_order(event: str) -> None:
    found = read(notificationType=event, campaignId=5, orderId=123456789012, status="DELIVERY", updatedAt="2026")

    assert found == Notice(event, orders=("123456789012",))


@pytest.mark.parametrize("event", ["CHAT_CREATED", "GOODS_FEEDBACK_CREATED", "QUESTION_CREATED", "SOMETHING_NEW"])
def test_what_is_not_about_an_order(event: str) -> None:
    assert read(notificationType=event, goodsId=7) == Notice(event)


def test_a_number_of_an_order_that_is_none() -> None:
    assert read(notificationType="ORDER_CREATED", orderId="../etc") == Notice("ORDER_CREATED")
    assert read(notificationType="ORDER_CREATED", orderId="77") == Notice("ORDER_CREATED", orders=("77",))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"PING",
        b"[]",
        b"{}",
        b'{"notificationType": null}',
        b'{"notificationType": ""}',
        b'{"notificationType": {"a": 1}}',
        b"\xff\xfe",
        b"[" * 60_000,
    ],
)
def test_what_is_no_notification(body: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        notices.read(body)

    assert caught.value.code == "notice"


def test_one_that_is_too_large() -> None:
    inside = b'{"notificationType": "PING", "x": "%s"}'
    filler = b"x" * (notices.MOST_BYTES - len(inside) + 2)

    assert notices.read(inside % filler).ping
    with pytest.raises(Invalid) as caught:
        notices.read(inside % (filler + b"x"))

    assert caught.value.code == "too_large"


def test_the_answer() -> None:
    """Contract 2.9: "2025-01-16T10:09:49.759084017Z", nine digits of a second."""
    moment = datetime(2025, 1, 16, 13, 9, 49, 759084, tzinfo=timezone(timedelta(hours=3)))

    assert notices.answer("Мой магазин", moment) == {
        "version": "1.0.0",
        "name": "Мой магазин",
        "time": "2025-01-16T10:09:49.759084000Z",
    }
    assert notices.answer("", datetime(2026, 1, 1, tzinfo=UTC))["time"] == "2026-01-01T00:00:00.000000000Z"


def test_the_registry_hands_both_over() -> None:
    found = registry.notices("yandex_market")

    assert found is not None
    assert (found.read, found.answer) == (notices.read, notices.answer)
