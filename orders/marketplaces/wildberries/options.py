"""Settings of a Wildberries account. Values may be texts, as a command line gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from backoffice import options as settings


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
        zone=settings.read(options, "timezone", "Europe/Moscow", settings.zone),
        deadline_hours=settings.read(options, "deadline_hours", 24, settings.hours),
        express_deadline_hours=settings.read(options, "express_deadline_hours", 3, settings.hours),
        require_available=settings.read(options, "require_available", True, settings.flag),
        auth_prefix=settings.read(options, "auth_prefix", "", settings.plain),
        allow=settings.read(options, "allow", {}, _allow),
        limits=settings.read(options, "limits", {}, settings.limits),
    )


def _allow(value: Any) -> dict[str, list[str]]:
    return settings.structure(value, dict[str, list[str]])
