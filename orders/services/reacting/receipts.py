"""Writing of ``Reaction``: every change of its state is guarded by the state it had, and told in the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.errors import Conflict
from orders.enums import EntryKind, ReactionMode, ReactionState
from orders.models import Reaction
from orders.reactions import Hand
from orders.services import timeline
from orders.services.actors import Actor

#: Why it is left to a person.
HANDS: dict[Hand, str | Promise] = {
    Hand.CODE: _("The buyer's code is needed."),
    Hand.DECISION: _("A person decides whether the order is over, and why."),
    Hand.WISH: _("The buyer wants to cancel: answer that first."),
    Hand.PARCELS: _("Another parcel of the order has not been handed over yet."),
    Hand.DAY: _("The carrier names a day before the order."),
    Hand.FIRST: _("The parcel was at its end when it was seen first: compare its number with the waybill."),
    Hand.AGAIN: _("The carrier said so before, then something else, and now again: a person decides."),
    Hand.TURNED: _("The carrier has corrected itself about this order before: a person decides."),
    Hand.RETURN: _(
        "The carrier does not tell here whether a parcel went back: compare before you say it was received."
    ),
    Hand.LATER: _("The parcel was there already; only now the order allows it."),
}
KILLED = _("The rule is stopped.")
NOT_AUTOMATIC = _("The rule is not automatic any more.")
TRIAL = _("Trial run: the rule would do this by itself.")
CAP = _("More than the rule may do in an hour.")
MOVED = _("The carrier says something else now.")
WENT_BACK = _("It would have been wrong: the carrier took its word back later.")
NO_LONGER = _("It is done already, or the marketplace does not allow it any more.")
UNHEARD = _("The carrier could not be asked once more before it was due: a person decides.")
TAKEN_BACK = _("The carrier took its word back before the marketplace was told.")
STRANGE = _("The carrier says a word now that nobody knows here: a person decides.")
UNTOLD = _("The carrier cannot tell of the parcel any more: a person decides.")
DETACHED = _("The parcel was taken off the order.")

#: States that say when.
_TIMED = (ReactionState.WAITING, ReactionState.SHADOW)


def create(rows: Sequence[Reaction], *, actor: Actor, now: datetime) -> None:
    """Store new ones and tell of them, of what a trial run would do too. Two statements."""
    if rows:
        Reaction.objects.bulk_create(rows)
        tried = [_fact(row, actor, now, ReactionState.SHADOW) for row in rows if is_trial(row)]
        timeline.record([*(_fact(row, actor, now) for row in rows), *tried], now=now)


def is_trial(row: Reaction) -> bool:
    """Whether a rule on its trial run would do it by itself, at ``due_at``; people see it as a suggestion."""
    return row.mode == ReactionMode.SHADOW and row.due_at is not None


def is_tried(row: Reaction, now: datetime) -> bool:
    """Whether a rule on its trial run would have done it by now."""
    return is_trial(row) and row.due_at is not None and row.due_at <= now


def move(rows: Sequence[Reaction], to: ReactionState, *, actor: Actor, now: datetime, note: str | Promise = "") -> None:
    """Bring rows of one state into another one. Two statements.

    Guarded: raises ``Conflict`` ("stale") when one of them has moved meanwhile, so that nothing of the transaction stays.
    """
    if not rows:
        return
    was = rows[0].state
    changes = {"state": to, "decided_at": now, "decided_by": actor.user, "note": str(note)[:300]}
    ids = [row.pk for row in rows]
    if Reaction.objects.filter(pk__in=ids, state=was).update(**changes) != len(ids):
        raise Conflict("stale", str(_("Somebody else has changed it meanwhile.")))
    for row in rows:
        for name, value in changes.items():
            setattr(row, name, value)
    timeline.record([_fact(row, actor, now) for row in rows], now=now)


def remark(rows: Sequence[Reaction], note: str | Promise) -> None:
    """A remark that changes no state. One statement."""
    if rows:
        Reaction.objects.filter(pk__in=[row.pk for row in rows]).update(note=str(note)[:300])


def _fact(row: Reaction, actor: Actor, now: datetime, of: ReactionState | None = None) -> timeline.Fact:
    state = str(of or row.state)
    told = {
        "reaction": row.pk,
        "state": state,
        "kind": row.kind,
        "status": row.status,
        "reason": row.reason,
        "date": row.date.isoformat() if row.date else "",
        "due_at": row.due_at.isoformat() if row.due_at and state in _TIMED else "",
        "note": row.note,
    }
    return timeline.Fact(
        row.shipment.order_id,
        EntryKind.REACTION,
        actor,
        f"{row.pk}:{state}:{now.isoformat()}",
        task_id=row.task_id,
        shipment_id=row.shipment_id,
        code=row.kind,
        status=state,
        data={name: value for name, value in told.items() if value},
        happened_at=now,
    )
