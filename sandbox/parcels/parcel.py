"""One parcel as its carrier holds it. Times are seconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

# What a carrier may do wrongly with one parcel, for as long as the flag is on.
FLAGS: Final = ("no_history", "bare", "shuffled", "repeated", "ambiguous", "missing")


@dataclass
class Parcel:
    """`rows` are what was written about the journey, in the order of writing: `{"code", "at", …, "wire"?}`; `wire` is what
    stands in the answer instead of what would. `rest` are the stations of its path still ahead, `due` when the next one
    comes by itself; `changed` is its place in the order of changes; `fields` are the carrier's own."""

    id: int
    seller: str
    number: str
    created: float
    updated: float
    rows: list[dict[str, Any]] = field(default_factory=list)
    path: str = ""
    rest: list[str] = field(default_factory=list)
    pace: float = 0.0
    due: float | None = None
    flags: list[str] = field(default_factory=list)
    changed: int = 0
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The word of the last row."""
        return str(self.rows[-1]["code"]) if self.rows else ""

    def has(self, flag: str) -> bool:
        return flag in self.flags

    def told(self) -> list[dict[str, Any]]:
        """The rows as they are told: the order and the repetitions are the flags'."""
        rows = [row for row in self.rows for _ in range(2 if self.has("repeated") else 1)]
        return [*rows[1::2], *rows[::2]] if self.has("shuffled") else rows

    def state(self) -> dict[str, Any]:
        """Everything: for the control API and the page."""
        return {**vars(self), "code": self.code}
