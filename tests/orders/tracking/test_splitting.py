"""Any shuffling, doubling and splitting of a history into polls gives the same timeline and the same status."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carriers.models import CarrierAccount
from carriers.types import Event, Snapshot
from orders.models import Order, Shipment, TimelineEntry
from orders.services import actors
from orders.services.shipping import shipments, tracking
from tests.orders.tracking.parcels import carrier_account, event, order_of, shop_account

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
WORDS = (
    "NEW", "ACCEPTED", "DEPARTURE", "UNCONFIRM", "DATECHANGE", "DELIVERY", "COURIERDELIVERED", "COURIERCANCELED", "COMPLETE",
    "CANCELED", "RETURNING", "RETURNED", "TELEPORTED",
)  # fmt: skip
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Story:
    """A history, where it was cut into polls, and how each poll was told: an order of places, some of them twice."""

    words: tuple[str, ...]
    cuts: tuple[int, ...]
    seed: Any

    @property
    def events(self) -> list[Event]:
        return [event(word, hours) for hours, word in enumerate(self.words)]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8))
    cuts = draw(st.lists(st.integers(1, len(words)), max_size=5))
    return Story(tuple(words), tuple(sorted({*cuts, len(words)})), draw(st.randoms(use_true_random=False)))


@pytest.fixture
def couriers() -> CarrierAccount:
    return carrier_account()


@pytest.fixture
def order() -> Order:
    return order_of(shop_account(), "1001")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.services.reacting.reactions.consider", lambda rows, **_more: None)
    monkeypatch.setattr("orders.services.reacting.divergence.refresh", lambda ids, **_more: None)


def parcel_of(order: Order, account: CarrierAccount) -> Shipment:
    return shipments.attach(order.pk, account.pk, f"P{next(_numbers)}", actor=actors.SYSTEM)


def poll(parcel: Shipment, told: list[Event], current: Event, *, place: int, complete: bool) -> None:
    """Told as it comes: what is behind a provider is in no order and may be doubled."""
    found = Snapshot(parcel.number, current, current.meaning, tuple(told), complete=complete, raw=b"<order/>")
    tracking.apply(parcel.carrier_account, [found], NOW + timedelta(minutes=place))


def outcome(parcel: Shipment, *, corrections: bool = True) -> tuple[Any, ...]:
    parcel.refresh_from_db()
    rows = TimelineEntry.objects.filter(shipment=parcel, source="carrier").order_by("happened_at", "kind", "code")
    names = ["kind", "code", "status", "happened_at", "data", *(["correction"] if corrections else [])]
    told = [
        {**row, "data": {**row["data"], "raw": None}} for row in rows.values(*names)
    ]  # which answer told it first may differ
    return (parcel.status, parcel.finality, parcel.raw_status, parcel.needs_look, told)


@given(story=stories())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_growing_history_told_in_any_way_gives_the_same(story: Story, couriers: CarrierAccount, order: Order) -> None:
    """Each poll tells all that has happened so far: shuffled, some of it twice."""
    with transaction.atomic():
        at_once, in_parts = parcel_of(order, couriers), parcel_of(order, couriers)
        events = story.events
        poll(at_once, events, events[-1], place=0, complete=True)
        for place, cut in enumerate(story.cuts):
            told = events[:cut] + story.seed.choices(events[:cut], k=3)
            story.seed.shuffle(told)
            poll(in_parts, told, events[cut - 1], place=place, complete=True)

    # A status that is no status (an unknown word at the end) stays what it was before: that is told only in parts.
    if events[-1].meaning is not None:
        assert outcome(in_parts) == outcome(at_once)
    assert outcome(in_parts)[-1] == outcome(at_once)[-1]


@given(story=stories())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_history_told_in_pieces_gives_the_same(story: Story, couriers: CarrierAccount, order: Order) -> None:
    """Each poll tells some of it, in no order; the last one what was left out."""
    with transaction.atomic():
        at_once, in_parts = parcel_of(order, couriers), parcel_of(order, couriers)
        events = story.events
        poll(at_once, events, events[-1], place=0, complete=True)
        for place, cut in enumerate(story.cuts):
            told = [*story.seed.choices(events[:cut], k=2), events[cut - 1]]
            poll(in_parts, told, events[cut - 1], place=place, complete=False)
        poll(in_parts, story.seed.sample(events, len(events)), events[-1], place=9, complete=True)

    told_at_once, told_in_parts = outcome(at_once, corrections=False), outcome(in_parts, corrections=False)
    assert told_in_parts[-1] == told_at_once[-1]
    if events[-1].meaning is not None:
        assert told_in_parts == told_at_once
