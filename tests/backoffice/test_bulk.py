"""Many rows in one statement: the same rows as the ORM writes, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DataError, IntegrityError, transaction
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from pytest_django import DjangoAssertNumQueries

from backoffice import bulk
from backoffice.models import Lease, RawPayload
from carriers.statuses import Finality, TrackingStatus
from orders.models import Buyer, Order, Shipment
from tests.orders.tracking.parcels import carrier_account, order_of, shop_account

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 9, 30, 15, 123456, tzinfo=UTC)
RAW = ("upstream", "account_id", "endpoint", "subject", "body", "size", "received_at", "expires_at", "error")
AWKWARD = "Ёж «'\"\\ %s {} \t\n🙂 \\x41"


def raw(subject: str, **fields: Any) -> tuple[Any, ...]:
    told = {"upstream": "measoft", "account_id": 1, "endpoint": "track", "body": b"\x00\xff\\x", "size": 4, "error": ""}
    told |= {"received_at": NOW, "expires_at": None, "subject": subject}
    return tuple((told | fields)[name] for name in RAW)


def shipment(order: Order, number: str) -> Shipment:
    return Shipment.objects.create(order=order, carrier_account=carrier_account(title=number), number=number)


@pytest.mark.parametrize("count", [1, 30])
def test_rows_are_stored_as_they_are_and_told_by_their_keys(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [raw(f"{n} {AWKWARD}", size=n, expires_at=NOW if n % 2 else None) for n in range(count)]
    with django_assert_num_queries(1):
        ids = bulk.insert(RawPayload, RAW, rows)

    stored = RawPayload.objects.in_bulk(ids)
    assert [stored[pk].subject for pk in ids] == [f"{n} {AWKWARD}" for n in range(count)]
    for pk, row in zip(ids, rows, strict=True):
        assert tuple(bytes(value) if name == "body" else value for name, value in _values(stored[pk])) == row


def _values(row: RawPayload) -> list[tuple[str, Any]]:
    return [(name, getattr(row, name)) for name in RAW]


def test_nothing_costs_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert bulk.insert(RawPayload, RAW, []) == []
        bulk.insert_new(Lease, ("name", "holder", "until"), [])
        bulk.update([], ["status"])


def test_kinds_of_text_that_are_no_plain_text() -> None:
    (pk,) = bulk.insert(RawPayload, RAW, [raw(mark_safe("<b>"), error=gettext_lazy("Cancel"), upstream=Finality.FINAL)])
    row = RawPayload.objects.get(pk=pk)
    assert (row.subject, row.error, row.upstream) == ("<b>", "Cancel", "final")


def test_rows_that_are_known_are_left_out_and_left_alone(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    names = ("name", "holder", "until")
    bulk.insert_new(Lease, names, [("a", "first", NOW)])
    with django_assert_num_queries(1):
        bulk.insert_new(Lease, names, [("a", "second", NOW), ("b", "second", NOW), ("b", "third", NOW)])
    assert list(Lease.objects.order_by("name").values_list(*names)) == [("a", "first", NOW), ("b", "second", NOW)]

    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(Lease, names, [("c", "", NOW), ("a", "", NOW)])
    assert Lease.objects.count() == 2


def test_a_text_too_long_for_its_column_is_refused_whole() -> None:
    """SQLite knows no lengths."""
    rows = [raw("fits"), raw("x" * 81)]
    if transaction.get_connection().vendor == "sqlite":
        assert len(bulk.insert(RawPayload, RAW, rows)) == 2
        return
    with pytest.raises(DataError), transaction.atomic():
        bulk.insert(RawPayload, RAW, rows)
    assert RawPayload.objects.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_attributes_are_written_and_no_others(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    order = order_of(shop_account(), "1001")
    rows = [shipment(order, f"P{n}") for n in range(count + 1)]
    *changed, left = rows
    (pk,) = bulk.insert(RawPayload, RAW, [raw("answer")])
    for n, row in enumerate(changed):
        row.status, row.finality, row.returned = TrackingStatus.DELIVERED, Finality.FINAL, None if n else True
        row.delivered_on, row.details, row.raw_id = date(2026, 11, n + 1), {"place": AWKWARD, "n": [n, None]}, pk
        row.changed_at, row.raw_title, row.number = NOW, AWKWARD, "not written"

    names = ["status", "finality", "returned", "delivered_on", "details", "raw_id", "changed_at", "raw_title"]
    with django_assert_num_queries(1):
        bulk.update(changed, names)

    for n, row in enumerate(changed):
        told = {name: getattr(row, name) for name in names}
        row.refresh_from_db()
        assert {name: getattr(row, name) for name in names} == told
        assert row.number == f"P{n}"
    left.refresh_from_db()
    assert (left.status, left.details, left.raw_id, left.number) == ("unknown", {}, None, f"P{count}")


def test_what_is_encrypted_stays_so() -> None:
    """A row whose key is another row's, and a value that no database can read."""
    order = order_of(shop_account(), "1001")
    buyer = Buyer.objects.create(order=order, name={"first": "Anna"})
    buyer.name = {"first": AWKWARD}
    bulk.update([buyer], ["name"])

    buyer.refresh_from_db()
    assert buyer.name == {"first": AWKWARD}
    buyer.name = {}
    bulk.update([buyer], ["name"])
    buyer.refresh_from_db()
    assert not buyer.name
