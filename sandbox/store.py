"""What the sandbox remembers: documents, calls and effects, in one SQLite file or in memory."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.ledger import Ledger
from sandbox.wire import Effect

SCHEMA = """
CREATE TABLE IF NOT EXISTS document (kind TEXT, key TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL, upstream TEXT, seller TEXT, method TEXT, path TEXT, query TEXT,
    request BLOB, status INTEGER, answer BLOB, size INTEGER, ms REAL, fault TEXT);
CREATE TABLE IF NOT EXISTS effect (
    id INTEGER PRIMARY KEY AUTOINCREMENT, call INTEGER, at REAL, upstream TEXT, seller TEXT, order_id INTEGER,
    kind TEXT, cause TEXT, before TEXT, after TEXT);
CREATE INDEX IF NOT EXISTS effect_order ON effect (order_id);
CREATE INDEX IF NOT EXISTS effect_call ON effect (call);
"""


class Store:
    """Shared by all stand-ins. Whoever changes something holds `lock`; what changed is written in one transaction."""

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self.db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + SCHEMA)
        self.clock = Clock()
        self.faults = Faults()
        self.ledger = Ledger(self.db)
        self._unsaved: dict[tuple[str, str], Callable[[], Any]] = {}
        self._effects: list[Effect] = []
        self._resets: list[Callable[[], None]] = []
        saved = self.document("store", "clock")
        if saved:
            self.clock.set(advance=max(0.0, saved["ahead"]), speed=saved["speed"])

    def close(self) -> None:
        self.faults.clear()
        with self.lock:
            self.db.close()

    # documents

    def document(self, kind: str, key: str) -> Any:
        row = self.db.execute("SELECT body FROM document WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return json.loads(row[0]) if row else None

    def documents(self, kind: str) -> Iterator[tuple[str, Any]]:
        for key, body in self.db.execute("SELECT key, body FROM document WHERE kind = ?", (kind,)):
            yield key, json.loads(body)

    def save(self, kind: str, key: str, dump: Callable[[], Any]) -> None:
        """Write `dump()` when the present work is done."""
        self._unsaved[kind, key] = dump

    # work

    def effect(self, effect: Effect) -> None:
        self._effects.append(effect)

    @contextmanager
    def work(self) -> Iterator[None]:
        """A change that no upstream call made: the buyer, the marketplace itself, the control page."""
        with self.lock:
            try:
                yield
            finally:
                self.flush(upstream="", call=None)

    def flush(self, *, upstream: str, call: int | None) -> None:
        """Write what the present work changed. The caller holds the lock."""
        rows = [(kind, key, json.dumps(dump(), ensure_ascii=False)) for (kind, key), dump in self._unsaved.items()]
        effects, self._effects, self._unsaved = self._effects, [], {}
        with self.transaction():
            self.db.executemany("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", rows)
            self.ledger.add_effects(effects, at=self.clock.now(), upstream=upstream, call=call)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def move_clock(self, *, advance: float = 0.0, speed: float | None = None) -> None:
        with self.work():
            self.clock.set(advance=advance, speed=speed)
            self.save("store", "clock", self.clock.state)

    # reset

    def on_reset(self, forget: Callable[[], None]) -> None:
        """`forget` drops what a stand-in holds in memory; it may save what must outlive a reset."""
        self._resets.append(forget)

    def reset(self) -> None:
        """Back to an empty sandbox; faults are released, order numbers are not used again."""
        self.faults.clear()
        with self.work():
            with self.transaction():
                for table in ("document", "call", "effect"):
                    self.db.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the line above
            self.clock.reset()
            for forget in self._resets:
                forget()
