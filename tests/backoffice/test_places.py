"""Places: never more calls under way than there are places, over threads and after a kill."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from pytest_django.fixtures import Settings

from backoffice import clock, places
from backoffice.errors import RateLimited
from backoffice.models import Lease

from .threads import together


@pytest.mark.django_db
def test_a_place_is_given_back() -> None:
    for _time in range(3):
        with places.hold("shop", 1):
            assert Lease.objects.filter(until__gt=clock.now()).count() == 1
    assert Lease.objects.filter(until__gt=clock.now()).count() == 0


@pytest.mark.django_db
def test_a_place_is_given_back_after_an_error() -> None:
    with pytest.raises(ValueError, match="broken"), places.hold("shop", 1):
        raise ValueError("broken")
    with places.hold("shop", 1):
        pass


@pytest.mark.django_db
def test_without_a_free_place_the_call_does_not_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "PATIENCE", 0.0)
    with places.hold("shop", 2), places.hold("shop", 2):
        with pytest.raises(RateLimited) as caught, places.hold("shop", 2):
            pytest.fail("a third call went")
        with places.hold("another shop", 2):
            pass

    assert caught.value.until is not None


@pytest.mark.django_db
def test_the_place_of_a_killed_process_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "PATIENCE", 0.0)
    places._find("shop", 1)  # taken, and whoever took it is gone
    with pytest.raises(RateLimited), places.hold("shop", 1):
        pytest.fail("a second call went")
    with time_machine.travel(clock.now() + timedelta(minutes=10)), places.hold("shop", 1):
        pass


@pytest.mark.django_db
def test_a_place_is_held_longer_than_any_call_lasts(settings: Settings) -> None:
    settings.UPSTREAM_TIMEOUT_CONNECT, settings.UPSTREAM_TIMEOUT_READ = 5, 100
    with time_machine.travel(clock.now(), tick=False), places.hold("shop", 1):
        held_for = (Lease.objects.get().until - clock.now()).total_seconds()

    assert held_for > 5 + 2 * 100


@pytest.mark.django_db(transaction=True)
def test_never_more_than_there_are_places() -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    def call() -> None:
        nonlocal under_way, most
        with places.hold("shop", 2):
            with lock:
                under_way += 1
                most = max(most, under_way)
            connection.ensure_connection()
            with lock:
                under_way -= 1

    together(call)

    assert 1 <= most <= 2
