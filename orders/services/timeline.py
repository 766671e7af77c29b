"""The only writer of timeline entries."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from orders.enums import EntryKind
from orders.models import AssemblyTask, TimelineEntry

from .actors import Actor


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry to be written. ``key`` is its natural key within order and kind: the same key is the same fact."""

    order_id: int
    kind: EntryKind
    actor: Actor
    key: str
    task_id: int | None = None
    shipment_id: int | None = None
    code: str = ""
    status: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    happened_at: datetime | None = None
    correction: bool = False

    @property
    def dedupe_key(self) -> str:
        parcel = f"|{self.shipment_id}" if self.shipment_id else ""
        natural = f"{self.order_id}|{self.task_id or ''}|{self.kind}|{self.key}{parcel}"
        return hashlib.blake2b(natural.encode(), digest_size=16).hexdigest()

    def entry(self, now: datetime) -> TimelineEntry:
        return TimelineEntry(
            order_id=self.order_id,
            task_id=self.task_id,
            shipment_id=self.shipment_id,
            source=self.actor.source,
            kind=self.kind,
            code=self.code[:80],
            status=self.status,
            data=dict(self.data),
            happened_at=self.happened_at or now,
            recorded_at=now,
            actor_id=self.actor.user_id,
            correction=self.correction,
            dedupe_key=self.dedupe_key,
        )


def record(facts: Sequence[Fact], *, now: datetime | None = None) -> None:
    """Write entries in the caller's transaction. Idempotent: a fact already recorded is left as it is."""
    if facts:
        moment = now or timezone.now()
        TimelineEntry.objects.bulk_create([fact.entry(moment) for fact in facts], ignore_conflicts=True)


def about(task: AssemblyTask, kind: EntryKind, actor: Actor, key: str, **more: Any) -> Fact:
    """A fact about a task and its order."""
    return Fact(order_id=task.order_id, task_id=task.pk, kind=kind, actor=actor, key=key, **more)
