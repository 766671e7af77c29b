"""Drift: unknown things are counted with one sample, cheaply, and never break anything."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from pytest_django import DjangoAssertNumQueries
from structlog.testing import capture_logs

from backoffice import drift
from backoffice.drift import DriftCollector
from backoffice.models import UpstreamDrift
from tests.backoffice.threads import together

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def _rows() -> list[tuple[str, str, str, int, Any]]:
    rows = UpstreamDrift.objects.order_by("place", "kind", "name")
    return [(row.place, row.kind, row.name, row.count, row.sample) for row in rows]


@pytest.mark.django_db
def test_what_is_seen_is_counted_and_the_first_sample_kept() -> None:
    with DriftCollector("wildberries") as seen:
        seen.note(place="orders/new", kind="field", name="groupId", sample="first")
        seen.note(place="orders/new", kind="field", name="groupId", sample="second")
        seen.note(place="status", kind="value", name="wbStatus=lost", sample={"wbStatus": "lost"})
        assert len(seen) == 2
    with DriftCollector("wildberries") as seen:
        seen.note(place="orders/new", kind="field", name="groupId", sample="third")
    assert _rows() == [
        ("orders/new", "field", "groupId", 3, "first"),
        ("status", "value", "wbStatus=lost", 1, {"wbStatus": "lost"}),
    ]


@pytest.mark.django_db
def test_times_and_a_person_s_mark_are_kept() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        drift.note(upstream="wildberries", place="status", kind="route", name="POST /status")
        UpstreamDrift.objects.update(known=True)
        clock.move_to(NOW + timedelta(hours=1))
        drift.note(upstream="wildberries", place="status", kind="route", name="POST /status")
    row = UpstreamDrift.objects.get()
    assert (row.first_seen_at, row.last_seen_at, row.count) == (NOW, NOW + timedelta(hours=1), 2)
    assert row.known is True


@pytest.mark.django_db
def test_upstreams_are_counted_apart() -> None:
    drift.note(upstream="wildberries", place="a", kind="error", name="x")
    drift.note(upstream="yandex_market", place="a", kind="error", name="x")
    drift.note(upstream="wildberries", place="a", kind="error", name="x")
    counts = dict(UpstreamDrift.objects.values_list("upstream", "count"))
    assert counts == {"wildberries": 2, "yandex_market": 1}


@pytest.mark.django_db
def test_a_flush_costs_two_statements_and_nothing_when_nothing_was_seen(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    seen = DriftCollector("wildberries")
    with django_assert_num_queries(0):
        seen.flush()
    for number in range(20):
        seen.note(place="orders", kind="field", name=f"field{number}")
    with django_assert_num_queries(4):  # and the savepoint around them
        seen.flush()
    with django_assert_num_queries(0):
        seen.flush()
    assert UpstreamDrift.objects.filter(count=1).count() == 20


@pytest.mark.django_db
def test_a_flood_is_bounded_and_said() -> None:
    seen = DriftCollector("wildberries")
    for number in range(150):
        seen.note(place="orders", kind="field", name=f"field{number}")
    seen.note(place="orders", kind="field", name="field0")
    with capture_logs() as lines:
        seen.flush()
    assert UpstreamDrift.objects.count() == 100
    assert UpstreamDrift.objects.get(name="field0").count == 2
    assert [(line["event"], line["dropped"]) for line in lines] == [("drift_dropped", 50)]
    assert seen.dropped == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sample", "kept"),
    [
        (None, None),
        ("x" * 5000, '"' + "x" * 1999),
        ({"a": [1, 2.5, None, "ё"]}, {"a": [1, 2.5, None, "ё"]}),
        (NOW, repr(NOW)),
        ({(1, 2): 3}, "{(1, 2): 3}"),
        ("lone \ud800 surrogate", "lone ? surrogate"),
        ("nul \x00", "nul \x00"),
    ],
    ids=["none", "long", "nested", "object", "odd keys", "surrogate", "nul"],
)
def test_any_sample_can_be_kept(sample: Any, kept: Any) -> None:
    drift.note(upstream="wildberries", place="orders", kind="field", name="f", sample=sample)
    assert _rows() == [("orders", "field", "f", 1, kept)]


@pytest.mark.django_db
def test_samples_are_encrypted() -> None:
    drift.note(upstream="wildberries", place="orders", kind="field", name="f", sample={"phone": "+79871234567"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT sample FROM backoffice_upstreamdrift")
        assert b"7987" not in bytes(cursor.fetchone()[0])


@pytest.mark.django_db
def test_odd_names_are_made_fit() -> None:
    drift.note(upstream="wildberries", place="p\x00\n" + "p" * 300, kind="value", name="n\ud800" + "n" * 300)
    row = UpstreamDrift.objects.get()
    assert (row.place, row.name) == (("p " + "p" * 300)[:120], ("n " + "n" * 300)[:120])


def test_an_unknown_kind_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="colour"):
        DriftCollector("wildberries").note(place="a", kind="colour", name="b")


@pytest.mark.django_db
def test_a_failing_flush_breaks_neither_the_work_nor_its_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column FROM backoffice_lease")

    monkeypatch.setattr(drift, "_write", broken)
    with capture_logs() as lines, transaction.atomic():
        drift.note(upstream="wildberries", place="orders", kind="field", name="f", sample="+79871234567")
        assert UpstreamDrift.objects.count() == 0  # the transaction still answers
    [line] = lines
    assert (line["event"], line["kinds"]) == ("drift_not_written", 1)
    assert "7987" not in str(line)


@pytest.mark.django_db
def test_a_flush_in_a_broken_transaction_is_quiet() -> None:
    with capture_logs() as lines, transaction.atomic():
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column FROM backoffice_lease")
        transaction.set_rollback(True)
        drift.note(upstream="wildberries", place="orders", kind="field", name="f")
    assert [line["event"] for line in lines] == ["drift_not_written"]


@pytest.mark.django_db
def test_an_exception_of_the_block_goes_on_and_what_was_seen_is_kept() -> None:
    def work() -> None:
        with DriftCollector("wildberries") as seen:
            seen.note(place="orders", kind="field", name="f")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert [row[3] for row in _rows()] == [1]


@pytest.mark.django_db(transaction=True)
def test_threads_together_lose_no_count() -> None:
    def work() -> None:
        for _time in range(5):
            with DriftCollector("wildberries") as seen:
                for name in ("b", "a", "c"):
                    seen.note(place="orders", kind="field", name=name)

    together(work, 4)
    assert [(row[2], row[3]) for row in _rows()] == [("a", 20), ("b", 20), ("c", 20)]
