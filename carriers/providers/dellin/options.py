"""Settings of a Dellin account. Values may be texts, as a command line gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from backoffice import options
from backoffice.rates import Rule
from carriers.options import Common, common

#: 45 calls in any minute and 1600 in any hour (contract 2.7): what is there at once and what comes back while it is used
#: make the limit together, 15 + 30 and 160 + 1440.
RATES: Mapping[str, Rule] = {"minute": Rule(capacity=15, interval=2.0), "hour": Rule(capacity=160, interval=2.5)}
#: Freight is on the road for days, and nothing is said of it between two terminals.
QUIET_DAYS = 7
DOC_IDS, WEB = "docIds", "webOrderNumber"
TERMINAL, ADDRESS = "terminal", "address"


@dataclass(frozen=True, slots=True)
class Options:
    """``number``: what the numbers of shipments are, ``docIds`` (five a call) or ``webOrderNumber`` (one a call).

    ``arrival``: where parcels go, ``terminal`` or ``address``, because a history does not tell: at the terminal the first is
    ready for pick-up and the second still on its way. ``zone``: of times the journal writes without one.
    ``session_minutes``: how long a session is used before a new one is asked for. ``limits``: group → rate rule.
    ``common``: what all carriers have.
    """

    zone: ZoneInfo
    common: Common
    number: str = DOC_IDS
    arrival: str = TERMINAL
    session_minutes: float = 30
    limits: Mapping[str, Rule] = field(default_factory=lambda: RATES)


def read(values: Mapping[str, Any]) -> Options:
    """Raises ``Invalid`` ("option") that names the option; options of others are left alone."""
    limits = options.read(values, "limits", {}, options.limits)
    return Options(
        common=common(values, quiet_days=QUIET_DAYS),
        zone=options.read(values, "journal_timezone", "Europe/Moscow", options.zone),
        number=options.read(values, "number", DOC_IDS, options.one_of(DOC_IDS, WEB)),
        arrival=options.read(values, "arrival", TERMINAL, options.one_of(TERMINAL, ADDRESS)),
        session_minutes=options.read(values, "session_minutes", 30, _minutes),
        limits=options.rules(RATES, limits, RATES["hour"]),
    )


def _minutes(value: Any) -> float:
    found = float(value)
    if not 1 <= found <= 24 * 60:
        raise ValueError
    return found
