"""Counters of a day: nobody's calls are lost, the first ones of the day neither."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backoffice.models import Counter
from orders.services import counters
from tests.backoffice.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def counted() -> list[tuple[str, int]]:
    return list(Counter.objects.filter(day=timezone.localdate()).values_list("name", "value"))


def test_the_first_two_of_a_day_are_both_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    both_found_nothing = threading.Barrier(2)
    make = Counter.objects.get_or_create

    def wait_and_make(**row: Any) -> Any:
        both_found_nothing.wait(10)
        return make(**row)

    monkeypatch.setattr(Counter.objects, "get_or_create", wait_and_make)
    together(lambda: counters.count_saved("wildberries", 3), number=2)

    assert counted() == [("saved_calls:wildberries", 6)]


def test_a_later_one_is_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    counters.count_saved("wildberries")
    with django_assert_num_queries(1):
        counters.count_saved("wildberries", 4)

    assert counted() == [("saved_calls:wildberries", 5)]
