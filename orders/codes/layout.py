"""Scans typed through a Russian keyboard layout, and Russian letters that look like Latin ones (contract 3.2, point 2).

A keyboard-wedge scanner presses keys of the US layout. When the computer is in the Russian layout, every key gives its
Russian character; the map below is by key position (the Windows layout "Russian") and loses nothing.
"""

from __future__ import annotations

_ROWS = (
    # Russian, then the same keys in the US layout; shifted rows after the plain ones.
    ("ёйцукенгшщзхъ", "`qwertyuiop[]"),
    ("фывапролджэ", "asdfghjkl;'"),
    ("ячсмитьбю.", "zxcvbnm,./"),
    ("ЁЙЦУКЕНГШЩЗХЪ", "~QWERTYUIOP{}"),
    ("ФЫВАПРОЛДЖЭ", 'ASDFGHJKL:"'),
    ("ЯЧСМИТЬБЮ,", "ZXCVBNM<>?"),
    ('"№;:?/', "@#$^&|"),
)
_TO_LATIN = str.maketrans("".join(ru for ru, _ in _ROWS), "".join(us for _, us in _ROWS))
_MOVED_PUNCTUATION = frozenset('.,"№;:?/ёЁ')
"""Keys that give other characters in other Russian layouts (Apple, typewriter): there the way back is a guess."""

_LOOKALIKES = str.maketrans("АВЕКМНОРСТУХаеорсухЅѕІіЈј", "ABEKMHOPCTYXaeopcyxSsIiJj")


def is_cyrillic(char: str) -> bool:
    return "\u0400" <= char <= "\u04ff"


def has_latin(text: str) -> bool:
    return any(char.isascii() and char.isalpha() for char in text)


def _cyrillic(text: str) -> set[str]:
    return {char for char in text if is_cyrillic(char)}


def from_russian(text: str) -> str:
    """The text as the US layout would have given it; unchanged unless all its letters came from the Russian layout."""
    letters = _cyrillic(text)
    if not letters or has_latin(text) or any(ord(char) not in _TO_LATIN for char in letters):
        return text
    return text.translate(_TO_LATIN)


def without_lookalikes(text: str) -> str:
    """Latin for Russian letters that look the same; unchanged unless both alphabets meet and all can be replaced."""
    letters = _cyrillic(text)
    if not letters or not has_latin(text) or any(ord(char) not in _LOOKALIKES for char in letters):
        return text
    return text.translate(_LOOKALIKES)


def doubts(text: str) -> tuple[str, ...]:
    """Codes of the problems that make turning this text's layout back uncertain."""
    found = []
    if any(char in _MOVED_PUNCTUATION for char in text):
        found.append("layout_punctuation")
    if all(ord(char) in _LOOKALIKES for char in _cyrillic(text)):
        found.append("layout_or_lookalike")
    return tuple(found)
