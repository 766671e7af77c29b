"""The contract suite's words for a carrier's stand-in in the sandbox."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from carriers import registry
from carriers.base import Carrier, Connection
from sandbox.parcels.helper import ParcelHelper
from sandbox.server import RunningSandbox

from .support import Notes


class SandboxWorld:
    """``wrong``: the credentials that are not accepted."""

    kind: str
    seller = "sandbox"
    secret: str
    check_calls = 1
    missing: str
    unknown = "TELEPORTED"
    happy: Sequence[str]
    paths: Mapping[str, Sequence[str]]
    corrections: Mapping[str, tuple[Sequence[str], int]]
    wrong: Mapping[str, str]
    harmless: frozenset[str] = frozenset()

    def __init__(self, sandbox: RunningSandbox, helper: ParcelHelper, connection: Callable[[str], Connection]) -> None:
        self.sandbox, self.helper = sandbox, helper
        self.notes = Notes()
        self.drift = self.notes.drift
        self.there = connection(helper.url)
        self.carrier = self.build(self.there)

    def build(self, there: Connection) -> Carrier:
        return registry.build(self.kind, there, gate=self.notes, drift=self.notes)

    def connect(self, who: str) -> Carrier:
        if who == "unreachable":
            return self.build(replace(self.there, base_url=f"http://127.0.0.1:{free_port()}"))
        return self.build(replace(self.there, credentials={**self.there.credentials, **self.wrong}))

    def make(self, *words: str) -> str:
        (number,) = self.helper.make(self.seller, path=list(words), steps=len(words), **self.wish())
        return number

    def wish(self) -> dict[str, Any]:
        return {}

    def say(self, number: str, word: str) -> None:
        self.sandbox.advance(60)  # a word is told to the second
        self.helper.advance(number, word)

    def drop_last(self, number: str) -> None:
        self.helper.drop_last(number)

    def spoil(self, number: str, how: str) -> None:
        self.helper.flag(number, how)

    def own_number(self, number: str) -> str:
        return number

    def fault(self, kind: str) -> None:
        self.sandbox.fault(kind, megabytes=50)

    def calls(self) -> int:
        return len(self.sandbox.calls())


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
