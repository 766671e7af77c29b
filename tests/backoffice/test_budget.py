"""Rate budgets. The numbers are those of the Wildberries contract, 1.7: status changes go one a second, burst 10."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from backoffice import budget
from backoffice.models import RateBudget
from backoffice.rates import Rule
from tests.backoffice.threads import together

KEY = "wildberries:1:confirm"
RULE = Rule(capacity=10, interval=1, costly=10)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def _at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.mark.django_db
def test_a_burst_goes_and_then_one_a_second(clock: time_machine.Traveller) -> None:
    assert [budget.take(KEY, rule=RULE) for _call in range(11)] == [None] * 10 + [_at(1)]
    clock.move_to(_at(0.4))
    assert budget.take(KEY, rule=RULE) == _at(1)
    clock.move_to(_at(1))
    assert [budget.take(KEY, rule=RULE) for _call in range(2)] == [None, _at(2)]
    clock.move_to(_at(3600))
    assert budget.level(KEY, rule=RULE) == 10


@pytest.mark.django_db
def test_a_refused_take_changes_nothing(clock: time_machine.Traveller) -> None:
    budget.take(KEY, rule=RULE, cost=10)
    before = RateBudget.objects.values().get()
    assert budget.take(KEY, rule=RULE) == _at(1)
    assert RateBudget.objects.values().get() == before


@pytest.mark.django_db
def test_keys_have_buckets_of_their_own(clock: time_machine.Traveller) -> None:
    assert budget.take("a", rule=RULE, cost=10) is None
    assert budget.take("b", rule=RULE, cost=10) is None
    assert budget.take("a", rule=RULE) == _at(1)


@pytest.mark.django_db
def test_a_job_leaves_a_reserve_for_people(clock: time_machine.Traveller) -> None:
    assert [budget.take(KEY, rule=RULE, reserve=8) for _call in range(3)] == [None, None, _at(1)]
    assert budget.take(KEY, rule=RULE) is None


@pytest.mark.django_db
def test_a_full_bucket_lets_through_what_it_could_never_hold(clock: time_machine.Traveller) -> None:
    assert budget.take(KEY, rule=RULE, cost=25) is None
    assert budget.take(KEY, rule=RULE) == _at(16)
    assert budget.take("other", rule=RULE, cost=1, reserve=50) is None


@pytest.mark.django_db
def test_a_4xx_costs_ten_calls(clock: time_machine.Traveller) -> None:
    budget.take(KEY, rule=RULE)
    clock.move_to(_at(5))
    budget.spend(KEY, RULE.costly - 1, rule=RULE)  # full again by then, so one is left
    assert budget.level(KEY, rule=RULE) == 1
    budget.spend(KEY, 9, rule=RULE)
    assert budget.take(KEY, rule=RULE) == _at(5 + 9)


@pytest.mark.django_db
def test_a_block_holds_until_its_time_and_leaves_the_bucket_empty(clock: time_machine.Traveller) -> None:
    budget.take(KEY, rule=RULE)
    budget.block(KEY, _at(2))
    assert budget.take(KEY, rule=RULE) == _at(2)
    budget.block(KEY, _at(1))  # a shorter one changes nothing
    assert budget.take(KEY, rule=RULE) == _at(2)
    clock.move_to(_at(2))
    assert [budget.take(KEY, rule=RULE) for _call in range(3)] == [None, None, _at(3)]


@pytest.mark.django_db
def test_a_block_before_the_first_call(clock: time_machine.Traveller) -> None:
    budget.block(KEY, _at(60))
    assert budget.take(KEY, rule=RULE) == _at(60)
    clock.move_to(_at(60))
    assert budget.take(KEY, rule=RULE) is None


@pytest.mark.django_db
def test_a_host_whose_clock_is_behind_refills_nothing(clock: time_machine.Traveller) -> None:
    budget.take(KEY, rule=RULE, cost=10)
    clock.move_to(_at(-30))
    assert budget.take(KEY, rule=RULE) == _at(-29)
    budget.spend(KEY, 0, rule=RULE)
    clock.move_to(_at(0))
    assert budget.level(KEY, rule=RULE) == 0


@pytest.mark.django_db
def test_two_statements_when_it_goes(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(3):
        budget.take(KEY, rule=RULE)
    with django_assert_num_queries(2):
        assert budget.take(KEY, rule=RULE) is None
    budget.take(KEY, rule=Rule(10, 3600), cost=8)
    with django_assert_num_queries(1):
        assert budget.take(KEY, rule=Rule(10, 3600)) is not None


@pytest.mark.django_db
def test_a_rival_between_reading_and_writing_is_noticed(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget.take(KEY, rule=RULE, cost=9)
    real, rivals = budget._row, iter([True])

    def slow(key: str, rule: Rule) -> RateBudget:
        row = real(key, rule)
        if next(rivals, False):
            assert budget.take(key, rule=rule) is None  # takes the last token
        return row

    monkeypatch.setattr(budget, "_row", slow)
    assert budget.take(KEY, rule=RULE) == _at(1)
    assert budget.level(KEY, rule=RULE) == 0


@pytest.mark.django_db
def test_endless_rivals_put_a_call_off(clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "_write", lambda *_args: False)
    assert budget.take(KEY, rule=RULE) == NOW + budget.CONTENDED


@pytest.mark.django_db(transaction=True)
def test_threads_together_take_no_more_than_there_is() -> None:
    rule = Rule(capacity=10, interval=3600)
    results = together(lambda: [budget.take(KEY, rule=rule) is None for _call in range(4)])
    assert sum(map(sum, results)) == 10


@pytest.mark.django_db(transaction=True)
def test_threads_that_meet_at_a_new_key_make_one_bucket() -> None:
    rule = Rule(capacity=3, interval=3600)
    results = together(lambda: budget.take(KEY, rule=rule) is None)
    assert (sum(results), RateBudget.objects.count()) == (3, 1)


@pytest.mark.django_db(transaction=True)
def test_threads_together_spend_everything_they_spent() -> None:
    rule = Rule(capacity=100, interval=3600)
    budget.take(KEY, rule=rule, cost=0)

    def work() -> None:
        for _call in range(5):
            budget.spend(KEY, 1, rule=rule)

    together(work)
    assert RateBudget.objects.get().tokens == pytest.approx(70, abs=0.1)


@pytest.mark.django_db
def test_the_upstream_says_what_is_left() -> None:
    rule = Rule(capacity=100, interval=36)
    assert budget.take("shop", rule=rule) is None

    budget.cap("shop", 7)
    assert round(budget.level("shop", rule=rule)) == 7
    budget.cap("shop", 50)  # it never gives back what was spent here
    assert round(budget.level("shop", rule=rule)) == 7
    budget.cap("never used", 3)
    assert budget.level("never used", rule=rule) == 100
