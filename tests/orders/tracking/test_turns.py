"""Whose turn it is: those somebody waits for are not held up by thousands, and thousands are not held up by them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from django_q.models import Schedule

from orders import schedules
from orders.enums import Stage
from orders.models import Reaction, Shipment
from orders.services import actors
from orders.services.reacting import acting
from orders.services.shipping import shipments, tracking

from .parcels import event, script, snapshot
from .reacting import NOW, World, world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


def swept(here: World, count: int, *, asked: bool = True) -> None:
    """Parcels that are due for half an hour."""
    old = timezone.now() - timedelta(minutes=30)
    name = "OLD" if asked else "NEVER"
    Shipment.objects.bulk_create(
        Shipment(
            order=here.order, carrier_account=here.couriers, number=f"{name}{number}", next_poll_at=old,
            checked_at=old - timedelta(days=1) if asked else None,
        )
        for number in range(count)
    )  # fmt: skip


def asked_about(here: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The numbers in the order of the carrier's calls."""
    carrier = script(monkeypatch, here.couriers, lambda number: snapshot(number, event("COMPLETE")))
    tracking.poll(here.couriers)
    return [number for call in carrier.asked for number in call]


def test_a_new_parcel_does_not_wait_for_a_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    here = world()
    swept(here, 5)
    shipments.attach(here.order.pk, here.couriers.pk, "FRESH", actor=actors.SYSTEM)

    assert asked_about(here, monkeypatch) == ["FRESH", "OLD0", "OLD1", "OLD2", "OLD3", "OLD4"]


def test_one_that_is_about_to_be_acted_on_is_asked_about_first(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world(stage=Stage.DELIVERING)
    here.rule()
    here.parcel().say("COMPLETE")
    clock.shift(timedelta(minutes=31))
    others = world(number="1002")
    swept(others, 3)
    swept(others, 2, asked=False)
    assert acting.act_due() == 0

    assert asked_about(here, monkeypatch) == ["P-1", "NEVER0", "OLD0", "NEVER1", "OLD1", "OLD2"]
    assert Reaction.objects.get(shipment__number="P-1").state == "waiting"


def test_an_import_of_many_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    here = world()
    swept(here, 4, asked=False)
    swept(here, 2)

    assert asked_about(here, monkeypatch) == ["NEVER0", "OLD0", "NEVER1", "OLD1", "NEVER2", "NEVER3"]


# The sweep is at night ---------------------------------------------------------------------------------------------------


def sweep() -> Schedule:
    return Schedule.objects.get(name="sweep parcels")


def test_the_sweep_begins_at_three_in_the_night() -> None:
    Schedule.objects.all().delete()
    schedules.install()

    assert sweep().next_run == NOW + timedelta(hours=15)  # noon in Moscow
    assert sweep().minutes == 24 * 60
    assert Schedule.objects.get(name="ask about parcels").next_run == NOW


def test_a_sweep_that_was_made_at_noon_is_moved_to_the_night_and_stays_there(clock: time_machine.Traveller) -> None:
    schedules.install()
    Schedule.objects.filter(name="sweep parcels").update(next_run=NOW + timedelta(hours=2))
    schedules.install()
    assert sweep().next_run == NOW + timedelta(hours=15)

    clock.shift(timedelta(hours=15, minutes=1))  # due, and not yet run
    schedules.install()
    assert sweep().next_run == NOW + timedelta(hours=15)
    assert sweep().calculate_next_run() == NOW + timedelta(hours=39)
