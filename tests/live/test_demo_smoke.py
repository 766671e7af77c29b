"""`make demo` as a newcomer meets it: sign in, orders arrive by themselves, Ctrl-C leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from .processes import ROOT, alive, family, until

PRIVATE = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "REDIS_URL")
TOKEN_FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(slots=True)
class Demo:
    process: subprocess.Popen[bytes]
    log: Path
    address: str
    sandbox: str

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def has_said(self, words: str) -> bool:
        assert self.process.poll() is None, self.said
        return words in self.said

    def interrupt(self) -> int:
        """Ctrl-C reaches every process of the terminal's group."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(40)


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """`make demo` without the installation: its command on ports and files of its own."""
    port, sandbox_port = free_ports(2)
    env = {name: value for name, value in os.environ.items() if name not in PRIVATE}
    settings = tmp_path / "demo.env"
    subprocess.run([sys.executable, str(ROOT / "tools" / "demo_env.py"), str(settings)], check=True, cwd=ROOT)
    lines = [line.partition("=") for line in settings.read_text().splitlines()]
    env |= {name: value for name, _sep, value in lines}
    env |= {
        "ENV_FILE": "", "VAR_DIR": str(tmp_path / "var"), "STATIC_ROOT": str(tmp_path / "static"), "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port), "LOG_LEVEL": "INFO", "DEBUG": "0",
    }  # fmt: skip
    log = tmp_path / "demo.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-u", str(ROOT / "manage.py"), "demo"],
            cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    yield Demo(process, log, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}")
    for pid in family(process.pid) if process.poll() is None else ():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(10)


def signed_in(address: str, name: str) -> requests.Session:
    browser = requests.Session()
    page = browser.get(f"{address}/", timeout=20)
    token = TOKEN_FIELD.search(page.text)
    assert token, page.text[:2000]
    form = {"username": name, "password": "demo", "csrfmiddlewaretoken": token[1]}
    answer = browser.post(page.url, data=form, headers={"Referer": page.url}, timeout=20)
    assert (answer.status_code, answer.history[0].status_code) == (200, 302)
    return browser


def a_minute_passes(database: Path) -> None:
    """The periodic jobs are due now; the worker looks at them each half minute."""
    with closing(sqlite3.connect(database, timeout=20)) as demo_data, demo_data:
        changed = demo_data.execute("UPDATE django_q_schedule SET next_run = datetime('now')")
        assert changed.rowcount > 5


@pytest.mark.live
@pytest.mark.timeout(300)
def test_the_demo_from_start_to_ctrl_c(demo: Demo) -> None:
    until(lambda: demo.has_said("Stop        Ctrl-C"), "the demo is up", seconds=120)
    assert requests.get(f"{demo.address}/healthz", timeout=10).json() == {"ok": True}

    with signed_in(demo.address, "warehouse") as browser:
        start_page = browser.get(f"{demo.address}/", timeout=20)
        assert start_page.url == f"{demo.address}/tasks/"

        def shown(number: int) -> bool:
            return str(number) in browser.get(f"{demo.address}/tasks/", timeout=20).text

        found = requests.get(f"{demo.sandbox}/control/wildberries/orders?status=new/waiting", timeout=10)
        numbers = [order["id"] for order in found.json()["orders"]]
        assert numbers
        until(lambda: shown(numbers[-1]), "the first orders are in the queue", seconds=60, every=0.5)
        wish = {"seller": "sandbox-demo"}
        made = requests.post(f"{demo.sandbox}/control/wildberries/orders", json=wish, timeout=10)
        assert made.status_code == 201
        (fresh,) = made.json()["orders"]
        number = fresh["id"] if isinstance(fresh, dict) else fresh
        a_minute_passes(demo.log.parent / "var" / "db.sqlite3")
        until(lambda: shown(number), "a new order arrives by itself", seconds=100, every=1.0)

    everybody = family(demo.process.pid)
    for name in ("web", "worker", "sandbox"):
        pid = re.search(rf"{name} started \(pid=(\d+)\)", demo.said)
        assert pid, demo.said
        assert int(pid[1]) in everybody
    assert demo.interrupt() == 0, demo.said
    until(lambda: not alive(everybody), "all processes are gone", seconds=10)
    assert demo.said.rstrip().endswith("Stopped.")
    assert "Traceback" not in demo.said, demo.said
    assert not (demo.log.parent / "var" / "demo.pid").exists()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{demo.address}/healthz", timeout=2)


@pytest.mark.live
def test_ctrl_c_while_it_starts_ends_it_at_once(demo: Demo) -> None:
    until(lambda: demo.has_said("sandbox started"), "the processes are started", seconds=90)
    everybody = family(demo.process.pid)
    assert demo.interrupt() == 0, demo.said
    until(lambda: not alive(everybody), "all processes are gone", seconds=10)
    assert demo.said.rstrip().endswith("Stopped.")
