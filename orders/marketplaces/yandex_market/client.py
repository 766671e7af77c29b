"""Calls to Yandex Market: key, limits before each, and every refusal as one of ``backoffice.errors`` (contract 2.1, 2.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from backoffice import clock
from backoffice.answers import Answer
from backoffice.errors import Temporary
from backoffice.http import Http
from backoffice.rates import Rule
from orders.marketplaces.base import Connection, DriftSink, Gate

from .options import Options
from .refusals import NOT_FOUND, PARALLEL, Said, canonical, said
from .routes import Route
from .rules import Limits

UNTIL = "X-RateLimit-Resource-Until"
REMAINING = "X-RateLimit-Resource-Remaining"
#: Without a word of Yandex Market: as long as a call takes, or a good while.
PARALLEL_WAIT = timedelta(seconds=1)
WAIT = timedelta(minutes=1)
_ON_THE_WAY = frozenset({403, 423})


class Transport(Protocol):
    """What is needed of :class:`backoffice.http.Http`."""

    def send(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: object = None, write: bool
    ) -> Answer: ...


def transport(connection: Connection) -> Http:
    """Raises ``Invalid`` for an address that may not be called."""
    key = connection.credentials.get("api_key", "")
    headers = {"Api-Key": key, "Accept": "application/json, application/pdf"}
    return Http(connection.base_url, headers=headers, secrets=[key] if key else [], upstream="yandex_market")


@dataclass(frozen=True, slots=True)
class Call:
    """What goes into a route. ``cost``: what it takes of the limit. ``confidential`` texts are hidden in the words of errors."""

    order: str = ""
    params: Mapping[str, Any] | None = None
    json: object = None
    cost: int = 1
    confidential: Sequence[str] = ()


class Client:
    """One account's calls."""

    def __init__(self, http: Transport, *, gate: Gate, options: Options, limits: Limits, drift: DriftSink) -> None:
        self._http = http
        self._gate = gate
        self._options = options
        self._limits = limits
        self._drift = drift

    def call(self, route: Route, call: Call | None = None) -> Answer:
        """One call; the answer is a 2xx.

        Raises what :meth:`Http.send` and the gate raise, ``RateLimited``, ``CredentialsError``, ``Gone`` (the method is
        not there), ``Refused``; for a 5xx ``Temporary`` (read) or ``Uncertain`` (write).
        """
        call = call or Call()
        group, rule = self._limits.of(route.group)
        path = self._path(route, call)
        with self._places(route):
            self._gate.take(group, rule, call.cost)  # only a call that has its place is paid for
            answer = self._http.send(route.method, path, params=call.params, json=call.json, write=route.write)
        self._heed(answer, group, rule)
        if answer.ok:
            return answer
        raise self._refusal(route, call, answer, group)

    def _path(self, route: Route, call: Call) -> str:
        options = self._options
        return route.path.format(campaign=options.campaign_id, business=options.business_id, order=call.order)

    @contextmanager
    def _places(self, route: Route) -> Iterator[None]:
        """One of the calls that may be under way at a time for the shop, and for its cabinet where that is asked."""
        options = self._options
        names = [f"yandex_market:campaign:{options.campaign_id}"]
        if route.of_business:
            names.append(f"yandex_market:business:{options.business_id}")
        with ExitStack() as stack:
            for name in names:
                stack.enter_context(self._gate.slot(name, options.parallel))
            yield

    def _heed(self, answer: Answer, group: str, rule: Rule) -> None:
        """What the header says is left counts: others may use the key too. With nothing left the next call waits for the end
        of the hour instead of being refused.
        """
        remaining = answer.headers.get(REMAINING, "").strip()
        if answer.status == 420 or not (remaining.isascii() and remaining.isdigit()):
            return
        until = answer.retry_at(UNTIL) if int(remaining) == 0 else None
        if until:
            self._gate.block(group, until)
        elif int(remaining) < rule.capacity / 2:
            self._gate.left(group, int(remaining))

    def _refusal(self, route: Route, call: Call, answer: Answer, group: str) -> Exception:
        words = said(answer).without(call.confidential)
        gone = _is_gone(route, answer, words)
        self._note(route, answer, words, gone=gone)
        if answer.status in _ON_THE_WAY and not words.enveloped:
            # A page of a firewall on the way is no word of Yandex Market about the key: it must not pause the account.
            return Temporary(
                _code(answer, words), words.detail, status=answer.status, method=route.method, path=route.path
            )
        until = self._come_back(answer, words, group) if answer.status == 420 else None
        return answer.error("" if gone else _code(answer, words), words.detail, until=until)

    def _come_back(self, answer: Answer, words: Said, group: str) -> datetime:
        """The hour's limit ends when the header says; a place among the calls under way is free much sooner."""
        if words.code == PARALLEL:
            return clock.now() + PARALLEL_WAIT
        until = answer.retry_at(UNTIL) or clock.now() + WAIT
        self._gate.block(group, until)
        return until

    def _note(self, route: Route, answer: Answer, words: Said, *, gone: bool) -> None:
        if gone:
            self._drift.note(place=route.place, kind="route", name=f"{route.method} {route.path}", sample=answer.status)
        elif answer.status < 500 and not words.known:
            self._drift.note(place=route.place, kind="error", name=words.code or f"HTTP {answer.status}")


def _code(answer: Answer, words: Said) -> str:
    return words.code or f"http_{answer.status}"


def _is_gone(route: Route, answer: Answer, words: Said) -> bool:
    """404 and 410 speak of the method, unless Yandex Market itself says that it does not know the order."""
    if answer.status == 410:
        return True
    of_order = words.enveloped and (route.of_order or canonical(words.detail) == NOT_FOUND)
    return answer.status == 404 and not of_order
