"""What tests do to the Yandex Market stand-in, in this process: `box.ym.make(…)`. Like the control API over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.store import Store
from sandbox.yandex_market import control, notify
from sandbox.yandex_market.machine import play
from sandbox.yandex_market.making import Wish, make, make_raw
from sandbox.yandex_market.upstream import YandexMarket
from sandbox.yandex_market.world import BUSINESS, FIRST_CAMPAIGN, World


class YandexHelper:
    """`url` is what an account has as its base URL; `business` and `campaign` are every seller's."""

    business, campaign = BUSINESS, FIRST_CAMPAIGN

    def __init__(self, store: Store, upstream: YandexMarket, root: Callable[[], str]) -> None:
        self.store, self.upstream, self._root = store, upstream, root
        self.world: World = upstream.world

    @property
    def url(self) -> str:
        return self._root() + self.upstream.prefix

    def make(self, seller: str = "sandbox", **wish: Any) -> list[int]:
        """Make orders (`making.Wish` has the fields); returns their numbers. Raises ValueError."""
        with self.store.work():
            return [order.id for order in make(self.world, Wish(seller, **wish))]

    def make_raw(self, raw: dict[str, Any], seller: str = "sandbox") -> int:
        """Put `raw["v1"]` and `raw["v2"]` into the lists as they are."""
        with self.store.work():
            return make_raw(self.world, seller=seller, raw=raw).id

    def order(self, number: int) -> dict[str, Any]:
        """Everything about an order, `place` ("PROCESSING/STARTED") and `plays` among it; raises KeyError."""
        with self.store.lock:
            self.world.settle()
            return control.shown(self.world.orders[number])

    def place(self, number: int) -> str:
        return str(self.order(number)["place"])

    def codes(self, number: int) -> dict[int, list[dict[str, str]]]:
        """By item, what stands on its units: what `identifiers` takes as `instances`."""
        return {item["id"]: item["samples"] for item in self.order(number)["items"] if item["samples"]}

    def play(self, number: int, name: str) -> None:
        """`request_cancel`, `arbitrate`, … (`machine.PLAYS`); raises CannotPlay, KeyError."""
        with self.store.work():
            self.world.settle()
            play(self.world, self.world.orders[number], name)

    def patch(self, number: int, **changes: Any) -> None:
        """What PATCH of the control API takes: a status by force, `fields`, `raw`, …"""
        with self.store.work():
            control.patch(self.world, self.world.orders[number], changes)

    def tune(self, **changes: Any) -> None:
        """Change settings (`tuning.Tuning` has them); raises ValueError."""
        with self.store.work():
            self.world.tune(changes)

    def limit(self, *, enabled: bool = True, parallel: int | None = None, **amounts: int) -> None:
        """Switch limits on; `amounts` an hour by operation: `updateOrderStatus=3`. Raises ValueError."""
        groups = {name: {"amount": amount} for name, amount in amounts.items()}
        with self.store.lock:
            self.upstream.limits.tune(enabled=enabled, groups=groups, parallel=parallel)

    def effects(self, number: int) -> list[dict[str, Any]]:
        with self.store.lock:
            return self.store.ledger.effects(order=number)

    def notify(
        self,
        number: int | None,
        url: str,
        kind: str = "",
        headers: dict[str, str] | None = None,
        **body: Any,
    ) -> dict[str, Any]:
        """Send a notification about an order, or a PING for None: `{"sent", "status", "body"}`. Raises ValueError."""
        with self.store.lock:
            now = self.world.now
            if number is None:
                sent = notify.ping(now)
            else:
                order = self.world.orders[number]
                sent = notify.about(order, kind or notify.usual_kind(order), now=now)
        return notify.send(url, {**sent, **body}, headers)
