"""What passes between the web server and a stand-in: one call, one reply, one effect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
PROBLEM = "application/problem+json"


@dataclass(slots=True)
class Call:
    """A request as a stand-in sees it; `path` is relative to the prefix, `many` is the query with repeated names, `kept` is
    what the ledger has instead of a body with secrets in it."""

    method: str
    path: str
    query: Mapping[str, str]
    args: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    seller: str = ""
    many: Mapping[str, list[str]] = field(default_factory=dict)
    kept: bytes | None = None

    def json(self) -> Any:
        """The body; raises ValueError when it is not JSON in UTF-8."""
        return json.loads(self.body)


@dataclass(slots=True)
class Reply:
    """An answer; `body` is JSON to be written, or None for no body; `text` and `data` stand for it where there are some."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    mimetype: str = JSON
    text: str | None = None
    data: bytes | None = None

    def encode(self) -> bytes:
        if self.data is not None:
            return self.data
        if self.text is not None:
            return self.text.encode()
        return b"" if self.status == 204 else json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that changed upstream: an order moved, or what is written about it did."""

    order: int
    kind: str
    cause: str
    before: Any
    after: Any
    seller: str = ""


class Refusal(Exception):
    """Ends a call with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"HTTP {reply.status}")
        self.reply = reply
