"""Whose number this is, by how it is written: what an account is proposed by, or chosen where nobody else's looks like that."""

from __future__ import annotations

from collections.abc import Iterable
from re import Pattern

from backoffice.errors import Invalid

from . import options, registry
from .models import CarrierAccount

#: Marking codes are longer.
LONGEST_SCANNED = 30


def fitting(accounts: Iterable[CarrierAccount], number: str) -> list[CarrierAccount]:
    """The accounts whose numbers look like that. No statement.

    Forms that an account names go before what its carrier usually writes: one that names the number is chosen over those that
    name nothing, and one that names others is none.
    """
    named, usual = [], []
    for account in accounts:
        forms = _forms(account)
        if forms and _is_taken(account.kind, number) and any(form.fullmatch(number.strip()) for form in forms):
            named.append(account)
        elif not forms and registry.writes(account.kind, number, account.options):
            usual.append(account)
    return named or usual


def _forms(account: CarrierAccount) -> tuple[Pattern[str], ...]:
    """None where the option makes no sense: the jobs of the account say so."""
    try:
        return options.forms(account.options.get(options.NUMBERS) or "")
    except (ValueError, TypeError):
        return ()


def _is_taken(kind: str, number: str) -> bool:
    try:
        registry.clean_number(kind, number)
    except Invalid:
        return False
    return True


def may_be_scanned(text: str) -> bool:
    """Whether what was scanned could be a parcel's number at any carrier. No statement."""
    short = len(text) <= LONGEST_SCANNED and any(character.isdigit() for character in text)
    return short and any(_is_taken(kind, text) for kind in registry.kinds())
