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

DATA = Path(__file__).resolve().parents[1] / "data" / "carriers"


def sample(name: str) -> bytes:
    """A sample of ``tests/data/carriers`` as it is."""
    return (DATA / name).read_bytes()


class Sent(NamedTuple):
    """A call as it left: ``body`` is the object of a JSON call, or the bytes of another one."""

    method: str
    path: str
    body: Any
    write: bool


@dataclass
class Script:
    """A transport that plays answers in turn: a body, (status, body), (status, body, headers), or an error to raise."""

    answers: list[Any] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    def send(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: object = None, write: bool
    ) -> Answer:
        self.sent.append(Sent(method, path, json, write))
        play = self.answers.pop(0)
        if isinstance(play, UpstreamError):
            raise play
        status, body, headers = (*play, {})[:3] if isinstance(play, tuple) else (200, play, {})
        return Answer(status, headers, as_bytes(body), method=method, path=path, write=write)


def as_bytes(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


@dataclass
class Notes:
    """Both a gate that lets everything pass and a drift sink; ``refuse`` makes the gate raise."""

    taken: list[dict[str, Rule]] = field(default_factory=list)
    slots: list[tuple[str, int]] = field(default_factory=list)
    blocks: list[tuple[str, datetime]] = field(default_factory=list)
    drift: list[tuple[str, str, str]] = field(default_factory=list)
    samples: list[Any] = field(default_factory=list)
    refuse: list[UpstreamError] = field(default_factory=list)

    def take(self, group: str, rule: Rule, cost: float = 1) -> None:
        self.take_all({group: rule}, cost)

    def take_all(self, rules: Mapping[str, Rule], cost: float = 1) -> None:
        if self.refuse:
            raise self.refuse.pop(0)
        self.taken.append(dict(rules))

    def penalty(self, group: str, rule: Rule) -> None:
        raise AssertionError("no carrier has calls that cost more")

    def block(self, group: str, until: datetime) -> None:
        self.blocks.append((group, until))

    def left(self, group: str, amount: float) -> None:
        raise AssertionError("no carrier says what is left")

    @contextmanager
    def slot(self, name: str, most: int) -> Iterator[None]:
        self.slots.append((name, most))
        yield

    def note(self, *, place: str, kind: str, name: str, sample: Any = None) -> None:
        self.drift.append((place, kind, name))
        self.samples.append(sample)
