"""Token buckets per seller and method group."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Any

UNITS_4XX = 10


@dataclass(frozen=True, slots=True)
class Rule:
    """`burst` units at most, one more each `interval` seconds; a 4XX costs `cost_4xx` units, a 409 `cost_409`."""

    burst: int
    interval: float
    cost_4xx: int = UNITS_4XX
    cost_409: int | None = None

    def cost(self, status: int) -> int:
        if status == 409 and self.cost_409 is not None:
            return self.cost_409
        return self.cost_4xx if 400 <= status < 500 else 1


@dataclass(slots=True)
class Bucket:
    units: float
    at: float


class Limits:
    """The caller holds the store's lock. Seconds are real ones: the sandbox's clock does not fill buckets."""

    def __init__(self, rules: dict[str, Rule], *, enabled: bool = False) -> None:
        self.documented = rules
        self.reset(enabled=enabled)

    def reset(self, *, enabled: bool) -> None:
        self.rules = dict(self.documented)
        self.enabled = enabled
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def _bucket(self, seller: str, group: str) -> tuple[Rule, Bucket]:
        rule, now = self.rules[group], time.monotonic()
        bucket = self._buckets.setdefault((seller, group), Bucket(float(rule.burst), now))
        bucket.units = min(float(rule.burst), bucket.units + (now - bucket.at) / rule.interval)
        bucket.at = now
        return rule, bucket

    def refuse(self, seller: str, group: str) -> dict[str, str] | None:
        """None when the call may go; else the headers of its 429."""
        if not self.enabled:
            return None
        rule, bucket = self._bucket(seller, group)
        if bucket.units >= 1:
            return None
        return {
            "X-Ratelimit-Retry": str(max(1, math.ceil((1 - bucket.units) * rule.interval))),
            "X-Ratelimit-Limit": str(rule.burst),
            "X-Ratelimit-Reset": str(max(1, math.ceil((rule.burst - bucket.units) * rule.interval))),
        }

    def spend(self, seller: str, group: str, status: int) -> dict[str, str]:
        """Take what an answered call costs; returns the headers of its answer."""
        if not self.enabled:
            return {}
        rule, bucket = self._bucket(seller, group)
        bucket.units -= rule.cost(status)
        return {"X-Ratelimit-Remaining": str(max(0, math.floor(bucket.units)))}

    def tune(self, *, enabled: bool | None = None, groups: dict[str, dict[str, Any]] | None = None) -> None:
        """Raises ValueError for an unknown group or number. Buckets of a tuned group start full."""
        for group, numbers in (groups or {}).items():
            if group not in self.rules:
                raise ValueError(f"group is one of {', '.join(self.rules)}")
            try:
                self.rules[group] = replace(self.rules[group], **numbers)
            except TypeError as error:
                raise ValueError(f"numbers of a group are {', '.join(Rule.__slots__)}") from error
            self._buckets = {key: bucket for key, bucket in self._buckets.items() if key[1] != group}
        if enabled is not None:
            self.enabled = enabled

    def state(self) -> dict[str, Any]:
        rules = {
            name: {"burst": r.burst, "interval": r.interval, "cost_4xx": r.cost_4xx, "cost_409": r.cost_409}
            for name, r in self.rules.items()
        }
        return {"enabled": self.enabled, "groups": rules}
