"""A parcel is reached by whatever number it was attached by: in polls, and where its carrier tells what changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from carriers.models import CarrierAccount
from carriers.types import ASKED_AS, Changed, Page, Reply
from orders import tasks
from orders.models import Attention, Order, Shipment, TimelineEntry
from orders.services import actors
from orders.services.shipping import matching, shipments, tracking
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
)

pytestmark = pytest.mark.django_db
NEW, OUT = event("NEW"), event("DELIVERY", 2)


@pytest.fixture
def order() -> Order:
    return order_of(shop_account(), "1001")


@pytest.fixture
def couriers() -> CarrierAccount:
    return carrier_account()


def attached(order: Order, account: CarrierAccount, *numbers: str) -> None:
    shipments.attach_many([Wanted(order.pk, account.pk, number) for number in numbers], actor=actors.SYSTEM)


def states() -> dict[str, str]:
    return dict(Shipment.objects.values_list("number", "status"))


@pytest.mark.parametrize("kind", ["number", "code", "barcode"])
def test_measoft_by_each_of_its_numbers(upstream: RunningSandbox, kind: str) -> None:
    """By the barcode nothing can be asked for: the changes find it, and from then on it is asked for by its order number."""
    box, account, order = upstream.measoft, measoft(upstream), order_of(shop_account(), "MW-5")
    (number,) = box.make(number="MW-5", fields={"barcode": "AWB-77"})
    name = {"number": number, "code": str(box.parcel(number)["id"]), "barcode": "AWB-77"}[kind]
    attached(order, account, name)

    tasks.track_parcels(account.pk)
    assert states() == {name: "unknown" if kind == "barcode" else "pending"}
    box.advance(number, "DELIVERY")
    tasks.pull_parcel_changes(account.pk)
    assert states() == {name: "out_for_delivery"}

    box.advance(number, "COMPLETE")
    Shipment.objects.update(next_poll_at=timezone.now() - timedelta(seconds=1))
    tasks.track_parcels(account.pk)
    assert states() == {name: "delivered"}
    row = Shipment.objects.get()
    assert (row.problem, row.details.get(ASKED_AS)) == ("", None if kind == "number" else "MW-5")


def test_a_parcel_that_is_attached_by_its_waybill_is_not_attached_again(
    upstream: RunningSandbox,
) -> None:
    order = order_of(shop_account(), "MW-5")
    box, account = upstream.measoft, measoft(upstream)
    box.make(number="MW-5", fields={"barcode": "AWB-77"})
    attached(order, account, "AWB-77")

    tasks.pull_parcel_changes(account.pk)

    assert states() == {"AWB-77": "pending"}


def test_a_number_that_is_anothers_order_number_is_left_alone(
    order: Order, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code of one parcel may be the number of another one, which has been told of by it."""
    attached(order, couriers, "77")
    carrier = script(monkeypatch, couriers, lambda number: snapshot(number, NEW))
    tracking.poll(couriers)

    carrier.pages = [Page(snapshots=(snapshot("88", OUT, aliases=("77", "AWB-8")),))]
    tracking.pull_changes(couriers)

    assert states() == {"77": "pending"}
    assert TimelineEntry.objects.filter(kind="tracking").count() == 1


def test_what_is_told_by_its_own_number_goes_before_another_ones_alias(
    order: Order, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached(order, couriers, "77", "AWB-8")
    carrier = script(monkeypatch, couriers, not_found)
    carrier.pages = [Page(snapshots=(snapshot("88", OUT, aliases=("77", "AWB-8")), snapshot("77", NEW)))]

    assert tracking.pull_changes(couriers).told == 2

    assert states() == {"77": "pending", "AWB-8": "out_for_delivery"}


def test_it_is_asked_for_by_the_number_that_is_known_and_both_ways_back(
    order: Order, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached(order, couriers, "AWB-8", "88", "99")
    Shipment.objects.filter(number="AWB-8").update(details={ASKED_AS: "88"})
    asked = []

    def answer(number: str) -> Reply:
        asked.append(number)
        return snapshot(number, NEW) if number == "88" else not_found(number)

    script(monkeypatch, couriers, answer, batch=5)

    assert tracking.poll(couriers).told == 3

    assert sorted(asked) == ["88", "99"]
    assert states() == {"AWB-8": "pending", "88": "pending", "99": "unknown"}
    kept = dict(Shipment.objects.values_list("number", "details"))
    assert kept == {"AWB-8": {ASKED_AS: "88"}, "88": {}, "99": {}}


@pytest.mark.parametrize("count", [1, 12])
def test_changes_take_the_same_statements_however_many(
    order: Order, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    names = [f"AWB-{number:03}" for number in range(count)]
    attached(order, couriers, *names)
    told = tuple(snapshot(f"MW-{name}", NEW, aliases=(name,)) for name in names)

    with counted() as found:
        assert len(matching.addressed(couriers, told)) == 2 * count

    assert len(found) == 1


def test_a_change_of_dellin_names_the_waybill_of_a_parcel(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    account = carrier_account("dellin")
    account.credentials = {"appkey": "k", "pat": "p"}
    account.save()
    attached(order, account, "16-001")
    Shipment.objects.update(next_poll_at=timezone.now() + timedelta(hours=6))
    carrier = script(monkeypatch, account, not_found)
    carrier.pages = [Page(changed=(Changed("400267443", order.external_id, aliases=("16-001",)),))]

    tracking.pull_changes(account)

    assert list(Shipment.objects.filter(next_poll_at__lte=timezone.now()).values_list("number", flat=True)) == [
        "16-001"
    ]


def test_parcels_of_dellin_by_waybills_are_told_whether_they_went_back(order: Order, upstream: RunningSandbox) -> None:
    box, account = upstream.dellin, dellin(upstream, token=True)
    (back,) = box.make(path="pickup_point", fields={"others": ["16-001"]})
    (gone,) = box.make(path="pickup_point", fields={"others": ["16-002"]})
    for number in (back, gone):
        box.finish(number)
    box.act(back, "give_back")
    attached(order, account, "16-001", "16-002")

    tasks.track_parcels(account.pk)

    assert states() == {"16-001": "returned", "16-002": "delivered"}
    assert dict(Shipment.objects.values_list("number", "returned")) == {"16-001": True, "16-002": False}
    assert Attention.objects.filter(kind="tracking_problem").count() == 0


def test_a_parcel_that_is_searched_for_is_found_by_its_other_number(
    order: Order, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached(order, couriers, "AWB-8")
    script(monkeypatch, couriers, lambda number: snapshot(number, NEW, own_number="1001", aliases=("AWB-8",)))

    (found,) = matching.match(order.pk, couriers.pk, actor=actors.SYSTEM)

    assert (found.number, Shipment.objects.count()) == ("AWB-8", 1)


def test_a_parcel_that_is_told_under_our_own_number_is_attached_by_itself(couriers: CarrierAccount) -> None:
    order = order_of(shop_account("yandex_market"), "1001")
    Order.objects.filter(pk=order.pk).update(data={"facts": {"own_number": "OWN-1"}})
    told = [snapshot("MS-1", NEW, own_number="OWN-1"), snapshot("MS-2", NEW, own_number="OWN")]

    assert matching.adopt(couriers, told) == 1

    assert list(Shipment.objects.values_list("number", "order")) == [("MS-1", order.pk)]
