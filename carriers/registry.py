"""Carriers that are spoken here, one entry each: how to build a provider, and what is known without an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import pgettext_lazy

from backoffice.faces import Badge, register_badge
from backoffice.registry import Registry

from .base import Carrier, CarrierOffer, Connection, DriftSink, Gate
from .enums import CarrierKind
from .providers import dellin, measoft
from .statuses import CarrierTrouble, Meaning


class Factory(Protocol):
    def __call__(self, connection: Connection, *, gate: Gate, drift: DriftSink) -> Carrier: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """``dialects``: the default first. ``credentials``: name → environment variable of ``connect``; ``needed``: those it cannot
    do without. ``budget``: what shares one rate budget; secret. ``words``: every known word → what it means. ``clean_number``:
    what may be asked for; ``writes``: whether a number looks like those of an account with these options.
    """

    build: Factory
    offer: Callable[[Connection], CarrierOffer]
    dialects: tuple[str, ...]
    default_url: str
    credentials: Mapping[str, str]
    needed: tuple[str, ...]
    budget: Callable[[Connection], str]
    words: Mapping[str, Meaning]
    clean_number: Callable[[str], str]
    writes: Callable[[str, Mapping[str, Any]], bool]
    badge: Badge


_ENTRIES: Registry[Entry] = Registry("carrier")
_ENTRIES.add(
    CarrierKind.MEASOFT.value,
    Entry(
        measoft.build,
        measoft.offer,
        measoft.DIALECTS,
        measoft.DEFAULT_URL,
        measoft.CREDENTIALS,
        ("login", "password"),
        measoft.budget,
        measoft.WORDS,
        measoft.clean_number,
        measoft.writes,
        Badge("MS", CarrierKind.MEASOFT.label, "teal"),
    ),
)
_ENTRIES.add(
    CarrierKind.DELLIN.value,
    Entry(
        dellin.build,
        dellin.offer,
        dellin.DIALECTS,
        dellin.DEFAULT_URL,
        dellin.CREDENTIALS,
        ("appkey",),
        dellin.budget,
        dellin.WORDS,
        dellin.clean_number,
        dellin.writes,
        Badge(pgettext_lazy("carrier in two letters", "DL"), CarrierKind.DELLIN.label, "red"),
    ),
)
for _kind, _entry in _ENTRIES.items():
    register_badge(_kind, _entry.badge)


def kinds() -> tuple[str, ...]:
    """Kinds that can be connected."""
    return _ENTRIES.kinds


def entry(kind: str) -> Entry:
    """All that is known of a kind without an account. Raises ``UnknownKind``."""
    return _ENTRIES.get(kind)


def build(kind: str, connection: Connection, *, gate: Gate, drift: DriftSink) -> Carrier:
    """The provider of an account. Raises ``UnknownKind``, ``Invalid`` (options, dialect or address make no sense)."""
    return _ENTRIES.get(kind).build(connection, gate=gate, drift=drift)


def offer(kind: str, connection: Connection) -> CarrierOffer:
    """What an account's carrier can do, without any call. Raises ``UnknownKind``, ``Invalid``."""
    return _ENTRIES.get(kind).offer(connection)


def clean_number(kind: str, number: str) -> str:
    """A parcel's number as its carrier writes it. Raises ``UnknownKind``, ``Invalid`` ("number")."""
    return _ENTRIES.get(kind).clean_number(number)


def writes(kind: str, number: str, options: Mapping[str, Any]) -> bool:
    """Whether a number looks like those of an account with these options. Raises ``UnknownKind``."""
    return _ENTRIES.get(kind).writes(number, options)


def meaning(kind: str, code: str, subcode: str = "") -> Meaning | None:
    """What a carrier's word means by itself; a subword that is not known leaves the word's meaning. None for an unknown word."""
    words = _ENTRIES.get(kind).words
    return words.get(f"{code}/{subcode}" if subcode else code) or words.get(code)


def trouble(kind: str, word: str) -> CarrierTrouble | None:
    """What a word, or "word/subword", says is wrong with the parcel."""
    code, _slash, subcode = word.partition("/")
    found = meaning(kind, code, subcode)
    return found.trouble if found else None


def glossary(kind: str) -> Mapping[str, Meaning]:
    """Every word of a carrier in its usual order, "word" or "word/subword", with its meaning and its name. Raises ``UnknownKind``."""
    return _ENTRIES.get(kind).words
