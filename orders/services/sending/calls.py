"""Calls to buyers: the log of a task, and whether it lets an order be cancelled because nobody answers.

The only writer of ``BuyerCall``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict
from orders import calls as rules
from orders import regions
from orders.enums import ActionKind, CallOutcome, EntryKind
from orders.marketplaces import facts
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, BuyerCall, Order
from orders.services import stages, timeline
from orders.services.actors import Actor
from orders.services.guards import Refusal

#: A call that was begun with “called” and is told the end of within this time is one call.
ONE_CALL = timedelta(minutes=5)


def log_of(task: AssemblyTask, *, now: datetime | None = None) -> rules.CallLog:
    """The calls of a task, judged in the time of its buyer. One statement; the task has its order and account."""
    order = task.order
    order.account = task.account
    return judge(order, of_tasks([task.pk]).get(task.pk, ()), now=now)


def of_tasks(ids: Sequence[int]) -> dict[int, list[BuyerCall]]:
    """Calls by task: one statement."""
    found: dict[int, list[BuyerCall]] = {}
    for row in BuyerCall.objects.filter(task_id__in=ids).order_by("at", "pk"):
        found.setdefault(row.task_id, []).append(row)
    return found


def judge(order: Order, made: Sequence[BuyerCall], *, now: datetime | None = None) -> rules.CallLog:
    """These calls in the time of the order's buyer; the order has its account. No statement."""
    rows = [rules.Call(row.at, CallOutcome(row.outcome), row.seconds) for row in made]
    return rules.judge(rows, zone_of(order), now or timezone.now())


def zone_of(order: Order) -> regions.Zone:
    """The time zone of the order's region; the account's where the region is not known."""
    name = str(order.account.options.get("timezone") or settings.TIME_ZONE)
    return regions.zone_of(facts.of_order(order.data).delivery.region, ZoneInfo(name))


def rests_on_calls(kind: ActionKind, reason: str, offer: Offer) -> bool:
    """Whether an action with this reason needs a log of calls."""
    return kind == ActionKind.CANCEL and reason in offer.call_reasons


def why_not(order: Order, made: Sequence[BuyerCall]) -> Refusal | None:
    """Why a reason that rests on these calls cannot be given yet."""
    log = judge(order, made)
    return None if log.met else Refusal("calls_missing", " ".join(str(text) for text in log.missing))


@transaction.atomic
def add(task_id: int, outcome: CallOutcome, *, actor: Actor, nonce: str = "") -> BuyerCall:
    """Write down a call made just now. Idempotent by nonce.

    “Called” begins a call; “no answer” or “talked” within five minutes of it by the same person tells its end and how
    long the line was open. Raises ``Conflict`` when there is no such task or it is closed.
    """
    found = stages.lock([task_id])
    if not found:
        raise Conflict("not_found", _("There is no such task."))
    task = found[0]
    known = BuyerCall.objects.filter(nonce=nonce).first() if nonce else None
    if known is not None and known.task_id == task.pk:
        return known
    if known is not None:
        raise Conflict("stale", _("The page was out of date. Look again and decide."))
    if not task.is_open:
        raise Conflict("stage", _("This task is closed."))
    now = timezone.now()
    begun = _begun(task, actor, now) if outcome != CallOutcome.CALLED else None
    row = _end(begun, outcome, now=now, nonce=nonce) if begun else _new(task, outcome, actor, now=now, nonce=nonce)
    data = {"outcome": row.outcome, "seconds": row.seconds}
    key = f"{row.pk}:{row.outcome}"
    timeline.record([timeline.about(task, EntryKind.CALLED, actor, key, code=row.outcome, data=data)], now=now)
    return row


def _begun(task: AssemblyTask, actor: Actor, now: datetime) -> BuyerCall | None:
    """The call this person has begun and not told the end of."""
    mine = BuyerCall.objects.filter(task=task, user=actor.user).order_by("-pk").first()
    fits = (
        mine is not None and mine.outcome == CallOutcome.CALLED and mine.seconds is None and now - mine.at <= ONE_CALL
    )
    return mine if fits else None


def _end(begun: BuyerCall, outcome: CallOutcome, *, now: datetime, nonce: str) -> BuyerCall:
    begun.outcome, begun.seconds = outcome, int((now - begun.at).total_seconds())
    BuyerCall.objects.filter(pk=begun.pk).update(outcome=begun.outcome, seconds=begun.seconds, nonce=nonce)
    return begun


def _new(task: AssemblyTask, outcome: CallOutcome, actor: Actor, *, now: datetime, nonce: str) -> BuyerCall:
    return BuyerCall.objects.create(task=task, at=now, outcome=outcome, user=actor.user, nonce=nonce)
