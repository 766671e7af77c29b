"""A unit without a barcode, checked by eye: a scan like any other, which says that nothing was scanned."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from backoffice.errors import Conflict, DomainError
from orders.enums import ScanOutcome
from orders.models import TaskItem
from orders.services import guards
from orders.services.actors import Actor

from . import assembly, marking, picking, scanning, training
from .marking import Bench
from .scanning import Effect, Shot, Verdict

#: ``Scan.kind`` of a unit that was looked at and not scanned.
BY_EYE = "eye"


def check(task_id: int, item_id: int, shot: Shot, *, actor: Actor) -> Verdict:
    """Verify the next unit of an item by eye. Idempotent by nonce. Never raises: a refusal is a verdict, and nothing has changed.

    Refused where a barcode is known ("has_barcode") or a marking code is needed ("needs_code"): those have to be scanned.
    """
    known = scanning.by_nonce(shot.nonce)
    if known is not None:
        return known
    try:
        return _check(task_id, item_id, shot, actor)
    except DomainError as error:
        return scanning.refuse(shot, error, actor=actor, task_id=None if error.code == "not_found" else task_id)
    except IntegrityError:  # the same button sent twice
        busy = Conflict("busy", _("Somebody else is working on this task right now. Try again."))
        return scanning.by_nonce(shot.nonce) or scanning.refuse(shot, busy, actor=actor, task_id=task_id)


@transaction.atomic
def _check(task_id: int, item_id: int, shot: Shot, actor: Actor) -> Verdict:
    table = marking.bench(task_id)
    training.refuse_other_side(table.task, actor)
    assembly.refuse_other(table.task, actor)
    item = _item(table, item_id)
    planned = picking.plan(table.task, table.items, item)
    assembly.take_locked(table.task, actor=actor)
    place = {"article": item.article, "unit": item.quantity - planned.left_of_item, "of": item.quantity}
    verdict = Verdict(
        ScanOutcome.ACCEPTED,
        "seen",
        _("Checked by eye: %(article)s, %(unit)d of %(of)d") % place,
        facts={"complete": not planned.left_of_task and not scanning.codes_left(table), "item": item.pk},
        effect=Effect.PICK,
    )
    verdict = scanning.stored(verdict, shot, BY_EYE, task_id=task_id, actor=actor)
    if verdict.scan is not None:
        picking.write(table.task, planned, scan=verdict.scan, actor=actor, by_eye=True)
    return verdict


def _item(table: Bench, item_id: int) -> TaskItem:
    item = next((each for each in table.items if each.pk == item_id and each.quantity), None)
    if item is None:
        raise Conflict("not_found", _("There is no such item."))
    if item.barcodes:
        raise Conflict("has_barcode", _("These goods have a barcode: scan it."), article=item.article)
    if guards.needed_kinds(table.task, item):
        raise Conflict("needs_code", _("Each of these goods has a marking code: scan it."), article=item.article)
    return item
