"""Credentials of an account are for the address they were given for, and for no other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from .errors import Invalid
from .http import checked_base_url

_PORTS: Final = {"http": 80, "https": 443}


def carried(
    stored: Mapping[str, str], given: Mapping[str, str], *, was: str, now: str, ours: Collection[str] = ()
) -> dict[str, str]:
    """What an account knows after a change: what was ``given`` now, over what is ``stored``.

    Whoever may change an address must not learn by it what he was never shown. So with another scheme, host or port every
    credential is given again, except ``ours``, which goes to nobody.
    Raises ``Invalid``: "credentials", or what ``checked_base_url`` says of the address ``now``.
    """
    left_out = sorted(set(stored) - set(given) - set(ours))
    if left_out and _origin(checked_base_url(now)) != _origin(was):
        text = _("Another address does not get what is stored for this one. Type it again: %(names)s.")
        raise Invalid("credentials", text % {"names": ", ".join(left_out)})
    return {**stored, **given}


def _origin(url: str) -> tuple[str, str, int | None]:
    """Whom a call reaches: scheme, host, port."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or _PORTS.get(parts.scheme)


def changed(before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> list[str]:
    """Names of the credentials that are not what they were."""
    old, new = before or {}, after or {}
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
