"""Asking a marketplace to do something: the outbox row is committed with the change that caused it.

Sending is in ``dispatch``, answers are in ``settle``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import secrets
from backoffice.errors import Conflict, DomainError, Invalid
from orders.enums import (
    DETAIL_ACTIONS,
    ActionKind,
    ActionState,
    AttentionKind,
    CodeState,
    EntryKind,
    Source,
)
from orders.marketplaces.base import Offer
from orders.models import (
    AssemblyTask,
    BuyerCall,
    MarketplaceAccount,
    MarketplaceAction,
    Order,
    RequestKey,
)
from orders.services import accounts, attention, buyers, counters, guards, stages, timeline
from orders.services.actors import Actor
from orders.services.warehouse import training

from . import calls, codequeue, detaildata, details, nudge

KEEP_TRYING = timedelta(hours=6)
#: Steps that waiting codes are sent before.
AFTER_CODES = (ActionKind.READY, ActionKind.DELIVER, ActionKind.RECEIVE)
offer_of = accounts.offer_of
queue_codes = codequeue.queue_codes
__all__ = [
    "Idempotency",
    "Wish",
    "digest_of",
    "give_up",
    "keep_trying",
    "offer_of",
    "queue_codes",
    "request",
    "request_many",
    "send_again",
]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked. ``date``: ISO date of a delivery that was not today. ``data``: what a detail action carries, nothing personal.

    ``code``: what is kept encrypted until it is sent: the buyer's confirmation code, or digital keys as JSON.
    """

    kind: ActionKind
    code: str = field(default="", repr=False)
    reason: str = ""
    date: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def payload(self) -> dict[str, Any]:
        parts = (("reason", self.reason), ("date", self.date), ("data", dict(self.data)))
        return {name: value for name, value in parts if value}


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A client's key and the digest of what it sent with it."""

    key: str = ""
    digest: str = ""


def digest_of(task_id: int, wish: Wish) -> str:
    """Tells a request from any other, its code too. Keyed: a buyer's six digits are quickly guessed from a plain hash."""
    asked = [task_id, wish.kind, wish.code, wish.reason, wish.date, dict(wish.data)]
    return secrets.token("idempotency", json.dumps(asked, sort_keys=True))


def request(task_id: int, wish: Wish, *, actor: Actor, idempotency: Idempotency | None = None) -> MarketplaceAction:
    """Ask for one action. Idempotent: an open action of the kind, or the same idempotency key, gives the action there is.

    Raises ``Conflict`` (409) where the table says no, ``Invalid`` (422) for a malformed code or a key used for something else.
    """
    key = idempotency or Idempotency()
    if (known := _by_key(key, actor)) is not None:
        return known
    try:
        outcome = request_many([task_id], wish, actor=actor, idempotency=key)[task_id]
    except IntegrityError:  # the same key at the same moment
        if (known := _by_key(key, actor)) is not None:
            return known
        raise
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def _by_key(key: Idempotency, actor: Actor) -> MarketplaceAction | None:
    if not key.key:
        return None
    known = RequestKey.objects.select_related("action").filter(actor=actor.user, key=key.key).first()
    if known is not None and known.digest != key.digest:
        raise Invalid("idempotency_key", _("This Idempotency-Key was used for another request."))
    return known.action if known else None


Outcome = MarketplaceAction | DomainError


def request_many(
    task_ids: Collection[int], wish: Wish, *, actor: Actor, idempotency: Idempotency | None = None
) -> dict[int, Outcome]:
    """Ask for an action on many tasks in a fixed number of statements; each task has its own outcome. Idempotent as ``request``."""
    wish = replace(wish, data=detaildata.clean(wish.kind, wish.data))
    with transaction.atomic():
        outcomes = _request(task_ids, wish, actor, idempotency or Idempotency())
    refused = [outcome for outcome in outcomes.values() if isinstance(outcome, DomainError)]
    if refused:
        counters.count_saved("marketplaces", len(refused))
    return outcomes


def _request(task_ids: Collection[int], wish: Wish, actor: Actor, key: Idempotency) -> dict[int, Outcome]:
    tasks = stages.lock(task_ids)
    accounts_by_id = MarketplaceAccount.objects.in_bulk({task.account_id for task in tasks})
    offers = {pk: offer_of(account) for pk, account in accounts_by_id.items()}
    facts = guards.gather(tasks)
    more = _more(tasks, wish, offers)
    outcomes: dict[int, Outcome] = {
        pk: Conflict("not_found", _("There is no such task.")) for pk in set(task_ids) - {task.pk for task in tasks}
    }
    todo: list[AssemblyTask] = []
    for task in tasks:
        offer = offers[task.account_id]
        outcome: Outcome | None = training.other_side(accounts_by_id[task.account_id], actor)
        outcome = outcome or _decide(facts[task.pk], _fitting(wish, offer), offer, more)
        if outcome is None:
            todo.append(task)
        else:
            outcomes[task.pk] = outcome
    outcomes |= _store(todo, offers, wish, actor=actor)
    _keep_key(key, actor, outcomes.values())
    return outcomes


def _fitting(wish: Wish, offer: Offer) -> Wish:
    """The wish without a reason or a code that this marketplace has no use for: nothing is kept that is not sent."""
    keeps_code = wish.kind in offer.coded or wish.kind == ActionKind.GIVE_DIGITAL
    return replace(wish, reason=wish.reason if wish.kind in offer.reasons else "", code=wish.code if keeps_code else "")


@dataclass(frozen=True, slots=True)
class _More:
    """What only some wishes are judged by: orders of the tasks, and the logs of calls to their buyers."""

    orders: Mapping[int, Order]
    calls: Mapping[int, Sequence[BuyerCall]]


def _more(tasks: Sequence[AssemblyTask], wish: Wish, offers: Mapping[int, Offer]) -> _More:
    """Read for all tasks at once, and only where it is needed: at most three statements."""
    by_calls = any(calls.rests_on_calls(wish.kind, wish.reason, offer) for offer in offers.values())
    if not by_calls and wish.kind not in DETAIL_ACTIONS:
        return _More({}, {})
    orders = Order.objects.select_related("account").in_bulk({task.order_id for task in tasks})
    return _More(orders, calls.of_tasks([task.pk for task in tasks]) if by_calls else {})


def _keep_key(key: Idempotency, actor: Actor, outcomes: Iterable[Outcome]) -> None:
    """Under a key its action is found again, whether it was made for it or was there already."""
    if not key.key or actor.user is None:
        return
    for outcome in outcomes:
        if isinstance(outcome, MarketplaceAction):
            RequestKey.objects.create(actor=actor.user, key=key.key, digest=key.digest, action=outcome)


def _decide(facts: guards.Facts, wish: Wish, offer: Offer, more: _More) -> Outcome | None:
    """The action there is already, the refusal, or None when a new action may be queued."""
    problem = _problem(facts, wish, offer)
    if problem is not None:
        return Invalid(problem.code, problem.text)
    same = [action for action in facts.open_actions if action.kind == wish.kind]
    if same:
        return _another_code(same[0], wish)
    refusal = guards.why_not(facts, wish.kind, offer)
    if refusal is None and calls.rests_on_calls(wish.kind, wish.reason, offer):
        refusal = calls.why_not(more.orders[facts.task.order_id], more.calls.get(facts.task.pk, ()))
    if refusal is not None:
        return Conflict(refusal.code, refusal.text)
    if wish.kind in DETAIL_ACTIONS:
        order = more.orders[facts.task.order_id]
        wrong = details.problem(order, facts.items, wish.kind, data=wish.data, code=wish.code)
        return Invalid(wrong.code, wrong.text) if wrong else None
    return None


def _problem(facts: guards.Facts, wish: Wish, offer: Offer) -> guards.Refusal | None:
    """What is malformed in the wish itself."""
    return (
        guards.code_problem(wish.code, wish.kind, offer)
        or guards.reason_problem(facts.task, wish.reason, wish.kind, offer)
        or guards.date_problem(facts.task, wish.date, wish.kind, offer)
    )


def _another_code(action: MarketplaceAction, wish: Wish) -> Outcome:
    """A second code for an action that waits: it takes the place of the first. One on its way cannot be changed.

    The same kind with other content is another wish: it is told, not swallowed.
    """
    if wish.payload != action.payload or (wish.kind == ActionKind.GIVE_DIGITAL and not _same_code(action, wish)):
        text = _("“%(action)s” is under way with other content. Wait for its answer.")
        return Conflict("already_queued", text % {"action": ActionKind(action.kind).label})
    if not wish.code:
        return action
    known = buyers.codes_for([(action.task.order_id, action.pk)]).get(action.pk)
    if known == wish.code:
        return action
    if action.state != ActionState.QUEUED:
        return Conflict("sending", _("Another code is being sent right now. Wait for its answer."))
    buyers.keep_code(action.task.order_id, action.pk, wish.code)
    MarketplaceAction.objects.filter(pk=action.pk).update(not_before=timezone.now(), keep_trying_until=None)
    nudge.send_due(action.account_id)
    return action


def _same_code(action: MarketplaceAction, wish: Wish) -> bool:
    return buyers.codes_for([(action.task.order_id, action.pk)]).get(action.pk) == wish.code


def _store(
    todo: Sequence[AssemblyTask], offers: Mapping[int, Offer], wish: Wish, *, actor: Actor
) -> dict[int, Outcome]:
    now = timezone.now()
    if wish.kind in AFTER_CODES:
        queue_codes([task.pk for task in todo], actor=actor, now=now)
    local = {
        task.pk: offers[task.account_id].local[wish.kind] for task in todo if wish.kind in offers[task.account_id].local
    }
    wishes = {pk: _fitting(wish, offer) for pk, offer in offers.items()}
    rows = [_row(task, wishes[task.account_id], actor, now=now, done=task.pk in local) for task in todo]
    # What has to go out before it, in the order of the way: the outbox sends a task's actions by their number.
    before = [
        _row(task, Wish(kind), actor, now=now, done=False)
        for task in todo
        for kind in guards.steps_before(task, wish.kind, offers[task.account_id])
    ]
    MarketplaceAction.objects.bulk_create([*before, *rows])
    timeline.record([_asked(row.task, row, actor) for row in (*before, *rows)], now=now)
    for task, row in zip(todo, rows, strict=True):
        if code := wishes[task.account_id].code:
            buyers.keep_code(task.order_id, row.pk, code)
    moves = [stages.Move(task, local[task.pk].to) for task in todo if task.pk in local]
    stages.move_many(moves, actor=actor, now=now)
    for account_id in {row.account_id for row in rows if row.is_open}:
        nudge.send_due(account_id)
    return {row.task_id: row for row in rows}


def _row(task: AssemblyTask, wish: Wish, actor: Actor, *, now: datetime, done: bool) -> MarketplaceAction:
    return MarketplaceAction(
        task=task,
        account_id=task.account_id,
        kind=wish.kind,
        payload=wish.payload,
        state=ActionState.SUCCEEDED if done else ActionState.QUEUED,
        actor=actor.user,
        source=actor.source,
        solo=bool(wish.date),
        not_before=now,
        finished_at=now if done else None,
    )


def _asked(task: AssemblyTask, row: MarketplaceAction, actor: Actor) -> timeline.Fact:
    return timeline.about(
        task, EntryKind.ACTION_REQUESTED, actor, str(row.pk), code=row.kind, data={"action": row.pk, **row.payload}
    )


@transaction.atomic
def keep_trying(action_id: int, *, actor: Actor) -> MarketplaceAction:
    """Send a refused confirmation code again and again for six hours. Guarded: only a failed action whose code is kept."""
    action = _locked(action_id)
    code = buyers.codes_for([(action.task.order_id, action.pk)]).get(action.pk)
    if action.state != ActionState.FAILED or action.error_code != guards.WRONG_CODE or not code:
        raise Conflict("stage", _("There is no refused code to keep trying."))
    now = timezone.now()
    changes = {"keep_trying_until": now + KEEP_TRYING, "not_before": now + timedelta(minutes=1)}
    return _reopen(action, actor, changes)


@transaction.atomic
def send_again(action_id: int, *, actor: Actor) -> MarketplaceAction:
    """Put a failed action back into the outbox. Guarded: only a failed one, only what the table allows."""
    action = _locked(action_id)
    if action.state != ActionState.FAILED:
        raise Conflict("stage", _("Only a refused action can be sent again."))
    offer = offer_of(action.account)
    facts = guards.gather([action.task])[action.task_id]
    refusal = guards.why_not(facts, ActionKind(action.kind), offer)
    if refusal is not None:
        raise Conflict(refusal.code, refusal.text)
    coded = action.kind in offer.coded or action.kind == ActionKind.GIVE_DIGITAL
    if coded and not buyers.codes_for([(action.task.order_id, action.pk)]):
        raise Conflict("code_required", _("The code is not kept any more: enter it again."))
    return _reopen(action, actor, {"not_before": timezone.now()})


def _reopen(action: MarketplaceAction, actor: Actor, changes: Mapping[str, Any]) -> MarketplaceAction:
    fields = {"state": ActionState.QUEUED, "finished_at": None, "claim": None, "claimed_at": None, **changes}
    rows = MarketplaceAction.objects.filter(pk=action.pk, state=ActionState.FAILED)
    try:
        with transaction.atomic():
            rows.update(**fields)
    except IntegrityError:
        raise Conflict("already_queued", _("Such an action is under way already.")) from None
    if action.kind == ActionKind.PUT_CODES:
        refused = codequeue.codes_of([action]).filter(state=CodeState.REFUSED)
        refused.update(state=CodeState.PENDING, detail="")
    key = f"{action.pk}:again:{action.attempts}"
    fact = timeline.about(
        action.task, EntryKind.ACTION_REQUESTED, actor, key, code=action.kind, data={"action": action.pk, "again": True}
    )
    timeline.record([fact])
    attention.settle(failure_key(action), actor=actor)
    nudge.send_due(action.account_id)
    action.refresh_from_db()
    return action


@transaction.atomic
def give_up(action_id: int, *, actor: Actor) -> MarketplaceAction:
    """Stop an action. Guarded: not while it is on its way; a refused one only loses its kept code and its question. Idempotent."""
    action = _locked(action_id)
    if action.state in (ActionState.SENDING, ActionState.UNCERTAIN) and actor.source != Source.SYSTEM:
        raise Conflict("sending", _("It is on its way: wait for the answer."))
    stopped = MarketplaceAction.objects.filter(pk=action.pk, state=ActionState.QUEUED)
    if stopped.update(state=ActionState.CANCELLED, finished_at=timezone.now(), keep_trying_until=None):
        key = f"{action.pk}:{action.attempts}"
        fact = timeline.about(
            action.task, EntryKind.ACTION_STOPPED, actor, key, code=action.kind, data={"action": action.pk}
        )
        timeline.record([fact])
    buyers.forget_code(action.task.order_id, action.pk)
    attention.settle(failure_key(action), actor=actor)
    action.refresh_from_db()
    return action


def _locked(action_id: int) -> MarketplaceAction:
    rows = MarketplaceAction.objects.select_for_update(of=("self",), no_key=True).select_related("task", "account")
    action = rows.filter(pk=action_id).first()
    if action is None:
        raise Conflict("not_found", _("There is no such action."))
    return action


def failure_key(action: MarketplaceAction) -> str:
    """Key of the question that a refused action raises."""
    return f"{AttentionKind.ACTION_FAILED}:{action.task_id}:{action.kind}:{action.subject}"
