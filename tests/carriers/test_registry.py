"""What is known of carriers without an account."""

from __future__ import annotations

import pytest

from backoffice.errors import Invalid
from backoffice.faces import badge_of
from backoffice.registry import UnknownKind
from carriers import registry
from carriers.base import Connection
from carriers.enums import CarrierKind
from carriers.statuses import TrackingStatus


def test_every_kind_is_registered() -> None:
    assert registry.kinds() == tuple(CarrierKind.values) == ("measoft", "dellin")
    assert registry.entry("measoft").default_url == "https://home.courierexe.ru/api/"
    assert registry.entry("dellin").default_url == "https://api.dellin.ru"
    assert registry.entry("measoft").credentials == {"login": "CONNECT_LOGIN", "password": "CONNECT_PASSWORD"}
    assert registry.entry("dellin").credentials == {"appkey": "CONNECT_APPKEY", "pat": "CONNECT_PAT"}
    assert registry.entry("dellin").dialects == ("json", "xml")
    assert [str(badge_of(kind).title) for kind in registry.kinds()] == ["MeaSoft", str(CarrierKind.DELLIN.label)]


def test_an_unknown_kind() -> None:
    with pytest.raises(UnknownKind):
        registry.entry("pigeon")
    with pytest.raises(UnknownKind):
        registry.clean_number("pigeon", "1")


def test_numbers_are_checked_without_an_account() -> None:
    assert registry.clean_number("dellin", " 400267443 ") == "400267443"
    with pytest.raises(Invalid, match="number"):
        registry.clean_number("dellin", "номер")


@pytest.mark.parametrize(
    ("kind", "code", "subcode", "expected"),
    [
        ("measoft", "COMPLETE", "", TrackingStatus.DELIVERED),
        ("dellin", "delivery", "delivery_finished", TrackingStatus.DELIVERED_UNCONFIRMED),
        ("dellin", "delivery", "delivery_new_word", TrackingStatus.OUT_FOR_DELIVERY),
        ("dellin", "teleported", "", None),
    ],
)
def test_what_a_word_means(kind: str, code: str, subcode: str, expected: TrackingStatus | None) -> None:
    found = registry.meaning(kind, code, subcode)

    assert (found.status if found else None) == expected


@pytest.mark.parametrize(("kind", "words"), [("measoft", 32), ("dellin", 26)])
def test_the_glossary_has_a_name_for_every_word(kind: str, words: int) -> None:
    found = registry.glossary(kind)

    assert len(found) == words
    assert all(str(meaning.name) for meaning in found.values())
    assert all(meaning.status != TrackingStatus.UNKNOWN for meaning in found.values())


@pytest.mark.parametrize(
    ("kind", "word", "expected"),
    [
        ("measoft", "UNCONFIRM", "not_agreed"),
        ("measoft", "LOST", "lost"),
        ("measoft", "DELIVERY", None),
        ("measoft", "TELEPORTED", None),
        ("dellin", "warehousing", "storage"),
        ("dellin", "warehousing/new_word", "storage"),
        ("dellin", "delivery/delivery_arrived", None),
        ("dellin", "", None),
    ],
)
def test_what_trouble_a_word_means(kind: str, word: str, expected: str | None) -> None:
    assert registry.trouble(kind, word) == expected


@pytest.mark.parametrize("kind", ["measoft", "dellin"])
def test_a_trouble_is_worth_a_look(kind: str) -> None:
    """A person is asked about a trouble only where the word says so; and every word that asks for a look says of what."""
    found = registry.glossary(kind).values()

    assert all(meaning.attention == (meaning.trouble is not None) for meaning in found)


def test_the_offer_of_a_connection() -> None:
    there = Connection("https://api.dellin.ru", "json", {"number": "webOrderNumber"}, {"appkey": "k"})

    assert registry.offer("dellin", there).batch == 1
