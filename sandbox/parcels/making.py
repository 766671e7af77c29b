"""Parcels out of nothing: for the page, the control API and the demo's stream."""

# ruff: noqa: S311 - what is invented here needs no cryptographic chance

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.clock import parse_rfc3339
from sandbox.parcels.parcel import Parcel
from sandbox.parcels.world import ParcelWorld
from sandbox.people import FIRST_NAMES, LAST_NAMES, digits

GAP: Final = 3600.0  # between stations that a parcel has behind it when it is made, if it has no pace
TIMES: Final = ("at", "event")
STREETS: Final = ("ул. Лесная", "ул. Садовая", "пр-т Мира", "ул. Гагарина", "наб. Речная")


@dataclass(slots=True)
class Wish:
    """What to make. `path` is a name or the stations themselves; `steps` of them, or those `until` a station, are behind it.
    `rows` is a whole history instead: `[{"code", "at", "wire"?, …}]`; `fields` are the carrier's own."""

    seller: str
    count: int = 1
    number: str = ""
    path: str | list[str] = "happy"
    steps: int = 1
    until: str = ""
    pace: float | None = None
    created: str = ""
    rows: list[dict[str, Any]] | None = None
    flags: list[str] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    id: int | None = None
    cause: str = "control"


def make(world: ParcelWorld, wish: Wish) -> list[Parcel]:
    """Create `count` parcels. Raises ValueError for a taken identity or something that makes no parcel."""
    stations = stations_of(world, wish)
    unknown = set(wish.flags) - set(world.flags)
    if unknown:
        raise ValueError(f"flag is one of {', '.join(world.flags)}")
    rows = [row_of(world, one) for one in wish.rows or []]
    made = []
    for place in range(wish.count):
        made.append(_parcel(world, wish, place))
        _travelled(world, made[-1], stations, rows, wish)
        world.add(made[-1], cause=wish.cause)
        world.expect(made[-1], world.now)
    return made


def stations_of(world: ParcelWorld, wish: Wish) -> list[str]:
    """All stations of the path; raises ValueError when there is no such path."""
    if isinstance(wish.path, list):
        found = wish.path
    elif wish.path in world.paths:
        found = list(world.paths[wish.path])
    else:
        raise ValueError(f"path is one of {', '.join(world.paths)}, or a list of stations")
    if wish.until and wish.until not in found:
        raise ValueError(f"until is one of {', '.join(found)}")
    if wish.rows is not None and not wish.rows:
        raise ValueError("rows: one at least")
    if wish.rows is None and not 1 <= wish.steps <= len(found):
        raise ValueError(f"steps is 1 … {len(found)}")
    return found


def row_of(world: ParcelWorld, given: Any) -> dict[str, Any]:
    """A row as it is kept. Raises ValueError, TypeError."""
    if not isinstance(given, dict) or not isinstance(given.get("code"), str) or not isinstance(given.get("at"), str):
        raise TypeError('a row is {"code": "…", "at": "2026-11-20T10:00:00+03:00", …}')
    return {"code": given["code"], **row_fields(world, {name: one for name, one in given.items() if name != "code"})}


def row_fields(world: ParcelWorld, given: dict[str, Any]) -> dict[str, Any]:
    """What a row has beside its code; times are told with an offset and kept as seconds. Raises ValueError, TypeError."""
    unknown = given.keys() - set(world.row_names)
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; a row has {', '.join(world.row_names)}")
    if not isinstance(given.get("wire", {}), dict):
        raise TypeError("wire is an object")
    return given | {name: parse_rfc3339(given[name]) for name in TIMES if name in given}


def _parcel(world: ParcelWorld, wish: Wish, place: int) -> Parcel:
    identity = world.number() if wish.id is None else wish.id + place
    number = wish.number if wish.count == 1 or not wish.number else f"{wish.number}-{place + 1}"
    number = number or world.new_number(identity)
    created = parse_rfc3339(wish.created) if wish.created else world.now
    return Parcel(
        id=identity,
        seller=wish.seller,
        number=number,
        created=created,
        updated=created,
        path=wish.path if isinstance(wish.path, str) else "",
        pace=world.tuning.pace if wish.pace is None else float(wish.pace),
        flags=[flag for flag in world.flags if flag in wish.flags],
        fields=world.invent(number, wish.fields),
    )


def _travelled(world: ParcelWorld, parcel: Parcel, stations: list[str], rows: list[dict[str, Any]], wish: Wish) -> None:
    """What it has behind it: the last station is now, or the first was when it was made."""
    if rows:
        parcel.rows = [dict(row) for row in rows]
        parcel.path, parcel.created = "", parcel.rows[0]["at"] if not wish.created else parcel.created
        parcel.updated = max(row["at"] for row in rows)
        return
    behind = stations.index(wish.until) + 1 if wish.until else wish.steps
    gap = parcel.pace or GAP
    first = parcel.created if wish.created else world.now - gap * (behind - 1)
    for place, station in enumerate(stations[:behind]):
        world.write(parcel, station, at=first + gap * place)
    parcel.created, parcel.rest = first, list(stations[behind:])


def person() -> str:
    """`Соколов Иван`"""
    which = random.randrange(2)
    return f"{random.choice(LAST_NAMES)}{'а' if which == 0 else ''} {random.choice(FIRST_NAMES[which])}"


def street() -> str:
    return f"{random.choice(STREETS)}, {random.randint(1, 120)}"


def phone() -> str:
    return "+7925" + digits(7)
