"""Who hears a carrier and who stops its rule lock in one order: neither waits for the other in a ring. Needs row locks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from django.utils import timezone, translation

from orders.enums import ReactionState, Stage
from orders.models import Reaction, Shipment
from orders.services import actors
from orders.services.reacting import acting, around, reactions, rules
from orders.services.shipping import arrivals, shipments
from tests.backoffice.threads import together

from .parcels import event, snapshot
from .reacting import World, world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NOON = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
#: Seconds that the first of two waits for the second to get as far as it can.
MEETING = 1.0


@pytest.fixture(autouse=True)
def locks() -> Iterator[None]:
    if connection.vendor != "postgresql":
        pytest.skip("needs a database that locks rows")
    with translation.override("en"):
        yield


class Meeting:
    """The first of two holds its first lock until the second has its own, or plainly cannot get it."""

    def __init__(self) -> None:
        self.first_has, self.second_has = threading.Event(), threading.Event()

    def after(self, work: Callable[..., Any], mine: threading.Event, other: threading.Event) -> Callable[..., Any]:
        """``work``, and then: I have it; have you?"""

        def done(*given: Any, **more: Any) -> Any:
            found = work(*given, **more)
            if not mine.is_set():
                mine.set()
                other.wait(MEETING)
            return found

        return done

    def race(self, first: Callable[[], object], second: Callable[[], object]) -> list[str]:
        """Both at once, the second when the first has its first lock. What stopped one of them, if anything did."""
        turns = iter((first, lambda: (self.first_has.wait(10), second())))

        def one() -> str:
            try:
                next(turns)()
            except OperationalError as error:
                return str(error).partition("\n")[0]
            return ""

        return [said for said in together(one, 2) if said]


def waiting() -> World:
    """An order whose delivery waits for a correction, and a second parcel."""
    with time_machine.travel(NOON, tick=False):
        here = world(stage=Stage.DELIVERING)
        here.rule()
        here.parcel().say("COMPLETE")
    assert Reaction.objects.get().state == ReactionState.WAITING
    return here


def hears(here: World, *words: str) -> Callable[[], object]:
    """The carrier corrects itself, and something follows: reactions are locked, and the rule."""
    events = [event(word, hours) for hours, word in enumerate(words)]
    return lambda: arrivals.apply(here.couriers, [snapshot("P-1", *events)], timezone.now())


def test_the_kill_switch_and_a_batch_of_news(monkeypatch: pytest.MonkeyPatch, staff: actors.Actor) -> None:
    here, meeting = waiting(), Meeting()
    first, second = meeting.first_has, meeting.second_has
    monkeypatch.setattr(around, "rules_of", meeting.after(around.rules_of, first, second))
    monkeypatch.setattr(rules, "locked", meeting.after(rules.locked, second, first))

    stopped = meeting.race(
        hears(here, "ACCEPTED", "COMPLETE", "DELIVERY"), lambda: reactions.kill(here.couriers, actor=staff)
    )

    assert stopped == []
    assert reactions.rule_of(here.couriers).killed
    assert Reaction.objects.get().state == ReactionState.OVERTAKEN


def test_in_the_other_order_they_do_lock_each_other_out(monkeypatch: pytest.MonkeyPatch, staff: actors.Actor) -> None:
    """The control of the test above: it can fail."""
    here, meeting = waiting(), Meeting()
    first, second = meeting.first_has, meeting.second_has
    known, look = reactions._known, around.rules_of

    def known_first(shipments_: Any, *, lock: bool = False) -> Any:
        found = meeting.after(known, first, second)({row.order_id for row in shipments_}) if lock else None
        return found and look(shipments_, lock=lock)

    monkeypatch.setattr(around, "rules_of", known_first)
    monkeypatch.setattr(rules, "locked", meeting.after(rules.locked, second, first))

    stopped = meeting.race(
        hears(here, "ACCEPTED", "COMPLETE", "DELIVERY"), lambda: reactions.kill(here.couriers, actor=staff)
    )

    assert stopped == ["deadlock detected"]


def test_the_job_that_asks_once_more_and_a_batch_of_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one has locked a reaction and wants its parcel asked about, the other the parcel, and wants its reactions."""
    here, meeting = waiting(), Meeting()
    first, second = meeting.first_has, meeting.second_has
    monkeypatch.setattr(around, "look", meeting.after(around.look, first, second))
    monkeypatch.setattr(arrivals, "_lock", meeting.after(arrivals._lock, second, first))

    stopped = meeting.race(
        lambda: acting.act_due(NOON + timedelta(minutes=31)), hears(here, "ACCEPTED", "COMPLETE", "COURIERRETURN")
    )

    assert stopped == []
    assert Reaction.objects.get().state == ReactionState.OVERTAKEN


def test_the_kill_switch_and_a_parcel_that_is_taken_off(monkeypatch: pytest.MonkeyPatch, staff: actors.Actor) -> None:
    here, meeting = waiting(), Meeting()
    first, second = meeting.first_has, meeting.second_has
    monkeypatch.setattr(shipments, "_locked", meeting.after(shipments._locked, first, second))
    monkeypatch.setattr(rules, "locked", meeting.after(rules.locked, second, first))
    parcel = Shipment.objects.get()

    stopped = meeting.race(
        lambda: shipments.detach(parcel.pk, "a wrong number", actor=staff),
        lambda: reactions.kill(here.couriers, actor=staff),
    )

    assert stopped == []
    parcel.refresh_from_db()
    assert parcel.detached_at is not None
    assert Reaction.objects.get().state == ReactionState.OVERTAKEN
