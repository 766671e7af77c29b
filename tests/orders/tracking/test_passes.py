"""A full pass over a carrier does and sends what follows: with cron and `sync` nothing else runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from backoffice.errors import Temporary
from carriers.models import CarrierAccount
from orders.enums import ActionState, ReactionMode, Stage
from orders.models import AssemblyTask, MarketplaceAccount, MarketplaceAction, Reaction, ReactionRule, Shipment
from orders.services.syncing import passes
from sandbox.server import RunningSandbox
from tests.orders.yandex_market.conftest import connected, made, pulled

from .parcels import carrier_account, event, not_found, script, snapshot
from .reacting import Parcel, open_reactions

MUGS = [{"offerId": "MUG", "offerName": "Кружка", "count": 1, "price": 599, "requiredInstanceTypes": []}]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def shop(db: None, upstream: RunningSandbox) -> MarketplaceAccount:
    return connected(upstream)


def ordered(shop: MarketplaceAccount, upstream: RunningSandbox, status: str) -> tuple[AssemblyTask, Parcel]:
    """An order with a parcel under way, and a rule that acts after half an hour."""
    since = (timezone.now() - timedelta(days=5)).isoformat()
    made(upstream, items=MUGS, status=status, created=since, updated=since)
    (task,) = pulled(shop)
    couriers = carrier_account(changes=False)
    ReactionRule.objects.create(carrier_account=couriers, mode=ReactionMode.AUTOMATIC, grace_minutes=30)
    row = Shipment.objects.create(order=task.order, carrier_account=couriers, number="P-1")
    parcel = Parcel(row, couriers)
    parcel.say("ACCEPTED", happened=timezone.now() - timedelta(days=1))
    return task, parcel


def grace_is_over() -> None:
    moment = timezone.now() - timedelta(minutes=31)
    Reaction.objects.update(created_at=moment, due_at=moment + timedelta(minutes=30))
    Shipment.objects.update(checked_at=moment, next_poll_at=timezone.now() + timedelta(hours=20))


def run(account: CarrierAccount) -> passes.ParcelReport:
    report = passes.run(account)
    assert isinstance(report, passes.ParcelReport)
    return report


def test_what_a_carrier_says_in_a_pass_has_left_when_the_pass_is_over(
    shop: MarketplaceAccount, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, parcel = ordered(shop, upstream, "PROCESSING")
    script(monkeypatch, parcel.account, lambda number: snapshot(number, *parcel.history, event("DELIVERY", 200)))
    Shipment.objects.update(next_poll_at=timezone.now())

    report = run(parcel.account)

    assert (report.error, report.parcels_moved, report.actions_sent) == (None, 1, 1)
    assert open_reactions() == [("out_for_delivery", "deliver", "acted")]
    assert MarketplaceAction.objects.get().state == ActionState.SUCCEEDED
    task.refresh_from_db()
    assert task.stage == Stage.DELIVERING


def test_what_has_waited_long_enough_is_asked_about_done_and_sent_in_one_pass(
    shop: MarketplaceAccount, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, parcel = ordered(shop, upstream, "DELIVERY")
    parcel.say("COMPLETE")
    grace_is_over()
    carrier = script(monkeypatch, parcel.account, lambda number: snapshot(number, *parcel.history))

    report = run(parcel.account)

    assert (report.error, carrier.asked, report.actions_sent) == (None, [["P-1"]], 1)
    assert open_reactions() == [("delivered", "receive", "acted")]
    task.refresh_from_db()
    assert task.stage == Stage.RECEIVED
    assert run(parcel.account).actions_sent == 0
    assert MarketplaceAction.objects.count() == 1


def test_a_pass_in_which_the_carrier_does_not_confirm_sends_nothing(
    shop: MarketplaceAccount, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    _task, parcel = ordered(shop, upstream, "DELIVERY")
    parcel.say("COMPLETE")
    grace_is_over()
    script(monkeypatch, parcel.account, not_found)
    calls = len(upstream.calls())

    assert run(parcel.account).actions_sent == 0
    assert open_reactions() == [("delivered", "receive", "suggested")]
    assert (MarketplaceAction.objects.count(), len(upstream.calls())) == (0, calls)


def test_a_pass_over_another_carrier_leaves_it_alone(
    shop: MarketplaceAccount, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put off a minute by it, it would not be done in the pass over its own carrier."""
    _task, parcel = ordered(shop, upstream, "DELIVERY")
    parcel.say("COMPLETE")
    grace_is_over()
    before = Reaction.objects.get().due_at
    other = carrier_account("dellin", "Freight")

    assert run(other).actions_sent == 0
    assert Reaction.objects.get().due_at == before


def test_a_carrier_that_cannot_be_reached_holds_up_nothing_that_is_decided(
    shop: MarketplaceAccount, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hand-over had to wait for another step; nobody has to be asked about it once more."""
    _task, parcel = ordered(shop, upstream, "PROCESSING")
    parcel.say("DELIVERY")
    MarketplaceAction.objects.all().delete()
    Reaction.objects.update(state="waiting", due_at=timezone.now())
    Shipment.objects.update(next_poll_at=timezone.now())

    def fails(number: str) -> None:
        raise Temporary("no answer")

    script(monkeypatch, parcel.account, fails)  # type: ignore[arg-type]  # it never answers
    report = run(parcel.account)

    assert (report.ok, report.actions_sent) == (False, 1)
    assert open_reactions() == [("out_for_delivery", "deliver", "acted")]


def test_a_marketplace_that_fails_is_told_of_in_the_pass(
    shop: MarketplaceAccount, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    _task, parcel = ordered(shop, upstream, "PROCESSING")
    parcel.say("DELIVERY")
    script(monkeypatch, parcel.account, lambda number: snapshot(number, *parcel.history))
    MarketplaceAccount.objects.update(base_url="http://127.0.0.1:9")

    report = run(parcel.account)

    assert report.error is not None
    assert report.error.startswith(f"{shop.ref}: ")
    assert MarketplaceAction.objects.get().state in (ActionState.QUEUED, ActionState.UNCERTAIN)
