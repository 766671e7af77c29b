"""Between the web server and a stand-in: faults, one lock around the work, the ledger, and how an answer leaves."""

from __future__ import annotations

import functools
import itertools
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from sandbox.faults import BROKEN, FAILURES, Fault
from sandbox.ledger import Entry
from sandbox.store import Store
from sandbox.wire import JSON, Call, Refusal, Reply

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
GATEWAY_PAGE = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>"
)
BLOCK = b" " * 65_536


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of an upstream: where it is, who answers it, what it counts against, which dialect it is of."""

    method: str
    path: str
    handler: Callable[[Any, Call], Reply]
    group: str
    dialect: str
    errors: str = ""


class Limiter(Protocol):
    """The rate limits of a stand-in, as the control API sees them."""

    enabled: bool

    def tune(self, *, enabled: bool | None = None, groups: dict[str, dict[str, Any]] | None = None) -> None: ...

    def state(self) -> dict[str, Any]: ...


class Upstream(Protocol):
    """What a stand-in is to the rest of the sandbox."""

    name: str
    prefix: str
    address: str
    """What an account has as its base URL: the prefix, and what stands behind it in the upstream's own words."""

    @property
    def limits(self) -> Limiter: ...

    def routes(self) -> Iterable[Route]: ...

    def hold(self, route: Route | None, call: Call) -> AbstractContextManager[Reply | None]:
        """A place for a call while it is under way, waits of faults included; the reply when there is none left."""
        ...

    def answer(self, route: Route | None, call: Call) -> Reply:
        """Do what was asked. Called under the store's lock; refusals may be raised."""
        ...

    def failure(self, status: int, seconds: float) -> Reply:
        """The upstream's own words for a failure on demand."""
        ...

    def spoil(self, kind: str, reply: Reply | None, call: Call) -> Reply | None:
        """The reply with something wrong about it; a kind the upstream does not know passes. None: nothing was done."""
        ...


def mount(app: Flask, store: Store, upstream: Upstream) -> None:
    """Serve `upstream` under its prefix; what it has no route for is answered by it as well, and recorded."""
    exchange = Exchange(store, upstream)
    for number, rest in enumerate(("", "/", "/<path:rest>")):
        app.add_url_rule(
            upstream.prefix + rest, endpoint=f"{upstream.name}.{number}", view_func=exchange.serve, methods=METHODS
        )


@functools.cache
def _map_of(prefix: str, routes: tuple[Route, ...]) -> Map:
    """Where the routes are. Kept for the process: compiling them is most of what starting a sandbox costs."""
    rules = [Rule(prefix + route.path, endpoint=route, methods=[route.method]) for route in routes]
    return Map(rules, merge_slashes=False)


class Exchange:
    """Runs one call through fault, work, ledger and answer."""

    def __init__(self, store: Store, upstream: Upstream) -> None:
        self.store, self.upstream = store, upstream
        self.routes = _map_of(upstream.prefix, tuple(upstream.routes())).bind("")

    def _route(self) -> tuple[Route | None, Mapping[str, Any]]:
        """The operation that is called and what its address holds; none when the upstream has no such operation."""
        try:
            return self.routes.match(request.path, method=request.method)
        except HTTPException:
            return None, {}

    def serve(self, rest: str = "") -> Response:
        """`rest` is the rule's; the path is taken as it came."""
        route, args = self._route()
        call = _read(request, args, prefix=self.upstream.prefix)
        with self.upstream.hold(route, call) as full:
            if full is None:
                return self._run(route, call)
            with self.store.lock:
                self._record(call, full, ms=0.0, fault="")
            return _plain(full)

    def _run(self, route: Route | None, call: Call) -> Response:
        fault = self.store.faults.take(self.upstream.name, call)
        if fault is not None and fault.before:
            fault.wait()
        reply = self._work(route, call, fault)
        if fault is None:
            return _plain(reply)
        if fault.kind in ("slow", "hang") and not fault.before:
            fault.wait()
        return _leave(reply, fault)

    def _work(self, route: Route | None, call: Call, fault: Fault | None) -> Reply:
        """The work and its record are one: whoever sees the call in the ledger sees its effects."""
        started = time.perf_counter()
        with self.store.lock:
            reply = self._answer(route, call) if fault is None or fault.works else None
            if fault is not None:
                reply = self._faulty(reply, fault, call)
            ms = round((time.perf_counter() - started) * 1000, 1)
            self._record(call, reply, ms=ms, fault=fault.kind if fault else "")
        return reply or Reply(503)

    def _record(self, call: Call, reply: Reply | None, *, ms: float, fault: str) -> None:
        entry = Entry(
            at=self.store.clock.now(), upstream=self.upstream.name, call=call, reply=reply, ms=ms, fault=fault
        )
        with self.store.transaction():
            number = self.store.ledger.add_call(entry)
            self.store.flush(upstream=self.upstream.name, call=number)

    def _answer(self, route: Route | None, call: Call) -> Reply:
        try:
            return self.upstream.answer(route, call)
        except Refusal as refusal:
            return refusal.reply

    def _faulty(self, reply: Reply | None, fault: Fault, call: Call) -> Reply | None:
        if fault.kind in FAILURES:
            return self.upstream.failure(int(fault.kind), fault.seconds)
        if fault.kind == "html":
            return Reply(200, text=GATEWAY_PAGE.format("Technical works"), mimetype="text/html")
        return self.upstream.spoil(fault.kind, reply, call)


def _read(asked: Request, args: Mapping[str, Any], *, prefix: str) -> Call:
    return Call(
        method=asked.method,
        path=asked.path.removeprefix(prefix) or "/",
        query=asked.args.to_dict(),
        args=args,
        headers=dict(asked.headers),
        body=asked.get_data(cache=False),
        many=asked.args.to_dict(flat=False),
    )


def _plain(reply: Reply) -> Response:
    return Response(reply.encode(), reply.status, reply.headers, mimetype=reply.mimetype)


def _leave(reply: Reply, fault: Fault) -> Response:
    """How the answer of a faulty call goes out, if it does."""
    if fault.kind in ("lost_answer", "hang"):
        _hang_up()
    response = _plain(reply)
    if fault.kind not in BROKEN or fault.kind == "html":
        return response
    if fault.kind == "truncated":
        whole = reply.encode() or b'{"orders":[{"id":'
        response.set_data(whole[: max(1, len(whole) // 2)])
        response.headers["Content-Length"] = str(len(whole))
        return response
    return Response(_padded(reply, fault.megabytes), reply.status, mimetype=reply.mimetype)


def _padded(reply: Reply, megabytes: int) -> Iterator[bytes]:
    """The true answer after a flood of blanks: valid JSON, too large to be taken. XML has to begin with its declaration."""
    if reply.mimetype != JSON:
        yield reply.encode()
    yield from itertools.repeat(BLOCK, megabytes * 1024 * 1024 // len(BLOCK))
    if reply.mimetype == JSON:
        yield reply.encode()


def _hang_up() -> None:
    """Close the connection under the server, as a lost network does: the client sees no status line at all."""
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
