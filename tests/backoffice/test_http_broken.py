"""Calls that break, over real sockets: what each break means; nothing is sent twice, no secret gets out."""

import gzip
import logging
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest
from structlog.testing import capture_logs

from backoffice import http
from backoffice.errors import Refused, Temporary, Uncertain, Unreadable, UpstreamError
from backoffice.http import Http
from tests.backoffice.upstream import (
    HEADER_SECRET,
    SECRET,
    Handler,
    Upstream,
    error_of,
    everything_shown,
    new_client,
    self_signed,
    serving,
)

pytestmark = pytest.mark.slow

Script = Callable[[Handler], None]


# Not sent -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [True, False])
def test_a_refused_connection_is_temporary(closed_port: int, write: bool) -> None:
    with new_client(f"http://127.0.0.1:{closed_port}") as client:
        error = error_of(client, write=write)
    assert (type(error), error.code, error.status) == (Temporary, "no_connection", None)
    assert (error.method, error.path) == ("POST", "/orders")


@pytest.mark.parametrize("write", [True, False])
def test_a_time_out_before_sending_is_temporary(write: bool) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:  # never accepts; one caller fills its queue
        address = full.getsockname()
        with (
            socket.create_connection(address, timeout=1),
            new_client(f"http://127.0.0.1:{address[1]}", timeout=(0.2, 5.0)) as client,
        ):
            error = error_of(client, write=write)
    assert (type(error), error.code) == (Temporary, "timeout")


def test_an_unknown_host_is_temporary(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_host(*_args: object, **_options: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_host)
    with new_client("https://nobody.example") as client:
        error = error_of(client, write=True)
    assert (type(error), error.code) == (Temporary, "no_such_host")


def test_a_certificate_nobody_vouches_for_is_not_spoken_to(tmp_path: Path) -> None:
    context, _pem = self_signed(tmp_path)
    with serving(context) as upstream, new_client(upstream.url) as client:
        error = error_of(client, write=True)
    assert (type(error), error.code) == (Temporary, "tls")
    assert upstream.seen == []


def test_a_trusted_certificate_is_spoken_to_and_a_lost_answer_is_uncertain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, pem = self_signed(tmp_path)
    _trust(pem, monkeypatch)
    with serving(context) as upstream, new_client(upstream.url) as client:
        assert client.send("POST", "/orders", json=[], write=True).status == 200
        upstream.script = _reset
        error = error_of(client, write=True)
    assert (type(error), error.code, len(upstream.seen)) == (Uncertain, "connection_lost", 2)


def test_the_deadline_holds_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, pem = self_signed(tmp_path)
    _trust(pem, monkeypatch)
    monkeypatch.setattr(Http, "deadline", 0.5)
    with serving(context) as upstream, new_client(upstream.url) as client:
        upstream.script = _drip_body
        error = error_of(client, write=False)
    assert (type(error), error.code) == (Temporary, "deadline")


def _trust(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = http._Adapter.send
    monkeypatch.setattr(
        http._Adapter, "send", lambda self, request, **o: real(self, request, **{**o, "verify": str(pem)})
    )


# Sent, and no usable answer -----------------------------------------------------------------------------------------


def _silent(to: Handler) -> None:
    to.hold()


def _reset(to: Handler) -> None:
    to.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.socket.shutdown(to.connection, socket.SHUT_RDWR)
    to.close_connection = True


def _half_a_body(to: Handler) -> None:
    to.head(200, Content_Length="1000", Content_Type="application/json")
    to.wfile.write(b'{"orders": [')
    to.close_connection = True


def _half_a_chunk(to: Handler) -> None:
    to.head(200, Transfer_Encoding="chunked")
    to.wfile.write(b"ff\r\n[1, 2")
    to.close_connection = True


def _not_http(to: Handler) -> None:
    to.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    to.close_connection = True


def _drip_body(to: Handler) -> None:
    to.head(200, Content_Length="100000")
    to.drip(b" ")


def _drip_endless(to: Handler) -> None:
    to.head(200, Connection="close")
    to.drip(b" ")


def _drip_headers(to: Handler) -> None:
    to.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    to.drip(b"a")


def _drip_chunk_size(to: Handler) -> None:
    to.head(200, Transfer_Encoding="chunked")
    to.drip(b"0")


def _bad_gzip(to: Handler) -> None:
    to.reply(200, b"this is not gzip at all", Content_Encoding="gzip")


def _huge(to: Handler) -> None:
    to.head(200, Content_Length=str(50 * 2**20))
    for _part in range(50):
        to.wfile.write(b"x" * 2**20)


def _bomb(to: Handler) -> None:
    to.reply(200, BOMB, Content_Encoding="gzip")


BOMB = gzip.compress(b"0" * 50 * 2**20)

BROKEN: list[tuple[Script, str, type[UpstreamError]]] = [
    (_silent, "timeout", Temporary),
    (_reset, "connection_lost", Temporary),
    (_half_a_body, "connection_lost", Temporary),
    (_half_a_chunk, "connection_lost", Temporary),
    (_not_http, "connection_lost", Temporary),
    (_drip_body, "deadline", Temporary),
    (_drip_endless, "deadline", Temporary),
    (_drip_headers, "deadline", Temporary),
    (_drip_chunk_size, "deadline", Temporary),
    (_bad_gzip, "bad_encoding", Unreadable),
    (_huge, "too_big", Unreadable),
    (_bomb, "too_big", Unreadable),
]


@pytest.fixture
def impatient(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> Callable[[Script], Http]:
    """A client that waits only where the script makes it wait, so that a busy machine changes no result."""

    def build(script: Script) -> Http:
        upstream.script = script
        if script.__name__.startswith("_drip"):
            monkeypatch.setattr(Http, "deadline", 0.4)
        return new_client(upstream.url, timeout=(10.0, 0.3 if script is _silent else 20.0))

    return build


@pytest.mark.parametrize("write", [True, False], ids=["write", "read"])
@pytest.mark.parametrize(("script", "code", "on_read"), BROKEN, ids=lambda case: getattr(case, "__name__", None))
def test_a_broken_answer(
    upstream: Upstream,
    impatient: Callable[[Script], Http],
    script: Script,
    code: str,
    on_read: type[UpstreamError],
    write: bool,
) -> None:
    began = monotonic()
    with impatient(script) as client:
        error = error_of(client, write=write)
        assert (type(error), error.code) == (Uncertain if write else on_read, code)
        assert monotonic() - began < 10
        assert upstream.arrived.acquire(timeout=10)
        # Nothing is sent twice by itself, and the client is as good as new.
        assert len(upstream.seen) == 1
        upstream.script = Handler.reply
        assert client.send("GET", "/orders", write=False).body == b"{}"


def test_an_answer_of_exactly_the_limit_is_read(upstream: Upstream) -> None:
    upstream.script = lambda to: to.reply(200, b"y" * 70_000)
    with new_client(upstream.url, max_bytes=70_000) as client:
        assert len(client.send("GET", "/orders", write=False).body) == 70_000
    with new_client(upstream.url, max_bytes=69_999) as client:
        assert error_of(client, write=False).code == "too_big"


def test_compressed_and_chunked_answers_are_put_together(upstream: Upstream, caller: Http) -> None:
    text = b"[" + b"1," * 200_000 + b"1]"

    def chunked(to: Handler) -> None:
        packed = gzip.compress(text)
        to.head(200, Transfer_Encoding="chunked", Content_Encoding="gzip")
        for start in range(0, len(packed), 100):
            part = packed[start : start + 100]
            to.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        to.wfile.write(b"0\r\n\r\n")

    upstream.script = chunked
    assert caller.send("GET", "/orders", write=False).body == text


@pytest.mark.parametrize("write", [True, False])
def test_a_redirect_is_refused_and_not_followed(upstream: Upstream, caller: Http, write: bool) -> None:
    target = f"https://login.example/{SECRET}?token={HEADER_SECRET}".encode().decode("latin-1")
    upstream.script = lambda to: to.reply(302, b"x" * 10_000, Location=target)
    error = error_of(caller, write=write)
    assert (type(error), error.code, error.status) == (Refused, "redirect", 302)
    assert error.detail == "https://login.example"
    assert len(upstream.seen) == 1


def test_a_late_watch_does_not_cut_the_next_call() -> None:
    """The watch of a finished call finds it over and leaves the connection, which serves another call by then."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        trip = http._Trip("GET", "/", write=False)
        with trip.watched(60):
            trip.connected(ours)
        trip._expire()
        theirs.sendall(b"still open")
        assert (ours.recv(100), trip.expired) == (b"still open", False)


def test_one_client_serves_several_threads(upstream: Upstream, caller: Http) -> None:
    upstream.script = lambda to: to.reply(200, to.path.encode())
    bodies: dict[int, bytes] = {}

    def call(number: int) -> None:
        bodies[number] = caller.send("GET", f"/orders/{number}", write=False).body

    threads = [threading.Thread(target=call, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert bodies == {number: f"/orders/{number}".encode() for number in range(12)}


@pytest.mark.parametrize("write", [True, False], ids=["write", "read"])
@pytest.mark.parametrize("script", [script for script, _code, _kind in BROKEN], ids=lambda script: script.__name__)
def test_a_planted_secret_is_in_no_error_and_no_log(
    impatient: Callable[[Script], Http], caplog: pytest.LogCaptureFixture, script: Script, write: bool
) -> None:
    caplog.set_level(logging.DEBUG)
    with impatient(script) as client, capture_logs() as lines, pytest.raises(UpstreamError) as caught:
        client.send("POST", "/orders", params={"key": SECRET}, json={"password": SECRET}, write=write)
    error = caught.value
    assert (error.__cause__, error.__context__) == (None, None)
    shown = everything_shown(error) + repr(client) + repr(lines) + caplog.text
    assert "s3cr3t" not in shown
