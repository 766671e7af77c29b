"""What changes around a parcel while its carrier says nothing new: it is taken off, another one is, the marketplace moves on.

Whatever follows then is suggested only: nobody has just said anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from carriers.models import CarrierAccount
from carriers.statuses import Change, Finality, TrackingStatus
from orders.enums import (
    OPEN_REACTION_STATES,
    ActionKind,
    ActionState,
    AttentionKind,
    EntryKind,
    ReactionMode,
    ReactionState,
    Severity,
)
from orders.models import AssemblyTask, Reaction, ReactionRule, Shipment, TimelineEntry
from orders.models.assembly import OPEN
from orders.models.shipment import ATTACHED
from orders.reactions import ACTIONS, FINAL_ONLY, IRREVERSIBLE
from orders.services import attention
from orders.services.actors import Actor
from orders.services.shipping import telling
from orders.services.shipping.parcels import Moved, known

from . import acting, reactions, receipts, rules

#: Tasks that moved at most so long ago. It is looked every minute: the rest is for a worker that stood still.
RECENT = timedelta(hours=1)
#: Tasks of one look, the newest first.
MOST = 1000
#: Parcels that anything follows from, as ``orders.reactions.may_follow``.
LEADING = Q(status__in=list(ACTIONS)) & (
    Q(finality=Finality.FINAL) | Q(finality=Finality.OPEN, status__in=list(ACTIONS.keys() - FINAL_ONLY))
)
#: Actions that changed nothing at the marketplace.
_UNDONE = (ActionState.FAILED, ActionState.CANCELLED)
_SENT = (ReactionState.ACTED, ReactionState.TAKEN)
#: What a question tells of a parcel instead of a status.
DETACHED = "detached"


def act_due(now: datetime | None = None, *, account: CarrierAccount | None = None) -> int:
    """The job of every minute: do what is due, then suggest what tasks that have moved allow now, and tell untold numbers.

    Returns how many were done.
    ``account``: do only what its parcels brought about.
    """
    moment = now or timezone.now()
    done = acting.act_due(moment, account=account)
    look_around(moment)
    telling.tell_untold(moment)
    return done


# The marketplace moves on ------------------------------------------------------------------------------------------------


def look_around(now: datetime) -> int:
    """Suggest what follows from where the parcels of tasks are that have moved of late; returns at how many parcels it looked.

    Idempotent. One statement when there is none, a fixed number however many there are. What a reaction is known of, open or
    not, is left alone.
    """
    order_ids = sorted(set(_behind(now).values_list("order_id", flat=True)[:MOST]))
    if not order_ids:
        return 0
    with transaction.atomic():
        rows = Shipment.objects.filter(LEADING, ATTACHED, order__id__among=order_ids).order_by("pk")
        parcels = list(rows.select_for_update(of=("self",), no_key=True))
        suggest(parcels, now=now)
    return len(parcels)


def _behind(now: datetime) -> QuerySet[AssemblyTask]:
    """By the index of what was updated. What can follow is for ``orders.reactions`` to say; what plainly cannot is left out."""
    off = ReactionRule.objects.filter(pk=OuterRef("carrier_account_id"), mode=ReactionMode.OFF)
    answered = Reaction.objects.filter(
        shipment=OuterRef("pk"), task=OuterRef(OuterRef("pk")), status=OuterRef("status")
    )
    mine = Shipment.objects.filter(LEADING, ATTACHED, ~Exists(off), order=OuterRef("order_id"))
    on_the_way = Q(stage__in=acting.DELIVERED)
    parcels = mine.filter(~Exists(answered))
    # "Hand over" is the first step after a delivery that the marketplace did not know of, not the last one.
    behind = answered.exclude(status=TrackingStatus.DELIVERED, kind=ActionKind.DELIVER)
    later = mine.filter(~Exists(behind)).exclude(status=TrackingStatus.OUT_FOR_DELIVERY)
    rows = AssemblyTask.objects.filter(OPEN, updated_at__gt=now - RECENT)
    return rows.filter((~on_the_way & Exists(parcels)) | (on_the_way & Exists(later))).order_by("-updated_at", "-pk")


def suggest(parcels: Sequence[Shipment], *, now: datetime) -> None:
    """Suggest what follows from where these parcels are. Idempotent. Needs a transaction that has locked them."""
    found = list(_standing(parcels))
    if found:
        reactions.suggest_late(found, now=now)


def _standing(parcels: Sequence[Shipment]) -> Iterator[Moved]:
    """As if they had just said once more what they said last; with the entry of it. One statement."""
    told = [row for row in parcels if known(row) is not None]
    rows = TimelineEntry.objects.filter(
        shipment__id__among=[row.pk for row in told], kind=EntryKind.TRACKING, status=F("shipment__status")
    )
    last = dict(rows.order_by("pk").values_list("shipment_id", "dedupe_key")) if told else {}
    for row in told:
        meaning = known(row)
        if meaning is not None:
            yield Moved(row, meaning, meaning, Change.REPEAT, (last[row.pk],) if row.pk in last else ())


# A parcel is taken off ---------------------------------------------------------------------------------------------------


def taken_off(row: Shipment, rest: Sequence[Shipment], *, actor: Actor, now: datetime) -> None:
    """What a parcel brought about ends with it, and what the ``rest`` of the order's parcels allow now is suggested.

    What is open is put away, what has not left the outbox is stopped, and of what the marketplace has been told a person is
    asked. Idempotent. Needs a transaction that has locked the parcels; a fixed number of statements but for the stopped.
    """
    mine = [each for each in _of_order(row.order_id) if each.shipment_id == row.pk]
    for state in OPEN_REACTION_STATES:
        same = [each for each in mine if each.state == state]
        receipts.move(same, ReactionState.OVERTAKEN, actor=actor, now=now, note=receipts.DETACHED)
    sent = [each for each in mine if each.state in _SENT]
    back = [each for each in sent if each.state == ReactionState.ACTED and rules.recalled(each)]
    receipts.move(back, ReactionState.OVERTAKEN, actor=actor, now=now, note=receipts.DETACHED)
    told = [each for each in sent if each.state in _SENT and _matters(each, alone=not rest)]
    attention.open_many([_question(told[-1])] if told else [], now=now)
    suggest(rest, now=now)


def _of_order(order_id: int) -> list[Reaction]:
    """All of them locked, by their ids: those of the other parcels are looked at too."""
    rows = Reaction.objects.filter(shipment__order_id=order_id).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True).select_related("shipment", "action"))


def _matters(row: Reaction, *, alone: bool) -> bool:
    """A parcel replaced on its way says nothing against "handed over"; against "received" it does."""
    told = row.action is not None and row.action.state not in _UNDONE
    return told and (alone or row.kind in IRREVERSIBLE)


def _question(row: Reaction) -> attention.Question:
    kind, parcel = AttentionKind.TRACKING_LOOK, row.shipment
    return attention.Question(
        kind,
        f"{kind}:{parcel.pk}",
        Severity.URGENT if row.kind in IRREVERSIBLE else Severity.WARNING,
        order_id=parcel.order_id,
        task_id=row.task_id,
        shipment_id=parcel.pk,
        carrier_account_id=parcel.carrier_account_id,
        facts={"number": parcel.number, "to": DETACHED, "kind": row.kind, "action": row.action_id},
    )
