"""Calls to a buyer from the page of a task: written down with one tap, judged by the buyer's clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from orders.enums import CallOutcome, EntryKind
from orders.models import AssemblyTask, BuyerCall, MarketplaceAction, TimelineEntry
from orders.services.syncing import sync
from sandbox.server import RunningSandbox
from tests.orders.conftest import work

from .conftest import HTMX, Order, Task, hidden, text_of

BOTH = pytest.mark.parametrize("headers", [{}, HTMX])


def path(task: AssemblyTask) -> str:
    return f"/tasks/{task.pk}/calls/"


def called(task: AssemblyTask, *hours: tuple[int, int]) -> None:
    """Calls nobody answered, a day long gone, by the clock of UTC."""
    for hour, minute in hours:
        BuyerCall.objects.create(
            task=task, at=datetime(2026, 11, 20, hour, minute, tzinfo=UTC), outcome=CallOutcome.NO_ANSWER
        )


@BOTH
def test_a_tap_writes_a_call_down_once(order_at: Order, web: Client, headers: dict[str, str]) -> None:
    task = order_at()
    card = web.get(path(task), headers=HTMX)
    nonce = hidden(card, "nonce")
    form = {"outcome": hidden(card, "outcome"), "nonce": nonce}
    for _twice in range(2):
        answer = web.post(path(task), form, headers=headers)
        assert answer.status_code == (200 if headers else 302)
    call = BuyerCall.objects.get()

    assert (call.task_id, call.outcome, call.seconds, call.nonce) == (task.pk, "called", None, nonce)
    assert call.user is not None
    assert call.user.username == "picker"
    assert TimelineEntry.objects.filter(kind=EntryKind.CALLED).count() == 1
    if headers:
        assert 'id="calls"' in answer.content.decode()
        assert "<html" not in answer.content.decode()
        assert "work-changed" in answer["HX-Trigger"]
    else:
        assert answer["Location"] == f"/tasks/{task.pk}/#calls"


def test_the_end_of_a_call_is_told_and_reads_as_one_call(order_at: Order, web: Client) -> None:
    task = order_at()
    with time_machine.travel(datetime(2026, 11, 20, 9, 0, tzinfo=UTC), tick=False) as clock:
        web.post(path(task), {"outcome": "called", "nonce": "a"})
        clock.shift(34)
        web.post(path(task), {"outcome": "talked", "nonce": "b"})
    words = text_of(web.get(f"/tasks/{task.pk}/"))

    assert BuyerCall.objects.get().outcome == CallOutcome.TALKED
    assert "does not count: the buyer was reached" in words
    assert "Call to the buyer: called" in words
    assert "Call to the buyer: talked, 34 s" in words


def test_the_card_tells_the_buyers_clock_and_what_is_missing(order_at: Order, web: Client) -> None:
    task = order_at(region="Екатеринбург", trusted=True)
    called(task, (4, 0), (2, 30), (5, 0))
    words = text_of(web.get(path(task), headers=HTMX))

    assert "Свердловская область · UTC+5" in words
    assert "20 November, 09:00 no answer counts" in words
    assert "20 November, 07:30 no answer does not count: before 8 in the morning there" in words
    assert "1 more call is needed." in words
    assert "can be cancelled as unreachable" not in words


def test_a_region_nobody_knows_is_said_to_be_assumed(order_at: Order, web: Client) -> None:
    task = order_at(region={"id": 1, "name": "Терра инкогнита", "type": "REGION"})

    assert "UTC+3 · time zone assumed" in text_of(web.get(path(task), headers=HTMX))


def test_a_buyer_who_does_not_want_to_be_called_is_said(order_at: Order, web: Client) -> None:
    trusting = order_at(trusted=True)
    sync.fetch_buyers(trusting.account)

    assert "The buyer asked not to be called before the delivery." in text_of(web.get(path(trusting), headers=HTMX))


def test_three_calls_open_the_reason(order_at: Order, web: Client, upstream: RunningSandbox) -> None:
    task = order_at()
    called(task, (5, 0), (5, 30), (6, 30))
    card = web.get(path(task), headers=HTMX).content.decode()
    assert "The order can be cancelled as unreachable." in card
    assert f'href="/tasks/{task.pk}/ask/cancel/?reason=USER_UNREACHABLE"' in card
    question = web.get(f"/tasks/{task.pk}/ask/cancel/?reason=USER_UNREACHABLE").content.decode()
    chosen = question.split('value="USER_UNREACHABLE"')[1].split(">")[0]
    assert "checked" in chosen
    assert "disabled" not in chosen

    web.post(f"/tasks/{task.pk}/act/", {"kind": "cancel", "seen": "new", "reason": "USER_UNREACHABLE"})
    work(task.account)
    assert upstream.ym.place(int(task.external_id)) == "CANCELLED/USER_UNREACHABLE"
    assert 'class="card-b calls"' not in web.get(f"/tasks/{task.pk}/").content.decode()


@BOTH
@pytest.mark.parametrize("form", [{}, {"outcome": "shouted"}, {"outcome": "called", "nonce": "x" * 65}])
def test_what_is_no_call_is_refused(
    order_at: Order, web: Client, form: dict[str, str], headers: dict[str, str]
) -> None:
    task = order_at()

    assert web.post(path(task), form, headers=headers).status_code == 422
    assert BuyerCall.objects.count() == 0
    assert TimelineEntry.objects.filter(kind=EntryKind.CALLED).count() == 0


def test_a_closed_task_takes_no_calls(order_at: Order, web: Client) -> None:
    task = order_at(status="DELIVERED")
    answer = web.post(path(task), {"outcome": "called"})

    assert answer.status_code == 409
    assert "This task is closed." in text_of(answer)
    assert BuyerCall.objects.count() == 0


def test_there_is_no_card_where_calls_prove_nothing(task_at: Task, web: Client, onlooker: Client) -> None:
    task = task_at()

    assert 'id="calls"' not in web.get(f"/tasks/{task.pk}/").content.decode()
    assert web.get(path(task), headers=HTMX).content.decode().strip() == '<div id="calls" hidden></div>'
    assert web.get(path(task))["Location"] == f"/tasks/{task.pk}/"
    assert web.get("/tasks/999/calls/", headers=HTMX).status_code == 404
    assert web.post("/tasks/999/calls/", {"outcome": "called"}).status_code == 404
    assert onlooker.post(path(task), {"outcome": "called"}).status_code == 403
    assert MarketplaceAction.objects.count() == BuyerCall.objects.count() == 0
