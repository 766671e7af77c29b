"""All parcels of a carrier; the only place where a parcel changes."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import heapq
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sandbox.parcels.parcel import FLAGS, Parcel
from sandbox.parcels.tuning import ParcelTuning
from sandbox.store import Store
from sandbox.wire import Effect

EPOCH: Final = 1_704_067_200  # 2024-01-01: numbers of a new sandbox begin above those of an older one


class ParcelWorld:
    """The caller holds the store's lock, through `Store.work` or a call. A subclass says what its carrier's rows are."""

    name = ""
    first_number = 0
    paths: Mapping[str, tuple[str, ...]] = {}
    flags: tuple[str, ...] = FLAGS
    row_names: tuple[str, ...] = ("at", "wire")
    acts: tuple[str, ...] = ()
    strange = ""
    tuning: ParcelTuning

    def __init__(self, store: Store, tuning: ParcelTuning) -> None:
        self.store, self.tuning = store, tuning
        self.parcels: dict[int, Parcel] = {}
        self.shops: defaultdict[str, dict[int, Parcel]] = defaultdict(dict)
        self._known: defaultdict[tuple[str, str], dict[int, Parcel]] = defaultdict(dict)
        self._due: list[tuple[float, int]] = []
        self._load()
        store.on_reset(self._forget)

    def _load(self) -> None:
        self.tuning.update(self.store.document(self.name, "tuning") or {})
        for _, body in self.store.documents(f"{self.name}.parcel"):
            self._keep(Parcel(**body))
        self.changes = max((parcel.changed for parcel in self.parcels.values()), default=0)
        saved = self.store.document(self.name, "number")
        self._number = int(saved or self.first_number + int(time.time()) - EPOCH)

    def _forget(self) -> None:
        for held in (self.parcels, self.shops, self._known, self._due):
            held.clear()
        self.changes = 0
        self.tuning.reset()
        self.store.save(self.name, "number", lambda: self._number)

    def _keep(self, parcel: Parcel) -> None:
        self.parcels[parcel.id] = self.shops[parcel.seller][parcel.id] = parcel
        for key in self.keys(parcel):
            self._known[parcel.seller, key][parcel.id] = parcel
        if parcel.due is not None:
            heapq.heappush(self._due, (parcel.due, parcel.id))

    # what a carrier has of its own

    def row(self, parcel: Parcel, station: str, at: float) -> dict[str, Any]:
        """What is written when a parcel comes to `station`."""
        return {"code": station, "at": at}

    def keys(self, parcel: Parcel) -> Iterable[str]:
        """Numbers it can be asked for by."""
        return [parcel.number]

    def new_number(self, identity: int) -> str:
        """The number of a parcel nobody has named."""
        return str(identity)

    def invent(self, number: str, given: dict[str, Any]) -> dict[str, Any]:
        """`fields` of a parcel; raises ValueError for what the carrier does not know."""
        return given

    def of_order(self, order: str) -> tuple[str, dict[str, Any]]:
        """Number and fields of a parcel for this order of the shop's."""
        return order, {}

    def with_order(self, seller: str, order: str) -> list[Parcel]:
        """Parcels for this order of the shop's."""
        return self.named(seller, order)

    def do(self, parcel: Parcel, name: str, asked: dict[str, Any]) -> None:
        """An act of the carrier's own, one of `acts`. Raises ValueError."""
        raise KeyError(name)

    def taken_back(self, parcel: Parcel) -> str:
        """The station an operator puts a parcel to when the last one was a mistake."""
        return str(parcel.rows[-2]["code"]) if len(parcel.rows) > 1 else parcel.code

    def title(self, code: str) -> str:
        """The carrier's own name of a status; empty for what it does not know."""
        return ""

    def is_over(self, parcel: Parcel) -> bool:
        """Whether the carrier has nothing more to do."""
        return not parcel.rest

    # reading

    @property
    def now(self) -> float:
        return self.store.clock.now()

    def number(self) -> int:
        """The next identity: rising, with gaps."""
        self._number += random.randint(1, 9)
        self.store.save(self.name, "number", lambda: self._number)
        return self._number

    def named(self, seller: str, key: str) -> list[Parcel]:
        """Parcels of an account that answer to a number, in the order of their making."""
        return list(self._known.get((seller, key), {}).values())

    def found(self, text: str) -> Parcel | None:
        """By number, whoever's it is and the newest first, or by identity."""
        named = [one for seller in list(self.shops) for one in self.named(seller, text)]
        if named:
            return max(named, key=lambda one: one.id)
        return self.parcels.get(int(text)) if text.isascii() and text.isdigit() else None

    # changes

    def tune(self, changes: dict[str, Any]) -> None:
        """Raises ValueError for what cannot be set."""
        self.tuning.update(changes)
        self.store.save(self.name, "tuning", self.tuning.state)

    def save(self, parcel: Parcel) -> None:
        self.store.save(f"{self.name}.parcel", str(parcel.id), lambda: vars(parcel))

    def add(self, parcel: Parcel, *, cause: str) -> None:
        """Raises ValueError when the identity is taken."""
        if parcel.id in self.parcels:
            raise ValueError(f"parcel {parcel.id} is already there")
        self._number = max(self._number, parcel.id)
        self._keep(parcel)
        self.record(parcel, kind="made", cause=cause, before=None, after=parcel.code)

    def put(self, parcel: Parcel, station: str, *, cause: str, at: float | None = None, more: Any = None) -> None:
        """Write a row: the parcel is at `station` now, or since `at`; `more` is written over it. Rows are a second apart at
        least: both carriers tell seconds, and what is written later has to be seen to be later."""
        before = parcel.code
        self.write(parcel, station, at=self.now if at is None else at, more=more)
        self.record(parcel, kind="status", cause=cause, before=before, after=parcel.code)

    def write(self, parcel: Parcel, station: str, *, at: float, more: Any = None) -> None:
        """The row alone, without an effect: for what was there before the parcel was made."""
        moment = max(at, parcel.rows[-1]["at"] + 1) if parcel.rows else at
        parcel.rows.append({**self.row(parcel, station, moment), **(more or {})})
        parcel.updated = max(moment, parcel.updated)

    def step(self, parcel: Parcel, *, cause: str, at: float | None = None) -> None:
        """The next station of its path. Raises IndexError at the end."""
        station = parcel.rest.pop(0)
        self.put(parcel, station, cause=cause, at=at)
        self.expect(parcel, self.now if at is None else at)

    def expect(self, parcel: Parcel, since: float) -> None:
        """When the next station comes by itself, counted from `since`."""
        parcel.due = since + parcel.pace if parcel.rest and parcel.pace else None
        if parcel.due is not None:
            heapq.heappush(self._due, (parcel.due, parcel.id))
        self.save(parcel)

    def drop_last(self, parcel: Parcel, *, cause: str) -> None:
        """The last row was never written. Raises IndexError when there is none before it."""
        if len(parcel.rows) < 2:
            raise IndexError("no row before the last")
        before = parcel.rows.pop()["code"]
        parcel.updated = self.now
        self.record(parcel, kind="row", cause=cause, before=before, after=None)

    def rename(self, parcel: Parcel, number: str, *, cause: str) -> None:
        """From now on it answers to another number."""
        before, parcel.number = parcel.number, number
        self.index(parcel)
        self.note(parcel, "number", before, number, cause=cause)

    def describe(self, parcel: Parcel, given: dict[str, Any], *, cause: str) -> None:
        """Other `fields`; raises ValueError for what the carrier does not know."""
        unknown = given.keys() - parcel.fields.keys()
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}; fields are {', '.join(parcel.fields)}")
        before = {name: parcel.fields[name] for name in given}
        parcel.fields = {**parcel.fields, **given}
        self.index(parcel)
        self.note(parcel, "fields", before, given, cause=cause)

    def index(self, parcel: Parcel) -> None:
        """Its numbers may have changed."""
        for held in self._known.values():
            held.pop(parcel.id, None)
        self._keep(parcel)

    def flag(self, parcel: Parcel, name: str, *, on: bool, cause: str) -> None:
        """What goes wrong with a parcel is no change of it. Raises ValueError for an unknown flag."""
        if name not in self.flags:
            raise ValueError(f"flag is one of {', '.join(self.flags)}")
        if parcel.has(name) == on:
            return
        before = list(parcel.flags)
        parcel.flags = [one for one in self.flags if (one in before) != (one == name)]
        self.store.effect(Effect(parcel.id, "flags", cause, before, parcel.flags, parcel.seller))
        self.save(parcel)

    def note(self, parcel: Parcel, kind: str, before: Any, after: Any, *, cause: str) -> bool:
        """Record what was written about a parcel; the same again is no effect. Returns whether something changed."""
        if before == after:
            return False
        parcel.updated = self.now
        self.record(parcel, kind=kind, cause=cause, before=before, after=after)
        return True

    def record(self, parcel: Parcel, *, kind: str, cause: str, before: Any, after: Any) -> None:
        """An effect, and the parcel's new place in the order of changes."""
        self.changes += 1
        parcel.changed = self.changes
        self.store.effect(Effect(parcel.id, kind, cause, before, after, parcel.seller))
        self.save(parcel)

    # what happens by itself

    def settle(self) -> None:
        """Let what is due by now have happened, as an event of its own and not of the call that sees it first."""
        while self._due and self._due[0][0] <= self.now:
            at, number = heapq.heappop(self._due)
            parcel = self.parcels.get(number)
            if parcel is not None and parcel.due == at:
                with self.store.work():
                    self.step(parcel, cause="path", at=at)
