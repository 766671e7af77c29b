"""One parcel whose answer is broken holds up nobody; a carrier that is broken says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from backoffice.errors import Refused, Unreadable
from carriers.types import Reply, Snapshot
from orders.models import Shipment
from orders.services import actors
from orders.services.shipping import matching, shipments, tracking
from orders.services.shipping.shipments import Wanted
from tests.orders.tracking.parcels import carrier_account, event, order_of, script, shop_account, snapshot

pytestmark = pytest.mark.django_db
NEW = event("NEW")


@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize("error", [Unreadable("xml", "half a document"), Refused("34", "no")])
def test_a_broken_answer_of_one_parcel(monkeypatch: pytest.MonkeyPatch, batch: int, error: Exception) -> None:
    couriers = carrier_account(changes="no")
    order = order_of(shop_account(), "1001")
    wanted = [Wanted(order.pk, couriers.pk, f"A{number}") for number in range(7)]
    shipments.attach_many(wanted, actor=actors.SYSTEM)

    def answer(number: str) -> Reply:
        if number == "A2":
            raise error
        return snapshot(number, NEW)

    script(monkeypatch, couriers, answer, batch=batch)

    applied = tracking.poll(couriers)

    assert (applied.told, applied.news, applied.problems) == (7, 6, 1)
    bad = Shipment.objects.get(number="A2")
    assert (bad.problem, bad.status) == ("unreadable", "unknown")
    assert bad.next_poll_at is not None
    assert bad.next_poll_at > timezone.now()


def test_after_five_in_a_row_it_is_the_carrier(monkeypatch: pytest.MonkeyPatch) -> None:
    couriers = carrier_account(changes="no")
    order = order_of(shop_account(), "1001")
    wanted = [Wanted(order.pk, couriers.pk, f"A{number}") for number in range(9)]
    shipments.attach_many(wanted, actor=actors.SYSTEM)

    def answer(number: str) -> Reply:
        raise Unreadable("xml", "half a document")

    carrier = script(monkeypatch, couriers, answer, batch=1)

    with pytest.raises(Unreadable):
        tracking.poll(couriers)

    assert len(carrier.asked) == 6
    assert Shipment.objects.filter(problem="unreadable").count() == 5
    couriers.refresh_from_db()
    assert couriers.last_error


def test_two_parcels_of_one_order_are_both_attached() -> None:
    """One of them alone would speak for the whole order."""
    couriers = carrier_account()
    order_of(shop_account(), "1001")
    told = [
        Snapshot(number=number, current=NEW, meaning=None, events=(), complete=True, own_number="1001")
        for number in ("W-1", "W-2")
    ]

    assert matching.adopt(couriers, told) == 2
    assert matching.adopt(couriers, told) == 0

    assert sorted(Shipment.objects.values_list("number", flat=True)) == ["W-1", "W-2"]


def test_an_answer_that_was_overtaken_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newer of two answers may be the one that was asked for earlier: it is not lost."""
    couriers = carrier_account(changes="no")
    order = order_of(shop_account(), "1001")
    shipments.attach_many([Wanted(order.pk, couriers.pk, "A1")], actor=actors.SYSTEM)
    later = timezone.now()
    Shipment.objects.update(checked_at=later, next_poll_at=later + timedelta(days=1))

    tracking.apply(couriers, [snapshot("A1", NEW)], later - timedelta(seconds=5))

    row = Shipment.objects.get()
    assert (row.status, row.checked_at) == ("unknown", later)
    assert row.next_poll_at is not None
    assert row.next_poll_at <= timezone.now()
