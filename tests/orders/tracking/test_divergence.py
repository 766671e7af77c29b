"""Questions about disagreements: they open, tell both sides, follow what is said, and close by themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.models import User
from carriers.models import CarrierAccount
from carriers.statuses import Finality, TrackingStatus
from orders.enums import ActionKind, ReactionState, Severity, Stage
from orders.models import Attention, MarketplaceAccount, Shipment
from orders.services import attention
from orders.services.actors import staff as person
from orders.services.reacting import divergence
from tests.orders.statements import counted

from .diverging import CHANGED_AT, HOUR, NOW, SAID_AT, asked, moves, open_ones, order_at, parcel_of, reacts, stands
from .parcels import carrier_account, shop_account

pytestmark = pytest.mark.django_db
T, FINAL = TrackingStatus, Finality.FINAL


@pytest.fixture
def market() -> MarketplaceAccount:
    return shop_account("yandex_market")


@pytest.fixture
def couriers() -> CarrierAccount:
    return carrier_account()


def test_delivered_there_still_delivering_here(market: MarketplaceAccount, couriers: CarrierAccount) -> None:
    order = order_at(market, Stage.DELIVERING)
    parcel = parcel_of(order, couriers, T.DELIVERED, FINAL, raw_status="COMPLETE", raw_title="Доставлен")

    divergence.refresh([order.pk], now=NOW)

    (row,) = open_ones(order).values()
    assert (row.key, row.severity, row.opened_at) == (f"divergence:order:{order.pk}:we_are_behind", "warning", NOW)
    assert (row.account_id, row.order_id, row.shipment_id) == (market.pk, order.pk, parcel.pk)
    assert row.carrier_account_id == couriers.pk
    mark = row.facts.pop("mark")
    assert row.facts == {
        "code": "we_are_behind",
        "kind": "we_are_behind",
        "risk": "late",
        "actions": ["receive"],
        "marketplace": {
            "stage": "delivering",
            "words": [{"status": "DELIVERY", "substatus": "DELIVERY_SERVICE_RECEIVED"}],
            "at": SAID_AT.isoformat(),
        },
        "carrier": {
            "carrier": "measoft",
            "shipment": parcel.pk,
            "number": "MW-1",
            "status": "delivered",
            "finality": "final",
            "word": "COMPLETE",
            "title": "Доставлен",
            "at": CHANGED_AT.isoformat(),
            "parcels": 1,
        },
        "ours": {},
        "since": CHANGED_AT.isoformat(),
    }
    assert mark == f"we_are_behind|late|warning|delivering|delivered|final|{parcel.pk}|{CHANGED_AT.isoformat()}"


def test_it_closes_itself_when_they_agree_again(market: MarketplaceAccount, couriers: CarrierAccount) -> None:
    order = order_at(market, Stage.DELIVERING)
    parcel_of(order, couriers, T.DELIVERED, FINAL)
    divergence.refresh([order.pk], now=NOW)
    stands(order, Stage.RECEIVED)

    divergence.refresh([order.pk], now=NOW)

    row = Attention.objects.get()
    assert (row.resolved_at is not None, row.resolved_by) == (True, None)


def test_asked_twice_is_one_question(market: MarketplaceAccount, couriers: CarrierAccount) -> None:
    order = order_at(market, Stage.DELIVERING)
    parcel_of(order, couriers, T.DELIVERED, FINAL)
    divergence.refresh([order.pk], now=NOW)
    before = Attention.objects.values().get()

    divergence.refresh([order.pk], now=NOW + HOUR)

    assert Attention.objects.values().get() == before


def test_another_disagreement_takes_the_place_of_the_first(
    market: MarketplaceAccount, couriers: CarrierAccount
) -> None:
    order = order_at(market, Stage.DELIVERING)
    parcel_of(order, couriers, T.DELIVERED, FINAL)
    divergence.refresh([order.pk], now=NOW)
    stands(order, Stage.CANCELLED)

    divergence.refresh([order.pk], now=NOW)

    (row,) = open_ones(order).values()
    assert (row.facts["code"], row.facts["risk"], row.severity) == ("contradiction", "goods", Severity.URGENT)


def test_an_open_question_tells_what_is_said_now(market: MarketplaceAccount, couriers: CarrierAccount) -> None:
    """The marketplace cancelled while the courier is on the way; then the courier hands it over all the same."""
    order = order_at(market, Stage.CANCELLED)
    parcel = parcel_of(order, couriers, T.OUT_FOR_DELIVERY, raw_status="DELIVERY")
    divergence.refresh([order.pk], now=NOW - HOUR)
    before = Attention.objects.get()
    moves(parcel, T.DELIVERED, FINAL, raw_status="COMPLETE")

    divergence.refresh([order.pk], now=NOW)

    after = Attention.objects.get()
    assert (after.pk, after.opened_at, after.count) == (before.pk, NOW - HOUR, 1)
    assert (before.facts["carrier"]["word"], after.facts["carrier"]["word"]) == ("DELIVERY", "COMPLETE")
    assert (after.facts["since"], after.last_seen_at) == (NOW.isoformat(), NOW)


def test_one_that_a_person_has_closed_stays_closed_until_a_side_moves(
    market: MarketplaceAccount, couriers: CarrierAccount, picker: User
) -> None:
    order = order_at(market, Stage.CANCELLED)
    parcel = parcel_of(order, couriers, T.OUT_FOR_DELIVERY)
    divergence.refresh([order.pk], now=NOW)
    attention.resolve(Attention.objects.get().pk, actor=person(picker), note="the courier knows")

    divergence.refresh([order.pk], now=NOW + HOUR)
    assert open_ones(order) == {}

    moves(parcel, T.DELIVERED, FINAL)
    divergence.refresh([order.pk], now=NOW + HOUR)
    assert open_ones(order).keys() == {"contradiction"}


def test_returned_there_received_here(couriers: CarrierAccount) -> None:
    order = order_at(shop_account(), Stage.RECEIVED)
    parcel_of(order, couriers, T.RETURNED, FINAL)

    divergence.refresh([order.pk], now=NOW)

    (row,) = open_ones(order).values()
    assert (row.facts["code"], row.facts["risk"], row.severity) == ("contradiction", "money", Severity.URGENT)


def test_what_is_suggested_is_told(market: MarketplaceAccount, couriers: CarrierAccount) -> None:
    order = order_at(market, Stage.DELIVERING)
    parcel = parcel_of(order, couriers, T.DELIVERED, FINAL)
    reaction = reacts(parcel, ActionKind.RECEIVE, ReactionState.SUGGESTED)

    divergence.refresh([order.pk], now=NOW)

    ours = open_ones(order)["we_are_behind"].facts["ours"]
    at = reaction.created_at.isoformat()
    assert ours == {"state": "suggested", "kind": "receive", "reaction": reaction.pk, "at": at}


def test_while_the_grace_runs_nothing_is_asked(market: MarketplaceAccount, couriers: CarrierAccount) -> None:
    order = order_at(market, Stage.DELIVERING)
    parcel = parcel_of(order, couriers, T.DELIVERED, FINAL)
    reacts(parcel, ActionKind.RECEIVE, ReactionState.WAITING, due_at=NOW + HOUR)

    divergence.refresh([order.pk], now=NOW)

    assert open_ones(order) == {}


def test_an_action_on_its_way_is_given_an_hour(market: MarketplaceAccount, couriers: CarrierAccount) -> None:
    order = order_at(market, Stage.DELIVERING)
    parcel_of(order, couriers, T.DELIVERED, FINAL)
    asked(order, ActionKind.RECEIVE, at=NOW)

    divergence.refresh([order.pk], now=NOW + timedelta(minutes=59))
    assert open_ones(order) == {}

    divergence.refresh([order.pk], now=NOW + HOUR)
    (row,) = open_ones(order).values()
    assert (row.facts["code"], row.facts["risk"], row.severity) == ("they_are_behind", "answer", Severity.INFO)
    assert row.facts["ours"] == {"state": "asked", "kind": "receive", "at": NOW.isoformat()}


def test_a_correction_in_the_grace_is_on_the_board_at_once(
    market: MarketplaceAccount, couriers: CarrierAccount
) -> None:
    """Delivered, then new: what was to be sent is stopped, and a person knows it now, not in a day."""
    order = order_at(market, Stage.DELIVERING)
    parcel = parcel_of(order, couriers, T.PENDING, raw_status="NEW")
    divergence.refresh([order.pk], now=NOW)
    assert open_ones(order) == {}
    reacts(parcel, ActionKind.RECEIVE, ReactionState.OVERTAKEN, decided_at=CHANGED_AT)

    divergence.refresh([order.pk], now=NOW)

    (row,) = open_ones(order).values()
    assert (row.facts["code"], row.facts["risk"]) == ("they_are_behind", "news")
    assert (row.facts["ours"]["state"], row.facts["ours"]["kind"]) == ("overtaken", "receive")


def test_the_carriers_news_may_be_a_day_late(couriers: CarrierAccount) -> None:
    order = order_at(shop_account(), Stage.RECEIVED)
    parcel_of(order, couriers, T.OUT_FOR_DELIVERY, checked_at=None)

    divergence.refresh([order.pk], now=CHANGED_AT + 23 * HOUR)
    assert open_ones(order) == {}

    divergence.refresh([order.pk], now=CHANGED_AT + 24 * HOUR)
    assert open_ones(order).keys() == {"they_are_behind"}


def test_wildberries_learns_of_a_pickup_point_by_itself(couriers: CarrierAccount, market: MarketplaceAccount) -> None:
    theirs, ours = order_at(shop_account(), Stage.DELIVERING, "1"), order_at(market, Stage.DELIVERING, "2")
    parcel_of(theirs, couriers, T.READY_FOR_PICKUP, number="A")
    parcel_of(ours, couriers, T.READY_FOR_PICKUP, number="B")

    divergence.refresh([theirs.pk, ours.pk], now=NOW)

    assert open_ones(theirs) == {}
    assert open_ones(ours)["we_are_behind"].facts["actions"] == ["arrive"]


def test_a_detached_parcel_does_not_disagree(market: MarketplaceAccount, couriers: CarrierAccount) -> None:
    order = order_at(market, Stage.DELIVERING)
    parcel = parcel_of(order, couriers, T.DELIVERED, FINAL)
    divergence.refresh([order.pk], now=NOW)
    Shipment.objects.filter(pk=parcel.pk).update(detached_at=NOW)

    divergence.refresh([order.pk], now=NOW)

    assert open_ones(order) == {}


def test_the_least_far_of_several_parcels_decides(market: MarketplaceAccount, couriers: CarrierAccount) -> None:
    order = order_at(market, Stage.DELIVERING)
    parcel_of(order, couriers, T.DELIVERED, FINAL, number="A")
    second = parcel_of(order, couriers, T.OUT_FOR_DELIVERY, number="B")
    divergence.refresh([order.pk], now=NOW)
    assert open_ones(order) == {}

    moves(second, T.RETURNED, FINAL)
    divergence.refresh([order.pk], now=NOW)

    facts = open_ones(order)["we_are_behind"].facts
    assert (facts["risk"], facts["carrier"]["status"], facts["carrier"]["parcels"]) == (
        "partial", "partially_delivered", 2,
    )  # fmt: skip
    assert facts["carrier"]["number"] == "B"


@pytest.mark.parametrize("orders", [1, 40])
def test_the_number_of_statements_does_not_grow(
    market: MarketplaceAccount, couriers: CarrierAccount, orders: int
) -> None:
    found = [order_at(market, Stage.DELIVERING, str(n)) for n in range(orders)]
    parcels = [parcel_of(order, couriers, T.DELIVERED, FINAL, number=f"M-{order.pk}") for order in found]
    ids = [order.pk for order in found]
    with counted() as opening:
        divergence.refresh(ids, now=NOW)
    with counted() as nothing_new:
        divergence.refresh(ids, now=NOW)
    for parcel in parcels:
        moves(parcel, T.RETURNED, FINAL)
    with counted() as following:
        divergence.refresh(ids, now=NOW)
    for order in found:
        stands(order, Stage.REJECTED)
    with counted() as closing:
        divergence.refresh(ids, now=NOW)

    # Orders, parcels, their accounts, questions; where something is wrong the marketplace's accounts, tasks, actions, reactions;
    # then what is to be written.
    assert (len(opening), len(nothing_new), len(following), len(closing)) == (10, 8, 9, 6)
    assert Attention.objects.filter(resolved_at=None).count() == 0


def test_parcels_that_are_at_hand_are_not_read_again(market: MarketplaceAccount, couriers: CarrierAccount) -> None:
    """They count beside those that are not, in the order in which they were attached."""
    order = order_at(market, Stage.DELIVERING)
    first = parcel_of(order, couriers, T.DELIVERED, FINAL, number="A")
    second = parcel_of(order, couriers, T.DELIVERED, FINAL, number="B")
    divergence.refresh([order.pk], now=NOW)
    told = open_ones(order)["we_are_behind"].facts

    for at_hand in ([first], [second], [first, second]):
        Attention.objects.all().delete()
        divergence.refresh([order.pk], now=NOW, parcels=at_hand)
        assert open_ones(order)["we_are_behind"].facts == told

    second.status = T.OUT_FOR_DELIVERY
    divergence.refresh([order.pk], now=NOW, parcels=[second])
    assert open_ones(order) == {}


def test_orders_without_parcels_cost_nothing_more(market: MarketplaceAccount) -> None:
    order = order_at(market, Stage.DELIVERING)

    divergence.refresh([order.pk], now=NOW)
    divergence.refresh([], now=NOW)

    assert Attention.objects.count() == 0
