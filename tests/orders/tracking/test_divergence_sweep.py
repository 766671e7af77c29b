"""What time alone changes, what goes wrong with parcels, and what the marketplace said while no carrier spoke."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backoffice.models import User
from carriers.models import CarrierAccount
from carriers.statuses import Finality, TrackingStatus
from orders.enums import Severity, Stage
from orders.marketplaces import facts
from orders.models import Attention, MarketplaceAccount, Order, Shipment
from orders.services import attention
from orders.services.actors import staff as person
from orders.services.reacting import divergence
from orders.services.shipping import arrivals
from tests.orders.statements import counted

from .diverging import HOUR, NOW, moves, open_ones, order_at, parcel_of, stands
from .parcels import carrier_account, event, shop_account, snapshot

pytestmark = pytest.mark.django_db
T, FINAL, DAY = TrackingStatus, Finality.FINAL, timedelta(days=1)


@pytest.fixture
def market() -> MarketplaceAccount:
    return shop_account("yandex_market")


@pytest.fixture
def couriers() -> CarrierAccount:
    return carrier_account()


@pytest.fixture
def trucks() -> CarrierAccount:
    return carrier_account("dellin", "Trucks")


def found(order: Order) -> list[tuple[str, str, str, list[str]]]:
    """Code, risk, severity and actions of the open questions."""
    rows = sorted(open_ones(order).items())
    return [(code, row.facts["risk"], row.severity, row.facts["actions"]) for code, row in rows]


def test_no_news_for_days(market: MarketplaceAccount, couriers: CarrierAccount) -> None:
    order = order_at(market, Stage.DELIVERING)
    parcel = parcel_of(order, couriers, T.IN_TRANSIT, news_at=NOW - 3 * DAY)

    divergence.sweep(NOW - timedelta(minutes=1))
    assert found(order) == []
    divergence.sweep(NOW)
    assert found(order) == [("quiet", "quiet", "warning", [])]
    assert open_ones(order)["quiet"].facts["since"] == (NOW - 3 * DAY).isoformat()

    moves(parcel, T.OUT_FOR_DELIVERY)
    divergence.sweep(NOW)
    assert found(order) == []


@pytest.mark.parametrize(("days", "expected"), [("5", [5]), (0, []), (None, [3, 4, 5])])
def test_an_account_says_how_long_its_parcels_may_be_without_news(
    market: MarketplaceAccount, days: Any, expected: list[int]
) -> None:
    options = {} if days is None else {"quiet_days": days}
    couriers = carrier_account(**options)
    order = order_at(market, Stage.DELIVERING)
    parcel_of(order, couriers, T.IN_TRANSIT)
    seen = []
    for passed in (2, 3, 4, 5):
        Shipment.objects.update(news_at=NOW - passed * DAY)
        divergence.sweep(NOW)
        seen += [passed] * ("quiet" in open_ones(order))

    assert seen == expected


@pytest.mark.parametrize(
    ("status", "finality", "fields"),
    [
        (T.DELIVERED, FINAL, {}),  # it has ended
        (T.PENDING, Finality.OPEN, {}),  # it has not begun
        (T.UNKNOWN, Finality.OPEN, {}),  # nothing is known: a question of its own
        (T.IN_TRANSIT, Finality.OPEN, {"checked_at": NOW - 3 * DAY}),  # nobody asked: silence of the account
        (T.IN_TRANSIT, Finality.OPEN, {"checked_at": None}),
    ],
)
def test_what_is_not_quiet(
    couriers: CarrierAccount, status: TrackingStatus, finality: Finality, fields: dict[str, Any]
) -> None:
    order = order_at(shop_account(), Stage.ASSEMBLING if status == T.PENDING else Stage.DELIVERING)
    parcel_of(order, couriers, status, finality, **{"news_at": NOW - 9 * DAY, **fields})

    divergence.sweep(NOW)

    assert "quiet" not in open_ones(order)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("received_warehousing", T.ON_HOLD),
        ("airport_warehousing", T.ON_HOLD),
        ("warehousing", T.READY_FOR_PICKUP),
        ("warehousing/whatever", T.READY_FOR_PICKUP),
    ],
)
def test_paid_storage_runs_at_the_carrier(
    market: MarketplaceAccount, trucks: CarrierAccount, word: str, status: TrackingStatus
) -> None:
    order = order_at(market, Stage.AT_PICKUP_POINT if status == T.READY_FOR_PICKUP else Stage.DELIVERING)
    parcel = parcel_of(order, trucks, status, raw_status=word, needs_look=True)

    divergence.refresh([order.pk], now=NOW)
    assert found(order) == [("storage", "storage", "urgent", [])]

    moves(parcel, T.OUT_FOR_DELIVERY, raw_status="delivery", needs_look=False)
    stands(order, Stage.DELIVERING)
    divergence.refresh([order.pk], now=NOW)
    assert found(order) == []


def test_a_delivery_that_could_not_be_agreed(market: MarketplaceAccount, couriers: CarrierAccount) -> None:
    order = order_at(market, Stage.DELIVERING)
    parcel_of(order, couriers, T.ON_HOLD, raw_status="UNCONFIRM", needs_look=True)

    divergence.refresh([order.pk], now=NOW)

    assert found(order) == [("not_agreed", "appointment", "warning", ["move_date"])]


def test_a_lost_parcel_is_one_question(market: MarketplaceAccount, couriers: CarrierAccount) -> None:
    """Beside an open order the loss is a disagreement too; beside a cancelled one only the goods are lost."""
    order = order_at(market, Stage.DELIVERING)
    parcel_of(order, couriers, T.LOST, FINAL, raw_status="LOST", needs_look=True)

    divergence.refresh([order.pk], now=NOW)
    assert found(order) == [("lost", "lost", "urgent", ["cancel"])]
    assert open_ones(order)["lost"].facts["kind"] == "we_are_behind"

    stands(order, Stage.CANCELLED)
    divergence.refresh([order.pk], now=NOW)
    assert found(order) == [("lost", "lost", "urgent", [])]
    assert open_ones(order)["lost"].facts["kind"] == ""
    assert Attention.objects.count() == 1


def kept_until(day: str) -> dict[str, Any]:
    return facts.dump(facts.OrderFacts(delivery=facts.DeliveryFacts(storage_until=day)))


@pytest.mark.parametrize(
    ("until", "severity"),
    [("2026-11-28", None), ("2026-11-27", "warning"), ("2026-11-26", "urgent"), ("2026-11-24", "urgent")],
)
def test_the_storage_at_the_pickup_point_runs_out(
    market: MarketplaceAccount, couriers: CarrierAccount, until: str, severity: str | None
) -> None:
    order = order_at(market, Stage.AT_PICKUP_POINT, data=kept_until(until))
    parcel_of(order, couriers, T.READY_FOR_PICKUP)

    divergence.sweep(NOW)

    assert found(order) == ([("storage", "storage", severity, ["extend_storage"])] if severity else [])
    if severity:
        assert open_ones(order)["storage"].facts["until"] == until


def test_what_a_person_has_closed_comes_again_when_it_is_urgent(
    market: MarketplaceAccount, couriers: CarrierAccount, picker: User
) -> None:
    order = order_at(market, Stage.AT_PICKUP_POINT, data=kept_until("2026-11-27"))
    parcel_of(order, couriers, T.READY_FOR_PICKUP)
    divergence.sweep(NOW)
    attention.resolve(Attention.objects.get().pk, actor=person(picker), note="called the buyer")

    divergence.sweep(NOW + HOUR)
    assert found(order) == []
    divergence.sweep(NOW + DAY)
    assert [severity for _code, _risk, severity, _actions in found(order)] == [Severity.URGENT]


def test_what_the_marketplace_said_is_found_without_any_carrier(
    market: MarketplaceAccount, couriers: CarrierAccount
) -> None:
    """Cancelled while the courier is on the way: nothing came from the carrier since."""
    order = order_at(market, Stage.DELIVERING)
    parcel_of(order, couriers, T.OUT_FOR_DELIVERY)
    assert (divergence.sweep(NOW), found(order)) == (1, [])
    stands(order, Stage.CANCELLED)

    assert divergence.sweep(NOW + HOUR) == 1

    assert found(order) == [("contradiction", "goods", "urgent", [])]


def test_old_closed_orders_are_left_alone_but_their_questions_still_close(
    market: MarketplaceAccount, couriers: CarrierAccount
) -> None:
    old, asked = order_at(market, Stage.RECEIVED, "1"), order_at(market, Stage.CANCELLED, "2")
    parcel_of(old, couriers, T.DELIVERED, FINAL, number="A")
    second = parcel_of(asked, couriers, T.DELIVERED, FINAL, number="B")
    divergence.refresh([asked.pk], now=NOW)
    Order.objects.update(updated_at=NOW - 40 * DAY)

    assert divergence.sweep(NOW) == 1
    assert open_ones(asked).keys() == {"contradiction"}

    Shipment.objects.filter(pk=second.pk).update(detached_at=NOW)
    assert divergence.sweep(NOW) == 1
    assert open_ones(asked) == {}
    assert divergence.sweep(NOW) == 0


def test_the_sweep_goes_on_in_chunks(
    market: MarketplaceAccount, couriers: CarrierAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(divergence, "CHUNK", 2)
    orders = [order_at(market, Stage.DELIVERING, str(n)) for n in range(5)]
    for order in orders:
        parcel_of(order, couriers, T.DELIVERED, FINAL, number=f"M-{order.pk}")
    assert divergence.sweep(NOW) == 5
    assert Attention.objects.filter(resolved_at=None).count() == 5

    with counted() as again:
        assert divergence.sweep(NOW) == 5

    # The list of parcels and of questions; three chunks of eight statements each.
    assert len(again) == 2 + 3 * 8


def test_from_the_carriers_word_to_a_question_and_back(market: MarketplaceAccount, couriers: CarrierAccount) -> None:
    """Through what carriers tell: delivered raises it at once, and the correction closes it in the same transaction."""
    order = order_at(market, Stage.DELIVERING)
    parcel_of(order, couriers, T.UNKNOWN, number="MW-1", changed_at=None, news_at=None, checked_at=None)
    complete, again = event("COMPLETE"), event("DELIVERY", hours=2)
    arrivals.apply(couriers, [snapshot("MW-1", complete)], NOW)
    assert [(code, risk) for code, risk, _severity, _actions in found(order)] == [("we_are_behind", "late")]
    facts = open_ones(order)["we_are_behind"].facts
    assert (facts["carrier"]["word"], facts["ours"]["state"], facts["ours"]["kind"]) == (
        "COMPLETE", "suggested", "receive",
    )  # fmt: skip

    arrivals.apply(couriers, [snapshot("MW-1", complete, again)], NOW + HOUR)

    assert found(order) == []
