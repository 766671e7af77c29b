"""Notifications that Yandex Market sends to the shop's address, and the answer it wants (contract 2.9).

They say that something happened and no more: the order is read anew, whatever they tell of it.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from django.utils.translation import gettext_lazy as _

from backoffice.errors import Invalid
from backoffice.reading import BROKEN, text
from orders.marketplaces.base import Notice

from .order_schemas import Value
from .values import number

MOST_BYTES = 64 * 1024
VERSION = "1.0.0"
PING = "PING"


class _NoticeWire(msgspec.Struct, frozen=True, rename="camel"):
    notification_type: Value = None
    order_id: Value = None


def read(body: bytes) -> Notice:
    """Raises ``Invalid``: "notice" for what is none, "too_large" for more than 64 KiB."""
    if len(body) > MOST_BYTES:
        raise Invalid("too_large", _("A notification is at most 64 KiB."))
    try:
        wire = msgspec.json.decode(body, type=_NoticeWire)
    except BROKEN:
        raise Invalid("notice", _("This is not a notification: it is no JSON object.")) from None
    event = text(wire.notification_type)
    if not event:
        raise Invalid("notice", _("This is not a notification: “notificationType” is missing."))
    order = number(wire.order_id)
    return Notice(event[:80], ping=event == PING, orders=(order,) if order else ())


def answer(name: str, now: datetime) -> dict[str, str]:
    """What the market wants to hear, for a PING as well; the time in UTC with nine digits of a second."""
    moment = now.astimezone(UTC)
    return {"version": VERSION, "name": name, "time": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}000Z"}
