"""Calls in a moving minute and a moving hour, by account; a call has to fit into every window."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from typing import Any, Final

SECONDS: Final = {"minute": 60, "hour": 3600}


class WindowLimits:
    """The caller holds the store's lock. Windows are real time: the sandbox's clock does not move them."""

    def __init__(self, amounts: dict[str, int], *, enabled: bool = False) -> None:
        self.documented = amounts
        self.reset(enabled=enabled)

    def reset(self, *, enabled: bool) -> None:
        self.amounts = dict(self.documented)
        self.enabled = enabled
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)

    def take(self, seller: str) -> str:
        """Count a call that may go, and say nothing; else the name of the window that is full. A refused call costs nothing."""
        if not self.enabled:
            return ""
        calls, now = self._calls[seller], time.monotonic()
        while calls and calls[0] <= now - max(SECONDS.values()):
            calls.popleft()
        for name, amount in self.amounts.items():
            if sum(at > now - SECONDS[name] for at in calls) >= amount:
                return name
        calls.append(now)
        return ""

    def tune(self, *, enabled: bool | None = None, groups: dict[str, dict[str, Any]] | None = None) -> None:
        """Raises ValueError for an unknown window or number; then nothing is changed. Windows begin anew."""
        for group, numbers in (groups or {}).items():
            if group not in self.amounts:
                raise ValueError(f"group is one of {', '.join(self.amounts)}")
            if set(numbers) != {"amount"} or not isinstance(numbers["amount"], int):
                raise ValueError("numbers of a group are amount")
        for group, numbers in (groups or {}).items():
            self.amounts[group] = numbers["amount"]
            self._calls.clear()
        self.enabled = self.enabled if enabled is None else enabled

    def state(self) -> dict[str, Any]:
        return {"enabled": self.enabled, "groups": {name: {"amount": one} for name, one in self.amounts.items()}}
