"""How the words of a marketplace are told to people: part of the contract in ``registry``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise

from orders.enums import Stage


@dataclass(frozen=True, slots=True)
class RawStatus:
    """A raw status, or the part of one that decides: name of the word → the word.

    ``stage``: ours for it; None where the other word decides. ``names``: what each word means, for people.
    """

    words: Mapping[str, str]
    stage: Stage | None
    names: tuple[Promise | str, ...]

    @property
    def code(self) -> str:
        """As it stands in the timeline."""
        return " / ".join(self.words.values())

    @property
    def meaning(self) -> str:
        """In the active language; of words that mean the same it is told once."""
        return " · ".join(dict.fromkeys(str(name) for name in self.names))
