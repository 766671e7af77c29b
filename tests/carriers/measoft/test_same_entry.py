"""An entry is its word and when it was written down: what else a server tells of it may be missing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from carriers.types import Page

from .support import answer, bench, order, read, status

TAKEN = ("2026-11-21 09:40:12", "2026-11-21 12:40:10")
ROW = status("COMPLETE", *TAKEN, eventstore="Москва", title="Доставлен")


@pytest.mark.parametrize(
    "poorer",
    [
        status("COMPLETE", *TAKEN, title="Доставлен"),
        status("COMPLETE", TAKEN[0]),
        status("COMPLETE", "", TAKEN[1]),
        status("COMPLETE"),
    ],
    ids=["no place", "only GMT", "only the local time", "bare"],
)
def test_a_present_word_with_less_than_its_row_is_that_row(poorer: str) -> None:
    found = read(answer(order("MW-1", poorer, ROW)))

    (event,) = found.events
    assert found.current == event
    assert (event.happened_at, event.local_time) == (
        datetime(2026, 11, 21, 9, 40, 12, tzinfo=UTC),
        datetime(2026, 11, 21, 12, 40, 10),
    )
    assert (event.title, event.place) == ("Доставлен", "Москва")


def test_a_row_that_lost_its_words_has_the_same_key() -> None:
    full = read(answer(order("MW-1", ROW, ROW)))
    poor = read(answer(order("MW-1", status("COMPLETE", TAKEN[0]), status("COMPLETE", TAKEN[0]))))

    assert [event.key for event in full.events] == [event.key for event in poor.events]


def test_the_same_word_written_down_twice_is_two_entries() -> None:
    again = status("COMPLETE", "2026-11-21 18:00:00", TAKEN[1], eventstore="Москва")
    found = read(answer(order("MW-1", again, ROW, again)))

    assert len({event.key for event in found.events}) == 2


def test_without_a_gmt_time_the_local_one_and_the_place_make_it() -> None:
    rows = [status("DEPARTURE", "", TAKEN[1], eventstore=place) for place in ("Москва", "Тверь")]
    found = read(answer(order("MW-1", rows[1], *rows)))

    assert [event.place for event in found.events if event.code == "DEPARTURE"] == ["Москва", "Тверь"]


def test_no_orders_that_changed_may_be_told_as_an_error() -> None:
    desk = bench('<statusreq error="11" errormsg="Orders not found" errormsgru="Заказы не найдены"/>')

    assert desk.carrier.changed("") == Page()
