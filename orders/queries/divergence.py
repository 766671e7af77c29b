"""The board of divergences: both sides' words and times, what is at risk and what would settle it, the most urgent first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from carriers import registry as carriers
from carriers.statuses import TrackingStatus
from orders import wording
from orders.divergence import TODO, Agreement, Risk
from orders.enums import OPEN_REACTION_STATES, OPEN_STAGES, ActionKind, AttentionKind, Severity, Stage
from orders.marketplaces import registry as marketplaces
from orders.models import AssemblyTask, Attention, Reaction
from orders.services import guards
from orders.services.warehouse import training as exercises
from orders.troubles import Trouble

from . import keyset
from .board import Board

SIZE = 50
_WEIGHT = {Severity.URGENT: 0, Severity.WARNING: 1, Severity.INFO: 2}
#: The more urgent the less.
BY_WEIGHT = Case(
    *(When(severity=severity, then=Value(weight)) for severity, weight in _WEIGHT.items()),
    default=Value(len(_WEIGHT)), output_field=IntegerField(),
)  # fmt: skip
_BY_AGE = keyset.Order("opened_at")
#: Refusals that say "not at this point of the way at all": nothing to press.
_NOT_HERE = frozenset({"stage", "already_done", "unsupported", "not_requested"})
_OURS: Mapping[str, Promise] = {
    "asked": pgettext_lazy("ours", "Asked: %(action)s"),
    "waiting": pgettext_lazy("ours", "Waits for a correction: %(action)s"),
    "suggested": pgettext_lazy("ours", "Suggested: %(action)s"),
    "overtaken": pgettext_lazy("ours", "Stopped, the carrier corrected itself: %(action)s"),
}


@dataclass(frozen=True, slots=True)
class Side:
    """``value``: our status of it, ``label`` its word; ``detail``: the source's own words for people."""

    value: str
    label: str
    detail: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Offered:
    """An action that would settle it. ``reason``: why it cannot be asked right now, empty when it can."""

    kind: ActionKind
    task: AssemblyTask
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One question. ``code``: of an agreement or a trouble; ``carrier_kind``, ``number``: of the parcel it is about.

    ``reaction``: the open suggestion that is one click, or waits for its grace. ``until``: ISO date, the last day of a storage.
    """

    question: Attention
    kind: str
    code: str
    title: str
    risk: str
    todo: str
    marketplace: Side
    carrier: Side
    ours: Side
    carrier_kind: str
    number: str
    parcels: int
    since: datetime
    until: str
    actions: Sequence[Offered]
    reaction: Reaction | None

    @property
    def urgent(self) -> bool:
        return self.question.severity == Severity.URGENT


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    previous: str = ""
    next: str = ""


def open_questions(*, training: bool) -> QuerySet[Attention]:
    return Attention.objects.filter(exercises.questions(training), kind=AttentionKind.DIVERGENCE, resolved_at=None)


def page(params: Mapping[str, str], board: Board, size: int = SIZE) -> Page:
    """One page by ``after`` or ``before`` of the parameters: seven statements, one when there are no questions."""
    found = by_weight(open_questions(training=board.training).select_related("order"), params, size)
    if not found.rows:
        return Page([])
    ids = [row.order_id for row in found.rows if row.order_id]
    offered, reactions = _tasks(ids), _reactions(ids)
    rows = [
        _row(each, board, offered.get(each.order_id or 0, ()), reactions.get(each.order_id or 0)) for each in found.rows
    ]
    return Page(rows, found.previous, found.next)


def by_weight(rows: QuerySet[Attention], params: Mapping[str, str], size: int = SIZE) -> keyset.Slice[Attention]:
    """By weight, then age: the older of two is first."""
    after, before = _parse(params.get("after", "")), _parse(params.get("before", ""))
    back, cursor = before is not None and after is None, after or before
    weighed: QuerySet[Any] = rows.annotate(weight=BY_WEIGHT)
    if cursor is not None:
        weight, place = cursor
        weighed = weighed.filter(
            Q(**{f"weight__{'lt' if back else 'gt'}": weight}) | Q(_BY_AGE.beyond(place, back=back), weight=weight)
        )
    found: list[Attention] = list(
        weighed.order_by("-weight" if back else "weight", *_BY_AGE.sorting(back=back))[: size + 1]
    )
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    if not found:
        return keyset.Slice([])
    has_previous, has_next = (more, True) if back else (after is not None, more)
    return keyset.Slice(found, _cursor(found[0]) if has_previous else "", _cursor(found[-1]) if has_next else "")


def _cursor(row: Attention) -> str:
    return f"{_WEIGHT.get(Severity(row.severity), len(_WEIGHT))}-{_BY_AGE.cursor(row)}"


def _parse(text: str) -> tuple[int, tuple[datetime, int]] | None:
    """None for what is no cursor."""
    weight, _dash, rest = text.partition("-")
    place = keyset.parse(rest)
    return (int(weight), place) if place is not None and weight in {"0", "1", "2", "3"} else None


def _tasks(order_ids: Sequence[int]) -> dict[int, list[guards.Facts]]:
    """Open tasks of orders with what decides about their actions: five statements."""
    tasks = list(AssemblyTask.objects.filter(order_id__in=order_ids, stage__in=OPEN_STAGES).order_by("pk"))
    found: dict[int, list[guards.Facts]] = defaultdict(list)
    for facts in guards.gather(tasks).values():
        found[facts.task.order_id].append(facts)
    return found


def _reactions(order_ids: Sequence[int]) -> dict[int, Reaction]:
    """The newest open reaction of each order: one statement."""
    rows = Reaction.objects.filter(shipment__order_id__in=order_ids, state__in=OPEN_REACTION_STATES)
    return {row.shipment.order_id: row for row in rows.select_related("shipment").order_by("pk")}


def _row(question: Attention, board: Board, tasks: Sequence[guards.Facts], reaction: Reaction | None) -> Row:
    facts: Mapping[str, Any] = question.facts
    account = board.by_id.get(question.account_id or 0)
    kind, told = account.kind if account else "", facts.get("carrier") or {}
    return Row(
        question=question,
        kind=kind,
        code=str(facts.get("code", "")),
        title=title(facts),
        risk=_label(Risk, facts.get("risk")),
        todo=todo(facts),
        marketplace=_marketplace(kind, facts.get("marketplace") or {}),
        carrier=_carrier(told),
        ours=_ours(facts),
        carrier_kind=str(told.get("carrier", "")),
        number=str(told.get("number", "")),
        parcels=int(told.get("parcels") or 1),
        since=_moment(facts.get("since")) or question.opened_at,
        until=str(facts.get("until", "")),
        actions=_offered(facts, board, tasks),
        reaction=reaction,
    )


def _offered(facts: Mapping[str, Any], board: Board, tasks: Sequence[guards.Facts]) -> list[Offered]:
    """What can be pressed, of every task that takes it; what cannot be but is the next thing says why."""
    found = []
    for kind in (ActionKind(each) for each in facts.get("actions") or () if each in ActionKind.values):
        for task in tasks:
            offer = board.offer(task.task.account_id)
            refusal = guards.why_not(task, kind, offer) if offer else None
            if offer is not None and (refusal is None or refusal.code not in _NOT_HERE):
                found.append(Offered(kind, task.task, str(refusal.text) if refusal else ""))
    return found


def title(facts: Mapping[str, Any]) -> str:
    """What is wrong, in the active language: "We are behind", "The carrier lost it"."""
    code = str(facts.get("code", ""))
    told = _label(Agreement, code) if code in Agreement.values else _label(Trouble, code)
    return told[:1].upper() + told[1:]


def todo(facts: Mapping[str, Any]) -> str:
    """What a person does about it, in the active language."""
    risk = str(facts.get("risk", ""))
    return str(TODO[Risk(risk)]) if risk in TODO else ""


def sides(marketplace: str, facts: Mapping[str, Any]) -> tuple[Side, Side]:
    """What the marketplace (of this kind) and the carrier say, of a question's facts."""
    return _marketplace(marketplace, facts.get("marketplace") or {}), _carrier(facts.get("carrier") or {})


def _marketplace(kind: str, told: Mapping[str, Any]) -> Side:
    """The stage, and the marketplace's own words for people."""
    words = (" · ".join(_names(kind, each)) for each in told.get("words") or ())
    stage = str(told.get("stage", ""))
    return Side(stage, _label(Stage, stage), "; ".join(dict.fromkeys(words)), _moment(told.get("at")))


def _names(kind: str, words: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(marketplaces.word_name(kind, name, word) for name, word in words.items() if word))


def _carrier(told: Mapping[str, Any]) -> Side:
    """Our status, and the carrier's own title; without one what its word means."""
    status, kind, word = (str(told.get(name, "")) for name in ("status", "carrier", "word"))
    detail = str(told.get("title") or "")
    if not detail and kind in carriers.kinds():
        meaning = carriers.meaning(kind, *word.split("/", 1))
        detail = str(meaning.name) if meaning else word
    return Side(status, _label(TrackingStatus, status), detail or word, _moment(told.get("at")))


def _ours(facts: Mapping[str, Any]) -> Side:
    """What is under way here; nothing: what is to be done."""
    told = facts.get("ours") or {}
    state = str(told.get("state", ""))
    if state not in _OURS:
        return Side("", todo(facts), "", _moment(facts.get("since")))
    action = _label(ActionKind, told.get("kind"))
    return Side(state, str(_OURS[state]) % {"action": wording.quoted(action)}, todo(facts), _moment(told.get("at")))


def _label(choices: type[Any], value: Any) -> str:
    """The word of a value; one we do not know as it is."""
    return str(choices(value).label) if value in choices.values else str(value or "")


def _moment(text: Any) -> datetime | None:
    return parse_datetime(str(text)) if text else None
