"""Every call and every effect, in order. Tests count "one effect upstream" here."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.clock import rfc3339
from sandbox.wire import Call, Effect, Reply

KEEP_CALLS = 5_000
KEEP_EFFECTS = 50_000
KEEP_BYTES = 256 * 1024
CALL_COLUMNS = "id, at, upstream, seller, method, path, query, request, status, answer, size, ms, fault"


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished call; `status` 0 means that nothing was answered and nothing was done."""

    at: float
    upstream: str
    call: Call
    reply: Reply | None
    ms: float
    fault: str


class Ledger:
    """Writes through the store's connection; the caller holds the store's lock."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def add_call(self, entry: Entry) -> int:
        """Returns the number of the call: the cursor of `calls(since=…)`."""
        call, reply = entry.call, entry.reply
        body = reply.encode() if reply else b""
        row = (entry.at, entry.upstream, call.seller, call.method, call.path, json.dumps(dict(call.query)),
               _pack(call.body if call.kept is None else call.kept), reply.status if reply else 0, _pack(body), len(body), entry.ms,
               entry.fault)  # fmt: skip
        cursor = self.db.execute(
            "INSERT INTO call (at, upstream, seller, method, path, query, request, status, answer, size, ms, fault) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        number = cursor.lastrowid or 0
        if number % 200 == 0:
            self._prune(number)
        return number

    def add_effects(self, effects: Sequence[Effect], *, at: float, upstream: str, call: int | None) -> None:
        self.db.executemany(
            "INSERT INTO effect (call, at, upstream, seller, order_id, kind, cause, before, after) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (call, at, upstream, e.seller, e.order, e.kind, e.cause, _text(e.before), _text(e.after))
                for e in effects
            ],
        )

    def _prune(self, number: int) -> None:
        self.db.execute("DELETE FROM call WHERE id <= ?", (number - KEEP_CALLS,))
        self.db.execute("DELETE FROM effect WHERE id <= (SELECT max(id) FROM effect) - ?", (KEEP_EFFECTS,))

    def calls(
        self, *, since: int = 0, limit: int = 1000, newest: bool = False, filters: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """Calls after number `since`; filters `upstream`, `seller`, `method` are exact, `path` is a part of it."""
        where, values = ["id > ?"], [str(since)]
        for name, value in (filters or {}).items():
            where.append("instr(path, ?) > 0" if name == "path" else f"{name} = ?")
            values.append(value)
        rows = self.db.execute(
            f"SELECT {CALL_COLUMNS} FROM call WHERE {' AND '.join(where)} "  # noqa: S608 - names from code
            f"ORDER BY id {'DESC' if newest else 'ASC'} LIMIT ?",
            (*values, limit),
        ).fetchall()
        return [self._call(row) for row in rows]

    def _call(self, row: tuple[Any, ...]) -> dict[str, Any]:
        found = dict(zip(CALL_COLUMNS.split(", "), row, strict=True))
        found["at"] = rfc3339(found["at"])
        found["query"] = json.loads(found["query"])
        found["request"], found["answer"] = _unpack(found["request"]), _unpack(found["answer"])
        found["effects"] = self.effects(call=found["id"])
        return found

    def effects(self, *, order: int | None = None, call: int | None = None, since: int = 0) -> list[dict[str, Any]]:
        """Effects in order; `before` and `after` are null for something that was not there."""
        rows = self.db.execute(
            "SELECT id, call, at, upstream, seller, order_id, kind, cause, before, after FROM effect "
            "WHERE id > ? AND (? IS NULL OR order_id = ?) AND (? IS NULL OR call = ?) ORDER BY id",
            (since, order, order, call, call),
        )
        names = ("id", "call", "at", "upstream", "seller", "order", "kind", "cause", "before", "after")
        found = [dict(zip(names, row, strict=True)) for row in rows]
        for effect in found:
            effect["at"] = rfc3339(effect["at"])
            effect["before"], effect["after"] = json.loads(effect["before"]), json.loads(effect["after"])
        return found

    def last(self) -> int:
        return int(self.db.execute("SELECT coalesce(max(id), 0) FROM call").fetchone()[0])


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _pack(body: bytes) -> bytes:
    return zlib.compress(body[:KEEP_BYTES], 1)


def _unpack(body: bytes) -> Any:
    """JSON where it is JSON, text where it is not, null where there is nothing."""
    text = zlib.decompress(body).decode(errors="replace")
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
