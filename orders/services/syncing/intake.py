"""Orders come in: a page becomes rows in a fixed number of statements; the same page again writes nothing.

One broken element is one attention with its raw text; the rest of the page goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from backoffice import payloads
from backoffice.errors import Unreadable
from backoffice.models import RawPayload
from orders.enums import AttentionKind, EntryKind, Severity
from orders.marketplaces.base import IncomingTask, Marketplace, Offer, RawTask
from orders.models import AssemblyTask, Buyer, MarketplaceAccount, Order, TaskItem
from orders.services import attention, buyers, stages, timeline
from orders.services.actors import MARKETPLACE
from orders.services.warehouse import articles

from . import renewal, rows, statuses
from .rows import Parsed


@dataclass(slots=True)
class Taken:
    """What became of a page. ``created`` are ids of our new tasks."""

    created: list[int] = field(default_factory=list)
    changed: int = 0
    unchanged: int = 0
    broken: int = 0

    def add(self, other: Taken) -> None:
        """Another page of the same run."""
        self.created += other.created
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.broken += other.broken


def receive_page(
    account: MarketplaceAccount, provider: Marketplace, tasks: Sequence[RawTask], *, asked_at: datetime | None = None
) -> Taken:
    """Store a page of tasks with their raw text. Idempotent: an unchanged task is known by its digest and left alone.

    ``asked_at``: when the page was asked for; a known task whose status was written after that is left to the next page.
    """
    fresh = {raw.external_id or raw.digest: raw for raw in tasks}
    known = _known_digests(account, [raw.external_id for raw in fresh.values()])
    todo = [raw for raw in fresh.values() if known.get(raw.external_id) != raw.digest]
    taken = Taken(unchanged=len(fresh) - len(todo))
    if not todo:
        return taken
    parsed, broken = _parse(provider, todo)
    _keep_broken(account, broken)
    taken.broken = len(broken)
    new = [each for each in parsed if each.task.external_id not in known]
    taken.created = _create_safely(account, provider.offer, new)
    if taken.created:  # after the orders are committed: no lock is held while another page names the same goods
        articles.learn(item for each in new for item in each.task.items)
    taken.broken += len(new) - len(taken.created)
    old = [each for each in parsed if each.task.external_id in known]
    if old:
        taken.changed, refused = renewal.renew(account, provider.offer, old, asked_at=asked_at or timezone.now())
        _keep_broken(account, [(each.raw, Unreadable("constraint", name)) for each, name in refused])
        taken.broken += len(refused)
    return taken


def _known_digests(account: MarketplaceAccount, ids: Sequence[str]) -> dict[str, str]:
    known = AssemblyTask.objects.filter(account=account, external_id__among=ids)
    return dict(known.values_list("external_id", "raw_digest"))


def _parse(provider: Marketplace, todo: Sequence[RawTask]) -> tuple[list[Parsed], list[tuple[RawTask, Unreadable]]]:
    parsed, broken = [], []
    for raw in todo:
        try:
            parsed.append(Parsed(raw, provider.parse(raw)))
        except Unreadable as error:
            broken.append((raw, error))
    return parsed, broken


def _keep_broken(account: MarketplaceAccount, broken: Sequence[tuple[RawTask, Unreadable]]) -> None:
    """The raw text of what could not be read, and a question for a person: once a text, however often it comes."""
    if not broken:
        return
    asked = attention.open_keys([_bad_key(account, raw) for raw, _ in broken])
    fresh = [(raw, error) for raw, error in broken if _bad_key(account, raw) not in asked]
    drafts = [rows.draft(account, raw, error.detail or error.code) for raw, error in fresh]
    kept = payloads.keep_many(drafts) if drafts else []
    questions = [_bad(account, raw, error, row) for (raw, error), row in zip(fresh, kept, strict=True)]
    attention.open_many(questions)


def _bad_key(account: MarketplaceAccount, raw: RawTask) -> str:
    return f"{AttentionKind.BAD_ORDER}:{account.ref}:{raw.digest}"


def _bad(account: MarketplaceAccount, raw: RawTask, error: Unreadable, row: RawPayload) -> attention.Question:
    return attention.Question(
        kind=AttentionKind.BAD_ORDER,
        severity=Severity.URGENT,
        key=_bad_key(account, raw),
        account_id=account.pk,
        payload_id=row.pk,
        facts={"external_id": raw.external_id, "reason": (error.detail or error.code)[:300]},
    )


def _create_safely(account: MarketplaceAccount, offer: Offer, new: Sequence[Parsed]) -> list[int]:
    """Create; when another process was faster with some of them, the constraint says so and the rest is created."""
    if not new:
        return []
    try:
        return _create(account, offer, new)
    except (IntegrityError, DataError):
        known = _known_digests(account, [each.task.external_id for each in new])
        rest = [each for each in new if each.task.external_id not in known]
        return _create_one_by_one(account, offer, rest)


def _create_one_by_one(account: MarketplaceAccount, offer: Offer, new: Sequence[Parsed]) -> list[int]:
    """One row the database refuses must not hold up the others."""
    created: list[int] = []
    for each in new:
        try:
            created += _create(account, offer, [each])
        except (IntegrityError, DataError) as error:
            _keep_broken(account, [(each.raw, Unreadable("constraint", type(error).__name__))])
    return created


@transaction.atomic
def _create(account: MarketplaceAccount, offer: Offer, new: Sequence[Parsed]) -> list[int]:
    now = timezone.now()
    raws = payloads.keep_many([rows.draft(account, each.raw) for each in new])
    orders, created = _orders(account, [each.task for each in new])
    tasks = [
        rows.task_row(account, offer, each, orders[each.task.order_external_id].pk, now=now, raw=raw)
        for each, raw in zip(new, raws, strict=True)
    ]
    AssemblyTask.objects.bulk_create(tasks)
    items = [rows.item_row(row.pk, item) for row, each in zip(tasks, new, strict=True) for item in each.task.items]
    TaskItem.objects.bulk_create(items)
    _store_buyers(orders, [each.task for each in new], created)
    told = [(row, each.task.buyer) for row, each in zip(tasks, new, strict=True) if each.task.buyer]
    if told:
        buyers.learn(told)
    timeline.record([_received(row, each.task) for row, each in zip(tasks, new, strict=True)], now=now)
    joined = {row.order_id for row in tasks} - {order.pk for order in created.values()}
    if joined:
        stages.refresh_orders(joined, now=now)
    _ask(offer, tasks, new)
    return [row.pk for row in tasks]


def _orders(account: MarketplaceAccount, tasks: Sequence[IncomingTask]) -> tuple[dict[str, Order], dict[str, Order]]:
    """All orders of the tasks by external id, and those that were created just now."""
    first = {task.order_external_id: task for task in reversed(tasks)}
    found = {
        order.external_id: order for order in Order.objects.filter(account=account, external_id__among=list(first))
    }
    missing = {key: rows.order_row(account, task) for key, task in first.items() if key not in found}
    Order.objects.bulk_create(missing.values())
    return {**found, **missing}, missing


def _store_buyers(orders: dict[str, Order], tasks: Sequence[IncomingTask], created: dict[str, Order]) -> None:
    first = {task.order_external_id: task for task in reversed(tasks)}
    fresh = [rows.buyer_row(orders[key].pk, first[key]) for key in created]
    Buyer.objects.bulk_create(fresh)


def _ask(offer: Offer, tasks: Sequence[AssemblyTask], new: Sequence[Parsed]) -> None:
    """Questions that new tasks bring along: words nobody knows, a buyer who wants to cancel already."""
    pairs = list(zip(tasks, new, strict=True))
    statuses.raise_unknown([(row, each.status) for row, each in pairs if not each.task.known])
    wishes = [statuses.wish_question(offer, row, row.cancel_requested_at) for row in tasks if row.cancel_requested_at]
    attention.open_many(wishes)


def _received(row: AssemblyTask, task: IncomingTask) -> timeline.Fact:
    return timeline.about(
        row,
        EntryKind.ORDER_RECEIVED,
        MARKETPLACE,
        "received",
        code=" / ".join(task.words.values()),
        status=task.stage.value,
        data={"articles": [item.article for item in task.items][:10]},
        happened_at=task.created_at,
    )
