"""Open questions for people: the only writer of Attention."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import payloads
from backoffice.errors import Conflict, Invalid
from backoffice.models import RawPayload, User
from orders.enums import AttentionKind, Severity
from orders.models import Attention

from .actors import Actor

#: A question is put off for no longer.
MOST_OFF = timedelta(days=30)
_WEIGHTS = (Severity.INFO, Severity.WARNING, Severity.URGENT)


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
    """Raise questions. Idempotent: an open one is counted, not raised again. Three statements however many.

    One that has become more severe says so and comes back, if it was put off: one statement more for each severity.
    """
    if not questions:
        return
    moment = now or timezone.now()
    fresh = {question.key[:160]: question for question in questions}
    already = Attention.objects.filter(key__in=list(fresh), resolved_at=None)
    known = dict(already.values_list("key", "severity"))
    if known:
        already.update(count=F("count") + 1, last_seen_at=moment)
        _raise_severity({key: question.severity for key, question in fresh.items()}, known)
    rows = [question.row(moment) for key, question in fresh.items() if key not in known]
    Attention.objects.bulk_create(rows, ignore_conflicts=True)


def _raise_severity(now: Mapping[str, Severity], before: Mapping[str, str]) -> None:
    risen: dict[Severity, list[str]] = defaultdict(list)
    for key, old in before.items():
        if weight(now[key]) > weight(old):
            risen[now[key]].append(key)
    for severity, keys in risen.items():
        rows = Attention.objects.filter(key__in=keys, resolved_at=None)
        rows.update(severity=severity, snoozed_until=None)


def weight(severity: str) -> int:
    """How much a severity counts; one we do not know counts least."""
    return _WEIGHTS.index(severity) if severity in _WEIGHTS else -1


def awake(now: datetime) -> Q:
    """Questions that are not put off."""
    return Q(snoozed_until=None) | Q(snoozed_until__lte=now)


def renew_many(pairs: Sequence[tuple[Attention, Question]], *, now: datetime) -> None:
    """Open questions tell what is true now: where facts or severity have moved, they are written anew. One statement; idempotent.

    Those that have become more severe come back, if they were put off: one statement more.
    """
    changed = [(row, question) for row, question in pairs if row.facts != dict(question.facts)]
    risen = [row.pk for row, question in changed if weight(question.severity) > weight(row.severity)]
    for row, question in changed:
        row.facts, row.severity, row.shipment_id = dict(question.facts), question.severity, question.shipment_id
        row.last_seen_at = now
    fields = ["facts", "severity", "shipment_id", "last_seen_at"]
    Attention.objects.bulk_update([row for row, _question in changed], fields)
    if risen:  # apart: what a person has put off meanwhile must not be written over by what was read before
        Attention.objects.filter(pk__in=risen, snoozed_until__isnull=False).update(snoozed_until=None)


def assign(attention_id: int, user: User | None) -> None:
    """Who sees to a question; nobody when None. Idempotent. Raises ``Conflict`` when it is closed, ``Invalid`` for who may not."""
    if user is not None and not (user.is_active and user.has_perm("orders.change_attention")):
        raise Invalid("assignee", _("This person cannot see to questions."))
    _change(attention_id, assignee=user)


def snooze(attention_id: int, until: datetime | None) -> None:
    """Put a question off; None brings it back. Idempotent. It comes back by itself then, or when it becomes more severe.

    Raises ``Conflict`` when it is closed, ``Invalid`` for a time that is over or too far away.
    """
    now = timezone.now()
    if until is not None and not now < until <= now + MOST_OFF:
        raise Invalid("until", _("Choose a time within the next 30 days."))
    _change(attention_id, snoozed_until=until)


def _change(attention_id: int, **changes: Any) -> None:
    if not Attention.objects.filter(pk=attention_id, resolved_at=None).update(**changes):
        raise Conflict("closed", _("This question is closed already."))


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
