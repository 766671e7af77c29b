"""Calls to MeaSoft: one address, the root element is the method, login and carrier in every call (contract 1.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

from backoffice.answers import Answer
from backoffice.errors import Gone, RateLimited
from backoffice.http import Http
from backoffice.options import ALL
from carriers.base import Connection, DriftSink, Gate
from carriers.providers.xml import Element, add, document, parse

from .options import CALLS, Options
from .refusals import error, http_error, said

PATH = "/"
_HEADERS = {"Content-Type": "text/xml; charset=utf-8", "Accept": "text/xml, application/xml"}


class Transport(Protocol):
    """What is needed of :class:`backoffice.http.Http`."""

    def send(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: object = None, write: bool
    ) -> Answer: ...


def transport(connection: Connection) -> Http:
    """Raises ``Invalid`` for an address that may not be called."""
    password = connection.credentials.get("password", "")
    secrets = [password] if password else []
    return Http(connection.base_url, headers=_HEADERS, secrets=secrets, upstream="measoft")


class Client:
    """One account's calls: one at a time, whoever makes them."""

    def __init__(
        self, http: Transport, *, connection: Connection, options: Options, gate: Gate, drift: DriftSink
    ) -> None:
        self._http = http
        self._credentials = connection.credentials
        self._options = options
        self._gate = gate
        self._drift = drift
        limits = options.limits
        self._rules = {ALL: limits[ALL]} if ALL in limits else {CALLS: limits[CALLS]}

    def request(self, method: str) -> Element:
        """A request with who we are; what is asked comes below it."""
        root = Element(method)
        login, password = self._credentials.get("login", ""), self._credentials.get("password", "")
        add(root, "auth", attributes={"extra": self._options.extra, "login": login, "pass": password})
        add(root, "client", self._options.client)
        return root

    def call(self, request: Element) -> Element:
        """One call; the root of the answer.

        Raises what :meth:`Http.send` and the gate raise, ``CredentialsError``, ``Refused`` (its code is that of
        ``refusals``), ``Temporary``, ``RateLimited``, ``Gone``, ``Unreadable`` (also for an answer to another question).
        """
        self._gate.take_all(self._rules)
        with self._gate.slot(self._place(), 1):
            # Nothing here writes what could not be written again, so a lost answer is no uncertain one.
            answer = self._http.send("POST", PATH, json=document(request), write=False)
        if answer.status != 200:
            raise self._heed(http_error(answer))
        return self._judge(request.tag, answer)

    def _judge(self, method: str, answer: Answer) -> Element:
        root = parse(answer)
        words = said(root)
        if words is not None:
            if not words.known:
                self._drift.note(place=method, kind="error", name=words.code.removeprefix("error_"))
            raise error(words, answer)
        if root.tag != method:
            raise answer.unreadable("the answer is not one to this request")
        return root

    def _heed(self, refused: Exception) -> Exception:
        if isinstance(refused, Gone):
            self._drift.note(place="address", kind="route", name="POST", sample=refused.status)
        if isinstance(refused, RateLimited) and refused.until:
            for group in self._rules:
                self._gate.block(group, refused.until)
        return refused

    def _place(self) -> str:
        who = f"{self._options.extra} {self._credentials.get('login', '')}"
        return f"measoft:{hashlib.blake2b(who.encode(), digest_size=8).hexdigest()}"
