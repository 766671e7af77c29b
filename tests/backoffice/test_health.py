"""Health: alive, ready, and the numbers behind it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries, Settings

from backoffice import clock, health
from backoffice.models import Counter, JobState, UpstreamDrift, User

NOW = datetime(2025, 11, 22, 9, 0, tzinfo=UTC)
TOKEN = {"Authorization": "Bearer metrics-for-tests"}


@pytest.fixture(autouse=True)
def _only_our_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_checks", [])
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def web() -> Client:
    """Somebody who has not signed in."""
    return Client()


def beat(age: timedelta) -> None:
    """A worker that last ran a job so long ago."""
    JobState.objects.create(name=health.HEARTBEAT, started_at=NOW - age, ok_at=NOW - age)


def waiting(age: timedelta) -> None:
    """A job that has been waiting in the queue for so long."""
    OrmQ.objects.create(key="backoffice", payload="x", lock=NOW - age)


def ready(web: Client) -> tuple[int, dict[str, Any]]:
    """Status and body of /readyz."""
    answer = web.get("/readyz")
    return answer.status_code, answer.json()


def test_alive_asks_nothing(web: Client) -> None:
    answer = web.get("/healthz")  # without a database: the test has none

    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert "no-store" in answer.headers["Cache-Control"]


def test_only_reading_is_allowed(web: Client) -> None:
    assert [web.post(path).status_code for path in ("/healthz", "/readyz", "/metrics")] == [405, 405, 405]


@pytest.mark.django_db
def test_ready_when_everything_works(web: Client) -> None:
    beat(timedelta(seconds=59))
    waiting(timedelta(seconds=4))

    assert ready(web) == (
        200,
        {
            "ok": True,
            "reasons": [],
            "checks": {
                "database": {"ok": True},
                "worker": {"ok": True, "seen_at": "2025-11-22T08:59:01+00:00"},
                "queue": {"ok": True, "oldest_seconds": 4},
            },
        },
    )


@pytest.mark.django_db
def test_not_ready_without_a_worker(web: Client) -> None:
    status, body = ready(web)

    assert (status, body["reasons"]) == (503, ["worker: no worker has ever run a job"])


@pytest.mark.django_db
def test_not_ready_when_the_worker_is_silent_and_jobs_wait(web: Client) -> None:
    beat(timedelta(minutes=7))
    waiting(timedelta(minutes=6))

    status, body = ready(web)

    assert status == 503
    assert body["reasons"] == [
        "worker: no worker has run a job for 7 minutes",
        "queue: a job has been waiting for 6 minutes",
    ]
    assert body["checks"]["queue"]["oldest_seconds"] == 360


@pytest.mark.django_db
def test_a_job_that_is_being_run_is_not_waiting(web: Client) -> None:
    beat(timedelta(0))
    OrmQ.objects.create(key="backoffice", payload="x", lock=NOW + timedelta(minutes=1))

    assert ready(web)[1]["checks"]["queue"] == {"ok": True, "oldest_seconds": 0}


@pytest.mark.django_db
def test_redis_keeps_no_times(web: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"
    waiting(timedelta(hours=1))

    assert ready(web)[1]["checks"]["queue"] == {"ok": True}


def test_not_ready_without_a_database(web: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise DatabaseError("password authentication failed for user hunter2")

    monkeypatch.setattr("backoffice.health.connection.cursor", broken)

    status, body = ready(web)

    assert status == 503
    assert body["reasons"] == ["database: the database does not answer"]
    assert body["checks"] == {"database": {"ok": False, "reason": "the database does not answer"}}


@pytest.mark.django_db
def test_an_app_adds_its_own_check_once(web: Client) -> None:
    def accounts(now: datetime) -> Iterator[health.Finding]:
        yield health.Finding("wildberries:1", ok=False, reason="no good sync for 12 minutes", facts={"ok_at": None})

    beat(timedelta(0))
    assert health.register(accounts) is accounts
    health.register(accounts)

    status, body = ready(web)

    assert status == 503
    assert body["reasons"] == ["wildberries:1: no good sync for 12 minutes"]
    assert body["checks"]["wildberries:1"] == {"ok": False, "reason": "no good sync for 12 minutes", "ok_at": None}


@pytest.mark.django_db
def test_the_heartbeat_job_makes_it_ready() -> None:
    health.heartbeat()

    assert JobState.objects.get().ok_at == NOW
    assert health.check_worker(NOW).ok


@pytest.mark.django_db
def test_ready_costs_three_statements(web: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(3):
        ready(web)


@pytest.mark.django_db
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}])
def test_metrics_are_not_public(web: Client, header: dict[str, str]) -> None:
    answer = web.get("/metrics", headers=header)

    assert answer.status_code == 403
    assert b"backoffice_" not in answer.content


@pytest.mark.django_db
def test_without_a_token_no_bearer_is_let_in(web: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""

    assert web.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(("is_staff", "status"), [(True, 200), (False, 403)])
def test_staff_may_read_metrics(web: Client, is_staff: bool, status: int) -> None:
    web.force_login(User.objects.create(username="someone", is_staff=is_staff))

    assert web.get("/metrics").status_code == status


@pytest.mark.django_db
def test_metrics_hold_what_only_the_database_knows(web: Client) -> None:
    beat(timedelta(seconds=30))
    Counter.objects.create(name="preflight_saved", day=NOW.date(), value=3)
    Counter.objects.create(name="preflight_saved", day=NOW.date() - timedelta(days=1), value=4)
    UpstreamDrift.objects.create(
        upstream="wildberries",
        place="orders/new",
        kind="field",
        name="newField",
        count=5,
        first_seen_at=NOW,
        last_seen_at=NOW,
    )

    answer = web.get("/metrics", headers=TOKEN)
    lines = answer.content.decode().splitlines()

    assert answer.headers["Content-Type"].startswith("text/plain")
    assert 'backoffice_check_ok{check="worker"} 1.0' in lines
    assert 'backoffice_counter{name="preflight_saved"} 7.0' in lines
    assert 'backoffice_upstream_drift{kind="field",upstream="wildberries"} 5.0' in lines
    assert 'backoffice_job_ok_timestamp_seconds{job="worker.heartbeat"} 1.76380197e+09' in lines
    assert any(line.startswith("django_http_requests_total") for line in lines)
