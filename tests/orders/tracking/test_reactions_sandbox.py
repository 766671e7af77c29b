"""The closed loop to the end: what reaches the stand-in of Yandex Market, and how often; and two workers at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone, translation

from backoffice.errors import Conflict
from orders.enums import ReactionMode, Stage
from orders.models import AssemblyTask, Attention, MarketplaceAction, Reaction, ReactionRule, Shipment, TimelineEntry
from orders.services import actors
from orders.services.reacting import reactions
from sandbox.server import RunningSandbox
from tests.backoffice.threads import together
from tests.orders.conftest import work
from tests.orders.yandex_market.conftest import connected, made, pulled

from .parcels import carrier_account
from .reacting import Parcel, asked, corrections, heard, world

MUGS = [{"offerId": "MUG", "offerName": "Кружка", "count": 1, "price": 599, "requiredInstanceTypes": []}]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def parcel_of(task: AssemblyTask, number: str, **rule: int) -> Parcel:
    couriers = carrier_account()
    ReactionRule.objects.create(carrier_account=couriers, mode=ReactionMode.AUTOMATIC, **rule)
    row = Shipment.objects.create(order=task.order, carrier_account=couriers, number=number)
    return Parcel(row, couriers)


def moves(upstream: RunningSandbox, number: str) -> list[str]:
    return [effect["after"] for effect in upstream.ym.effects(int(number)) if effect["kind"] == "status"]


def test_a_final_delivery_reaches_yandex_market_once_with_its_day_and_a_correction_sends_nothing(
    db: None, upstream: RunningSandbox
) -> None:
    now = timezone.now()
    ordered = (now - timedelta(days=5)).isoformat()
    shop = connected(upstream)
    (number,) = made(upstream, items=MUGS, created=ordered, updated=ordered)
    (task,) = pulled(shop)
    parcel = parcel_of(task, "MW-1")
    parcel.say("ACCEPTED", happened=now - timedelta(days=2))
    parcel.say("DELIVERY", happened=now - timedelta(days=1, hours=3))
    work(shop)
    assert moves(upstream, number) == ["DELIVERY/DELIVERY_SERVICE_RECEIVED"]

    yesterday = now - timedelta(days=1)
    parcel.say("COMPLETE", happened=yesterday)
    work(shop)
    reactions.act_due(timezone.now() + timedelta(minutes=29))
    work(shop)
    assert upstream.ym.place(int(number)) == "DELIVERY/DELIVERY_SERVICE_RECEIVED"

    for minutes in (31, 32, 33):
        Shipment.objects.update(checked_at=timezone.now() + timedelta(minutes=minutes))
        reactions.act_due(timezone.now() + timedelta(minutes=minutes))
        work(shop)
    day = yesterday.astimezone(ZoneInfo("Europe/Moscow")).date().isoformat()
    assert asked() == [("deliver", "system", {}), ("receive", "system", {"date": day})]
    assert moves(upstream, number) == ["DELIVERY/DELIVERY_SERVICE_RECEIVED", "DELIVERED/DELIVERY_SERVICE_DELIVERED"]
    sent = [call["request"] for call in upstream.calls("/status") if "delivery" in str(call["request"])]
    assert [call["order"]["delivery"]["dates"]["realDeliveryDate"] for call in sent] == [day]
    task.refresh_from_db()
    assert task.stage == Stage.RECEIVED

    calls = len(upstream.calls())
    heard()
    parcel.say("NEW")
    reactions.act_due(timezone.now() + timedelta(hours=2))
    work(shop)
    assert len(upstream.calls()) == calls
    assert upstream.ym.place(int(number)) == "DELIVERED/DELIVERY_SERVICE_DELIVERED"
    assert corrections() == 1
    assert list(Reaction.objects.order_by("pk").values_list("state", flat=True)) == ["acted", "acted"]


def test_a_refusal_of_the_marketplace_is_one_attention_and_no_second_try(db: None, upstream: RunningSandbox) -> None:
    shop = connected(upstream)
    (number,) = made(upstream, items=MUGS, status="DELIVERY")
    (task,) = pulled(shop)
    parcel = parcel_of(task, "MW-1", grace_minutes=0)
    parcel.say("ACCEPTED")
    upstream.ym.play(int(number), "market_cancel")
    parcel.say("COMPLETE")
    for _round in range(3):
        work(shop)
        MarketplaceAction.objects.filter(state="uncertain").update(not_before=timezone.now())
        reactions.act_due()

    assert [(row.kind, row.state) for row in MarketplaceAction.objects.all()] == [("receive", "failed")]
    assert Attention.objects.filter(kind="action_failed").count() == 1
    assert Reaction.objects.get().state == "acted"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_workers_act_once() -> None:
    noon = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    with time_machine.travel(noon, tick=False):
        for number in range(6):
            here = world(stage=Stage.DELIVERING, number=str(number))
            here.rule()
            here.parcel(f"P-{number}").say("COMPLETE")
    with time_machine.travel(noon + timedelta(minutes=30), tick=True):
        heard()
        done = together(reactions.act_due, 4)

    assert sum(done) == 6
    assert [kind for kind, _source, _payload in asked()] == ["receive"] * 6
    assert set(Reaction.objects.values_list("state", flat=True)) == {"acted"}
    assert TimelineEntry.objects.filter(kind="reaction", status="acted").count() == 6


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_person_and_the_job_act_once(staff: actors.Actor) -> None:
    noon = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    with time_machine.travel(noon, tick=False):
        here = world(stage=Stage.DELIVERING)
        here.rule()
        here.parcel().say("COMPLETE")
    row = Reaction.objects.get()

    def stop() -> int:
        try:
            reactions.stop(row.pk, actor=staff)
        except Conflict:
            return 1
        return 0

    turns = iter((reactions.act_due, stop))

    def one() -> int:
        return next(turns)()

    with time_machine.travel(noon + timedelta(minutes=30), tick=True):
        together(one, 2)

    row.refresh_from_db()
    assert (row.state, len(asked())) in (("acted", 1), ("stopped", 0))
