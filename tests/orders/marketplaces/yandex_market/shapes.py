"""Orders made leaf by leaf, each with a value of its own: a field that a mapper loses shows (seed 003, contract appendices B, C)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from backoffice.reading import Reader
from orders.marketplaces.base import IncomingTask, RawTask
from orders.marketplaces.yandex_market.mapper_business import BusinessMapper
from orders.marketplaces.yandex_market.mapper_v2 import V2Mapper
from tests.orders.marketplaces.support import Notes

MOSCOW = ZoneInfo("Europe/Moscow")
_STEP = re.compile(r"[^.\[\]]+")


class Leaf(NamedTuple):
    """``path`` on the wire, the ``value`` there, and ``where`` it ends up as ``found``; "" where only "all fields" shows it."""

    path: str
    value: Any
    where: str = ""
    found: Any = None


@dataclass(frozen=True)
class Account:
    """What a mapper knows of an account."""

    zone: ZoneInfo = MOSCOW
    campaign_id: str = "7100001"
    business_id: str = "7000001"
    deadline_hours: float = 24


def steps(path: str) -> list[str | int]:
    return [int(step) if step.isdigit() else step for step in _STEP.findall(path)]


def put(order: Any, path: str, value: Any) -> None:
    """Set a leaf, with all that is missing on the way to it."""
    *way, last = way_to = steps(path)
    here = order
    for step, following in zip(way, way_to[1:], strict=True):
        empty: Any = [] if isinstance(following, int) else {}
        here = _enter(here, step, empty)
    if isinstance(here, list):
        here.append(value)
    else:
        here[last] = value


def _enter(here: Any, step: str | int, empty: Any) -> Any:
    if isinstance(here, dict):
        return here.setdefault(step, empty)
    assert isinstance(step, int)
    if step == len(here):
        here.append(empty)
    return here[step]


def made(leaves: Iterable[Leaf]) -> dict[str, Any]:
    order: dict[str, Any] = {}
    for leaf in leaves:
        put(order, leaf.path, leaf.value)
    return order


def at(thing: Any, where: str) -> Any:
    """What stands at "items.0.facts.vat"."""
    for step in where.split("."):
        thing = _inside(thing, step)
    return thing


def _inside(thing: Any, step: str) -> Any:
    if isinstance(thing, Mapping):
        return thing[step]
    return thing[int(step)] if step.isdigit() else getattr(thing, step)


def leaves_of(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Paths of all leaves, empty lists and objects left out."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves_of(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from leaves_of(part, f"{path}[{position}]")
    else:
        yield path, value


def raw(order: Any) -> RawTask:
    body = order if isinstance(order, bytes) else json.dumps(order, ensure_ascii=False).encode()
    return RawTask("", body, "0" * 32)


def v2(order: Any, notes: Notes | None = None, account: Account | None = None) -> IncomingTask:
    return V2Mapper(Reader(notes or Notes()), account or Account()).parse(raw(order))


def business(order: Any, notes: Notes | None = None, account: Account | None = None) -> IncomingTask:
    return BusinessMapper(Reader(notes or Notes()), account or Account()).parse(raw(order))
