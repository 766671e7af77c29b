"""A stand-in for each test that asks for one."""

from collections.abc import Iterator

import pytest

from sandbox.server import RunningSandbox, start


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with start() as running:
        yield running
