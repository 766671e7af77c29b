"""Fixtures of the HTTP tests: an upstream on this machine and a client for it."""

import socket
from collections.abc import Iterator

import pytest

from backoffice.http import Http
from tests.backoffice.upstream import Upstream, new_client, serving


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serving() as server:
        yield server


@pytest.fixture
def caller(upstream: Upstream) -> Iterator[Http]:
    with new_client(upstream.url) as ready:
        yield ready


@pytest.fixture
def closed_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
