"""What the deployment check says of our own settings."""

from __future__ import annotations

from pytest_django import Settings

from backoffice.checks import sends_end_before_they_are_given_up


def test_a_send_has_time_to_end(settings: Settings) -> None:
    settings.UPSTREAM_TIMEOUT_CONNECT, settings.UPSTREAM_TIMEOUT_READ = 5, 30
    settings.SEND_STALE_SECONDS = 120
    assert sends_end_before_they_are_given_up() == []
    settings.SEND_STALE_SECONDS = 65
    assert [found.id for found in sends_end_before_they_are_given_up()] == ["backoffice.W001"]
