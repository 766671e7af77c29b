"""Calls an hour by method and shop, and calls under way at once (contract 2.8)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, Final

HOUR, MINUTE = 3600, 60
AT_ONCE: Final = 4


@dataclass(slots=True)
class Window:
    """An hour that began with the minute of its first call; what is used of it."""

    until: int
    used: int = 0


class HourLimits:
    """The caller holds the store's lock. Hours are real ones: the sandbox's clock does not refill them."""

    def __init__(self, amounts: dict[str, int], *, enabled: bool = False) -> None:
        self.documented = amounts
        self.places = Places()
        self.reset(enabled=enabled)

    def reset(self, *, enabled: bool) -> None:
        self.amounts = dict(self.documented)
        self.parallel = AT_ONCE
        self.enabled = enabled
        self._windows: dict[tuple[str, str], Window] = {}

    def _window(self, shop: str, group: str) -> Window:
        now = int(time.time())
        window = self._windows.get((shop, group))
        if window is None or window.until <= now:
            window = self._windows[shop, group] = Window(now // MINUTE * MINUTE + HOUR)
        return window

    def is_spent(self, shop: str, group: str) -> bool:
        return self.enabled and self._window(shop, group).used >= self.amounts[group]

    def spend(self, shop: str, group: str, cost: int) -> dict[str, str]:
        """Take what a call costs, good or bad; returns the headers of its answer. Off: nothing is counted."""
        window = self._window(shop, group)
        window.used += cost if self.enabled else 0
        return {
            "X-RateLimit-Resource-Limit": str(self.amounts[group]),
            "X-RateLimit-Resource-Until": formatdate(window.until, usegmt=True),
            "X-RateLimit-Resource-Remaining": str(max(0, self.amounts[group] - window.used)),
        }

    def tune(
        self,
        *,
        enabled: bool | None = None,
        groups: dict[str, dict[str, Any]] | None = None,
        parallel: int | None = None,
    ) -> None:
        """Raises ValueError for an unknown group or number. Hours of a tuned group begin anew."""
        for group, numbers in (groups or {}).items():
            if group not in self.amounts:
                raise ValueError(f"group is one of {', '.join(self.amounts)}")
            if set(numbers) != {"amount"} or not isinstance(numbers["amount"], int):
                raise ValueError("numbers of a group are amount")
            self.amounts[group] = numbers["amount"]
            self._windows = {key: window for key, window in self._windows.items() if key[1] != group}
        self.parallel = self.parallel if parallel is None else int(parallel)
        self.enabled = self.enabled if enabled is None else enabled

    def state(self) -> dict[str, Any]:
        groups = {name: {"amount": amount} for name, amount in self.amounts.items()}
        return {"enabled": self.enabled, "parallel": self.parallel, "groups": groups}


class Places:
    """Calls under way, by shop. Has a lock of its own: a place is held while a call waits for the store's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    @contextmanager
    def hold(self, shop: str, most: int) -> Iterator[bool]:
        """Whether there is a place; it is given back at the end."""
        with self._lock:
            free = self._taken[shop] < most
            self._taken[shop] += free
        try:
            yield free
        finally:
            with self._lock:
                self._taken[shop] -= free
