"""The board of divergences: both sides' words and times, what settles it, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import translation

from backoffice.models import User
from carriers.models import CarrierAccount
from carriers.statuses import Finality, TrackingStatus
from orders.enums import ActionKind, ReactionState, Stage
from orders.models import Attention, MarketplaceAccount
from orders.queries import board
from orders.queries import divergence as queries
from orders.queries.divergence import Page, Row, Side
from orders.services.reacting import divergence
from tests.orders.statements import counted

from .diverging import CHANGED_AT, HOUR, NOW, SAID_AT, asked, order_at, parcel_of, reacts
from .parcels import carrier_account, shop_account

pytestmark = pytest.mark.django_db
T, FINAL = TrackingStatus, Finality.FINAL


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def market() -> MarketplaceAccount:
    return shop_account("yandex_market")


@pytest.fixture
def couriers() -> CarrierAccount:
    return carrier_account()


def shown(picker: User, size: int = 50, **params: str) -> Page:
    return queries.page(params, board.load(picker.pk), size)


def numbers(rows: list[Row]) -> list[str]:
    return [row.question.order.external_id for row in rows if row.question.order]


def test_a_row_tells_both_sides(market: MarketplaceAccount, couriers: CarrierAccount, picker: User) -> None:
    order = order_at(market, Stage.DELIVERING)
    parcel = parcel_of(order, couriers, T.DELIVERED, FINAL, raw_status="COMPLETE", raw_title="Доставлен")
    reaction = reacts(parcel, ActionKind.RECEIVE, ReactionState.SUGGESTED)
    divergence.refresh([order.pk], now=NOW)

    (row,) = shown(picker).rows

    assert (row.kind, row.code, row.title) == ("yandex_market", "we_are_behind", "We are behind")
    assert (row.risk, row.urgent, row.since) == ("the share of late deliveries", False, CHANGED_AT)
    assert row.marketplace == Side(
        "delivering", "Delivering", "Handed over to the delivery service · With the delivery service", SAID_AT
    )
    assert row.carrier == Side("delivered", "Delivered", "Доставлен", CHANGED_AT)
    assert (row.carrier_kind, row.number, row.parcels) == ("measoft", "MW-1", 1)
    todo = "Tell the marketplace that the buyer has it"
    assert row.ours == Side("suggested", "Suggested: “Received by the buyer”", todo, reaction.created_at)
    assert row.reaction == reaction
    assert [(each.kind, each.task, each.reason) for each in row.actions] == [("receive", order.tasks.get(), "")]


def test_a_word_without_a_title_is_explained(couriers: CarrierAccount, picker: User) -> None:
    order = order_at(shop_account(), Stage.RECEIVED)
    parcel_of(order, couriers, T.RETURNED, FINAL, raw_status="RETURNED")
    divergence.refresh([order.pk], now=NOW)

    (row,) = shown(picker).rows

    assert (row.carrier.detail, row.marketplace.detail) == ("Returned to the sender", "Received by the buyer")
    assert (row.title, row.ours.label) == (
        "They contradict each other", "Ask the carrier what is true, then settle it in the marketplace's cabinet",
    )  # fmt: skip
    assert (row.actions, row.reaction) == ([], None)


def test_an_action_that_cannot_be_asked_now_says_why(
    market: MarketplaceAccount, couriers: CarrierAccount, picker: User
) -> None:
    order = order_at(market, Stage.DELIVERING)
    parcel_of(order, couriers, T.RETURNED, FINAL)
    asked(order, ActionKind.ARRIVE)
    divergence.refresh([order.pk], now=NOW)

    (row,) = shown(picker).rows

    # Yandex Market has no "rejected": only what it knows is offered.
    assert [(each.kind, each.reason) for each in row.actions] == [
        ("cancel", "Wait for the answer to “Arrived at pick-up point” first.")
    ]


def test_the_most_urgent_first_then_the_oldest(
    market: MarketplaceAccount, couriers: CarrierAccount, picker: User
) -> None:
    stages = [Stage.DELIVERING, Stage.CANCELLED, Stage.DELIVERING, Stage.CANCELLED]
    for number, stage in enumerate(stages):
        order = order_at(market, stage, str(number))
        parcel_of(order, couriers, T.DELIVERED, FINAL, number=f"M-{number}")
        divergence.refresh([order.pk], now=NOW - number * HOUR)

    assert numbers(shown(picker).rows) == ["3", "1", "2", "0"]


def test_pages_forth_and_back(market: MarketplaceAccount, couriers: CarrierAccount, picker: User) -> None:
    for number in range(7):
        order = order_at(market, Stage.CANCELLED if number % 2 else Stage.DELIVERING, str(number))
        parcel_of(order, couriers, T.DELIVERED, FINAL, number=f"M-{number}")
        divergence.refresh([order.pk], now=NOW + timedelta(minutes=number // 4))

    first = shown(picker, 3)
    second = shown(picker, 3, after=first.next)
    third = shown(picker, 3, after=second.next)
    back = shown(picker, 3, before=third.previous)

    assert [numbers(page.rows) for page in (first, second, third)] == [["1", "3", "5"], ["0", "2", "4"], ["6"]]
    assert (first.previous, third.next) == ("", "")
    assert numbers(back.rows) == numbers(second.rows)
    assert numbers(shown(picker, 3, before=back.previous).rows) == ["1", "3", "5"]
    assert shown(picker, 3, before=back.previous).previous == ""


@pytest.mark.parametrize("cursor", ["", "x", "9-1-1", "0-", "0-1-", "-1-2-3", "0-99999999999999999999-1", "0-1-1 OR 1"])
def test_what_is_no_cursor_begins_at_the_first_page(
    market: MarketplaceAccount, couriers: CarrierAccount, picker: User, cursor: str
) -> None:
    order = order_at(market, Stage.CANCELLED)
    parcel_of(order, couriers, T.DELIVERED, FINAL)
    divergence.refresh([order.pk], now=NOW)

    assert len(shown(picker, after=cursor).rows) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_statements(
    market: MarketplaceAccount, couriers: CarrierAccount, picker: User, rows: int
) -> None:
    for number in range(rows):
        order = order_at(market, Stage.DELIVERING, str(number))
        reacts(
            parcel_of(order, couriers, T.DELIVERED, FINAL, number=f"M-{number}"),
            ActionKind.RECEIVE, ReactionState.SUGGESTED,
        )  # fmt: skip
        divergence.refresh([order.pk], now=NOW)
    frame = board.load(picker.pk)

    with counted() as statements:
        page = queries.page({}, frame)

    # Questions; tasks, their items, codes, open actions and what was told lately; reactions.
    assert (len(page.rows), len(statements)) == (rows, 7)


def test_an_empty_board_is_one_statement(picker: User) -> None:
    frame = board.load(picker.pk)

    with counted() as statements:
        assert queries.page({}, frame) == Page([])

    assert len(statements) == 1


def test_facts_of_another_time_do_not_break_the_board(market: MarketplaceAccount, picker: User) -> None:
    Attention.objects.create(
        kind="divergence", key="k", account=market, order=order_at(market, Stage.DELIVERING), opened_at=NOW,
        last_seen_at=NOW, facts={"code": "new_one", "risk": "else", "actions": ["fly"], "marketplace": {"stage": "moon"}},
    )  # fmt: skip

    (row,) = shown(picker).rows

    assert (row.title, row.risk, row.todo, row.actions) == ("New_one", "else", "", [])
    assert (row.marketplace.label, row.carrier.label, row.since) == ("moon", "", NOW)
