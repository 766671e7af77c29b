"""The history of one order played again, as if nobody but the rule had acted: it begins packed, and the rule's own actions move it.

Decided by the functions of ``orders.reactions``, as live. Who closed the order otherwise (the marketplace, a person who
cancelled) has closed it here too. Not played: the cap an hour, and a carrier that cannot be asked once more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from django.utils import timezone

from carriers import registry
from carriers.statuses import Change, Finality, Meaning, TrackingStatus, classify
from orders import reactions as pure
from orders.enums import ActionKind, EntryKind, Stage
from orders.marketplaces.base import Offer
from orders.reactions import DOUBTS, Follow, Hand, Place, Word

#: Wrong ones that are told in full.
TOLD = 200
#: Final whatever word said it: a return is a flag at some carriers.
_ENDS = frozenset(
    {
        TrackingStatus.DELIVERED,
        TrackingStatus.PARTIALLY_DELIVERED,
        TrackingStatus.UNDELIVERED,
        TrackingStatus.RETURNED,
        TrackingStatus.LOST,
        TrackingStatus.CANCELLED,
    }
)
_OPEN = ("planned", "suggested")
#: The receipt of these goes on when the carrier says so once more.
_RENEWED = ("caught", "gone")


@dataclass(frozen=True, slots=True)
class Wrong:
    """An action that would have been wrong: what was done when, and what the carrier said ``then``; None: it was taken off."""

    shipment_id: int
    number: str
    order_id: int
    kind: ActionKind
    status: TrackingStatus
    acted_at: datetime
    then: TrackingStatus | None
    then_at: datetime


@dataclass(slots=True)
class Rehearsal:
    """``parcels``: told of in these days. ``acted``: what would have been done by itself; ``caught``: what would have waited and was
    overtaken; ``doubts``: what would have been done but for a doubt, by its reason; ``suggested``: what is never done by itself.
    ``wrong_count`` of the acted would have been wrong, the first 200 are in ``wrong``.
    """

    days: int
    parcels: int = 0
    acted: int = 0
    caught: int = 0
    suggested: int = 0
    doubts: dict[Hand, int] = field(default_factory=dict)
    wrong_count: int = 0
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def asked(self) -> int:
        """How often a person would have been asked because of a doubt."""
        return sum(self.doubts.values())

    def note(self, wrong: Wrong) -> None:
        self.wrong_count += 1
        if len(self.wrong) < TOLD:
            self.wrong.append(wrong)

    def leave(self, hand: Hand) -> None:
        if hand in DOUBTS:
            self.doubts[hand] = self.doubts.get(hand, 0) + 1
        else:
            self.suggested += 1


class Line(NamedTuple):
    """A timeline entry as the replay needs it; ``action``: of a stage that our own action brought."""

    id: int
    order_id: int
    task_id: int | None
    shipment_id: int | None
    kind: str
    code: str
    status: str
    happened_at: datetime
    recorded_at: datetime
    correction: bool
    action: int | None


class Box(NamedTuple):
    """A parcel of an order, whoever carries it."""

    id: int
    order_id: int
    account_id: int
    carrier: str
    number: str
    attached_at: datetime
    detached_at: datetime | None
    returned: bool | None
    delivered_on: date | None


class Work(NamedTuple):
    """A task of an order."""

    id: int
    order_id: int
    account_id: int
    delivery_type: str
    ordered_at: datetime


@dataclass(frozen=True, slots=True)
class Trial:
    """What is the same for all orders. ``account_id``: the carrier account whose rule is tried."""

    account_id: int
    grace: timedelta
    hides_returns: bool
    since: datetime
    now: datetime
    found: Rehearsal

    @staticmethod
    def meaning(box: Box, line: Line) -> Meaning:
        """The status as it was stored; how final it is says the word, or the status where the word means another one."""
        status, words = TrackingStatus(line.status), registry.glossary(box.carrier)
        word = words.get(line.code) or words.get(line.code.partition("/")[0])
        if word is not None and word.status == status:
            return word
        return Meaning(status, Finality.FINAL if status in _ENDS else Finality.OPEN)


@dataclass(slots=True)
class _Parcel:
    """``standing``: events that were told and not taken back; ``now``: what it was last; ``turned``: it was corrected once."""

    box: Box
    standing: list[Line] = field(default_factory=list)
    now: Meaning | None = None
    turned: bool = False

    def take(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self.turned = self.turned or line.correction
            if line.kind == EntryKind.TRACKING:
                self.standing.append(line)
            else:
                same = [each for each in self.standing if (each.code, each.status) == (line.code, line.status)]
                if same:
                    self.standing.remove(same[-1])

    @property
    def last(self) -> Line | None:
        return max(self.standing, key=lambda line: (line.happened_at, line.id), default=None)

    @property
    def status(self) -> TrackingStatus:
        return self.now.status if self.now else TrackingStatus.UNKNOWN

    @property
    def day(self) -> date | None:
        """The local day it was delivered."""
        last = self.last
        return self.box.delivered_on or (timezone.localdate(last.happened_at) if last else None)

    def is_there(self, moment: datetime) -> bool:
        """Whether the order had it; one that has been told of was attached, whichever of two clocks is ahead."""
        gone = self.box.detached_at is not None and self.box.detached_at <= moment
        return not gone and (self.now is not None or self.box.attached_at <= moment)


@dataclass(slots=True)
class _Answer:
    """A reaction. ``at``: when it is due; ``state``: planned, acted, caught, gone, wrong or suggested."""

    parcel: _Parcel
    task_id: int
    kind: ActionKind
    status: TrackingStatus
    at: datetime
    state: str = "planned"

    @property
    def subject(self) -> tuple[int, ActionKind]:
        return self.task_id, self.kind


class Replay:
    """One order. ``works`` and ``boxes``: its tasks and all parcels it ever had."""

    def __init__(self, trial: Trial, offers: Mapping[int, Offer], works: Sequence[Work], boxes: Sequence[Box]) -> None:
        self.trial = trial
        mine = {work.id: work for work in works if work.account_id in offers}
        self.offers = {pk: offers[work.account_id] for pk, work in mine.items()}
        self.places = {pk: _packed(self.offers[pk], work) for pk, work in mine.items()}
        self.parcels = {box.id: _Parcel(box) for box in boxes}
        gone = [parcel for parcel in self.parcels.values() if parcel.box.detached_at is not None]
        self.leaving = sorted(gone, key=lambda parcel: parcel.box.detached_at or trial.now)
        self.answers: list[_Answer] = []

    def run(self, lines: Iterable[Line]) -> None:
        for moment, told in groupby(lines, key=attrgetter("recorded_at")):
            self._pass(moment)
            by_parcel: dict[int, list[Line]] = defaultdict(list)
            for line in told:
                if line.shipment_id is None:
                    self._task_says(line)
                elif line.status:  # an unknown word moves nothing
                    by_parcel[line.shipment_id].append(line)
            for shipment_id, mine in by_parcel.items():
                self._hear(self.parcels[shipment_id], mine, moment)
        self._pass(self.trial.now)
        told_of = [each for each in self.parcels.values() if each.now and self._is_tried(each)]
        self.trial.found.parcels += len(told_of)

    def _is_tried(self, parcel: _Parcel) -> bool:
        return parcel.box.account_id == self.trial.account_id

    def _counts(self, moment: datetime) -> bool:
        return moment >= self.trial.since

    # Time passes, the order changes ----------------------------------------------------------------------------------

    def _pass(self, moment: datetime) -> None:
        """What happened by then without anybody's word: parcels were taken off, waits came to their end."""
        while self.leaving and (self.leaving[0].box.detached_at or moment) <= moment:
            parcel = self.leaving.pop(0)
            left_at = parcel.box.detached_at or moment
            self._act(left_at)
            self._take_off(parcel, left_at)
        self._act(moment)

    def _take_off(self, parcel: _Parcel, moment: datetime) -> None:
        for answer in (each for each in self.answers if each.parcel is parcel):
            if answer.state in _OPEN:
                self._catch(answer)
            elif answer.state == "acted" and answer.kind in pure.IRREVERSIBLE:
                self._blame(answer, None, moment)

    def _task_says(self, line: Line) -> None:
        """What our own action received is left open: the rule is to find it by itself."""
        place = self.places.get(line.task_id or 0)
        if place is None or line.task_id is None:
            return
        if line.kind == EntryKind.STAGE and not (line.action and line.status == Stage.RECEIVED):
            self.places[line.task_id] = replace(place, stage=line.status)
        elif line.kind != EntryKind.STAGE:
            wish = line.happened_at if line.kind == EntryKind.CANCEL_REQUESTED else None
            self.places[line.task_id] = replace(place, cancel_requested_at=wish)

    # The carrier says something --------------------------------------------------------------------------------------

    def _hear(self, parcel: _Parcel, lines: Sequence[Line], moment: datetime) -> None:
        """A poll: the parcel's status is its latest event that stands."""
        parcel.take(lines)
        last = parcel.last
        if last is None:
            return
        before, after = parcel.now, self.trial.meaning(parcel.box, last)
        parcel.now = after
        if before is not None and (before.status, before.finality) == (after.status, after.finality):
            return
        change = classify(before, after)
        if before is not None and change == Change.CORRECTION:
            self._take_back(parcel, before, after, moment)
        self._overtake(parcel, after)
        if pure.may_follow(after) and self._is_tried(parcel) and parcel.is_there(moment):
            for task_id in self.places:
                self._answer(parcel, task_id, before, change, moment)

    def _take_back(self, parcel: _Parcel, before: Meaning, after: Meaning, moment: datetime) -> None:
        for answer in self.answers:
            own = answer.parcel is parcel and answer.status == before.status
            if not own and (answer.parcel is parcel or answer.kind not in pure.IRREVERSIBLE):
                continue
            if answer.state in _OPEN:
                self._catch(answer)
            elif answer.state == "acted":
                self._blame(answer, after.status, moment)

    def _blame(self, answer: _Answer, then: TrackingStatus | None, moment: datetime) -> None:
        answer.state = "wrong"
        if self._counts(answer.at):
            box = answer.parcel.box
            self.trial.found.note(
                Wrong(box.id, box.number, box.order_id, answer.kind, answer.status, answer.at, then, moment)
            )

    def _overtake(self, parcel: _Parcel, after: Meaning) -> None:
        for answer in self.answers:
            stands = pure.still_stands(answer.kind, answer.status, after)
            if answer.state in _OPEN and answer.parcel is parcel and not stands:
                self._catch(answer)

    def _catch(self, answer: _Answer) -> None:
        if answer.state == "planned":
            self.trial.found.caught += self._counts(answer.at)
        answer.state = "caught"

    # The rule answers ------------------------------------------------------------------------------------------------

    def _follow(self, parcel: _Parcel, task_id: int, moment: datetime) -> Follow | None:
        others = [each.status for each in self.parcels.values() if each is not parcel and each.is_there(moment)]
        if parcel.now is None:
            return None
        return pure.follow(
            parcel.now,
            self.offers[task_id],
            self.places[task_id],
            others=others,
            delivered_on=parcel.day,
            today=timezone.localdate(moment),
        )

    def _answer(self, parcel: _Parcel, task_id: int, before: Meaning | None, change: Change, moment: datetime) -> None:
        follow = self._follow(parcel, task_id, moment)
        same = [each for each in self.answers if follow and each.subject == (task_id, follow.kind)]
        if follow is not None:
            self._put_away(parcel, task_id, follow.kind)
        if follow is None or any(each.state in _OPEN for each in same):
            return
        old = next((each for each in same if each.parcel is parcel and each.status == parcel.status), None)
        if old is not None and old.state not in _RENEWED:
            return
        cared = pure.with_care(follow, self._word(parcel, before, change, moment, again=bool(same)))
        hand = cared.hand or (Hand.AGAIN if old else None)
        wait = self.trial.grace if follow.irreversible else timedelta(0)
        state = "suggested" if hand else "planned"
        self.answers.append(_Answer(parcel, task_id, follow.kind, parcel.status, moment + wait, state))
        if hand and self._counts(moment):
            self.trial.found.leave(hand)

    def _put_away(self, parcel: _Parcel, task_id: int, better: ActionKind) -> None:
        """What was still right until now something better is."""
        for answer in self.answers:
            mine = answer.parcel is parcel and answer.task_id == task_id
            if mine and answer.state in _OPEN and answer.kind != better:
                self._catch(answer)

    def _turned(self, moment: datetime) -> bool:
        return any(each.turned for each in self.parcels.values() if each.is_there(moment))

    def _word(self, parcel: _Parcel, before: Meaning | None, change: Change, moment: datetime, *, again: bool) -> Word:
        turned = self._turned(moment)
        hidden = self.trial.hides_returns and parcel.box.returned is None
        return Word(before, change, again=again, turned=turned, hides_returns=lambda: hidden)

    def _late_doubt(self, answer: _Answer) -> Hand | None:
        """A word that was taken back and said again while it waited, between two polls."""
        return Hand.TURNED if answer.kind in pure.IRREVERSIBLE and self._turned(answer.at) else None

    def _act(self, moment: datetime) -> None:
        """What has waited long enough is done, where it still follows."""
        for answer in self.answers:
            if answer.state != "planned" or answer.at > moment:
                continue
            follow = self._follow(answer.parcel, answer.task_id, answer.at)
            if follow is None or follow.kind != answer.kind:
                answer.state = "gone"
            elif hand := follow.hand or self._late_doubt(answer):
                answer.state = "suggested"
                if self._counts(answer.at):
                    self.trial.found.leave(hand)
            else:
                answer.state = "acted"
                offer = self.offers[answer.task_id]
                self.places[answer.task_id] = pure.after(self.places[answer.task_id], answer.kind, offer)
                self.trial.found.acted += self._counts(answer.at)


def _packed(offer: Offer, work: Work) -> Place:
    return replace(pure.packed(offer, work.delivery_type), ordered_on=timezone.localdate(work.ordered_at))
