"""Fixtures for every test. Sockets reach this machine only: see `addopts` in pyproject.toml."""

import importlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import hypothesis
import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from hypothesis import HealthCheck
from playwright.sync_api import Browser, sync_playwright

from tests.settings import TEST_ENVIRONMENT

ROOT = Path(__file__).resolve().parent.parent
#: Migrations that make roles and give them rights, and the functions that do.
ROLES = (
    ("0002_roles", "make_roles"),
    ("0004_roles_of_calls", "give"),
    ("0006_roles_of_shipments", "give"),
    ("0009_roles_of_floor", "give"),
    ("0014_roles_of_badges", "give"),
)
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup"}
#: Those that serve a sandbox over HTTP, under the names the folders give them.
SERVED = {"upstream", "sandbox", "box"}

# How long a machine takes to invent examples is no property of the code: a busy one would fail the test.
hypothesis.settings.register_profile("backoffice", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.settings.load_profile("backoffice")

# Playwright's synchronous interface keeps an event loop in the thread of the test.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database-only`: leave out what no database can change, for the second run on another engine."""
    parser.addoption("--database-only", action="store_true", help="only tests that use the database")
    parser.addoption(
        "--quick", action="store_true", help="only tests without database and server, and all of changed files"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what was not asked for."""
    if config.getoption("--database-only"):
        _keep(config, items, _uses_database)
    if config.getoption("--quick"):
        changed = _changed()
        _keep(config, items, lambda item: item.path in changed or not (_uses_database(item) or _is_served(item)))


def _keep(config: pytest.Config, items: list[pytest.Item], wanted: Callable[[pytest.Item], bool]) -> None:
    dropped = [item for item in items if not wanted(item)]
    config.hook.pytest_deselected(items=dropped)
    gone = set(dropped)
    items[:] = [item for item in items if item not in gone]


def _changed() -> set[Path]:
    """Files that differ from the last commit, new ones included; none where there is no git."""
    command = ("git", "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames")
    try:
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return set()
    return {ROOT / line[3:] for line in told.split("\0") if line}


def _is_served(item: pytest.Item) -> bool:
    return not SERVED.isdisjoint(getattr(item, "fixturenames", ()))


def _uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(fixtures)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is; a browser test without one fails, because nobody would notice a skip."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "Chromium is not installed (apt-get install chromium), or set CHROMIUM to its path"
    return found


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Chromium, once a run; a test opens its own context or page."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def process_env(transactional_db: None) -> dict[str, str]:
    """The environment of a real process (worker, web, command) that works on the database of this test."""
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        login = f"{database['USER']}:{database['PASSWORD']}".strip(":")
        url = f"postgres://{login}@{database['HOST']}:{database['PORT'] or 5432}/{database['NAME']}"
    return {**os.environ, **TEST_ENVIRONMENT, "DJANGO_SETTINGS_MODULE": "backoffice.settings", "DATABASE_URL": url}


@pytest.fixture(autouse=True)
def _roles(request: pytest.FixtureRequest) -> None:
    """A test with real transactions empties the tables when it ends, the roles of the migration too: put them back."""
    if not _uses_database(request.node):
        return
    request.getfixturevalue("db")
    if not Group.objects.filter(name="warehouse").exists():
        for name, work in ROLES:
            migration = importlib.import_module(f"orders.migrations.{name}")
            getattr(migration, work)(apps, SimpleNamespace(connection=connection))
