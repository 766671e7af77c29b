"""What the marketplace answered, written down: guarded by the claim, so that a late answer cannot overwrite a newer truth."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from backoffice.errors import CredentialsError, Gone, RateLimited, Refused, Temporary, UpstreamError
from orders.enums import (
    DETAIL_ACTIONS,
    TASK_ACTIONS,
    ActionKind,
    ActionState,
    AttentionKind,
    CodeState,
    EntryKind,
    Stage,
)
from orders.marketplaces.base import Offer, Result
from orders.models import ActionAttempt, AssemblyTask, MarketplaceAccount, MarketplaceAction
from orders.services import accounts, attention, buyers, guards, stages, timeline
from orders.services.actors import MARKETPLACE, SYSTEM, Actor
from orders.services.syncing import reread, verdicts
from orders.transitions import is_step_back

from . import codequeue, outbox

NO_ANSWER = "no_answer"
#: What was sent without an answer may still be at work there: so long until its state is asked for.
GRACE = timedelta(seconds=2)
Outcome = ActionAttempt.Outcome
#: Minutes between attempts with a confirmation code that was refused though it may be right (contract, production shops).
LONG_SCHEDULE = (1, 2, 3, 5, 8, 13, 23, 43, 73, 73, 73, 73)


def answered(
    account: MarketplaceAccount, offer: Offer, batch: Sequence[MarketplaceAction], results: Sequence[Result]
) -> None:
    """Give each action of a call its own result, in a fixed number of statements for those that succeeded."""
    by_id = {result.external_id: result for result in results}
    with transaction.atomic():
        rows = _still_ours(batch)
        done = [row for row in rows if (result := by_id.get(row.task.external_id)) and result.ok]
        _succeed(done, offer, by_id)
        for row in done:
            for verdict in by_id[row.task.external_id].verdicts:
                verdicts.judge(row.task_id, verdict)
        for row in rows:
            result = by_id.get(row.task.external_id)
            if result is None:
                uncertain([row], NO_ANSWER, "")
            elif not result.ok:
                _refused(row, result)
    accounts.went_well(account)


def _still_ours(batch: Sequence[MarketplaceAction]) -> list[MarketplaceAction]:
    """Rows of the claim that nobody released meanwhile, locked, with their tasks locked too."""
    stages.lock({row.task_id for row in batch})
    rows = MarketplaceAction.objects.select_for_update(of=("self",), no_key=True).select_related("task").filter(
        pk__in=[row.pk for row in batch], state=ActionState.SENDING, claim=batch[0].claim
    )  # fmt: skip
    return list(rows.order_by("pk"))


def _succeed(rows: Sequence[MarketplaceAction], offer: Offer, results: Mapping[str, Result]) -> None:
    if not rows:
        return
    now = timezone.now()
    ids = [row.pk for row in rows]
    MarketplaceAction.objects.filter(pk__in=ids).update(
        state=ActionState.SUCCEEDED, finished_at=now, claim=None, claimed_at=None, error_code="", error_detail="",
        keep_trying_until=None,
    )  # fmt: skip
    first = results.get(rows[0].task.external_id)
    attempts = ActionAttempt.objects.filter(action_id__in=ids, call=_call(rows[0]))
    attempts.update(
        finished_at=now, outcome=Outcome.DONE, status=first.status if first else None,
        request_id=(first.request_id if first else "")[:120],
    )  # fmt: skip
    words = {row.task_id: result.words for row in rows if (result := results.get(row.task.external_id))}
    _effects(rows, offer, now, words)


def _effects(
    rows: Sequence[MarketplaceAction], offer: Offer, now: datetime, told: Mapping[int, Mapping[str, str]]
) -> None:
    """What a done action changes here: stage and words, codes, timeline, kept confirmation codes.

    ``told``: the raw words of a task's answer, where it had any.
    """
    kind = ActionKind(rows[0].kind)
    if kind in offer.effects:
        effect = offer.effects[kind]
        ahead = [row for row in rows if _moves_on(Stage(row.task.stage), effect.stage, offer)]
        moves = [
            stages.Move(
                row.task,
                effect.stage,
                {**row.task.marketplace_status, **effect.words, **told.get(row.task_id, {})},
                data={"action": row.pk},
            )
            for row in ahead
        ]
        stages.move_many(moves, actor=MARKETPLACE, now=now)
        AssemblyTask.objects.filter(pk__in=[row.task_id for row in rows]).update(sweep_at=now)
    elif kind in DETAIL_ACTIONS:
        if kind in guards.ANSWERS:
            _answered(rows, now)
        reread.mark(rows[0].account_id, [row.task.external_id for row in rows], now=now)
    elif kind == ActionKind.PUT_CODES:
        _codes_taken(rows, now)
    elif kind == ActionKind.DELETE_CODES:
        codequeue.queue_codes([row.task_id for row in rows])
    timeline.record([_done(row) for row in rows], now=now)
    if kind in offer.coded:
        _forget_codes(rows, offer)
    elif kind == ActionKind.GIVE_DIGITAL:
        buyers.forget_codes([(row.task.order_id, row.pk) for row in rows])
    _settle_questions(rows)


def _answered(rows: Sequence[MarketplaceAction], now: datetime) -> None:
    """The buyer's wish has its answer. Pages asked for before it still tell of the wish: they are older than this."""
    tasks = [row.task for row in rows]
    AssemblyTask.objects.filter(pk__in=[task.pk for task in tasks]).update(cancel_requested_at=None, moved_at=now)
    attention.settle_many([stages.wish_key(task) for task in tasks], actor=SYSTEM)


def _moves_on(stage: Stage, to: Stage, offer: Offer) -> bool:
    """Whether a yes brings a task on. It may be older than what a sweep has learnt since: cancelled meanwhile stays so."""
    return stage != to and not is_step_back(stage, to) and stage not in offer.covers.get(to, frozenset())


def _forget_codes(rows: Sequence[MarketplaceAction], offer: Offer) -> None:
    """The code that was taken, and those that were refused before it."""
    same = MarketplaceAction.objects.filter(task_id__in=[row.task_id for row in rows], kind__in=offer.coded)
    buyers.forget_codes(same.values_list("task__order_id", "pk"))


def _settle_questions(rows: Sequence[MarketplaceAction]) -> None:
    keys = [outbox.failure_key(row) for row in rows]
    for key in attention.open_keys(keys):
        attention.settle(key, actor=SYSTEM)


def _done(row: MarketplaceAction) -> timeline.Fact:
    return timeline.about(
        row.task, EntryKind.ACTION_DONE, MARKETPLACE, f"{row.pk}:{row.attempts}", code=row.kind,
        data={"action": row.pk, "subject": row.subject},
    )  # fmt: skip


def _codes_taken(rows: Sequence[MarketplaceAction], now: datetime) -> None:
    """Codes that were there when the call left are taken; one scanned or set to be sent anew after that waits for its own."""
    # All rows of a call carry codes of one subject and left at one moment.
    there = codequeue.codes_of(rows).filter(state=CodeState.PENDING, changed_at__lte=rows[0].claimed_at or now)
    there.update(state=CodeState.SENT, changed_at=now, detail="")
    codequeue.queue_codes([row.task_id for row in rows])


def _refused(row: MarketplaceAction, result: Result) -> None:
    detail = _safe(row, result.detail)
    _close_attempt(row, Outcome.REFUSED, result.code, detail, status=result.status, request_id=result.request_id)
    for verdict in result.verdicts:
        verdicts.judge(row.task_id, verdict)
    if result.wrong_code and _try_on(row, detail):
        return
    if result.stage_conflict and row.kind in DETAIL_ACTIONS:
        reread.mark(row.account_id, [row.task.external_id])
    elif result.stage_conflict:
        # The table is out of date, or it was done already: the marketplace's state decides.
        uncertain([row], result.code, detail)
        return
    fail(row, guards.WRONG_CODE if result.wrong_code else result.code, detail, forget=not result.wrong_code)


def _try_on(row: MarketplaceAction, detail: str) -> bool:
    """The long schedule of a code that may be right all the same; False when it is over or was never asked for."""
    now = timezone.now()
    step = timedelta(minutes=LONG_SCHEDULE[min(max(row.attempts - 2, 0), len(LONG_SCHEDULE) - 1)])
    if row.keep_trying_until is None or now + step > row.keep_trying_until:
        return False
    MarketplaceAction.objects.filter(pk=row.pk).update(
        state=ActionState.QUEUED, not_before=now + step, claim=None, claimed_at=None,
        error_code=guards.WRONG_CODE, error_detail=detail[:500],
    )  # fmt: skip
    return True


@transaction.atomic
def fail(row: MarketplaceAction, code: str, detail: str, *, forget: bool = True, actor: Actor = MARKETPLACE) -> None:
    """The action is refused for good: its state, the timeline and a question for a person. Guarded: as it was read."""
    now = timezone.now()
    open_row = MarketplaceAction.objects.filter(pk=row.pk, state=row.state, claim=row.claim)
    changed = open_row.update(
        state=ActionState.FAILED, finished_at=now, claim=None, claimed_at=None, keep_trying_until=None,
        error_code=code[:80], error_detail=detail[:500],
    )  # fmt: skip
    if not changed:
        return
    if row.kind == ActionKind.PUT_CODES:
        waiting = codequeue.codes_of([row]).filter(state=CodeState.PENDING, changed_at__lte=row.claimed_at or now)
        waiting.update(state=CodeState.REFUSED, detail=(detail or code)[:300], changed_at=now)
    if forget and _has_code(row):
        buyers.forget_code(row.task.order_id, row.pk)
    facts = {"action": row.pk, "kind": row.kind, "subject": row.subject, "code": code, "detail": detail[:300]}
    key = f"{row.pk}:{row.attempts}"
    timeline.record(
        [timeline.about(row.task, EntryKind.ACTION_FAILED, actor, key, code=code, status=row.kind, data=facts)], now=now
    )
    verdicts.ask(row.task, AttentionKind.ACTION_FAILED, outbox.failure_key(row), facts)
    _stop_what_follows(row)


def _stop_what_follows(row: MarketplaceAction) -> None:
    """Steps that were to go out after this one in one wish: they cannot any more."""
    later = MarketplaceAction.objects.filter(task_id=row.task_id, state=ActionState.QUEUED, pk__gt=row.pk)
    if row.kind in TASK_ACTIONS:
        for pk in later.filter(kind__in=TASK_ACTIONS).values_list("pk", flat=True):
            outbox.give_up(pk, actor=SYSTEM)


def _has_code(row: MarketplaceAction) -> bool:
    return row.kind in (ActionKind.RECEIVE, ActionKind.REJECT)


def fail_later(row: MarketplaceAction) -> None:
    """The state was looked up and the refusal stands."""
    fail(row, row.error_code, row.error_detail)


@transaction.atomic
def found_done(row: MarketplaceAction, offer: Offer) -> None:
    """The marketplace's state shows that an uncertain action was done. Guarded by state; idempotent."""
    stages.lock([row.task_id])
    fresh = MarketplaceAction.objects.select_for_update(of=("self",), no_key=True).select_related("task").filter(
        pk=row.pk, state__in=(ActionState.UNCERTAIN, ActionState.QUEUED)
    ).first()  # fmt: skip
    if fresh is not None:
        _succeed([fresh], offer, {})


def succeeded_without_call(row: MarketplaceAction) -> None:
    """The task is there already: nothing is sent, the wish is fulfilled."""
    MarketplaceAction.objects.filter(pk=row.pk, state=ActionState.QUEUED).update(
        state=ActionState.SUCCEEDED, finished_at=timezone.now(), error_code="", error_detail=""
    )
    timeline.record([_done(row)])
    if _has_code(row):
        buyers.forget_code(row.task.order_id, row.pk)


def put_off(batch: Sequence[MarketplaceAction], error: RateLimited) -> datetime:
    """The budget is used up: back into the queue, not before the time the upstream or our own budget said."""
    until = error.until or timezone.now() + timedelta(seconds=30)
    if error.status is None:
        _not_sent(batch)
    else:
        _close_attempts(batch, Outcome.LATER, error)
    requeue(batch, not_before=until)
    return until


@transaction.atomic
def _not_sent(batch: Sequence[MarketplaceAction]) -> None:
    """Our own budget held the call back: nothing has left, so it was no attempt."""
    ours = _of_claims(batch).filter(state=ActionState.SENDING)
    if ours.update(attempts=F("attempts") - 1):
        ActionAttempt.objects.filter(call=_call(batch[0]), outcome=Outcome.OPEN).delete()


def went_wrong(account: MarketplaceAccount, batch: Sequence[MarketplaceAction], error: UpstreamError) -> None:
    """A call that failed as a whole."""
    accounts.went_wrong(account, error)
    if isinstance(error, Temporary):
        _close_attempts(batch, Outcome.LATER, error)
        requeue(batch, not_before=timezone.now() + _backoff(batch[0].attempts))
    elif isinstance(error, CredentialsError):
        _close_attempts(batch, Outcome.CREDENTIALS, error)
        requeue(batch, not_before=timezone.now() + timedelta(minutes=1))
    elif isinstance(error, Refused):
        _close_attempts(batch, Outcome.REFUSED, error)
        _refused_call(batch, error)
    else:
        uncertain(batch, NO_ANSWER, _about(batch, error))


def _refused_call(batch: Sequence[MarketplaceAction], error: Refused) -> None:
    """One bad item may have spoilt the call for the others: each is tried alone before it is called refused.

    Not where the method itself is gone: a thousand calls more would say the same.
    """
    if len(batch) > 1 and not isinstance(error, Gone):
        requeue(batch, solo=True)
        return
    with transaction.atomic():
        for row in batch:
            fail(row, error.code or str(error.status or ""), _safe(row, error.detail or str(error.message)))


def _backoff(attempts: int) -> timedelta:
    return timedelta(seconds=min(5 * 2 ** min(attempts, 8), 600))


def requeue(
    batch: Sequence[MarketplaceAction], *, not_before: datetime | None = None, solo: bool | None = None
) -> None:
    """Back into the queue. Guarded: only what is on its way or uncertain, and only under the claim the caller saw."""
    rows = _of_claims(batch).filter(state__in=(ActionState.SENDING, ActionState.UNCERTAIN))
    extra = {} if solo is None else {"solo": solo}
    rows.update(state=ActionState.QUEUED, claim=None, claimed_at=None, not_before=not_before or timezone.now(), **extra)


def send_anew(row: MarketplaceAction) -> None:
    """An uncertain action that was not done: at once the first time, later and later where no answer comes again."""
    pause = _backoff(row.attempts) if row.attempts > 1 else timedelta(0)
    requeue([row], not_before=timezone.now() + pause)


def _of_claims(rows: Sequence[MarketplaceAction]) -> QuerySet[MarketplaceAction]:
    """These rows as long as nobody else has claimed them since they were read."""
    return MarketplaceAction.objects.filter(
        pk__in=[row.pk for row in rows], claim__in={row.claim for row in rows if row.claim}
    )


@transaction.atomic
def uncertain(rows: Sequence[MarketplaceAction], code: str, detail: str, *, now: datetime | None = None) -> None:
    """Sent, and nobody knows: the state is asked for before anything is sent again.

    Guarded: only what is on its way, and only under the claim the caller saw.
    """
    moment = now or timezone.now()
    ours = _of_claims(rows).filter(state=ActionState.SENDING).select_for_update(no_key=True).order_by("pk")
    ids = set(ours.values_list("pk", flat=True))
    MarketplaceAction.objects.filter(pk__in=ids).update(
        state=ActionState.UNCERTAIN, not_before=moment + GRACE, error_code=code[:80],
        error_detail=detail[:500],
    )  # fmt: skip
    open_attempts = ActionAttempt.objects.filter(action_id__in=ids, outcome=Outcome.OPEN)
    open_attempts.update(outcome=Outcome.UNCERTAIN, finished_at=moment, error_code=code[:80])
    facts = [
        timeline.about(
            row.task, EntryKind.ACTION_UNCERTAIN, SYSTEM, f"{row.pk}:{row.attempts}", code=row.kind,
            data={"action": row.pk},
        )
        for row in rows
        if code == NO_ANSWER and row.pk in ids
    ]  # fmt: skip
    timeline.record(facts, now=moment)


def ask_later(rows: Sequence[MarketplaceAction]) -> None:
    """The state could not be read: the question stays open for a while longer."""
    for row in rows:
        MarketplaceAction.objects.filter(pk=row.pk, state=ActionState.UNCERTAIN).update(
            not_before=timezone.now() + _backoff(row.attempts)
        )


def _call(row: MarketplaceAction) -> uuid.UUID:
    """The call of a claimed action; one without a claim matches no attempt."""
    return row.claim or uuid.UUID(int=0)


def _close_attempts(batch: Sequence[MarketplaceAction], outcome: str, error: UpstreamError) -> None:
    attempts = ActionAttempt.objects.filter(action_id__in=[row.pk for row in batch], call=_call(batch[0]))
    attempts.update(
        finished_at=timezone.now(), outcome=outcome, status=error.status, error_code=error.code[:80],
        error_detail=_about(batch, error)[:500], request_id=error.request_id[:120],
    )  # fmt: skip


def _about(batch: Sequence[MarketplaceAction], error: UpstreamError) -> str:
    """What was said of one order; of many it could name any of their buyers, so it is left out."""
    return _safe(batch[0], error.detail) if len(batch) == 1 else ""


def _close_attempt(
    row: MarketplaceAction, outcome: str, code: str, detail: str, *, status: int | None, request_id: str
) -> None:
    ActionAttempt.objects.filter(action=row, call=_call(row)).update(
        finished_at=timezone.now(), outcome=outcome, status=status, error_code=code[:80], error_detail=detail[:500],
        request_id=request_id[:120],
    )  # fmt: skip


def _safe(row: MarketplaceAction, detail: str) -> str:
    """The marketplace's words without what it may repeat of the buyer: code, name, phone, address."""
    return buyers.scrub(row.task.order_id, detail) if detail else detail
