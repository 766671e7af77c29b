"""`box.measoft`: what tests do to the MeaSoft stand-in."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.measoft.upstream import Measoft
from sandbox.parcels.helper import ParcelHelper
from sandbox.store import Store


class MeasoftHelper(ParcelHelper):
    """`login`, `password` and `extra` are good ones: those of the parcels that `make` makes."""

    login, password, extra = "sandbox", "sandbox", "8"

    def __init__(self, store: Store, upstream: Measoft, root: Callable[[], str]) -> None:
        super().__init__(store, upstream, root)
        self.measoft = upstream

    def price(self, number: str | int, price: float) -> None:
        """A change that is none of the status; roubles."""
        self.act(number, "price", price=price)

    def waiting(self, streamid: str = "", login: str = login, extra: str = extra) -> list[str]:
        """Numbers of the parcels whose changes a consumer of ONLY_LAST has not committed yet, the oldest change first."""
        with self.store.lock:
            self.world.settle()
            return [one.number for one in self.measoft.world.unseen(f"{extra}/{login}/{streamid}", login)]
