"""A real server on this machine that answers as badly as a test wants."""

import ssl
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backoffice.errors import UpstreamError
from backoffice.http import Http

SECRET = "s3cr3t-T0ken/+&\"'ё"
HEADER_SECRET = "s3cr3t-T0ken-in-a-header"


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int


class Handler(BaseHTTPRequestHandler):
    """Reads the request whole, then does what the test's script says."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen = Seen(self.command, self.path, dict(self.headers.items()), body, self.client_address[1])
        self.server.upstream.seen.append(seen)
        self.server.upstream.arrived.release()
        self.server.upstream.script(self)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _any  # noqa: N815 - the names http.server looks for

    def reply(self, status: int = 200, body: bytes = b"{}", **headers: str) -> None:
        """An honest answer; `Content_Type` becomes `Content-Type`."""
        self.head(status, **{"Content_Length": str(len(body)), **headers})
        self.wfile.write(body)

    def head(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.flush()

    def hold(self) -> None:
        """Say nothing until the test is over."""
        self.server.upstream.over.wait(30)
        self.close_connection = True

    def drip(self, piece: bytes, every: float = 0.02) -> None:
        """One piece after another until the other side hangs up or the test is over."""
        while not self.server.upstream.over.wait(every):
            self.wfile.write(piece)
            self.wfile.flush()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    upstream: "Upstream"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is what many of these tests are about."""


@dataclass
class Upstream:
    """`script` answers each request; `seen` holds those that arrived."""

    script: Callable[[Handler], None] = Handler.reply
    seen: list[Seen] = field(default_factory=list)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    over: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    scheme: str = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Upstream]:
    """The server, for the time of the block."""
    upstream = Upstream(scheme="https" if tls else "http")
    server = _Server(("127.0.0.1", 0), Handler)
    server.upstream = upstream
    upstream.port = server.server_address[1]
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield upstream
    finally:
        upstream.over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def self_signed(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context for 127.0.0.1 with a certificate nobody vouches for, and the file of the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context, pem


def new_client(url: str, **options: Any) -> Http:
    """A patient client that knows two planted secrets."""
    options = {"timeout": (10.0, 20.0), "max_bytes": 1_000_000, **options}
    return Http(url, headers={"Authorization": HEADER_SECRET}, secrets=[SECRET, HEADER_SECRET], **options)


def error_of(client: Http, *, write: bool) -> UpstreamError:
    """The error of one call, which must fail."""
    with pytest.raises(UpstreamError) as caught:
        client.send("POST", "/orders", json={"a": 1} if write else None, write=write)
    return caught.value


def everything_shown(error: BaseException) -> str:
    """All that a log, a page or a traceback could show of an error."""
    return "\n".join([str(error), repr(error), str(vars(error)), *traceback.format_exception(error)])
