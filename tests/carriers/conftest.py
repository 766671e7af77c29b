"""The sandbox, served for one test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from sandbox.server import RunningSandbox, start


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[RunningSandbox]:
    settings.UPSTREAM_TIMEOUT_CONNECT, settings.UPSTREAM_TIMEOUT_READ = 5, 10
    with start() as running:
        yield running
