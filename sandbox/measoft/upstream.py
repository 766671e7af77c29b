"""The stand-in as a whole: one address, and the root element says what is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from sandbox import garble
from sandbox.exchange import GATEWAY_PAGE, Route
from sandbox.measoft import asking, errors
from sandbox.measoft.methods import METHODS
from sandbox.measoft.world import MeasoftWorld
from sandbox.parcels.limits import WindowLimits
from sandbox.store import Store
from sandbox.wire import Call, Refusal, Reply

# "Fair usage" has no numbers in the contract (1.10): these are the sandbox's own.
AMOUNTS: Final = {"minute": 120, "hour": 3600}
# By fault: an error in one of its five shapes (contract 1.7).
SHAPES: Final[dict[str, Callable[[str, int], Reply]]] = {
    "error_root": errors.root,
    "error_child": lambda _method, code: errors.child(code),
    "error_text": lambda _method, _code: errors.text("XML syntax error"),
    "error_item": errors.item,
    "error_empty": lambda method, _code: errors.nothing(method),
}
# By fault: what stands in the document, and what nobody has heard of.
STRANGE: Final = {
    "unknown_status": (r">[A-Z_]+</status>", ">TELEPORTED</status>"),
    "unknown_field": (r"(<order [^>]*>)", r'\1<surprise since="2026-12-01" />'),
    "unknown_error": (r' error="[1-9]\d*"', ' error="999"'),
}


def _serve(world: MeasoftWorld, call: Call) -> Reply:
    asked = asking.read(call, world.tuning)
    call.seller = asked.login
    method = METHODS.get(asked.method)
    return errors.root(asked.method, 14) if method is None else method(world, asked)


class Measoft:
    """Implements `sandbox.exchange.Upstream`."""

    name = "measoft"
    prefix = "/measoft/api"
    address = "/measoft/api/"

    def __init__(self, store: Store, *, limited: bool = False) -> None:
        self.world = MeasoftWorld(store)
        self.limits = WindowLimits(AMOUNTS, enabled=limited)
        store.on_reset(lambda: self.limits.reset(enabled=self.limits.enabled))

    def routes(self) -> Iterable[Route]:
        return [Route("POST", path, _serve, "", "") for path in ("/", "")]

    def hold(self, route: Route | None, call: Call) -> AbstractContextManager[Reply | None]:
        """The path in the ledger, and for faults, is the method's name; the password is not kept."""
        if route is not None:
            call.path = f"/{asking.method_of(call.body)}"
        call.kept = asking.masked(call.body)
        return nullcontext()

    def answer(self, route: Route | None, call: Call) -> Reply:
        """Limits, document, credentials, work. Raises Refusal."""
        self.world.settle()
        if route is None:
            raise Refusal(_page(404, "Not Found"))
        if self.limits.take(garble.shown_key(call)):
            raise Refusal(_page(429, "Too Many Requests"))
        reply: Reply = route.handler(self.world, call)
        return reply

    def failure(self, status: int, seconds: float) -> Reply:
        """Anything but 200 is none of the protocol: a page of the web server in front (contract 1.1)."""
        return _page(status, "Error")

    def spoil(self, kind: str, reply: Reply | None, call: Call) -> Reply | None:
        """The five shapes of an error on demand, and what can be wrong with a document."""
        if kind in SHAPES:
            return SHAPES[kind](call.path.strip("/"), self.world.tuning.fault_code)
        if kind in STRANGE and reply is not None and reply.mimetype == errors.XML:
            pattern, words = STRANGE[kind]
            return Reply(reply.status, text=re.sub(pattern, words, reply.text or ""), mimetype=reply.mimetype)
        return garble.garble(kind, reply)


def _page(status: int, words: str) -> Reply:
    return Reply(status, text=GATEWAY_PAGE.format(f"{status} {words}"), mimetype="text/html")
