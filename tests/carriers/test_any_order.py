"""Any shuffling, doubling and splitting of a history into polls gives the same events and the same status."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from carriers.providers.dellin.status_map import WORDS as DELLIN
from carriers.providers.measoft.status_map import WORDS as MEASOFT
from carriers.types import Snapshot, arrange

from .dellin import support as dellin
from .measoft import support as measoft

START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
UNKNOWN = "TELEPORTED"
#: (word, minutes since the start): minutes repeat, so several may happen at once.
MEASOFT_ROWS = st.lists(st.tuples(st.sampled_from([*MEASOFT, UNKNOWN]), st.integers(0, 30)), min_size=1, max_size=12)
DELLIN_ROWS = st.lists(
    st.tuples(st.sampled_from([*DELLIN, UNKNOWN]), st.integers(0, 30), st.sampled_from([3, 10])),
    min_size=1,
    max_size=12,
)


def spread(draw: st.DrawFn, rows: Sequence[Any]) -> list[list[Any]]:
    """Polls that together told every row at least once, in any order and as often as it pleased."""
    told = draw(st.permutations([*rows, *draw(st.lists(st.sampled_from(list(rows)), max_size=8))]))
    cuts = sorted(draw(st.lists(st.integers(0, len(told)), max_size=3)))
    ends = [*cuts, len(told)]
    return [list(told[start:end]) for start, end in zip([0, *cuts], ends, strict=True) if end > start]


spreads = st.composite(spread)


def measoft_row(row: tuple[str, int]) -> str:
    code, minutes = row
    gmt, local = START + timedelta(minutes=minutes), START + timedelta(minutes=minutes, hours=3)
    return measoft.status(code, f"{gmt:%Y-%m-%d %H:%M:%S}", f"{local:%Y-%m-%d %H:%M:%S}", eventstore="Москва")


def dellin_row(row: tuple[str, int, int]) -> dict[str, Any]:
    word, minutes, offset = row
    state, _, detail = word.partition("/")
    local = START + timedelta(minutes=minutes, hours=offset)
    return dellin.row(state, f"{local:%Y-%m-%dT%H:%M:%S}.000+{offset:02}:00", detail or None)


def measoft_poll(now: tuple[str, int], rows: Sequence[tuple[str, int]]) -> Snapshot:
    return measoft.read(measoft.answer(measoft.order("MW-1", measoft_row(now), *map(measoft_row, rows))))


def same(first: Snapshot, second: Snapshot) -> None:
    assert first.events == second.events
    assert (first.current, first.meaning, first.digest) == (second.current, second.meaning, second.digest)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_history_of_measoft_told_at_once(data: st.DataObject) -> None:
    rows = data.draw(MEASOFT_ROWS)
    told = [row for poll in data.draw(spreads(rows)) for row in poll]

    same(measoft_poll(rows[-1], rows), measoft_poll(rows[-1], told))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_history_of_measoft_in_several_polls(data: st.DataObject) -> None:
    """The status is what the last poll says; the events are those of all polls."""
    rows = data.draw(MEASOFT_ROWS)
    polls = [measoft_poll(rows[-1], poll) for poll in data.draw(spreads(rows))]
    whole = measoft_poll(rows[-1], rows)

    assert arrange(event for poll in polls for event in poll.events) == whole.events
    assert {poll.current for poll in polls} == {whole.current}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_history_of_dellin_told_at_once(data: st.DataObject) -> None:
    rows = data.draw(DELLIN_ROWS)
    told = [row for poll in data.draw(spreads(rows)) for row in poll]

    same(dellin.read(*map(dellin_row, rows)), dellin.read(*map(dellin_row, told)))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_history_of_dellin_in_several_polls(data: st.DataObject) -> None:
    """The status is that of the newest event of all polls, which is that of the whole history."""
    rows = data.draw(DELLIN_ROWS)
    polls = [dellin.read(*map(dellin_row, poll)) for poll in data.draw(spreads(rows))]
    whole = dellin.read(*map(dellin_row, rows))

    merged = arrange(event for poll in polls for event in poll.events)

    assert merged == whole.events
    assert (merged[-1], merged[-1].meaning) == (whole.current, whole.meaning)
