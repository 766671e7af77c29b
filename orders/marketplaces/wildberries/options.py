"""Settings of a Wildberries account. Values may be texts, as a command line gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext as _

from backoffice.errors import Invalid

T = TypeVar("T")

_YES = frozenset({"true", "1", "yes", "on"})
_NO = frozenset({"false", "0", "no", "off", ""})
_MOST_HOURS = 24 * 90


@dataclass(frozen=True, slots=True)
class Options:
    """``timezone``: of delivery windows. ``deadline_hours``, ``express_deadline_hours``: for tasks without a window.

    ``require_available``: a code kind that a task can take is needed before it is handed over, since a refused hand-over
    costs quota. ``auth_prefix``: e.g. "Bearer". ``allow``: action → supplier statuses it is allowed in, over those known.
    ``limits``: method group → numbers of its rate rule; the group "all" makes one bucket of everything.
    """

    zone: ZoneInfo
    deadline_hours: float = 24
    express_deadline_hours: float = 3
    require_available: bool = True
    auth_prefix: str = ""
    allow: Mapping[str, list[str]] = field(default_factory=dict)
    limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def read(options: Mapping[str, Any]) -> Options:
    """Raises ``Invalid`` ("option") that names the option; options of others are left alone."""
    return Options(
        zone=_read(options, "timezone", "Europe/Moscow", _zone),
        deadline_hours=_read(options, "deadline_hours", 24, _hours),
        express_deadline_hours=_read(options, "express_deadline_hours", 3, _hours),
        require_available=_read(options, "require_available", True, _flag),
        auth_prefix=_read(options, "auth_prefix", "", _text),
        allow=_read(options, "allow", {}, _allow),
        limits=_read(options, "limits", {}, _limits),
    )


def _read(options: Mapping[str, Any], name: str, default: Any, reader: Callable[[Any], T]) -> T:
    value = options.get(name)
    try:
        return reader(default if value is None else value)
    except (ValueError, TypeError, LookupError, OSError):
        text = _("The option “%(name)s” of the account has a value that makes no sense.") % {"name": name}
        raise Invalid("option", text, option=name) from None


def _zone(value: Any) -> ZoneInfo:
    return ZoneInfo(str(value))


def _hours(value: Any) -> float:
    hours = float(value)
    if not 0 < hours <= _MOST_HOURS:
        raise ValueError
    return hours


def _flag(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in _YES | _NO:
        raise ValueError
    return word in _YES


def _text(value: Any) -> str:
    return str(value).strip()


def _structure(value: Any, shape: type[T]) -> T:
    if isinstance(value, str):
        return msgspec.json.decode(value or "{}", type=shape)
    return msgspec.convert(value, shape)


def _allow(value: Any) -> dict[str, list[str]]:
    return _structure(value, dict[str, list[str]])


def _limits(value: Any) -> dict[str, dict[str, float]]:
    rules = _structure(value, dict[str, dict[str, float]])
    numbers = [number for rule in rules.values() for number in rule.items()]
    if any(name not in {"capacity", "interval", "costly"} or not number > 0 for name, number in numbers):
        raise ValueError
    return rules
