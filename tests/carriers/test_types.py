"""Events in order and once, whatever order and how often they came in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from carriers.types import Event, arrange, digest_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def event(
    code: str, at: datetime | None = None, local: datetime | None = None, *, rank: int = 0, title: str = ""
) -> Event:
    return Event(code, code, title=title, happened_at=at, local_time=local, rank=rank)


def codes(*events: Event) -> list[str]:
    return [each.code for each in arrange(events)]


def test_by_the_moment_and_not_by_the_clock_on_the_wall() -> None:
    east = datetime(2026, 11, 20, 20, tzinfo=timezone(timedelta(hours=10)))

    assert codes(event("noon", NOON), event("before", east)) == ["before", "noon"]


def test_at_the_same_moment_by_rank() -> None:
    assert codes(event("second", NOON, rank=2), event("first", NOON, rank=1)) == ["first", "second"]


def test_without_a_time_first_and_a_local_time_as_it_is() -> None:
    wall = datetime(2026, 11, 20, 13)

    assert codes(event("wall", local=wall), event("noon", NOON), event("bare")) == ["bare", "noon", "wall"]
    assert [each.dated for each in arrange([event("wall", local=wall), event("noon", NOON), event("bare")])] == [
        False,
        True,
        True,
    ]


def test_of_doubles_in_other_words_the_same_one_stays() -> None:
    first, second = event("a", NOON, title="Новый"), event("a", NOON, title="new")

    assert arrange([first, second]) == arrange([second, first]) == (second,)


def test_parts_of_a_digest_do_not_run_together() -> None:
    assert digest_of("ab", "c") != digest_of("a", "bc")
    assert len(digest_of("\ud800")) == 32
