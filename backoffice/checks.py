"""What `manage.py check --deploy` says of our own settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(deploy=True)
def sends_end_before_they_are_given_up(**_given: Any) -> list[checks.CheckMessage]:
    """A send that is still on its way must not be taken for a dead one: it could then go twice."""
    longest = settings.UPSTREAM_TIMEOUT_CONNECT + 2 * settings.UPSTREAM_TIMEOUT_READ
    if longest < settings.SEND_STALE_SECONDS:
        return []
    text = f"SEND_STALE_SECONDS has to be more than {longest:g}, the longest a call may take."
    hint = "Raise it, or lower UPSTREAM_TIMEOUT_READ."
    return [checks.Warning(text, hint=hint, id="backoffice.W001")]
