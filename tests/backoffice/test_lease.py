"""Leases: one job at a time, taken over when it ran out, and a record of each run."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from pytest_django import DjangoAssertNumQueries
from structlog.testing import capture_logs

from backoffice.errors import Conflict, Refused
from backoffice.lease import Held, LeaseLost, acquire, describe, lease
from backoffice.models import JobState, Lease
from tests.backoffice.threads import together

JOB = "pull_orders:wildberries:1"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def _taken(name: str = JOB, seconds: float = 60) -> Held:
    held = acquire(name, seconds)
    assert held is not None
    return held


@pytest.mark.django_db
def test_only_one_holds_it_and_then_it_is_free_again() -> None:
    with lease(JOB, 60) as first:
        assert first is not None
        with lease(JOB, 60) as second:
            assert second is None
        assert Lease.objects.get().holder == first.holder
    assert Lease.objects.values("holder", "until").get() == {"holder": "", "until": NOW}
    with lease(JOB, 60) as third:
        assert third is not None


@pytest.mark.django_db
def test_other_names_are_free() -> None:
    with lease("a", 60) as one, lease("b", 60) as other:
        assert (one is None, other is None) == (False, False)


@pytest.mark.django_db
def test_one_that_ran_out_is_taken_over(clock: time_machine.Traveller) -> None:
    dead = _taken()
    clock.move_to(NOW + timedelta(seconds=59))
    assert acquire(JOB, 60) is None
    clock.move_to(NOW + timedelta(seconds=60))
    heir = _taken()
    assert dead.release() is False
    with pytest.raises(LeaseLost):
        dead.renew()
    assert Lease.objects.get().holder == heir.holder


@pytest.mark.django_db
def test_renewal_keeps_it(clock: time_machine.Traveller) -> None:
    held = _taken()
    clock.move_to(NOW + timedelta(seconds=50))
    held.renew()
    assert Lease.objects.get().until == NOW + timedelta(seconds=110)
    held.renew(300)
    assert Lease.objects.get().until == NOW + timedelta(seconds=350)
    clock.move_to(NOW + timedelta(seconds=349))
    assert acquire(JOB, 60) is None


@pytest.mark.django_db
def test_one_that_ran_out_may_be_renewed_while_nobody_took_it(clock: time_machine.Traveller) -> None:
    held = _taken()
    clock.move_to(NOW + timedelta(hours=1))
    held.renew()
    assert acquire(JOB, 60) is None


@pytest.mark.django_db
def test_a_good_run_is_recorded(clock: time_machine.Traveller) -> None:
    JobState.objects.create(name=JOB, error="an older failure", ok_at=NOW - timedelta(days=1))
    with lease(JOB, 60):
        clock.move_to(NOW + timedelta(seconds=5))
    state = JobState.objects.get()
    assert (state.started_at, state.finished_at, state.ok_at) == (NOW, *[NOW + timedelta(seconds=5)] * 2)
    assert state.error == ""
    assert state.seconds is not None
    assert state.seconds >= 0


@pytest.mark.django_db
def test_a_failed_run_is_recorded_and_goes_on_failing() -> None:
    with lease(JOB, 60):
        pass
    with pytest.raises(Refused), lease(JOB, 60):
        raise Refused("NotFound", "Anna, +79871234567", status=404, method="GET", path="/orders")
    state = JobState.objects.get()
    assert (state.error, state.ok_at) == ("Refused 404 NotFound: GET /orders", NOW)
    assert Lease.objects.get().holder == ""


@pytest.mark.django_db
def test_a_run_may_call_itself_failed() -> None:
    with lease(JOB, 60) as held:
        assert held is not None
        held.fail("two accounts of three " + "x" * 400)
    state = JobState.objects.get()
    assert state.error == ("two accounts of three " + "x" * 400)[:300]
    assert (state.finished_at, state.ok_at) == (NOW, None)


@pytest.mark.django_db
def test_a_run_that_is_stopped_gives_its_lease_back() -> None:
    with pytest.raises(SystemExit), lease(JOB, 60):
        raise SystemExit(1)
    assert (JobState.objects.get().error, Lease.objects.get().holder) == ("SystemExit", "")


@pytest.mark.django_db
def test_a_run_without_the_lease_leaves_no_record() -> None:
    held = _taken()
    with lease(JOB, 60) as nothing:
        assert nothing is None
    assert JobState.objects.count() == 0
    assert Lease.objects.get().holder == held.holder


@pytest.mark.django_db
def test_who_lost_it_says_so_and_leaves_the_record_to_the_heir(clock: time_machine.Traveller) -> None:
    with capture_logs() as lines, lease(JOB, 60):
        clock.move_to(NOW + timedelta(seconds=61))
        heir = _taken()
    assert JobState.objects.values("finished_at", "ok_at").get() == {"finished_at": None, "ok_at": None}
    assert Lease.objects.get().holder == heir.holder
    assert [line["event"] for line in lines] == ["lease_lost"]


def test_unknown_exceptions_are_told_by_their_class_alone() -> None:
    assert describe(ValueError("Anna, +79871234567")) == "ValueError"
    assert describe(Conflict("stage", "The task of Anna is closed.")) == "Conflict stage"


@pytest.mark.django_db
def test_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with lease(JOB, 60):
        pass
    with django_assert_num_queries(4), lease(JOB, 60):
        pass
    _taken()
    with django_assert_num_queries(2), lease(JOB, 60):
        pass


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", ["never used", "ran out"])
def test_of_several_threads_one_gets_it(before: str) -> None:
    if before == "ran out":
        _taken(seconds=-1)
    got = together(lambda: acquire(JOB, 60))
    [winner] = [held for held in got if held is not None]
    assert Lease.objects.get().holder == winner.holder


@pytest.mark.django_db(transaction=True)
def test_threads_never_work_at_the_same_time() -> None:
    inside, most = list[int](), list[int]()

    def work() -> int:
        runs = 0
        for _time in range(10):
            with lease(JOB, 600) as held:
                if held is not None:
                    inside.append(1)
                    most.append(len(inside))
                    runs += 1
                    inside.pop()
        return runs

    assert sum(together(work)) >= 1
    assert set(most) == {1}


@pytest.mark.django_db
def test_the_work_of_a_failed_run_may_be_rolled_back_under_the_lease() -> None:
    def work() -> None:
        with lease(JOB, 60), transaction.atomic():
            Lease.objects.create(name="part of the work", until=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert list(Lease.objects.values_list("name", flat=True)) == [JOB]
    assert JobState.objects.get().error == "ZeroDivisionError"
