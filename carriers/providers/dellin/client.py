"""Calls to Dellin: the key in every body, two limits before each, every refusal as one of ``backoffice.errors``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

import msgspec

from backoffice import clock
from backoffice.answers import Answer
from backoffice.errors import CredentialsError, Refused
from backoffice.http import Http
from backoffice.options import ALL
from backoffice.reading import BROKEN, reason_of, text
from carriers.base import Connection, DriftSink, Gate

from . import sessions, wire_xml
from .options import Options
from .refusals import Said, error, said
from .schemas import AnswerWire, SessionWire

HISTORY = "/v3/orders/statuses_history"
JOURNAL = "/v3/orders.json"
LOGIN = "/v4/auth/login.json"
#: Without a word of Dellin: a minute's limit is over then.
WAIT = timedelta(minutes=1)


class Transport(Protocol):
    """What is needed of :class:`backoffice.http.Http`."""

    def send(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: object = None, write: bool
    ) -> Answer: ...


def transport(connection: Connection) -> Http:
    """Raises ``Invalid`` for an address that may not be called."""
    xml = connection.dialect == "xml"
    kind = {"Content-Type": "text/xml; charset=utf-8", "Accept": "application/json, text/xml, application/xml"}
    secrets = [value for value in connection.credentials.values() if value]
    return Http(connection.base_url, headers=kind if xml else None, secrets=secrets, upstream="dellin")


class Client:
    """One account's calls."""

    def __init__(
        self, http: Transport, *, connection: Connection, options: Options, gate: Gate, drift: DriftSink
    ) -> None:
        self._http = http
        self._xml = connection.dialect == "xml"
        self._appkey = connection.credentials.get("appkey", "")
        self._pat = connection.credentials.get("pat", "")
        self._options = options
        self._gate = gate
        self._drift = drift
        limits = options.limits
        self._rules = {ALL: limits[ALL]} if ALL in limits else limits

    @property
    def has_token(self) -> bool:
        return bool(self._pat)

    def history(self, name: str, numbers: Sequence[str]) -> tuple[AnswerWire, Answer]:
        """One call. Exactly one of ``docIds`` and ``webOrderNumber`` travels. Raises as :meth:`_call`."""
        if self._xml:
            return self._call(f"{HISTORY}.xml", wire_xml.request(self._appkey, name, numbers), xml=True)
        value: Any = list(numbers) if name == "docIds" else numbers[0]
        return self._call(f"{HISTORY}.json", {"appkey": self._appkey, name: value})

    def journal(self, wanted: Mapping[str, Any]) -> tuple[AnswerWire, Answer]:
        """One call, and a login before it when there is no session; a session that ran out is renewed once."""
        session = self._session_id()
        try:
            return self._journal(session, wanted)
        except CredentialsError:
            sessions.forget(self._session_key())
        return self._journal(self._session_id(), wanted)

    def _journal(self, session: str, wanted: Mapping[str, Any]) -> tuple[AnswerWire, Answer]:
        return self._call(JOURNAL, {"appkey": self._appkey, "sessionID": session, **wanted})

    def _session_id(self) -> str:
        return sessions.get(self._session_key(), self._options.session_minutes, self.login)

    def login(self) -> str:
        """A new session: one call. Raises ``CredentialsError`` whatever Dellin has against the token."""
        try:
            document, answer = self._call(LOGIN, {"appkey": self._appkey, "pat": self._pat})
        except Refused as refused:
            found = CredentialsError(refused.code, refused.detail, status=refused.status, method="POST", path=LOGIN)
        else:
            return self._session(document, answer)
        raise found

    def _session(self, document: AnswerWire, answer: Answer) -> str:
        try:
            inner = document.data if document.data is not None else answer.decode(object)
            session = text(msgspec.convert(inner, SessionWire).session_id)
        except BROKEN:
            session = ""
        if not session:
            raise answer.unreadable("`sessionID` is missing")
        return session

    def _session_key(self) -> str:
        return sessions.key_of(self._appkey, self._pat)

    def _call(self, path: str, body: object, *, xml: bool = False) -> tuple[AnswerWire, Answer]:
        """One call. Raises what :meth:`Http.send` and the gate raise, ``RateLimited``, ``CredentialsError``, ``Refused``
        (with Dellin's code), ``Gone``, ``Temporary``, ``Unreadable``.
        """
        self._gate.take_all(self._rules)
        answer = self._http.send("POST", path, json=body, write=False)
        document = self._read(answer, xml=xml)
        words = said(document, answer) if document else Said(answer.status, enveloped=False)
        if words.status >= 400:
            raise self._refusal(words, answer)
        if document is None:
            raise answer.unreadable("neither an answer nor a refusal of Dellin")
        return document, answer

    def _read(self, answer: Answer, *, xml: bool) -> AnswerWire | None:
        """The envelope; None for a refusal that is not Dellin's. Raises ``Unreadable`` for a good answer that is none."""
        try:
            value = wire_xml.read(answer.body) if xml else msgspec.json.decode(answer.body)
            return msgspec.convert(value, AnswerWire, strict=False)
        except BROKEN as broken:
            reason = reason_of(broken)
        if answer.ok:
            raise answer.unreadable(reason)
        return None

    def _refusal(self, words: Said, answer: Answer) -> Exception:
        if words.code and not words.known:
            self._drift.note(place=answer.path, kind="error", name=words.code)
        if words.status in {404, 410} and not words.code:
            self._drift.note(place=answer.path, kind="route", name=f"POST {answer.path}", sample=words.status)
        until = None
        if words.status in {420, 429}:
            until = answer.retry_at() or clock.now() + WAIT
            for group in self._rules:
                self._gate.block(group, until)
        return error(words, answer, until)
