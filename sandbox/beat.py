"""The demo's life: something is there from the start, and then something happens every so often."""

from __future__ import annotations

import logging
import threading

log = logging.getLogger("sandbox")


class Beat:
    """A thread that calls `tick` every `seconds`; `begin` is called once, by `start`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._stop = threading.Event()

    def begin(self) -> None:
        raise NotImplementedError

    def tick(self) -> None:
        raise NotImplementedError

    def start(self) -> None:
        self.begin()
        threading.Thread(target=self._run, name="sandbox-stream", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(self.seconds):
            try:
                self.tick()
            except Exception:
                log.exception("the stream missed a beat")
