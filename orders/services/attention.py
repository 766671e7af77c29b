"""Open questions for people: the only writer of Attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backoffice import payloads
from backoffice.models import RawPayload
from orders.enums import AttentionKind, Severity
from orders.models import Attention

from .actors import Actor


@dataclass(frozen=True, slots=True)
class Question:
    """``key`` tells it apart: the same key asked again while open only counts."""

    kind: AttentionKind
    key: str
    severity: Severity = Severity.WARNING
    account_id: int | None = None
    order_id: int | None = None
    task_id: int | None = None
    shipment_id: int | None = None
    carrier_account_id: int | None = None
    payload_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def row(self, now: datetime) -> Attention:
        return Attention(
            kind=self.kind,
            severity=self.severity,
            key=self.key[:160],
            account_id=self.account_id,
            order_id=self.order_id,
            task_id=self.task_id,
            shipment_id=self.shipment_id,
            carrier_account_id=self.carrier_account_id,
            payload_id=self.payload_id,
            facts=dict(self.facts),
            opened_at=now,
            last_seen_at=now,
        )


def open_one(question: Question, *, now: datetime | None = None) -> None:
    open_many([question], now=now)


def open_many(questions: Sequence[Question], *, now: datetime | None = None) -> None:
    """Raise questions. Idempotent: an open one is counted, not raised again. Three statements however many."""
    if not questions:
        return
    moment = now or timezone.now()
    fresh = {question.key[:160]: question for question in questions}
    already = Attention.objects.filter(key__in=list(fresh), resolved_at=None)
    known = set(already.values_list("key", flat=True))
    if known:
        already.update(count=F("count") + 1, last_seen_at=moment)
    rows = [question.row(moment) for key, question in fresh.items() if key not in known]
    Attention.objects.bulk_create(rows, ignore_conflicts=True)


def renew_many(pairs: Sequence[tuple[Attention, Question]], *, now: datetime) -> None:
    """Open questions tell what is true now: where facts or severity have moved, they are written anew. One statement; idempotent."""
    changed = [(row, question) for row, question in pairs if row.facts != dict(question.facts)]
    for row, question in changed:
        row.facts, row.severity, row.shipment_id = dict(question.facts), question.severity, question.shipment_id
        row.last_seen_at = now
    fields = ["facts", "severity", "shipment_id", "last_seen_at"]
    Attention.objects.bulk_update([row for row, _question in changed], fields)


@transaction.atomic
def resolve(attention_id: int, *, actor: Actor, note: str = "") -> bool:
    """Close a question; a raw text kept for it may now expire. Idempotent: False when it was closed already."""
    changes = {"resolved_at": timezone.now(), "resolved_by": actor.user, "note": note[:500]}
    row = Attention.objects.filter(pk=attention_id, resolved_at=None)
    if not row.update(**changes):
        return False
    for payload in RawPayload.objects.filter(pk__in=Attention.objects.filter(pk=attention_id).values("payload")):
        payloads.solve(payload)
    return True


def settle(key: str, *, actor: Actor, note: str = "") -> bool:
    """Close the open question with this key, if there is one: the cause is gone. Idempotent."""
    found = Attention.objects.filter(key=key[:160], resolved_at=None).values_list("pk", flat=True).first()
    return found is not None and resolve(found, actor=actor, note=note)


@transaction.atomic
def settle_many(keys: Sequence[str], *, actor: Actor) -> int:
    """Close the open questions with these keys; returns how many. Idempotent."""
    if not keys:
        return 0
    rows = Attention.objects.filter(key__in=[key[:160] for key in keys], resolved_at=None)
    kept = RawPayload.objects.filter(pk__in=list(rows.exclude(payload=None).values_list("payload", flat=True)))
    closed = rows.update(resolved_at=timezone.now(), resolved_by=actor.user, note="")
    for payload in kept:
        payloads.solve(payload)
    return closed


def open_keys(keys: Sequence[str]) -> set[str]:
    """Which of these questions are open already."""
    rows = Attention.objects.filter(key__in=[key[:160] for key in keys], resolved_at=None)
    return set(rows.values_list("key", flat=True))
