"""Imports point one way: orders → carriers → backoffice, and inside an app from what knows less to what knows more."""

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {
    "backoffice": {"backoffice"},
    "carriers": {"carriers", "backoffice"},
    "orders": {"orders", "carriers", "backoffice"},
    "sandbox": {"sandbox"},
}
APPS = frozenset(ALLOWED)
WIRING = {"backoffice/settings.py", "backoffice/urls.py", "backoffice/wsgi.py", "backoffice/asgi.py"}

# Lower may not import higher. A part that is not named here (a helper of the app) stands beside the services.
LEVELS = {
    "enums": 0, "errors": 0, "transitions": 0, "types": 0, "statuses": 0, "codes": 0,
    "models": 1,
    "services": 2, "queries": 2, "marketplaces": 2, "providers": 2,
    "forms": 3, "presenting": 3, "serializers": 3, "templatetags": 3, "context": 3, "jobs": 3,
    "views": 4, "api": 4, "admin": 4, "tasks": 4, "schedules": 4, "management": 4, "urls": 4, "apps": 4,
    "migrations": 4,
}  # fmt: skip
# Libraries that talk to a network.
SOCKETS = {"requests", "socket", "urllib3", "http.client", "urllib.request", "httpx", "aiohttp", "ftplib", "smtplib"}
MAY_OPEN_SOCKETS = {"backoffice/http.py", "orders/demo.py"}  # the demo binds a port to see whether it is free


@dataclass(frozen=True)
class Import:
    """One import: the file, the line and the module as an absolute name."""

    path: str
    line: int
    module: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.module}"


def imports_of(path: str, source: str) -> Iterator[Import]:
    """Every import of a file, wherever it stands, relative ones made absolute."""
    package = path.removesuffix(".py").split("/")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(path, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (Import(path, node.lineno, f"{module}.{alias.name}") for alias in node.names)


def level(app: str, parts: list[str]) -> int | None:
    """The level of a module inside its app; None for the app itself. `backoffice` is the ground and has none."""
    if app in {"backoffice", "sandbox"} or not parts:
        return None
    return LEVELS.get(parts[0], 2)


def wrong_arrow(found: Import) -> str:
    """What is wrong with an import, or nothing."""
    here, there = found.path.removesuffix(".py").split("/"), found.module.split(".")
    if here[0] not in APPS:
        return ""
    if found.path not in MAY_OPEN_SOCKETS | WIRING and here[0] != "sandbox" and opens_sockets(found.module):
        return f"{found}: only backoffice/http.py opens sockets"
    if there[0] not in APPS or found.path in WIRING:
        return ""
    if there[0] not in ALLOWED[here[0]]:
        return f"{found}: {here[0]} does not know {there[0]}"
    return wrong_level(found, here, there)


def wrong_level(found: Import, here: list[str], there: list[str]) -> str:
    """Inside an app, and from one app into another, nothing imports what stands above it."""
    if there[:2] == ["orders", "urls"]:
        return f"{found}: addresses are wired in backoffice/urls.py"
    mine, other = level(here[0], here[1:]), level(there[0], there[1:])
    if here[0] == there[0] and mine is not None and other is not None and mine < other:
        return f"{found}: {here[1]} stands below {there[1]}"
    return ""


def opens_sockets(module: str) -> bool:
    """Whether the module is one of those that talk to a network."""
    return any(module == name or module.startswith(f"{name}.") for name in SOCKETS)


def source_files() -> list[Path]:
    """Every Python file of the apps, migrations left out: they name each other's apps by text."""
    paths = [path for app in sorted(APPS) for path in sorted((ROOT / app).rglob("*.py"))]
    return [path for path in paths if "migrations" not in path.parts]


def test_the_code_has_files_to_check() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in source_files()} == APPS


def test_imports_point_the_right_way() -> None:
    files = {path.relative_to(ROOT).as_posix(): path.read_text() for path in source_files()}

    assert [
        words for name, text in files.items() for found in imports_of(name, text) if (words := wrong_arrow(found))
    ] == []


@pytest.mark.parametrize(
    ("path", "source", "words"),
    [
        ("backoffice/health.py", "from orders.models import Order", "backoffice does not know orders"),
        ("backoffice/health.py", "import orders.models", "backoffice does not know orders"),
        ("carriers/services.py", "from orders import enums", "carriers does not know orders"),
        ("orders/services/stages.py", "from sandbox.app import create_app", "orders does not know sandbox"),
        ("sandbox/app.py", "from backoffice import clock", "sandbox does not know backoffice"),
        ("orders/services/stages.py", "from orders.views import queue", "services stands below views"),
        ("orders/services/stages.py", "from ..views import queue", "services stands below views"),
        ("orders/services/stages.py", "from .. import views", "services stands below views"),
        ("orders/models/order.py", "from orders.services import stages", "models stands below services"),
        ("orders/enums.py", "from orders.models import Order", "enums stands below models"),
        ("orders/queries.py", "from orders.api.serializers import TaskSerializer", "queries stands below api"),
        ("orders/forms.py", "def f():\n    from orders import admin", "forms stands below admin"),
        ("orders/marketplaces/wildberries/client.py", "import requests", "only backoffice/http.py opens sockets"),
        ("carriers/providers/dellin/client.py", "from urllib.request import urlopen", "only backoffice/http.py opens"),
        ("backoffice/health.py", "import socket", "only backoffice/http.py opens sockets"),
    ],
)  # fmt: skip
def test_a_planted_wrong_import_is_caught(path: str, source: str, words: str) -> None:
    found = [wrong_arrow(found) for found in imports_of(path, textwrap.dedent(source))]

    assert [line for line in found if words in line] != []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("backoffice/urls.py", "from orders import urls"),
        ("backoffice/http.py", "import socket, requests"),
        ("orders/views/queue.py", "from orders.services import stages\nfrom carriers.models import CarrierAccount"),
        ("orders/services/stages.py", "from ..models import Order\nfrom urllib.parse import urlsplit"),
        ("sandbox/app.py", "import socket\nfrom .store import Store"),
    ],
)
def test_a_right_import_is_let_through(path: str, source: str) -> None:
    assert [line for found in imports_of(path, source) if (line := wrong_arrow(found))] == []
