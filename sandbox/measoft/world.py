"""All parcels of all contracts with the carrier, and what each stream has received of their changes."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sandbox.measoft.statuses import BETWEEN_BRANCHES, DELIVERED, FAILED, PATHS, STORES, TITLES
from sandbox.measoft.tuning import Tuning
from sandbox.parcels.making import person, phone, street
from sandbox.parcels.parcel import Parcel
from sandbox.parcels.world import ParcelWorld
from sandbox.store import Store
from sandbox.wire import Effect

NAME: Final = "measoft"
DAYS_KEPT: Final = {"basic": 45, "standard": 180, "premium": 365, "maximum": 365}
WITH_HISTORY: Final = ("premium", "maximum")
GOODS: Final = (("BOOTS-42-BLK", "Ботинки"), ("LAMP-E27", "Лампа"), ("MUG-UNICORN", "Кружка"), ("BOOK-GARDEN", "Книга"))
REASONS: Final = {"CANCELED": "Отказ получателя", "COURIERCANCELED": "Отказ получателя"}


class MeasoftWorld(ParcelWorld):
    """A parcel's identity is its `ordercode`, its number the shop's `orderno`, its seller the login."""

    name = NAME
    first_number = 7_000_000
    paths: Mapping[str, tuple[str, ...]] = PATHS
    row_names = ("at", "event", "store", "message", "title", "wire")
    acts: tuple[str, ...] = ("price",)
    strange = "TELEPORTED"
    tuning: Tuning

    def __init__(self, store: Store) -> None:
        self.streams: dict[str, dict[str, dict[str, int]]] = {}
        super().__init__(store, Tuning())

    def _load(self) -> None:
        super()._load()
        self.streams.update(self.store.documents(f"{NAME}.stream"))

    def _forget(self) -> None:
        super()._forget()
        self.streams.clear()

    # what the carrier has of its own

    def row(self, parcel: Parcel, station: str, at: float) -> dict[str, Any]:
        """`at` is when it was entered, `event` when it happened; the branch changes on the way to the other one."""
        here = parcel.rows[-1].get("store", parcel.fields["store"]) if parcel.rows else parcel.fields["store"]
        arrived = bool(parcel.rows) and parcel.code == "DEPARTURE"
        return {
            "code": station,
            "at": at,
            "event": at - self.tuning.lag,
            "store": parcel.fields["hub"] if arrived else here,
            "message": parcel.fields["hub"] if station in BETWEEN_BRANCHES else "",
        }

    def keys(self, parcel: Parcel) -> Iterable[str]:
        return [parcel.number]

    def new_number(self, identity: int) -> str:
        return f"MW-{identity}"

    def taken_back(self, parcel: Parcel) -> str:
        """Seed 000: COMPLETE after the first query and NEW after the second."""
        return "NEW"

    def title(self, code: str) -> str:
        return TITLES.get(code, ("", ""))[0]

    def is_over(self, parcel: Parcel) -> bool:
        return parcel.code in DELIVERED | FAILED

    def invent(self, number: str, given: dict[str, Any]) -> dict[str, Any]:
        """`price` and `inshprice` in roubles, `weight` in kilograms, `quantity` counts places."""
        article, name = random.choice(GOODS)
        price = random.randint(3, 90) * 100.0
        who = person()
        found: dict[str, Any] = {
            "barcode": number.replace("-", ""), "orderno2": "", "givencode": "", "company": "Магазин", "receiver": who,
            "person": who, "phone": phone(), "zipcode": "125480", "town": "Москва город", "address": street(),
            "pvz": "", "weight": round(random.uniform(0.2, 9), 1), "quantity": 1, "paytype": "NO", "service": "1",
            "price": price, "inshprice": price, "delivery": 250.0, "enclosure": name, "instruction": "",
            "items": [{"article": article, "name": name, "quantity": 1, "mass": 0.5, "price": price}],
            "store": "Москва", "hub": "Новосибирск", "client": "CLIENT", "deliveredto": "",
        }  # fmt: skip
        unknown = given.keys() - found.keys()
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}; fields are {', '.join(found)}")
        return found | given

    def do(self, parcel: Parcel, name: str, asked: dict[str, Any]) -> None:
        """`price`: `{"price"}` in roubles; a change that puts an order into the feed with the status it had (contract 1.4)."""
        price = asked.get("price", parcel.fields["price"] + 1)
        if not isinstance(price, int | float) or isinstance(price, bool):
            raise TypeError("price is a number")
        before, parcel.fields = parcel.fields["price"], {**parcel.fields, "price": float(price)}
        self.note(parcel, "price", before, float(price), cause=name)

    # reading

    def is_kept(self, parcel: Parcel) -> bool:
        """Older orders simply stop being found."""
        return self.now - parcel.created <= DAYS_KEPT[self.tuning.plan] * 86_400

    def orders(self, seller: str, number: str | None = None) -> list[Parcel]:
        """What can be found, all of it or by number; an ambiguous one is there twice."""
        held = self.shops[seller].values() if number is None else self.named(seller, number)
        found = [one for one in held if self.is_kept(one) and not one.has("missing")]
        return [one for parcel in found for one in (parcel, *([twin(parcel)] if parcel.has("ambiguous") else []))]

    def is_new_number(self, seller: str, number: str) -> bool:
        """Uniqueness holds within the calendar year (contract 1.6); the year is Moscow's."""
        year = local(self.now, 3).year
        return not any(local(one.created, 3).year == year for one in self.named(seller, number))

    # the feed

    def unseen(self, key: str, seller: str) -> list[Parcel]:
        """Parcels with a change the stream `key` has not received, the oldest change first."""
        seen = self.streams.get(key, {}).get("seen", {})
        news = [one for one in self.orders(seller) if one.changed > seen.get(str(one.id), 0)]
        return sorted(news, key=lambda one: one.changed)

    def changed(self, key: str, seller: str) -> list[Parcel]:
        """What the stream is told now; it is remembered, for the commit that may follow."""
        news = self.unseen(key, seller)[: self.tuning.feed_limit or None]
        stream = self.streams.setdefault(key, {"seen": {}, "told": {}})
        stream["told"] = {str(one.id): one.changed for one in news}
        self._save_stream(key)
        return news

    def commit(self, key: str, seller: str, codes: list[str]) -> int:
        """What was told is received, or only `codes` of it. Returns how many changes that were."""
        stream = self.streams.setdefault(key, {"seen": {}, "told": {}})
        told = dict(stream["told"])
        if self.tuning.commit_all and not codes:
            told = {str(one.id): one.changed for one in self.shops[seller].values()}
        fresh = {code: at for code, at in told.items() if not codes or code in codes}
        fresh = {code: at for code, at in fresh.items() if at > stream["seen"].get(code, 0)}
        stream["seen"] |= fresh
        if fresh:
            after = {"stream": key.rpartition("/")[2], "orders": len(fresh)}
            self.store.effect(Effect(0, "commit", "commitlaststatus", None, after, seller))
        self._save_stream(key)
        return len(fresh)

    def _save_stream(self, key: str) -> None:
        self.store.save(f"{NAME}.stream", key, lambda: self.streams.get(key, {"seen": {}, "told": {}}))


def twin(parcel: Parcel) -> Parcel:
    """Another order with the same number, of another year."""
    rows = [
        {**row, "at": row["at"] - 365 * 86_400, "event": row.get("event", row["at"]) - 365 * 86_400}
        for row in parcel.rows
    ]
    body = vars(parcel) | {
        "id": parcel.id - 500_000,
        "rows": rows,
        "created": parcel.created - 365 * 86_400,
        "flags": [],
    }
    return Parcel(**body)


def local(seconds: float, hours: int) -> datetime:
    """A clock on the wall `hours` ahead of Greenwich."""
    return datetime.fromtimestamp(seconds, UTC) + timedelta(hours=hours)


def stamp(seconds: float, hours: int = 0) -> str:
    """`2026-11-21 12:40:10`"""
    return local(seconds, hours).strftime("%Y-%m-%d %H:%M:%S")


def hours_of(store: str) -> int:
    return STORES.get(store, STORES["Москва"])
