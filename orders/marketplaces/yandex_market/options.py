"""Settings of a Yandex Market account. Values may be texts, as a command line gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from backoffice import options as settings
from backoffice.errors import Invalid
from backoffice.reading import identifier

BUSINESS = "business"
#: One of these lets a key do all that is done here (contract 2.1, ``x-auth-scopes``); the variants for reading do not.
SCOPES = ("all-methods", "inventory-and-order-processing")
_MOST_PARALLEL = 100


@dataclass(frozen=True, slots=True)
class Options:
    """``campaign_id``: the shop; ``business_id``: its cabinet, empty where the dialect does without.

    ``timezone``: of delivery windows. ``deadline_hours``: for orders without one. ``test_orders``: orders made in the cabinet
    to try things out are read too. ``code_statuses``: statuses in which identifiers may be set (contract 2.5 leaves the later
    ones open). ``require_scopes``: the key needs one of these; none: it is not looked at. ``limits``: method group → numbers
    of its rate rule; the group "all" makes one bucket of everything. ``parallel``: calls at a time (contract 2.8).
    """

    zone: ZoneInfo
    campaign_id: str
    business_id: str = ""
    deadline_hours: float = 24
    test_orders: bool = True
    code_statuses: tuple[str, ...] = ("PROCESSING",)
    require_scopes: tuple[str, ...] = SCOPES
    limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    parallel: int = 4


def read(options: Mapping[str, Any], *, dialect: str) -> Options:
    """Raises ``Invalid`` ("option") that names the option; options of others are left alone."""
    return Options(
        zone=settings.read(options, "timezone", "Europe/Moscow", settings.zone),
        campaign_id=_number(options, "campaign_id"),
        business_id=_number(options, "business_id", needed=dialect == BUSINESS),
        deadline_hours=settings.read(options, "deadline_hours", 24, settings.hours),
        test_orders=settings.read(options, "test_orders", True, settings.flag),
        code_statuses=settings.read(options, "code_statuses", ["PROCESSING"], settings.words),
        require_scopes=settings.read(options, "require_scopes", list(SCOPES), settings.words),
        limits=settings.read(options, "limits", {}, settings.limits),
        parallel=settings.read(options, "parallel", 4, _parallel),
    )


def _number(options: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    """The number of a shop or a cabinet, a positive int64."""
    found = settings.read(options, name, "", _identifier)
    if needed and not found:
        text = _("The account needs the option “%(name)s”: the number of the shop or the cabinet at Yandex Market.")
        raise Invalid("option", text % {"name": name}, option=name)
    return found


def _identifier(value: Any) -> str:
    found = identifier(value)
    if not found and str(value).strip():
        raise ValueError
    return found


def _parallel(value: Any) -> int:
    found = int(str(value))
    if not 1 <= found <= _MOST_PARALLEL:
        raise ValueError
    return found
