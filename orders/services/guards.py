"""What may be asked of a marketplace now, and why not: one table for buttons, API, admin, bulk runs and the moment of sending.

No call leaves that this table already knows will fail.
"""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.models import Counter
from orders.enums import (
    CLOSED_STAGES,
    CODE_ACTIONS,
    LIVE_CODE_STATES,
    OPEN_ACTION_STATES,
    TASK_ACTIONS,
    ActionKind,
    ActionState,
    CodeKind,
    CodeState,
    Stage,
)
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, MarketplaceAction, MarkingCode, TaskItem

#: Wrong confirmation codes in a row before we wait, so that a mistyped code does not eat the quota of the order.
WRONG_CODES_ALLOWED = 5
#: ``error_code`` of an action whose confirmation code the marketplace did not accept.
WRONG_CODE = "wrong_code"
WRONG_CODES_WITHIN = timedelta(minutes=30)

Row = TypeVar("Row", TaskItem, MarkingCode, MarketplaceAction)

_NEEDS_CODES = (ActionKind.READY, ActionKind.DELIVER, ActionKind.RECEIVE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """``code`` for programs, ``text`` for people: why not, and what to do."""

    code: str
    text: str | Promise


@dataclass(frozen=True, slots=True)
class Missing:
    """Units of an item that still lack a code of a kind."""

    item: TaskItem
    kind: CodeKind
    count: int


@dataclass(frozen=True, slots=True)
class Facts:
    """A task with what decides about its actions."""

    task: AssemblyTask
    items: Sequence[TaskItem]
    codes: Sequence[MarkingCode]
    open_actions: Sequence[MarketplaceAction]
    wrong_codes: int = 0

    @property
    def missing(self) -> list[Missing]:
        good = Tally((code.item_id, code.kind) for code in self.codes if code.state != CodeState.REFUSED)
        found = []
        for item in self.items:
            for kind in self.task.required_kinds:
                lacking = item.quantity - good[item.pk, kind]
                if lacking > 0:
                    found.append(Missing(item, CodeKind(kind), lacking))
        return found

    @property
    def refused_codes(self) -> list[MarkingCode]:
        return [code for code in self.codes if code.state == CodeState.REFUSED]


def gather(tasks: Sequence[AssemblyTask]) -> dict[int, Facts]:
    """Facts of many tasks in four statements."""
    ids = [task.pk for task in tasks]
    items = _by_task(TaskItem.objects.filter(task_id__in=ids))
    codes = _by_task(MarkingCode.objects.filter(task_id__in=ids, state__in=LIVE_CODE_STATES))
    actions = _by_task(MarketplaceAction.objects.filter(task_id__in=ids, state__in=OPEN_ACTION_STATES).order_by("pk"))
    wrong = wrong_codes(ids)
    return {
        task.pk: Facts(task, items.get(task.pk, []), codes.get(task.pk, []), actions.get(task.pk, []), wrong[task.pk])
        for task in tasks
    }


def facts_of(
    task: AssemblyTask,
    items: Sequence[TaskItem],
    codes: Sequence[MarkingCode],
    actions: Sequence[MarketplaceAction],
) -> Facts:
    """Facts from rows of a task that were read already; ``actions`` are its recent ones, in any state."""
    since = timezone.now() - WRONG_CODES_WITHIN
    wrong = [row for row in actions if row.state == ActionState.FAILED and row.error_code == WRONG_CODE]
    lately = [row for row in wrong if row.finished_at and row.finished_at >= since]
    live = [code for code in codes if code.state in LIVE_CODE_STATES]
    return Facts(task, items, live, [row for row in actions if row.is_open], len(lately))


def _by_task(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.task_id, []).append(row)
    return found


def lately_wrong() -> Q:
    """Actions whose confirmation code was refused lately."""
    since = timezone.now() - WRONG_CODES_WITHIN
    return Q(state=ActionState.FAILED, error_code=WRONG_CODE, finished_at__gte=since)


def wrong_codes(ids: Sequence[int]) -> Tally[int]:
    """How many confirmation codes were refused lately, by task: one statement."""
    rows = MarketplaceAction.objects.filter(lately_wrong(), task_id__in=ids)
    return Tally(rows.values_list("task_id", flat=True))


def why_not(
    facts: Facts, kind: ActionKind, offer: Offer, *, sending: bool = False, subject: str = ""
) -> Refusal | None:
    """None when the action may go. ``sending``: it is in the outbox already and about to leave; ``subject``: its code kind."""
    return (
        _unsupported(kind, offer)
        or (None if sending else _busy(facts, kind))
        or _wrong_stage(facts.task, kind, offer, subject)
        or _not_saved(facts.task, kind)
        or _codes_missing(facts, kind)
        or (None if sending else _too_many_wrong_codes(facts, kind))
    )


def allowed(facts: Facts, offer: Offer) -> list[tuple[ActionKind, Refusal | None]]:
    """Every action the marketplace knows, with the reason where it cannot be asked now."""
    known = [kind for kind in TASK_ACTIONS if kind in offer.steps or kind in offer.local]
    return [(kind, why_not(facts, kind, offer)) for kind in known]


def _unsupported(kind: ActionKind, offer: Offer) -> Refusal | None:
    if kind in offer.steps or kind in offer.local or kind in CODE_ACTIONS:
        return None
    return Refusal("unsupported", _("This marketplace has no such action."))


def _busy(facts: Facts, kind: ActionKind) -> Refusal | None:
    others = [action for action in facts.open_actions if action.kind not in CODE_ACTIONS]
    if any(action.kind == kind for action in others):
        return Refusal("already_queued", _("It has been asked already, the answer is awaited."))
    if others:
        name = ActionKind(others[0].kind).label
        return Refusal("busy", _("Wait for the answer to “%(action)s” first.") % {"action": name})
    return None


def _wrong_stage(task: AssemblyTask, kind: ActionKind, offer: Offer, subject: str) -> Refusal | None:
    stage = Stage(task.stage)
    if kind in CODE_ACTIONS:
        fits = task.marketplace_status.get(offer.step_word) in code_words(offer, subject)
    elif kind in offer.local:
        fits = stage == Stage.ASSEMBLING
    else:
        fits = task.marketplace_status.get(offer.step_word) in offer.steps[kind] and stage not in CLOSED_STAGES
    if fits:
        return None
    if kind in offer.effects and task.marketplace_status.get(offer.step_word) == offer.effects[kind][1]:
        return Refusal("already_done", _("This is done already."))
    return Refusal("stage", _("Not possible while the task is “%(stage)s”.") % {"stage": stage.label})


def code_words(offer: Offer, kind: str) -> frozenset[str]:
    """Raw words in which codes of a kind may be set; some kinds may come later than the others."""
    late = offer.late_code_words.get(CodeKind(kind), frozenset()) if kind in CodeKind.values else frozenset()
    return offer.code_words | late


def _not_saved(task: AssemblyTask, kind: ActionKind) -> Refusal | None:
    if kind == ActionKind.CONFIRM and not task.raw_digest:
        text = _("The order has not been saved whole yet; after confirming it could not be read again. Wait a minute.")
        return Refusal("not_saved", text)
    return None


def _codes_missing(facts: Facts, kind: ActionKind) -> Refusal | None:
    if kind not in _NEEDS_CODES:
        return None
    if facts.refused_codes:
        return Refusal("code_refused", _("The marketplace refused a marking code: remove it and scan another one."))
    lacking = facts.missing
    if not lacking:
        return None
    names = ", ".join(sorted({str(each.kind.label) for each in lacking}))
    count = sum(each.count for each in lacking)
    text = ngettext(
        "%(count)d code is missing (%(kinds)s): scan it first.",
        "%(count)d codes are missing (%(kinds)s): scan them first.",
        count,
    )
    return Refusal("codes_missing", text % {"count": count, "kinds": names})


def _too_many_wrong_codes(facts: Facts, kind: ActionKind) -> Refusal | None:
    if kind in (ActionKind.RECEIVE, ActionKind.REJECT) and facts.wrong_codes >= WRONG_CODES_ALLOWED:
        text = _("Too many wrong codes for this order. Wait half an hour, or ask the buyer to open the code again.")
        return Refusal("too_many_wrong_codes", text)
    return None


def code_problem(code: str, kind: ActionKind, offer: Offer) -> Refusal | None:
    """What is wrong with the buyer's confirmation code before a call is spent on it."""
    if kind not in offer.coded:
        return None
    if not code:
        return Refusal("code_required", _("Enter the code the buyer shows."))
    if not re.fullmatch(offer.code_pattern, code):
        return Refusal("code_format", _("The code consists of digits only, usually 5 or 6 of them."))
    return None


def count_saved(upstream: str, calls: int = 1) -> None:
    """Calls that were not spent because the table knew better. Counted per day."""
    row = {"name": f"saved_calls:{upstream}", "day": timezone.localdate()}
    if not Counter.objects.filter(**row).update(value=F("value") + calls):
        Counter.objects.get_or_create(**row, defaults={"value": calls})
