"""What a marketplace describes, as rows not saved yet: the same for new orders and for known ones told anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backoffice import payloads
from backoffice.models import RawPayload
from orders.enums import CLOSED_STAGES, CodeKind, Stage
from orders.marketplaces import facts
from orders.marketplaces.base import IncomingItem, IncomingTask, Offer, RawTask, TaskStatus
from orders.models import AssemblyTask, Buyer, MarketplaceAccount, Order, TaskItem
from orders.services import buyers

ORDER_ENDPOINT = "order"


@dataclass(frozen=True, slots=True)
class Parsed:
    raw: RawTask
    task: IncomingTask

    @property
    def whole(self) -> bool:
        """It describes all of the order, its status too: what it leaves out is not there any more."""
        return self.task.facts is not None

    @property
    def status(self) -> TaskStatus:
        """What it says of the task's status; the stage is None when its words are not known to us."""
        task = self.task
        return TaskStatus(
            task.external_id,
            dict(task.words),
            task.stage if task.known else None,
            cancel_requested=task.cancel_requested,
            updated_at=task.updated_at,
        )


def draft(account: MarketplaceAccount, raw: RawTask, error: str = "") -> payloads.Draft:
    """The raw text of an order, to be kept."""
    return payloads.Draft(account.kind, account.pk, ORDER_ENDPOINT, raw.body, subject=raw.external_id, error=error)


def order_row(account: MarketplaceAccount, task: IncomingTask) -> Order:
    window = task.window
    return Order(
        account=account,
        external_id=task.order_external_id,
        stage=task.stage,
        delivery_type=task.delivery_type,
        window_from=window.start if window else None,
        window_to=window.end if window else None,
        deadline_at=task.deadline_at or task.created_at,
        is_business=task.is_business,
        is_test=task.is_test or account.training,
        data={**task.data, **facts.dump(task.facts)},
        created_at=task.created_at,
    )


def task_row(
    account: MarketplaceAccount, offer: Offer, each: Parsed, order_id: int, *, now: datetime, raw: RawPayload
) -> AssemblyTask:
    task = each.task
    closed = task.stage in CLOSED_STAGES
    told = offer.buyers_early and not closed and task.stage != Stage.WAITING
    return AssemblyTask(
        order_id=order_id,
        account=account,
        external_id=task.external_id,
        stage=task.stage,
        marketplace_status=dict(task.words),
        delivery_type=task.delivery_type,
        code_kinds=values(task.code_kinds),
        required_kinds=values(task.required_kinds),
        deadline_at=task.deadline_at or task.created_at,
        created_at=task.created_at,
        closed_at=now if closed else None,
        sweep_at=now,
        buyer_due_at=now if told and not (task.buyer and task.buyer.complete) else None,
        is_test=task.is_test or account.training,
        moved_at=now,
        said_at=task.updated_at,
        cancel_requested_at=(task.updated_at or now) if task.cancel_requested and not closed else None,
        raw=raw,
        raw_digest=each.raw.digest,
    )


def item_row(task_id: int, item: IncomingItem) -> TaskItem:
    converted = item.converted_price
    return TaskItem(
        task_id=task_id,
        external_id=item.external_id,
        article=item.article,
        name=item.name,
        barcodes=list(item.barcodes),
        quantity=item.quantity,
        price=item.price.amount,
        currency=item.price.currency,
        final_price=item.final_price.amount if item.final_price else None,
        converted_price=converted.amount if converted else None,
        converted_final_price=item.converted_final_price.amount if item.converted_final_price else None,
        converted_currency=converted.currency if converted else "",
        code_kinds=None if item.code_kinds is None else values(item.code_kinds),
        required_kinds=None if item.required_kinds is None else values(item.required_kinds),
        data={**item.data, **facts.dump(item.facts)},
    )


def buyer_row(order_id: int, task: IncomingTask) -> Buyer:
    """What the order itself tells of its buyer; names and phones come through ``buyers.learn``."""
    row = buyers.fresh(order_id, task.address, task.comment)
    row.handover = dict(task.handover) or None
    return row


def values(kinds: tuple[CodeKind, ...]) -> list[str]:
    return [kind.value for kind in kinds]
