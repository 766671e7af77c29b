"""Taking back the last scan: what it did is undone by a fact of its own, and the scan stays."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict, DomainError
from orders.enums import LIVE_CODE_STATES, ScanOutcome
from orders.models import MarkingCode, Scan

from . import assembly, marking, picking, scanning, shipments, stages, swaps, training
from .actors import Actor
from .scanning import Effect, Shot, Verdict

#: The last scan is taken back without being named for so long; later one says which.
LATELY = timedelta(minutes=10)


def undo(scan_id: int | None, shot: Shot, *, actor: Actor) -> Verdict:
    """Take back what a scan did: this one, or the person's last that did something. ``shot`` is the asking, stored too.

    Idempotent by the nonce of the asking; a scan is undone once. Never raises: a refusal is a verdict, and nothing has changed.
    """
    known = scanning.by_nonce(shot.nonce)
    if known is not None:
        return known
    try:
        return _undo(_wanted(scan_id, actor), shot, actor)
    except DomainError as error:
        return scanning.refuse(shot, error, actor=actor)


def _wanted(scan_id: int | None, actor: Actor) -> Scan:
    rows = training.visible(Scan.objects.filter(user=actor.user), actor.training).exclude(effect="")
    if scan_id is not None:
        found = rows.filter(pk=scan_id).first()
    else:
        found = (
            rows.filter(undone_at=None, scanned_at__gt=timezone.now() - LATELY).order_by("-scanned_at", "-pk").first()
        )
    if found is None:
        raise Conflict("nothing", _("There is no scan of yours to take back."))
    return found


def _refuse_late(scan: Scan, actor: Actor) -> None:
    """What has gone on since, or belongs to somebody else by now, is not taken back. Locks the task."""
    tasks = stages.lock([scan.task_id]) if scan.task_id else []
    if tasks and scan.effect != Effect.PARCEL:
        assembly.refuse_other(tasks[0], actor)
    if scan.effect == Effect.PICK and tasks and tasks[0].stage not in picking.PICKED_IN:
        raise Conflict("stage", _("The task has gone on since: its goods are not taken back by a scan any more."))
    live = MarkingCode.objects.filter(scans=scan.pk, state__in=LIVE_CODE_STATES)
    if scan.effect == Effect.CODE and not live.exists():
        raise Conflict("nothing", _("This code has been taken off already."))
    if scan.effect == Effect.PARCEL and scan.scanned_at < timezone.now() - LATELY:
        raise Conflict("nothing", _("It was attached a while ago: take the parcel off on the page of its order."))


@transaction.atomic
def _undo(scan: Scan, shot: Shot, actor: Actor) -> Verdict:
    _refuse_late(scan, actor)
    claimed = Scan.objects.filter(pk=scan.pk, undone_at=None).update(undone_at=timezone.now(), undone_by=actor.user)
    if not claimed:
        raise Conflict("nothing", _("This scan has been taken back already."))
    if scan.effect == Effect.CODE and scan.code_id:
        marking.remove_code(scan.code_id, actor=actor)
    if scan.effect == Effect.SWAP and scan.code_id:
        swaps.swap(scan.code_id, int(scan.facts["task"]), actor=actor)
    if scan.effect == Effect.PARCEL and scan.facts.get("shipment"):
        shipments.detach(int(scan.facts["shipment"]), _("The scan was taken back."), actor=actor)
    picking.undo([scan.pk])
    title = _("Taken back: %(title)s") % {"title": scan.facts.get("title", "")}
    verdict = Verdict(ScanOutcome.OPENED, "undone", title, facts={"undid": scan.pk})
    return scanning.note(shot, verdict, actor=actor, task_id=scan.task_id)
