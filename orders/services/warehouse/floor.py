"""Scan anywhere: what was scanned decides what happens. Every scan is stored and answered in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.errors import Conflict, DomainError, Invalid
from backoffice.models import User
from orders import codes as reading
from orders import signs
from orders.enums import ActionKind, ScanOutcome, Stage
from orders.models import AssemblyTask, Scan, TaskItem, Wave
from orders.services import stages
from orders.services.actors import Actor
from orders.services.sending import outbox
from orders.signs import Command, Sign

from . import assembly, badges, lookups, picking, scannedparcels, scanning, undoing, waves
from .lookups import There
from .scanning import Effect, Shot, Verdict

#: What an answer may open, beside what ``lookups.There`` names.
WAVE, PRINT, PICKER = "wave", "print", "picker"


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was scanned: at a task, in a wave, or at neither.

    ``may_act``: who is signed in may ask marketplaces for steps, and ``asker`` is that person; a badge does not stand for it.
    """

    task_id: int | None = None
    wave_id: int | None = None
    may_act: bool = False
    asker: Actor | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """``opens`` is where the page goes next; for ``PICKER`` it names the user who signs in with his badge."""

    verdict: Verdict
    opens: There | None = None

    @property
    def changed(self) -> bool:
        """Whether what stands on the page is old now."""
        return self.verdict.effect != Effect.NOTHING or self.verdict.reason in _CHANGING


#: Reasons of answers after which the page is old.
_CHANGING = ("undone", "repeat", "swapped", Command.READY.lower(), Command.START.lower())


def answer(shot: Shot, place: Place, *, actor: Actor) -> Answer:
    """Answer one scan made anywhere. Idempotent by nonce; never raises for what was scanned."""
    known = scanning.by_nonce(shot.nonce)
    if known is not None:
        return Answer(known, _opened(known.scan))
    understood = reading.read(shot.raw)
    sign = signs.parse(understood.value) or signs.parse(shot.raw)
    if sign is not None:
        return _of_sign(sign, shot, place, actor)
    task_id = place.task_id or _in_wave(place, shot, understood, actor)
    if task_id is None:
        return _of_number(shot, understood, place, actor)
    if place.task_id is None:
        shot = replace(shot, head=lookups.head(task_id, place.wave_id))
    if not shot.override and not _is_for(task_id, understood):
        there = lookups.number(understood.value, training=actor.training)
        if there is not None:
            return _open(there, shot, actor, here=task_id)
        parcel = scannedparcels.attach(task_id, shot, understood, actor=actor)
        if parcel is not None:
            return Answer(parcel)
    verdict = scanning.scan(task_id, shot, actor=actor)
    opens = There("task", task_id) if place.task_id is None and verdict.ok and not place.wave_id else None
    return Answer(verdict, opens)


def _opened(scan: Scan | None) -> There | None:
    """Where a scan led. A badge that is sent again signs nobody in: it has done so, and may have been replaced since."""
    opens = scan.facts.get("opens") if scan else None
    return There(str(opens[0]), int(opens[1])) if opens and opens[0] != PICKER else None


def _in_wave(place: Place, shot: Shot, understood: reading.Reading, actor: Actor) -> int | None:
    """A label that was read twice stays with the task it was read for: the next one that waits has not been touched."""
    if place.wave_id is None:
        return None
    twice = scanning.just_read(shot, actor, within=scanning.UNIT_DOUBLE_WITHIN)
    if twice is not None and twice.task_id is not None and twice.outcome in (ScanOutcome.ACCEPTED, ScanOutcome.REPEAT):
        return twice.task_id
    return lookups.in_wave(place.wave_id, understood, user_id=actor.user_id)


def _is_for(task_id: int, understood: reading.Reading) -> bool:
    """Whether it can only be meant for this task: a marking code, or the barcode of one of its items."""
    if "barcode" not in understood.kinds or understood.errors:
        return True
    said = scanning.barcodes_of(understood)
    return any(said & scanning.held_by(item) for item in TaskItem.objects.filter(task_id=task_id))


# Nothing is on the bench -----------------------------------------------------------------------------------------------------


def _of_number(shot: Shot, understood: reading.Reading, place: Place, actor: Actor) -> Answer:
    """A number opens what has it, a marking code the task that holds it, a barcode my task that waits for it."""
    side = actor.training
    there = lookups.number(understood.value, training=side) or lookups.code(understood, training=side)
    if there is not None:
        return _open(there, shot, actor)
    mine = _mine_waiting(understood, actor) if place.wave_id is None else None
    if mine is not None:
        return _open(There("task", mine), shot, actor)
    return Answer(scanning.note(shot, _nothing(understood, place), actor=actor))


def _mine_waiting(understood: reading.Reading, actor: Actor) -> int | None:
    """The most urgent of this person's own tasks that has an item with this barcode."""
    if "barcode" not in understood.kinds or actor.user_id is None:
        return None
    said = scanning.barcodes_of(understood)
    side = {} if actor.training is None else {"task__account__training": actor.training}
    mine = TaskItem.objects.filter(task__assignee_id=actor.user_id, task__stage__in=picking.PICKED_IN, **side)
    rows = mine.order_by("task__deadline_at", "pk")[: lookups.MOST_TASKS]
    fitting = [item for item in rows if said & scanning.held_by(item)]
    picked = picking.of_items(fitting)
    waiting = [item.task_id for item in fitting if len(picked.get(item.pk, ())) < item.quantity]
    return next(iter([*waiting, *(item.task_id for item in fitting)]), None)


def _nothing(understood: reading.Reading, place: Place) -> Verdict:
    if place.wave_id is not None:
        text = _("No task of this wave waits for it. Check what is in your hand.")
        return Verdict(ScanOutcome.REFUSED, "foreign_item", _("Not in this wave"), text)
    if understood.errors:
        return Verdict(
            ScanOutcome.REFUSED, understood.errors[0].code, _("Not understood"), str(understood.errors[0].text)
        )
    if "barcode" in understood.kinds:
        text = _("No order, parcel or task has this number. Open the task first, then scan its goods.")
    else:
        text = _("No task has this marking code yet. Open the task first, then scan the code.")
    return Verdict(ScanOutcome.REFUSED, "unknown", _("Nothing found"), text)


def _open(there: There, shot: Shot, actor: Actor, *, here: int | None = None) -> Answer:
    """``here``: the task on the bench. It stays open when its own number is scanned, and that is said."""
    same = there == There("task", here or 0)
    title = _("Task opened") if there.what == "task" else _("Order opened")
    title = _("This task is open already") if same else title
    number = _number_of(there)
    verdict = Verdict(ScanOutcome.OPENED, "here" if same else "opened", f"{title}: {number}" if number else title)
    return Answer(_noted(shot, verdict, there, actor), there)


def _number_of(there: There) -> str:
    if there.what != "task":
        return ""
    return AssemblyTask.objects.filter(pk=there.pk).values_list("external_id", flat=True).first() or ""


def _noted(shot: Shot, verdict: Verdict, there: There | None, actor: Actor, *, task_id: int | None = None) -> Verdict:
    """Stored with where it led, so that the same scan sent again leads there too."""
    facts = {**verdict.facts, **({"opens": [there.what, there.pk]} if there else {})}
    at = task_id or (there.pk if there and there.what == "task" else None)
    return scanning.note(shot, replace(verdict, facts=facts), actor=actor, task_id=at)


# Codes we print ourselves ----------------------------------------------------------------------------------------------------


def _of_sign(sign: Sign, shot: Shot, place: Place, actor: Actor) -> Answer:
    try:
        if sign.task_id is not None:
            return _open_task(sign.task_id, shot, place, actor)
        if sign.wave_id is not None:
            return _open_wave(sign.wave_id, shot, actor)
        if sign.command is not None:
            return _twice(sign.command, shot, actor) or COMMANDS[sign.command](shot, place, actor)
        return _badge(sign, shot, actor)
    except DomainError as error:
        return Answer(scanning.refuse(_without_signature(sign, shot), error, actor=actor, task_id=place.task_id))


def _twice(command: Command, shot: Shot, actor: Actor) -> Answer | None:
    """A command that was read twice within a moment is done once. One that was refused or asked about is answered anew."""
    last = scanning.just_read(shot, actor)
    if last is None or last.outcome not in (ScanOutcome.OPENED, ScanOutcome.REPEAT):
        return None
    title = _("Read twice: %(command)s") % {"command": command.value}
    verdict = Verdict(ScanOutcome.REPEAT, "double", title, _("It was done once."))
    return Answer(scanning.note(shot, verdict, actor=actor, task_id=last.task_id))


def _open_task(task_id: int, shot: Shot, place: Place, actor: Actor) -> Answer:
    there = lookups.task(task_id)
    if there is None:
        raise Invalid("unknown", _("There is no such task here. Was the sheet printed by another installation?"))
    return _open(there, shot, actor, here=place.task_id)


def _open_wave(wave_id: int, shot: Shot, actor: Actor) -> Answer:
    if not Wave.objects.filter(pk=wave_id).exists():
        raise Invalid("unknown", _("There is no such wave here. Was the list printed by another installation?"))
    there = There(WAVE, wave_id)
    verdict = Verdict(ScanOutcome.OPENED, "opened", _("Wave %(number)d opened") % {"number": wave_id})
    return Answer(_noted(shot, verdict, there, actor), there)


def _badge(sign: Sign, shot: Shot, actor: Actor) -> Answer:
    """The page signs the picker in; this only says whose badge it is."""
    user: User = badges.who(sign.user_id or 0, sign.serial)
    there = There(PICKER, user.pk)
    verdict = Verdict(ScanOutcome.OPENED, "badge", _("Now picking: %(name)s") % {"name": user.short_name})
    return Answer(_noted(_without_signature(sign, shot), verdict, there, actor), there)


def _without_signature(sign: Sign, shot: Shot) -> Shot:
    """A badge is not kept as it is, whatever came of it: whoever reads scans could print it."""
    return replace(shot, raw="BO-U") if sign.user_id is not None else shot


def _next(shot: Shot, place: Place, actor: Actor) -> Answer:
    """The next task of the wave, else the most urgent free one."""
    with transaction.atomic():
        task = waves.next_task(place.wave_id, after=place.task_id, actor=actor)
        there = There("task", task.pk) if task else None
        title = _("Next: %(number)s") % {"number": task.external_id} if task else _("Nothing is left to assemble")
        verdict = _noted(shot, Verdict(ScanOutcome.OPENED, "next" if task else "done", title), there, actor)
        opens = _opened(verdict.scan)
        if opens != there:  # the same scan came a second time meanwhile, and has its task already
            transaction.set_rollback(True)
    return Answer(verdict, opens)


def _undo(shot: Shot, place: Place, actor: Actor) -> Answer:
    return Answer(undoing.undo(None, shot, actor=actor, here=place.task_id))


def _start(shot: Shot, place: Place, actor: Actor) -> Answer:
    """Begin the task on the bench, which becomes the person's; in a wave all of its tasks that are new."""
    if not place.may_act:
        raise Conflict("forbidden", _("You may not tell the marketplace that a task is begun."))
    if place.wave_id is not None and place.task_id is None:
        return _start_wave(place.wave_id, shot, place.asker or actor, actor)
    task_id = _bench(place, actor)
    with transaction.atomic():
        for task in stages.lock([task_id]):
            assembly.refuse_other(task, actor)
            assembly.take_locked(task, actor=actor)
        outbox.request(task_id, outbox.Wish(ActionKind.CONFIRM), actor=place.asker or actor)
        verdict = Verdict(ScanOutcome.OPENED, Command.START.lower(), _("Begun"), _("Now scan its goods."))
        shot = replace(shot, head=lookups.head(task_id, place.wave_id))
        return Answer(_noted(shot, verdict, None, actor, task_id=task_id))


def _start_wave(wave_id: int, shot: Shot, asker: Actor, actor: Actor) -> Answer:
    """Guarded as each of its tasks alone: one that cannot be begun stays as it is, and the answer says why."""
    with transaction.atomic():
        waves.refuse_other(wave_id, actor)
        fresh = AssemblyTask.objects.filter(wave=wave_id, stage=Stage.NEW, cancel_requested_at=None)
        ids = list(fresh.values_list("pk", flat=True))
        outcomes = outbox.request_many(ids, outbox.Wish(ActionKind.CONFIRM), actor=asker).values()
        refused = [each for each in outcomes if isinstance(each, DomainError)]
        begun = len(outcomes) - len(refused)
        if not begun:
            raise refused[0] if refused else Conflict("nothing_new", _("All tasks of this wave are begun."))
        title = ngettext("Begun: %(count)d task", "Begun: %(count)d tasks", begun) % {"count": begun}
        left = _("Not possible for %(count)d: %(why)s")
        text = left % {"count": len(refused), "why": refused[0].message} if refused else _("Now scan their goods.")
        verdict = Verdict(ScanOutcome.OPENED, Command.START.lower(), title, text)
        return Answer(_noted(shot, verdict, None, actor))


def _ready(shot: Shot, place: Place, actor: Actor) -> Answer:
    """Pack the task on the bench. A person with a scanner is not let past units that have a barcode and were not verified."""
    task_id = _bench(place, actor)
    if not place.may_act:
        raise Conflict("forbidden", _("You may not tell the marketplace that a task is packed."))
    _refuse_unbegun(task_id)
    scannable = [item for item in TaskItem.objects.filter(task_id=task_id) if item.barcodes]
    left = picking.left(scannable)
    if left:
        raise Conflict("not_picked", _("Scan them, then READY once more."), count=left)
    with transaction.atomic():
        for task in stages.lock([task_id]):
            assembly.refuse_other(task, actor)
        outbox.request(task_id, outbox.Wish(ActionKind.READY), actor=place.asker or actor)
        verdict = Verdict(ScanOutcome.OPENED, Command.READY.lower(), _("Packed: ready"))
        shot = replace(shot, head=lookups.head(task_id, place.wave_id))
        return Answer(_noted(shot, verdict, None, actor, task_id=task_id))


def _refuse_unbegun(task_id: int) -> None:
    if AssemblyTask.objects.filter(pk=task_id, stage=Stage.NEW).exists():
        raise Conflict("not_begun", _("Scan START first: the marketplace has to know that it is being assembled."))


def _print(shot: Shot, place: Place, actor: Actor) -> Answer:
    there = There(PRINT, _bench(place, actor))
    verdict = Verdict(ScanOutcome.OPENED, "print", _("The sheet of the task"))
    return Answer(_noted(shot, verdict, there, actor, task_id=there.pk), there)


def _bench(place: Place, actor: Actor) -> int:
    """The task that is open, or the one of the wave that is in the hand."""
    in_hand = lookups.hand_of_wave(place.wave_id, actor.user_id) if place.wave_id and not place.task_id else None
    task_id = place.task_id or in_hand
    if task_id is None:
        raise Conflict("no_task", _("Open a task first: scan its sheet or its number."))
    return task_id


COMMANDS: dict[Command, Callable[[Shot, Place, Actor], Answer]] = {
    Command.NEXT: _next,
    Command.START: _start,
    Command.UNDO: _undo,
    Command.READY: _ready,
    Command.PRINT: _print,
}
