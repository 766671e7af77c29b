"""What the pages of waves show: the pick list by article, how far each task is, who else has a wave."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Count, Q

from orders.enums import LIVE_CODE_STATES, OPEN_ACTION_STATES, ActionKind, Stage
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask, MarketplaceAction, MarkingCode, TaskItem, Wave
from orders.services import guards
from orders.services.warehouse.endings import TO_PACK
from orders.services.warehouse.lookups import hand, slot_of
from orders.services.warehouse.waves import free, of_side
from orders.services.warehouse.waves import slots as slots_of

from . import floor, lists
from .board import MOST, Board, number
from .floor import FloorItem

#: The goods are back on the shelf, or should be.
_OVER = (Stage.CANCELLED, Stage.REJECTED, Stage.RETURNED)


@dataclass(frozen=True)
class TaskCard:
    """A task of a wave. ``kind``: the marketplace; ``action``: the step that is under way; ``needs``: its codes.

    ``slot``: its number in the wave, for good; ``hand``: the picker's last good scan was for it.
    """

    task: AssemblyTask
    kind: str
    items: Sequence[FloorItem]
    facts: guards.Facts
    offer: Offer | None
    slot: int = 0
    hand: bool = False

    @property
    def needs(self) -> Sequence[lists.Need]:
        return lists.needs(self.facts)

    @property
    def units(self) -> int:
        return sum(each.item.quantity for each in self.items)

    @property
    def picked(self) -> int:
        return self.units if self.packed else sum(min(each.picked, each.item.quantity) for each in self.items)

    @property
    def action(self) -> MarketplaceAction | None:
        return next((row for row in self.facts.open_actions if row.kind in _STEPS), None)

    @property
    def packed(self) -> bool:
        """Nothing is left to be done with it here."""
        return self.task.stage not in TO_PACK and not self.over

    @property
    def over(self) -> bool:
        """It was cancelled under the picker's hands."""
        return self.task.stage in _OVER

    @property
    def waits(self) -> bool:
        """It has to be packed yet, and nothing was asked."""
        return self.task.stage in TO_PACK and self.action is None

    @property
    def missing(self) -> bool:
        return any(each.missing for each in self.items)

    @property
    def by_eye(self) -> bool:
        """An item has no barcode known to us: it can be verified by eye only."""
        return any(each.left and not each.scannable and not self._coded(each) for each in self.items)

    def _coded(self, each: FloorItem) -> bool:
        return bool(guards.needed_kinds(self.task, each.item))

    @property
    def verified(self) -> bool:
        """Every unit that can be verified is, and every code is there."""
        lacking = guards.codes_lacking(self.facts, self.offer) if self.offer else self.facts.missing
        unseen = any(each.left and (each.scannable or self._coded(each)) for each in self.items)
        return not (unseen or lacking or self.facts.refused_codes or self.missing)

    @property
    def step(self) -> ActionKind | None:
        """The one button: begin it, or packed."""
        if not self.waits or self.offer is None or self.task.cancel_requested_at:
            return None
        kind = ActionKind.CONFIRM if self.task.stage == Stage.NEW else ActionKind.READY
        if kind == ActionKind.READY and not self.verified:
            return None
        return kind if guards.why_not(self.facts, kind, self.offer) is None else None

    @property
    def local(self) -> bool:
        """Its step is done here, the marketplace is not asked."""
        return self.offer is not None and self.step in self.offer.local


_STEPS = (ActionKind.CONFIRM, ActionKind.READY, ActionKind.DELIVER, ActionKind.CANCEL)


@dataclass(frozen=True)
class Line:
    """An article of the pick list with its items, the most urgent task's first."""

    article: str
    parts: list[tuple[TaskCard, FloorItem]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return next((each.item.name for _card, each in self.parts if each.item.name), "")

    @property
    def barcodes(self) -> list[str]:
        return list(dict.fromkeys(code for _card, each in self.parts for code in each.item.barcodes))

    @property
    def quantity(self) -> int:
        return sum(each.item.quantity for _card, each in self.parts)

    @property
    def picked(self) -> int:
        return sum(min(each.picked, each.item.quantity) for _card, each in self.parts)

    @property
    def missing(self) -> int:
        return sum(each.missing.quantity for _card, each in self.parts if each.missing)

    @property
    def done(self) -> bool:
        return self.picked >= self.quantity

    @property
    def places(self) -> list[tuple[int, int]]:
        """(number of the task in the wave, units that go there), in the order of the numbers."""
        return sorted((card.slot, each.item.quantity) for card, each in self.parts)

    @property
    def last(self) -> FloorItem | None:
        """The item that goes without when some are missing: of the least urgent task that still waits."""
        return next((each for _card, each in reversed(self.parts) if each.left and not each.missing), None)


@dataclass(frozen=True)
class WavePage:
    """A wave as its page shows it."""

    wave: Wave
    cards: Sequence[TaskCard]

    @cached_property
    def lines(self) -> list[Line]:
        """What has to be taken off the shelf, by article; what is there already comes last."""
        found: dict[str, Line] = {}
        for card in self.cards:
            for each in card.items if card.task.stage in TO_PACK else ():
                if each.item.quantity:
                    found.setdefault(each.item.article, Line(each.item.article)).parts.append((card, each))
        return sorted(found.values(), key=lambda line: (line.done, line.article))

    @property
    def packed(self) -> int:
        return sum(card.packed for card in self.cards)

    @property
    def counted(self) -> list[TaskCard]:
        """Tasks that are still to be sold."""
        return [card for card in self.cards if not card.over]

    @property
    def units(self) -> int:
        return sum(card.units for card in self.counted)

    @property
    def picked(self) -> int:
        return sum(card.picked for card in self.counted)

    @property
    def fresh(self) -> list[TaskCard]:
        """Tasks that can be begun, all at once."""
        return [card for card in self.cards if card.step == ActionKind.CONFIRM]

    @property
    def sending(self) -> bool:
        """An answer is awaited within seconds."""
        return any(card.action for card in self.cards)

    @cached_property
    def fingerprint(self) -> str:
        """Changes with anything that the live part of the page shows, but for the clock."""
        parts: list[object] = [self.wave.closed_at, self.wave.picker_id]
        for card in self.cards:
            parts += [card.task.pk, card.task.stage, card.task.deadline_at, card.task.cancel_requested_at, card.step]
            parts += [card.slot, card.hand]
            parts += [(row.pk, row.state) for row in card.facts.open_actions]
            parts += [(code.pk, code.state) for code in card.facts.codes]
            parts += [(each.item.pk, each.item.quantity, each.picked, each.missing) for each in card.items]
        return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()


def wave_page(wave_id: int, board: Board) -> WavePage | None:
    """A wave with everything its page shows: six statements, however many tasks. None when there is none."""
    wave = Wave.objects.select_related("picker").filter(pk=wave_id).first()
    return _page(wave, board) if wave else None


def my_wave(user_id: int, board: Board) -> WavePage | None:
    """The wave a person has open on this side, as ``wave_page``; one statement when there is none."""
    rows = Wave.objects.select_related("picker").filter(picker_id=user_id, closed_at=None)
    wave = of_side(rows, board.training).first()
    return _page(wave, board) if wave else None


def _page(wave: Wave, board: Board) -> WavePage:
    tasks = list(AssemblyTask.objects.filter(wave=wave).order_by("deadline_at", "pk"))
    ids = [task.pk for task in tasks]
    items: dict[int, list[FloorItem]] = defaultdict(list)
    for each in floor.items(TaskItem.objects.filter(task_id__in=ids)):
        items[each.item.task_id].append(each)
    codes: dict[int, list[MarkingCode]] = defaultdict(list)
    live = MarkingCode.objects.filter(task_id__in=ids, state__in=LIVE_CODE_STATES)
    for code in live.only("task_id", "item_id", "kind", "unit", "state"):
        codes[code.task_id].append(code)
    actions: dict[int, list[MarketplaceAction]] = defaultdict(list)
    for action in MarketplaceAction.objects.filter(task_id__in=ids, state__in=OPEN_ACTION_STATES).order_by("pk"):
        actions[action.task_id].append(action)
    slots, held = slots_of(wave, ids), hand([task.pk for task in tasks if task.stage in TO_PACK], wave.picker_id)
    cards = []
    for task in tasks:
        mine = items[task.pk]
        facts = guards.facts_of(task, [each.item for each in mine], codes[task.pk], actions[task.pk])
        account = board.by_id[task.account_id]
        offer = board.offer(account.pk)
        cards.append(TaskCard(task, account.kind, mine, facts, offer, slots[task.pk], hand=task.pk == held))
    return WavePage(wave, cards)


@dataclass(frozen=True, slots=True)
class InWave:
    """The open wave of a task: its number in it, and how many of its tasks are packed. Those that were cancelled do not count."""

    wave_id: int
    slot: int
    packed: int
    tasks: int


def of_task(task: AssemblyTask) -> InWave | None:
    """One statement, none for a task without a wave; one more for a wave from before its tasks had numbers."""
    if task.wave_id is None:
        return None
    counted = ~Q(tasks__stage__in=_OVER)
    packed = Count("tasks", filter=counted & ~Q(tasks__stage__in=TO_PACK))
    rows = Wave.objects.filter(pk=task.wave_id, closed_at=None)
    wave = rows.annotate(task_count=Count("tasks", filter=counted), packed_count=packed).first()
    if wave is None:
        return None
    return InWave(wave.pk, slot_of(wave, task.pk), wave.packed_count, wave.task_count)


@dataclass(frozen=True, slots=True)
class OpenWave:
    """Somebody's open wave: how many tasks it has, and how many of them are packed."""

    wave: Wave
    tasks: int
    packed: int


def open_waves(board: Board) -> list[OpenWave]:
    """All open waves of real tasks, or of exercises, the oldest first: one statement."""
    packed = Count("tasks", filter=~Q(tasks__stage__in=TO_PACK))
    rows = Wave.objects.filter(closed_at=None, tasks__account__training=board.training).select_related("picker")
    rows = rows.annotate(task_count=Count("tasks"), packed_count=packed).order_by("created_at", "pk")
    return [OpenWave(row, row.task_count, row.packed_count) for row in rows]


def free_count(board: Board) -> str:
    """How many tasks wait for somebody, as shown: one statement that looks at a thousand at most."""
    rows = free(exercises=board.training).order_by()
    return number(rows.values("pk")[:MOST].count())
