"""Dellin (Деловые Линии): history of order statuses, and with a personal token the order journal (seed 001)."""

from __future__ import annotations

from collections.abc import Mapping

from carriers.base import Connection, DriftSink, Gate

from .client import Transport
from .provider import Dellin, clean_number, offer, writes
from .status_map import WORDS

DIALECTS = Dellin.dialects
DEFAULT_URL = "https://api.dellin.ru"
#: Credential → environment variable of the command ``connect``; only the first is needed.
CREDENTIALS: Mapping[str, str] = {"appkey": "CONNECT_APPKEY", "pat": "CONNECT_PAT"}

__all__ = [
    "CREDENTIALS",
    "DEFAULT_URL",
    "DIALECTS",
    "WORDS",
    "Dellin",
    "budget",
    "build",
    "clean_number",
    "offer",
    "writes",
]


def build(connection: Connection, *, gate: Gate, drift: DriftSink, http: Transport | None = None) -> Dellin:
    """The provider of an account. Raises ``Invalid``."""
    return Dellin(connection, gate=gate, drift=drift, http=http)


def budget(connection: Connection) -> str:
    """What shares one rate budget: the limits are those of a key."""
    return connection.credentials.get("appkey", "")
