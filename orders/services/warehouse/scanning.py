"""What a scan means at a task: every one is stored with its outcome, good or bad, and is answered in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from backoffice.errors import Conflict, DomainError, Invalid
from orders import codes as reading
from orders import scanwords
from orders.enums import CodeKind, ScanOutcome, Stage
from orders.models import MarkingCode, Scan, TaskItem
from orders.services import guards
from orders.services.actors import Actor

from . import assembly, marking, picking, swaps, training


@dataclass(frozen=True, slots=True)
class Shot:
    """One pull of the trigger. ``nonce``: the same one twice is the same scan. ``override`` accepts a warning.

    ``at``: the reader's own clock in milliseconds, 0 when it told none; ``retyped``: the keys were read instead of the
    letters a wrong layout made of them; ``head`` names the task before everything else: its place in the wave, its number.
    """

    raw: str
    nonce: str = ""
    kind: str = ""
    item_id: int | None = None
    override: bool = False
    country: str = ""
    at: int = 0
    station: str = ""
    retyped: bool = False
    head: str = ""

    def headed(self, title: str) -> str:
        """The title with the task before it."""
        return f"{self.head} · {title}" if self.head else title


class Effect(StrEnum):
    """What a scan changed, as far as undoing takes it back."""

    NOTHING = ""
    PICK = "pick"
    CODE = "code"
    PARCEL = "parcel"
    SWAP = "swap"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``title`` is read from two metres; ``text`` says why and what next. ``notes``: what was repaired on the way."""

    outcome: ScanOutcome
    reason: str
    title: str
    text: str = ""
    notes: tuple[str, ...] = ()
    code: MarkingCode | None = None
    scan: Scan | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    effect: Effect = Effect.NOTHING

    @property
    def ok(self) -> bool:
        return self.outcome in (ScanOutcome.ACCEPTED, ScanOutcome.REPEAT, ScanOutcome.OPENED)


#: A command or a label that is read twice within this time was read twice by the scanner.
DOUBLE_WITHIN = timedelta(seconds=2)
#: Goods of one article bear the same barcode: a person takes the next unit in less than two seconds, in more than one.
UNIT_DOUBLE_WITHIN = timedelta(seconds=1)
#: What people are told about repairs; the others (prefixes, line ends) are the scanner's own affair.
REPAIRS = {
    "layout": gettext_lazy("Keyboard layout corrected"),
    "lookalike": gettext_lazy("Look-alike Cyrillic letters replaced"),
    "gs_text": gettext_lazy("Separators restored"),
    "brackets": gettext_lazy("Brackets removed"),
    "spaces": gettext_lazy("Spaces removed"),
}


def scan(task_id: int, shot: Shot, *, actor: Actor) -> Verdict:
    """Answer one scan at a task. Idempotent by nonce. Never raises for what was scanned: a refusal is a verdict too."""
    understood = reading.read(shot.raw)
    try:
        return _accept(task_id, shot, understood, actor)
    except DomainError as error:
        return _swap_or_refuse(task_id, shot, understood, error, actor)
    except IntegrityError:
        return _in_the_way(task_id, shot, understood, actor)


@transaction.atomic
def _accept(task_id: int, shot: Shot, understood: reading.Reading, actor: Actor) -> Verdict:
    table = marking.bench(task_id)
    training.refuse_other_side(table.task, actor)
    assembly.refuse_other(table.task, actor)
    item = _item(table, understood) if not shot.kind else None
    if item is not None:
        return _pick(table, item, shot, understood, actor)
    _refuse_foreign(table, shot, understood)
    if table.task.stage == Stage.NEW:
        raise Conflict("not_begun", _("The task is not begun yet. Scan START or press the button, then scan the code."))
    before = {code.pk for code in table.codes}
    entry = marking.Entry(shot.raw, shot.kind, shot.item_id, shot.country, shot.override)
    code = marking.place_code(table, understood, entry, actor=actor)
    assembly.take_locked(table.task, actor=actor)
    verdict = _accepted(table, code, repeat=code.pk in before)
    return _with(verdict, shot, understood, _store(table.task.pk, shot, code.kind, verdict, code=code, actor=actor))


def _item(table: marking.Bench, understood: reading.Reading) -> TaskItem | None:
    """The item whose barcode this is; None when it is a code to be stored."""
    if "barcode" not in understood.kinds or _awaited(table, understood):
        return None
    said = barcodes_of(understood)
    fitting = [item for item in table.items if item.quantity and said & held_by(item)]
    if len(fitting) < 2:
        return next(iter(fitting), None)
    known = picking.of_items(fitting)
    return next((item for item in fitting if len(known[item.pk]) < item.quantity), fitting[-1])


def barcodes_of(understood: reading.Reading) -> set[str]:
    """The forms in which a list of barcodes may hold what was scanned."""
    return {understood.value, understood.raw.strip(), understood.gtin or ""} - {""}


def _pick(table: marking.Bench, item: TaskItem, shot: Shot, understood: reading.Reading, actor: Actor) -> Verdict:
    """The barcode of an item verifies its next unit; read twice within a moment it is one."""
    if _is_double(table.task.pk, shot, actor):
        place = {"article": item.article}
        verdict = Verdict(ScanOutcome.REPEAT, "double", _("Read twice: %(article)s") % place, _("It was counted once."))
        return _with(verdict, shot, understood, _store(table.task.pk, shot, "barcode", verdict, code=None, actor=actor))
    planned = picking.plan(table.task, table.items, item)
    assembly.take_locked(table.task, actor=actor)
    verdict = _picked(table, planned)
    row = _store(table.task.pk, shot, "barcode", verdict, code=None, actor=actor)
    picking.write(table.task, planned, scan=row, actor=actor)
    return _with(verdict, shot, understood, row)


def just_read(shot: Shot, actor: Actor, *, within: timedelta = DOUBLE_WITHIN) -> Scan | None:
    """The person's last scan when it was the same label a moment ago: by the reader's own clock where it told it. One statement."""
    last = Scan.objects.filter(user=actor.user).order_by("-scanned_at", "-pk").first() if actor.user else None
    if last is None or last.undone_at or last.raw != reading.storable(shot.raw):
        return None
    told = last.facts.get("at")
    if shot.at and isinstance(told, int) and told:
        return last if abs(shot.at - told) < within / timedelta(milliseconds=1) else None
    return last if timezone.now() - last.scanned_at < within else None


def _is_double(task_id: int, shot: Shot, actor: Actor) -> bool:
    last = just_read(shot, actor, within=UNIT_DOUBLE_WITHIN)
    return last is not None and last.task_id == task_id


def _picked(table: marking.Bench, planned: picking.Plan) -> Verdict:
    item = planned.item
    place = {"article": item.article, "unit": item.quantity - planned.left_of_item, "of": item.quantity}
    title = _("Right: %(article)s, %(unit)d of %(of)d") % place
    facts = {"complete": not planned.left_of_task and not codes_left(table), "item": item.pk}
    return Verdict(ScanOutcome.ACCEPTED, "picked", title, _after_pick(table, planned), facts=facts, effect=Effect.PICK)


def _after_pick(table: marking.Bench, planned: picking.Plan) -> str:
    lacking = [
        each for each in guards.Facts(table.task, table.items, table.codes, []).missing if each.item == planned.item
    ]
    if lacking and table.task.stage == Stage.NEW:
        return _("Scan START before its marking code: the task is not begun yet.")
    if lacking:
        return _("Now scan its marking code.")
    if planned.left_of_task:
        left = planned.left_of_task
        return ngettext("%(count)d pc is left.", "%(count)d pcs are left.", left) % {"count": left}
    return _("All goods are there.")


def _refuse_foreign(table: marking.Bench, shot: Shot, understood: reading.Reading) -> None:
    """A barcode that is no item of the task and cannot be a code of it."""
    if shot.kind or "barcode" not in understood.kinds or set(understood.kinds) & set(table.task.code_kinds):
        return
    text = _("This barcode belongs to no item of this task. Check what is in your hand.")
    raise Conflict("foreign_item", text)


def _awaited(table: marking.Bench, understood: reading.Reading) -> bool:
    """Whether a unit still lacks a code this scan may be (a GTIN looks like the barcode of its item)."""
    facts = guards.Facts(table.task, table.items, table.codes, [])
    return any(each.kind in understood.kinds for each in facts.missing)


def held_by(item: TaskItem) -> set[str]:
    """An item's barcodes in the forms they may be scanned in."""
    return {form for barcode in item.barcodes for form in (barcode, barcode.zfill(14))}


def _accepted(table: marking.Bench, code: MarkingCode, *, repeat: bool) -> Verdict:
    item = next(item for item in table.items if item.pk == code.item_id)
    left = codes_left(table)
    rest = ngettext("%(count)d code is left.", "%(count)d codes are left.", left) % {"count": left}
    place = {"article": item.article, "unit": code.unit, "of": max(item.quantity, code.unit)}
    if repeat:
        title = _("Read already: %(article)s, %(unit)d of %(of)d") % place
        return Verdict(ScanOutcome.REPEAT, "repeat", title, rest if left else _("All codes are there."), code=code)
    title = _("Code accepted: %(article)s, %(unit)d of %(of)d") % place
    text = rest if left else _("All codes are there: the task can be packed.")
    facts = {"complete": not left and _all_coded(table), "item": item.pk}
    return Verdict(ScanOutcome.ACCEPTED, "accepted", title, text, code=code, facts=facts, effect=Effect.CODE)


def _all_coded(table: marking.Bench) -> bool:
    """Whether every unit has a code, and so was in somebody's hand."""
    coded = {(code.item_id, code.unit) for code in table.codes}
    return len(coded) >= sum(item.quantity for item in table.items)


def codes_left(table: marking.Bench) -> int:
    """How many marking codes the task still lacks."""
    return sum(each.count for each in guards.Facts(table.task, table.items, table.codes, []).missing)


def _swap_or_refuse(task_id: int, shot: Shot, understood: reading.Reading, error: DomainError, actor: Actor) -> Verdict:
    """A code that another order of the same article holds comes here once the person has said so; anything else is refused."""
    held = error.facts.get("holds") if error.code == "in_use" else None
    offer = swaps.offered(task_id, held) if isinstance(held, int) else None
    if offer is None:
        return _refuse(task_id, shot, understood, error, actor=actor)
    if not _agreed(task_id, shot, offer, actor):
        return _refuse(task_id, shot, understood, offer.question, actor=actor)
    try:
        return _swap(task_id, offer, shot, understood, actor)
    except DomainError as refusal:
        return _refuse(task_id, shot, understood, refusal, actor=actor)
    except IntegrityError:  # the same yes sent twice
        return by_nonce(shot.nonce) or _refuse(task_id, shot, understood, error, actor=actor)


def _agreed(task_id: int, shot: Shot, offer: swaps.Offer, actor: Actor) -> bool:
    """Whether the person was asked just now and says yes: by the button, or by the same code once more."""
    last = Scan.objects.filter(task_id=task_id, user=actor.user).order_by("-scanned_at", "-pk").first()
    if last is None or last.reason != "swap" or last.facts.get("swap") != offer.code.pk:
        return False
    if shot.override:
        return True
    return timezone.now() - last.scanned_at < swaps.AGREED_WITHIN and not _is_double(task_id, shot, actor)


@transaction.atomic
def _swap(task_id: int, offer: swaps.Offer, shot: Shot, understood: reading.Reading, actor: Actor) -> Verdict:
    done = swaps.swap(offer.code.pk, task_id, actor=actor)
    training.refuse_other_side(done.table.task, actor)
    assembly.refuse_other(done.table.task, actor)
    assembly.take_locked(done.table.task, actor=actor)
    number = {"number": done.there.external_id}
    text = (
        _("Order %(number)s has its own code again.")
        if done.back
        else _("Order %(number)s waits for its own code now.")
    )
    place = {"article": offer.item.article, "unit": done.code.unit, "of": max(offer.item.quantity, done.code.unit)}
    back, here = _("Swapped back: %(article)s, %(unit)d of %(of)d"), _("Taken over: %(article)s, %(unit)d of %(of)d")
    title = back if done.back else here
    complete = not codes_left(done.table) and _all_coded(done.table)
    facts = {"task": done.there.pk, "item": offer.item.pk, "complete": complete, **number}
    verdict = Verdict(
        ScanOutcome.ACCEPTED, "swapped", title % place, text % number, code=done.code, facts=facts, effect=Effect.SWAP
    )
    return _with(verdict, shot, understood, _store(task_id, shot, done.code.kind, verdict, code=done.code, actor=actor))


def _refuse(task_id: int, shot: Shot, understood: reading.Reading, error: DomainError, *, actor: Actor) -> Verdict:
    asks = isinstance(error, Invalid) and error.code == "warnings"
    outcome = ScanOutcome.ASK if asks else ScanOutcome.REFUSED
    reason = str(error.facts.get("warning", error.code)) if asks else error.code
    title = scanwords.asking(reason, error.facts) if asks else scanwords.title(reason, error.facts)
    verdict = Verdict(outcome, reason, title, str(error.message), facts=error.facts)
    exists = error.code != "not_found"
    kind = str(error.facts.get("kind", "")) or (understood.kinds[0] if understood.kinds else "")
    return _stored(task_id if exists else None, shot, kind, verdict, understood=understood, actor=actor)


def note(shot: Shot, verdict: Verdict, *, actor: Actor, task_id: int | None = None) -> Verdict:
    """Store a scan that was answered elsewhere. Idempotent by nonce: one seen before gives its own answer."""
    understood = reading.read(shot.raw)
    kind = understood.kinds[0] if understood.kinds else ""
    return _stored(task_id, shot, kind, verdict, understood=understood, actor=actor)


def refuse(shot: Shot, error: DomainError, *, actor: Actor, task_id: int | None = None) -> Verdict:
    """Store a scan that was refused elsewhere, with the reason in words. Idempotent by nonce."""
    title = scanwords.title(error.code, error.facts)
    verdict = Verdict(ScanOutcome.REFUSED, error.code, title, str(error.message), facts=error.facts)
    return note(shot, verdict, actor=actor, task_id=task_id)


def _in_the_way(task_id: int, shot: Shot, understood: reading.Reading, actor: Actor) -> Verdict:
    """The database refused a double: the same scan sent twice, or a code that is on another unit."""
    known = by_nonce(shot.nonce)
    if known is not None:
        return known
    kinds = [shot.kind] if shot.kind else [kind for kind in understood.kinds if kind in CodeKind.values]
    for kind in kinds:
        other = marking.holder(kind, understood.value)
        if other is not None:
            return _swap_or_refuse(task_id, shot, understood, marking.in_use(other), actor)
    busy = Conflict("busy", _("Somebody else is working on this task right now. Scan again."))
    return _refuse(task_id, shot, understood, busy, actor=actor)


def stored(verdict: Verdict, shot: Shot, kind: str, *, task_id: int, actor: Actor) -> Verdict:
    """Store an answer within the caller's transaction. A nonce that is there already raises ``IntegrityError``."""
    row = _store(task_id, shot, kind, verdict, code=None, actor=actor)
    return replace(verdict, title=str(row.facts["title"]), scan=row)


def _stored(
    task_id: int | None, shot: Shot, kind: str, verdict: Verdict, *, understood: reading.Reading, actor: Actor
) -> Verdict:
    """Store a scan that changed nothing else; a nonce seen before gives the first answer."""
    try:
        with transaction.atomic():
            row = _store(task_id, shot, kind, verdict, code=None, actor=actor)
    except IntegrityError:
        return by_nonce(shot.nonce) or verdict
    return _with(verdict, shot, understood, row)


def _store(
    task_id: int | None, shot: Shot, kind: str, verdict: Verdict, *, code: MarkingCode | None, actor: Actor
) -> Scan:
    told = {"at": shot.at, "head": shot.head, "lang": get_language()}
    facts = {**verdict.facts, **{name: value for name, value in told.items() if value}}
    facts |= {"title": shot.headed(verdict.title), "text": verdict.text}
    return Scan.objects.create(
        task_id=task_id,
        code=code,
        user=actor.user,
        raw=reading.storable(shot.raw),
        kind=kind[:16],
        outcome=verdict.outcome,
        reason=verdict.reason[:64],
        facts=facts,
        nonce=shot.nonce[:64],
        effect=verdict.effect,
        station=shot.station[:40],
    )


def by_nonce(nonce: str) -> Verdict | None:
    """The answer that a scan with this nonce was given."""
    row = Scan.objects.select_related("code").filter(nonce=nonce).first() if nonce else None
    if row is None:
        return None
    title, text = row.facts.get("title", ""), row.facts.get("text", "")
    outcome, effect = ScanOutcome(row.outcome), Effect(row.effect)
    return Verdict(outcome, row.reason, title, text, code=row.code, scan=row, facts=row.facts, effect=effect)


def _with(verdict: Verdict, shot: Shot, understood: reading.Reading, row: Scan) -> Verdict:
    repairs = dict.fromkeys([*(["layout"] if shot.retyped else []), *understood.repairs])
    notes = tuple(str(REPAIRS[name]) for name in repairs if name in REPAIRS)
    return replace(verdict, title=str(row.facts["title"]), notes=notes, scan=row)
