"""What follows from a carrier's word, on the pages: one click, a question where it needs one, Stop, and the receipt."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from carriers.models import CarrierAccount
from orders.enums import ActionKind, ActionState, ReactionMode, ReactionState, Stage
from orders.models import AssemblyTask, MarketplaceAction, Reaction, ReactionRule, Shipment
from sandbox.server import RunningSandbox

from .conftest import HTMX, Order, ParcelOf, Task, text_of, told

BOTH = pytest.mark.parametrize("headers", [{}, HTMX])


def delivered(task: AssemblyTask, parcel_of: ParcelOf, upstream: RunningSandbox) -> Reaction:
    """Seen under way, then delivered for good."""
    row = parcel_of(task, steps=3)
    upstream.measoft.finish(row.number)
    told(row.carrier_account)
    return Reaction.objects.get(shipment=row, kind=ActionKind.RECEIVE)


def automatic(courier: CarrierAccount, **fields: int) -> None:
    ReactionRule.objects.create(
        carrier_account=courier, mode=ReactionMode.AUTOMATIC, rehearsed_at=timezone.now(), **fields
    )


@BOTH
def test_a_suggestion_is_one_click_and_says_why(
    order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, web: Client, headers: dict[str, str]
) -> None:
    task = order_at(status="DELIVERY")
    row = delivered(task, parcel_of, upstream)
    words = text_of(web.get(f"/tasks/{task.pk}/"))
    assert "The courier delivered it on " in words
    assert "Mark as received, " in words

    for _twice in range(2):
        answer = web.post(f"/reactions/{row.pk}/take/", headers=headers)
        assert answer.status_code == (200 if headers else 302)
    action = MarketplaceAction.objects.get()
    row.refresh_from_db()
    assert (action.kind, action.state) == (ActionKind.RECEIVE, ActionState.QUEUED)
    assert action.payload == {}  # a delivery of today needs no date
    assert (row.state, row.action) == (ReactionState.TAKEN, action)
    assert "Mark as received" not in text_of(web.get(f"/tasks/{task.pk}/"))


def test_in_the_queue_it_is_one_click_too(
    order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, web: Client
) -> None:
    task = order_at(status="DELIVERY")
    row = delivered(task, parcel_of, upstream)
    page = web.get("/tasks/?tab=delivering").content.decode()
    assert f'action="/reactions/{row.pk}/take/"' in page

    answer = web.post(f"/reactions/{row.pk}/take/", {"back": "/tasks/?tab=delivering"}, headers=HTMX)
    assert answer.status_code == 204
    assert "queue-changed" in answer["HX-Trigger"]
    assert MarketplaceAction.objects.get().kind == ActionKind.RECEIVE
    plain = web.post(f"/reactions/{row.pk}/take/", {"back": "/tasks/?tab=delivering"})
    assert plain["Location"] == "/tasks/?tab=delivering"


@BOTH
def test_where_the_buyers_code_is_needed_it_is_asked(
    task_at: Task, parcel_of: ParcelOf, upstream: RunningSandbox, web: Client, headers: dict[str, str]
) -> None:
    task = task_at(Stage.DELIVERING)
    row = delivered(task, parcel_of, upstream)
    address = f"/reactions/{row.pk}/take/"
    assert 'name="code"' in web.get(address, headers=headers).content.decode()

    for code, said in (("", "Enter the code the buyer shows."), ("12ab", "digits only")):
        answer = web.post(address, {"code": code}, headers=headers)
        assert answer.status_code == 422
        assert said in text_of(answer)
    row.refresh_from_db()
    assert row.state == ReactionState.SUGGESTED
    assert MarketplaceAction.objects.filter(kind=ActionKind.RECEIVE).count() == 0

    web.post(address, {"code": "123 456"}, headers=headers)
    assert MarketplaceAction.objects.get(kind=ActionKind.RECEIVE).state == ActionState.QUEUED


@BOTH
def test_what_waits_counts_down_and_is_stopped(
    order_at: Order,
    parcel_of: ParcelOf,
    courier: CarrierAccount,
    upstream: RunningSandbox,
    web: Client,
    headers: dict[str, str],
) -> None:
    automatic(courier, grace_minutes=30)
    task = order_at(status="DELIVERY")
    row = delivered(task, parcel_of, upstream)
    page = web.get(f"/tasks/{task.pk}/").content.decode()
    assert row.state == ReactionState.WAITING
    assert f'data-until="{row.due_at.isoformat()}"' in page if row.due_at else False

    web.post(f"/reactions/{row.pk}/stop/", headers=headers)
    row.refresh_from_db()
    assert row.state == ReactionState.STOPPED
    assert MarketplaceAction.objects.count() == 0
    assert "Stopped before it was done by itself: Received by the buyer" in text_of(web.get(f"/tasks/{task.pk}/"))


def test_a_trial_run_is_shown_as_a_suggestion_and_its_receipt_says_what_it_would_have_done(
    order_at: Order, parcel_of: ParcelOf, courier: CarrierAccount, upstream: RunningSandbox, web: Client
) -> None:
    ReactionRule.objects.create(carrier_account=courier, mode=ReactionMode.SHADOW)
    task = order_at(status="DELIVERY")
    row = delivered(task, parcel_of, upstream)
    words = text_of(web.get(f"/tasks/{task.pk}/"))
    assert "Mark as received, " in words
    assert "Trial run: the rule would do this by itself." in words
    assert "is done by itself in" not in words

    receipt = text_of(web.get(f"/reactions/{row.pk}/"))
    assert "Trial run it would do it: " in receipt
    assert "Trial run, would have been done: Received by the buyer" in receipt
    Reaction.objects.update(due_at=timezone.now())
    assert "Trial run it would have done it: " in text_of(web.get(f"/reactions/{row.pk}/"))
    assert web.post(f"/reactions/{row.pk}/take/").status_code == 302
    assert MarketplaceAction.objects.get().source == "staff"


@BOTH
def test_a_suggestion_is_put_away_with_a_note(
    order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, web: Client, headers: dict[str, str]
) -> None:
    task = order_at(status="DELIVERY")
    row = delivered(task, parcel_of, upstream)
    address = f"/reactions/{row.pk}/dismiss/"
    assert "Put the suggestion away?" in text_of(web.get(address, headers=headers))
    web.post(address, {"note": "the neighbour has it"}, headers=headers)
    row.refresh_from_db()
    assert (row.state, row.note) == (ReactionState.STOPPED, "the neighbour has it")

    late = web.post(f"/reactions/{row.pk}/take/", headers=headers)
    assert late.status_code == 409
    assert "It is not open any more: stopped." in text_of(late)
    assert MarketplaceAction.objects.count() == 0


def test_whether_an_order_is_over_is_asked_first(
    order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, web: Client
) -> None:
    task = order_at(status="DELIVERY")
    parcel = parcel_of(task, path="refused", steps=3)
    upstream.measoft.step(parcel.number, 3)
    told(parcel.carrier_account)
    row = Reaction.objects.get(shipment=parcel, kind=ActionKind.CANCEL)
    page = web.get(f"/tasks/{task.pk}/").content.decode()
    assert f'href="/reactions/{row.pk}/take/"' in page
    assert f'action="/reactions/{row.pk}/take/"' not in page

    assert "The carrier gave the delivery up on " in text_of(web.get(f"/reactions/{row.pk}/take/", headers=HTMX))
    web.post(f"/reactions/{row.pk}/take/", headers=HTMX)
    assert MarketplaceAction.objects.get().payload == {"reason": row.reason}


def test_who_may_not_act_decides_nothing_and_reads_the_receipt(
    order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, onlooker: Client
) -> None:
    row = delivered(order_at(status="DELIVERY"), parcel_of, upstream)

    for what in ("take", "stop", "dismiss"):
        assert onlooker.post(f"/reactions/{row.pk}/{what}/").status_code == 403
        assert onlooker.post(f"/reactions/999/{what}/").status_code == 403
    row.refresh_from_db()
    assert row.state == ReactionState.SUGGESTED
    assert onlooker.get(f"/reactions/{row.pk}/").status_code == 200
    assert onlooker.get("/reactions/999/").status_code == 404


def test_the_receipt_tells_the_rule_the_words_and_the_result(
    order_at: Order, parcel_of: ParcelOf, courier: CarrierAccount, upstream: RunningSandbox, web: Client
) -> None:
    automatic(courier, grace_minutes=0, cap_per_hour=7)
    row = delivered(order_at(status="DELIVERY"), parcel_of, upstream)
    row.refresh_from_db()
    words = text_of(web.get(f"/reactions/{row.pk}/"))

    assert row.state == ReactionState.ACTED
    for said in (
        "Done by itself: Received by the buyer",
        "Version of the rule 1",
        "Mode automatic",
        "Wait 0 minutes",
        "At most an hour 7",
        "The carrier said COMPLETE",
        "That means Delivered, final",
        "Our stage Delivering",
        "COMPLETE",
        "What was sent",
    ):
        assert said in words, said


def test_an_order_shows_what_its_parcels_suggest(
    order_at: Order, parcel_of: ParcelOf, upstream: RunningSandbox, web: Client
) -> None:
    row = delivered(order_at(status="DELIVERY"), parcel_of, upstream)
    address = f"/orders/{row.shipment.order_id}/"
    assert "Mark as received, " in text_of(web.get(address))

    assert web.post(f"/reactions/{row.pk}/take/", {"back": address})["Location"] == address
    assert Shipment.objects.count() == MarketplaceAction.objects.count() == 1
