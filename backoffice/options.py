"""How the options of an account are read, whatever the upstream. Values may be texts, as a command line gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext as _

from backoffice.errors import Invalid
from backoffice.rates import Rule

T = TypeVar("T")

_YES = frozenset({"true", "1", "yes", "on"})
_NO = frozenset({"false", "0", "no", "off", ""})
_MOST_HOURS = 24 * 90
_NUMBERS = frozenset({"capacity", "interval", "costly"})
#: A group name that makes one bucket of all methods.
ALL = "all"


def read(options: Mapping[str, Any], name: str, default: Any, reader: Callable[[Any], T]) -> T:
    """One option, or its default. Raises ``Invalid`` ("option") that names it."""
    value = options.get(name)
    try:
        return reader(default if value is None else value)
    except (ValueError, TypeError, LookupError, OSError):
        text = _("The option “%(name)s” of the account has a value that makes no sense.") % {"name": name}
        raise Invalid("option", text, option=name) from None


def zone(value: Any) -> ZoneInfo:
    return ZoneInfo(str(value))


def hours(value: Any) -> float:
    """More than nothing, at most ninety days."""
    found = float(value)
    if not 0 < found <= _MOST_HOURS:
        raise ValueError
    return found


def flag(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in _YES | _NO:
        raise ValueError
    return word in _YES


def plain(value: Any) -> str:
    return str(value).strip()


def one_of(*known: str) -> Callable[[Any], str]:
    """A reader of one of these words."""

    def reader(value: Any) -> str:
        found = plain(value)
        if found not in known:
            raise ValueError
        return found

    return reader


def structure(value: Any, shape: type[T], empty: str = "{}") -> T:
    """A JSON text or its value. ``empty``: what an empty text stands for."""
    if isinstance(value, str):
        return msgspec.json.decode(value or empty, type=shape)
    return msgspec.convert(value, shape)


def words(value: Any) -> tuple[str, ...]:
    """A list, or a text with commas."""
    if isinstance(value, str) and not value.lstrip().startswith("["):
        value = value.split(",")
    found = [word.strip() for word in structure(value, list[str])]
    return tuple(word for word in found if word)


def limits(value: Any) -> dict[str, dict[str, float]]:
    """Method group → numbers of its rate rule, all above zero."""
    rules = structure(value, dict[str, dict[str, float]])
    numbers = [number for rule in rules.values() for number in rule.items()]
    if any(name not in _NUMBERS or not number > 0 for name, number in numbers):
        raise ValueError
    return rules


def rules(known: Mapping[str, Rule], changes: Mapping[str, Mapping[str, float]], usual: Rule) -> dict[str, Rule]:
    """``known`` with what the account overrides; ``usual`` is what one bucket of everything starts from.

    Raises ``Invalid`` for a group that does not exist.
    """
    found = dict(known)
    for group, numbers in changes.items():
        if group not in known and group != ALL:
            text = _("The option “limits” names the group “%(group)s”; there are: %(known)s.")
            raise Invalid("option", text % {"group": group, "known": ", ".join([*known, ALL])}, option="limits")
        old = known.get(group, usual)
        found[group] = Rule(
            capacity=numbers.get("capacity", old.capacity),
            interval=numbers.get("interval", old.interval),
            costly=numbers.get("costly", old.costly),
        )
    return found
