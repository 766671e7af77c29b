"""Credentials of an account are for the address they were given for, and for no other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from .errors import Invalid, UpstreamError
from .http import checked_base_url
from .training import HERE

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


def words_of(error: UpstreamError, *, address: str, own: str) -> str:
    """What went wrong, to be kept at an account; with the answer's own words only where the upstream itself has spoken.

    ``own``: the upstream's default address. Whoever sets another one could read with such words what answers there.
    """
    known = {_origin(own)[1], *HERE, *settings.TRAINING_HOSTS}
    said = error.detail if _origin(address)[1] in known else ""
    return f"{error.message} {error} {said}".strip()[:500]
