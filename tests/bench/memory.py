"""What the real processes hold after a day's kinds of work: gunicorn with one process, and the queue with its workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import socket

from django.conf import settings
from django.utils import timezone
from django_q.models import Failure, Success
from django_q.tasks import async_task

from orders.models import AssemblyTask, MarketplaceAccount
from sandbox.server import RunningSandbox

from . import api, data
from .measure import Line
from .web import Web

MOST = 180
THREADS = 4
PATIENCE = 90
PAGES = ("/tasks/?tab=new", "/tasks/?tab=assembling", "/orders/", "/attention/")


def run(world: data.World, upstream: RunningSandbox, rounds: int) -> Iterator[Line]:
    yield _web(world, rounds)
    yield _queue(world, upstream)


def _web(world: data.World, rounds: int) -> Line:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    person, program = Web(world.picker), Web(token=world.token)
    pages = (*PAGES, f"/tasks/{world.rich}/", f"/tasks/{world.rich_yandex}/")
    asked = [(path, person) for path in pages] + [(api.URL, program)]
    with _process(
        ["-m", "gunicorn", "-c", "gunicorn.conf.py", "--log-level", "error"], BIND=f"127.0.0.1:{port}", WEB_WORKERS="1"
    ) as master:
        _until(lambda: _status(port, "/healthz", {}) == 200)
        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(lambda one: _status(port, one[0], one[1].plain_headers), asked * rounds))
        assert set(found) == {200}
        (worker,) = _children(master.pid)
        return Line("web worker after the bench", _resident(worker), MOST, "MiB", f"after {len(found)} requests")


def _status(port: int, path: str, headers: dict[str, str]) -> int:
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        answer.read()
    except OSError:
        return 0
    finally:
        line.close()
    return answer.status


def _queue(world: data.World, upstream: RunningSandbox) -> Line:
    """Every worker pulls new orders of both marketplaces, sweeps the statuses of all and fetches their buyers."""
    with _process(["manage.py", "qcluster"]) as master:
        for _each in range(settings.Q_WORKERS):
            upstream.make(data.key(data.FRESH), count=world.page)
            _pass(world.fresh)
            # A buyer of Yandex Market is a call of his own.
            upstream.ym.make(data.key(data.FRESH), count=max(world.page // 5, 10))
            _pass(world.fresh_yandex)
        sizes = [_resident(pid) for pid in (master.pid, *_children(master.pid))]
        notes = f"the largest of {len(sizes)} processes"
        return Line("queue worker after the bench", max(sizes), MOST, "MiB", notes)


def _pass(account: MarketplaceAccount) -> None:
    _job("pull_orders", account)
    AssemblyTask.objects.filter(account=account).update(sweep_at=timezone.now())
    _job("sweep_statuses", account)
    _job("fetch_buyers", account)


def _job(name: str, account: MarketplaceAccount) -> None:
    job = async_task(f"orders.tasks.{name}", account.pk)
    _until(lambda: Success.objects.filter(pk=job).exists() or Failure.objects.filter(pk=job).exists())
    assert Success.objects.filter(pk=job).exists(), f"{name} failed"


@contextmanager
def _process(arguments: list[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real process with what it starts; all of it has ended when the block ends."""
    env = {**os.environ, **environment}
    process = subprocess.Popen([sys.executable, *arguments], cwd=settings.BASE_DIR, env=env, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.1)


def _children(pid: int) -> list[int]:
    """Processes of this process, and theirs."""
    mine = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return mine + [other for each in mine for other in _children(each)]


def _resident(pid: int) -> float:
    """MiB."""
    facts = Path(f"/proc/{pid}/status").read_text()
    return int(facts.partition("VmRSS:")[2].split()[0]) / 1024
