"""Receipts and raw texts from the timeline: what made an action be sent, which answer stands behind an entry, whose clock it is."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from backoffice.models import RawPayload, User
from orders.enums import EntryKind, Stage
from orders.models import AssemblyTask, Reaction, Shipment, TimelineEntry
from orders.services import actors, timeline
from sandbox.server import RunningSandbox
from tests.orders.statements import counted
from tests.orders.tracking.parcels import event
from tests.orders.tracking.reacting import Parcel, world

from .conftest import Order, ParcelOf, browser, text_of, told

RAW = re.compile(r'href="(/parcels/\d+/raw/\d+/)"')


def taken(order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, web: Client) -> Reaction:
    """A suggestion that a person took, done at the marketplace."""
    task = order_at(status="DELIVERY")
    row = parcel_of(task, steps=3)
    upstream.measoft.finish(row.number)
    told(row.carrier_account)
    found = Reaction.objects.get(shipment=row)
    web.post(f"/reactions/{found.pk}/take/")
    found.refresh_from_db()
    return found


# Receipts -----------------------------------------------------------------------------------------------------------
def test_what_was_sent_leads_to_why(
    order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, web: Client
) -> None:
    row = taken(order_at, parcel_of, upstream, web)
    fact = timeline.about(
        row.task, EntryKind.STAGE, actors.MARKETPLACE, "by-action", status="received", data={"action": row.action_id}
    )
    stranger = timeline.about(
        row.task, EntryKind.ACTION_DONE, actors.MARKETPLACE, "unprompted", data={"action": (row.action_id or 0) + 1}
    )
    timeline.record([fact, stranger])

    for address in (f"/tasks/{row.task_id}/", f"/tasks/{row.task_id}/timeline/", f"/orders/{row.task.order_id}/"):
        page = web.get(address).content.decode()
        entries = re.findall(r'<li class="s-.*?</li>', page, re.DOTALL)
        link = f'href="/reactions/{row.pk}/"'
        linked = [entry for entry in entries if link in entry]
        asked = [entry for entry in entries if "Asked" in entry or "asked" in entry.lower()]
        assert len(linked) >= 4, address  # suggested, taken, asked, the stage
        assert any(link in entry for entry in asked)
        assert len(linked) < len(entries)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 6])
def test_a_receipt_takes_the_same_statements_however_many_entries(boss: User, count: int) -> None:
    here = world()
    parcel = here.parcel(under_way=False)
    for number in range(count):
        parcel.history.append(event("ACCEPTED", happened_at=timezone.now() - timedelta(hours=20 - number)))
    parcel.say("DELIVERY")
    row = Reaction.objects.get()
    assert len(row.entries) == count + 1
    client = browser(boss)
    client.get(f"/reactions/{row.pk}/")
    with counted() as statements:
        page = client.get(f"/reactions/{row.pk}/").content.decode()

    assert page.count('<span class="src">') >= count + 1
    assert len([one for one in statements if 'FROM "orders_timelineentry"' in one]) == 2  # what it rests on, its story
    assert len(statements) == 6, statements


# Raw texts ----------------------------------------------------------------------------------------------------------
def corrected(order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox) -> Shipment:
    task = order_at(status="DELIVERY")
    row = parcel_of(task, steps=3)
    upstream.measoft.finish(row.number)
    told(row.carrier_account)
    upstream.measoft.correct(row.number)
    told(row.carrier_account)
    row.refresh_from_db()
    return row


def test_each_entry_leads_to_the_answer_it_came_with(
    order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, boss: User
) -> None:
    row = corrected(order_at, parcel_of, upstream)
    client = browser(boss)
    links = set(RAW.findall(client.get(f"/orders/{row.order_id}/timeline/").content.decode()))
    entries = {entry.pk: entry for entry in TimelineEntry.objects.filter(shipment=row, source="carrier")}

    assert links == {f"/parcels/{row.pk}/raw/{pk}/" for pk in entries}
    assert len({entry.data["raw"] for entry in entries.values()}) == 3
    done = next(pk for pk, entry in entries.items() if entry.code == "COMPLETE")
    shown = client.get(f"/parcels/{row.pk}/raw/{done}/").content.decode()
    assert shown.count("COMPLETE") == 2  # present, and the last of the history: before it was taken back
    assert "As it was sent" in shown
    assert TimelineEntry.objects.filter(kind=EntryKind.BUYER_SHOWN).get().actor == boss

    receipt = Reaction.objects.get(shipment=row)
    assert RAW.findall(client.get(f"/reactions/{receipt.pk}/").content.decode())


def test_a_text_that_is_gone_says_so_and_is_not_linked(
    order_at: Order, parcel_of: ParcelOf, boss: User, settings: Any
) -> None:
    row = parcel_of(order_at(status="DELIVERY"), steps=1)
    entry = TimelineEntry.objects.filter(shipment=row, source="carrier").latest("pk")
    client = browser(boss)
    RawPayload.objects.all().delete()

    answer = client.get(f"/parcels/{row.pk}/raw/{entry.pk}/")
    assert answer.status_code == 404
    assert "The raw text is not kept any more" in text_of(answer)
    assert not TimelineEntry.objects.filter(kind=EntryKind.BUYER_SHOWN).exists()
    settings.RAW_PAYLOAD_DAYS = 0
    assert not RAW.findall(client.get(f"/orders/{row.order_id}/timeline/").content.decode())


def test_an_entry_of_another_parcel_or_without_a_text_is_not_found(
    order_at: Order, parcel_of: ParcelOf, boss: User
) -> None:
    first, second = parcel_of(order_at(status="DELIVERY"), steps=1), parcel_of(order_at(status="DELIVERY"), steps=1)
    entry = TimelineEntry.objects.filter(shipment=first, source="carrier").latest("pk")
    plain = TimelineEntry.objects.filter(shipment=first, source="staff").latest("pk")

    for address in (f"/parcels/{second.pk}/raw/{entry.pk}/", f"/parcels/{first.pk}/raw/{plain.pk}/"):
        assert browser(boss).get(address).status_code == 404


@pytest.mark.parametrize("right", ["view_rawpayload", "see_buyers"])
def test_raw_texts_are_linked_for_those_only_who_may_open_them(
    order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, onlooker: Client, right: str
) -> None:
    row = corrected(order_at, parcel_of, upstream)
    task = AssemblyTask.objects.get(order_id=row.order_id)
    user = User.objects.get(username="onlooker")
    user.groups.get().permissions.add(Permission.objects.get(codename=right))
    receipt = Reaction.objects.get(shipment=row)

    pages = (f"/tasks/{task.pk}/", f"/orders/{row.order_id}/", f"/orders/{row.order_id}/timeline/", "/attention/",
             f"/reactions/{receipt.pk}/")  # fmt: skip
    for address in pages:
        answer = onlooker.get(address)
        assert answer.status_code == 200, address
        assert "/raw/" not in answer.content.decode(), address


# Clocks and facts ---------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_timeline_shows_the_clock_there_where_it_reads_otherwise(boss: User) -> None:
    here = world(stage=Stage.DELIVERING)
    parcel = here.parcel()
    local = (timezone.now() - timedelta(hours=5)).replace(tzinfo=None, second=0, microsecond=0)
    parcel.history.append(event("COMPLETE", happened_at=timezone.now(), local_time=local))
    parcel.say("COMPLETE")
    words = text_of(browser(boss).get(f"/orders/{here.order.pk}/timeline/"))

    assert f"{local:%H:%M}, local time there" in words


def settled(parcel: Parcel, **details: str) -> None:
    row = parcel.shipment
    row.details = {**row.details, **details}
    row.save(update_fields=["details"])


@pytest.mark.django_db
def test_the_card_tells_the_facts_and_a_remark_to_those_who_may_see_buyers(web: Client, onlooker: Client) -> None:
    here = world(stage=Stage.DELIVERING)
    parcel = here.parcel()
    parcel.say("CANCELED", remark="Иванов отказался", details={"planned_date": "2026-11-21"})
    settled(parcel, decline_reason="Отказ получателя", arrival="2026-11-21 00:00:00")

    for address in (f"/tasks/{here.task.pk}/", f"/orders/{here.order.pk}/"):
        words = text_of(web.get(address))
        assert "Planned for 21 November 2026" in words
        assert "Arrival 21 November 2026" in words
        assert "Why it was declined Отказ получателя" in words
        assert "The carrier's remark: Иванов отказался" in words
        seen = text_of(onlooker.get(address))
        assert "Отказ получателя" in seen
        assert "Иванов" not in seen


@pytest.mark.django_db
def test_the_suggestion_tells_why(web: Client, onlooker: Client) -> None:
    here = world(stage=Stage.DELIVERING)
    parcel = here.parcel()
    parcel.say("CANCELED", remark="Иванов отказался", details={"decline_reason": "Отказ получателя"})
    row = Reaction.objects.get()
    page = web.get(f"/reactions/{row.pk}/").content.decode()

    assert row.kind in ("cancel", "reject")
    for said in ("Why it was declined:</span> Отказ получателя", "remark:</span> Иванов отказался"):
        assert said in page.replace("&#x27;", "'")
    assert "Иванов" not in onlooker.get(f"/reactions/{row.pk}/").content.decode()
