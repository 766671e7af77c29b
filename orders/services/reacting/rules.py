"""How far a carrier's word may go by itself. The only writer of ``ReactionRule``."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from backoffice.errors import Conflict, Invalid
from carriers.models import CarrierAccount
from orders.enums import ActionState, ReactionMode, ReactionState, Source
from orders.models import Reaction, ReactionRule
from orders.services.actors import SYSTEM, Actor
from orders.services.sending import outbox

from . import receipts

#: Before a rule becomes automatic it was tried on history this lately.
REHEARSED_WITHIN = timedelta(days=7)
MOST_GRACE = 7 * 24 * 60
MOST_AN_HOUR = 10_000


def rule_of(account: CarrierAccount) -> ReactionRule:
    """The rule of a carrier account; where nobody has made one the default, which suggests and is not stored."""
    found = ReactionRule.objects.filter(carrier_account_id=account.pk).first()
    return found or ReactionRule(carrier_account=account)


def is_rehearsed(rule: ReactionRule, now: datetime | None = None) -> bool:
    """Whether it was tried on history as it is, lately enough to become automatic."""
    moment = now or timezone.now()
    return rule.rehearsed_at is not None and rule.rehearsed_at >= moment - REHEARSED_WITHIN


@transaction.atomic
def change_rule(
    account: CarrierAccount,
    *,
    actor: Actor,
    mode: str | None = None,
    grace_minutes: int | None = None,
    cap_per_hour: int | None = None,
) -> ReactionRule:
    """Change what is given; its version grows. Idempotent: nothing new changes nothing. What waits is held when it ends automatic.

    Raises ``Invalid`` for values that make no sense, ``Conflict`` ("not_rehearsed") for *automatic* without a rehearsal of the
    last seven days with this wait and this number an hour, or with stricter ones.
    """
    rule = locked(account)
    mode = rule.mode if mode is None else mode
    grace = rule.grace_minutes if grace_minutes is None else grace_minutes
    cap = rule.cap_per_hour if cap_per_hour is None else cap_per_hour
    _judge(rule, mode, grace, cap)
    wanted = {"mode": mode, "grace_minutes": grace, "cap_per_hour": cap}
    if any(getattr(rule, name) != value for name, value in wanted.items()):
        untried = {"rehearsed_at": None} if _is_bolder(rule, grace, cap) else {}
        _write(rule, {**wanted, **untried}, actor)
    if rule.mode != ReactionMode.AUTOMATIC:
        _hold(account, receipts.NOT_AUTOMATIC, actor)
    return rule


def _judge(rule: ReactionRule, mode: str, grace: int, cap: int) -> None:
    if mode not in ReactionMode.values:
        raise Invalid("mode", _("There is no such mode."))
    if not 0 <= grace <= MOST_GRACE:
        raise Invalid("grace", _("The wait is between 0 minutes and a week."))
    if not 0 <= cap <= MOST_AN_HOUR:
        raise Invalid("cap", _("The number an hour is between 0 and %(most)d.") % {"most": MOST_AN_HOUR})
    if mode == ReactionMode.AUTOMATIC:
        _refuse_untried(rule, bolder=_is_bolder(rule, grace, cap))


def _is_bolder(rule: ReactionRule, grace: int, cap: int) -> bool:
    """Whether it would do more than the rule that was tried."""
    return grace < rule.grace_minutes or cap > rule.cap_per_hour


def _refuse_untried(rule: ReactionRule, *, bolder: bool) -> None:
    if bolder:
        text = _(
            "Nobody has tried it with a shorter wait or more an hour: save that as a trial run, try it on the last 30 days, "
            "then switch automatic on."
        )
        raise Conflict("not_rehearsed", text)
    if rule.mode != ReactionMode.AUTOMATIC and not is_rehearsed(rule):
        text = _("Try the rule on the last 30 days first, and look at what would have been wrong.")
        raise Conflict("not_rehearsed", text)


def kill(account: CarrierAccount, *, actor: Actor) -> ReactionRule:
    """Nothing more is done by itself, what waits included. Idempotent."""
    return _switch(account, actor, killed=True)


def unkill(account: CarrierAccount, *, actor: Actor) -> ReactionRule:
    """The rule works again; what was held stays a suggestion. Idempotent."""
    return _switch(account, actor, killed=False)


@transaction.atomic
def _switch(account: CarrierAccount, actor: Actor, *, killed: bool) -> ReactionRule:
    rule = locked(account)
    if rule.killed != killed:
        _write(rule, {"killed": killed}, actor)
    if killed:
        _hold(account, receipts.KILLED, actor)
    return rule


def rehearsed(account: CarrierAccount, version: int, now: datetime) -> None:
    """Note that this version of the rule was tried on history. Idempotent; nothing it does has changed, so the version stays.

    Guarded: one that was changed meanwhile is another rule, and nothing is noted.
    """
    with transaction.atomic():
        locked(account)
        ReactionRule.objects.filter(pk=account.pk, version=version).update(rehearsed_at=now)


def locked(account: CarrierAccount) -> ReactionRule:
    """The stored rule, made where there is none, locked. Needs a transaction."""
    ReactionRule.objects.get_or_create(carrier_account=account)
    return ReactionRule.objects.select_for_update(no_key=True).get(pk=account.pk)


def _write(rule: ReactionRule, changes: dict[str, object], actor: Actor) -> None:
    for name, value in changes.items():
        setattr(rule, name, value)
    rule.version += 1
    rule.changed_by = actor.user
    rule.save()


def recalled(row: Reaction) -> bool:
    """Stop the action of a reaction while it has not left; whether it was stopped. Idempotent."""
    action = row.action
    if action is None or action.state != ActionState.QUEUED or action.source != Source.SYSTEM:
        return False
    return outbox.give_up(action.pk, actor=SYSTEM).state == ActionState.CANCELLED


def _hold(account: CarrierAccount, note: str | Promise, actor: Actor) -> None:
    """What waits, here or in the outbox, becomes a suggestion for people. The rule is locked: nothing new begins to wait.

    All of them are locked at once, by their ids, as those do who hear the carrier; then they are read as they are by then.
    """
    rows = Reaction.objects.filter(shipment__carrier_account=account)
    queued = Q(state=ReactionState.ACTED, action__state=ActionState.QUEUED)
    ids = list(rows.filter(queued | Q(state=ReactionState.WAITING)).values_list("pk", flat=True))
    mine = Reaction.objects.filter(pk__in=ids).order_by("pk")
    list(mine.select_for_update(no_key=True).values_list("pk"))
    held = list(mine.select_related("shipment", "action"))
    now = timezone.now()
    waiting = [row for row in held if row.state == ReactionState.WAITING]
    receipts.move(waiting, ReactionState.SUGGESTED, actor=actor, now=now, note=note)
    back = [row for row in held if row.state == ReactionState.ACTED and recalled(row)]
    receipts.move(back, ReactionState.SUGGESTED, actor=actor, now=now, note=note)
