"""MeaSoft ("Курьерская служба 2008"): one protocol of many courier companies, chosen by ``extra`` (seed 000)."""

from __future__ import annotations

from collections.abc import Mapping

from carriers.base import Connection, DriftSink, Gate

from .client import Transport
from .provider import MeaSoft, clean_number, offer, writes
from .status_map import WORDS

DIALECTS = MeaSoft.dialects
DEFAULT_URL = "https://home.courierexe.ru/api/"
#: Credential → environment variable of the command ``connect``; all of them are needed.
CREDENTIALS: Mapping[str, str] = {"login": "CONNECT_LOGIN", "password": "CONNECT_PASSWORD"}

__all__ = [
    "CREDENTIALS",
    "DEFAULT_URL",
    "DIALECTS",
    "WORDS",
    "MeaSoft",
    "budget",
    "build",
    "clean_number",
    "offer",
    "writes",
]


def build(connection: Connection, *, gate: Gate, drift: DriftSink, http: Transport | None = None) -> MeaSoft:
    """The provider of an account. Raises ``Invalid``."""
    return MeaSoft(connection, gate=gate, drift=drift, http=http)


def budget(connection: Connection) -> str:
    """What shares one rate budget: calls of one login at one carrier."""
    return f"{connection.options.get('extra', '')}:{connection.credentials.get('login', '')}"
