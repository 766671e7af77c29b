"""Parcels: a new word of each beside COPY of the rows it writes, a poll that brings nothing, and a long timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any
from unittest import mock

from django.utils import timezone

from backoffice.models import RawPayload
from carriers import services as carriers
from carriers.enums import CarrierKind
from carriers.models import CarrierAccount
from carriers.types import Event, Snapshot
from orders.enums import EntryKind, MarketplaceKind, ReactionMode, Stage
from orders.models import (
    AssemblyTask,
    Attention,
    MarketplaceAccount,
    Order,
    Reaction,
    ReactionRule,
    Shipment,
    TimelineEntry,
)
from orders.services import actors, timeline
from orders.services.shipping import tracking
from orders.views import timeline as timeline_views
from sandbox.server import RunningSandbox
from tests.orders.tracking.parcels import Scripted, event, snapshot

from . import data
from .intake import copied, last, written
from .measure import Line, Pair, statements, timed
from .web import Web, shown

FIRST = 3_000_000_000
#: What the carrier told of each before; then it says that the courier has it.
TOLD = ("NEW", "ACCEPTED", "DEPARTURING", "TRANSACCEPTED")
NEWS = "DELIVERY"
ENTRIES = 200
#: Rows that news write; the parcels' own are written over.
WRITTEN = (TimelineEntry, RawPayload, Shipment)
#: What a marketplace says of an order under way: nothing diverges from a parcel that is.
UNDER_WAY = {
    MarketplaceKind.WILDBERRIES: {"supplierStatus": "deliver", "wbStatus": "waiting"},
    MarketplaceKind.YANDEX_MARKET: {"status": "DELIVERY", "substatus": "DELIVERY_SERVICE_RECEIVED"},
}


@dataclass
class Fleet:
    """Orders under way, and a carrier account that is never called, with its rule off."""

    account: CarrierAccount
    orders: Sequence[Order]
    sent: int = 0

    def parcels(self) -> list[Shipment]:
        """A new one for each order in the place of the last, with the history that its carrier told."""
        self.put_away()
        self.sent += 1
        wanted = [_parcel(order, self.account, f"{self.sent}-{order.external_id}") for order in self.orders]
        rows = Shipment.objects.bulk_create(wanted)
        self.hear(rows, TOLD)
        return rows

    def put_away(self) -> None:
        now = timezone.now()
        mine = Shipment.objects.filter(carrier_account=self.account, detached_at=None)
        mine.update(detached_at=now, next_poll_at=None)

    def hear(self, rows: Sequence[Shipment], words: Sequence[str]) -> None:
        """All of it is new to us."""
        applied = tracking.apply(self.account, _said(rows, words), timezone.now())
        assert applied == tracking.Applied(told=len(rows), news=len(rows), moved=len(rows))

    def scripted(self, words: Sequence[str]) -> AbstractContextManager[Any]:
        """Its carrier says these words of whatever it is asked about."""
        carrier = Scripted(carriers.offer(self.account), partial(_snapshot, events=_events(words)))
        return mock.patch.object(carriers, "provider", return_value=carrier)


def run(world: data.World, _upstream: RunningSandbox, rounds: int) -> Iterator[Line]:
    """As many parcels as a page of orders has."""
    fleet = Fleet(_account(), _orders((world.account, world.yandex), FIRST, world.page))
    yield _news(fleet, rounds)
    yield _poll(fleet)
    yield _page(world, fleet.account)
    assert not Attention.objects.filter(carrier_account=fleet.account).exists()
    assert not Reaction.objects.filter(shipment__carrier_account=fleet.account).exists()
    fleet.put_away()


def _account() -> CarrierAccount:
    wanted = carriers.Settings("bench", "http://127.0.0.1:9", "", {"extra": "8"}, {"login": "l", "password": "p"})
    account = carriers.connect(CarrierKind.MEASOFT, wanted)
    ReactionRule.objects.create(carrier_account=account, mode=ReactionMode.OFF)
    return account


def _orders(accounts: Sequence[MarketplaceAccount], first: int, count: int) -> list[Order]:
    """Each under way with its task, of the accounts in turns."""
    now = timezone.now()
    orders, tasks = [], []
    for n in range(count):
        account, number = accounts[n % len(accounts)], str(first + n)
        common = {"account": account, "external_id": number, "stage": Stage.DELIVERING, "created_at": now}
        due = now + timedelta(days=1)
        orders.append(Order(deadline_at=due, **common))
        words = UNDER_WAY[MarketplaceKind(account.kind)]
        tasks.append(AssemblyTask(order=orders[-1], marketplace_status=words, moved_at=now, deadline_at=due, **common))
    Order.objects.bulk_create(orders)
    AssemblyTask.objects.bulk_create(tasks)
    return orders


def _parcel(order: Order, account: CarrierAccount, number: str) -> Shipment:
    return Shipment(order=order, carrier_account=account, number=number)


def _events(words: Sequence[str]) -> tuple[Event, ...]:
    return tuple(event(word, hours) for hours, word in enumerate(words))


def _said(rows: Sequence[Shipment], words: Sequence[str]) -> list[Snapshot]:
    return [_snapshot(row.number, _events(words)) for row in rows]


def _snapshot(number: str, events: Sequence[Event]) -> Snapshot:
    """The whole history, with an answer as long as one is."""
    states = "".join(map(_state, events))
    raw = (
        f'<order orderno="{number}" awb="" orderno2="{number}" ordercode="{number}" givencode="{number}">'
        "<receiver><person>Иванов Иван</person><phone>+79871234567</phone><town>Челябинск</town>"
        "<address>51-я улица Арабкира, д. 4, кв. 42</address></receiver><weight>1.2</weight><quantity>1</quantity>"
        f"<statushistory>{states}</statushistory></order>"
    )
    return replace(snapshot(number, *events), raw=raw.encode())


def _state(each: Event) -> str:
    at = f"{each.happened_at:%Y-%m-%d %H:%M:%S}"
    told = f'eventstore="27" eventtime="{at}" createtimegmt="{at}" message="" title="{each.title}" country="RU"'
    return f"<status {told}>{each.code}</status>"


# News ---------------------------------------------------------------------------------------------------------------------


def _news(fleet: Fleet, rounds: int) -> Line:
    """Parcels of their own in each round: each is told of with its whole history, one event of which is new.

    Ours reads what is known, tells the events apart, and writes an entry and a raw answer for each, seals the answers, and
    writes over the parcel. The floor is COPY of the same rows, of all three tables, under keys of their own: entries, answers,
    and parcels as they are then. Both commit. What is read and worked out has no floor.
    """
    asked = _counted(fleet)
    ours, entries, others = zip(*[_round(fleet) for _each in range(rounds + 1)], strict=True)
    pair = Pair(median(one + more for one, more in zip(entries[1:], others[1:], strict=True)), median(ours[1:]))
    count = len(fleet.orders)
    notes = (
        f"{pair.words}; {count / pair.ours * 1000:.0f} events a second; {pair.ours / median(entries[1:]):.2f} × COPY of the "
        f"entries alone; {asked} statements"
    )
    case = f"{count} new tracking events with de-duplication and status"
    return Line(case, pair.ratio, 8, "× COPY", notes)


def _round(fleet: Fleet) -> tuple[float, float, float]:
    """Milliseconds of ours, of COPY of its entries, and of COPY of its raw answers and parcels."""
    rows, since = fleet.parcels(), last(WRITTEN)
    since = [*since[:-1], rows[0].pk - 1]  # the parcels are written over
    replies, now = _said(rows, (*TOLD, NEWS)), timezone.now()
    ours = timed(partial(tracking.apply, fleet.account, replies, now))
    copies = written(since, WRITTEN, shifted=["id"])
    assert [body.count(b"\n") for _statement, body in copies] == [len(rows)] * len(WRITTEN)
    entries, others = (timed(partial(copied, each)) for each in (copies[:1], copies[1:]))
    return ours, entries, others


def _counted(fleet: Fleet) -> int:
    rows = fleet.parcels()
    with statements() as asked:
        fleet.hear(rows, (*TOLD, NEWS))
    mine = Shipment.objects.filter(carrier_account=fleet.account, detached_at=None, status="out_for_delivery")
    assert mine.count() == len(rows)
    return len(asked)


# Nothing new --------------------------------------------------------------------------------------------------------------


def _poll(fleet: Fleet) -> Line:
    rows = fleet.parcels()
    due = Shipment.objects.filter(carrier_account=fleet.account, detached_at=None)
    due.update(next_poll_at=timezone.now() - timedelta(seconds=1))
    with fleet.scripted(TOLD), statements() as asked:
        applied = tracking.poll(fleet.account)
    assert applied == tracking.Applied(told=len(rows))
    assert not due.filter(next_poll_at__lte=timezone.now()).exists()
    return Line(f"a poll of {len(rows)} shipments without news", len(asked), 5, "statements")


# A long timeline ----------------------------------------------------------------------------------------------------------


def _page(world: data.World, account: CarrierAccount) -> Line:
    """Half of its entries are the carrier's."""
    (order,) = _orders([world.account], FIRST + world.page, 1)
    parcel = _parcel(order, account, order.external_id)
    parcel.save()
    half = ENTRIES // 2
    Fleet(account, [order]).hear([parcel], ["ACCEPTED", "DEPARTURING"] * (half // 2))
    said = [actors.SYSTEM, actors.MARKETPLACE]
    timeline.record(
        [
            timeline.Fact(order.pk, EntryKind.STAGE, said[n % 2], f"bench {n}", status=Stage.DELIVERING)
            for n in range(half)
        ]
    )
    web, url = Web(world.manager), f"/orders/{order.pk}/timeline/"
    assert len(shown(web, timeline_views, url).context["entries"]) == ENTRIES
    with statements() as asked:
        web.get(url)
    about = [sql for sql in asked if TimelineEntry._meta.db_table in sql]
    case = f"the timeline page of an order with {ENTRIES} entries"
    return Line(case, len(about), 1, "statements", f"about the timeline, {len(asked)} in all")
