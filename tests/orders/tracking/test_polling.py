"""Who is asked about when, in how many statements, and what a carrier tells by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from backoffice.errors import RateLimited, Temporary
from carriers.models import CarrierAccount
from carriers.types import Changed, Page, Reply
from orders import tasks
from orders.models import AssemblyTask, Attention, MarketplaceAccount, Order, Shipment, TimelineEntry
from orders.services import actors
from orders.services.shipping import shipments, tracking
from orders.services.shipping.shipments import Wanted
from sandbox.server import RunningSandbox
from tests.orders.statements import counted
from tests.orders.tracking.parcels import (
    carrier_account,
    dellin,
    event,
    measoft,
    not_found,
    order_of,
    script,
    shop_account,
    snapshot,
    told,
)

pytestmark = pytest.mark.django_db
NEW, OUT = event("NEW"), event("DELIVERY", 2)


@pytest.fixture
def shop() -> MarketplaceAccount:
    return shop_account()


@pytest.fixture
def couriers() -> CarrierAccount:
    return carrier_account(changes="no")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.services.reacting.reactions.consider", lambda rows, **_more: None)
    monkeypatch.setattr("orders.services.reacting.divergence.refresh", lambda ids, **_more: None)


def attached(shop: MarketplaceAccount, account: CarrierAccount, count: int) -> Order:
    order = order_of(shop, f"order {account.pk}")
    wanted = [Wanted(order.pk, account.pk, f"A{number:05}") for number in range(count)]
    shipments.attach_many(wanted, actor=actors.SYSTEM)
    return order


def all_due() -> None:
    Shipment.objects.update(next_poll_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize("batch", [1, 5])
def test_due_parcels_are_asked_about_in_the_carriers_batches(
    shop: MarketplaceAccount, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    attached(shop, couriers, 7)
    Shipment.objects.filter(number="A00006").update(next_poll_at=timezone.now() + timedelta(hours=1))
    carrier = script(monkeypatch, couriers, lambda number: snapshot(number, NEW), batch=batch)

    assert tracking.poll(couriers) == tracking.Applied(told=6, news=6, moved=6)

    assert [len(numbers) for numbers in carrier.asked] == {1: [1] * 6, 5: [5, 1]}[batch]
    assert tracking.poll(couriers) == tracking.Applied()
    assert len(carrier.asked) == {1: 6, 5: 2}[batch]


@pytest.mark.slow
def test_two_thousand_open_parcels_take_a_literal_number_of_statements(
    shop: MarketplaceAccount, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached(shop, couriers, 2000)
    script(monkeypatch, couriers, lambda number: snapshot(number, NEW, OUT), batch=5)
    assert tracking.poll(couriers) == tracking.Applied(told=2000, news=2000, moved=2000)
    all_due()

    with counted() as found:
        assert tracking.poll(couriers) == tracking.Applied(told=2000)

    # what is due; for each thousand the rows and their next times; the account's health
    assert len(found) == 1 + 2 * 2 + 1, [sql[:200] for sql in found]
    assert TimelineEntry.objects.filter(kind="tracking").count() == 4000


def test_a_thousand_without_news_take_four_statements(
    shop: MarketplaceAccount, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached(shop, couriers, 1000)
    script(monkeypatch, couriers, lambda number: snapshot(number, NEW), batch=5)
    tracking.poll(couriers)
    all_due()

    with counted() as found:
        assert tracking.poll(couriers) == tracking.Applied(told=1000)

    assert len(found) == 4, [sql[:200] for sql in found]


@pytest.mark.parametrize("count", [1, 12])
def test_news_take_the_same_statements_however_many(
    shop: MarketplaceAccount, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """In pieces that a statement of SQLite holds."""
    attached(shop, couriers, count)
    script(monkeypatch, couriers, lambda number: snapshot(number, NEW, OUT), batch=5)

    with counted() as found:
        assert tracking.poll(couriers).moved == count

    # due; rows, history, raw texts, entries, shipments with their next times; the account's health
    assert len(found) == 7, [sql[:100] for sql in found]


def test_what_has_no_news_is_planned_by_its_status_in_one_statement(
    shop: MarketplaceAccount, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under way, over for a day, over for too long, and unknown while it is young."""
    attached(shop, couriers, 4)
    words = {"A00000": "DELIVERY", "A00001": "COMPLETE", "A00002": "COMPLETE", "A00003": "DELIVERY"}
    now = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)
    Shipment.objects.update(created_at=now)
    script(
        monkeypatch,
        couriers,
        lambda number: not_found(number) if number == "A00003" else snapshot(number, event(words[number])),
    )
    with time_machine.travel(now, tick=False):
        tracking.poll(couriers)
    Shipment.objects.filter(number="A00002").update(final_at=now - timedelta(days=30))
    before = list(Shipment.objects.order_by("number").values_list("version", "raw_id", "news_at"))
    all_due()

    with time_machine.travel(now + timedelta(minutes=1), tick=False), counted() as found:
        Shipment.objects.update(next_poll_at=now)
        assert tracking.poll(couriers) == tracking.Applied(told=4, problems=1)

    pauses = [moment and moment - now - timedelta(minutes=1) for moment in _planned()]
    assert pauses == [timedelta(minutes=15), timedelta(days=1), None, timedelta(hours=1)]
    assert list(Shipment.objects.order_by("number").values_list("version", "raw_id", "news_at")) == before
    # of the test; due; rows, next times; the account's health
    assert len(found) == 1 + 4, [sql[:100] for sql in found]


def _planned() -> list[datetime | None]:
    return list(Shipment.objects.order_by("number").values_list("next_poll_at", flat=True))


@pytest.mark.parametrize("count", [1, 3])
def test_news_problems_and_silence_together_take_one_statement_more(
    shop: MarketplaceAccount, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    attached(shop, couriers, 3 * count)
    script(monkeypatch, couriers, lambda number: snapshot(number, NEW))
    tracking.poll(couriers)
    all_due()
    words = {0: (NEW,), 2: (NEW, OUT)}

    def answer(number: str) -> Reply:
        told = words.get(int(number[1:]) % 3)
        return snapshot(number, *told) if told else not_found(number)

    script(monkeypatch, couriers, answer)

    with counted() as found:
        assert tracking.poll(couriers) == tracking.Applied(3 * count, count, count, count)

    rows = Shipment.objects.order_by("number").values_list("status", "problem", "version")
    assert list(rows) == [("pending", "", 1), ("pending", "not_found", 2), ("out_for_delivery", "", 2)] * count
    # due; rows, history, raw texts, entries, those that changed, next times of the others; the account's health
    assert len(found) == 8, [sql[:100] for sql in found]


def test_what_came_before_an_error_is_stored_and_the_error_is_noted(
    shop: MarketplaceAccount, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached(shop, couriers, 3)

    def answer(number: str) -> Reply:
        if number == "A00002":
            raise Temporary("down", status=503)
        return snapshot(number, NEW)

    script(monkeypatch, couriers, answer)
    with pytest.raises(Temporary):
        tracking.poll(couriers)

    assert list(Shipment.objects.order_by("number").values_list("status", flat=True)) == [
        "pending",
        "pending",
        "unknown",
    ]
    couriers.refresh_from_db()
    assert "Temporary 503 down" in couriers.last_error
    assert Attention.objects.count() == 0  # for a quarter of an hour that is nobody's business

    CarrierAccount.objects.update(created_at=timezone.now() - timedelta(hours=1))
    couriers.refresh_from_db()
    with pytest.raises(Temporary):
        tracking.poll(couriers)
    assert Attention.objects.get().kind == "sync_failing"

    script(monkeypatch, couriers, lambda number: snapshot(number, NEW))
    couriers.refresh_from_db()
    tracking.poll(couriers)
    assert Attention.objects.get().resolved_at is not None
    couriers.refresh_from_db()
    assert (couriers.last_error, couriers.last_ok_at is not None, couriers.last_news_at is not None) == ("", True, True)


def test_a_used_up_budget_leaves_the_rest_to_the_next_run(
    shop: MarketplaceAccount, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached(shop, couriers, 3)

    def answer(number: str) -> Reply:
        if number == "A00001":
            raise RateLimited("budget")
        return snapshot(number, NEW)

    script(monkeypatch, couriers, answer)

    assert tracking.poll(couriers) == tracking.Applied(told=1, news=1, moved=1)
    couriers.refresh_from_db()
    assert couriers.last_error == ""


def test_next_polls_go_by_status(
    shop: MarketplaceAccount, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached(shop, couriers, 3)
    words = {"A00000": "DELIVERY", "A00001": "ACCEPTED", "A00002": "COMPLETE"}
    script(monkeypatch, couriers, lambda number: snapshot(number, event(words[number])))
    now = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)

    with time_machine.travel(now, tick=False):
        tracking.poll(couriers)

    pauses = [
        moment - now for moment in Shipment.objects.order_by("number").values_list("next_poll_at", flat=True) if moment
    ]
    assert pauses == [timedelta(minutes=15), timedelta(hours=2), timedelta(days=1)]


def test_changes_are_stored_first_and_committed_after(
    shop: MarketplaceAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    couriers = carrier_account()
    attached(shop, couriers, 2)
    carrier = script(monkeypatch, couriers, not_found)
    page = Page(snapshots=(snapshot("A00000", NEW), snapshot("FOREIGN", NEW)), cursor="place 1", more=True)
    carrier.pages = [page, Page(cursor="place 2")]
    seen: list[str] = []
    monkeypatch.setattr(carrier, "commit", lambda page: seen.append(Shipment.objects.get(number="A00000").status))

    applied = tracking.pull_changes(couriers)

    assert applied == tracking.Applied(told=1, news=1, moved=1)
    assert (carrier.cursors, seen) == (["", "place 1"], ["pending", "pending"])
    couriers.refresh_from_db()
    assert couriers.cursors["changes"] == "place 2"
    assert tracking.pull_changes(couriers) == tracking.Applied()  # not before its time
    assert carrier.pages == []


def test_a_page_that_cannot_be_committed_comes_again_and_changes_nothing(
    shop: MarketplaceAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    couriers = carrier_account()
    attached(shop, couriers, 1)
    carrier = script(monkeypatch, couriers, not_found)
    carrier.pages = [Page(snapshots=(snapshot("A00000", NEW),))] * 2

    def fail(page: Page) -> None:
        raise Temporary("down")

    monkeypatch.setattr(carrier, "commit", fail)
    with pytest.raises(Temporary):
        tracking.pull_changes(couriers)
    monkeypatch.setattr(carrier, "commit", lambda page: None)
    assert tracking.pull_changes(couriers) == tracking.Applied(told=1)
    assert TimelineEntry.objects.filter(kind="tracking").count() == 1


def test_what_is_only_named_is_asked_about_next(shop: MarketplaceAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    account = carrier_account("dellin")
    account.credentials = {"appkey": "k", "pat": "p"}
    account.save()
    order = attached(shop, account, 1)
    Shipment.objects.update(number="400267443", next_poll_at=timezone.now() + timedelta(hours=6))
    carrier = script(monkeypatch, account, not_found)
    carrier.pages = [Page(changed=(Changed("400267443"), Changed("999", own_number=order.external_id)))]

    tracking.pull_changes(account)

    due = Shipment.objects.filter(next_poll_at__lte=timezone.now())
    assert sorted(due.values_list("number", flat=True)) == ["400267443", "999"]  # the second is the order's own


def test_the_sweep_has_open_and_recent_parcels_asked_about(shop: MarketplaceAccount, couriers: CarrierAccount) -> None:
    attached(shop, couriers, 4)
    now = timezone.now()
    old, names = now - timedelta(days=2), ["A00000", "A00001", "A00002", "A00003"]
    Shipment.objects.update(next_poll_at=None, checked_at=old)
    Shipment.objects.filter(number=names[1]).update(finality="final", final_at=old)
    Shipment.objects.filter(number=names[2]).update(finality="final", final_at=now - timedelta(days=30))
    Shipment.objects.filter(number=names[3]).update(checked_at=now)

    assert tracking.sweep(couriers) == 2
    due = Shipment.objects.exclude(next_poll_at=None).order_by("number")
    assert list(due.values_list("number", flat=True)) == names[:2]


def test_parcels_of_measoft_come_in_by_number_and_by_what_changed(
    shop: MarketplaceAccount, upstream: RunningSandbox
) -> None:
    box, account = upstream.measoft, measoft(upstream)
    (number,) = box.make(number="1001")
    order = order_of(shop, "1001")
    other = order_of(shop, "1002")
    parcel = shipments.attach(other.pk, account.pk, number, actor=actors.SYSTEM)

    assert tasks.track_parcels(account.pk) == 1
    assert [code for _kind, code, *_rest in told(parcel)] == ["NEW"]
    box.finish(number)
    assert tasks.pull_parcel_changes(account.pk) == 1
    parcel.refresh_from_db()
    assert (parcel.status, parcel.finality) == ("delivered", "final")
    assert [code for _kind, code, *_rest in told(parcel)] == box.codes(number)
    assert box.waiting(str(101)) == []
    assert order.shipments.count() == 0  # the number stands at another order: a person has decided


def test_a_parcel_with_the_number_of_an_order_is_attached_to_it(
    shop: MarketplaceAccount, upstream: RunningSandbox
) -> None:
    upstream.measoft.make(number="1001", steps=3)
    upstream.measoft.make(number="of nobody")
    order = order_of(shop, "1001")

    assert tasks.pull_parcel_changes(measoft(upstream).pk) == 1

    parcel = order.shipments.get()
    assert (parcel.number, parcel.status) == ("1001", "out_for_delivery")
    assert Shipment.objects.count() == 1


def test_a_parcel_may_carry_the_number_of_a_task(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    upstream.measoft.make(number="777")
    order, now = order_of(shop, "group-of-tasks"), timezone.now()
    AssemblyTask.objects.create(
        order=order,
        account=shop,
        external_id="777",
        deadline_at=now,
        created_at=now,
        sweep_at=now,
        marketplace_status={},
    )

    tasks.pull_parcel_changes(measoft(upstream).pk)

    assert order.shipments.get().number == "777"


def test_a_number_of_two_orders_is_attached_to_none_and_asked_about(
    shop: MarketplaceAccount, upstream: RunningSandbox
) -> None:
    upstream.measoft.make(number="1001")
    order_of(shop, "1001")
    order_of(shop_account(), "1001")

    tasks.pull_parcel_changes(measoft(upstream).pk)

    assert (Shipment.objects.count(), Attention.objects.get().facts["problem"]) == (0, "ambiguous")


def test_parcels_of_dellin_come_in_five_a_call(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    box, account = upstream.dellin, dellin(upstream)
    order = order_of(shop, "1001")
    numbers = box.make(count=7, path="pickup_point", steps=6)
    wanted = [Wanted(order.pk, account.pk, number) for number in (*numbers, "555000555")]
    shipments.attach_many(wanted, actor=actors.SYSTEM)

    assert tasks.track_parcels(account.pk) == 7

    states = Shipment.objects.order_by("pk").values_list("status", "problem")
    assert list(states) == [("delivered", "")] * 7 + [("unknown", "not_found")]
    assert len(upstream.calls("statuses_history")) == 2
