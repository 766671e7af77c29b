"""The demo's life at a carrier: a starting set that travels, a parcel every so often, and now and then a mistake."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from sandbox.beat import Beat
from sandbox.parcels.acts import act, possible_acts
from sandbox.parcels.making import Wish, make
from sandbox.parcels.parcel import Parcel
from sandbox.parcels.world import ParcelWorld

MOST_MOVING: Final = 25
PACES: Final = (60.0, 120.0, 300.0, 600.0)  # seconds from station to station
WHIMS: Final = (("correct", 0.01), ("again", 0.03), ("drop_last", 0.005))


class ParcelStream(Beat):
    """Makes a parcel for `seller` every `seconds`, while fewer than `most` of his are under way. `numbers` are the shop's
    orders that have left, or nearly: half of the parcels carry one of them, the others a number of their own."""

    def __init__(
        self,
        world: ParcelWorld,
        *,
        seller: str,
        seconds: float,
        numbers: Callable[[], list[str]] = list,
        most: int = MOST_MOVING,
    ) -> None:
        super().__init__(seconds)
        self.world, self.seller, self.numbers, self.most = world, seller, numbers, most

    def begin(self) -> None:
        """A parcel on every path, somewhere along it, when the account is empty."""
        with self.world.store.work():
            if self.world.shops[self.seller]:
                return
            for place, (name, stations) in enumerate(self.world.paths.items()):
                self._make(name, steps=1 + place % len(stations))

    def tick(self) -> None:
        """One parcel more, and perhaps a mistake of the carrier's."""
        with self.world.store.work():
            self.world.settle()
            shop = list(self.world.shops[self.seller].values())
            if sum(not self.world.is_over(parcel) for parcel in shop) < self.most:
                self._make(
                    random.choice(list(self.world.paths)), number=self._number() if random.random() < 0.5 else ""
                )
            self._mistake(shop)

    def _make(self, path: str, *, steps: int = 1, number: str = "") -> None:
        wish = Wish(self.seller, path=path, steps=steps, pace=random.choice(PACES), cause="stream")
        if number:
            wish.number, wish.fields = self.world.of_order(number)
        make(self.world, wish)

    def _number(self) -> str:
        """Of an order that has no parcel here yet; empty when there is none."""
        free = [number for number in self.numbers() if not self.world.with_order(self.seller, number)]
        return random.choice(free) if free else ""

    def _mistake(self, shop: list[Parcel]) -> None:
        for name, chance in WHIMS:
            fitting = [one for one in shop[-100:] if name in possible_acts(self.world, one)]
            if fitting and random.random() < chance:
                act(self.world, random.choice(fitting), name)
