"""What tests do to a carrier's stand-in, in this process: `box.measoft.make(…)`. Like the control API over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from sandbox.parcels import control
from sandbox.parcels.acts import act
from sandbox.parcels.limits import WindowLimits
from sandbox.parcels.making import Wish, make
from sandbox.parcels.parcel import Parcel
from sandbox.parcels.world import ParcelWorld
from sandbox.store import Store


class Carrier(Protocol):
    """What a helper needs of a stand-in."""

    @property
    def address(self) -> str: ...

    @property
    def world(self) -> ParcelWorld: ...

    @property
    def limits(self) -> WindowLimits: ...


class ParcelHelper:
    """`url` is what an account has as its base URL. A parcel is meant by its number, or by its identity (an int)."""

    def __init__(self, store: Store, upstream: Carrier, root: Callable[[], str]) -> None:
        self.store, self.upstream, self._root = store, upstream, root
        self.world: ParcelWorld = upstream.world

    @property
    def url(self) -> str:
        return self._root() + self.upstream.address

    def make(self, seller: str = "sandbox", **wish: Any) -> list[str]:
        """Make parcels (`making.Wish` has the fields); returns their numbers. Raises ValueError."""
        with self.store.work():
            return [parcel.number for parcel in make(self.world, Wish(seller, **wish))]

    def _find(self, number: str | int) -> Parcel:
        """Raises KeyError."""
        self.world.settle()
        found = self.world.parcels.get(number) if isinstance(number, int) else self.world.found(number)
        if found is None:
            raise KeyError(number)
        return found

    def parcel(self, number: str | int) -> dict[str, Any]:
        """Everything about a parcel: `id`, `code` (the present status), `rows`, `rest`, `flags`, … Raises KeyError."""
        with self.store.lock:
            return control.shown(self.world, self._find(number))

    def code(self, number: str | int) -> str:
        """The present status in the carrier's word."""
        return str(self.parcel(number)["code"])

    def codes(self, number: str | int) -> list[str]:
        """The words of all rows, in the order of writing."""
        return [str(row["code"]) for row in self.parcel(number)["rows"]]

    def act(self, number: str | int, name: str, **asked: Any) -> None:
        """Any act or flag by name. Raises CannotAct, ValueError, KeyError."""
        with self.store.work():
            act(self.world, self._find(number), name, asked)

    def step(self, number: str | int, times: int = 1) -> str:
        """The next stations of its path; returns the status then. Raises CannotAct at the end."""
        for _ in range(times):
            self.act(number, "step")
        return self.code(number)

    def finish(self, number: str | int) -> str:
        """All stations that are left; returns the last."""
        self.act(number, "finish")
        return self.code(number)

    def advance(self, number: str | int, to: str, **row: Any) -> None:
        """This status now, whatever the path says; times as `2026-11-20T10:00:00+03:00`."""
        self.act(number, "advance", to=to, **row)

    def correct(self, number: str | int, to: str = "") -> None:
        """The operator's correction: back to `to`, or where the carrier begins anew."""
        self.act(number, "correct", **({"to": to} if to else {}))

    def again(self, number: str | int) -> None:
        """The present status written once more, in a row of its own."""
        self.act(number, "again")

    def unknown(self, number: str | int, to: str = "") -> None:
        """A status that nobody has heard of."""
        self.act(number, "unknown", **({"to": to} if to else {}))

    def drop_last(self, number: str | int) -> None:
        """The last row was never written."""
        self.act(number, "drop_last")

    def flag(self, number: str | int, name: str, *, on: bool = True) -> None:
        """`no_history`, `bare`, `shuffled`, `repeated`, `ambiguous`, `missing`."""
        self.act(number, name, on=on)

    def patch(self, number: str | int, **changes: Any) -> None:
        """What PATCH of the control API takes: `number`, `rest`, `rows`, `pace`, `fields`."""
        with self.store.work():
            control.patch(self.world, self._find(number), changes)

    def tune(self, **changes: Any) -> None:
        """Change settings (`tuning.Tuning` has them); raises ValueError."""
        with self.store.work():
            self.world.tune(changes)

    def limit(self, *, enabled: bool = True, **amounts: int) -> None:
        """Switch limits on: `limit(minute=3)`. Raises ValueError."""
        groups = {name: {"amount": amount} for name, amount in amounts.items()}
        with self.store.lock:
            self.upstream.limits.tune(enabled=enabled, groups=groups)

    def effects(self, number: str | int) -> list[dict[str, Any]]:
        with self.store.lock:
            return self.store.ledger.effects(order=self._find(number).id)
