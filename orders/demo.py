"""The demo: users, accounts that talk to the sandbox, and one supervisor over web, worker and sandbox."""

import hashlib
import logging
import os
import shlex
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django_q.scheduler import scheduler
from honcho.compat import ProcessManager
from honcho.manager import Manager
from honcho.process import Popen, Process

from backoffice.errors import UpstreamError
from backoffice.http import Http
from backoffice.models import User
from backoffice.people import Role, create_user
from carriers import services as carriers
from carriers.enums import CarrierKind
from carriers.models import CarrierAccount
from orders.enums import MarketplaceKind
from orders.models import MarketplaceAccount
from orders.services import accounts
from orders.services.actors import SYSTEM

PASSWORD = "demo"  # noqa: S105 - printed on the screen, for sample data on this machine
PEOPLE = (Role.WAREHOUSE, Role.MANAGER, Role.ADMIN)
SECRET = "sandbox-demo"  # noqa: S105 - the sandbox takes any token that begins like this
TRAINING_SECRET = "sandbox-training"  # noqa: S105 - the same: another seller with orders of his own


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demo: ``path`` of its stand-in in the sandbox."""

    kind: MarketplaceKind
    title: str
    path: str
    credential: str
    options: Mapping[str, str] = field(default_factory=dict)
    training: bool = False

    @property
    def secret(self) -> str:
        return TRAINING_SECRET if self.training else SECRET


ACCOUNTS = (
    DemoAccount(MarketplaceKind.WILDBERRIES, "Wildberries (sandbox)", "/wildberries", "token"),
    DemoAccount(
        MarketplaceKind.YANDEX_MARKET,
        "Yandex Market (sandbox)",
        "/yandex",
        "api_key",
        {"campaign_id": "7100001", "business_id": "7000001"},
    ),
    DemoAccount(MarketplaceKind.WILDBERRIES, "Wildberries (training)", "/wildberries", "token", training=True),
)


@dataclass(frozen=True, slots=True)
class DemoCarrier:
    """A carrier account of the demo: ``path`` of its stand-in in the sandbox."""

    kind: CarrierKind
    title: str
    path: str
    credentials: Mapping[str, str] = field(repr=False)
    options: Mapping[str, str] = field(default_factory=dict)


CARRIERS = (
    DemoCarrier(
        CarrierKind.MEASOFT,
        "MeaSoft (sandbox)",
        "/measoft/api/",
        {"login": SECRET, "password": SECRET},
        {"extra": "8", "track_service": "1000001"},
    ),
    DemoCarrier(
        CarrierKind.DELLIN,
        "Dellin (sandbox)",
        "/dellin",
        {"appkey": SECRET, "pat": SECRET},
        {"track_service": "123", "numbers": "4########, ##-###########"},
    ),
)
HOST = "127.0.0.1"
PORTS = {"PORT": 8000, "SANDBOX_PORT": 8090}
READY_SECONDS = 60


def port_is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def ensure_people() -> None:
    """The three users of the demo; one that is there keeps its password."""
    known = set(User.objects.filter(username__in=PEOPLE).values_list("username", flat=True))
    for role in PEOPLE:
        if role.value not in known:
            create_user(role.value, role=role, password=PASSWORD, weak=True)


def ensure_accounts(sandbox_port: int) -> None:
    """Accounts of marketplaces and carriers, one of them for training, whose base URL is the sandbox.

    On another port, the same accounts move with it.
    """
    for wanted in ACCOUNTS:
        base_url = f"http://{HOST}:{sandbox_port}{wanted.path}"
        known = MarketplaceAccount.objects.filter(kind=wanted.kind, title=wanted.title)
        if known.exists():
            known.exclude(base_url=base_url).update(base_url=base_url)
            continue
        credentials = {wanted.credential: wanted.secret}
        settings_ = accounts.Settings(
            wanted.title, base_url, options=wanted.options, credentials=credentials, training=wanted.training
        )
        accounts.store(accounts.draft(wanted.kind, settings_), actor=SYSTEM)
    for carrier in CARRIERS:
        _ensure_carrier(carrier, f"http://{HOST}:{sandbox_port}{carrier.path}")


def _ensure_carrier(wanted: DemoCarrier, base_url: str) -> None:
    known = CarrierAccount.objects.filter(kind=wanted.kind, title=wanted.title)
    if known.exists():
        known.exclude(base_url=base_url).update(base_url=base_url)
        return
    settings_ = carriers.Settings(wanted.title, base_url, "", wanted.options, wanted.credentials)
    carriers.connect(wanted.kind, settings_)


def collect_static(stamp: Path) -> bool:
    """Collect and compress the static files when they differ from last time; whether it did."""
    now = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == now and Path(settings.STATIC_ROOT).is_dir():
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(now)
    return True


def _static_fingerprint() -> str:
    lines = sorted(f"{name} {size} {changed}" for name, size, changed in _static_files())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _static_files() -> Iterator[tuple[str, int, int]]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            yield name, facts.st_size, facts.st_mtime_ns


class LeaderOnly(ProcessManager):  # type: ignore[misc]  # honcho has no types
    """Tells the first process of a group to end and leaves its children to it: a queue worker hangs otherwise."""

    def terminate(self, pid: int) -> None:
        """SIGTERM; what is still there five seconds later is killed as a group."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


class WholeGroup(Popen):  # type: ignore[misc]  # honcho has no types
    """A process whose children end with it: orphans would hold its output open, and its end would go unnoticed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        threading.Thread(target=self._end_with_children, daemon=True).start()

    def _end_with_children(self) -> None:
        self.wait()
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


class SupervisedProcess(Process):  # type: ignore[misc]  # honcho has no types
    """One process of the demo."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._child_ctor = WholeGroup


class Supervisor(Manager):  # type: ignore[misc]  # honcho has no types
    """Runs processes side by side; when one ends, the others are stopped and `died` says which it was."""

    died: str = ""

    def __init__(self) -> None:
        super().__init__()
        self._procmgr = LeaderOnly()
        self._process_ctor = SupervisedProcess

    def terminate(self) -> None:
        """Stop all; called once by whatever comes first, a signal or the end of a process."""
        if not self._terminating:
            self.died = next((name for name, facts in self._processes.items() if "returncode" in facts), "")
        super().terminate()


def supervisor(port: int, sandbox_port: int) -> Supervisor:
    """The three processes of the demo, not yet started."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    sandbox_data = str(settings.VAR_DIR / "sandbox.sqlite3")
    sandbox = ["sandbox", "--port", str(sandbox_port), "--data", sandbox_data, "--auto-orders", "45"]
    commands = {
        "web": [sys.executable, "-m", "gunicorn", "-c", str(settings.BASE_DIR / "gunicorn.conf.py")],
        "worker": [*manage, "qcluster"],
        "sandbox": [*manage, *sandbox, "--also", TRAINING_SECRET],
    }
    metrics = settings.VAR_DIR / "metrics"
    metrics.mkdir(exist_ok=True)
    for old in metrics.glob("*.db"):
        old.unlink()
    extra = {"web": {"BIND": f"{HOST}:{port}", "PROMETHEUS_MULTIPROC_DIR": str(metrics)}}
    manager = Supervisor()
    for name, command in commands.items():
        env = {**os.environ, "PYTHONUNBUFFERED": "1", **extra.get(name, {})}
        manager.add_process(name, f"exec {shlex.join(command)}", env=env, cwd=str(settings.BASE_DIR))
    return manager


def wait_until_ready(port: int) -> bool:
    """Whether /healthz answers within `READY_SECONDS`."""
    logging.getLogger("backoffice.http").setLevel(logging.ERROR)  # of this process: it only knocks at the door
    end = time.monotonic() + READY_SECONDS
    with Http(f"http://{HOST}:{port}", timeout=(1, 5)) as web:
        while time.monotonic() < end:
            with suppress(UpstreamError):  # not up yet
                if web.send("GET", "/healthz", write=False).status == 200:
                    return True
            time.sleep(0.3)
    return False


def run_schedules_now() -> None:
    """Queue what is due, so that the first orders are there at once: the worker looks only every half minute."""
    scheduler()
    connection.close()  # this thread's own
