"""Faults on demand: what a real upstream does on a bad day, switched on for the next calls that match."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.garble import GARBLED, SPOKEN, shown_key
from sandbox.wire import Call

FAILURES: Final = ("401", "402", "403", "404", "410", "420", "423", "429", "500", "502", "503")
SPOILED: Final = (
    "list_instead", "null_lists", "wrong_types", "unknown_status", "unknown_substatus", "unknown_payment",
    "unknown_currency", "unknown_field", "unknown_error",
)  # fmt: skip
BROKEN: Final = ("html", "truncated", "huge")
SILENT: Final = ("lost_answer", "hang")
KINDS: Final = ("slow", *SILENT, *FAILURES, *BROKEN, *SPOILED, *GARBLED, *SPOKEN)


@dataclass(slots=True)
class Fault:
    """One switched-on fault. `times` None: until it is switched off. `work` None: what the kind usually does."""

    id: int
    kind: str
    upstream: str = ""
    match: str = ""
    method: str = ""
    seller: str = ""
    times: int | None = 1
    seconds: float = 5.0
    before: bool = False
    work: bool | None = None
    megabytes: int = 64
    waiting: int = 0
    hits: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def works(self) -> bool:
        """Whether the upstream does what was asked in spite of the fault."""
        return self.work if self.work is not None else self.kind not in (*FAILURES, *SPOKEN, "html", "hang")

    def wants(self, upstream: str, call: Call) -> bool:
        # The seller is known only after the call was let in: here the token is looked at.
        return (
            self.times != 0
            and self.upstream in ("", upstream)
            and self.method in ("", call.method)
            and self.match in call.path
            and (not self.seller or self.seller in _credentials(call))
        )

    def wait(self) -> None:
        """Sleep for `seconds`, or until the fault is switched off."""
        self.waiting += 1
        self.released.wait(self.seconds)
        self.waiting -= 1

    def state(self) -> dict[str, Any]:
        names = ("id", "kind", "upstream", "match", "method", "seller", "times", "seconds", "before", "waiting", "hits")
        return {name: getattr(self, name) for name in names} | {"work": self.works, "megabytes": self.megabytes}


def _credentials(call: Call) -> tuple[str, str, str]:
    """What the callers of the stand-ins show at their doors: a token, a key, or what stands in the body."""
    return call.headers.get("Authorization", "").split(" ")[-1], call.headers.get("Api-Key", ""), shown_key(call)


SETTABLE: Final = {
    "kind": (str,), "upstream": (str,), "match": (str,), "method": (str,), "seller": (str,), "times": (int, type(None)),
    "seconds": (int, float), "before": (bool,), "work": (bool, type(None)), "megabytes": (int,),
}  # fmt: skip


class Faults:
    """The faults that are on, oldest first: the oldest that matches a call takes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: list[Fault] = []
        self._numbers = itertools.count(1)

    def add(self, **wanted: Any) -> Fault:
        """Raises ValueError for an unknown kind, an unknown field or a field of a wrong type."""
        for name, value in wanted.items():
            allowed = SETTABLE.get(name)
            if allowed is None or not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
                raise ValueError(f"unknown or mistyped field: {name}")
        if wanted.get("kind") not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        fault = Fault(id=next(self._numbers), **wanted)
        with self._lock:
            self._on.append(fault)
        return fault

    def take(self, upstream: str, call: Call) -> Fault | None:
        """The fault this call gets, and one use less of it."""
        with self._lock:
            fault = next((one for one in self._on if one.wants(upstream, call)), None)
            if fault is not None:
                fault.hits += 1
                fault.times = None if fault.times is None else fault.times - 1
            return fault

    def list(self) -> list[dict[str, Any]]:
        """Faults that are on or that still hold a call."""
        with self._lock:
            return [fault.state() for fault in self._on if fault.times != 0 or fault.waiting]

    def clear(self, number: int | None = None) -> int:
        """Switch one fault off, or all; calls that hang in it go on. Returns how many were switched off."""
        with self._lock:
            gone = [fault for fault in self._on if number in (None, fault.id)]
            self._on = [fault for fault in self._on if fault not in gone]
        for fault in gone:
            fault.released.set()
        return len(gone)
