"""Parcels on the pages: attached by hand and by scan, replaced, taken off, told in the queue and in the list of orders."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from backoffice.models import User
from carriers import services as carriers
from carriers.models import CarrierAccount
from carriers.statuses import TrackingStatus
from orders.enums import ActionKind, EntryKind, Stage
from orders.models import AssemblyTask, MarketplaceAction, Scan, Shipment, TimelineEntry
from orders.models import Order as OrderRow
from orders.services import actors
from orders.services.actors import SYSTEM
from orders.services.sending import outbox
from orders.services.shipping import shipments
from sandbox.server import RunningSandbox
from tests.orders.statements import counted

from .conftest import HTMX, Order, ParcelOf, Task, browser, text_of, told

BOTH = pytest.mark.parametrize("headers", [{}, HTMX])


def path(task: AssemblyTask) -> str:
    return f"/orders/{task.order_id}/parcels/"


@pytest.fixture
def freight(db: None, upstream: RunningSandbox) -> CarrierAccount:
    return carriers.connect(
        "dellin",
        carriers.Settings(
            title="Freight", base_url=upstream.dellin.url, credentials={"appkey": upstream.dellin.appkey}
        ),
    )


# Attaching ----------------------------------------------------------------------------------------------------------
@BOTH
def test_a_number_is_attached_once(
    order_at: Order, courier: CarrierAccount, web: Client, headers: dict[str, str]
) -> None:
    task = order_at()
    for _twice in range(2):
        answer = web.post(path(task), {"number": " MW-77 ", "task": task.pk}, headers=headers)
        assert answer.status_code == (200 if headers else 302)
    row = Shipment.objects.get()

    assert (row.order_id, row.carrier_account_id, row.number) == (task.order_id, courier.pk, "MW-77")
    assert TimelineEntry.objects.filter(kind=EntryKind.SHIPMENT_ATTACHED).count() == 1
    if headers:
        assert answer.content.decode().lstrip().startswith('<div id="task-page"')
        assert "MW-77" in text_of(answer)
    else:
        assert answer["Location"] == f"/tasks/{task.pk}/"
    words = text_of(web.get(f"/tasks/{task.pk}/"))
    assert "Parcel attached: MW-77" in words
    assert "Not asked yet" in words


def test_from_the_page_of_the_order_one_comes_back_there(order_at: Order, courier: CarrierAccount, web: Client) -> None:
    task = order_at()

    assert web.post(path(task), {"number": "MW-1"})["Location"] == f"/orders/{task.order_id}/"
    assert web.post(path(task), {"number": "MW-2"}, headers=HTMX)["HX-Redirect"] == f"/orders/{task.order_id}/"
    words = text_of(web.get(f"/orders/{task.order_id}/"))
    assert "MW-1" in words
    assert "MW-2" in words


@BOTH
@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({}, 422, "Enter the number, or choose the carrier to ask."),
        ({"number": "9" * 60}, 422, "No carrier here writes numbers like that"),
        ({"number": "MW-1", "account": "999"}, 422, "not one of the available choices"),
        ({"number": "9" * 81}, 422, "at most 80 characters"),
    ],
)
def test_what_is_no_number_is_said_in_the_form_and_nothing_changes(
    order_at: Order,
    courier: CarrierAccount,
    web: Client,
    headers: dict[str, str],
    form: dict[str, str],
    status: int,
    said: str,
) -> None:
    answer = web.post(path(order_at()), form, headers=headers)

    assert answer.status_code == status
    assert said in text_of(answer)
    assert Shipment.objects.count() == 0
    assert TimelineEntry.objects.filter(kind=EntryKind.SHIPMENT_ATTACHED).count() == 0


@BOTH
def test_a_number_of_another_order_says_which(
    order_at: Order, parcel_of: ParcelOf, web: Client, headers: dict[str, str]
) -> None:
    first, second = order_at(), order_at()
    row = parcel_of(first)
    answer = web.post(path(second), {"number": row.number}, headers=headers)

    assert answer.status_code == 409
    assert f"belongs to order {first.order.external_id} already" in text_of(answer)
    assert Shipment.objects.get().order_id == first.order_id


def test_where_several_carriers_write_it_so_a_person_chooses(
    order_at: Order, courier: CarrierAccount, freight: CarrierAccount, web: Client
) -> None:
    task = order_at()
    answer = web.post(path(task), {"number": "24-00361001", "task": task.pk}, headers=HTMX)
    assert answer.status_code == 422
    assert "Several carriers write numbers like that: choose yours." in text_of(answer)
    assert 'value="24-00361001"' in answer.content.decode()
    assert Shipment.objects.count() == 0

    web.post(path(task), {"number": "24-00361001", "account": freight.pk, "task": task.pk}, headers=HTMX)
    assert Shipment.objects.get().carrier_account == freight


def test_without_a_number_the_carrier_is_asked_for_the_order(
    order_at: Order, courier: CarrierAccount, upstream: RunningSandbox, web: Client
) -> None:
    task = order_at()
    nothing = web.post(path(task), {"account": courier.pk}, headers=HTMX)
    assert nothing.status_code == 409
    assert "The carrier knows no parcel of this order." in text_of(nothing)

    upstream.measoft.make(number=task.order.external_id)
    web.post(path(task), {"account": courier.pk}, headers=HTMX)
    assert Shipment.objects.get().number == task.order.external_id


@BOTH
def test_the_only_carrier_is_asked_for_the_order_by_a_button(
    order_at: Order, courier: CarrierAccount, upstream: RunningSandbox, web: Client, headers: dict[str, str]
) -> None:
    task = order_at()
    page = web.get(f"/tasks/{task.pk}/")
    assert "Ask the carrier by the order's number" in text_of(page)
    upstream.measoft.make(number=task.order.external_id)

    answer = web.post(path(task), {"ask": "1", "task": task.pk}, headers=headers)

    assert answer.status_code == (200 if headers else 302)
    assert Shipment.objects.get().number == task.order.external_id


def test_of_several_carriers_a_person_chooses_the_one_to_ask(
    order_at: Order, courier: CarrierAccount, freight: CarrierAccount, upstream: RunningSandbox, web: Client
) -> None:
    task = order_at()
    upstream.measoft.make(number=task.order.external_id)
    answer = web.post(path(task), {"ask": "1", "task": task.pk}, headers=HTMX)
    assert answer.status_code == 422
    assert "Choose the carrier to ask." in text_of(answer)
    assert Shipment.objects.count() == 0

    web.post(path(task), {"ask": "1", "account": courier.pk, "number": "", "task": task.pk}, headers=HTMX)
    assert Shipment.objects.get().carrier_account == courier


def test_a_number_that_only_one_carrier_writes_so_needs_no_choice(
    order_at: Order, courier: CarrierAccount, freight: CarrierAccount, web: Client
) -> None:
    task = order_at()
    web.post(path(task), {"number": "MW-0012345", "task": task.pk}, headers=HTMX)
    CarrierAccount.objects.filter(pk=freight.pk).update(options={"numbers": "24-########"})
    web.post(path(task), {"number": "24-00361001", "task": task.pk}, headers=HTMX)

    rows = Shipment.objects.order_by("pk").values_list("number", "carrier_account")
    assert list(rows) == [("MW-0012345", courier.pk), ("24-00361001", freight.pk)]


def test_the_card_says_which_numbers_the_marketplace_is_not_told(
    order_at: Order, parcel_of: ParcelOf, courier: CarrierAccount, web: Client, boss: User
) -> None:
    task = order_at()
    row = parcel_of(task)
    said = f"The marketplace is not told {row.number}. No delivery service is chosen for Swift couriers."
    form = f"/tasks/{task.pk}/details/send_track/"
    for address in (f"/tasks/{task.pk}/", f"/orders/{task.order_id}/"):
        page = browser(boss).get(address)
        assert said in text_of(page)
        assert form in page.content.decode()
    assert f'value="{row.number}"' in browser(boss).get(form).content.decode()

    outbox.request(
        task.pk, outbox.Wish(ActionKind.SEND_TRACK, data={"track": row.number, "service": "99"}), actor=SYSTEM
    )
    assert "is not told" not in text_of(web.get(f"/tasks/{task.pk}/"))  # it waits in the outbox
    MarketplaceAction.objects.all().delete()
    track = {"delivery": {"tracks": [{"code": row.number, "service": "99"}]}}
    OrderRow.objects.update(data={"facts": track})
    assert "is not told" not in text_of(web.get(f"/orders/{task.order_id}/"))


def test_the_card_is_quiet_where_a_service_is_chosen_or_no_number_is_taken(
    order_at: Order, task_at: Task, parcel_of: ParcelOf, courier: CarrierAccount, web: Client
) -> None:
    elsewhere = task_at(Stage.READY)
    parcel_of(elsewhere)
    assert "is not told" not in text_of(web.get(f"/tasks/{elsewhere.pk}/"))

    task = order_at()
    parcel_of(task)
    CarrierAccount.objects.update(options={**courier.options, "track_service": "1000001"})
    assert "is not told" not in text_of(web.get(f"/tasks/{task.pk}/"))


def test_without_a_carrier_the_form_says_who_connects_one(order_at: Order, web: Client) -> None:
    assert "a manager connects one in the admin" in text_of(web.get(path(order_at())))


def test_who_may_not_work_attaches_and_takes_off_nothing(
    order_at: Order, parcel_of: ParcelOf, onlooker: Client, web: Client
) -> None:
    task = order_at()
    row = parcel_of(task)

    for address in (path(task), f"/parcels/{row.pk}/replace/", f"/parcels/{row.pk}/detach/", "/parcels/import/"):
        assert onlooker.post(address, {"number": "X-1", "reason": "x"}).status_code == 403
    assert web.get(f"/parcels/{row.pk}/raw/").status_code == 403
    assert web.post("/orders/999/parcels/", {"number": "1"}).status_code == 404
    assert web.get("/parcels/999/detach/").status_code == 404
    assert Shipment.objects.get(detached_at=None) == row


# By scan ------------------------------------------------------------------------------------------------------------
def test_a_scan_that_is_no_code_of_the_goods_offers_to_attach_it(
    task_at: Task, courier: CarrierAccount, web: Client, boss: User
) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["uin"])
    verdict = web.post(f"/tasks/{task.pk}/scan/", {"raw": "MW-0012345"}, headers=HTMX)
    scan = Scan.objects.get()
    address = f"/tasks/{task.pk}/parcels/?scan={scan.pk}"
    assert address in verdict.content.decode()
    assert address in web.get(f"/tasks/{task.pk}/").content.decode()

    assert 'value="MW-0012345"' in web.get(address, headers=HTMX).content.decode()
    assert "MW-0012345" not in browser(boss).get(address, headers=HTMX).content.decode()  # somebody else's scan
    assert "MW-0012345" not in address


def test_a_number_scanned_into_the_field_of_the_head_is_offered_for_the_task(
    order_at: Order, courier: CarrierAccount, web: Client
) -> None:
    task = order_at()
    found = web.post("/scan/", {"seek": "MW-0012345"}, headers={"Referer": f"http://testserver/tasks/{task.pk}/"})
    assert f"Attach it to {task.external_id} as the number of a parcel" in text_of(found)
    assert "as the number of a parcel" not in text_of(web.post("/scan/", {"seek": "MW-0012345"}))

    web.post(path(task), {"number": "MW-0012345", "task": task.pk})
    assert web.post("/scan/", {"seek": "MW-0012345"})["Location"] == f"/orders/{task.order_id}/"


# Replacing, taking off ----------------------------------------------------------------------------------------------
@BOTH
def test_a_number_is_replaced(order_at: Order, parcel_of: ParcelOf, web: Client, headers: dict[str, str]) -> None:
    task = order_at()
    old = parcel_of(task)
    assert f'value="{old.number}"' in web.get(f"/parcels/{old.pk}/replace/?task={task.pk}").content.decode()
    web.post(f"/parcels/{old.pk}/replace/", {"number": "MW-NEW-1", "task": task.pk}, headers=headers)
    old.refresh_from_db()

    assert Shipment.objects.get(detached_at=None).number == "MW-NEW-1"
    assert old.replaced_by is not None
    assert old.replaced_by.number == "MW-NEW-1"


@BOTH
def test_a_parcel_is_taken_off_with_a_reason(
    order_at: Order, parcel_of: ParcelOf, web: Client, headers: dict[str, str]
) -> None:
    task = order_at()
    row = parcel_of(task)
    address = f"/parcels/{row.pk}/detach/"
    assert web.post(address, {"reason": " ", "task": task.pk}, headers=headers).status_code == 422
    row.refresh_from_db()
    assert row.detached_at is None

    answer = web.post(address, {"reason": "sent with another one", "task": task.pk}, headers=headers)
    assert answer.status_code == (200 if headers else 302)
    row.refresh_from_db()
    assert row.detach_reason == "sent with another one"
    words = text_of(web.get(f"/orders/{task.order_id}/"))
    assert "1 taken off" in words
    assert f"Parcel taken off: {row.number}. sent with another one" in words


# What is told -------------------------------------------------------------------------------------------------------
def test_the_card_tells_the_status_with_the_carriers_own_words_on_hover(
    order_at: Order, parcel_of: ParcelOf, web: Client, upstream: RunningSandbox
) -> None:
    task = order_at()
    row = parcel_of(task, steps=3)
    page = web.get(f"/tasks/{task.pk}/")

    assert row.status == TrackingStatus.OUT_FOR_DELIVERY
    assert f"{row.number} Out for delivery under way Swift couriers" in text_of(page)
    assert f'title="DELIVERY · {row.raw_title}"' in page.content.decode()


def test_an_unknown_number_says_what_to_do(
    order_at: Order, courier: CarrierAccount, web: Client, staff: actors.Actor
) -> None:
    task = order_at()
    shipments.attach(task.order_id, courier.pk, "NOBODYS-1", actor=staff)
    told(courier)
    words = text_of(web.get(f"/tasks/{task.pk}/"))

    assert "The carrier does not know this number" in words
    assert "Compare it with the waybill and replace it if it is mistyped." in words


def test_the_raw_answer_is_for_managers_and_who_looked_is_recorded(
    order_at: Order, parcel_of: ParcelOf, boss: User
) -> None:
    row = parcel_of(order_at())
    answer = browser(boss).get(f"/parcels/{row.pk}/raw/")

    assert row.number in text_of(answer)
    assert TimelineEntry.objects.get(kind=EntryKind.BUYER_SHOWN).actor == boss


@pytest.mark.parametrize("count", [1, 3])
def test_the_task_and_the_order_take_one_statement_more_for_parcels(
    order_at: Order, parcel_of: ParcelOf, web: Client, count: int
) -> None:
    task = order_at()
    for _each in range(count):
        parcel_of(task)
    web.get("/tasks/")
    found = {}
    for address in (f"/tasks/{task.pk}/", f"/orders/{task.order_id}/"):
        with counted() as statements:
            page = web.get(address).content.decode()
        assert page.count('class="parcel-row"') == count
        found[address] = len(statements)

    assert list(found.values()) == [12, 11]  # without parcels 11 and 10


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_tells_parcels_in_nine_statements(
    order_at: Order, parcel_of: ParcelOf, web: Client, count: int
) -> None:
    for _each in range(count):
        parcel_of(order_at(status="DELIVERY"), steps=3)
    web.get("/tasks/")
    with counted() as statements:
        page = web.get("/tasks/?tab=delivering")
    assert len(statements) == 9, statements
    assert text_of(page).count("Out for delivery") == count
    assert 'class="queue parcels"' in page.content.decode()

    with counted() as statements:
        page = web.get("/orders/")
    assert len(statements) == 7, statements
    assert text_of(page).count("Out for delivery") == count


def test_of_several_parcels_the_one_that_needs_a_person_is_told(
    order_at: Order, parcel_of: ParcelOf, web: Client
) -> None:
    task = order_at(status="DELIVERY")
    parcel_of(task, steps=3)
    parcel_of(task, path="lost", steps=4)
    words = text_of(web.get("/tasks/?tab=delivering"))

    assert re.search(r"Lost 2 parcels", words)
