"""What may be asked of a marketplace now, and why not: one table for buttons, API, admin, bulk runs and the moment of sending.

No call leaves that this table already knows will fail.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from orders.enums import (
    CLOSED_STAGES,
    CODE_ACTIONS,
    DETAIL_ACTIONS,
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

ANSWERS = (ActionKind.ACCEPT_CANCEL, ActionKind.REFUSE_CANCEL)


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
    done_once: frozenset[str] = frozenset()

    @property
    def missing(self) -> list[Missing]:
        good = Tally((code.item_id, code.kind) for code in self.codes if code.state != CodeState.REFUSED)
        found = []
        for item in self.items:
            for kind in needed_kinds(self.task, item):
                lacking = item.quantity - good[item.pk, kind]
                if lacking > 0:
                    found.append(Missing(item, CodeKind(kind), lacking))
        return found

    @property
    def partly(self) -> list[Missing]:
        """Units that lack a code nobody demands, on lines where others have theirs."""
        found = []
        for item in self.items:
            good = [code for code in self.codes if code.item_id == item.pk and code.state != CodeState.REFUSED]
            lacking = item.quantity - len({code.unit for code in good})
            if good and lacking > 0 and not needed_kinds(self.task, item):
                found.append(Missing(item, CodeKind(good[0].kind), lacking))
        return found

    @property
    def refused_codes(self) -> list[MarkingCode]:
        return [code for code in self.codes if code.state == CodeState.REFUSED]


def taken_kinds(task: AssemblyTask, item: TaskItem) -> list[str]:
    """Kinds of codes a line takes: its own, or those of its task."""
    kinds: list[str] = task.code_kinds if item.code_kinds is None else item.code_kinds
    return kinds


def needed_kinds(task: AssemblyTask, item: TaskItem) -> list[str]:
    """Kinds of codes each unit of a line needs: its own, or those of its task."""
    kinds: list[str] = task.required_kinds if item.required_kinds is None else item.required_kinds
    return kinds


def gather(tasks: Sequence[AssemblyTask]) -> dict[int, Facts]:
    """Facts of many tasks in four statements."""
    ids = [task.pk for task in tasks]
    items = _by_task(TaskItem.objects.filter(task_id__in=ids))
    codes = _by_task(MarkingCode.objects.filter(task_id__in=ids, state__in=LIVE_CODE_STATES))
    actions = _by_task(MarketplaceAction.objects.filter(task_id__in=ids, state__in=OPEN_ACTION_STATES).order_by("pk"))
    told = _told(ids)
    return {
        task.pk: Facts(
            task,
            items.get(task.pk, []),
            codes.get(task.pk, []),
            actions.get(task.pk, []),
            told[task.pk, WRONG_CODE],
            frozenset(kind for pk, kind in told if pk == task.pk and kind in DETAIL_ACTIONS),
        )
        for task in tasks
    }


def _told(ids: Sequence[int]) -> Tally[tuple[int, str]]:
    """Per task: how many confirmation codes were refused lately, and which details were done: one statement."""
    rows = MarketplaceAction.objects.filter(lately_wrong() | details_done(), task_id__in=ids)
    return Tally(
        (pk, kind if state == ActionState.SUCCEEDED else WRONG_CODE)
        for pk, kind, state in rows.values_list("task_id", "kind", "state")
    )


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
    done = frozenset(row.kind for row in actions if row.state == ActionState.SUCCEEDED and row.kind in DETAIL_ACTIONS)
    return Facts(task, items, live, [row for row in actions if row.is_open], len(lately), done)


def _by_task(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.task_id, []).append(row)
    return found


def details_done() -> Q:
    """Detail actions that were done: some work only once."""
    return Q(state=ActionState.SUCCEEDED, kind__in=DETAIL_ACTIONS)


def lately_wrong() -> Q:
    """Actions whose confirmation code was refused lately."""
    since = timezone.now() - WRONG_CODES_WITHIN
    return Q(state=ActionState.FAILED, error_code=WRONG_CODE, finished_at__gte=since)


def why_not(
    facts: Facts, kind: ActionKind, offer: Offer, *, sending: bool = False, subject: str = ""
) -> Refusal | None:
    """None when the action may go. ``sending``: it is in the outbox already and about to leave; ``subject``: its code kind."""
    return (
        _unsupported(kind, offer)
        or (None if sending else _busy(facts, kind))
        or _wrong_stage(facts.task, kind, offer, subject=subject, sending=sending)
        or _over(facts.task, kind, offer)
        or _other_delivery(facts.task, kind, offer)
        or _nothing_asked(facts.task, kind)
        or _done_once(facts, kind, offer)
        or _not_saved(facts.task, kind)
        or _codes_missing(facts, kind, offer)
        or (None if sending else _too_many_wrong_codes(facts, kind))
    )


def allowed(facts: Facts, offer: Offer) -> list[tuple[ActionKind, Refusal | None]]:
    """Every action the marketplace knows, with the reason where it cannot be asked now."""
    known = [kind for kind in TASK_ACTIONS if kind in offer.steps or kind in offer.local]
    return [(kind, why_not(facts, kind, offer)) for kind in known]


def allowed_details(facts: Facts, offer: Offer) -> list[tuple[ActionKind, Refusal | None]]:
    """Every detail action the marketplace knows, with the reason where it cannot be asked now."""
    return [(kind, why_not(facts, kind, offer)) for kind in DETAIL_ACTIONS if kind in offer.details]


def _unsupported(kind: ActionKind, offer: Offer) -> Refusal | None:
    if kind in offer.steps or kind in offer.local or kind in offer.details or kind in CODE_ACTIONS:
        return None
    return Refusal("unsupported", _("This marketplace has no such action."))


def _busy(facts: Facts, kind: ActionKind) -> Refusal | None:
    if any(action.kind == kind for action in facts.open_actions if kind not in CODE_ACTIONS):
        return Refusal("already_queued", _("It has been asked already, the answer is awaited."))
    # Details go out in their turn beside a step; a step waits for a step.
    others = [action for action in facts.open_actions if action.kind in TASK_ACTIONS and kind in TASK_ACTIONS]
    if others:
        name = ActionKind(others[0].kind).label
        return Refusal("busy", _("Wait for the answer to “%(action)s” first.") % {"action": name})
    return None


def _wrong_stage(task: AssemblyTask, kind: ActionKind, offer: Offer, *, subject: str, sending: bool) -> Refusal | None:
    stage, word = Stage(task.stage), task.marketplace_status.get(offer.step_word, "")
    if kind in offer.steps and offer.done(kind, task.marketplace_status):
        return Refusal("already_done", _("This is done already."))
    if kind in CODE_ACTIONS:
        fits = word in code_words(offer, subject)
    elif kind in offer.local:
        fits = stage in offer.local[kind].stages
    else:
        # On its way the steps before it have been sent: only then the way there does not count any more.
        known = offer.details.get(kind) or offer.steps.get(kind, frozenset())
        by_way = not sending and word in offer.ways.get(kind, {})
        fits = (word in known or by_way) and stage not in (*CLOSED_STAGES, Stage.WAITING)
    if fits:
        return None
    return Refusal("stage", _("Not possible while the task is “%(stage)s”.") % {"stage": stage.label})


def _over(task: AssemblyTask, kind: ActionKind, offer: Offer) -> Refusal | None:
    if any(task.marketplace_status.get(name) in words for name, words in offer.over.get(kind, {}).items()):
        return Refusal("too_late", _("Too late: the marketplace knows the order as packed already."))
    return None


def _other_delivery(task: AssemblyTask, kind: ActionKind, offer: Offer) -> Refusal | None:
    """A way of delivery nobody knows does not stand in the way."""
    known = kind in offer.only_for and task.delivery_type in offer.delivery_types
    if known and task.delivery_type not in offer.only_for[kind]:
        return Refusal("delivery_type", _("Not for an order that is delivered this way."))
    return None


def _nothing_asked(task: AssemblyTask, kind: ActionKind) -> Refusal | None:
    if kind in ANSWERS and task.cancel_requested_at is None:
        return Refusal("not_requested", _("The buyer has not asked to cancel."))
    return None


def _done_once(facts: Facts, kind: ActionKind, offer: Offer) -> Refusal | None:
    if kind in offer.once and kind in facts.done_once:
        return Refusal("done_once", _("The marketplace allows this once, and it was done."))
    return None


def steps_before(task: AssemblyTask, kind: ActionKind, offer: Offer) -> tuple[ActionKind, ...]:
    """Steps that have to be sent before this one from where the task is."""
    return offer.ways.get(kind, {}).get(task.marketplace_status.get(offer.step_word, ""), ())


def reasons(task: AssemblyTask, kind: ActionKind, offer: Offer) -> tuple[str, ...]:
    """Raw words of the reasons this action may give now; () where it needs none."""
    return offer.reasons.get(kind, {}).get(task.marketplace_status.get(offer.step_word, ""), ())


def code_words(offer: Offer, kind: str) -> frozenset[str]:
    """Raw words in which codes of a kind may be set; some kinds may come later than the others."""
    late = offer.late_code_words.get(CodeKind(kind), frozenset()) if kind in CodeKind.values else frozenset[str]()
    return offer.code_words | late


def _not_saved(task: AssemblyTask, kind: ActionKind) -> Refusal | None:
    if kind == ActionKind.CONFIRM and not task.raw_digest:
        text = _("The order has not been saved whole yet; after confirming it could not be read again. Wait a minute.")
        return Refusal("not_saved", text)
    return None


def codes_lacking(facts: Facts, offer: Offer) -> list[Missing]:
    """Units that still need a code. Where codes travel together a line has all of its codes or none."""
    return facts.missing + (facts.partly if offer.codes_together else [])


def _codes_missing(facts: Facts, kind: ActionKind, offer: Offer) -> Refusal | None:
    if offer.needs_codes.isdisjoint({kind, *steps_before(facts.task, kind, offer)}):
        return None
    if facts.refused_codes:
        return Refusal("code_refused", _("The marketplace refused a marking code: remove it and scan another one."))
    lacking = codes_lacking(facts, offer)
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
    if re.fullmatch(offer.code_pattern, code):
        return None
    if not code.isdecimal():
        return Refusal("code_format", _("The code consists of digits only."))
    if re.match(offer.code_pattern, code):  # one with more behind it
        return Refusal("code_format", _("The code is too long. Compare it with what the buyer shows."))
    return Refusal("code_format", _("The code is too short. Compare it with what the buyer shows."))


def reason_problem(task: AssemblyTask, reason: str, kind: ActionKind, offer: Offer) -> Refusal | None:
    """What is wrong with the reason given for an action."""
    known = reasons(task, kind, offer)
    if not known or reason in known:
        return None
    if not reason:
        return Refusal("reason_required", _("Choose a reason."))
    return Refusal("reason", _("This reason is not allowed now. Allowed: %(reasons)s.") % {"reasons": ", ".join(known)})


def date_problem(task: AssemblyTask, date: str, kind: ActionKind, offer: Offer) -> Refusal | None:
    """What is wrong with the day of a delivery that was not today."""
    if not date:
        return None
    if kind not in offer.dated:
        return Refusal("date", _("This action takes no date."))
    try:
        day = dt.date.fromisoformat(date)
    except ValueError:
        return Refusal("date", _("Enter a day like 2026-11-27."))
    if not timezone.localdate(task.created_at) <= day <= timezone.localdate():
        return Refusal("date", _("The day lies between the order and today."))
    return None
