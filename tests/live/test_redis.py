"""Redis as broker and cache: the same worker, the same jobs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from backoffice.models import JobState

from .processes import ROOT, Worker, until

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
ENQUEUE = "from django_q.tasks import async_task; async_task('backoffice.health.heartbeat')"


@pytest.fixture
def broker() -> Iterator[str]:
    """A Redis with an empty database; without one that answers the test is skipped and says so."""
    client = redis.Redis.from_url(REDIS, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.ConnectionError:
        pytest.skip(f"no Redis answers at {REDIS}")
    client.flushdb()
    yield REDIS
    client.flushdb()
    client.close()


def test_a_worker_on_redis_takes_jobs(broker: str, process_env: dict[str, str], tmp_path: Path) -> None:
    env = {**process_env, "REDIS_URL": broker, "LOG_LEVEL": "WARNING", "VAR_DIR": str(tmp_path / "var")}
    worker = Worker(env, tmp_path / "worker.log")
    try:
        command = [sys.executable, str(ROOT / "manage.py"), "shell", "-c", ENQUEUE]
        subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, timeout=60)
        until(lambda: JobState.objects.filter(ok_at__isnull=False).exists(), "the job has run")
    finally:
        worker.stop()
