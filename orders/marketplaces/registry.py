"""Marketplaces that are spoken here, one line each: how to build a provider, and what is known without an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from backoffice.faces import Badge, register_badge
from backoffice.registry import Registry
from orders.enums import MarketplaceKind

from . import wildberries
from .base import Connection, DriftSink, Gate, Marketplace, Offer


class Factory(Protocol):
    def __call__(self, connection: Connection, *, gate: Gate, drift: DriftSink) -> Marketplace: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """``dialects``: the default first. ``credentials``: name → environment variable of the command ``connect``.

    ``word_name``: a raw word of ``words``, a decision about a code or an error, for people, in the active language.
    """

    build: Factory
    offer: Callable[[Connection], Offer]
    dialects: tuple[str, ...]
    default_url: str
    credentials: Mapping[str, str]
    word_name: Callable[[str, str], str]
    badge: Badge


_ENTRIES: Registry[Entry] = Registry("marketplace")
_ENTRIES.add(
    MarketplaceKind.WILDBERRIES.value,
    Entry(
        wildberries.build,
        wildberries.offer,
        tuple(wildberries.DIALECTS),
        wildberries.DEFAULT_URL,
        wildberries.CREDENTIALS,
        wildberries.word_name,
        Badge("WB", MarketplaceKind.WILDBERRIES.label, "violet"),
    ),
)
for _kind, _entry in _ENTRIES.items():
    register_badge(_kind, _entry.badge)


def kinds() -> tuple[str, ...]:
    """Kinds that can be connected."""
    return _ENTRIES.kinds


def build(kind: str, connection: Connection, *, gate: Gate, drift: DriftSink) -> Marketplace:
    """The provider of an account. Raises ``UnknownKind``, ``Invalid`` (options, dialect or address make no sense)."""
    return _ENTRIES.get(kind).build(connection, gate=gate, drift=drift)


def offer(kind: str, connection: Connection) -> Offer:
    """What an account's marketplace allows, without any call. Raises ``UnknownKind``, ``Invalid``."""
    return _ENTRIES.get(kind).offer(connection)


def dialects(kind: str) -> tuple[str, ...]:
    """The default first. Raises ``UnknownKind``."""
    return _ENTRIES.get(kind).dialects


def default_url(kind: str) -> str:
    """Raises ``UnknownKind``."""
    return _ENTRIES.get(kind).default_url


def credentials(kind: str) -> Mapping[str, str]:
    """Credential → environment variable that holds it for the command ``connect``. Raises ``UnknownKind``."""
    return _ENTRIES.get(kind).credentials


def word_name(kind: str, name: str, value: str) -> str:
    """What a raw word of a marketplace means, in the active language; an unknown one as it is."""
    return _ENTRIES.get(kind).word_name(name, value) if kind in _ENTRIES else value
