"""Suggestions and what waits, as people decide about them: taken, stopped, put away."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict
from orders.enums import OPEN_REACTION_STATES, ReactionState
from orders.models import Reaction
from orders.services.actors import Actor
from orders.services.sending import outbox

from . import acting, receipts


@transaction.atomic
def take(reaction_id: int, *, actor: Actor, code: str = "") -> Reaction:
    """Do what is suggested, or what waits, now. Idempotent: one that was taken is given as it is.

    Raises ``Conflict`` when it is not open any more or the marketplace does not allow it, ``Invalid`` ("code_required",
    "code_format", …) as ``outbox.request``; then nothing has changed.
    """
    row = _locked(reaction_id)
    if row.state == ReactionState.TAKEN:
        return row
    _refuse_closed(row, OPEN_REACTION_STATES)
    now = timezone.now()
    if note := acting.shaken(row, now):
        raise Conflict("stale", str(note))
    wish = acting.wish_of(row, today=timezone.localdate(now), code=code)
    row.action = outbox.request(row.task_id, wish, actor=actor)
    receipts.move([row], ReactionState.TAKEN, actor=actor, now=now)
    row.save(update_fields=["action"])
    return row


def stop(reaction_id: int, *, actor: Actor) -> Reaction:
    """What waits is not done. Idempotent. Raises ``Conflict`` when it does not wait any more."""
    return _put_away(reaction_id, ReactionState.WAITING, actor=actor)


def dismiss(reaction_id: int, *, actor: Actor, note: str = "") -> Reaction:
    """A suggestion does not fit. Idempotent. Raises ``Conflict`` when it is not a suggestion any more."""
    return _put_away(reaction_id, ReactionState.SUGGESTED, actor=actor, note=note)


@transaction.atomic
def _put_away(reaction_id: int, state: ReactionState, *, actor: Actor, note: str = "") -> Reaction:
    row = _locked(reaction_id)
    if row.state != ReactionState.STOPPED:
        _refuse_closed(row, (state,))
        receipts.move([row], ReactionState.STOPPED, actor=actor, now=timezone.now(), note=note)
    return row


def _locked(reaction_id: int) -> Reaction:
    rows = Reaction.objects.select_for_update(of=("self",), no_key=True).select_related("shipment", "action")
    row = rows.filter(pk=reaction_id).first()
    if row is None:
        raise Conflict("not_found", _("There is no such suggestion."))
    return row


def _refuse_closed(row: Reaction, allowed: Collection[str]) -> None:
    if row.state not in allowed:
        words = {"state": ReactionState(row.state).label}
        raise Conflict("stage", _("It is not open any more: %(state)s.") % words, state=row.state)
