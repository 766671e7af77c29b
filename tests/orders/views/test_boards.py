"""The board of divergences, the glossary, the timeline in lanes, and the import of numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from backoffice.models import User
from carriers.models import CarrierAccount
from orders.enums import ActionKind, AttentionKind, EntryKind, Source
from orders.models import AssemblyTask, Attention, MarketplaceAction, Reaction, Shipment, TimelineEntry
from orders.services import actors, timeline
from orders.services.reacting import divergence
from sandbox.server import RunningSandbox
from tests.orders.statements import counted

from .conftest import HTMX, Order, ParcelOf, browser, hidden, text_of, told


# Divergences --------------------------------------------------------------------------------------------------------
def behind(order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox) -> AssemblyTask:
    """Delivered at the carrier, still on its way at the marketplace."""
    task = order_at(status="DELIVERY")
    row = parcel_of(task, steps=3)
    upstream.measoft.finish(row.number)
    told(row.carrier_account)
    divergence.sweep(timezone.now() + timedelta(hours=1))
    return task


def test_three_clocks_and_what_settles_it(
    order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, web: Client
) -> None:
    task = behind(order_at, parcel_of, upstream)
    words = text_of(web.get("/divergence/"))

    for said in (
        "1 open, the most urgent first", task.order.external_id, "We are behind",
        "at risk: the share of late deliveries", "Delivering", "Delivered", "Suggested: “Received by the buyer”",
        "Mark as received, ",
    ):  # fmt: skip
        assert said in words, said
    row = Reaction.objects.get(kind=ActionKind.RECEIVE)
    answer = web.post(f"/reactions/{row.pk}/take/", {"back": "/divergence/"}, headers=HTMX)
    assert (answer.status_code, "queue-changed" in answer["HX-Trigger"]) == (204, True)
    assert MarketplaceAction.objects.get().kind == ActionKind.RECEIVE


def test_the_attention_page_tells_both_sides_too(
    order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, web: Client
) -> None:
    behind(order_at, parcel_of, upstream)
    words = text_of(web.get("/attention/"))

    assert "Marketplace: “Delivering”, carrier: “Delivered”" in words
    assert "Tell the marketplace that the buyer has it" in words


def test_it_may_be_settled_otherwise(
    order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, web: Client, onlooker: Client
) -> None:
    behind(order_at, parcel_of, upstream)
    row = Attention.objects.get(kind=AttentionKind.DIVERGENCE)
    assert "Settled otherwise" not in text_of(onlooker.get("/divergence/"))
    assert web.post(f"/attention/{row.pk}/resolve/", {"back": "/divergence/"})["Location"] == "/divergence/"

    assert "They agree" in text_of(web.get("/divergence/"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_board_takes_ten_statements(
    order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, web: Client, count: int
) -> None:
    for _each in range(count):
        behind(order_at, parcel_of, upstream)
    web.get("/tasks/")
    with counted() as statements:
        page = web.get("/divergence/").content.decode()

    assert page.count('role="listitem"') == count
    assert len(statements) == 10, statements
    live = web.get("/divergence/", headers={**HTMX, "HX-Target": "queue"}).content.decode()
    assert live.lstrip().startswith('<div id="queue"')


# Glossary -----------------------------------------------------------------------------------------------------------
def test_the_glossary_tells_every_word_in_both_languages(order_at: Order, parcel_of: ParcelOf, web: Client) -> None:
    parcel_of(order_at(), steps=3)
    page = web.get("/glossary/")
    words = text_of(page)

    for said in (
        "Wildberries",
        "Yandex Market",
        "MeaSoft",
        "COURIERDELIVERED",
        "Given to the courier",
        "declined_by_client",
    ):
        assert said in words, said
    assert "DELIVERY Out for delivery Given to the courier" in words
    assert '<small class="muted" lang="ru">' in page.content.decode()
    assert "1 now" in words


# Timeline -----------------------------------------------------------------------------------------------------------
def test_the_timeline_has_lanes_and_says_what_was_late_corrected_or_taken_back(
    order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, web: Client, boss: User
) -> None:
    task = order_at(status="DELIVERY")
    row = parcel_of(task, steps=3)
    upstream.measoft.correct(row.number)
    told(row.carrier_account)
    address = f"/tasks/{task.pk}/timeline/"
    everything = web.get(address)
    words = text_of(everything)

    assert "Order received and saved whole" in words
    assert "Parcel attached" in words
    assert "Corrected by the carrier: Not handed over yet" in words
    assert "learned 1 h later" in words
    assert "at the source " in everything.content.decode()
    carrier = text_of(web.get(f"{address}?lane=carrier"))
    assert "Out for delivery" in carrier
    assert "Order received" not in carrier
    assert "Parcel attached" not in carrier
    assert "Parcel attached" in text_of(web.get(f"{address}?lane=staff"))
    assert "Order received" in text_of(web.get(f"{address}?lane=nonsense"))
    assert f"/parcels/{row.pk}/raw/" not in everything.content.decode()
    assert f"/parcels/{row.pk}/raw/" in browser(boss).get(address).content.decode()


def test_what_a_carrier_took_back_looks_like_it(order_at: Order, parcel_of: ParcelOf, web: Client) -> None:
    task = order_at()
    row = parcel_of(task)
    actor = actors.Actor(Source.CARRIER)
    fact = timeline.Fact(
        task.order_id, EntryKind.TRACKING_RETRACTED, actor, "k", shipment_id=row.pk, status="out_for_delivery"
    )
    timeline.record([fact])
    page = web.get(f"/orders/{task.order_id}/timeline/")

    assert "The carrier took it back: Out for delivery" in text_of(page)
    assert ' fix gone"' in page.content.decode()


@pytest.mark.parametrize("count", [1, 199])
def test_the_merged_timeline_of_an_order_is_one_statement(
    order_at: Order, parcel_of: ParcelOf, web: Client, count: int
) -> None:
    task = order_at()
    row = parcel_of(task, steps=1)
    actor = actors.Actor(Source.CARRIER)
    facts = [
        timeline.Fact(task.order_id, EntryKind.TRACKING, actor, str(n), shipment_id=row.pk, status="in_transit")
        for n in range(count)
    ]
    timeline.record(facts)
    web.get("/tasks/")
    with counted() as statements:
        page = web.get(f"/orders/{task.order_id}/timeline/").content.decode()

    assert page.count('<span class="src">') == min(TimelineEntry.objects.count(), 200)
    assert len([one for one in statements if "timelineentry" in one]) == 1
    assert len(statements) == 6, statements


# Import -------------------------------------------------------------------------------------------------------------
def table(*rows: str, name: str = "parcels.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join(("order;carrier account;number", *rows)).encode())


def test_a_file_is_shown_first_and_then_carried_out(
    order_at: Order, parcel_of: ParcelOf, courier: CarrierAccount, web: Client
) -> None:
    first, second = order_at(), order_at()
    taken = parcel_of(first)
    file = table(
        f"{second.order.external_id};Swift couriers;MW-500",
        f"{first.order.external_id};Swift couriers;{taken.number}",
        f"{second.order.external_id};Swift couriers;{taken.number}",
        "no-such-order;Swift couriers;MW-501",
    )
    shown = web.post("/parcels/import/", {"file": file})
    words = text_of(shown)

    for said in (
        "1 Will be attached", "1 Attached already", "1 Taken by another order", "1 Wrong",
        "There is no order “no-such-order”.", "Attach 1 parcel", "dry run: nothing is attached yet",
    ):  # fmt: skip
        assert said in words, said
    assert Shipment.objects.count() == 1

    token = {"token": hidden(shown, "token")}
    assert web.post("/parcels/import/", token)["Location"] == "/parcels/import/"
    assert Shipment.objects.get(number="MW-500").order_id == second.order_id
    assert "1 parcel is attached." in text_of(web.get("/parcels/import/"))
    assert web.post("/parcels/import/", token).status_code in (409, 422)
    assert Shipment.objects.count() == 2


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"file": SimpleUploadedFile("x.csv", b"")},
        {"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04 this is no table")},
        {"file": SimpleUploadedFile("x.csv", b"colour;size\nred;1\n")},
        {"token": "not-a-token"},
    ],
)
def test_what_is_no_table_of_parcels_is_said(courier: CarrierAccount, web: Client, form: dict[str, object]) -> None:
    answer = web.post("/parcels/import/", form)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert Shipment.objects.count() == 0


def test_another_persons_dry_run_is_not_carried_out(
    order_at: Order, courier: CarrierAccount, web: Client, boss: User
) -> None:
    shown = web.post("/parcels/import/", {"file": table(f"{order_at().order.external_id};Swift couriers;MW-1")})

    assert browser(boss).post("/parcels/import/", {"token": hidden(shown, "token")}).status_code == 422
    assert Shipment.objects.count() == 0
