"""The stand-in as a whole: its routes, its door, its limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from sandbox import garble
from sandbox.dellin import errors, xml
from sandbox.dellin.days import moscow
from sandbox.dellin.history import history
from sandbox.dellin.journal import journal
from sandbox.dellin.login import info, is_good, logout, old_password, password, token
from sandbox.dellin.world import DellinWorld
from sandbox.exchange import GATEWAY_PAGE, Route
from sandbox.parcels.limits import WindowLimits
from sandbox.spoil import same, walk
from sandbox.store import Store
from sandbox.wire import Call, Refusal, Reply

# Contract 2.7: 45 a minute and 1600 an hour for a key, whatever the method.
AMOUNTS: Final = {"minute": 45, "hour": 1600}
XML: Final = "text/xml"
SECRETS: Final = re.compile(rb'("(?:app[kK]ey|pat|password|sessionID)"\s*:\s*)"[^"]*"')
SECRET_ELEMENTS: Final = re.compile(rb"<(app[kK]ey|pat|password|sessionID)>[^<]*<")
SAMPLE_KEY: Final = re.compile(r"00000000-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
STRANGE: Final = {"state": "teleported", "detailedStatus": "lost_in_space"}
Method = Callable[[DellinWorld, Call, dict[str, Any]], dict[str, Any]]


def _route(path: str, method: Method) -> Route:
    """The form of request and answer is the path's ending."""
    return Route(
        "POST", path, lambda world, call: _serve(world, call, method), "", "xml" if path.endswith("xml") else "json"
    )


def _serve(world: DellinWorld, call: Call, method: Method) -> Reply:
    return Reply(200, method(world, call, _asked(call)))


ROUTES: Final = (
    _route("/v3/orders/statuses_history.json", history),
    _route("/v3/orders/statuses_history.xml", history),
    _route("/v3/orders.json", journal),
    _route("/v1/customers/login.json", old_password),
    _route("/v3/auth/login.json", password),
    _route("/v4/auth/login.json", token),
    _route("/v3/auth/session_info.json", info),
    _route("/v3/auth/logout.json", logout),
)


class Dellin:
    """Implements `sandbox.exchange.Upstream`."""

    name = "dellin"
    prefix = address = "/dellin"

    def __init__(self, store: Store, *, limited: bool = False) -> None:
        self.world = DellinWorld(store)
        self.limits = WindowLimits(AMOUNTS, enabled=limited)
        store.on_reset(lambda: self.limits.reset(enabled=self.limits.enabled))

    def routes(self) -> Iterable[Route]:
        return ROUTES

    def hold(self, route: Route | None, call: Call) -> AbstractContextManager[Reply | None]:
        """Keys and sessions are not kept."""
        call.kept = SECRET_ELEMENTS.sub(rb"<\1>***<", SECRETS.sub(rb'\1"***"', call.body))
        return nullcontext()

    def answer(self, route: Route | None, call: Call) -> Reply:
        """Key, limits, work; refusals are written in the form that was asked for."""
        self.world.settle()
        try:
            reply = self._work(route, call)
        except Refusal as refusal:
            reply = refusal.reply
        return self._written(reply, call)

    def _work(self, route: Route | None, call: Call) -> Reply:
        if route is None:
            raise errors.error(404, errors.NO_METHOD, f"{call.method} {call.path}")
        asked = _asked(call)
        key = asked.get("appkey", asked.get("appKey"))
        if not is_good(key) and not (isinstance(key, str) and SAMPLE_KEY.fullmatch(key)):
            raise errors.error(401, errors.KEY, "Ключ приложения не найден", ("appkey",))
        call.seller = str(key)
        if self.limits.take(call.seller):
            raise errors.error(429, errors.LIMIT, "Превышен лимит запросов")
        reply: Reply = route.handler(self.world, call)
        return reply

    def _written(self, reply: Reply, call: Call) -> Reply:
        """The time of the answer, the real status, and the form."""
        told = reply.body.pop("metadata", {})
        metadata = {"status": 200, **told, "generated_at": moscow(self.world.now)}
        status = 200 if self.world.tuning.http_status == "ok" else metadata["status"]
        body = {"metadata": metadata, **reply.body}
        if call.path == OLD_LOGIN and reply.status == 200:
            body = reply.body
        if call.path.endswith(".xml"):
            return Reply(status, text=xml.written(body), mimetype=XML)
        return Reply(status, body)

    def failure(self, status: int, seconds: float) -> Reply:
        """The server in front answers with a page when Dellin itself does not."""
        if status in (502, 503):
            return Reply(status, text=GATEWAY_PAGE.format(f"{status} Bad Gateway"), mimetype="text/html")
        code = {401: errors.KEY, 429: errors.LIMIT}.get(status, errors.BROKEN)
        refusal = errors.error(status, code, "Внутренняя ошибка" if status >= 500 else errors.TITLES[code])
        return self._written(refusal.reply, Call("POST", "", {}, {}, {}, b""))

    def spoil(self, kind: str, reply: Reply | None, call: Call) -> Reply | None:
        """Words nobody has heard of stand under Dellin's own names; the rest is what can be wrong with any text."""
        if kind != "unknown_status" or reply is None:
            return garble.garble(kind, reply)
        if reply.text is not None:
            text = re.sub(r"<(state|detailedStatus)>[^<]*<", r"<\1>teleported<", reply.text)
            return Reply(reply.status, text=text, mimetype=reply.mimetype)
        body = walk(reply.body, same, STRANGE.get)
        return Reply(reply.status, body, reply.headers)


OLD_LOGIN: Final = "/v1/customers/login.json"


def _asked(call: Call) -> dict[str, Any]:
    """The request in either form. Raises Refusal."""
    try:
        found = xml.read(call.body) if call.path.endswith(".xml") else call.json()
    except ValueError as error:
        raise errors.error(400, errors.BROKEN, f"Некорректный запрос: {error}") from None
    if not isinstance(found, dict):
        raise errors.error(400, errors.BROKEN, "Ожидается объект")
    return found
