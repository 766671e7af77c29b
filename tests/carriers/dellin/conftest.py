"""Sessions are kept for the whole process; a test begins without any."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carriers.providers.dellin import sessions


@pytest.fixture(autouse=True)
def _no_sessions() -> Iterator[None]:
    sessions.forget_all()
    yield
    sessions.forget_all()
