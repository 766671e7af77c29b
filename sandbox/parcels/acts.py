"""What can be done to a parcel by hand: along its path, back, away, and wrongly."""

from __future__ import annotations

from typing import Any, Final

from sandbox.parcels.making import row_fields
from sandbox.parcels.parcel import Parcel
from sandbox.parcels.world import ParcelWorld

# Acts of every carrier; a flag is an act as well: it switches itself.
ACTS: Final = ("step", "finish", "advance", "correct", "again", "drop_last", "unknown")
WRITING: Final = ("advance", "correct", "again", "unknown")


class CannotAct(ValueError):
    """The parcel is not where this can be done to it."""


def possible_acts(world: ParcelWorld, parcel: Parcel) -> list[str]:
    """Acts that would work now without anything said; flags are left out."""
    lacking = set()
    if not parcel.rest:
        lacking |= {"step", "finish"}
    if len(parcel.rows) < 2:
        lacking.add("drop_last")
    if world.taken_back(parcel) == parcel.code:
        lacking.add("correct")
    return [name for name in ACTS if name not in lacking | {"advance"}]


def act(world: ParcelWorld, parcel: Parcel, name: str, asked: dict[str, Any] | None = None) -> None:
    """Do it; `asked` is `{"to"?, "at"?, …}` for what writes a row, `{"on"?}` for a flag. Raises CannotAct, ValueError, KeyError."""
    asked = dict(asked or {})
    if name in world.flags:
        world.flag(parcel, name, on=bool(asked.get("on", not parcel.has(name))), cause="control")
        return
    if name in world.acts:
        world.do(parcel, name, asked)
        return
    if name in WRITING:
        _write(world, parcel, name, asked)
        return
    if name not in ACTS:
        raise KeyError(name)
    if name not in possible_acts(world, parcel):
        raise CannotAct(f"{name}: parcel {parcel.number} is {parcel.code}")
    if name == "drop_last":
        world.drop_last(parcel, cause=name)
        return
    for _ in range(len(parcel.rest) if name == "finish" else 1):
        world.step(parcel, cause=name)


def _write(world: ParcelWorld, parcel: Parcel, name: str, asked: dict[str, Any]) -> None:
    """A row that the path does not have."""
    usual = {"correct": world.taken_back(parcel), "again": parcel.code, "unknown": world.strange}
    to = asked.pop("to", usual.get(name))
    if not isinstance(to, str) or not to:
        raise ValueError("to is a status")
    if name == "correct" and to == parcel.code:
        raise CannotAct(f"{name}: parcel {parcel.number} is {parcel.code}")
    world.put(parcel, to, cause=name, more=row_fields(world, asked))
