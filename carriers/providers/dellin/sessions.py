"""Sessions of personal access tokens, kept in this process only: a login for each call would cost a call (contract 2.5, 2.6)."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from time import monotonic

_kept: dict[str, tuple[str, float]] = {}
_lock = threading.Lock()


def key_of(*secrets: str) -> str:
    return hashlib.blake2b("\x1f".join(secrets).encode(), digest_size=16).hexdigest()


def get(key: str, minutes: float, login: Callable[[], str]) -> str:
    """The session of ``key``, from ``login`` when there is none younger than ``minutes``."""
    with _lock:
        session, until = _kept.get(key, ("", 0.0))
    if session and monotonic() < until:
        return session
    session = login()
    with _lock:
        _kept[key] = (session, monotonic() + minutes * 60)
    return session


def forget(key: str) -> None:
    """It was refused. Idempotent."""
    with _lock:
        _kept.pop(key, None)


def forget_all() -> None:
    """Idempotent."""
    with _lock:
        _kept.clear()
