"""What a carrier's word makes us do: suggested, or done by itself. The only writer of ``Reaction`` and ``ReactionRule``,
with its parts: ``rules`` (how far it may go), ``acting`` (what has waited long enough), ``deciding`` (what people say),
``receipts`` (each change of a state), ``catchup`` (what changes around a parcel), ``rehearsal`` (the same on history).

Locks are taken in one order, so that nobody waits for anybody in a ring: parcels, then rules, then reactions, then actions and
tasks; rows of a kind by their ids.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.functional import Promise

from carriers.statuses import Change, Finality, Meaning
from orders.enums import OPEN_REACTION_STATES, AttentionKind, ReactionMode, ReactionState, Severity
from orders.models import AssemblyTask, Reaction, ReactionRule, Shipment, TimelineEntry
from orders.reactions import IRREVERSIBLE, WORTH_A_LOOK, Follow, Hand, Word, may_follow, still_stands, with_care
from orders.services import attention
from orders.services.actors import SYSTEM
from orders.services.shipping.parcels import Moved

from . import around, receipts, rules
from .acting import act, act_due, turned_orders
from .deciding import dismiss, stop, take
from .rehearsal import rehearse
from .rules import change_rule, is_rehearsed, kill, rule_of, unkill

__all__ = [
    "act_due",
    "change_rule",
    "consider",
    "dismiss",
    "is_rehearsed",
    "kill",
    "rehearse",
    "rule_of",
    "stop",
    "suggest_late",
    "take",
    "unkill",
]


#: What keeps a late suggestion away: it is open, or settled one way or another; only what events overtook may come again.
_LATE_BUSY = frozenset(ReactionState) - {ReactionState.OVERTAKEN}
#: Parcels whose word has become doubtful though they have not moved, with why a person decides.
Doubts = Sequence[tuple[Shipment, str | Promise]]


def consider(moved: Sequence[Moved], *, now: datetime, doubts: Doubts = ()) -> None:
    """Decide what follows from these changes. Idempotent: once a shipment, task, status and kind. Needs a transaction.

    What waits for a correction and has got one is not done; what was done is never reversed. A fixed number of statements
    however many changes.
    """
    news = [each for each in moved if _has_moved(each)]
    if not news and not doubts:
        return
    leading = [each for each in news if may_follow(each.after)]
    rules_ = around.rules_of([each.shipment for each in leading], lock=True) if leading else {}
    known = _known({*(each.shipment.order_id for each in news), *(row.order_id for row, _note in doubts)})
    _overtake(news, known, now)
    _leave_to_people(doubts, known, now)
    _ask_to_look(news, now)
    if leading:
        _react(leading, known, rules_, now)


def suggest_late(standing: Sequence[Moved], *, now: datetime) -> None:
    """What follows from where parcels are already, when the order has changed around them; nothing is done by itself.

    Idempotent. Needs a transaction that has locked the parcels; a fixed number of statements however many.
    """
    leading = [each for each in standing if may_follow(each.after)]
    if leading:
        known = _known({each.shipment.order_id for each in leading})
        _react(leading, known, around.rules_of([each.shipment for each in leading]), now, late=True)


def _has_moved(each: Moved) -> bool:
    before = each.before
    return before is None or (before.status, before.finality) != (each.after.status, each.after.finality)


def _known(order_ids: Collection[int]) -> list[Reaction]:
    """Locked, so that one that is just being done is seen done."""
    rows = Reaction.objects.filter(shipment__order__id__among=sorted(order_ids)).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True).select_related("shipment", "action"))


# The carrier says something else now -------------------------------------------------------------------------------------


def _overtake(news: Sequence[Moved], known: Sequence[Reaction], now: datetime) -> None:
    mine = {each.shipment.pk: each for each in news}
    corrected = {each.shipment.order_id: each for each in news if each.change == Change.CORRECTION}
    over: dict[tuple[str, str], list[Reaction]] = defaultdict(list)
    shaken: list[tuple[Reaction, Moved]] = []
    wrong: list[Reaction] = []
    back: list[Reaction] = []
    for row in known:
        each = mine.get(row.shipment_id)
        moved = each is not None and not still_stands(row.kind, row.status, each.after)
        correction = _correction(row, each, corrected.get(row.shipment.order_id))
        tried = receipts.is_tried(row, now)
        if row.state in OPEN_REACTION_STATES and (moved or correction):
            over[row.state, str(receipts.WENT_BACK if correction and tried else receipts.MOVED)].append(row)
        elif correction and tried and row.state == ReactionState.TAKEN:
            wrong.append(row)
        if correction and row.state in (ReactionState.WAITING, ReactionState.ACTED, ReactionState.TAKEN):
            shaken.append((row, correction))
        if correction and row.state == ReactionState.ACTED and rules.recalled(row):
            back.append(row)
    _raise(shaken, now)
    for (_state, note), rows in over.items():
        receipts.move(rows, ReactionState.OVERTAKEN, actor=SYSTEM, now=now, note=note)
    receipts.move(back, ReactionState.OVERTAKEN, actor=SYSTEM, now=now, note=receipts.TAKEN_BACK)
    receipts.remark(wrong, receipts.WENT_BACK)


def _leave_to_people(doubts: Doubts, known: Sequence[Reaction], now: datetime) -> None:
    """What cannot be taken back does not wait where the carrier's word is open to doubt; what has not left is stopped."""
    notes = {row.pk: note for row, note in doubts}
    mine: dict[tuple[str, str], list[Reaction]] = defaultdict(list)
    for row in known:
        doubtful = row.kind in IRREVERSIBLE and row.shipment_id in notes
        waits = row.state == ReactionState.WAITING
        if doubtful and (waits or (row.state == ReactionState.ACTED and rules.recalled(row))):
            mine[row.state, str(notes[row.shipment_id])].append(row)
    for (_state, note), rows in mine.items():
        receipts.move(rows, ReactionState.SUGGESTED, actor=SYSTEM, now=now, note=note)


def _correction(row: Reaction, own: Moved | None, of_order: Moved | None) -> Moved | None:
    """The correction that takes away what a reaction rests on: of its parcel, or of another one that spoke with it."""
    if own is not None and own.change == Change.CORRECTION:
        return own if own.before is not None and own.before.status == row.status else None
    return of_order if row.kind in IRREVERSIBLE else None


def _raise(shaken: Sequence[tuple[Reaction, Moved]], now: datetime) -> None:
    """Once a parcel: as a rule the correction itself has been raised already."""
    found = {}
    for row, each in shaken:
        before = each.before.status.value if each.before else ""
        facts = {"from": before, "to": each.after.status.value, "kind": row.kind, "action": row.action_id}
        urgent = row.state != ReactionState.WAITING
        severity = Severity.URGENT if urgent else Severity.WARNING
        question = _question(AttentionKind.TRACKING_CORRECTION, each.shipment, severity, facts)
        found[question.key] = question
    asked = attention.open_keys(list(found)) if found else set()
    attention.open_many([question for key, question in found.items() if key not in asked], now=now)


def _ask_to_look(news: Sequence[Moved], now: datetime) -> None:
    """No action of a marketplace settles these. Words that ask for a look by themselves are raised by tracking.

    A parcel that has gone on to something else is not asked about any more.
    """
    there = [each for each in news if each.after.status in WORTH_A_LOOK and not each.after.attention]
    questions = [
        _question(AttentionKind.TRACKING_LOOK, each.shipment, Severity.WARNING, {"to": each.after.status.value})
        for each in there
    ]
    attention.open_many(questions, now=now)
    over = [each for each in news if each.before and each.before.status in WORTH_A_LOOK and not _needs_look(each.after)]
    attention.settle_many([f"{AttentionKind.TRACKING_LOOK}:{each.shipment.pk}" for each in over], actor=SYSTEM)


def _needs_look(meaning: Meaning) -> bool:
    return meaning.attention or meaning.status in WORTH_A_LOOK


def _question(
    kind: AttentionKind, shipment: Shipment, severity: Severity, facts: Mapping[str, Any]
) -> attention.Question:
    return attention.Question(
        kind,
        f"{kind}:{shipment.pk}",
        severity,
        order_id=shipment.order_id,
        shipment_id=shipment.pk,
        carrier_account_id=shipment.carrier_account_id,
        facts={"number": shipment.number, "external_id": shipment.number, **facts},
    )


# Something follows -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Room:
    """How many more automatic actions this hour has room for, by carrier account."""

    left: dict[int, int] = field(default_factory=dict)

    def take(self, account_id: int) -> bool:
        if self.left.get(account_id, 0) <= 0:
            return False
        self.left[account_id] -= 1
        return True


def _room(rules: Iterable[ReactionRule], now: datetime) -> _Room:
    """One statement where a rule is automatic. What waits has its place already."""
    caps = {rule.pk: rule.cap_per_hour for rule in rules if rule.mode == ReactionMode.AUTOMATIC}
    if not caps:
        return _Room()
    lately = Q(state=ReactionState.ACTED, decided_at__gt=now - timedelta(hours=1))
    rows = Reaction.objects.filter(
        lately | Q(state=ReactionState.WAITING), shipment__carrier_account_id__in=list(caps)
    ).order_by()
    used = dict(rows.values_list("shipment__carrier_account_id").annotate(Count("pk")))
    return _Room({pk: cap - used.get(pk, 0) for pk, cap in caps.items()})


def _react(
    news: Sequence[Moved], known: Sequence[Reaction], rules_: around.Rules, now: datetime, *, late: bool = False
) -> None:
    wanted = [each for each in news if not _is_off(each, rules_)]
    if not wanted:
        return
    entries = [key for each in wanted for key in each.entries]
    here = around.look([each.shipment for each in wanted], now=now, entries=entries, rules=rules_)
    room = _room(here.rules.values(), now)
    once = {(row.shipment_id, row.task_id, row.status, row.kind): row for row in known}
    followed = list(_followed(wanted, here, [row for row in known if row.state not in OPEN_REACTION_STATES]))
    _put_away(followed, known, now)
    busy = {(row.task_id, row.kind) for row in known if row.state in (_LATE_BUSY if late else OPEN_REACTION_STATES)}
    fresh: list[Reaction] = []
    again: list[Reaction] = []
    for each, task, follow in followed:
        rule = here.rules.get(each.shipment.carrier_account_id) or ReactionRule(carrier_account_id=0)
        old = once.get((each.shipment.pk, task.pk, each.after.status.value, follow.kind.value))
        if (task.pk, follow.kind) in busy:
            continue
        if old is None:
            fresh.append(_row(each, task, _late(follow) if late else follow, rule=rule, here=here, room=room))
            busy.add((task.pk, follow.kind))
        elif old.state == ReactionState.OVERTAKEN and not old.action_id:
            again.append(_renewed(old, here.ids(each.entries), follow))
            busy.add((task.pk, follow.kind))
    receipts.create(fresh, actor=SYSTEM, now=now)
    note = receipts.HANDS[Hand.LATER if late else Hand.AGAIN]
    receipts.move(again, ReactionState.SUGGESTED, actor=SYSTEM, now=now, note=note)
    Reaction.objects.bulk_update(again, ["entries", "reason", "date", "due_at"])
    due = [row.pk for row in fresh if row.state == ReactionState.WAITING and row.due_at and row.due_at <= now]
    if due:
        act(due, now=now)


def _put_away(followed: Iterable[tuple[Moved, AssemblyTask, Follow]], known: Sequence[Reaction], now: datetime) -> None:
    """What was still right until now something better is: a parcel that is delivered is received, not handed over."""
    better = {(each.shipment.pk, task.pk): follow.kind for each, task, follow in followed}
    over: dict[str, list[Reaction]] = defaultdict(list)
    for row in known:
        kind = better.get((row.shipment_id, row.task_id), row.kind)
        if row.state in OPEN_REACTION_STATES and row.kind != kind:
            over[row.state].append(row)
    for rows in over.values():
        receipts.move(rows, ReactionState.OVERTAKEN, actor=SYSTEM, now=now, note=receipts.MOVED)


def _is_off(each: Moved, rules_: around.Rules) -> bool:
    rule = rules_.get(each.shipment.carrier_account_id)
    return rule is not None and rule.mode == ReactionMode.OFF


def _renewed(row: Reaction, entries: Sequence[int], follow: Follow) -> Reaction:
    """The carrier says once more what it has taken back: the receipt goes on, for a person."""
    row.entries = [*row.entries, *(pk for pk in entries if pk not in row.entries)]
    row.reason, row.date, row.due_at = follow.reason, follow.date, None
    return row


def _late(follow: Follow) -> Follow:
    return follow if follow.hand else replace(follow, hand=Hand.LATER)


def _followed(
    news: Sequence[Moved], here: around.Around, over: Sequence[Reaction]
) -> Iterable[tuple[Moved, AssemblyTask, Follow]]:
    """``over``: what has been done, stopped or overtaken before, also for another parcel of the order."""
    turned = _turned(news)
    stopped = {(row.task_id, row.kind) for row in over if row.state == ReactionState.STOPPED}
    before = {(row.task_id, row.kind) for row in over}
    for each in news:
        day = around.day_of(each.shipment, here.told(each.entries))
        for task in here.tasks.get(each.shipment.order_id, ()):
            follow = here.follow(each.shipment, task, each.after, day)
            if follow is not None:
                subject = (task.pk, follow.kind.value)
                word = _word(each, here, again=subject in before, turned=turned)
                yield each, task, with_care(follow, replace(word, stopped=subject in stopped))


def _turned(news: Sequence[Moved]) -> frozenset[int]:
    return turned_orders({each.shipment.order_id for each in news if each.after.finality == Finality.FINAL})


def _word(each: Moved, here: around.Around, *, again: bool, turned: Collection[int]) -> Word:
    return Word(
        each.before,
        each.change,
        again=again,
        turned=each.shipment.order_id in turned,
        hides_returns=lambda: each.shipment.returned is None and here.hides_returns(each.shipment),
    )


def _row(
    each: Moved, task: AssemblyTask, follow: Follow, *, rule: ReactionRule, here: around.Around, room: _Room
) -> Reaction:
    state, note = _decide(follow, rule, room)
    waits = state == ReactionState.WAITING or note is receipts.TRIAL
    grace = timedelta(minutes=rule.grace_minutes) if follow.irreversible else timedelta(0)
    return Reaction(
        shipment=each.shipment,
        task=task,
        status=each.after.status,
        kind=follow.kind,
        reason=follow.reason,
        date=follow.date,
        state=state,
        mode=rule.mode,
        rule_version=rule.version,
        inputs=_inputs(each, task, follow, rule=rule, here=here),
        entries=here.ids(each.entries),
        due_at=here.now + grace if waits else None,
        note=str(note)[:300],
    )


def _decide(follow: Follow, rule: ReactionRule, room: _Room) -> tuple[ReactionState, str | Promise]:
    if follow.hand is not None:
        return ReactionState.SUGGESTED, receipts.HANDS[follow.hand]
    if rule.mode == ReactionMode.SHADOW:
        return ReactionState.SUGGESTED, receipts.TRIAL
    if rule.mode != ReactionMode.AUTOMATIC:
        return ReactionState.SUGGESTED, ""
    if rule.killed:
        return ReactionState.SUGGESTED, receipts.KILLED
    if not room.take(rule.pk):
        return ReactionState.SUGGESTED, receipts.CAP
    return ReactionState.WAITING, ""


def _inputs(
    each: Moved, task: AssemblyTask, follow: Follow, *, rule: ReactionRule, here: around.Around
) -> dict[str, Any]:
    """All that the rule looked at, so that the receipt explains itself years later."""
    entry = here.told(each.entries)
    moment = entry.happened_at if entry else each.shipment.changed_at
    told = {
        "status": each.after.status.value,
        "finality": each.after.finality.value,
        "before": each.before.status.value if each.before else "",
        "change": each.change.value,
        "raw_status": each.shipment.raw_status,
        "raw_title": each.shipment.raw_title,
        "happened_at": moment.isoformat() if moment else "",
        "local": _local(entry),
        "learned_at": here.now.isoformat(),
        "delivered_on": each.shipment.delivered_on.isoformat() if each.shipment.delivered_on else "",
        "stage": task.stage,
        "words": dict(task.marketplace_status),
        "other_parcels": dict(Tally(here.others(each.shipment))),
        "hand": follow.hand.value if follow.hand else "",
        "grace_minutes": rule.grace_minutes,
        "cap_per_hour": rule.cap_per_hour,
        "killed": rule.killed,
    }
    return {name: value for name, value in told.items() if value not in ("", {})}


def _local(entry: TimelineEntry | None) -> str:
    """The clock there when it happened, where the carrier names no zone."""
    return str(entry.data.get("local") or "") if entry and not entry.data.get("offset") else ""
