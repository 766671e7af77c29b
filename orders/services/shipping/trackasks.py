"""Questions about parcels that their carriers' words raise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from carriers.statuses import Meaning, TrackingStatus
from orders.enums import AttentionKind, Severity
from orders.models import Attention, Shipment
from orders.services import attention
from orders.services.actors import SYSTEM

#: How long a parcel may be unknown to its carrier before a person is asked.
GRACE = timedelta(hours=6)


def raise_problems(rows: Sequence[Shipment], now: datetime) -> None:
    """Parcels that a carrier could not tell of twice running: asked about when the grace since the last news is over."""
    late = [row for row in rows if now - (row.news_at or row.created_at) >= GRACE]
    attention.open_many(
        [_about(row, AttentionKind.TRACKING_PROBLEM, problem=row.problem, detail=row.problem_detail) for row in late],
        now=now,
    )


def raise_news(
    kind: str,
    *,
    corrected: Sequence[tuple[Shipment, Meaning, TrackingStatus]],
    unknown: Sequence[tuple[Shipment, str]],
    look: Sequence[Shipment],
    now: datetime,
) -> None:
    """What a carrier took back (``corrected``: what it was, and what came in its place), said in an unknown word, or said that
    needs a look.
    """
    questions = [
        _about(row, AttentionKind.TRACKING_CORRECTION, Severity.URGENT, **{"from": before.status, "to": after})
        for row, before, after in corrected
    ]
    questions += [_about(row, AttentionKind.TRACKING_LOOK, to=row.status) for row in look]
    attention.open_many(questions + _unknown(kind, unknown), now=now)


def _unknown(kind: str, pairs: Sequence[tuple[Shipment, str]]) -> list[attention.Question]:
    """Once a word, also when the question has been answered: one statement, none without an unknown word."""
    words = {f"{AttentionKind.TRACKING_UNKNOWN}:{kind}:{word}"[:160]: (row, word) for row, word in pairs}
    if not words:
        return []
    asked = set(Attention.objects.filter(key__in=list(words)).values_list("key", flat=True))
    return [
        attention.Question(
            AttentionKind.TRACKING_UNKNOWN, key, carrier_account_id=row.carrier_account_id, order_id=row.order_id,
            shipment_id=row.pk, facts={"number": row.number, "word": word, "carrier": kind},
        )
        for key, (row, word) in words.items()
        if key not in asked
    ]  # fmt: skip


def settle(known: Sequence[Shipment], looked_after: Sequence[Shipment]) -> None:
    """Parcels that are told of again, and those that no longer need a look."""
    keys = [f"{AttentionKind.TRACKING_PROBLEM}:{row.pk}" for row in known]
    keys += [f"{AttentionKind.TRACKING_LOOK}:{row.pk}" for row in looked_after]
    attention.settle_many(keys, actor=SYSTEM)


def _about(
    row: Shipment, kind: AttentionKind, severity: Severity = Severity.WARNING, **facts: Any
) -> attention.Question:
    told = {"number": row.number, "word": row.raw_status, "title": row.raw_title, **facts}
    return attention.Question(
        kind, f"{kind}:{row.pk}", severity, order_id=row.order_id, shipment_id=row.pk,
        carrier_account_id=row.carrier_account_id, facts=told,
    )  # fmt: skip
