"""Parcels of orders: attaching, replacing, detaching. One writer for the page, a scan, the API, an import and a match."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict, DomainError, Invalid
from carriers import registry
from carriers.models import CarrierAccount
from orders.enums import AttentionKind, EntryKind
from orders.models import Order, Shipment
from orders.services import attention, timeline
from orders.services.actors import Actor
from orders.services.reacting import catchup, divergence
from orders.services.sending import nudge

from . import telling

_PROBLEMS = (
    AttentionKind.TRACKING_PROBLEM,
    AttentionKind.TRACKING_LOOK,
    AttentionKind.TRACKING_CORRECTION,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A parcel to attach: ``number`` as somebody wrote it."""

    order_id: int
    carrier_account_id: int
    number: str


@dataclass(frozen=True, slots=True)
class Attached:
    """``fresh`` is False for a parcel that the order had already."""

    shipment: Shipment
    fresh: bool


Outcome = Attached | DomainError


def attach(order_id: int, carrier_account_id: int, number: str, *, actor: Actor) -> Shipment:
    """Attach one parcel; its carrier is asked at once. Idempotent: the same number of the same order gives the row there is.

    Raises ``Invalid`` ("order", "carrier_account", "number"), ``Conflict`` ("number_in_use", "account_off"). Where the
    marketplace takes track numbers it is told this one; that it cannot be told never fails the attaching.
    """
    return attach_or_find(Wanted(order_id, carrier_account_id, number), actor=actor).shipment


def attach_or_find(wanted: Wanted, *, actor: Actor) -> Attached:
    """As ``attach``, and whether it is new."""
    outcome = attach_many([wanted], actor=actor)[0]
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def attach_many(wanted: Sequence[Wanted], *, actor: Actor) -> list[Outcome]:
    """An outcome for each, in their order. Idempotent. A fixed number of statements however many."""
    try:
        with transaction.atomic():
            outcomes = _attach(wanted, actor)
    except IntegrityError:  # somebody attached one of them at the same moment: it is known now
        with transaction.atomic():
            outcomes = _attach(wanted, actor)
    telling.announce([each.shipment for each in outcomes if isinstance(each, Attached) and each.fresh])
    return outcomes


def judge(wanted: Sequence[Wanted], *, training: bool | None = None) -> list[Outcome]:
    """What ``attach_many`` would say now; nothing is written, and fresh shipments have no id. Three statements.

    ``training``: said to somebody who may touch exercises only, or none.
    """
    accounts = CarrierAccount.objects.defer("credentials").in_bulk({each.carrier_account_id for each in wanted})
    rows = Order.objects.filter(pk__in={each.order_id for each in wanted}).select_related("account")
    orders = rows.only("pk", "external_id", "account__training").in_bulk()
    cleaned: list[str | DomainError] = []
    for each in wanted:
        account, order = accounts.get(each.carrier_account_id), orders.get(each.order_id)
        foreign = order is not None and training not in (None, order.account.training)
        cleaned.append(_apart() if foreign else _cleaned(each, account, order))
    known = _taken([name for name in cleaned if isinstance(name, str)])
    found: list[Outcome] = []
    for each, name in zip(wanted, cleaned, strict=True):
        if isinstance(name, DomainError):
            found.append(name)
            continue
        place = (each.carrier_account_id, name)
        there = known.get(place)
        if there is None:
            account, order = accounts[each.carrier_account_id], orders[each.order_id]
            known[place] = Shipment(order=order, carrier_account=account, number=name, next_poll_at=timezone.now())
            found.append(Attached(known[place], fresh=True))
        else:
            found.append(_same(there, each))
    return found


def _cleaned(each: Wanted, account: CarrierAccount | None, order: Order | None) -> str | DomainError:
    if order is None:
        return Invalid("order", _("There is no such order."))
    if account is None:
        return Invalid("carrier_account", _("There is no such carrier account."))
    if not account.enabled:
        return Conflict("account_off", _("The carrier account “%(title)s” is switched off.") % {"title": account.title})
    if account.training != order.account.training:
        return _apart()
    try:
        return registry.clean_number(account.kind, each.number)
    except Invalid as error:
        return error


def _apart() -> Conflict:
    return Conflict("training", _("Exercises and real work stay apart: their parcels too."))


def _taken(numbers: Collection[str]) -> dict[tuple[int, str], Shipment]:
    rows = Shipment.objects.filter(number__among=sorted(set(numbers)), detached_at=None).select_related("order")
    return {(row.carrier_account_id, row.number): row for row in rows} if numbers else {}


def _same(there: Shipment, each: Wanted) -> Outcome:
    if there.order_id == each.order_id:
        return Attached(there, fresh=False)
    text = _("The number %(number)s belongs to order %(order)s already.")
    words = {"number": there.number, "order": there.order.external_id}
    return Conflict("number_in_use", text % words, order=there.order_id, number=there.number)


def _attach(wanted: Sequence[Wanted], actor: Actor) -> list[Outcome]:
    outcomes = judge(wanted, training=actor.training)
    fresh = [each.shipment for each in outcomes if isinstance(each, Attached) and each.fresh]
    for row in fresh:
        row.created_by = actor.user
    Shipment.objects.bulk_create(fresh)
    timeline.record([_fact(row, EntryKind.SHIPMENT_ATTACHED, actor) for row in fresh])
    for account_id in {row.carrier_account_id for row in fresh}:
        nudge.track_parcels(account_id)
    return outcomes


def _fact(row: Shipment, kind: EntryKind, actor: Actor, **data: str) -> timeline.Fact:
    account = row.carrier_account
    told = {"number": row.number, "carrier": account.kind, "account": account.title, **data}
    return timeline.Fact(row.order_id, kind, actor, "once", shipment_id=row.pk, code=row.number, data=told)


@transaction.atomic
def replace(shipment_id: int, number: str, *, actor: Actor, carrier_account_id: int | None = None) -> Shipment:
    """Another number in the place of one: the new parcel is attached, the old one detached. Idempotent.

    The telling of the old number is stopped first: a marketplace takes one at a time. Raises as ``attach`` and ``detach``; then
    nothing has changed.
    """
    old, _rest = _locked(shipment_id)
    if _is_another(old, number, carrier_account_id):
        telling.recall(old, actor=actor)
    new = attach(old.order_id, carrier_account_id or old.carrier_account_id, number, actor=actor)
    if new.pk == old.pk:
        return old
    Shipment.objects.filter(pk=old.pk).update(replaced_by=new)
    detach(old.pk, _("replaced by %(number)s") % {"number": new.number}, actor=actor)
    return new


def _is_another(old: Shipment, number: str, carrier_account_id: int | None) -> bool:
    """The same number at the same carrier stays what it is."""
    return old.number != number.strip() or carrier_account_id not in (None, old.carrier_account_id)


@transaction.atomic
def detach(shipment_id: int, reason: str, *, actor: Actor) -> Shipment:
    """Take a parcel off its order and ask about it no more; what is known of it stays, what it brought about ends. Idempotent.

    Raises ``Invalid`` ("reason") without a reason, ``Conflict`` ("not_found").
    """
    row, rest = _locked(shipment_id)
    if row.detached_at is not None:
        return row
    if not reason.strip():
        raise Invalid("reason", _("Tell why the parcel is taken off."))
    now = timezone.now()
    row.detached_at, row.detach_reason, row.next_poll_at = now, reason.strip()[:200], None
    row.version += 1
    row.save(update_fields=["detached_at", "detach_reason", "next_poll_at", "version"])
    timeline.record([_fact(row, EntryKind.SHIPMENT_DETACHED, actor, reason=row.detach_reason)], now=now)
    attention.settle_many([f"{kind}:{row.pk}" for kind in _PROBLEMS], actor=actor)
    telling.recall(row, actor=actor)
    catchup.taken_off(row, rest, actor=actor, now=now)
    divergence.refresh([row.order_id], now=now)
    return row


def _locked(shipment_id: int) -> tuple[Shipment, list[Shipment]]:
    """A parcel and the others that are attached to its order: all locked, by their ids, because they are judged together."""
    order = Shipment.objects.filter(pk=shipment_id).values("order_id")
    rows = Shipment.objects.filter(Q(detached_at=None) | Q(pk=shipment_id), order_id__in=order).order_by("pk")
    found = list(rows.select_for_update(of=("self",), no_key=True).select_related("carrier_account"))
    row = next((each for each in found if each.pk == shipment_id), None)
    if row is None:
        raise Conflict("not_found", _("There is no such parcel."))
    return row, [each for each in found if each.pk != shipment_id]


def poll_now(shipment_id: int) -> None:
    """Ask about a parcel at once, for a person who waits. Idempotent; a detached one is left alone."""
    rows = Shipment.objects.filter(pk=shipment_id, detached_at=None)
    if rows.update(next_poll_at=timezone.now()):
        nudge.track_parcels(rows.values_list("carrier_account_id", flat=True).get())
