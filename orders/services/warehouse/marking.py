"""Marking codes of tasks: the only writer of MarkingCode."""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import Conflict, DomainError, Invalid
from orders import codes as reading
from orders import fakecodes
from orders.enums import LIVE_CODE_STATES, ActionKind, ActionState, CodeKind, CodeState, EntryKind, Stage
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, MarketplaceAction, MarkingCode, TaskItem
from orders.services import attention, guards, timeline
from orders.services.actors import Actor
from orders.services.sending import codequeue, nudge, outbox
from orders.services.syncing import verdicts

from . import articles

#: Kinds that have the number of their goods in them.
_GTIN_KINDS = (CodeKind.SGTIN, CodeKind.GTIN)
#: Orders that are over with their goods at the buyer, as far as the marketplace has told.
_MAY_HAVE_COME_BACK = (Stage.RECEIVED, Stage.PARTIALLY_RETURNED)


@dataclass(frozen=True, slots=True)
class Entry:
    """A code to be put on a unit. ``kind`` and ``item_id`` are found from the value when left out; ``override`` accepts warnings."""

    value: str
    kind: str = ""
    item_id: int | None = None
    country: str = ""
    override: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code belongs."""

    kind: CodeKind
    item: TaskItem
    unit: int


@dataclass(slots=True)
class Bench:
    """A task on the bench: locked, with its items and live codes, in two statements."""

    task: AssemblyTask
    items: list[TaskItem]
    codes: list[MarkingCode] = field(default_factory=list)


def bench(task_id: int) -> Bench:
    """Lock a task for work on its codes. Raises ``Conflict`` when it has no items or does not exist. Needs a transaction."""
    rows = (
        TaskItem.objects.select_for_update(of=("task",), no_key=True)
        .select_related("task__account")
        .filter(task_id=task_id)
    )
    items = list(rows.order_by("pk"))
    if not items:
        raise Conflict("not_found", _("There is no such task."))
    live = MarkingCode.objects.filter(task_id=task_id, state__in=LIVE_CODE_STATES)
    return Bench(items[0].task, items, list(live.order_by("pk")))


@transaction.atomic
def add_code(task_id: int, entry: Entry, *, actor: Actor) -> MarkingCode:
    """Put a code on a unit of a task. Idempotent: the same code on the same task gives the row there is.

    Raises ``Conflict`` (409) in a wrong stage or when the code is in use (``facts`` say where), ``Invalid`` (422) when it is
    malformed; ``Invalid("warnings")`` asks for ``override``.
    """
    return place_code(bench(task_id), reading.read(entry.value), entry, actor=actor)


def place_code(table: Bench, understood: reading.Reading, entry: Entry, *, actor: Actor) -> MarkingCode:
    """As ``add_code``, for a task that is on the bench already. A code in use elsewhere raises ``IntegrityError``."""
    offer = outbox.offer_of(table.task.account)
    in_stage(table.task, offer, table.task.code_kinds)
    kind = _kind(table, understood, entry)
    in_stage(table.task, offer, [kind])
    same = _already_here(table, kind, understood.value)
    if same is not None:
        return same
    _refuse_other_side(table.task, kind, understood)
    warnings = warnings_of(understood, kind, offer)
    fit = _lines(table, kind, understood, entry)
    if entry.override:
        _free_returned(kind, understood.value, table.task, actor)
    else:
        _ask(kind, fit, warnings)
    place = _place(table, offer, kind, fit.items, understood, override=entry.override)
    row = MarkingCode.objects.create(
        task=table.task,
        item=place.item,
        unit=place.unit,
        kind=place.kind,
        value=understood.value,
        identity=reading.identity(understood.value, place.kind),
        country=_country(table.task, kind, entry, offer),
        created_by=actor.user,
    )
    table.codes.append(row)
    data = {"kind": row.kind, "unit": row.unit, "of": place.item.quantity, "article": place.item.article}
    timeline.record([timeline.about(table.task, EntryKind.CODE_ADDED, actor, str(row.pk), code=row.kind, data=data)])
    nudge.send_codes(table.task.pk)
    return row


def in_stage(task: AssemblyTask, offer: Offer, kinds: Sequence[str]) -> None:
    """Raises ``Conflict`` ("stage") unless codes may be entered: while the task is being assembled; later only if one of the
    kinds may come later, as long as the marketplace takes it.
    """
    word = task.marketplace_status.get(offer.step_word)
    if task.stage == Stage.ASSEMBLING or any(word in offer.late_code_words.get(CodeKind(kind), ()) for kind in kinds):
        return
    text = _("Codes are entered while the task is being assembled; this one is “%(stage)s”.")
    raise Conflict("stage", text % {"stage": Stage(task.stage).label}, stage=task.stage)


def _kind(table: Bench, understood: reading.Reading, entry: Entry) -> CodeKind:
    """The kind the person chose, or the first that both the code and the task (or the chosen line) allow."""
    takes = _takes(table, entry)
    if not takes:
        raise Conflict("no_codes", _("This task takes no marking codes."))
    if entry.kind:
        if entry.kind not in takes:
            raise Invalid("kind", _("This task takes only: %(kinds)s.") % {"kinds": kinds_text(takes)})
        return CodeKind(entry.kind)
    fitting = [kind for kind in understood.kinds if kind in takes]
    if fitting:
        return CodeKind(fitting[0])
    if understood.errors:
        raise Invalid(understood.errors[0].code, understood.errors[0].text)
    text = _("This is not a code this task takes. It takes: %(kinds)s.") % {"kinds": kinds_text(takes)}
    raise Invalid("kind", text)


def _takes(table: Bench, entry: Entry) -> list[str]:
    """Kinds that may come: those of the chosen line, else those of any line."""
    chosen = next((item for item in table.items if item.pk == entry.item_id), None)
    return guards.taken_kinds(table.task, chosen) if chosen else list(table.task.code_kinds)


def kinds_text(kinds: Sequence[str]) -> str:
    return ", ".join(str(CodeKind(kind).label) for kind in kinds)


def _country(task: AssemblyTask, kind: CodeKind, entry: Entry, offer: Offer) -> str:
    """A customs declaration goes with the country of origin: the entered one, or the account's usual one."""
    if kind not in offer.origin_kinds:
        return ""
    country = (entry.country or str(task.account.options.get("origin_country", ""))).strip().upper()
    if not re.fullmatch(offer.origin_pattern, country):
        text = _("Enter the country of origin with this code, e.g. %(example)s for Russia.")
        raise Invalid("country", text % {"example": offer.origin_example})
    return country


def _already_here(table: Bench, kind: CodeKind, value: str) -> MarkingCode | None:
    wanted = reading.identity(value, kind)
    return next((code for code in table.codes if code.kind == kind and code.identity == wanted), None)


def warnings_of(understood: reading.Reading, kind: CodeKind, offer: Offer) -> list[reading.Problem]:
    """What a person has to accept about the code itself. Raises ``Invalid`` when it is malformed."""
    errors, warnings = reading.judge(understood, kind)
    if errors:
        raise Invalid(errors[0].code, errors[0].text)
    mask = offer.code_masks.get(kind)
    if mask and not re.fullmatch(mask, understood.value):
        raise Invalid("mask", _("This marketplace takes it in another form: check it against the document."))
    return warnings


def _refuse_other_side(task: AssemblyTask, kind: CodeKind, understood: reading.Reading) -> None:
    """A code is on one unit at a time, wherever: one of real goods on an exercise would bar the real order, and a fake one
    on a real order would be told to the marketplace."""
    if kind not in reading.UNIT_KINDS or fakecodes.is_fake(understood, kind) == task.account.training:
        return
    if task.account.training:
        text = _("This code is of real goods, and the order is an exercise. Scan a code of the training sheet.")
        raise Invalid("real_code", text)
    text = _("This is a code of the training sheet, and the order is real. Scan the code on the goods.")
    raise Invalid("training_code", text)


def _ask(kind: CodeKind, fit: articles.Fit, warnings: Sequence[reading.Problem]) -> None:
    """All that one yes accepts is said at once."""
    if fit.doubt is not None:
        text = " ".join([str(fit.doubt.message), *(str(each.text) for each in warnings[:1])])
        raise Invalid("warnings", text, **{**fit.doubt.facts, "kind": kind.value})
    if warnings:
        raise Invalid("warnings", warnings[0].text, warning=warnings[0].code, kind=kind.value)


def _lines(table: Bench, kind: CodeKind, understood: reading.Reading, entry: Entry) -> articles.Fit:
    """Lines the code may go to, best first: those that need the kind before those that only take it, and only those whose
    article has its GTIN."""
    items = [item for item in table.items if entry.item_id in (None, item.pk)]
    if not items:
        raise Invalid("item", _("This item does not belong to the task."))
    items = [item for item in items if kind in guards.taken_kinds(table.task, item)]
    if not items:
        raise Conflict("no_codes", _("This task takes no marking codes."))
    items.sort(key=lambda item: kind not in guards.needed_kinds(table.task, item))
    gtin = understood.gtin if kind in _GTIN_KINDS else None
    if not gtin:
        return articles.Fit(items)
    accepted = [item for item in items if _has_accepted(table, item, gtin)]
    if accepted and not any(articles.carries(item, gtin) for item in items):
        return articles.Fit(accepted)
    return articles.fit(gtin, items, table.items)


def _has_accepted(table: Bench, item: TaskItem, gtin: str) -> bool:
    """What a person has accepted for one unit of a line goes for its others."""
    heads = (f"01{gtin}", gtin)  # of a marking code, and of a tobacco pack
    return any(code.item_id == item.pk and code.identity.startswith(heads) for code in table.codes)


def _place(
    table: Bench,
    offer: Offer,
    kind: CodeKind,
    items: Sequence[TaskItem],
    understood: reading.Reading,
    *,
    override: bool,
) -> Place:
    """The first unit of these lines that lacks a code of the kind."""
    taken = Tally((code.item_id, code.kind) for code in table.codes)
    for item in items:
        if taken[item.pk, kind] < item.quantity:
            return Place(kind, item, free_unit(table, item, kind))
    # That it belongs to another order says more than that there is no room here.
    other = holder(kind, understood.value)
    if other is not None:
        raise in_use(other)
    most = offer.code_kinds.get(kind, 1)
    if taken[items[0].pk, kind] >= most * items[0].quantity:
        raise Conflict("enough", _("All units have their code already. Remove one to enter another."))
    if not override:
        text = _("All units have their code already. Is it a set of several marked goods? Then add the code to it.")
        raise Invalid("warnings", text, warning="set", kind=kind.value)
    return Place(kind, items[0], free_unit(table, items[0], kind))


def free_unit(table: Bench, item: TaskItem, kind: CodeKind) -> int:
    used = {code.unit for code in table.codes if code.item_id == item.pk and code.kind == kind}
    return next(unit for unit in range(1, len(used) + 2) if unit not in used)


def holder(kind: str, value: str) -> MarkingCode | None:
    """The live code elsewhere that stands in the way of this one."""
    if kind not in reading.UNIT_KINDS:
        return None
    rows = MarkingCode.objects.select_related("task__account", "item")
    return rows.filter(kind=kind, identity=reading.identity(value, kind), state__in=LIVE_CODE_STATES).first()


def in_use(code: MarkingCode) -> DomainError:
    """The refusal that names the task which has the code; a question where its goods may have come back."""
    where = {"task": code.task_id, "order": code.task.order_id, "number": code.task.external_id}
    if code.task.stage in _MAY_HAVE_COME_BACK:
        text = _("This code went out with order %(number)s (%(stage)s). Has this very unit come back?") % {
            "number": code.task.external_id,
            "stage": Stage(code.task.stage).label,
        }
        return Invalid("warnings", text, warning="came_back", kind=code.kind, **where)
    text = _("This code is already in order %(number)s (%(article)s).") % {
        "number": code.task.external_id,
        "article": code.item.article,
    }
    return Conflict("in_use", text, holds=code.pk, **where)


def _free_returned(kind: str, value: str, there: AssemblyTask, actor: Actor) -> None:
    """A person holds the unit of an order that is over: it has come back, and its code is free for this one.

    Raises ``Conflict`` ("training") when that order is real and this one an exercise, or the other way round.
    """
    other = holder(kind, value)
    if other is None or other.task.stage not in _MAY_HAVE_COME_BACK:
        return
    if other.task.account.training != there.account.training:
        text = _("One of the two orders is an exercise and the other is real: the code stays with order %(number)s.")
        raise Conflict("training", text % {"number": other.task.external_id})
    row = MarkingCode.objects.filter(pk=other.pk, state__in=LIVE_CODE_STATES)
    if not row.update(state=CodeState.RELEASED, changed_at=timezone.now()):
        return
    data = {"kind": other.kind, "unit": other.unit, "again": there.external_id}
    fact = timeline.about(other.task, EntryKind.CODE_REMOVED, actor, str(other.pk), code=other.kind, data=data)
    timeline.record([fact])


def add_or_explain(task_id: int, entry: Entry, *, actor: Actor) -> MarkingCode:
    """``add_code`` that turns the database's word about a code in use into one that says where it is."""
    try:
        return add_code(task_id, entry, actor=actor)
    except IntegrityError:
        understood = reading.read(entry.value)
        kinds = [entry.kind] if entry.kind else [kind for kind in understood.kinds if kind in CodeKind.values]
        for kind in kinds:
            other = holder(kind, understood.value)
            if other is not None:
                raise in_use(other) from None
        raise


@transaction.atomic
def remove_code(code_id: int, *, actor: Actor) -> MarkingCode:
    """Take a code off its unit; the marketplace is told when it knew it. Guarded by stage. Idempotent: a removed one stays so."""
    found = MarkingCode.objects.filter(pk=code_id).values_list("task_id", flat=True).first()
    if found is None:
        raise Conflict("not_found", _("There is no such code."))
    table = bench(found)
    code = next((row for row in table.codes if row.pk == code_id), None)
    if code is None:
        return MarkingCode.objects.get(pk=code_id)
    in_stage(table.task, outbox.offer_of(table.task.account), [code.kind])
    known = is_known(code)
    MarkingCode.objects.filter(pk=code.pk).update(state=CodeState.REMOVED, changed_at=timezone.now())
    data = {"kind": code.kind, "unit": code.unit}
    timeline.record(
        [timeline.about(table.task, EntryKind.CODE_REMOVED, actor, str(code.pk), code=code.kind, data=data)]
    )
    if known:
        tell_of_removal(table, code, actor)
    if code.state == CodeState.REFUSED:
        attention.settle(verdicts.refusal_key(code.pk), actor=actor)
    code.state = CodeState.REMOVED
    return code


def is_known(code: MarkingCode) -> bool:
    """Whether the marketplace has the code, or a call that may carry it has left and is not answered."""
    if code.state != CodeState.PENDING:
        return True
    sent = (ActionState.SENDING, ActionState.UNCERTAIN)
    puts = MarketplaceAction.objects.filter(
        task_id=code.task_id, kind=ActionKind.PUT_CODES, subject__in=("", code.kind)
    )
    return puts.filter(state__in=sent).exists()


def tell_of_removal(table: Bench, code: MarkingCode, actor: Actor) -> None:
    """The marketplace holds one set a kind, or one of all kinds: what is left replaces it, and an empty set is deleted."""
    offer = outbox.offer_of(table.task.account)
    rest = [row for row in table.codes if row.pk != code.pk and row.state != CodeState.REFUSED]
    rest = [row for row in rest if offer.codes_together or row.kind == code.kind]
    if rest:
        again = MarkingCode.objects.filter(pk__in=[row.pk for row in rest])
        again.update(state=CodeState.PENDING, changed_at=timezone.now())
        nudge.send_codes(table.task.pk)
    elif offer.deletes_codes:
        codequeue.queue_deletion(table.task, code.kind, actor=actor)
