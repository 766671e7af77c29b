"""The stand-in as a whole: its routes, its door, its limits."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from sandbox import garble
from sandbox.exchange import Route
from sandbox.limits import Limits, Rule
from sandbox.store import Store
from sandbox.wildberries import emulation, errors, legacy, reads, writes
from sandbox.wildberries.codes import LEGACY_KINDS
from sandbox.wildberries.machine import MOVES
from sandbox.wildberries.world import World
from sandbox.wire import Call, Refusal, Reply

V3 = "/api/v3/dbs/orders"
MARKETPLACE = "/api/marketplace/v3/dbs/orders"
READ: Final = Rule(burst=20, interval=0.2)
OLD_MOVE: Final = Rule(burst=20, interval=0.6)
OLD_CLOSE: Final = Rule(burst=20, interval=0.6, cost_409=33)

# Contract 1.7; the one-order dialect as of December 2025 (contract 1.2).
RULES: Final[dict[str, Rule]] = {
    "ping": Rule(burst=3, interval=10.0),
    "read": READ,
    **{action: Rule(burst=10, interval=1.0) for action in MOVES},
    "meta.details": READ,
    "meta.delete": Rule(burst=20, interval=0.4),
    "final-price": Rule(burst=20, interval=0.4),
    "meta.set": Rule(burst=20, interval=0.12),
    **{f"v3.{name}": OLD_CLOSE if move.with_code else OLD_MOVE for name, move in MOVES.items()},
    "v3.meta": READ,
    "v3.meta.delete": READ,
    "v3.meta.set": Rule(burst=20, interval=0.06),
    "test": Rule(burst=20, interval=0.2),
}


def _batch_routes() -> Iterable[Route]:
    yield Route("POST", "/api/v3/dbs/groups/info", reads.groups, "read", "batch", "legacy")
    yield Route("POST", f"{MARKETPLACE}/b2b/info", reads.companies, "read", "batch", "batch")
    yield Route("POST", f"{V3}/delivery-date", reads.delivery_dates, "read", "batch", "legacy")
    yield Route("POST", f"{MARKETPLACE}/status/info", reads.statuses, "read", "batch", "batch")
    for action, move in MOVES.items():
        handler = writes.close_many(action) if move.with_code else writes.move_many(action)
        yield Route("POST", f"{MARKETPLACE}/status/{action}", handler, action, "batch", "batch")
    yield Route("POST", f"{MARKETPLACE}/stickers", reads.stickers, "read", "batch", "legacy")
    yield Route("POST", f"{MARKETPLACE}/final-price", reads.final_prices, "final-price", "batch", "batch")
    yield Route("POST", f"{MARKETPLACE}/meta/details", reads.meta_details, "meta.details", "batch", "batch")
    yield Route("POST", f"{MARKETPLACE}/meta/info", reads.meta_info, "meta.details", "batch", "batch")
    yield Route("POST", f"{MARKETPLACE}/meta/delete", writes.delete_many, "meta.delete", "batch", "batch")
    for kind in LEGACY_KINDS:
        yield Route("POST", f"{MARKETPLACE}/meta/{kind}", writes.set_many(kind), "meta.set", "batch", "batch")
    yield Route("POST", f"{MARKETPLACE}/meta/customs-declaration", writes.declare_many, "meta.set", "batch", "legacy")


def _v3_routes() -> Iterable[Route]:
    yield Route("POST", f"{V3}/status", reads.legacy_statuses, "read", "v3", "legacy")
    for action, move in MOVES.items():
        handler = legacy.close_one(action) if move.with_code else legacy.move_one(action)
        yield Route("PATCH", f"{V3}/<order>/{action}", handler, f"v3.{action}", "v3", "legacy")
    yield Route("GET", f"{V3}/<order>/meta", reads.legacy_meta, "v3.meta", "v3", "legacy")
    yield Route("DELETE", f"{V3}/<order>/meta", legacy.delete_one, "v3.meta.delete", "v3", "legacy")
    for kind in LEGACY_KINDS:
        yield Route("PUT", f"{V3}/<order>/meta/{kind}", legacy.set_one(kind), "v3.meta.set", "v3", "legacy")


def _common_routes() -> Iterable[Route]:
    """Paths of the seed that survive, the health check, and the official sandbox's own."""
    yield Route("GET", "/ping", reads.ping, "ping", "", "problem")
    yield Route("GET", f"{V3}/new", reads.new_orders, "read", "", "legacy")
    yield Route("GET", V3, reads.finished_orders, "read", "", "legacy")
    yield Route("POST", f"{V3}/client", reads.client, "read", "", "legacy")
    yield Route("POST", "/api/v3/test/dbs/orders/make", emulation.make_orders, "test", "", "legacy")
    yield Route("PATCH", "/api/v3/test/dbs/orders/<order>/decline", emulation.decline, "test", "", "legacy")


ROUTES: Final = (*_common_routes(), *_batch_routes(), *_v3_routes())


class Wildberries:
    """Implements `sandbox.exchange.Upstream`."""

    name = "wildberries"
    prefix = address = "/wildberries"

    def __init__(self, store: Store, *, limited: bool = False) -> None:
        self.world = World(store)
        self.limits = Limits(RULES, enabled=limited)
        store.on_reset(lambda: self.limits.reset(enabled=self.limits.enabled))

    def routes(self) -> Iterable[Route]:
        return ROUTES

    def hold(self, route: Route | None, call: Call) -> AbstractContextManager[Reply | None]:
        """Wildberries counts calls, not how many are under way."""
        return nullcontext()

    def answer(self, route: Route | None, call: Call) -> Reply:
        """Door, dialect, limits, work. Raises Refusal."""
        self.world.settle()
        call.seller = _seller(call)
        if route is None:
            raise errors.no_path(404)
        if route.dialect and not getattr(self.world.tuning, route.dialect):
            raise errors.no_path(self.world.tuning.off_status)
        refused = self.limits.refuse(call.seller, route.group)
        if refused is not None:
            raise errors.too_many(refused)
        reply = self._work(route, call)
        reply.headers |= self.limits.spend(call.seller, route.group, reply.status)
        return reply

    def _work(self, route: Route, call: Call) -> Reply:
        if call.seller.startswith("readonly"):
            return errors.refuse(route.errors, 403, "AccessDenied").reply
        try:
            return route.handler(self.world, call)
        except Refusal as refusal:
            return refusal.reply

    def failure(self, status: int, seconds: float) -> Reply:
        if status == 401:
            return errors.unauthorized("token is expired").reply
        if status == 402:
            return errors.no_money().reply
        if status == 429:
            retry = str(max(1, round(seconds)))
            headers = {"X-Ratelimit-Retry": retry, "X-Ratelimit-Limit": "10", "X-Ratelimit-Reset": retry}
            return errors.too_many(headers).reply
        if status in (502, 503):
            page = f"<html><head><title>{status} Bad Gateway</title></head><body><center>nginx</center></body></html>"
            return Reply(status, text=page, mimetype="text/html")
        if status in (404, 410):
            return errors.no_path(status).reply
        return errors.batch(status, "AccessDenied" if status == 403 else "InternalServerError").reply

    def spoil(self, kind: str, reply: Reply | None, call: Call) -> Reply | None:
        return garble.garble(kind, reply)


def _seller(call: Call) -> str:
    """A token is a seller: `sandbox` or `sandbox-…`; `readonly-…` has no rights, `unpaid-…` no money (contract 1.1)."""
    token = call.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if token.startswith("unpaid-"):
        raise errors.no_money()
    if token == "sandbox" or token.startswith(("sandbox-", "readonly-")):  # noqa: S105 - no secret: sandbox's sellers
        return token
    raise errors.unauthorized("token is malformed" if token else "authorization header is missing")
