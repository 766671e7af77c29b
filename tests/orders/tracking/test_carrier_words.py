"""What MeaSoft says, from its XML into the timeline: entries that are the same, whose parcel it is, clocks, reasons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from backoffice import payloads
from backoffice.models import RawPayload
from carriers.models import CarrierAccount
from carriers.types import ASKED_AS, digest_of
from orders import trackclock, trackwords
from orders.enums import EntryKind, Stage
from orders.models import AssemblyTask, Attention, Order, Reaction, Shipment, TimelineEntry
from orders.services import buyers, timeline
from orders.services.shipping import arrivals, remarks
from orders.services.shipping.parcels import CARRIER
from tests.carriers.measoft.support import answer, bench, order, status
from tests.orders.statements import counted
from tests.orders.tracking.parcels import told
from tests.orders.tracking.reacting import NOW, World, asked, open_reactions, world

pytestmark = pytest.mark.django_db

NEW = ("NEW", "2026-11-25 10:00:00", "2026-11-25 13:00:00")
OUT = ("DELIVERY", "2026-11-26 07:00:00", "2026-11-26 10:00:00")
DONE = ("COMPLETE", "2026-11-26 18:00:00", "2026-11-26 12:40:00")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller, translation.override("en"):
        yield traveller


def hear(account: CarrierAccount, number: str, *answers: str) -> None:
    """One poll of a parcel, through the provider."""
    arrivals.apply(account, bench(*answers).carrier.track([number]), timezone.now())


def words(*rows: tuple[str, str, str], place: str = "Москва", **parts: str) -> str:
    told_rows = [status(*row, eventstore=place) if place else status(*row) for row in rows]
    return answer(order("P-1", told_rows[-1], *told_rows, **parts))


# The same entry -----------------------------------------------------------------------------------------------------
def test_an_answer_without_places_brings_nothing_and_takes_nothing_back(clock: time_machine.Traveller) -> None:
    parcel = world(stage=Stage.DELIVERING).parcel(under_way=False)
    hear(parcel.account, "P-1", words(NEW, OUT))
    before = told(parcel.shipment)

    for place in ("", "Москва"):
        clock.shift(timedelta(minutes=5))
        hear(parcel.account, "P-1", words(NEW, OUT, place=place))

    assert before == told(parcel.shipment)
    assert before == [("tracking", "NEW", "pending", False), ("tracking", "DELIVERY", "out_for_delivery", False)]


def stored_before(parcel: Shipment, *rows: tuple[str, str, str], place: str = "Москва") -> None:
    """Entries as they were written when a key was made of all that a server tells."""
    facts = []
    for code, gmt, local in rows:
        happened = datetime.fromisoformat(gmt).replace(tzinfo=UTC)
        key = digest_of("measoft", code, str(happened), str(datetime.fromisoformat(local)), place)
        facts.append(
            timeline.Fact(
                parcel.order_id, EntryKind.TRACKING, CARRIER, key, shipment_id=parcel.pk, code=code,
                status="pending" if code == "NEW" else "out_for_delivery", data={"key": key}, happened_at=happened,
            )
        )  # fmt: skip
    timeline.record(facts)


@pytest.mark.parametrize("place", ["Москва", ""])
def test_entries_with_keys_of_before_are_known_by_their_word_and_time(place: str) -> None:
    parcel = world(stage=Stage.DELIVERING).parcel(under_way=False)
    stored_before(parcel.shipment, NEW, OUT)

    hear(parcel.account, "P-1", words(NEW, OUT, DONE, place=place))

    assert [(kind, code) for kind, code, _status, _correction in told(parcel.shipment)] == [
        ("tracking", "NEW"), ("tracking", "DELIVERY"), ("tracking", "COMPLETE"),
    ]  # fmt: skip


def test_one_with_a_key_of_before_is_taken_back_once(clock: time_machine.Traveller) -> None:
    parcel = world(stage=Stage.DELIVERING).parcel(under_way=False)
    stored_before(parcel.shipment, NEW, OUT)

    for _twice in range(2):
        hear(parcel.account, "P-1", words(NEW))
        clock.shift(timedelta(minutes=5))
    hear(parcel.account, "P-1", words(NEW, OUT))

    entries = TimelineEntry.objects.filter(source="carrier").order_by("pk")
    assert list(entries.values_list("kind", "code")) == [
        ("tracking", "NEW"), ("tracking", "DELIVERY"), ("tracking_retracted", "DELIVERY"), ("tracking", "DELIVERY"),
    ]  # fmt: skip


# Whose parcel it is -------------------------------------------------------------------------------------------------
DIGITS = "123456789"


def other(own: str) -> tuple[str, str]:
    """Nothing by the order number; by the courier's code a parcel of another order, delivered."""
    return answer(), answer(order(own, status(*DONE), code=DIGITS))


def digits_parcel(here: World) -> Shipment:
    return Shipment.objects.create(order=here.order, carrier_account=here.couriers, number=DIGITS)


def test_a_parcel_of_another_order_is_not_followed() -> None:
    here = world(stage=Stage.DELIVERING, number=DIGITS)
    here.rule(grace_minutes=0)
    row = digits_parcel(here)

    hear(here.couriers, DIGITS, *other("OTHER-ORDER"))

    row.refresh_from_db()
    assert (row.status, row.raw_status, row.details) == ("unknown", "", {})
    assert row.problem == "ambiguous"
    assert "OTHER-ORDER" in row.problem_detail
    assert (told(row), open_reactions(), asked()) == ([], [], [])


@pytest.mark.parametrize("own", ["A-77", "A-77-2", "T-9", "OWN-5"])
def test_one_that_names_this_order_is(own: str) -> None:
    """By the order's number, one of several parcels of it, by a task of it, by the shop's own number."""
    here = world(stage=Stage.DELIVERING)
    Order.objects.update(external_id="A-77", data={"facts": {"own_number": "OWN-5"}})
    AssemblyTask.objects.update(external_id="T-9")
    row = digits_parcel(here)

    hear(here.couriers, DIGITS, *other(own))

    row.refresh_from_db()
    assert (row.status, row.problem, row.details[ASKED_AS]) == ("delivered", "", own)


@pytest.mark.parametrize("own", ["A-770", "A-7", ""])
def test_names_are_compared_whole(own: str) -> None:
    here = world(stage=Stage.DELIVERING)
    Order.objects.update(external_id="A-77")
    row = digits_parcel(here)

    hear(here.couriers, DIGITS, *other(own))

    row.refresh_from_db()
    assert row.problem == ("ambiguous" if own else "")


def test_one_that_is_followed_by_its_code_already_stays_and_costs_nothing_more() -> None:
    here = world(stage=Stage.DELIVERING)
    row = digits_parcel(here)
    Shipment.objects.filter(pk=row.pk).update(details={ASKED_AS: "OTHER-ORDER"})
    reply = bench(*other("OTHER-ORDER")).carrier.track([DIGITS])
    with counted() as plain:
        arrivals.apply(here.couriers, reply, timezone.now())

    row.refresh_from_db()
    assert (row.status, row.problem) == ("delivered", "")
    assert not any("external_id" in one and 'FROM "orders_order"' in one for one in plain)


# Which text stands behind an entry ------------------------------------------------------------------------------------
def test_each_entry_keeps_the_answer_it_came_with(clock: time_machine.Traveller) -> None:
    parcel = world(stage=Stage.DELIVERING).parcel(under_way=False)
    for rows in ((NEW, OUT), (NEW, OUT, DONE), (NEW, OUT)):
        hear(parcel.account, "P-1", words(*rows))
        clock.shift(timedelta(minutes=5))

    kept = list(RawPayload.objects.order_by("pk"))
    ids, texts = [row.pk for row in kept], [payloads.open_payload(row).decode() for row in kept]
    entries = TimelineEntry.objects.filter(source="carrier").order_by("pk")
    found = [(entry.kind, entry.code, ids.index(entry.data["raw"])) for entry in entries]
    assert found == [
        ("tracking", "NEW", 0), ("tracking", "DELIVERY", 0), ("tracking", "COMPLETE", 1), ("tracking_retracted", "COMPLETE", 2),
    ]  # fmt: skip
    assert ["COMPLETE" in text for text in texts] == [False, True, False]


# Clocks ---------------------------------------------------------------------------------------------------------------
def test_why_says_when_it_happened_and_not_when_it_was_written_down() -> None:
    parcel = world(stage=Stage.DELIVERING).parcel(under_way=False)
    hear(parcel.account, "P-1", words(NEW, OUT))
    hear(parcel.account, "P-1", words(NEW, OUT, DONE))

    row = Reaction.objects.get(kind="receive")
    entry = TimelineEntry.objects.get(code="COMPLETE")
    assert trackwords.why(row) == "The courier delivered it on 26 November at 12:40 local time there."
    assert entry.happened_at == datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
    assert trackclock.there(entry.data, entry.happened_at) == "12:40, local time there"


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({}, ""),
        ({"local": "2026-11-26T21:00:30"}, ""),
        ({"local": "2026-11-26T12:40:00"}, "12:40, local time there"),
        ({"local": "2026-11-25T23:50:00"}, "25 November, 23:50, local time there"),
        ({"local": "2026-11-26T23:00:00", "offset": "+05:00"}, ""),
        ({"local": "not a time"}, ""),
    ],
)
def test_the_clock_there_is_told_where_it_reads_otherwise(data: dict[str, str], shown: str) -> None:
    assert trackclock.there(data, datetime(2026, 11, 26, 18, 0, tzinfo=UTC)) == shown


# Reasons --------------------------------------------------------------------------------------------------------------
FAILED = ("CANCELED", "2026-11-26 18:00:00", "2026-11-26 20:00:00")
SECRET = "Иванов отказался"


def with_remark(*rows: tuple[str, str, str], text: str = SECRET) -> str:
    return words(*rows, inside=f"<deliveredto>{text}</deliveredto>")


def test_the_reason_is_kept_encrypted_and_comes_back(clock: time_machine.Traveller) -> None:
    parcel = world(stage=Stage.DELIVERING).parcel(under_way=False)
    hear(parcel.account, "P-1", words(NEW, OUT))
    hear(parcel.account, "P-1", with_remark(NEW, OUT, FAILED, text=f"{SECRET}, +7 900 123-45-67"))

    row = Shipment.objects.get()
    assert "Иванов" not in str(row.details)
    assert remarks.of(row.details) == f"{SECRET}, •••"
    assert not TimelineEntry.objects.filter(data__icontains="Иванов").exists()
    assert not Attention.objects.filter(facts__icontains="Иванов").exists()

    for _twice in range(2):
        buyers.erase(row.order_id)
    row.refresh_from_db()
    assert (row.details, remarks.of(row.details)) == ({}, "")


def test_who_took_it_is_not_kept() -> None:
    parcel = world(stage=Stage.DELIVERING).parcel(under_way=False)
    hear(parcel.account, "P-1", with_remark(NEW, OUT, DONE, text="Иванов"))

    assert Shipment.objects.get().details == {}


def test_a_reason_that_is_told_later_than_its_word_is_taken_over(clock: time_machine.Traveller) -> None:
    parcel = world(stage=Stage.DELIVERING).parcel(under_way=False)
    hear(parcel.account, "P-1", words(NEW, OUT, FAILED))
    entries = TimelineEntry.objects.count()
    clock.shift(timedelta(minutes=5))
    hear(parcel.account, "P-1", with_remark(NEW, OUT, FAILED))

    assert remarks.of(Shipment.objects.get().details) == SECRET
    assert TimelineEntry.objects.count() == entries


@pytest.mark.parametrize("sealed", ["nonsense", "", "ключ"])
def test_a_remark_that_no_key_opens_is_not_shown(sealed: str) -> None:
    assert remarks.of({remarks.SEALED: sealed}) == ""
