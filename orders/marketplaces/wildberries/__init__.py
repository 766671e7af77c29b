"""Wildberries DBS (delivery by the seller): two dialects over one contract.

``batch`` speaks to the present API, up to 1000 tasks a call; ``v3`` to the older one, a task a call (seed 004).
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from backoffice.errors import Invalid
from orders.marketplaces.base import Connection, DriftSink, Gate, Offer

from . import options, rules
from .batch import Batch
from .client import Transport
from .fields import fields
from .provider import Wildberries
from .status_map import glossary, word_name
from .v3 import V3

DIALECTS: Mapping[str, type[Batch] | type[V3]] = {"batch": Batch, "v3": V3}
DEFAULT_URL = "https://marketplace-api.wildberries.ru"
#: Credential → environment variable of the command ``connect``.
CREDENTIALS: Mapping[str, str] = {"token": "CONNECT_TOKEN", "client_secret": "CONNECT_CLIENT_SECRET"}

__all__ = [
    "CREDENTIALS",
    "DEFAULT_URL",
    "DIALECTS",
    "V3",
    "Batch",
    "Wildberries",
    "build",
    "fields",
    "glossary",
    "offer",
    "word_name",
]


def build(connection: Connection, *, gate: Gate, drift: DriftSink, http: Transport | None = None) -> Batch | V3:
    """The provider of an account. Raises ``Invalid``."""
    return _dialect(connection)(connection, gate=gate, drift=drift, http=http)


def offer(connection: Connection) -> Offer:
    """What is allowed there, without a call or an address. Raises ``Invalid``."""
    return rules.offer(_dialect(connection).code_kinds, options.read(connection.options))


def _dialect(connection: Connection) -> type[Batch] | type[V3]:
    """No name is the first one."""
    found = DIALECTS.get(connection.dialect or next(iter(DIALECTS)))
    if found is None:
        raise Invalid("dialect", _("Wildberries has no dialect of this name."))
    return found
