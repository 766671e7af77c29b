"""Days and times of both order models: each in its own format, the other one said clearly; windows and deadlines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.orders.marketplaces.support import Notes

from .pair import BUSINESS, DIALECTS, V2, changed, reason
from .shapes import MOSCOW, Account, business, v2

V2_DATES = [
    ("creationDate", "2026-11-20T10:00:00+03:00", True),
    ("updatedAt", "2026-11-20T10:05:30+03:00", True),
    ("expiryDate", "2026-11-20", True),
    ("delivery.dates.fromDate", "2026-11-22", False),
    ("delivery.dates.toDate", "2026-11-22", False),
    ("delivery.dates.realDeliveryDate", "2026-11-22", False),
    ("delivery.shipments[0].shipmentDate", "2026-11-22", False),
    ("delivery.outletStorageLimitDate", "2026-11-22", False),
]
BUSINESS_DATES = [
    ("creationDate", "20-11-2026 10:00:00", True),
    ("updateDate", "20-11-2026 10:05:30", True),
    ("delivery.dates.fromDate", "22-11-2026", False),
    ("delivery.dates.toDate", "22-11-2026", False),
    ("delivery.dates.realDeliveryDate", "22-11-2026", False),
    ("delivery.shipment.shipmentDate", "22-11-2026", False),
    ("delivery.pickup.outletStorageLimitDate", "22-11-2026", False),
]
SAID = "is written in the format of the other order model;"


@pytest.mark.parametrize(("path", "value", "moment"), V2_DATES, ids=[path for path, _, _ in V2_DATES])
def test_a_date_of_the_business_model_in_v2_is_said_clearly(path: str, value: str, moment: bool) -> None:
    form = "DD-MM-YYYY HH:MM:SS" if moment else "DD-MM-YYYY"
    said = reason(v2, changed(V2, path, value))
    assert said == f"{path.replace('shipments[0]', 'shipments')} {SAID} {form} was expected here."


@pytest.mark.parametrize(("path", "value", "moment"), BUSINESS_DATES, ids=[path for path, _, _ in BUSINESS_DATES])
def test_a_date_of_v2_in_the_business_model_is_said_clearly(path: str, value: str, moment: bool) -> None:
    form = "YYYY-MM-DDTHH:MM:SS+03:00" if moment else "YYYY-MM-DD"
    assert reason(business, changed(BUSINESS, path, value)) == f"{path} {SAID} {form} was expected here."


@pytest.mark.parametrize(
    ("value", "kept"),
    [("25-11-2026 11:14:43", "2026-11-25T08:14:43+00:00"), ("25-11-2026", "2026-11-25"), (None, ""), ("soon", "")],
)
def test_until_when_an_order_waits_in_both_forms(value: Any, kept: str) -> None:
    facts = v2(changed(V2, "expiryDate", value)).facts

    assert facts is not None
    assert facts.expires_at == kept


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("delivery.dates.fromDate", "32-11-2026"),
        ("delivery.dates.toDate", "01-01-0001"),
        ("delivery.dates.toTime", "25:00"),
        ("updatedAt", "now"),
        ("delivery.shipments[0].shipmentTime", "example"),
    ],
)
def test_other_nonsense_is_counted_and_left_out(path: str, value: str) -> None:
    notes = Notes()

    task = v2(changed(V2, path, value), notes)

    assert task.external_id == "4711"
    assert [(place, kind, name.split("=")[1]) for place, kind, name in notes.drift] == [("order", "value", value)]


def window(**dates: Any) -> tuple[datetime | None, datetime | None] | None:
    found = v2(changed(V2, "delivery.dates", dates)).window
    return (found.start, found.end) if found else None


def day(number: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, number, hour, minute, second, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("dates", "found"),
    [
        ({"fromDate": "22-11-2026"}, (day(22), None)),
        ({"fromDate": "22-11-2026", "toDate": "22-11-2026"}, (day(22), None)),
        ({"fromDate": "22-11-2026", "toDate": "24-11-2026"}, (day(22), day(24, 23, 59, 59))),
        ({"fromDate": "22-11-2026", "fromTime": "9:00", "toTime": "23:59"}, (day(22, 9), day(22, 23, 59))),
        ({"fromDate": "22-11-2026", "fromTime": "12:00:00", "toTime": "12:00:00"}, (day(22, 12), day(22, 12))),
        ({"fromDate": "22-11-2026", "fromTime": "22:00", "toTime": "00:00"}, (day(22, 22), day(23))),
        ({"fromDate": "22-11-2026", "toDate": "21-11-2026"}, None),
        ({}, None),
    ],
)
def test_delivery_windows(dates: dict[str, str], found: Any) -> None:
    assert window(**dates) == found


def test_a_window_stands_in_the_zone_of_the_account() -> None:
    zone = ZoneInfo("Asia/Yekaterinburg")
    found = v2(V2, account=Account(zone=zone)).window

    assert found is not None
    assert found.start == datetime(2026, 11, 22, 10, tzinfo=zone)


@DIALECTS
def test_deadlines(read: Any, order: dict[str, Any]) -> None:
    """The hand-over to the delivery until it has happened, then the end of the window; a day without either."""
    parcel = "delivery.shipments" if read is v2 else "delivery.shipment"

    assert read(order).deadline_at == day(21, 16)
    assert read(changed(order, "status", "DELIVERY")).deadline_at == day(22, 18)
    bare = changed(changed(order, parcel, None), "delivery.dates", {})
    assert read(bare).deadline_at == read(order).created_at + timedelta(hours=24)
    assert read(bare, account=Account(deadline_hours=2.5)).deadline_at == day(20, 12, 30)
