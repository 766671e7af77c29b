"""Which codes a task really needs. Until the marketplace has told, every code it can take counts as needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone

from orders.enums import Stage
from orders.marketplaces.base import CodeNeed, Marketplace
from orders.models import AssemblyTask, MarketplaceAccount

from . import calling

BATCH = 1000


def unknown(account: MarketplaceAccount) -> QuerySet[AssemblyTask]:
    """Tasks on the bench whose needs were not asked for yet."""
    rows = AssemblyTask.objects.filter(account=account, stage=Stage.ASSEMBLING, needs_asked_at=None)
    return rows.exclude(code_kinds=[])


def learn(account: MarketplaceAccount) -> int:
    """Ask which codes are needed, once a task; returns how many needs changed. One call. Idempotent."""
    tasks = list(unknown(account).order_by("pk")[:BATCH])
    if not tasks:
        return 0

    def work(provider: Marketplace) -> int:
        told = {need.external_id: need for need in provider.needs([task.external_id for task in tasks])}
        asked = AssemblyTask.objects.filter(pk__in=[task.pk for task in tasks])
        changed = _write([(task, told[task.external_id]) for task in tasks if task.external_id in told])
        asked.update(needs_asked_at=timezone.now())
        return changed

    return int(calling.with_provider(account, work, optional=True) or 0)


def _write(pairs: Sequence[tuple[AssemblyTask, CodeNeed]]) -> int:
    by_kinds: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for task, need in pairs:
        kinds = tuple(kind for kind in task.code_kinds if _needed(task, need, kind))
        if list(kinds) != task.required_kinds:
            by_kinds[kinds].append(task.pk)
    for kinds, ids in by_kinds.items():
        AssemblyTask.objects.filter(pk__in=ids).update(required_kinds=list(kinds), updated_at=timezone.now())
    return sum(map(len, by_kinds.values()))


def _needed(task: AssemblyTask, need: CodeNeed, kind: str) -> bool:
    return kind in need.required or (kind in task.required_kinds and kind not in need.optional)
