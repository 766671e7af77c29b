"""The number of a parcel, scanned at a task that is packed: it is attached."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.errors import DomainError
from carriers import numbers
from carriers.models import CarrierAccount
from orders import codes as reading
from orders.enums import ScanOutcome, Stage
from orders.models import AssemblyTask
from orders.services.actors import Actor
from orders.services.shipping import shipments
from orders.services.shipping.shipments import Wanted

from . import articles, scanning
from .scanning import Effect, Shot, Verdict

#: While goods are still expected on the bench, what nobody knows is a wrong item and not a waybill.
PACKED = (Stage.READY, Stage.DELIVERING)


def attach(task_id: int, shot: Shot, understood: reading.Reading, *, actor: Actor) -> Verdict | None:
    """Attach what can only be a parcel's number; None when it may be anything else. Idempotent: a known one is a repeat."""
    number = understood.value
    if "barcode" not in understood.kinds or not numbers.may_be_scanned(number):
        return None
    if understood.gtin is not None or articles.owners(number):  # goods, maybe those of the next order
        return None
    order_id = AssemblyTask.objects.filter(pk=task_id, stage__in=PACKED).values_list("order_id", flat=True).first()
    account_id = _only_account(number, actor) if order_id is not None else None
    if order_id is None or account_id is None:
        return None
    try:
        done = shipments.attach_or_find(Wanted(order_id, account_id, number), actor=actor)
    except DomainError as error:
        return scanning.refuse(shot, error, actor=actor, task_id=task_id)
    title = _("Parcel attached: %(number)s") if done.fresh else _("Attached already: %(number)s")
    verdict = Verdict(
        ScanOutcome.ACCEPTED if done.fresh else ScanOutcome.REPEAT,
        "parcel",
        title % {"number": done.shipment.number},
        facts={"shipment": done.shipment.pk},
        effect=Effect.PARCEL if done.fresh else Effect.NOTHING,
    )
    return scanning.note(shot, verdict, actor=actor, task_id=task_id)


def _only_account(number: str, actor: Actor) -> int | None:
    """The one account whose numbers look like that, as on the page; a paused one asks about it later."""
    rows = CarrierAccount.objects.filter(enabled=True).only("kind", "options")
    fitting = numbers.fitting(rows if actor.training is None else rows.filter(training=actor.training), number)
    return fitting[0].pk if len(fitting) == 1 else None
