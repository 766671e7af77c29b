"""Training accounts speak with a sandbox and with nobody else: which hosts those are."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from .errors import Invalid

#: This machine. Others are named by the setting ``TRAINING_HOSTS``.
HERE: Final = ("127.0.0.1", "localhost", "::1")


def judge_host(url: str) -> None:
    """Raises ``Invalid`` ("training_host") when a training account may not have this base URL."""
    host = (urlsplit(url).hostname or "").lower()
    if host not in (*HERE, *settings.TRAINING_HOSTS):
        text = _("An account for training speaks with a sandbox only; “%(host)s” is none. TRAINING_HOSTS names others.")
        raise Invalid("training_host", text % {"host": host[:80]})
