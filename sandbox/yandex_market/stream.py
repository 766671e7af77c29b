"""The demo's life at Yandex Market: a starting set, then an order every so often, and now and then a buyer's whim."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import random
from typing import Any, Final

from sandbox.beat import Beat
from sandbox.yandex_market.machine import play, possible_plays
from sandbox.yandex_market.making import Wish, make
from sandbox.yandex_market.world import World

MOST_NEW = 40
# Codes for several units, every kind of identifier, every kind of order: each case can be tried right away.
STARTING: Final[tuple[dict[str, Any], ...]] = (
    {"items": [{"offerId": "BOOTS-42-BLK", "count": 2}, {"offerId": "LAMP-E27"}]},
    {"items": [{"offerId": "RING-925-17", "count": 2}]},
    {"items": [{"offerId": "BED-SET-EURO", "count": 3}]},
    {"items": [{"offerId": "MONITOR-27"}, {"offerId": "MUG-UNICORN", "count": 4}]},
    {"items": [{"offerId": "WASHER-6KG"}], "type": "DELIVERY"},
    {"items": [{"offerId": "TOY-TRAIN"}, {"offerId": "BOOK-GARDEN", "count": 2}]},
    {"type": "PICKUP"},
    {"business": True, "items": [{"offerId": "SNEAKERS-39", "count": 3}]},
    {"fake": True},
    {"digital": True},
    {"status": "UNPAID"},
    {"status": "DELIVERY", "type": "DELIVERY", "cancel_requested": True},
    {"courier": True, "type": "DELIVERY"},
)
WHIMS: Final = (("cancel", 0.02), ("request_cancel", 0.03), ("pay", 0.3), ("arbitrate", 0.01), ("return", 0.02))
NEW: Final = "PROCESSING/STARTED"


class YandexStream(Beat):
    """Makes orders for `seller` every `seconds`, while fewer than `most` of his are new."""

    def __init__(self, world: World, *, seller: str, seconds: float, most: int = MOST_NEW) -> None:
        super().__init__(seconds)
        self.world, self.seller, self.most = world, seller, most

    def begin(self) -> None:
        """The starting set, when the shop is empty."""
        with self.world.store.work():
            if not self.world.shops[self.seller]:
                for more in STARTING:
                    make(self.world, Wish(self.seller, cause="stream", **more))

    def tick(self) -> None:
        """One order more, and perhaps a whim of one buyer."""
        world = self.world
        with world.store.work():
            world.settle()
            shop = list(world.shops[self.seller].values())
            if sum(order.place == NEW for order in shop) < self.most:
                make(world, Wish(self.seller, business=random.random() < 0.1, cause="stream"))
            for name, chance in WHIMS:
                fitting = [order for order in shop[-100:] if name in possible_plays(order)]
                if fitting and random.random() < chance:
                    play(world, random.choice(fitting), name)
