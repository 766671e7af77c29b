"""Calls to the buyer of a Yandex Market order, and the cancellation that rests on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from backoffice.errors import Conflict
from orders.enums import ActionKind, ActionState, CallOutcome, EntryKind, Stage
from orders.models import AssemblyTask, BuyerCall, MarketplaceAccount, MarketplaceAction, TimelineEntry
from orders.services import actors
from orders.services.sending import calls
from sandbox.server import RunningSandbox
from tests.orders.conftest import Ask

from .conftest import made, pulled

MUGS: list[dict[str, Any]] = [{"offerId": "MUG", "count": 1, "price": 599, "requiredInstanceTypes": []}]


def nothing_asked() -> bool:
    return not MarketplaceAction.objects.exists()


def test_unreachable_needs_three_calls(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    with time_machine.travel(datetime(2026, 11, 26, 7, 0, tzinfo=UTC), tick=True):  # 10:00 in Moscow
        made(
            upstream,
            items=MUGS,
            region="Москва",
            created=timezone.now().isoformat(),
            updated=timezone.now().isoformat(),
        )
        (task,) = pulled(shop)
        with pytest.raises(Conflict) as caught:
            ask(task, ActionKind.CANCEL, reason="USER_UNREACHABLE")
        assert caught.value.code == "calls_missing"
        assert "3 more calls are needed." in str(caught.value.message)
        assert nothing_asked()
        calls.add(task.pk, CallOutcome.NO_ANSWER, actor=actors.SYSTEM)
        calls.add(task.pk, CallOutcome.NO_ANSWER, actor=actors.SYSTEM)
    with time_machine.travel(datetime(2026, 11, 26, 8, 31, tzinfo=UTC), tick=True):
        calls.add(task.pk, CallOutcome.NO_ANSWER, actor=actors.SYSTEM)

        action = ask(task, ActionKind.CANCEL, reason="USER_UNREACHABLE")

    assert (action.state, task.stage) == (ActionState.SUCCEEDED, Stage.CANCELLED)
    told = TimelineEntry.objects.filter(kind=EntryKind.CALLED)
    assert [(entry.code, entry.source) for entry in told] == [("no_answer", "system")] * 3


def test_calls_at_night_there_do_not_count(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    vladivostok = {"id": 75, "name": "Владивосток", "type": "CITY"}
    with time_machine.travel(datetime(2026, 11, 26, 15, 0, tzinfo=UTC), tick=True):  # 18:00 in Moscow, 1:00 there
        now = timezone.now().isoformat()
        made(upstream, items=MUGS, region=vladivostok, created=now, updated=now)
        (task,) = pulled(shop)
        calls.add(task.pk, CallOutcome.NO_ANSWER, actor=actors.SYSTEM)
        log = calls.log_of(AssemblyTask.objects.select_related("order", "account").get(pk=task.pk))

    assert [(row.counts, str(row.why_not)) for row in log.rows] == [(False, "before 8 in the morning there")]
    assert (log.met, log.local_now.hour) == (False, 1)


def test_called_and_then_no_answer_is_one_call_with_its_length(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream, items=MUGS)
    (task,) = pulled(shop)
    moment = timezone.now()
    with time_machine.travel(moment, tick=False):
        calls.add(task.pk, CallOutcome.CALLED, actor=staff, nonce="a")
        calls.add(task.pk, CallOutcome.CALLED, actor=staff, nonce="a")
    with time_machine.travel(moment + timedelta(seconds=3), tick=False):
        calls.add(task.pk, CallOutcome.NO_ANSWER, actor=staff, nonce="b")
        calls.add(task.pk, CallOutcome.NO_ANSWER, actor=staff, nonce="b")

    assert [(row.outcome, row.seconds) for row in BuyerCall.objects.all()] == [("no_answer", 3)]


def test_a_number_that_is_unavailable_needs_no_more_calls(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    made(upstream, items=MUGS)
    (task,) = pulled(shop)
    calls.add(task.pk, CallOutcome.UNAVAILABLE, actor=actors.SYSTEM)

    action = ask(task, ActionKind.CANCEL, reason="USER_UNREACHABLE")

    assert (action.state, task.stage) == (ActionState.SUCCEEDED, Stage.CANCELLED)


def test_a_closed_task_takes_no_calls(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, items=MUGS, status="DELIVERED")
    (task,) = pulled(shop)

    with pytest.raises(Conflict, match="stage"):
        calls.add(task.pk, CallOutcome.CALLED, actor=actors.SYSTEM)

    assert not BuyerCall.objects.exists()
