"""Calls to Wildberries: token, rate budget before each, and every refusal as one of ``backoffice.errors``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from backoffice import clock
from backoffice.answers import Answer
from backoffice.errors import Temporary
from backoffice.http import Http
from orders.marketplaces.base import Connection, DriftSink, Gate

from .options import Options
from .refusals import NOT_FOUND, Said, said
from .routes import Route
from .rules import Limits

#: Seconds until a retry may succeed; ``X-Ratelimit-Reset`` (until the bucket is full) is much later.
RETRY_HEADER = "X-Ratelimit-Retry"
RETRY_AFTER = "Retry-After"


class Transport(Protocol):
    """What is needed of :class:`backoffice.http.Http`."""

    def send(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: object = None, write: bool
    ) -> Answer: ...


def transport(connection: Connection, options: Options) -> Http:
    """Raises ``Invalid`` for an address that may not be called."""
    token = connection.credentials.get("token", "")
    secret = connection.credentials.get("client_secret", "")
    headers = {"Authorization": f"{options.auth_prefix} {token}".strip()}
    if secret:
        headers["X-Client-Secret"] = secret
    secrets = [part for part in (token, secret) if part]
    return Http(connection.base_url, headers=headers, secrets=secrets, upstream="wildberries")


@dataclass(frozen=True, slots=True)
class Call:
    """What goes into a route. ``order`` stands in its path; ``confidential`` texts are hidden in the words of errors."""

    order: str = ""
    params: Mapping[str, Any] | None = None
    json: object = None
    confidential: Sequence[str] = ()


class Client:
    """One account's calls."""

    def __init__(self, http: Transport, *, gate: Gate, limits: Limits, drift: DriftSink) -> None:
        self._http = http
        self._gate = gate
        self._limits = limits
        self._drift = drift

    def call(self, route: Route, call: Call | None = None) -> Answer:
        """One call; the answer is a 2xx.

        Raises what :meth:`Http.send` and the gate raise, ``RateLimited``, ``CredentialsError``, ``Gone`` (the method is
        not there), ``Refused``; for a 5xx ``Temporary`` (read) or ``Uncertain`` (write).
        """
        call = call or Call()
        group, rule = self._limits.of(route.group)
        self._gate.take(group, rule)
        path = route.path.format(order=call.order)
        answer = self._http.send(route.method, path, params=call.params, json=call.json, write=route.write)
        if answer.ok:
            return answer
        if 400 <= answer.status < 500 and answer.status != 429:
            self._gate.penalty(group, rule)
        raise self._refusal(route, call, answer, group)

    def _refusal(self, route: Route, call: Call, answer: Answer, group: str) -> Exception:
        words = said(answer).without(call.confidential)
        gone = _is_gone(route, answer, words)
        self._note(route, answer, words, gone=gone)
        until = self._come_back(route, answer) if answer.status == 429 else None
        if until:
            self._gate.block(group, until)
        code = "" if gone else words.code or f"http_{answer.status}"
        if answer.status == 403 and not words.code:
            # A page of a firewall on the way is no word of Wildberries about the token: it must not pause the account.
            return Temporary(code, words.detail, status=403, method=route.method, path=route.path)
        return answer.error(code, words.detail, request_id=words.request_id, until=until)

    def _come_back(self, route: Route, answer: Answer) -> datetime:
        _group, rule = self._limits.of(route.group)
        default = clock.now() + timedelta(seconds=rule.interval * rule.costly)
        return answer.retry_at(RETRY_HEADER, RETRY_AFTER) or default

    def _note(self, route: Route, answer: Answer, words: Said, *, gone: bool) -> None:
        if gone:
            self._drift.note(place=route.place, kind="route", name=f"{route.method} {route.path}", sample=answer.status)
        elif answer.status < 500 and not words.known:
            self._drift.note(place=route.place, kind="error", name=words.code or f"HTTP {answer.status}")


def _is_gone(route: Route, answer: Answer, words: Said) -> bool:
    """404 and 410 speak of the method, unless Wildberries itself says that it does not know the tasks."""
    if answer.status == 410:
        return True
    return answer.status == 404 and not (route.of_orders and words.code == NOT_FOUND)
