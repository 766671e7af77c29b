"""All shops and their orders; the only place where an order changes."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import heapq
import random
import time
from collections import defaultdict
from typing import Any, Final

from sandbox.store import Store
from sandbox.wire import Effect
from sandbox.yandex_market.order import AFTER_DEPARTURE, Order
from sandbox.yandex_market.tuning import Tuning

NAME: Final = "yandex_market"
BUSINESS, FIRST_CAMPAIGN = 7_000_001, 7_100_001
EPOCH = 1_704_067_200  # 2024-01-01: numbers of a new sandbox begin above those of an older one
FIRST_NUMBER = 52_000_000_000


class World:
    """The caller holds the store's lock, through `Store.work` or a call."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.tuning = Tuning()
        self.orders: dict[int, Order] = {}
        self.shops: defaultdict[str, dict[int, Order]] = defaultdict(dict)
        self._due: list[tuple[float, int, str]] = []
        self._load()
        store.on_reset(self._forget)

    def _load(self) -> None:
        self.tuning.update(self.store.document(NAME, "tuning") or {})
        for _, body in self.store.documents(f"{NAME}.order"):
            order = Order(**body)
            self.orders[order.id] = self.shops[order.seller][order.id] = order
            self._expect(order)
        saved = self.store.document(NAME, "number")
        self._number = int(saved or FIRST_NUMBER + int(time.time()) - EPOCH)

    def _forget(self) -> None:
        self.orders.clear()
        self.shops.clear()
        self._due.clear()
        self.tuning.reset()
        self.store.save(NAME, "number", lambda: self._number)

    @property
    def now(self) -> float:
        return self.store.clock.now()

    @property
    def campaigns(self) -> list[int]:
        """The shops of every seller; there are as many as `shops` says."""
        return [FIRST_CAMPAIGN + place for place in range(self.tuning.shops)]

    def number(self) -> int:
        """The next number, of an order or a box: rising, with gaps."""
        self._number += random.randint(1, 40)
        self.store.save(NAME, "number", lambda: self._number)
        return self._number

    def find(self, seller: str, campaign: int, number: int) -> Order | None:
        order = self.shops[seller].get(number)
        return order if order is not None and order.campaign == campaign and self.is_kept(order) else None

    def is_kept(self, order: Order) -> bool:
        """Test orders are dropped after ten days (contract 2.9)."""
        return not order.fake or self.now - order.created <= self.tuning.fake_kept

    def tune(self, changes: dict[str, Any]) -> None:
        """Raises ValueError for what cannot be set."""
        self.tuning.update(changes)
        self._due.clear()
        for order in self.orders.values():
            self._expect(order)
        self.store.save(NAME, "tuning", self.tuning.state)

    # changes

    def save(self, order: Order) -> None:
        self.store.save(f"{NAME}.order", str(order.id), lambda: vars(order))

    def add(self, order: Order, *, cause: str) -> None:
        """Raises ValueError when the number is taken."""
        if order.id in self.orders:
            raise ValueError(f"order {order.id} is already there")
        self.orders[order.id] = self.shops[order.seller][order.id] = order
        self._number = max(self._number, order.id)
        order.history.append({"at": self.now, "status": order.place, "cause": cause})
        self._record(order, kind="made", cause=cause, before=None, after=order.place)
        self._expect(order)

    def move(self, order: Order, place: str, *, cause: str, at: float | None = None) -> None:
        """To `place`, like "DELIVERY/DELIVERY_SERVICE_RECEIVED"; `at`: when that was, if not now."""
        before, was_open = order.place, order.is_open
        order.status, order.substatus = place.split("/")
        order.updated = self.now if at is None else at
        if order.status not in AFTER_DEPARTURE:
            order.cancel_asked = None
        if was_open and not order.is_open:
            order.finished = order.updated
        order.history.append({"at": order.updated, "status": order.place, "cause": cause})
        self._record(order, kind="status", cause=cause, before=before, after=order.place)
        self._expect(order)

    def note(self, order: Order, kind: str, before: Any, after: Any, *, cause: str) -> bool:
        """Record what was written about an order; the same again is no effect. Returns whether something changed."""
        if before == after:
            return False
        order.updated = self.now
        self._record(order, kind=kind, cause=cause, before=before, after=after)
        self._expect(order)
        return True

    def _record(self, order: Order, *, kind: str, cause: str, before: Any, after: Any) -> None:
        self.store.effect(Effect(order.id, kind, cause, before, after, order.seller))
        self.save(order)

    # what happens by itself

    def _expect(self, order: Order) -> None:
        for event in EVENTS:
            at = self._moment(order, event)
            if at is not None:
                heapq.heappush(self._due, (at, order.id, event))

    def _moment(self, order: Order, event: str) -> float | None:
        """When `event` comes to an order as it is now; None: not at all."""
        tuning = self.tuning
        if event == "unanswered" and order.waits_for_cancel and order.cancel_asked is not None:
            return order.cancel_asked + tuning.cancel_after
        if event == "unpaid" and order.status == "UNPAID" and tuning.pay_within:
            return order.created + tuning.pay_within
        if event == "activated" and order.status == "PROCESSING" and order.digital_at is not None:
            return order.digital_at + tuning.digital_delay
        return None

    def settle(self) -> None:
        """Let what is due by now have happened, as an event of its own and not of the call that sees it first."""
        while self._due and self._due[0][0] <= self.now:
            _, number, event = heapq.heappop(self._due)
            order = self.orders.get(number)
            at = None if order is None else self._moment(order, event)
            if order is not None and at is not None and at <= self.now:
                with self.store.work():
                    self.move(order, EVENTS[event], cause="market", at=at)


EVENTS: Final = {
    "unanswered": "CANCELLED/USER_CHANGED_MIND",
    "unpaid": "CANCELLED/USER_NOT_PAID",
    "activated": "DELIVERED/DELIVERY_SERVICE_DELIVERED",
}
