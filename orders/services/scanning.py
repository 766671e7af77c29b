"""What a scan means at a task: every one is stored with its outcome, good or bad, and is answered in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.errors import Conflict, DomainError, Invalid
from orders import codes as reading
from orders.enums import CodeKind, ScanOutcome
from orders.models import MarkingCode, Scan, TaskItem

from . import guards, marking
from .actors import Actor


@dataclass(frozen=True, slots=True)
class Shot:
    """One pull of the trigger. ``nonce``: the same one twice is the same scan. ``override`` accepts a warning."""

    raw: str
    nonce: str = ""
    kind: str = ""
    item_id: int | None = None
    override: bool = False
    country: str = ""


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

    @property
    def ok(self) -> bool:
        return self.outcome in (ScanOutcome.ACCEPTED, ScanOutcome.REPEAT, ScanOutcome.OPENED)


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
        return _refuse(task_id, shot, understood, error, actor=actor)
    except IntegrityError:
        return _in_the_way(task_id, shot, understood, actor)


@transaction.atomic
def _accept(task_id: int, shot: Shot, understood: reading.Reading, actor: Actor) -> Verdict:
    table = marking.bench(task_id)
    before = {code.pk for code in table.codes}
    barcode = _as_barcode(table, understood) if not shot.kind else None
    if barcode is not None:
        return _with(barcode, understood, _store(table.task.pk, shot, "barcode", barcode, code=None, actor=actor))
    entry = marking.Entry(shot.raw, shot.kind, shot.item_id, shot.country, shot.override)
    code = marking.place_code(table, understood, entry, actor=actor)
    repeat = code.pk in before
    verdict = _accepted(table, code, repeat)
    row = _store(table.task.pk, shot, code.kind, verdict, code=code, actor=actor)
    return _with(verdict, understood, row)


def _as_barcode(table: marking.Bench, understood: reading.Reading) -> Verdict | None:
    """The barcode of an item is an answer too: the right thing is in the hand. None when it is a code to be stored."""
    if "barcode" not in understood.kinds or _awaited(table, understood):
        return None
    said = {understood.value, understood.raw.strip(), understood.gtin or ""}
    item = next((item for item in table.items if said & _barcodes(item)), None)
    if item is not None:
        place = {"article": item.article, "count": item.quantity}
        return Verdict(
            ScanOutcome.OPENED, "item", _("Right: %(article)s") % place, _("%(count)d pcs in this task.") % place
        )
    if set(understood.kinds) & set(table.task.code_kinds):
        return None
    text = _("This barcode belongs to no item of this task. Check what is in your hand.")
    return Verdict(ScanOutcome.REFUSED, "foreign_item", _("Wrong item"), text)


def _awaited(table: marking.Bench, understood: reading.Reading) -> bool:
    """Whether a unit still lacks a code this scan may be (a GTIN looks like the barcode of its item)."""
    facts = guards.Facts(table.task, table.items, table.codes, [])
    return any(each.kind in understood.kinds for each in facts.missing)


def _barcodes(item: TaskItem) -> set[str]:
    return {form for barcode in item.barcodes for form in (barcode, barcode.zfill(14))}


def _accepted(table: marking.Bench, code: MarkingCode, repeat: bool) -> Verdict:
    item = next(item for item in table.items if item.pk == code.item_id)
    facts = guards.Facts(table.task, table.items, table.codes, [])
    left = sum(each.count for each in facts.missing)
    rest = ngettext("%(count)d code is left.", "%(count)d codes are left.", left) % {"count": left}
    place = {"article": item.article, "unit": code.unit, "of": max(item.quantity, code.unit)}
    if repeat:
        title = _("Read already: %(article)s, %(unit)d of %(of)d") % place
        return Verdict(ScanOutcome.REPEAT, "repeat", title, rest if left else _("All codes are there."), code=code)
    title = _("Code accepted: %(article)s, %(unit)d of %(of)d") % place
    text = rest if left else _("All codes are there: the task can be packed.")
    return Verdict(ScanOutcome.ACCEPTED, "accepted", title, text, code=code)


def _refuse(task_id: int, shot: Shot, understood: reading.Reading, error: DomainError, *, actor: Actor) -> Verdict:
    asks = isinstance(error, Invalid) and error.code == "warnings"
    outcome = ScanOutcome.ASK if asks else ScanOutcome.REFUSED
    reason = str(error.facts.get("warning", error.code)) if asks else error.code
    title = _("Please check this code") if asks else _title(error)
    verdict = Verdict(outcome, reason, title, str(error.message), facts=error.facts)
    exists = error.code != "not_found"
    kind = str(error.facts.get("kind", "")) or (understood.kinds[0] if understood.kinds else "")
    return _stored(task_id if exists else None, shot, kind, verdict, understood=understood, actor=actor)


def _title(error: DomainError) -> str:
    if isinstance(error, Conflict):
        return {
            "in_use": _("This code is in use"),
            "stage": _("Not now"),
            "enough": _("One too many"),
            "no_codes": _("No code needed"),
        }.get(error.code, _("Not possible"))
    return _("Not accepted")


def _in_the_way(task_id: int, shot: Shot, understood: reading.Reading, actor: Actor) -> Verdict:
    """The database refused a double: the same scan sent twice, or a code that is on another unit."""
    known = _by_nonce(shot.nonce)
    if known is not None:
        return known
    kinds = [shot.kind] if shot.kind else [kind for kind in understood.kinds if kind in CodeKind.values]
    for kind in kinds:
        other = marking.holder(kind, understood.value)
        if other is not None:
            return _refuse(task_id, shot, understood, marking.in_use(other), actor=actor)
    busy = Conflict("busy", _("Somebody else is working on this task right now. Scan again."))
    return _refuse(task_id, shot, understood, busy, actor=actor)


def _stored(
    task_id: int | None, shot: Shot, kind: str, verdict: Verdict, *, understood: reading.Reading, actor: Actor
) -> Verdict:
    """Store a scan that changed nothing else; a nonce seen before gives the first answer."""
    try:
        with transaction.atomic():
            row = _store(task_id, shot, kind, verdict, code=None, actor=actor)
    except IntegrityError:
        return _by_nonce(shot.nonce) or verdict
    return _with(verdict, understood, row)


def _store(
    task_id: int | None, shot: Shot, kind: str, verdict: Verdict, *, code: MarkingCode | None, actor: Actor
) -> Scan:
    facts = {**verdict.facts, "title": verdict.title, "text": verdict.text}
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
    )


def _by_nonce(nonce: str) -> Verdict | None:
    row = Scan.objects.select_related("code").filter(nonce=nonce).first() if nonce else None
    if row is None:
        return None
    title, text = row.facts.get("title", ""), row.facts.get("text", "")
    return Verdict(ScanOutcome(row.outcome), row.reason, title, text, code=row.code, scan=row, facts=row.facts)


def _with(verdict: Verdict, understood: reading.Reading, row: Scan) -> Verdict:
    return Verdict(
        verdict.outcome,
        verdict.reason,
        verdict.title,
        verdict.text,
        notes=tuple(str(REPAIRS[name]) for name in understood.repairs if name in REPAIRS),
        code=verdict.code,
        scan=row,
        facts=verdict.facts,
    )
