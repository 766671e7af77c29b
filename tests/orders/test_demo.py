"""The demo: prepared once, whatever how often it is started; stopped together, whoever ends first."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from backoffice.models import User
from carriers.models import CarrierAccount
from orders import demo
from orders.models import MarketplaceAccount

ROOT = Path(__file__).resolve().parent.parent.parent
SLEEPER = "import time; print('up', flush=True); time.sleep(60)"


@pytest.mark.django_db
def test_people_are_made_once_and_keep_their_passwords() -> None:
    demo.ensure_people()
    manager = User.objects.get(username="manager")
    manager.set_password("changed")
    manager.save()

    demo.ensure_people()

    people = {user.username: user for user in User.objects.all()}
    assert set(people) == {"warehouse", "manager", "admin"}
    assert people["warehouse"].check_password("demo")
    assert people["manager"].check_password("changed")
    assert [name for name, user in people.items() if user.is_superuser] == ["admin"]


@pytest.mark.django_db
def test_the_accounts_are_made_once_and_follow_the_sandbox() -> None:
    demo.ensure_accounts(8090)
    demo.ensure_accounts(8090)
    demo.ensure_accounts(8091)

    known = {account.kind: account for account in MarketplaceAccount.objects.filter(training=False)}
    assert {kind: account.base_url for kind, account in known.items()} == {
        "wildberries": "http://127.0.0.1:8091/wildberries",
        "yandex_market": "http://127.0.0.1:8091/yandex",
    }
    assert known["wildberries"].credentials == {"token": "sandbox-demo"}
    assert known["yandex_market"].credentials == {"api_key": "sandbox-demo"}
    assert MarketplaceAccount.objects.count() == 3
    gym = MarketplaceAccount.objects.get(training=True)
    assert (gym.kind, gym.base_url) == ("wildberries", "http://127.0.0.1:8091/wildberries")
    assert gym.credentials == {"token": "sandbox-training"}
    carriers = {account.kind: account for account in CarrierAccount.objects.all()}
    assert {kind: account.base_url for kind, account in carriers.items()} == {
        "measoft": "http://127.0.0.1:8091/measoft/api/",
        "dellin": "http://127.0.0.1:8091/dellin",
    }
    assert carriers["measoft"].credentials == {"login": "sandbox-demo", "password": "sandbox-demo"}
    assert carriers["dellin"].credentials == {"appkey": "sandbox-demo", "pat": "sandbox-demo"}


def test_a_port_somebody_listens_on_is_not_free() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert not demo.port_is_free(port)

    assert demo.port_is_free(port)


def test_static_files_are_collected_when_they_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    files = [("a.css", 1, 1)]
    monkeypatch.setattr(demo, "_static_files", lambda: iter(files))
    monkeypatch.setattr(demo, "call_command", lambda name, **_options: calls.append(name))
    monkeypatch.setattr("orders.demo.settings.STATIC_ROOT", str(tmp_path))

    answers = [demo.collect_static(tmp_path / "stamp"), demo.collect_static(tmp_path / "stamp")]
    files.append(("b.css", 1, 1))
    answers.append(demo.collect_static(tmp_path / "stamp"))

    assert answers == [True, False, True]
    assert calls == ["collectstatic", "collectstatic"]


def supervise(*programs: str) -> "subprocess.Popen[str]":
    """A process that supervises these Python programs, named one, two, …, and prints which died."""
    script = (
        "import os, shlex, sys\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'tests.settings')\n"
        "import django; django.setup()\n"
        "from orders.demo import Supervisor\n"
        "manager = Supervisor()\n"
        "for name, program in zip(['one', 'two'], sys.argv[1:]):\n"
        "    manager.add_process(name, 'exec ' + shlex.join([sys.executable, '-u', '-c', program]))\n"
        "manager.loop()\n"
        "print(f'died={manager.died!r}', flush=True)\n"
    )
    command = [sys.executable, "-u", "-c", script, *programs]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.live
def test_when_one_process_ends_the_others_are_stopped_and_it_is_named() -> None:
    output, _ = supervise(SLEEPER, "import time; time.sleep(0.5); raise SystemExit(0)").communicate(timeout=30)

    assert "died='two'" in output
    assert "one stopped (rc=-15)" in output


@pytest.mark.live
def test_a_killed_process_takes_its_children_along() -> None:
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-u', '-c', {SLEEPER!r}]); {SLEEPER}"
    process = supervise(SLEEPER, parent)
    started = read_until(process, "two    | up") + read_until(process, "two    | up")
    os.kill(int(started.split("two started (pid=")[1].split(")")[0]), signal.SIGKILL)

    output, _ = process.communicate(timeout=30)

    assert "two stopped (rc=-9)" in output
    assert "died='two'" in output


@pytest.mark.live
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_and_nobody_is_blamed(signum: signal.Signals) -> None:
    process = supervise(SLEEPER, SLEEPER)
    read_until(process, "| up")
    read_until(process, "| up")
    process.send_signal(signum)
    output, _ = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "died=''" in output


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Ports nobody listens on."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    return find


@pytest.fixture
def demo_process(tmp_path: Path, free_port: Callable[[], int]) -> Iterator["subprocess.Popen[str]"]:
    """`manage.py demo` on its own files and ports."""
    env = {
        **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}},
        "ENV_FILE": "",
        "SECRET_KEY": "k" * 50,
        "FIELD_KEYS": "f" * 32,
        "HTTPS": "0",
        "LOG_LEVEL": "INFO",
        "VAR_DIR": str(tmp_path / "var"),
        "STATIC_ROOT": str(tmp_path / "static"),
        "PORT": str(free_port()),
        "SANDBOX_PORT": str(free_port()),
    }
    command = [sys.executable, "-u", str(ROOT / "manage.py"), "demo"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    """The output up to the line that holds these words."""
    assert process.stdout
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError("it ended before it said so:\n" + "".join(lines))


def wait_for_first_sync(address: str) -> dict[str, Any]:
    """What /readyz says once a worker has pulled from the sandbox, or after a minute."""
    end = time.monotonic() + 60
    while True:
        answer = requests.get(f"{address}readyz", timeout=5)
        assert answer.status_code in {200, 503}, answer.text
        body: dict[str, Any] = answer.json()
        synced = body["checks"].get("account wildberries:1", {}).get("last_ok_at")
        if (body["ok"] and synced) or time.monotonic() > end:
            return body
        time.sleep(0.3)


@pytest.mark.live
def test_the_demo_works_and_says_which_process_died(demo_process: "subprocess.Popen[str]") -> None:
    output = read_until(demo_process, "Stop        Ctrl-C")
    address = output.split("Backoffice  ")[1].split()[0]
    worker = int(output.split("worker started (pid=")[1].split(")")[0])

    ready = wait_for_first_sync(address)
    assert ready["reasons"] == []
    assert ready["checks"]["account wildberries:1"]["last_ok_at"] is not None
    assert "warehouse, manager, admin (password of each: demo)" in output

    os.kill(worker, signal.SIGKILL)
    rest, _ = demo_process.communicate(timeout=30)

    assert demo_process.returncode == 1
    assert "“worker” ended by itself" in rest
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{address}healthz", timeout=2)
