"""Sending what is due. A kill at any moment loses nothing and sends nothing twice:

claim (committed, with an attempt row) → one call → settle (guarded by the claim). A claim without an answer becomes
*uncertain*; before an uncertain action is sent again the marketplace is asked for its state.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from backoffice.drift import DriftCollector
from backoffice.errors import RateLimited, UpstreamError
from orders.enums import (
    CODE_ACTIONS,
    DETAIL_ACTIONS,
    LIVE_CODE_STATES,
    OPEN_ACTION_STATES,
    TASK_ACTIONS,
    ActionKind,
    ActionState,
    CodeKind,
    CodeState,
)
from orders.marketplaces.base import Mark, Marketplace, Offer, Outgoing, TaskStatus
from orders.models import ActionAttempt, MarketplaceAccount, MarketplaceAction, MarkingCode
from orders.services import accounts, buyers, counters, guards, stages
from orders.services.actors import SYSTEM
from orders.services.syncing import statuses

from . import codequeue, outbox, settle

#: How long one job goes on sending, and the longest it waits for its budget while holding a worker.
BUSY_SECONDS = 40.0
WAIT_SECONDS = 1.0
#: A task whose state the marketplace leaves out of its answers is asked about for so long.
NEVER_TOLD_AFTER = timedelta(hours=1)
_NEVER_TOLD = gettext_lazy("The marketplace does not say what became of it. Look there, then decide.")


@dataclass(slots=True)
class Sent:
    """What a pass did: calls made, actions settled, calls the pre-flight check saved."""

    calls: int = 0
    actions: int = 0
    saved: int = 0


def send_due(account: MarketplaceAccount) -> Sent:
    """Send what is due for an account, oldest first, in the marketplace's batch size. Guarded by claims: safe to run twice."""
    sent = Sent()
    with DriftCollector(account.kind) as drift:
        provider = accounts.provider(account, drift)
        stop_at = time.monotonic() + BUSY_SECONDS
        while account.active and time.monotonic() < stop_at:
            batch = claim(account, provider, sent)
            if batch is None:
                break
            if batch and not _send(account, provider, batch, sent):
                break
    return sent


def due(account: MarketplaceAccount, now: datetime) -> QuerySet[MarketplaceAction]:
    """Queued actions whose time has come and whose task has no earlier open action: steps go out in order.

    Codes go before the steps that need them, also those that were scanned after the step was asked for.
    """
    rows = MarketplaceAction.objects.filter(account=account, state=ActionState.QUEUED, not_before__lte=now)
    same_task = MarketplaceAction.objects.filter(task=OuterRef("task"), state__in=OPEN_ACTION_STATES)
    earlier = same_task.filter(pk__lt=OuterRef("pk"))
    waits_for_codes = Q(state=ActionState.QUEUED, kind__in=outbox.AFTER_CODES)
    codes_wait = MarkingCode.objects.filter(task=OuterRef("task"), state=CodeState.PENDING)
    free = Q(kind__in=CODE_ACTIONS) & ~Exists(earlier.exclude(waits_for_codes))
    step = ~Q(kind__in=CODE_ACTIONS) & ~Exists(earlier)
    held = Q(kind__in=outbox.AFTER_CODES) & (Exists(codes_wait) | Exists(same_task.filter(kind__in=CODE_ACTIONS)))
    return rows.filter(free | step).exclude(held).order_by("pk")


def claim(account: MarketplaceAccount, provider: Marketplace, sent: Sent) -> list[MarketplaceAction] | None:
    """Take the next batch: None when nothing is due, [] when the pre-flight check stopped all of it."""
    now = timezone.now()
    first = due(account, now).first()
    if first is None:
        return None
    kind = ActionKind(first.kind)
    same = due(account, now).filter(kind=kind, subject=first.subject, solo=first.solo)
    limit = 1 if first.solo else provider.per_call(kind)
    with transaction.atomic():
        chosen = dict(same.values_list("pk", "task_id")[:limit])
        if kind == ActionKind.PUT_CODES:  # a code on its way into the database is either sent or waits for its own call
            stages.lock(chosen.values())
        queued = MarketplaceAction.objects.filter(pk__in=list(chosen), state=ActionState.QUEUED)
        rows = list(queued.select_for_update(of=("self",), no_key=True).select_related("task").order_by("pk"))
        good = _preflight(rows, provider, sent)
        return _mark(good, now)


def _preflight(rows: Sequence[MarketplaceAction], provider: Marketplace, sent: Sent) -> list[MarketplaceAction]:
    """Fail what our own table already refuses; the rest may leave."""
    facts = guards.gather([row.task for row in rows])
    good = []
    for row in rows:
        refusal = guards.why_not(
            facts[row.task_id], ActionKind(row.kind), provider.offer, sending=True, subject=row.subject
        )
        if refusal is None and _is_empty(row, facts[row.task_id], provider.offer):
            outbox.give_up(row.pk, actor=SYSTEM)
        elif refusal is None:
            good.append(row)
        elif refusal.code == "already_done":
            settle.succeeded_without_call(row)
        else:
            settle.fail(row, refusal.code, str(refusal.text))
    sent.saved += len(rows) - len(good)
    if len(rows) > len(good):
        counters.count_saved(provider.kind, len(rows) - len(good))
    return good


def _is_empty(row: MarketplaceAction, facts: guards.Facts, offer: Offer) -> bool:
    """The codes that were to be sent have been taken off again, or some of those that can only go together."""
    if row.kind != ActionKind.PUT_CODES:
        return False
    left = [code for code in facts.codes if row.subject in ("", code.kind) and code.state != CodeState.REFUSED]
    return not left or (offer.codes_together and bool(guards.codes_lacking(facts, offer)))


def _mark(rows: Sequence[MarketplaceAction], now: datetime) -> list[MarketplaceAction]:
    """The claim and one attempt a row, committed before the call leaves."""
    call = uuid.uuid4()
    MarketplaceAction.objects.filter(pk__in=[row.pk for row in rows], state=ActionState.QUEUED).update(
        state=ActionState.SENDING, claim=call, claimed_at=now, attempts=F("attempts") + 1
    )
    ActionAttempt.objects.bulk_create([ActionAttempt(action=row, call=call, started_at=now) for row in rows])
    for row in rows:
        row.state, row.claim, row.claimed_at, row.attempts = ActionState.SENDING, call, now, row.attempts + 1
    return list(rows)


def _send(account: MarketplaceAccount, provider: Marketplace, batch: Sequence[MarketplaceAction], sent: Sent) -> bool:
    """One call. False when this pass should stop: the account is in trouble."""
    outgoing = _outgoing(batch)
    try:
        results = provider.send(ActionKind(batch[0].kind), outgoing)
    except RateLimited as error:
        _pace(batch, settle.put_off(batch, error))
        return True
    except UpstreamError as error:
        sent.calls += 1
        settle.went_wrong(account, batch, error)
        account.refresh_from_db()
        return account.active
    sent.calls += 1
    sent.actions += len(batch)
    settle.answered(account, provider.offer, batch, results)
    return True


def _pace(batch: Sequence[MarketplaceAction], until: datetime) -> None:
    """Wait for the next token when it comes within a second; else put off all of the kind and go on with the others."""
    seconds = (until - timezone.now()).total_seconds()
    if seconds <= WAIT_SECONDS:
        time.sleep(max(0.0, seconds))
        return
    same = MarketplaceAction.objects.filter(account_id=batch[0].account_id, kind=batch[0].kind)
    same.filter(state=ActionState.QUEUED, not_before__lt=until).update(not_before=until)


def _outgoing(batch: Sequence[MarketplaceAction]) -> list[Outgoing]:
    codes = buyers.codes_for([(row.task.order_id, row.pk) for row in batch])
    marks = _marks(batch)
    return [_one(row, codes.get(row.pk, ""), marks.get(row.task_id, [])) for row in batch]


def _marks(batch: Sequence[MarketplaceAction]) -> dict[int, list[MarkingCode]]:
    """Live codes the batch sends: the whole set of a task, because the marketplace replaces it."""
    if not batch or batch[0].kind != ActionKind.PUT_CODES:
        return {}
    live = [state for state in LIVE_CODE_STATES if state != CodeState.REFUSED]
    rows = codequeue.codes_of(batch).filter(state__in=live).select_related("item").order_by("item_id", "unit", "pk")
    found: dict[int, list[MarkingCode]] = {}
    for code in rows:
        found.setdefault(code.task_id, []).append(code)
    return found


def _one(row: MarketplaceAction, code: str, marks: Sequence[MarkingCode]) -> Outgoing:
    return Outgoing(
        external_id=row.task.external_id,
        kind=ActionKind(row.kind),
        code=code,
        code_kind=CodeKind(row.subject) if row.subject else None,
        codes=tuple(mark.value for mark in marks),
        country=next((mark.country for mark in marks if mark.country), ""),
        reason=row.payload.get("reason", ""),
        date=row.payload.get("date", ""),
        marks=tuple(
            Mark(mark.item.external_id, mark.unit, CodeKind(mark.kind), mark.value, mark.country) for mark in marks
        ),
        data=row.payload.get("data", {}),
    )


def release_stuck(now: datetime | None = None) -> int:
    """Claims without an answer for too long become uncertain: their worker died. Guarded by state; idempotent."""
    moment = now or timezone.now()
    limit = moment - timedelta(seconds=settings.SEND_STALE_SECONDS)
    stuck = MarketplaceAction.objects.filter(state=ActionState.SENDING, claimed_at__lt=limit).select_related("task")
    rows = list(stuck)
    if rows:
        settle.uncertain(rows, "no_answer", "", now=moment)
    return len(rows)


def resolve_uncertain(account: MarketplaceAccount) -> int:
    """Ask for the state of tasks whose action got no usable answer; then finish it, send it again, or say what is wrong."""
    now = timezone.now()
    rows = MarketplaceAction.objects.filter(account=account, state=ActionState.UNCERTAIN, not_before__lte=now)
    waiting = list(rows.select_related("task").order_by("pk")[:200])
    if not waiting or not account.active:
        return 0
    with DriftCollector(account.kind) as drift:
        provider = accounts.provider(account, drift)
        try:
            _resolve(provider, waiting)
        except UpstreamError as error:
            settle.ask_later(waiting)
            accounts.went_wrong(account, error)
    return len(waiting)


def _resolve(provider: Marketplace, waiting: Sequence[MarketplaceAction]) -> None:
    steps = [row for row in waiting if row.kind in TASK_ACTIONS]
    details = [row for row in waiting if row.kind in DETAIL_ACTIONS]
    others = [row for row in waiting if row.kind in CODE_ACTIONS]
    # Refused for the stage of the task: what it is now decides whether the codes are sent again.
    asked = steps + [row for row in others if row.error_code not in ("", settle.NO_ANSWER)]
    if asked:
        ids = sorted({row.task.external_id for row in asked})
        said = [status for part in _chunks(ids, provider.status_batch) for status in provider.statuses(part)]
        statuses.apply_statuses(provider.offer, [row.task for row in asked], said)
        _resolve_steps(provider, steps, {status.external_id: status for status in said})
    for row, action in zip(details, _outgoing(details), strict=True):
        _resolve_detail(provider, row, action)
    for row in others:  # the whole set is sent anew: it replaces what is there, twice is once
        settle.send_anew(row)


def _resolve_detail(provider: Marketplace, row: MarketplaceAction, action: Outgoing) -> None:
    """The order itself shows whether it was done; where it cannot, a person has to look."""
    happened = provider.has_happened(action)
    if happened:
        settle.found_done(row, provider.offer)
    elif happened is False:
        settle.send_anew(row)
    else:
        settle.fail(row, settle.NO_ANSWER, str(_NEVER_TOLD))


def _chunks(ids: Sequence[str], size: int) -> list[Sequence[str]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def _resolve_steps(provider: Marketplace, rows: Sequence[MarketplaceAction], said: dict[str, TaskStatus]) -> None:
    offer = provider.offer
    for row in rows:
        status = said.get(row.task.external_id)
        kind = ActionKind(row.kind)
        word = status.words.get(offer.step_word) if status and status.found else None
        if status is not None and status.found and offer.done(kind, status.words):
            settle.found_done(row, offer)
        elif row.error_code not in ("", settle.NO_ANSWER):
            settle.fail_later(row)
        elif word in offer.steps[kind]:
            settle.send_anew(row)
        elif status is not None:
            settle.fail(row, "stage", f"{word or status.detail}")
        elif row.claimed_at and row.claimed_at < timezone.now() - NEVER_TOLD_AFTER:
            settle.fail(row, settle.NO_ANSWER, str(_NEVER_TOLD))
        else:
            settle.ask_later([row])


def send_codes(task_id: int) -> None:
    """Queue and send the waiting codes of one task. Idempotent."""
    with transaction.atomic():
        task = stages.lock([task_id])
        if not task:
            return
        codequeue.queue_codes([task_id], actor=SYSTEM)
    send_due(task[0].account)


def next_moment(account: MarketplaceAccount) -> datetime | None:
    """When the next action of the account wants to be looked at."""
    waiting = MarketplaceAction.objects.filter(
        account=account, state__in=(ActionState.QUEUED, ActionState.UNCERTAIN)
    ).aggregate(next=Min("not_before"))
    found: datetime | None = waiting["next"]
    return found


def accounts_with_work(now: datetime) -> list[int]:
    """Active accounts that have something due, uncertain, or codes waiting."""
    open_rows = MarketplaceAction.objects.filter(
        state__in=(ActionState.QUEUED, ActionState.UNCERTAIN), not_before__lte=now
    )
    active = MarketplaceAccount.objects.filter(enabled=True, paused_reason="")
    return list(active.filter(Exists(open_rows.filter(account=OuterRef("pk")))).values_list("pk", flat=True))


def tasks_with_waiting_codes() -> list[int]:
    """Tasks whose codes wait and for which no sending is queued."""
    of_kind = Q(subject=OuterRef("kind")) | Q(subject="")
    open_puts = MarketplaceAction.objects.filter(
        of_kind, task=OuterRef("task"), kind=ActionKind.PUT_CODES, state__in=OPEN_ACTION_STATES
    )
    waiting = MarkingCode.objects.filter(state=CodeState.PENDING).filter(~Exists(open_puts))
    return sorted(set(waiting.values_list("task_id", flat=True)[:1000]))
