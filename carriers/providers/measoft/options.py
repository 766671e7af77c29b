"""Settings of a MeaSoft account. Values may be texts, as a command line gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backoffice import options
from backoffice.rates import Rule
from carriers.options import Common, common

#: The carrier's own limits are not published; these are ours (contract 1.10).
CALLS = "calls"
#: A courier company says something of a parcel nearly every day.
QUIET_DAYS = 3
RATES: Mapping[str, Rule] = {CALLS: Rule(capacity=60, interval=1.0)}
STREAMS = range(100, 10_001)
KEYS = ("orderno", "ordercode")


@dataclass(frozen=True, slots=True)
class Options:
    """``extra``: the carrier's account code, which chooses the carrier; required. ``client``: CLIENT or AGENT.

    ``streamid``: our own stream of changes, 100 to 10000, 0 for none: two programs with one login must not share it.
    ``key``: what the numbers of shipments are, ``orderno`` (the shop's order number) or ``ordercode``. ``quickstatus``: YES, NO or
    empty for what the carrier does by itself. ``changes``: ask for what changed; without it every parcel is asked for.
    ``commit_orders``: name the orders in the commit (one client does so, no document says it).
    ``limits``: group → rate rule. ``common``: what all carriers have.
    """

    extra: str
    common: Common
    client: str = "CLIENT"
    streamid: int = 101
    key: str = "orderno"
    quickstatus: str = ""
    changes: bool = True
    commit_orders: bool = False
    limits: Mapping[str, Rule] = field(default_factory=lambda: RATES)


def read(values: Mapping[str, Any]) -> Options:
    """Raises ``Invalid`` ("option") that names the option; options of others are left alone."""
    limits = options.read(values, "limits", {}, options.limits)
    return Options(
        extra=options.read(values, "extra", "", _needed),
        common=common(values, quiet_days=QUIET_DAYS),
        client=options.read(values, "client", "CLIENT", options.one_of("CLIENT", "AGENT")),
        streamid=options.read(values, "streamid", 101, _stream),
        key=options.read(values, "key", "orderno", options.one_of(*KEYS)),
        quickstatus=options.read(values, "quickstatus", "", options.one_of("", "YES", "NO")),
        changes=options.read(values, "changes", True, options.flag),
        commit_orders=options.read(values, "commit_orders", False, options.flag),
        limits=options.rules(RATES, limits, RATES[CALLS]),
    )


def _needed(value: Any) -> str:
    found = options.plain(value)
    if not found or len(found) > 20:
        raise ValueError
    return found


def _stream(value: Any) -> int:
    found = int(value or 0)
    if found and found not in STREAMS:
        raise ValueError
    return found
