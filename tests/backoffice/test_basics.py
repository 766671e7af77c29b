"""Small things under everything: the clock, the registry, foreign text."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from backoffice import clock
from backoffice.registry import Registry, UnknownKind
from backoffice.text import one_line

LATE = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)


@time_machine.travel(LATE, tick=False)
def test_the_clock_is_aware_and_local_where_people_read_it() -> None:
    assert clock.now() == LATE
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.local(LATE).isoformat() == "2026-11-23T01:30:00+03:00"
    assert clock.local(LATE, ZoneInfo("Asia/Vladivostok")).isoformat() == "2026-11-23T08:30:00+10:00"
    assert clock.today() == date(2026, 11, 23)
    assert clock.today(UTC) == date(2026, 11, 22)


def test_a_naive_time_is_no_time() -> None:
    with pytest.raises(ValueError, match="naive"):
        clock.local(datetime(2026, 11, 22))


def test_a_registry_keeps_the_order() -> None:
    registry: Registry[int] = Registry("number")
    assert registry.add("two", 2) == 2
    registry.add("one", 1)
    assert registry.kinds == ("two", "one")
    assert list(registry) == [2, 1]
    assert list(registry.items()) == [("two", 2), ("one", 1)]
    assert ("one" in registry, "three" in registry, len(registry)) == (True, False, 2)
    assert registry.get("one") == 1


def test_an_unknown_kind_names_the_known_ones() -> None:
    registry: Registry[int] = Registry("marketplace")
    with pytest.raises(UnknownKind, match=r"unknown marketplace 'ozon', known: none"):
        registry.get("ozon")
    registry.add("wildberries", 1)
    with pytest.raises(UnknownKind, match=r"unknown marketplace 'ozon', known: wildberries"):
        registry.get("ozon")


def test_a_kind_is_registered_once() -> None:
    registry: Registry[int] = Registry("carrier")
    registry.add("dellin", 1)
    with pytest.raises(ValueError, match="'dellin' is registered twice"):
        registry.add("dellin", 2)
    assert registry.get("dellin") == 1


@given(st.text(st.characters(), max_size=200), st.integers(0, 50))
def test_foreign_text_fits_every_database_and_log(text: str, most: int) -> None:
    line = one_line(text, most)
    assert len(line) <= most
    line.encode()
    assert not set(line) & {"\x00", "\n", "\r", "\x1b", "\u2028"}
