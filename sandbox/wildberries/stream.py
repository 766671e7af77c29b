"""The demo's life: a starting set, then a new order every so often, and now and then a buyer's whim."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import random

from sandbox.beat import Beat
from sandbox.wildberries.machine import play, possible_plays
from sandbox.wildberries.making import Wish, make
from sandbox.wildberries.world import World

MOST_NEW = 40
# Identifiers of the starting set: most kinds at once, so that every case can be tried right away.
STARTING = ((), ("uin",), ("sgtin",), ("imei",), ("gtin",), ("sgtin",), (), ("uin",), (), ("sgtin",), ("imei",), ())
WHIMS = (("decline", 0.02), ("miss_call", 0.01), ("return", 0.02))


class Stream(Beat):
    """Makes orders for `seller` every `seconds`, while fewer than `most` of his are new."""

    def __init__(self, world: World, *, seller: str, seconds: float, most: int = MOST_NEW) -> None:
        super().__init__(seconds)
        self.world, self.seller, self.most = world, seller, most

    def begin(self) -> None:
        """The starting set, when the shop is empty."""
        with self.world.store.work():
            if not self.world.shops[self.seller]:
                self._starting_set()

    def _starting_set(self) -> None:
        for place, kinds in enumerate(STARTING):
            wish = Wish(self.seller, fields={"requiredMeta": list(kinds)}, cause="stream", paid_delivery=place % 4 == 0)
            make(self.world, wish)
        make(self.world, Wish(self.seller, count=2, basket=True, cause="stream"))
        make(self.world, Wish(self.seller, fields={"deliveryType": "dbsPickupPoint"}, b2b=True, cause="stream"))

    def tick(self) -> None:
        """One order more, and perhaps a whim of one buyer."""
        world = self.world
        with world.store.work():
            shop = list(world.shops[self.seller].values())
            if sum(task.is_new for task in shop) < self.most:
                basket = random.random() < 0.1
                make(world, Wish(self.seller, count=2 if basket else 1, basket=basket, cause="stream"))
            for name, chance in WHIMS:
                fitting = [task for task in shop[-100:] if name in possible_plays(world, task)]
                if fitting and random.random() < chance:
                    play(world, random.choice(fitting), name)
