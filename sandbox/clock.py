"""The sandbox's own clock: it may be moved ahead and may run faster, so that hours pass in a test without waiting."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch as the stand-ins see them; never goes back."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._real = self._shown = time.time()
        self.speed = 1.0

    def now(self) -> float:
        return self._shown + (time.time() - self._real) * self.speed

    def set(self, *, advance: float = 0.0, speed: float | None = None) -> None:
        """Move ahead by `advance` seconds, then run at `speed` (1 = real time). Raises ValueError for going back."""
        if advance < 0 or (speed is not None and speed <= 0):
            raise ValueError("the clock only goes ahead: advance >= 0, speed > 0")
        self._shown, self._real = self.now() + advance, time.time()
        self.speed = self.speed if speed is None else float(speed)

    def state(self) -> dict[str, float | str]:
        return {"now": rfc3339(self.now()), "unix": self.now(), "speed": self.speed, "ahead": self.now() - time.time()}


def rfc3339(seconds: float) -> str:
    """`2022-05-04T07:56:29Z`"""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_rfc3339(text: str) -> float:
    """Raises ValueError when `text` is not a time with an offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no offset")
    return moment.timestamp()
