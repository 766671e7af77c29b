"""What the checks say of our own settings."""

from __future__ import annotations

from pytest_django import Settings

from backoffice.checks import calls_end_before_their_jobs_do, sends_end_before_they_are_given_up
from backoffice.http import Http, longest_call
from orders import tasks


def test_a_send_has_time_to_end(settings: Settings) -> None:
    settings.UPSTREAM_TIMEOUT_CONNECT, settings.UPSTREAM_TIMEOUT_READ = 5, 30
    settings.SEND_STALE_SECONDS = 120
    assert sends_end_before_they_are_given_up() == []
    settings.SEND_STALE_SECONDS = 65
    assert [found.id for found in sends_end_before_they_are_given_up()] == ["backoffice.W001"]


def test_a_call_ends_before_the_job_that_makes_it(settings: Settings) -> None:
    settings.UPSTREAM_TIMEOUT_CONNECT, settings.UPSTREAM_TIMEOUT_READ = 5, 142
    assert calls_end_before_their_jobs_do() == []
    settings.UPSTREAM_TIMEOUT_READ = 142.5
    assert [found.id for found in calls_end_before_their_jobs_do()] == ["backoffice.E001"]
    assert longest_call() == settings.JOB_SECONDS == tasks.LEASE_SECONDS < settings.Q_CLUSTER["timeout"]
    with Http("http://127.0.0.1:9") as client:
        assert client.deadline == longest_call()
