"""What a provider stands between in tests: a transport that plays answers, a gate and a drift sink that keep notes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from backoffice.answers import Answer
from backoffice.errors import UpstreamError
from backoffice.rates import Rule
from orders.marketplaces.base import Connection, RawTask
from orders.marketplaces.wildberries import V3, Batch, build

DATA = Path(__file__).resolve().parents[2] / "data" / "wildberries"
TOKEN = "planted-token-0815"


class Sent(NamedTuple):
    """A call as it left: ``body`` is what the JSON of it holds."""

    method: str
    path: str
    params: dict[str, Any] | None
    body: Any
    write: bool


@dataclass
class Script:
    """A transport that plays answers in turn: (status, body) or (status, body, headers), or an error to raise."""

    answers: list[Any] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    def send(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: object = None, write: bool
    ) -> Answer:
        self.sent.append(Sent(method, path, dict(params) if params else None, json, write))
        play = self.answers.pop(0)
        if isinstance(play, UpstreamError):
            raise play
        status, body, headers = (*play, {})[:3]
        return Answer(status, headers, as_bytes(body), method=method, path=path, write=write)


def as_bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


@dataclass
class Notes:
    """Both a gate that lets everything pass and a drift sink; ``refuse`` makes the gate raise.

    ``costs`` of what was ``taken``; ``slots``: (name, most) of each call that was under way; ``busy``: those under way now.
    """

    taken: list[tuple[str, Rule]] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    slots: list[tuple[str, int]] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)
    penalties: list[tuple[str, Rule]] = field(default_factory=list)
    blocks: list[tuple[str, datetime]] = field(default_factory=list)
    lefts: list[tuple[str, float]] = field(default_factory=list)
    drift: list[tuple[str, str, str]] = field(default_factory=list)
    samples: list[Any] = field(default_factory=list)
    refuse: list[UpstreamError | None] = field(default_factory=list)

    def take_all(self, rules: Mapping[str, Rule], cost: float = 1) -> None:
        for group, rule in rules.items():
            self.take(group, rule, cost)

    def take(self, group: str, rule: Rule, cost: float = 1) -> None:
        error = self.refuse.pop(0) if self.refuse else None
        if error:
            raise error
        self.taken.append((group, rule))
        self.costs.append(cost)

    def penalty(self, group: str, rule: Rule) -> None:
        self.penalties.append((group, rule))

    def block(self, group: str, until: datetime) -> None:
        self.blocks.append((group, until))

    def left(self, group: str, amount: float) -> None:
        self.lefts.append((group, amount))

    @contextmanager
    def slot(self, name: str, most: int) -> Iterator[None]:
        self.slots.append((name, most))
        self.busy.append(name)
        try:
            yield
        finally:
            self.busy.remove(name)

    def note(self, *, place: str, kind: str, name: str, sample: Any = None) -> None:
        self.drift.append((place, kind, name))
        self.samples.append(sample)


def connection(dialect: str = "batch", *, base_url: str = "http://127.0.0.1:1", **options: Any) -> Connection:
    credentials = options.pop("credentials", {"token": TOKEN})
    return Connection(base_url=base_url, dialect=dialect, options=options, credentials=credentials)


@dataclass
class Bench:
    """A provider on a scripted transport."""

    provider: Batch | V3
    script: Script
    notes: Notes

    @property
    def sent(self) -> list[Sent]:
        return self.script.sent


def bench(*answers: Any, dialect: str = "batch", **options: Any) -> Bench:
    notes, script = Notes(), Script(list(answers))
    return Bench(build(connection(dialect, **options), gate=notes, drift=notes, http=script), script, notes)


def sample(name: str) -> Any:
    """A sample of ``tests/data/wildberries``, e.g. "v3/orders.response"."""
    return json.loads(sample_bytes(name))


def sample_bytes(name: str) -> bytes:
    return (DATA / f"{name}.json").read_bytes()


def raw(order: Any, *, finished: bool = False) -> RawTask:
    return RawTask("", as_bytes(order), "0" * 32, finished)
