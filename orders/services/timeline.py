"""The only writer of timeline entries."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from backoffice import bulk
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

    def entry(self, now: datetime) -> tuple[Any, ...]:
        """Values of ``_COLUMNS``."""
        return (
            self.order_id, self.task_id, self.shipment_id, self.actor.source, self.kind, self.code[:80], self.status,
            dict(self.data), self.happened_at or now, now, self.actor.user_id, self.correction, self.dedupe_key,
        )  # fmt: skip


#: Rows and not models: making a thousand of those takes as long as storing them.
_COLUMNS = (
    "order_id", "task_id", "shipment_id", "source", "kind", "code", "status", "data", "happened_at", "recorded_at", "actor_id",
    "correction", "dedupe_key",
)  # fmt: skip


def record(facts: Sequence[Fact], *, now: datetime | None = None) -> None:
    """Write entries in the caller's transaction, in one statement. Idempotent: a fact already recorded is left as it is."""
    moment = now or timezone.now()
    bulk.insert_new(TimelineEntry, _COLUMNS, [fact.entry(moment) for fact in facts])


def about(task: AssemblyTask, kind: EntryKind, actor: Actor, key: str, **more: Any) -> Fact:
    """A fact about a task and its order."""
    return Fact(order_id=task.order_id, task_id=task.pk, kind=kind, actor=actor, key=key, **more)
