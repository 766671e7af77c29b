"""Taking back the last scan: what it did is undone by a fact of its own, and the scan stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict, DomainError
from orders import scanwords
from orders.enums import LIVE_CODE_STATES, OPEN_ACTION_STATES, ActionKind, ActionState, ScanOutcome
from orders.models import AssemblyTask, MarketplaceAction, MarkingCode, Scan
from orders.services import stages
from orders.services.actors import Actor
from orders.services.shipping import shipments

from . import assembly, marking, picking, scanning, swaps, training
from .scanning import Effect, Shot, Verdict

#: The last scan is taken back without being named for so long; later one says which.
LATELY = timedelta(minutes=10)
#: Whoever scanned one of these has turned to something else since, or has told the marketplace.
_TURNED = ("opened", "next", "start", "ready")
#: Scans that are looked at for that.
_MOST_SINCE = 50
#: What a question about undoing is called.
ASKED = "undo"


def undo(scan_id: int | None, shot: Shot, *, actor: Actor, here: int | None = None) -> Verdict:
    """Take back what a scan did: this one, or the person's last that did something. ``shot`` is the asking, stored too.

    ``here``: the task on the bench. The last scan of another one is taken back only once the person has been told which it is,
    and has said yes. Idempotent by the nonce of the asking; a scan is undone once. Never raises: a refusal is a verdict, and
    nothing has changed.
    """
    known = scanning.by_nonce(shot.nonce)
    if known is not None:
        return known
    try:
        scan = _named(scan_id, actor) if scan_id is not None else _last(actor)
        if scan_id is None and _is_doubtful(scan, here, actor) and not _agreed(scan, shot, actor):
            return _ask(scan, shot, actor)
        return _undo(scan, shot, actor)
    except DomainError as error:
        return scanning.refuse(shot, error, actor=actor)


def _named(scan_id: int, actor: Actor) -> Scan:
    return _found(training.visible(_mine(actor), actor.training).filter(pk=scan_id).first())


def _last(actor: Actor) -> Scan:
    lately = _mine(actor).filter(undone_at=None, scanned_at__gt=timezone.now() - LATELY)
    return _found(training.visible(lately, actor.training).order_by("-scanned_at", "-pk").first())


def _mine(actor: Actor) -> QuerySet[Scan]:
    return Scan.objects.filter(user=actor.user).exclude(effect="").select_related("task")


def _found(scan: Scan | None) -> Scan:
    if scan is None:
        raise Conflict("nothing", _("There is no scan of yours to take back."))
    return scan


def _is_doubtful(scan: Scan, here: int | None, actor: Actor) -> bool:
    """Whether the person may mean something else: he has turned to another task since. Two statements at most.

    Raises ``Conflict`` ("told") when what came since was READY: that is told already, and no scan takes it back.
    """
    since = Scan.objects.filter(user=actor.user, pk__gt=scan.pk, outcome=ScanOutcome.OPENED, reason__in=_TURNED)
    turned = list(since.only("reason", "task_id", "facts").order_by("-pk")[:_MOST_SINCE])
    _refuse_packed(scan, [row.task_id for row in turned if row.reason == "ready" and row.task_id])
    elsewhere = here is not None and here != scan.task_id
    return elsewhere or any(_is_another(row, scan) for row in turned)


def _is_another(turned: Scan, scan: Scan) -> bool:
    """Whether what the person turned to is not the task of the scan, nor its order. START is something done as well."""
    order_id = scan.task.order_id if scan.task else None
    same = turned.task_id == scan.task_id or turned.facts.get("opens") == ["order", order_id]
    return turned.reason == "start" or not same


def _refuse_packed(scan: Scan, task_ids: Sequence[int]) -> None:
    """Raises ``Conflict`` ("told") when one of these tasks, or that of the scan, was packed after it."""
    asked = MarketplaceAction.objects.filter(kind=ActionKind.READY, created_at__gt=scan.scanned_at)
    asked = asked.filter(task_id__in={*task_ids, scan.task_id} - {None})
    told = asked.filter(state__in=(*OPEN_ACTION_STATES, ActionState.SUCCEEDED)).order_by("-pk").select_related("task")
    last = told.first()
    if last is not None:
        text = _("Order %(number)s is packed, and READY is not taken back by a scan.")
        raise Conflict("told", text % {"number": last.task.external_id}, number=last.task.external_id)


def _agreed(scan: Scan, shot: Shot, actor: Actor) -> bool:
    """Whether the person was asked about this very scan just now and says yes: by the button, or by UNDO once more."""
    last = Scan.objects.filter(user=actor.user).order_by("-scanned_at", "-pk").first()
    if last is None or last.reason != ASKED or last.facts.get(ASKED) != scan.pk:
        return False
    if shot.override:
        return True
    soon = timezone.now() - last.scanned_at < swaps.AGREED_WITHIN
    return soon and scanning.just_read(shot, actor) is None


def _ask(scan: Scan, shot: Shot, actor: Actor) -> Verdict:
    """It is stored at no task: it would be the answer of none."""
    number = _number(scan)
    facts = {ASKED: scan.pk, "task": scan.task_id, "number": number}
    text = _("The last thing you did was “%(title)s” at order %(number)s. Scan UNDO once more to take it back.")
    words = text % {"title": _plain(scan), "number": number}
    verdict = Verdict(ScanOutcome.ASK, ASKED, scanwords.asking(ASKED, facts), words, facts=facts)
    return scanning.note(shot, verdict, actor=actor)


def _number(scan: Scan) -> str:
    task: AssemblyTask | None = scan.task
    return task.external_id if task else ""


def _plain(scan: Scan) -> str:
    """Its title without the task before it."""
    return str(scan.facts.get("title", "")).removeprefix(f"{scan.facts.get('head', '')} · ")


def _refuse_late(scan: Scan, actor: Actor) -> None:
    """What has gone on since, or belongs to somebody else by now, is not taken back. Locks the task."""
    tasks = stages.lock([scan.task_id]) if scan.task_id else []
    if tasks and scan.effect != Effect.PARCEL:
        assembly.refuse_other(tasks[0], actor)
    if scan.effect == Effect.PICK and tasks and tasks[0].stage not in picking.PICKED_IN:
        text = _("The task has gone on since: its goods are not taken back by a scan any more.")
        raise Conflict("stage", text, stage=tasks[0].stage)
    if scan.effect == Effect.PICK:
        _refuse_packed(scan, [])
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
    picking.undo(scan, actor=actor)
    named = replace(shot, head=str(scan.facts.get("head") or _number(scan)))
    title = _("Taken back: %(title)s") % {"title": _plain(scan)}
    verdict = Verdict(ScanOutcome.OPENED, "undone", title, facts={"undid": scan.pk})
    return scanning.note(named, verdict, actor=actor, task_id=scan.task_id)
