"""A sandbox over real HTTP, an account, and workers: processes on the database of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django_q.models import Schedule

from backoffice.people import Role, create_user
from orders import schedules
from orders.models import MarketplaceAccount
from orders.services import actors
from sandbox.server import RunningSandbox, start
from tests.orders.conftest import connected

from .processes import Worker

StartWorker = Callable[[], Worker]


@pytest.fixture
def upstream() -> Iterator[RunningSandbox]:
    with start() as running:
        yield running


@pytest.fixture
def shop(transactional_db: None, upstream: RunningSandbox) -> MarketplaceAccount:
    return connected(upstream)


@pytest.fixture
def staff(transactional_db: None) -> actors.Actor:
    return actors.staff(create_user("picker", role=Role.WAREHOUSE, password="picker", weak=True))


@pytest.fixture
def start_worker(process_env: dict[str, str], tmp_path: Path) -> Iterator[StartWorker]:
    """Starts a worker on the database of this test; all of them are gone afterwards."""
    workers: list[Worker] = []
    env = {**process_env, "SEND_STALE_SECONDS": "1", "LOG_LEVEL": "WARNING", "VAR_DIR": str(tmp_path / "var")}

    def begin() -> Worker:
        workers.append(Worker(env, tmp_path / f"worker{len(workers)}.log"))
        return workers[-1]

    yield begin
    for worker in workers:
        worker.stop()


@pytest.fixture
def all_schedules(transactional_db: None) -> None:
    """The periodic jobs as a migrated database has them, due now."""
    Schedule.objects.all().delete()
    schedules.install()
