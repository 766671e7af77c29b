"""Marketplaces that are spoken here, one line each: how to build a provider, and what is known without an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import pgettext_lazy

from backoffice.faces import Badge, register_badge
from backoffice.registry import Registry
from orders.enums import MarketplaceKind

from . import wildberries, yandex_market
from .base import Connection, DriftSink, Gate, Marketplace, Notice, Offer, RawField
from .glossary import RawStatus


class Factory(Protocol):
    def __call__(self, connection: Connection, *, gate: Gate, drift: DriftSink) -> Marketplace: ...


@dataclass(frozen=True, slots=True)
class Notices:
    """Notifications a marketplace sends by itself. ``read``: a body; raises ``Invalid``. ``answer``: the shop's name, now."""

    read: Callable[[bytes], Notice]
    answer: Callable[[str, datetime], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Entry:
    """``dialects``: the default first. ``credentials``: name → environment variable of the command ``connect``.

    ``word_name``: a raw word of ``words``, a decision about a code or an error, for people, in the active language.
    ``fields``: every leaf of a raw order of a dialect. ``notices``: None where it sends none. ``finds``: it can be asked for
    an order by its number. ``glossary``: every raw status that is known.
    """

    build: Factory
    offer: Callable[[Connection], Offer]
    dialects: tuple[str, ...]
    default_url: str
    credentials: Mapping[str, str]
    word_name: Callable[[str, str], str]
    badge: Badge
    fields: Callable[[bytes, str], list[RawField]]
    glossary: Callable[[], tuple[RawStatus, ...]]
    notices: Notices | None = None
    finds: bool = False


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
        wildberries.fields,
        wildberries.glossary,
    ),
)
_ENTRIES.add(
    MarketplaceKind.YANDEX_MARKET.value,
    Entry(
        yandex_market.build,
        yandex_market.offer,
        tuple(yandex_market.DIALECTS),
        yandex_market.DEFAULT_URL,
        yandex_market.CREDENTIALS,
        yandex_market.word_name,
        Badge(pgettext_lazy("marketplace in two letters", "YM"), MarketplaceKind.YANDEX_MARKET.label, "gold"),
        yandex_market.fields,
        yandex_market.glossary,
        Notices(yandex_market.notices.read, yandex_market.notices.answer),
        finds=True,
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


def fields(kind: str, body: bytes, dialect: str) -> list[RawField]:
    """Every leaf of a raw order; [] for a body that cannot be read. Raises ``UnknownKind``."""
    return _ENTRIES.get(kind).fields(body, dialect)


def glossary(kind: str) -> tuple[RawStatus, ...]:
    """Every raw status of a marketplace in its usual order, with our stage for it and its meaning. Raises ``UnknownKind``."""
    return _ENTRIES.get(kind).glossary()


def notices(kind: str) -> Notices | None:
    """How notifications of a marketplace are read; None where it sends none. Raises ``UnknownKind``."""
    return _ENTRIES.get(kind).notices


def finds(kind: str) -> bool:
    """Whether a marketplace can be asked for an order by its number."""
    return kind in _ENTRIES and _ENTRIES.get(kind).finds
