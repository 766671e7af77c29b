"""The sandbox as a running server: in the foreground for the command, in a thread for tests."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.app import create_app
from sandbox.dellin.helper import DellinHelper
from sandbox.faults import Fault
from sandbox.measoft.helper import MeasoftHelper
from sandbox.store import Store
from sandbox.wildberries.machine import play
from sandbox.wildberries.making import Wish, make, make_raw
from sandbox.wildberries.task import Task
from sandbox.wildberries.upstream import Wildberries
from sandbox.wildberries.world import World
from sandbox.yandex_market.helper import YandexHelper
from sandbox.yandex_market.upstream import YandexMarket


class QuietHandler(WSGIRequestHandler):
    """Writes nothing about a request: the ledger has it, and paths are nobody's business on a terminal."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class RunningSandbox:
    """A served sandbox. The helpers below, and those of `ym`, `measoft` and `dellin`, do what the control API does over HTTP."""

    def __init__(self, store: Store, *, host: str = "127.0.0.1", port: int = 0, limited: bool = False) -> None:
        """Raises OSError when the port cannot be had."""
        self.store = store
        self.app = create_app(store, limited=limited)
        self.wildberries: Wildberries = self.app.extensions["wildberries"]
        self.world: World = self.wildberries.world
        self.yandex: YandexMarket = self.app.extensions["yandex_market"]
        self.ym = YandexHelper(store, self.yandex, lambda: self.url)
        self.measoft = MeasoftHelper(store, self.app.extensions["measoft"], lambda: self.url)
        self.dellin = DellinHelper(store, self.app.extensions["dellin"], lambda: self.url)
        self.server = _listen(self.app, host, port)
        self.host, self.port = host, self.server.port
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def wildberries_url(self) -> str:
        """What an account has as its base URL."""
        return self.url + self.wildberries.prefix

    @property
    def yandex_market_url(self) -> str:
        return self.ym.url

    def serve(self) -> None:
        """Until `stop`, or Ctrl-C."""
        self.server.serve_forever(poll_interval=0.05)

    def start(self) -> Self:
        self._thread = threading.Thread(target=self.serve, name="sandbox", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Let go of hanging calls, close the port and the file."""
        self.store.faults.clear()
        if self._thread is not None:
            self.server.shutdown()
            self._thread.join(timeout=5)
        self.server.server_close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    # for tests

    def make(self, seller: str = "sandbox", **wish: Any) -> list[int]:
        """Make orders (`Wish` has the fields); returns their numbers."""
        with self.store.work():
            return [task.id for task in make(self.world, Wish(seller, **wish))]

    def make_raw(self, raw: Any, seller: str = "sandbox") -> int:
        """Put `raw` into `/orders/new` as it is."""
        with self.store.work():
            return make_raw(self.world, seller=seller, raw=raw).id

    def order(self, number: int) -> dict[str, Any]:
        """Everything about an order, with the buyer's confirmation `code`; raises KeyError."""
        with self.store.lock:
            self.world.settle()
            task: Task = self.world.tasks[number]
            return task.state()

    def play(self, number: int, name: str) -> None:
        """`decline`, `miss_call`, `return`, … (`machine.PLAYS`); raises CannotPlay, KeyError."""
        with self.store.work():
            play(self.world, self.world.tasks[number], name)

    def tune(self, **changes: Any) -> None:
        """Change settings (`tuning.Tuning` has them); raises ValueError."""
        with self.store.work():
            self.world.tune(changes)

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock ahead."""
        self.store.move_clock(advance=seconds)

    def fault(self, kind: str, match: str = "", **more: Any) -> Fault:
        """Switch a fault on; raises ValueError."""
        return self.store.faults.add(kind=kind, match=match, **more)

    def calls(self, path: str = "", *, since: int = 0, **filters: str) -> list[dict[str, Any]]:
        """Calls whose path has `path` in it, in order."""
        with self.store.lock:
            return self.store.ledger.calls(since=since, filters=({"path": path} if path else {}) | filters)

    def effects(self, order: int | None = None) -> list[dict[str, Any]]:
        with self.store.lock:
            return self.store.ledger.effects(order=order)


def start(*, host: str = "127.0.0.1", port: int = 0, data: Path | None = None, limited: bool = False) -> RunningSandbox:
    """Serve in a thread of this process; port 0 takes a free one. Raises OSError when the port cannot be had."""
    return RunningSandbox(Store(data), host=host, port=port, limited=limited).start()


def _listen(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """The port is bound here, so that a taken one is an error to handle and not the end of the process."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
        return make_server(host, port, app, threaded=True, request_handler=QuietHandler, fd=listener.fileno())
