"""Several buckets for one call: all have to let it go, and a refused call costs nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from backoffice import budget
from backoffice.errors import RateLimited
from backoffice.gate import DatabaseGate
from backoffice.rates import Rule

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE, HOUR = Rule(capacity=3, interval=20), Rule(capacity=5, interval=600)
RULES = {"minute": MINUTE, "hour": HOUR}


def levels() -> tuple[float, float]:
    return budget.level("key:minute", rule=MINUTE), budget.level("key:hour", rule=HOUR)


@time_machine.travel(NOW, tick=False)
def test_both_are_charged() -> None:
    DatabaseGate("key").take_all(RULES)

    assert levels() == (2, 4)


@pytest.mark.parametrize(
    ("group", "rule", "until"), [("minute", MINUTE, timedelta(seconds=20)), ("hour", HOUR, timedelta(seconds=600))]
)
def test_either_stops_the_call_and_the_other_gets_back_what_it_paid(group: str, rule: Rule, until: timedelta) -> None:
    with time_machine.travel(NOW, tick=False):
        budget.spend(f"key:{group}", rule.capacity, rule=rule)
        before = levels()

        with pytest.raises(RateLimited) as found:
            DatabaseGate("key").take_all(RULES)

        assert levels() == before
    assert found.value.until == NOW + until


def test_the_minute_and_the_hour_are_one_budget_for_everyone() -> None:
    """Two workers with gates of their own: five calls at most, three of them at once."""
    gates, gone = (DatabaseGate("key"), DatabaseGate("key")), 0
    with time_machine.travel(NOW, tick=False) as clock:
        for second in range(0, 120, 10):
            clock.move_to(NOW + timedelta(seconds=second))
            for gate in gates:
                try:
                    gate.take_all(RULES)
                    gone += 1
                except RateLimited:
                    pass

    assert gone == 5


def test_a_block_holds_both() -> None:
    with time_machine.travel(NOW, tick=False):
        gate = DatabaseGate("key")
        gate.block("minute", NOW + timedelta(seconds=30))

        with pytest.raises(RateLimited) as found:
            gate.take_all(RULES)

    assert found.value.until == NOW + timedelta(seconds=30)
