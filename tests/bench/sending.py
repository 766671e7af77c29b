"""Orders of Yandex Market that are due for DELIVERY leave thirty a call: beside the same calls and rows made by hand."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from statistics import median
from typing import Any

import orjson
from django.db import connection, transaction

from orders.enums import ActionKind, ActionState, EntryKind, Stage
from orders.models import ActionAttempt, AssemblyTask, MarketplaceAccount, MarketplaceAction, Order, TimelineEntry
from orders.services import accounts, actors
from orders.services.sending import dispatch, outbox
from orders.services.syncing import intake
from sandbox.server import RunningSandbox

from . import data
from .measure import Line, Pair, Work, statements, timed

#: Orders of a call, and of a page (contract 2.3, 2.4.1).
BATCH, PAGE = 30, 50
UPDATES = "orders/status-update"
OURS, BY_HAND = "bench-leaving", "bench-by-hand"
#: Of a call however many orders it carries (one asks for open shortages of what has left the assembly), and of the look that
#: finds nothing more.
A_CALL, THE_END = 28, 1
MUG = {"offerId": "MUG", "offerName": "Кружка", "count": 1, "price": 599, "requiredInstanceTypes": []}

# What has to be known and written for a call, by hand.
DUE = """SELECT a.id, a.task_id, t.order_id, t.external_id FROM orders_marketplaceaction a
         JOIN orders_assemblytask t ON t.id = a.task_id WHERE a.account_id = %(account)s AND a.state = 'queued'
         ORDER BY a.id LIMIT 30 FOR NO KEY UPDATE OF a"""
CLAIM = """UPDATE orders_marketplaceaction SET state = 'sending', claim = %(claim)s, claimed_at = now(), attempts = attempts + 1
           WHERE id = ANY(%(actions)s)"""
TRY = """INSERT INTO orders_actionattempt (action_id, call, started_at, outcome, error_code, error_detail, request_id)
         SELECT unnest(%(actions)s::bigint[]), %(claim)s, now(), '', '', '', ''"""
DONE = """UPDATE orders_marketplaceaction SET state = 'succeeded', finished_at = now(), claim = NULL, claimed_at = NULL
          WHERE id = ANY(%(actions)s)"""
TRIED = "UPDATE orders_actionattempt SET finished_at = now(), outcome = 'done', status = 200 WHERE call = %(claim)s"
MOVED = """UPDATE orders_assemblytask SET stage = 'delivering', marketplace_status = %(words)s, version = version + 1,
           updated_at = now(), moved_at = now(), sweep_at = now(), buyer_due_at = now() WHERE id = ANY(%(tasks)s)"""
FOLLOWED = "UPDATE orders_order SET stage = 'delivering', updated_at = now() WHERE id = ANY(%(orders)s)"
TOLD = """INSERT INTO orders_timelineentry (order_id, task_id, source, kind, code, status, data, happened_at, recorded_at,
                                            correction, dedupe_key)
          SELECT o, t, 'marketplace', kind, '', 'delivering', jsonb_build_object('action', a), now(), now(), false,
                 md5(kind || ':' || a)
          FROM unnest(%(orders)s::bigint[], %(tasks)s::bigint[], %(actions)s::bigint[]) AS rows (o, t, a)
          CROSS JOIN unnest(ARRAY['stage', 'action_done']) AS kind"""
WELL = "UPDATE orders_marketplaceaccount SET last_ok_at = now() WHERE id = %(account)s"


@dataclass
class ByHand:
    """The same calls over one connection, and around each the rows that have to be there before and after it.

    ``calling``: milliseconds of the calls alone.
    """

    account: MarketplaceAccount
    upstream: RunningSandbox
    calling: float = 0

    def __call__(self) -> None:
        self.calling = 0
        line = HTTPConnection(self.upstream.host, self.upstream.port)
        while found := self._claimed():
            rows, claim = found
            began = time.perf_counter()
            words = self._call(line, [row[3] for row in rows])
            self.calling += (time.perf_counter() - began) * 1000
            self._settled(rows, claim, words)
        line.close()

    @transaction.atomic
    def _claimed(self) -> tuple[Sequence[Any], uuid.UUID] | None:
        with connection.cursor() as cursor:
            cursor.execute(DUE, {"account": self.account.pk})
            rows = cursor.fetchall()
            claim = uuid.uuid4()
            given: dict[str, Any] = {"claim": claim, "actions": [row[0] for row in rows]}
            if rows:
                cursor.execute(CLAIM, given)
                cursor.execute(TRY, given)
        return (rows, claim) if rows else None

    def _call(self, line: HTTPConnection, numbers: Sequence[str]) -> str:
        """JSON of the words that all of the orders have now."""
        orders = [{"id": int(number), "status": "DELIVERY"} for number in numbers]
        path = f"/yandex/v2/campaigns/{self.upstream.ym.campaign}/{UPDATES}"
        headers = {"Api-Key": self.account.credentials["api_key"], "Content-Type": "application/json"}
        line.request("POST", path, orjson.dumps({"orders": orders}), headers)
        told = orjson.loads(line.getresponse().read())["result"]["orders"]
        ((status, substatus),) = {(one["status"], one["substatus"]) for one in told}
        return orjson.dumps({"status": status, "substatus": substatus}).decode()

    @transaction.atomic
    def _settled(self, rows: Sequence[Any], claim: uuid.UUID, words: str) -> None:
        actions, tasks, orders = ([row[place] for row in rows] for place in range(3))
        given: dict[str, Any] = {
            "claim": claim, "words": words, "account": self.account.pk, "actions": actions, "tasks": tasks, "orders": orders,
        }  # fmt: skip
        with connection.cursor() as cursor:
            for text in (DONE, TRIED, MOVED, FOLLOWED, TOLD, WELL):
                cursor.execute(text, given)


def run(world: data.World, upstream: RunningSandbox, rounds: int) -> Iterator[Line]:
    """``world.page`` orders on each side. A quarter of the rounds, since all of them are made and taken in before each."""
    account, other = (data.yandex_account(title, upstream) for title in (OURS, BY_HAND))
    yield from _leaving(account, ByHand(other, upstream), size=world.page, rounds=max(rounds // 4, 1))
    yield _fixed(account, upstream)
    # Their buyers are not asked for while the memory of the queue is measured.
    MarketplaceAccount.objects.filter(pk__in=[account.pk, other.pk]).update(enabled=False)


def _leaving(account: MarketplaceAccount, by_hand: ByHand, *, size: int, rounds: int) -> Iterator[Line]:
    upstream = by_hand.upstream
    floor: list[float] = []
    ours: list[float] = []
    alone, calls = [], []
    for each in range(rounds + 1):
        for one in (account, by_hand.account):
            _due(one, upstream, size)
        since = _newest_call(upstream)
        sides: list[tuple[list[float], Work]] = [
            (floor, by_hand),
            (ours, partial(dispatch.send_due, account)),
        ]
        for spent, work in sides if each % 2 else reversed(sides):
            spent.append(timed(work))
        alone.append(by_hand.calling)
        calls.append(len(upstream.calls(UPDATES, since=since, seller=data.key(OURS))))
    assert _left(account) == _left(by_hand.account) == _expected((rounds + 1) * size)
    pair = Pair(median(floor[1:]), median(ours[1:]))
    notes = f"{pair.words}, medians of {rounds}; of the floor {median(alone[1:]):.0f} ms are the calls"
    yield Line(f"Yandex Market: {size} orders due for DELIVERY", pair.ratio, 6, "× by hand", notes)
    most = math.ceil(size / BATCH)
    yield Line("Yandex Market: calls in which they leave", max(calls), most, "calls", f"{BATCH} orders a call")


def _newest_call(upstream: RunningSandbox) -> int:
    with upstream.store.lock:
        return max((call["id"] for call in upstream.store.ledger.calls(limit=1, newest=True)), default=0)


def _due(account: MarketplaceAccount, upstream: RunningSandbox, count: int) -> None:
    """New orders, taken in, whose delivery has been asked for."""
    numbers = upstream.ym.make(account.credentials["api_key"], count=count, items=[MUG], type="DELIVERY")
    provider = accounts.provider(account)
    created: list[int] = []
    for start in range(0, count, PAGE):
        page = provider.lookup([str(number) for number in numbers[start : start + PAGE]])
        created += intake.receive_page(account, provider, page.tasks).created
    assert len(created) == count
    outbox.request_many(created, outbox.Wish(ActionKind.DELIVER), actor=actors.SYSTEM)


def _left(account: MarketplaceAccount) -> tuple[int, ...]:
    """How many rows there are of all that a delivery leaves behind."""
    words = {"status": "DELIVERY", "substatus": "DELIVERY_SERVICE_RECEIVED"}
    tasks = AssemblyTask.objects.filter(account=account, stage=Stage.DELIVERING, marketplace_status=words)
    actions = MarketplaceAction.objects.filter(account=account, state=ActionState.SUCCEEDED)
    attempts = ActionAttempt.objects.filter(action__account=account, outcome=ActionAttempt.Outcome.DONE)
    told = TimelineEntry.objects.filter(order__account=account, kind__in=(EntryKind.STAGE, EntryKind.ACTION_DONE))
    orders = Order.objects.filter(account=account, stage=Stage.DELIVERING)
    return tuple(rows.count() for rows in (tasks, actions, attempts, told, orders))


def _expected(orders: int) -> tuple[int, ...]:
    """Each of them once, and two entries an order."""
    return orders, orders, orders, orders * 2, orders


def _fixed(account: MarketplaceAccount, upstream: RunningSandbox) -> Line:
    """Two calls: a full one, and one of ten orders."""
    found = []
    for count in (BATCH, 10):
        _due(account, upstream, count)
        with statements() as asked:
            sent = dispatch.send_due(account)
        assert (sent.calls, sent.actions) == (1, count)
        found.append(len(asked) - THE_END)
    same = len(set(found)) == 1
    notes = "the same for 10 orders" if same else f"{found[1]} for 10 orders"
    case = f"Yandex Market: statements of a call that {BATCH} orders leave in"
    return Line(case, max(found), A_CALL if same else 0, "statements", notes)
