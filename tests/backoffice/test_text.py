"""Foreign texts on one line, and without the ways to reach a person."""

from __future__ import annotations

import time

import pytest

from backoffice.text import HIDDEN, one_line, whole, without_contacts


@pytest.mark.parametrize(
    "contact",
    [
        "+7 (900) 123-45-67",
        "+79001234567",
        "89001234567",
        "8 900 123 45 67",
        "8.900.123.45.67",
        "8(495)1234567",
        "+7\u00a0900\u00a0123\u201145\u201167",
        "45-67-890",
        "+375 29 123-45-67",
        "١٢٣٤٥٦٧٨٩٠",
        "ivan.petrov+shop@mail.example",
        "иван@почта.рф",
        "ivan @ mail.example",
        "@ivan_petrov",
        "ivan＠mail.example",
    ],
)
def test_contacts_are_hidden(contact: str) -> None:
    assert without_contacts(f"Не открывают, {contact}, перезвонить", 300) == f"Не открывают, {HIDDEN}, перезвонить"


@pytest.mark.parametrize(
    "text",
    [
        "Доставлен 2026-11-21 12:40:10",
        "2026-11-21 00:00:00",
        "2026-11-21T12:40",
        "перенос с 21.11.2026 на 23.11.2026 10:00",
        "21.11.26",
        "30 мест, 12.5 кг, с 10:00 до 18:00",
        "кв. 12, этаж 3, код 456",
        "Груз принят к перевозке. Платное хранение",
        "error 130002",
        "",
    ],
)
def test_what_is_no_contact_stays(text: str) -> None:
    assert without_contacts(text, 300) == text


def test_a_contact_beside_a_day() -> None:
    assert without_contacts("21.11.2026 89001234567 и 2026-11-21 12:40 +79001234567", 300) == (
        f"21.11.2026 {HIDDEN} и 2026-11-21 12:40 {HIDDEN}"
    )


@pytest.mark.parametrize("before", range(280, 301))
def test_what_is_cut_is_no_half_of_a_number(before: int) -> None:
    found = without_contacts("x" * before + " 89001234567", 300)

    assert len(found) <= 300
    assert not any(character.isdigit() for character in found)


@pytest.mark.parametrize("huge", ["a" * 2**20, "1" * 2**20, "@" * 2**20, "a@" * 2**19, "1 " * 2**19, "1.1." * 2**18])
def test_a_megabyte_takes_no_time(huge: str) -> None:
    began = time.monotonic()

    assert len(without_contacts(huge, 1000)) <= 1000
    assert time.monotonic() - began < 2


def test_it_is_one_line() -> None:
    assert without_contacts("  Не\x00открывают\r\nдверь ", 300) == one_line("  Не\x00открывают\r\nдверь ", 300)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("007", 7), ("9223372036854775807", 2**63 - 1), ("9223372036854775808", None), ("1" * 5000, None),
        ("", None), ("-1", None), ("+1", None), ("1.0", None), (" 1", None), ("1_0", None), ("²", None), ("٣", None),
        ("0x1", None), ("1\n", None),
    ],
    ids=lambda value: str(value)[:20] or "nothing",
)  # fmt: skip
def test_a_text_is_a_whole_number_or_none(text: str, number: int | None) -> None:
    assert whole(text) == number


def test_a_number_may_have_a_bound_of_its_own() -> None:
    assert [whole(text, 20) for text in ("20", "21", "020")] == [20, None, None]
