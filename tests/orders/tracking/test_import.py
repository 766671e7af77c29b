"""Parcels from a table: a clear message, nothing half-imported."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pytest
import time_machine
from django.utils import timezone, translation

from backoffice.errors import Conflict, Invalid
from backoffice.models import RawPayload
from backoffice.people import Role, create_user
from carriers.models import CarrierAccount
from orders.models import MarketplaceAccount, Order, Shipment, TimelineEntry
from orders.services import actors
from orders.services.shipping import importing, shipments, tables
from orders.services.shipping.importing import Verdict
from tests.orders.statements import counted
from tests.orders.tracking.parcels import carrier_account, order_of, shop_account

pytestmark = pytest.mark.django_db
HEADING = ("order", "carrier account", "number")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def shop() -> MarketplaceAccount:
    return shop_account()


@pytest.fixture
def couriers() -> CarrierAccount:
    return carrier_account()


def as_csv(*rows: tuple[Any, ...], heading: tuple[str, ...] = HEADING, delimiter: str = ",") -> bytes:
    return "\r\n".join(delimiter.join(map(str, row)) for row in (heading, *rows)).encode()


def as_xlsx(*rows: tuple[Any, ...], heading: tuple[str, ...] = HEADING) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (heading, *rows):
        sheet.append(list(row))
    found = io.BytesIO()
    book.save(found)
    return found.getvalue()


def shown(run: importing.DryRun) -> list[tuple[int, str, str]]:
    return [(row.line.place, row.verdict.value, row.reason) for row in run.rows]


@pytest.mark.parametrize("make", [as_csv, as_xlsx])
def test_a_dry_run_shows_what_would_become_of_each_row_and_changes_nothing(
    shop: MarketplaceAccount, couriers: CarrierAccount, staff: actors.Actor, make: Callable[..., bytes]
) -> None:
    first, second = order_of(shop, "1001"), order_of(shop, "1002")
    shipments.attach(first.pk, couriers.pk, "A1", actor=staff)
    body = make(
        ("1001", "Couriers", "A1"),
        ("1002", "couriers ", "A1"),
        ("1002", couriers.ref, 400267443),
        ("1002", "Couriers", "400267443"),
        ("9999", "Couriers", "A3"),
        ("1001", "Nobody", "A4"),
        ("1001", "Couriers", ""),
        ("", "", ""),
        ("1001", "Couriers", "x" * 60),
    )

    run = importing.rehearse("parcels", body, actor=staff)

    number = "An order number at MeaSoft has 1 to 50 characters"
    assert shown(run)[:-1] == [
        (2, "already", ""),
        (3, "conflict", "The number A1 belongs to order 1001 already."),
        (4, "attach", ""),
        (5, "already", ""),
        (6, "wrong", "There is no order “9999”."),
        (7, "wrong", "There is no carrier account “Nobody”."),
        (8, "wrong", "“number” is empty."),
    ]
    assert shown(run)[-1][:2] == (10, "wrong")
    assert number in shown(run)[-1][2]
    assert run.counts == {Verdict.ATTACH: 1, Verdict.ALREADY: 2, Verdict.CONFLICT: 1, Verdict.WRONG: 4}
    assert (Shipment.objects.count(), second.shipments.count()) == (1, 0)

    importing.carry_out(run.token, actor=staff)

    parcel = second.shipments.get()
    assert (parcel.number, parcel.created_by, Shipment.objects.count()) == ("400267443", staff.user, 2)
    assert RawPayload.objects.count() == 0
    with pytest.raises(Invalid) as refusal:
        importing.carry_out(run.token, actor=staff)
    assert (refusal.value.code, Shipment.objects.count()) == ("token", 2)


def test_what_has_changed_since_the_dry_run_stops_all_of_it(
    shop: MarketplaceAccount, couriers: CarrierAccount, staff: actors.Actor
) -> None:
    first, second = order_of(shop, "1001"), order_of(shop, "1002")
    body = as_csv(("1001", "Couriers", "A1"), ("1001", "Couriers", "A2"))
    run = importing.rehearse("parcels.csv", body, actor=staff)
    shipments.attach(second.pk, couriers.pk, "A2", actor=staff)

    with pytest.raises(Conflict) as refusal:
        importing.carry_out(run.token, actor=staff)

    assert (refusal.value.code, first.shipments.count()) == ("changed", 0)
    assert TimelineEntry.objects.filter(order=first).count() == 0


def test_a_token_is_of_one_person_and_of_one_hour(
    shop: MarketplaceAccount, couriers: CarrierAccount, staff: actors.Actor
) -> None:
    order_of(shop, "1001")
    run = importing.rehearse("parcels.csv", as_csv(("1001", "Couriers", "A1")), actor=staff)
    other = actors.staff(create_user("other", role=Role.MANAGER, password="x", weak=True))

    def refused(token: str, actor: actors.Actor) -> str:
        with pytest.raises(Invalid) as refusal:
            importing.carry_out(token, actor=actor)
        return refusal.value.code

    assert {refused(run.token, other), refused(f"{run.token}x", staff), refused("", staff)} == {"token"}
    with time_machine.travel(timezone.now() + timedelta(seconds=importing.TOKEN_SECONDS + 1), tick=False):
        assert refused(run.token, staff) == "token"
    assert Shipment.objects.count() == 0


def test_a_number_of_two_shops_is_no_order_one_can_name(
    shop: MarketplaceAccount, couriers: CarrierAccount, staff: actors.Actor
) -> None:
    order_of(shop, "1001")
    order_of(shop_account(), "1001")
    carrier_account(title="COURIERS")

    run = importing.rehearse("p", as_csv(("1001", couriers.ref, "A1"), ("7", "Couriers", "A2")), actor=staff)
    assert (shown(run)[0][2], run.token) == ("Several shops have an order “1001”.", "")
    order_of(shop, "7")
    (row,) = importing.rehearse("p", as_csv(("7", "Couriers", "A2")), actor=staff).rows
    assert row.reason == f"Several carrier accounts are called “Couriers”: write one of them as {couriers.ref}."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_russian_tables_in_every_usual_encoding(encoding: str, delimiter: str) -> None:
    rows = [["Комментарий", "Номер заказа", "Служба доставки", "Номер отправления"], ["", "1001", "Курьеры", "МВ-1"]]
    body = "\n".join(delimiter.join(row) for row in rows).encode(encoding)

    assert tables.read("t.csv", body) == [tables.Line(2, "1001", "Курьеры", "МВ-1")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("=A1+1", "This is a formula: paste its value."),
        ("4,00267E+17", "The table program has rounded this number"),
        ("4.00267E+17", "The table program has rounded this number"),
    ],
)
def test_what_a_table_program_has_spoilt_is_told(value: str, words: str) -> None:
    (line,) = tables.read("t.csv", f'order;carrier account;number\n1;C;"{value}"'.encode())
    assert line.problem.startswith(f"number: {words}")


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("=1+1", "formula"),
        (400267443123456789, "rounded"),
        (1.5, "rounded"),
        (True, "truth value"),
        (datetime(2026, 11, 20), "date"),
    ],
)
def test_cells_of_xlsx_that_are_no_numbers_of_parcels(value: Any, problem: str) -> None:
    (line,) = tables.read("t.xlsx", as_xlsx(("1", "C", value)))
    assert problem in line.problem


def test_numbers_of_xlsx_are_read_exactly() -> None:
    (line,) = tables.read("t.xlsx", as_xlsx((1001, "C", 123456789012345.0)))
    assert line == tables.Line(2, "1001", "C", "123456789012345")


def bomb() -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (tables.MOST_UNPACKED + 1))
    return found.getvalue()


def entities() -> bytes:
    """A sheet whose text grows without end."""
    found = io.BytesIO(as_xlsx(("1", "C", "A1")))
    again = io.BytesIO()
    with zipfile.ZipFile(found) as old, zipfile.ZipFile(again, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                body = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + body.replace(
                    b"<worksheet", b"<worksheet", 1
                )
            new.writestr(name, body)
    return again.getvalue()


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b"", "columns", "order, carrier account, number"),
        (b"a,b,c\n1,2,3", "columns", "Found: a, b, c."),
        (b"order,order,carrier account,number\n", "columns", "Not so: order."),
        (b"\x00\x01\x02", "file", "This is no table"),
        (b"\xd0\xcf\x11\xe0old", "file", "save it as XLSX or CSV"),
        (b"PK\x03\x04half", "file", "damaged"),
        (as_xlsx(("1", "C", "A"))[:-400], "file", "damaged"),
        (as_csv(("1", "C", '"' + "x" * 200_000)), "file", "Row"),
    ],
)
def test_a_file_that_is_no_table_of_parcels_is_refused_as_a_whole(
    staff: actors.Actor, body: bytes, code: str, words: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        importing.rehearse("file", body, actor=staff)

    assert refusal.value.code == code
    assert words in str(refusal.value.message)
    assert RawPayload.objects.count() == 0


def test_files_that_grow_when_they_are_opened_are_refused() -> None:
    for body in (bomb(), entities(), b"x" * (tables.MOST_BYTES + 1)):
        with pytest.raises(Invalid) as refusal:
            tables.read("file", body)
        assert refusal.value.code == "file"


def test_a_table_with_too_many_rows_is_refused_as_a_whole() -> None:
    """All that is read is attached in one transaction: a hundred thousand would hold up everybody else."""
    lines = [f"{number},Couriers,A{number}" for number in range(100_000)]
    heading = "order,carrier account,number"

    assert len(tables.read("t.csv", "\n".join([heading, *lines[:20_000]]).encode())) == 20_000
    for count in (20_001, 100_000):
        with pytest.raises(Invalid) as refusal:
            tables.read("t.csv", "\n".join([heading, *lines[:count]]).encode())
        assert refusal.value.code == "too_many"
        assert str(refusal.value.message) == "The table has more than 20000 rows: divide it."


def test_somebody_who_is_faster_while_it_is_attached_stops_all_of_it(
    shop: MarketplaceAccount, couriers: CarrierAccount, staff: actors.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "TOGETHER", 1)
    first, second = order_of(shop, "1"), order_of(shop, "2")
    run = importing.rehearse("p.csv", as_csv(("1", "Couriers", "A1"), ("1", "Couriers", "A2")), actor=staff)
    attach, calls = shipments.attach_many, iter("12")

    def slow(wanted: Any, *, actor: actors.Actor) -> Any:
        if next(calls) == "2":
            attach([shipments.Wanted(second.pk, couriers.pk, "A2")], actor=actor)
        return attach(wanted, actor=actor)

    monkeypatch.setattr(shipments, "attach_many", slow)
    with pytest.raises(Conflict) as refusal:
        importing.carry_out(run.token, actor=staff)

    assert (refusal.value.code, first.shipments.count()) == ("changed", 0)


def test_rows_are_judged_in_a_fixed_number_of_statements(
    shop: MarketplaceAccount, couriers: CarrierAccount, staff: actors.Actor
) -> None:
    Order.objects.bulk_create(
        Order(account=shop, external_id=str(number), deadline_at=timezone.now(), created_at=timezone.now())
        for number in range(3000)
    )
    body = as_csv(*((number, "Couriers", f"A{number}") for number in range(3000)))

    with counted() as found:
        run = importing.rehearse("p.csv", body, actor=staff)

    assert run.counts == {Verdict.ATTACH: 3000}
    # carrier accounts; for each thousand orders and tasks by number and by our own, and accounts, orders and numbers taken; the
    # file kept
    assert len(found) == 1 + 3 * 6 + 1, [sql[:100] for sql in found]


def test_the_same_parcel_far_down_in_a_file_is_no_second_one(
    shop: MarketplaceAccount, couriers: CarrierAccount, staff: actors.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "TOGETHER", 2)
    order, _other = order_of(shop, "1"), order_of(shop, "2")
    body = as_csv(("1", "Couriers", "A1"), ("1", "Couriers", "A2"), ("1", "Couriers", "A1"), ("2", "Couriers", "A2"))

    run = importing.rehearse("p.csv", body, actor=staff)
    importing.carry_out(run.token, actor=staff)

    assert [verdict for _place, verdict, _why in shown(run)] == ["attach", "attach", "already", "conflict"]
    assert order.shipments.count() == Shipment.objects.count() == 2


@pytest.mark.parametrize("training", [True, False])
def test_a_dry_run_judges_for_the_side_of_the_person_who_runs_it(
    shop: MarketplaceAccount, couriers: CarrierAccount, staff: actors.Actor, training: bool
) -> None:
    """In training nothing real is attached, and the dry run says so already."""
    order = order_of(shop, "1001")
    actor = replace(staff, training=training)

    run = importing.rehearse("p.csv", as_csv(("1001", "Couriers", "A1")), actor=actor)

    if training:
        assert shown(run) == [(2, "conflict", "Exercises and real work stay apart: their parcels too.")]
        assert (run.token, RawPayload.objects.count(), Shipment.objects.count()) == ("", 0, 0)
    else:
        importing.carry_out(run.token, actor=actor)
        assert list(order.shipments.values_list("number", flat=True)) == ["A1"]


def test_an_order_is_named_by_our_own_number_too(
    shop: MarketplaceAccount, couriers: CarrierAccount, staff: actors.Actor
) -> None:
    """Where it is another order's number at the marketplace, nobody is guessed."""
    for number, own in (("1001", "OWN-1"), ("1002", "OWN-2"), ("OWN-2", "")):
        order_of(shop, number)
        Order.objects.filter(external_id=number).update(data={"facts": {"own_number": own}} if own else {})

    run = importing.rehearse("p.csv", as_csv(("OWN-1", "Couriers", "A1"), ("OWN-2", "Couriers", "A2")), actor=staff)

    assert [row.verdict for row in run.rows] == [Verdict.ATTACH, Verdict.WRONG]
    assert run.rows[1].reason == "Several shops have an order “OWN-2”."
    assert run.rows[0].wanted is not None
    assert run.rows[0].wanted.order_id == Order.objects.get(external_id="1001").pk
