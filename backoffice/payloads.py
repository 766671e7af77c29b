"""Raw payloads: what an upstream said, compressed and encrypted, for a set number of days.

One that could not be parsed (it has an ``error``) is kept until it is solved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from backoffice import bulk, clock, secrets
from backoffice.models import RawPayload
from backoffice.text import one_line

COMPRESSION = 3
BATCH = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """A payload to keep. ``body`` may hold personal data, the other fields may not."""

    upstream: str
    account_id: int
    endpoint: str
    body: bytes = field(repr=False)
    subject: str = ""
    error: str = ""


def keep(
    upstream: str, account_id: int, endpoint: str, body: bytes, *, subject: str = "", error: str = ""
) -> RawPayload:
    """Store one payload. ``subject`` is the external id it is about, ``error`` why it could not be parsed."""
    return keep_many([Draft(upstream, account_id, endpoint, body, subject, error)])[0]


def keep_many(drafts: Iterable[Draft]) -> list[RawPayload]:
    """Store many in as few statements as the database allows, in their order, with their ids."""
    rows = _rows(drafts)
    names, ids = ("id", *_COLUMNS), bulk.insert(RawPayload, _COLUMNS, rows)
    return [RawPayload.from_db(connection.alias, names, (pk, *row)) for pk, row in zip(ids, rows, strict=True)]


def keep_ids(drafts: Iterable[Draft]) -> list[int]:
    """The same where their ids are all that is wanted."""
    return bulk.insert(RawPayload, _COLUMNS, _rows(drafts))


def open_payload(payload: RawPayload) -> bytes:
    """The bytes as they came. Raises ``InvalidToken`` when no key of ``FIELD_KEYS`` fits."""
    return secrets.unseal_compressed(bytes(payload.body))


def solve(payload: RawPayload) -> None:
    """Its error is dealt with: from now on it expires like any other. The error stays readable until then."""
    expires = _expiry(clock.now())
    RawPayload.objects.filter(pk=payload.pk, expires_at__isnull=True).update(expires_at=expires)
    payload.refresh_from_db(fields=["expires_at"])


def purge(now: datetime) -> int:
    """Delete what expired at ``now`` or before, in batches; how many rows went."""
    gone = 0
    expired = RawPayload.objects.filter(expires_at__lte=now).order_by("expires_at")
    while due := list(expired.values_list("pk", flat=True)[:BATCH]):
        RawPayload.objects.filter(pk__in=due).delete()
        gone += len(due)
    return gone


_COLUMNS = ("upstream", "account_id", "endpoint", "subject", "body", "size", "received_at", "expires_at", "error")


def _rows(drafts: Iterable[Draft]) -> list[tuple[Any, ...]]:
    """Values of ``_COLUMNS``."""
    now = clock.now()
    later = _expiry(now)
    return [_row(draft, now, None if draft.error else later) for draft in drafts]


def _row(draft: Draft, now: datetime, expires: datetime | None) -> tuple[Any, ...]:
    return (
        draft.upstream,
        draft.account_id,
        one_line(draft.endpoint, 120),
        one_line(draft.subject, 80),
        secrets.seal_compressed(draft.body, COMPRESSION),
        len(draft.body),
        now,
        expires,
        one_line(draft.error, 300),
    )


def _expiry(now: datetime) -> datetime:
    return now + timedelta(days=settings.RAW_PAYLOAD_DAYS)
