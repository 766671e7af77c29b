"""Telling marketplaces the numbers of parcels, where they take them and the carrier's account says under which delivery service."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT

from backoffice.errors import DomainError, Invalid
from carriers.models import CarrierAccount
from carriers.options import TRACK_SERVICE
from orders.enums import OPEN_ACTION_STATES, ActionKind, ActionState
from orders.marketplaces import facts
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, MarketplaceAccount, MarketplaceAction, Order, Shipment
from orders.models.assembly import OPEN
from orders.models.shipment import ATTACHED
from orders.services import stages
from orders.services.actors import SYSTEM, Actor
from orders.services.sending import nudge, outbox

#: Track numbers that one job tells, or one look around finds.
TOLD_AT_ONCE = 200
#: A look around goes through parcels that were attached, and tasks that have moved, so long ago.
ATTACHED_WITHIN = timedelta(days=1)
MOVED_WITHIN = timedelta(hours=1)
#: Of another number in its place: what is not under way yet, or was refused.
_RECALLED = (ActionState.QUEUED, ActionState.FAILED)


def service_of(account: CarrierAccount) -> str:
    """The marketplace's number of the delivery service that an account's parcels are told under; empty: they are not told."""
    return str(account.options.get(TRACK_SERVICE) or "").strip()


def takes_tracks(task: AssemblyTask, offer: Offer) -> bool:
    """Whether the marketplace takes a track number of the task as it is now."""
    return task.marketplace_status.get(offer.step_word, "") in _words(offer)


def _words(offer: Offer) -> Collection[str]:
    """Raw words of the statuses in which the marketplace takes track numbers."""
    return offer.details.get(ActionKind.SEND_TRACK, frozenset())


def knows(order: Order, number: str) -> bool:
    """Whether the order, as the marketplace told it last, has this track number."""
    there = facts.of_order(order.data).delivery
    every = [*there.tracks, *(track for parcel in there.parcels for track in parcel.tracks)]
    return any(track.code == number for track in every)


def announce(fresh: Sequence[Shipment]) -> None:
    """One is told now, so that the page shows it; many are left to jobs."""
    ids = [row.pk for row in fresh if service_of(row.carrier_account)]
    if len(ids) == 1:
        tell_tracks(ids)
        return
    for start in range(0, len(ids), TOLD_AT_ONCE):
        nudge.tell_tracks(ids[start : start + TOLD_AT_ONCE])


def tell_tracks(shipment_ids: Collection[int]) -> int:
    """Queue the telling of track numbers where the marketplace takes them now; returns how many were queued. Idempotent.

    A marketplace takes one number of an order at a time: while one is in the outbox another parcel's waits for ``tell_untold``.
    """
    rows = Shipment.objects.filter(ATTACHED, pk__in=list(shipment_ids))
    return sum(_tell(row) for row in rows.select_related("carrier_account").order_by("pk"))


def _tell(row: Shipment) -> int:
    service = service_of(row.carrier_account)
    tasks = AssemblyTask.objects.filter(order_id=row.order_id).select_related("account")
    wanted = [task.pk for task in tasks if takes_tracks(task, outbox.offer_of(task.account))]
    asked = MarketplaceAction.objects.filter(
        task_id__in=wanted, kind=ActionKind.SEND_TRACK, payload__data__track=row.number
    ).exclude(state__in=(ActionState.FAILED, ActionState.CANCELLED))
    if not service or not wanted or asked.exists():
        return 0
    wish = outbox.Wish(ActionKind.SEND_TRACK, data={"track": row.number, "service": service})
    try:
        outcomes = outbox.request_many(wanted, wish, actor=SYSTEM)
    except DomainError:  # the option names no service: the parcel is attached all the same
        return 0
    return sum(isinstance(outcome, MarketplaceAction) for outcome in outcomes.values())


def tell_untold(now: datetime) -> int:
    """Tell numbers that could not be told when their parcels were attached, since when the marketplace takes them, or the number
    before them has got its answer; returns how many were queued. Idempotent.

    A number that was asked for since its parcel was attached is left alone, whatever came of it: a person stopped it, or the
    marketplace does not want it. One statement where no carrier account has a service.
    """
    telling = [account.pk for account in _telling()]
    takers = _takers() if telling else Q()
    if not takers:
        return 0
    return tell_tracks(_untold(telling, takers, now).values_list("pk", flat=True)[:TOLD_AT_ONCE])


def _telling() -> Iterable[CarrierAccount]:
    rows = CarrierAccount.objects.filter(enabled=True, **{f"options__{TRACK_SERVICE}__isnull": False})
    return [account for account in rows.only("options") if service_of(account)]


def _takers() -> Q:
    """Tasks whose marketplace takes a track number as they are now: one statement."""
    found = Q()
    for account in MarketplaceAccount.objects.filter(enabled=True):
        try:
            offer = outbox.offer_of(account)
        except Invalid:  # its settings make no sense: its own jobs say so
            continue
        if words := sorted(_words(offer)):
            found |= Q(account=account.pk, **{f"marketplace_status__{offer.step_word}__in": words})
    return found


def _untold(telling: Collection[int], takers: Q, now: datetime) -> QuerySet[Shipment]:
    """By the indexes of what was attached lately and of what has moved."""
    asked = MarketplaceAction.objects.filter(task__order=OuterRef("order"), kind=ActionKind.SEND_TRACK)
    named = asked.annotate(track=KT("payload__data__track"))
    mine = named.filter(track=OuterRef("number"), created_at__gte=OuterRef("created_at"))
    under_way = asked.filter(state__in=OPEN_ACTION_STATES)
    tasks = AssemblyTask.objects.filter(takers, OPEN)
    moved = tasks.filter(updated_at__gt=now - MOVED_WITHIN)
    lately = Q(created_at__gt=now - ATTACHED_WITHIN) | Q(order__in=moved.values("order"))
    rows = Shipment.objects.filter(ATTACHED, lately, Exists(tasks.filter(order=OuterRef("order"))))
    return rows.filter(~Exists(mine), ~Exists(under_way), carrier_account__in=telling).order_by("-created_at", "-pk")


@transaction.atomic
def recall(row: Shipment, *, actor: Actor) -> None:
    """Stop the telling of a number that is taken off its order, where it has not left yet. Idempotent.

    One that is on its way cannot be stopped; what the marketplace knows it keeps.
    """
    waiting = MarketplaceAction.objects.filter(
        task__order_id=row.order_id, kind=ActionKind.SEND_TRACK, state__in=_RECALLED, payload__data__track=row.number
    )
    known = list(waiting.order_by("pk").values_list("pk", "task_id"))
    stages.lock({task_id for _pk, task_id in known})  # before the actions, as everybody does
    for pk, _task_id in known:
        outbox.give_up(pk, actor=actor)
