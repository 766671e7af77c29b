"""The only module that opens sockets: one call to an upstream, made safe, and what became of it.

* TLS is verified; plain http goes only to this machine (or with ``UPSTREAM_ALLOW_HTTP``).
* No redirects, proxies, netrc or cookies.
* An answer has a size limit, counted after decompression, and the whole call a deadline: a slow drip holds no worker.
* Until the connection stands nothing was sent: :class:`Temporary`. After that a broken read is :class:`Temporary` or
  :class:`Unreadable`, a broken write is :class:`Uncertain`.
* Secrets are in no error, log line or ``repr``. The causes of errors are left out: they quote addresses and headers.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.client import HTTPException
from time import monotonic
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec
import requests
import structlog
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import DecodeError, HTTPError, NameResolutionError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse

from backoffice.answers import Answer, Scrubber
from backoffice.errors import (
    CredentialsError,
    Facts,
    Invalid,
    Refused,
    Temporary,
    Uncertain,
    Unreadable,
    UpstreamError,
)

log = structlog.get_logger(__name__)

CHUNK = 65_536
POOL = 4
DEFAULT_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "backoffice"}
_HEADER_VALUE = re.compile(r"[\x21-\x7e][\x20-\x7e]*")
_BAD_IN_ADDRESS = re.compile(r"[\s\\?#@\x00-\x1f\x7f]")
_BAD_ADDRESS = _("This is not a web address that can be used: it starts with https:// and holds no login and no query.")
_BAD_IN_PATH = re.compile(r"[\s\\?#\x00-\x1f\x7f]|(^|/)\.{1,2}(/|$)")
_BROKEN = (requests.RequestException, HTTPError, HTTPException, OSError)

__all__ = ["Answer", "Http", "checked_base_url", "longest_call"]


def longest_call(timeout: tuple[float, float] | None = None) -> float:
    """Seconds after which a call is cut off, whatever it is doing. ``timeout``: (connect, read), by default the settings'."""
    connect, read = timeout or (settings.UPSTREAM_TIMEOUT_CONNECT, settings.UPSTREAM_TIMEOUT_READ)
    return float(connect + 2 * read)


def checked_base_url(url: str) -> str:
    """The address when a call may go there.

    Raises ``Invalid``: ``bad_address``, ``insecure_address``, or ``private_address`` for an address of our own network.
    """
    if not _usable(url):
        raise Invalid("bad_address", _BAD_ADDRESS)
    parts = urlsplit(url)
    if parts.scheme == "http" and not (settings.UPSTREAM_ALLOW_HTTP or _is_loopback(parts.hostname or "")):
        raise Invalid("insecure_address", _("Plain http is not safe outside this machine: use an https:// address."))
    if not _may_be_called((parts.hostname or "").rstrip(".")):
        raise Invalid(
            "private_address", _("This address is of a private network. UPSTREAM_ALLOW_PRIVATE=1 allows them.")
        )
    return url


def _usable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return known and not _BAD_IN_ADDRESS.search(url)


def _is_loopback(host: str) -> bool:
    number = _number(host)
    return host == "localhost" if number is None else number.is_loopback


def _may_be_called(host: str) -> bool:
    """Not what only our own network reaches: what stands there trusts its neighbours. This machine is known to be ours."""
    number = _number(host)
    if number is None or number.is_loopback or settings.UPSTREAM_ALLOW_PRIVATE or host in settings.TRAINING_HOSTS:
        return True
    return number.is_global and not number.is_multicast


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The number that a host is, also one in a spelling that only the resolver knows (2852039166, 0x7f.1); None for a name."""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, ValueError):
            return None
    wrapped = number.ipv4_mapped or number.sixtofour if isinstance(number, ipaddress.IPv6Address) else None
    return wrapped or number


class Http:
    """Calls to one upstream for one account. Safe to share between threads; connections are kept and used again.

    ``secrets``: texts that must never be shown (tokens, passwords). ``timeout``: (connect, read) in seconds, read being
    the longest silence; the deadline of a whole call is ``longest_call``. Both and ``max_bytes`` default to settings.
    ``upstream`` names it in logs. Raises ``Invalid`` for an address that may not be called.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: Sequence[str] = (),
        timeout: tuple[float, float] | None = None,
        max_bytes: int | None = None,
        upstream: str = "",
    ) -> None:
        self.base_url = checked_base_url(base_url)
        self.upstream = upstream or urlsplit(base_url).hostname or ""
        self.timeout = timeout or (settings.UPSTREAM_TIMEOUT_CONNECT, settings.UPSTREAM_TIMEOUT_READ)
        self.max_bytes = max_bytes or settings.UPSTREAM_MAX_BYTES
        self.scrub = Scrubber(secrets)
        self._headers = {**DEFAULT_HEADERS, **(headers or {})}
        self._adapter = _Adapter(pool_maxsize=POOL)

    @property
    def deadline(self) -> float:
        """Seconds after which a call is cut off, whatever it is doing."""
        return longest_call(self.timeout)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: object = None,
        write: bool,
    ) -> Answer:
        """One call, sent at most once. ``write``: it may change something there.

        ``json``: an object that becomes UTF-8 JSON, or bytes sent as they are. Every status but a redirect comes back
        as an :class:`Answer`; ``Answer.error`` turns a bad one into the error that fits.
        Raises ``Temporary``, ``Uncertain``, ``Unreadable``, ``Refused`` (a redirect), ``CredentialsError`` (a header
        that cannot be sent), ``ValueError`` for a path with a query or dots.
        """
        trip = _Trip(method.upper(), path, write)
        request = self._prepare(trip, params, json)
        with trip.watched(self.deadline):
            outcome = self._travel(trip, request)
        self._log(trip, outcome)
        # Raised here and not where it was caught: an error with no cause has no secrets in its traceback.
        if isinstance(outcome, UpstreamError):
            raise outcome
        return outcome

    def close(self) -> None:
        """Close the idle connections. It may be used again."""
        self._adapter.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Http {self.upstream}>"

    def _prepare(self, trip: _Trip, params: Mapping[str, Any] | None, json: object) -> requests.PreparedRequest:
        if _BAD_IN_PATH.search(trip.path) or (trip.path and not trip.path.startswith("/")):
            raise ValueError("a path starts with a slash and holds no query, spaces or dots")
        headers = dict(self._headers)
        body = json if isinstance(json, bytes) else None
        if json is not None and body is None:
            headers["Content-Type"] = "application/json"
            body = msgspec.json.encode(json)
        for name, value in headers.items():
            if not _HEADER_VALUE.fullmatch(value):
                raise CredentialsError("malformed_header", name, **trip.facts)
        url = self.base_url.rstrip("/") + trip.path if trip.path else self.base_url
        return requests.Request(trip.method, url, headers=headers, params=params, data=body).prepare()

    def _travel(self, trip: _Trip, request: requests.PreparedRequest) -> Answer | UpstreamError:
        try:
            sending = self._adapter.send(request, stream=True, timeout=self.timeout, verify=True)
            with closing(sending) as response:
                trip.status = response.status_code
                if 300 <= response.status_code < 400:
                    return Refused("redirect", _target(response.headers.get("Location", "")), **trip.facts)
                body = self._read(response.raw)
            if trip.expired:  # an end of the stream that we made ourselves is not the end of the answer
                return _broken(trip, TimeoutError())
        except (*_BROKEN, _TooBig) as error:
            return _broken(trip, error)
        return Answer(
            status=response.status_code,
            headers=response.headers,
            body=body,
            elapsed=trip.elapsed,
            method=trip.method,
            path=trip.path,
            write=trip.write,
            scrub=self.scrub,
        )

    def _read(self, raw: BaseHTTPResponse) -> bytes:
        body = bytearray()
        while chunk := raw.read1(CHUNK, decode_content=True):
            body += chunk
            if len(body) > self.max_bytes:
                raise _TooBig
        return bytes(body)

    def _log(self, trip: _Trip, outcome: Answer | UpstreamError) -> None:
        log.info(
            "upstream_call",
            upstream=self.upstream,
            method=trip.method,
            path=self.scrub(trip.path),
            status=trip.status,
            ms=round(trip.elapsed * 1000),
            bytes=len(outcome.body) if isinstance(outcome, Answer) else None,
            outcome="answered" if isinstance(outcome, Answer) else f"{type(outcome).__name__} {outcome.code}",
        )


class _TooBig(Exception):
    """More bytes than an answer may have."""


@dataclass(slots=True)
class _Trip:
    """One call on its way, and the watch that cuts it off."""

    method: str
    path: str
    write: bool
    status: int | None = None
    reached: bool = False
    expired: bool = False
    started: float = field(default_factory=monotonic)
    _connection: HTTPConnection | None = None
    _sock: socket.socket | None = None
    _over: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def elapsed(self) -> float:
        return monotonic() - self.started

    @property
    def facts(self) -> Facts:
        return {"status": self.status, "method": self.method, "path": self.path}

    @contextmanager
    def watched(self, seconds: float) -> Iterator[None]:
        """Cut the line when the block takes longer."""
        watch = threading.Timer(seconds, self._expire)
        watch.daemon = True
        token = _trip.set(self)
        watch.start()
        try:
            yield
        finally:
            watch.cancel()
            with self._lock:
                self._over = True
            _trip.reset(token)

    def connecting(self, connection: HTTPConnection) -> None:
        self._connection = connection

    def connected(self, sock: socket.socket | None) -> None:
        """From here on bytes may have left. The socket is kept: urllib3 forgets it before the body is read."""
        if self.expired:
            raise TimeoutError("deadline")
        self._sock = sock
        self.reached = True

    def _expire(self) -> None:
        with self._lock:
            if self._over:  # the connection may already serve another call
                return
            self.expired = True
            sock = self._sock or (self._connection.sock if self._connection else None)
            if sock is not None:
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)


_trip: ContextVar[_Trip | None] = ContextVar("trip", default=None)


class _Watched(HTTPConnection):
    """Tells the call in this context when it is connected: before that nothing can have been sent."""

    def connect(self) -> None:
        trip = _trip.get()
        if trip:
            trip.connecting(self)
        super().connect()
        if trip:
            trip.connected(self.sock)

    def request(self, *args: Any, **options: Any) -> None:
        trip = _trip.get()
        if trip and self.sock is not None:  # a connection used again
            trip.connected(self.sock)
        super().request(*args, **options)


class _WatchedTLS(_Watched, HTTPSConnection):
    """The same over TLS: connected means that the certificate was accepted."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _PoolTLS(HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


class _Adapter(HTTPAdapter):
    """Used without a session around it: that would follow redirects, read netrc and proxies, keep cookies."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _PoolTLS}


def _broken(trip: _Trip, error: Exception) -> UpstreamError:
    """What a call without an answer means (the table in the module's text)."""
    code = _why(trip, error)
    if not trip.reached:
        return Temporary(code, **trip.facts)
    if trip.write:
        return Uncertain(code, **trip.facts)
    if isinstance(error, (_TooBig, DecodeError)):
        return Unreadable(code, **trip.facts)
    return Temporary(code, **trip.facts)


def _why(trip: _Trip, error: Exception) -> str:
    if trip.expired:
        return "deadline"
    chain = list(_causes(error))
    for kinds, code in _REASONS:
        if any(isinstance(cause, kinds) for cause in chain):
            return code
    return "connection_lost" if trip.reached else "no_connection"


_REASONS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((_TooBig,), "too_big"),
    ((DecodeError,), "bad_encoding"),
    ((NameResolutionError,), "no_such_host"),
    ((TimeoutError, ReadTimeoutError), "timeout"),
    ((ssl.SSLError,), "tls"),
)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _target(location: str) -> str:
    """Where a redirect points, without path and query: they may hold what we sent."""
    with suppress(ValueError):
        parts = urlsplit(location)
        return f"{parts.scheme}://{parts.hostname}"[:200] if parts.hostname else ""
    return ""
