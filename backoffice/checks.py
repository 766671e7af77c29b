"""What `manage.py check` says of our own settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

from backoffice.http import longest_call


@checks.register(deploy=True)
def sends_end_before_they_are_given_up(**_given: Any) -> list[checks.CheckMessage]:
    """A send that is still on its way must not be taken for a dead one: it could then go twice."""
    longest = longest_call()
    if longest < settings.SEND_STALE_SECONDS:
        return []
    text = f"SEND_STALE_SECONDS has to be more than {longest:g}, the longest a call may take."
    hint = "Raise it, or lower UPSTREAM_TIMEOUT_READ."
    return [checks.Warning(text, hint=hint, id="backoffice.W001")]


@checks.register
def calls_end_before_their_jobs_do(**_given: Any) -> list[checks.CheckMessage]:
    """A job is ended when its time is over, and its lease goes to the next one: a call on its way would be cut off or doubled."""
    longest = longest_call()
    if longest < settings.JOB_SECONDS:
        return []
    text = f"A call may take {longest:g} seconds and a job only {settings.JOB_SECONDS}."
    hint = "Lower UPSTREAM_TIMEOUT_READ or UPSTREAM_TIMEOUT_CONNECT: a call takes connect + 2 x read at most."
    return [checks.Error(text, hint=hint, id="backoffice.E001")]
