"""A database of its own: created before the run and dropped after it, whatever happened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

SERVER = os.environ.get("TEST_DATABASE_URL", "postgres://root@127.0.0.1:5432/test")


def answers() -> bool:
    """Whether there is a PostgreSQL server."""
    try:
        _server().close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def own(name: str) -> Iterator[str]:
    """The URL of an empty database that exists as long as the block."""
    _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _run("CREATE DATABASE {}", name)
    try:
        yield f"{SERVER.rpartition('/')[0]}/{name}"
    finally:
        _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _run(text: str, name: str) -> None:
    with _server() as server:
        server.execute(sql.SQL(text).format(sql.Identifier(name)))


def _server() -> psycopg.Connection:
    return psycopg.connect(SERVER.rpartition("/")[0] + "/postgres", autocommit=True, connect_timeout=3)
