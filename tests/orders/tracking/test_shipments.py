"""Attaching, replacing and detaching parcels."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone, translation
from django_q.models import OrmQ

from backoffice.errors import Conflict, DomainError, Invalid
from carriers.models import CarrierAccount
from orders.enums import ActionKind, Stage
from orders.models import AssemblyTask, MarketplaceAction, Order, Shipment, TimelineEntry
from orders.services import actors, attention
from orders.services.shipping import matching, shipments, telling
from orders.services.shipping.shipments import Attached, Wanted
from sandbox.server import RunningSandbox
from tests.orders.statements import counted
from tests.orders.tracking.parcels import carrier_account, measoft, order_of, shop_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def order() -> Order:
    return order_of(shop_account(), "1001")


@pytest.fixture
def couriers() -> CarrierAccount:
    return carrier_account()


def entries(shipment: Shipment) -> list[tuple[str, str, dict[str, Any]]]:
    return list(TimelineEntry.objects.filter(shipment=shipment).order_by("pk").values_list("kind", "source", "data"))


def test_a_parcel_is_attached_once_told_and_asked_about_at_once(
    order: Order, couriers: CarrierAccount, staff: actors.Actor, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        parcel = shipments.attach(order.pk, couriers.pk, "  MW-1 ", actor=staff)
    again = shipments.attach(order.pk, couriers.pk, "MW-1", actor=staff)

    assert (again.pk, Shipment.objects.count()) == (parcel.pk, 1)
    assert (parcel.number, parcel.created_by, parcel.detached_at) == ("MW-1", staff.user, None)
    assert parcel.next_poll_at is not None
    assert parcel.next_poll_at <= timezone.now()
    told = {"number": "MW-1", "carrier": "measoft", "account": "Couriers"}
    assert entries(parcel) == [("shipment_attached", "staff", told)]
    job = OrmQ.objects.get().task
    assert (job["func"], job["args"]) == ("orders.tasks.track_parcels", (couriers.pk,))


def test_an_order_has_several_parcels_and_a_number_belongs_to_one_order(
    order: Order, couriers: CarrierAccount, staff: actors.Actor
) -> None:
    other = order_of(order.account, "1002")
    shipments.attach(order.pk, couriers.pk, "A1", actor=staff)
    shipments.attach(order.pk, couriers.pk, "A2", actor=staff)

    with pytest.raises(Conflict) as refusal:
        shipments.attach(other.pk, couriers.pk, "A1", actor=staff)

    assert (refusal.value.code, str(refusal.value.message)) == (
        "number_in_use", "The number A1 belongs to order 1001 already.",
    )  # fmt: skip
    assert refusal.value.facts == {"order": order.pk, "number": "A1"}
    assert list(order.shipments.order_by("pk").values_list("number", flat=True)) == ["A1", "A2"]
    assert (other.shipments.count(), TimelineEntry.objects.filter(order=other).count()) == (0, 0)


def test_the_same_number_may_stand_at_another_account(
    order: Order, couriers: CarrierAccount, staff: actors.Actor
) -> None:
    other = order_of(order.account, "1002")
    shipments.attach(order.pk, couriers.pk, "A1", actor=staff)

    assert shipments.attach(other.pk, carrier_account(title="Others").pk, "A1", actor=staff).order == other


@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [
        ("measoft", "", "number"),
        ("measoft", "one\ntwo", "number"),
        ("measoft", "x" * 51, "number"),
        ("dellin", "12", "number"),
        ("dellin", "no digits", "number"),
    ],
)
def test_a_number_that_is_none_is_refused(order: Order, staff: actors.Actor, kind: str, number: str, code: str) -> None:
    account = carrier_account(kind)
    with pytest.raises(Invalid) as refusal:
        shipments.attach(order.pk, account.pk, number, actor=staff)

    assert refusal.value.code == code
    assert (Shipment.objects.count(), TimelineEntry.objects.count()) == (0, 0)


def test_order_and_account_have_to_be_there_and_on(order: Order, couriers: CarrierAccount, staff: actors.Actor) -> None:
    found = [shipments.attach_many([Wanted(*ids, "A1")], actor=staff)[0] for ids in ((0, couriers.pk), (order.pk, 0))]
    CarrierAccount.objects.update(enabled=False)
    found += shipments.attach_many([Wanted(order.pk, couriers.pk, "A1")], actor=staff)

    assert [each.code for each in found if isinstance(each, DomainError)] == ["order", "carrier_account", "account_off"]
    assert Shipment.objects.count() == 0


def test_many_are_attached_in_the_same_statements_each_with_its_outcome(
    order: Order, couriers: CarrierAccount, staff: actors.Actor
) -> None:
    other = order_of(order.account, "1002")
    shipments.attach(order.pk, couriers.pk, "A0", actor=staff)

    wanted = [Wanted(order.pk, couriers.pk, number) for number in ("A0", "A1", "A1", "")]
    wanted += [Wanted(other.pk, couriers.pk, "A1")]
    with counted() as few:
        outcomes = shipments.attach_many(wanted, actor=staff)
    many = [Wanted(order.pk, couriers.pk, f"B{number}") for number in range(20)]
    with counted() as more:
        shipments.attach_many(many, actor=staff)

    shown = [(each.shipment.number, each.fresh) if isinstance(each, Attached) else each.code for each in outcomes]
    assert shown == [("A0", False), ("A1", True), ("A1", False), "number", "number_in_use"]
    # accounts, orders, numbers taken; shipments, entries
    assert (len(few), len(more)) == (5, 5), more


def test_two_who_attach_the_same_number_at_once_get_one_parcel(
    order: Order, couriers: CarrierAccount, staff: actors.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipments.attach(order.pk, couriers.pk, "A1", actor=actors.SYSTEM)
    old: list[dict[Any, Any]] = [{}]
    taken = shipments._taken

    def look(numbers: Any) -> Any:
        """The first one is from before the other was there."""
        return old.pop() if old else taken(numbers)

    monkeypatch.setattr(shipments, "_taken", look)
    found = shipments.attach_many([Wanted(order.pk, couriers.pk, "A1")], actor=staff)

    assert [each.fresh for each in found if isinstance(each, Attached)] == [False]
    assert Shipment.objects.count() == 1


def test_the_database_holds_a_number_once(order: Order, couriers: CarrierAccount) -> None:
    Shipment.objects.create(order=order, carrier_account=couriers, number="A1")
    with pytest.raises(IntegrityError):
        Shipment.objects.create(order=order, carrier_account=couriers, number="A1")


def test_a_parcel_is_detached_with_a_reason_and_may_be_attached_elsewhere(
    order: Order, couriers: CarrierAccount, staff: actors.Actor
) -> None:
    other = order_of(order.account, "1002")
    parcel = shipments.attach(order.pk, couriers.pk, "A1", actor=staff)
    attention.open_one(attention.Question("tracking_problem", f"tracking_problem:{parcel.pk}"))  # type: ignore[arg-type]  # its value

    with pytest.raises(Invalid) as refusal:
        shipments.detach(parcel.pk, "  ", actor=staff)
    parcel.refresh_from_db()
    assert (refusal.value.code, parcel.detached_at) == ("reason", None)

    shipments.detach(parcel.pk, "wrong order", actor=staff)
    again = shipments.detach(parcel.pk, "another reason", actor=staff)

    assert (again.detach_reason, again.next_poll_at) == ("wrong order", None)
    assert [kind for kind, *_rest in entries(parcel)] == ["shipment_attached", "shipment_detached"]
    assert entries(parcel)[1][2]["reason"] == "wrong order"
    assert attention.open_keys([f"tracking_problem:{parcel.pk}"]) == set()
    assert shipments.attach(other.pk, couriers.pk, "A1", actor=staff).order == other
    with pytest.raises(Conflict):
        shipments.detach(0, "x", actor=staff)


def test_a_parcel_is_replaced_by_another_number_or_nothing_changes(
    order: Order, couriers: CarrierAccount, staff: actors.Actor
) -> None:
    other = order_of(order.account, "1002")
    shipments.attach(other.pk, couriers.pk, "TAKEN", actor=staff)
    parcel = shipments.attach(order.pk, couriers.pk, "A1", actor=staff)

    with pytest.raises(Conflict):
        shipments.replace(parcel.pk, "TAKEN", actor=staff)
    parcel.refresh_from_db()
    assert (parcel.detached_at, parcel.replaced_by) == (None, None)
    assert shipments.replace(parcel.pk, "A1", actor=staff).pk == parcel.pk

    new = shipments.replace(parcel.pk, "A2", actor=staff)

    parcel.refresh_from_db()
    assert (parcel.replaced_by, parcel.detach_reason, new.number) == (new, "replaced by A2", "A2")
    assert parcel.detached_at is not None


def with_task(order: Order, substatus: str) -> AssemblyTask:
    now = timezone.now()
    return AssemblyTask.objects.create(
        order=order, account=order.account, external_id=order.external_id, stage=Stage.ASSEMBLING, deadline_at=now,
        created_at=now, sweep_at=now, marketplace_status={"status": "PROCESSING", "substatus": substatus},
    )  # fmt: skip


def test_the_marketplace_is_told_the_number_where_it_takes_it(staff: actors.Actor) -> None:
    order = order_of(shop_account("yandex_market"), "7")
    with_task(order, "STARTED")
    silent, teller = carrier_account(), carrier_account(title="Telling", track_service="1006360")

    shipments.attach(order.pk, silent.pk, "A0", actor=staff)
    assert MarketplaceAction.objects.count() == 0
    parcel = shipments.attach(order.pk, teller.pk, "A1", actor=staff)

    action = MarketplaceAction.objects.get()
    assert (action.kind, action.payload) == (ActionKind.SEND_TRACK, {"data": {"track": "A1", "service": "1006360"}})
    assert telling.tell_tracks([parcel.pk]) == 0
    assert MarketplaceAction.objects.count() == 1


def test_a_number_that_cannot_be_told_is_attached_all_the_same(order: Order, staff: actors.Actor) -> None:
    written = carrier_account()
    CarrierAccount.objects.update(options={**written.options, "track_service": "not a number"})
    yandex = order_of(shop_account("yandex_market"), "7")
    with_task(yandex, "STARTED")
    with_task(order, "STARTED")

    for place, each in enumerate((yandex, order)):
        assert shipments.attach(each.pk, written.pk, f"A{place}", actor=staff).order == each
    assert MarketplaceAction.objects.count() == 0


def test_parcels_are_found_by_the_number_of_the_order(
    order: Order, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    account = measoft(upstream)
    with pytest.raises(Conflict) as refusal:
        matching.match(order.pk, account.pk, actor=staff)
    assert (refusal.value.code, Shipment.objects.count()) == ("no_parcel", 0)

    upstream.measoft.make(number="1001")
    (parcel,) = matching.match(order.pk, account.pk, actor=staff)

    assert (parcel.order, parcel.number) == (order, "1001")
    assert [each.pk for each in matching.match(order.pk, account.pk, actor=staff)] == [parcel.pk]


def test_an_ambiguous_number_attaches_nothing_and_is_asked_about(
    order: Order, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    account = measoft(upstream)
    upstream.measoft.make(number="1001", flags=["ambiguous"])

    with pytest.raises(Conflict) as refusal:
        matching.match(order.pk, account.pk, actor=staff)

    assert (refusal.value.code, Shipment.objects.count()) == ("ambiguous", 0)
    assert order.attention.get().facts == {"number": "1001", "problem": "ambiguous", "carrier": "measoft"}
