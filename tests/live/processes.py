"""Real processes for tests: a worker, and waiting for what it does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST = 45.0

T = TypeVar("T")


def until(found: Callable[[], T], what: str, *, seconds: float = LONGEST, every: float = 0.1) -> T:
    """What ``found`` gives once it is true. Fails when ``seconds`` have passed."""
    end = time.monotonic() + seconds
    while True:
        value = found()
        if value:
            return value
        assert time.monotonic() < end, f"waited {seconds:.0f} s in vain: {what}"
        time.sleep(every)


class Worker:
    """`manage.py qcluster` in a process group of its own, so that all of it can be killed at once."""

    def __init__(self, env: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-u", str(ROOT / "manage.py"), "qcluster"],
                cwd=ROOT, env=dict(env), stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL to every process of the group, as the kernel does when memory is out. Idempotent."""
        if self.process.returncode is None:  # not buried yet: its number is nobody else's
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def stop(self) -> None:
        """SIGTERM to the first process; what is still there after some seconds is killed."""
        if self.process.returncode is None:
            os.kill(self.process.pid, signal.SIGTERM)
            with suppress(AssertionError):
                until(lambda: not alive({self.process.pid}), "the worker ends", seconds=8)
            self.kill()


def alive(pids: set[int]) -> set[int]:
    """Those that still run; a dead one that nobody has buried yet does not."""
    return {pid for pid in pids if _state(pid) not in ("", "Z", "X")}


def family(pid: int) -> set[int]:
    """A process with all its descendants."""
    found, todo = {pid}, [pid]
    while todo:
        parent = todo.pop()
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            with suppress(OSError):
                children = {int(word) for word in task.read_text().split()} - found
                found |= children
                todo += children
    return found


def _state(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return ""
