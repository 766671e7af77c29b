"""Yandex Market DBS (delivery by the seller): two order models over one set of methods.

``business`` reads the present model, ``v2`` the older one of seed 003, which is shut down in April 2027; both write alike.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from backoffice.errors import Invalid
from orders.marketplaces.base import Connection, DriftSink, Gate, Offer

from . import notices, options, rules
from .business import Business
from .client import Transport
from .fields import fields
from .v2 import V2
from .words import glossary, word_name

DIALECTS: Mapping[str, type[Business] | type[V2]] = {"business": Business, "v2": V2}
DEFAULT_URL = "https://api.partner.market.yandex.ru"
#: Credential → environment variable of the command ``connect``.
CREDENTIALS: Mapping[str, str] = {"api_key": "CONNECT_API_KEY"}

__all__ = [
    "CREDENTIALS",
    "DEFAULT_URL",
    "DIALECTS",
    "V2",
    "Business",
    "build",
    "fields",
    "glossary",
    "notices",
    "offer",
    "word_name",
]


def build(connection: Connection, *, gate: Gate, drift: DriftSink, http: Transport | None = None) -> Business | V2:
    """The provider of an account. Raises ``Invalid``."""
    return _dialect(connection)(connection, gate=gate, drift=drift, http=http)


def offer(connection: Connection) -> Offer:
    """What is allowed there, without a call or an address. Raises ``Invalid``."""
    return rules.offer(options.read(connection.options, dialect=_dialect(connection).dialect))


def _dialect(connection: Connection) -> type[Business] | type[V2]:
    """No name is the first one."""
    found = DIALECTS.get(connection.dialect or next(iter(DIALECTS)))
    if found is None:
        raise Invalid("dialect", _("Yandex Market has no dialect of this name."))
    return found
