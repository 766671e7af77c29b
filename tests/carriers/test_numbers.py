"""Whose number it is, by how it is written."""

from __future__ import annotations

from typing import Any

import pytest

from carriers import numbers
from carriers.models import CarrierAccount


def account(kind: str, title: str, **options: Any) -> CarrierAccount:
    return CarrierAccount(kind=kind, title=title, options=options)


def whose(number: str, *accounts: CarrierAccount) -> list[str]:
    return [each.title for each in numbers.fitting(accounts, number)]


COURIERS, FREIGHT = account("measoft", "couriers"), account("dellin", "freight")
SHOPS_OWN = account("dellin", "web", number="webOrderNumber")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("MW-0012345", ["couriers"]),
        ("A-17", ["couriers"]),
        ("no digits", ["couriers"]),
        # Dellin's own: an order, a waybill, a request (seed, contract 2.1).
        ("400267443", ["couriers", "freight"]),
        ("16-00191126432", ["couriers", "freight"]),
        ("22-01471046523/1", ["couriers", "freight"]),
        ("АА-123", ["couriers", "freight"]),
        ("x" * 60, []),
    ],
)
def test_a_carrier_that_numbers_parcels_itself_is_not_taken_for_the_shops_numbers(
    number: str, expected: list[str]
) -> None:
    assert whose(number, COURIERS, FREIGHT) == expected


def test_an_account_that_is_asked_by_the_shops_numbers_has_any() -> None:
    assert whose("MW-0012345", SHOPS_OWN) == ["web"]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("400267443", ["freight"]),
        (" 400267443\n", ["freight"]),
        ("16-00191126432", ["freight"]),
        ("4002674431", ["couriers"]),  # a form says how many digits
        ("MW-1", ["couriers"]),
    ],
)
def test_an_account_that_names_the_form_of_its_numbers_goes_before_the_others(number: str, expected: list[str]) -> None:
    freight = account("dellin", "freight", numbers="4########, ##-*")
    assert whose(number, COURIERS, freight) == expected


def test_forms_of_letters_are_the_same_in_both_cases_and_a_form_has_no_other_signs() -> None:
    named = account("measoft", "couriers", numbers=["mw-*", "A.#"])
    assert whose("MW-7", named) == ["couriers"]
    assert whose("a.1", named) == ["couriers"]
    assert whose("ab1", named) == []
    assert whose("MW-" + "7" * 60, named) == []  # longer than its carrier takes


def test_forms_that_make_no_sense_are_none() -> None:
    assert whose("MW-7", account("measoft", "couriers", numbers="*" * 30)) == ["couriers"]
    assert whose("MW-7", account("measoft", "couriers", numbers={"a": 1})) == ["couriers"]


@pytest.mark.parametrize(("text", "expected"), [("MW-7", True), ("words", False), ("1" * 31, False), ("1\x1d7", False)])
def test_what_may_be_scanned_as_a_number(text: str, expected: bool) -> None:
    assert numbers.may_be_scanned(text) is expected
