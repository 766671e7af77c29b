"""Places: at most so many calls under way at a time under one name, over all processes that share the database.

A place is a lease: a killed process gives it back when the lease runs out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from backoffice import clock
from backoffice.errors import RateLimited
from backoffice.http import longest_call
from backoffice.lease import Held, acquire

#: Seconds a call waits for a free place, and between two looks.
PATIENCE = 5.0
PAUSE = 0.05
#: Seconds for what is done around a call.
SPARE = 30.0
AGAIN = timedelta(seconds=1)


@contextmanager
def hold(name: str, most: int) -> Iterator[None]:
    """Hold one of ``most`` places for the block. Raises ``RateLimited`` when none gets free in ``PATIENCE`` seconds.

    Two statements when the first place is free.
    """
    held = _find(name, most)
    try:
        yield
    finally:
        held.release()


def _find(name: str, most: int) -> Held:
    give_up_at = time.monotonic() + PATIENCE
    # Longer than any call lasts: a place that ran out under a living call would let one too many go.
    seconds = longest_call() + SPARE
    while True:
        for number in range(most):
            held = acquire(f"place:{name}:{number}", seconds)
            if held is not None:
                return held
        if time.monotonic() > give_up_at:
            raise RateLimited("parallel", until=clock.now() + AGAIN)
        time.sleep(PAUSE)
