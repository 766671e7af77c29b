"""Items of a task with their units: which have a code, and which lack one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orders import masking
from orders.enums import CodeKind, CodeState, Stage
from orders.marketplaces import registry
from orders.models import MarketplaceAccount, MarkingCode, TaskItem
from orders.services import guards

from . import floor


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of an item that has a code or lacks one of ``kind``."""

    number: int
    kind: str
    code: MarkingCode | None
    next: bool = False

    @property
    def kind_label(self) -> str:
        return str(CodeKind(self.kind).label) if self.kind in CodeKind.values else self.kind


@dataclass(frozen=True, slots=True)
class Count:
    """Good codes of a kind: ``have`` of the ``need`` of an item."""

    kind: str
    have: int
    need: int


@dataclass(frozen=True, slots=True)
class ItemView:
    """``takes``: kinds of codes the item takes; ``counts`` of those that it needs."""

    item: TaskItem
    units: Sequence[Unit]
    takes: Sequence[str] = ()
    counts: Sequence[Count] = ()

    @property
    def lacking(self) -> bool:
        """A unit waits for its code."""
        return any(unit.code is None for unit in self.units)

    @property
    def unseen(self) -> bool:
        """Units are left that have neither a barcode nor a marking code to be scanned: they are checked by eye."""
        known = floor.of(self.item)
        return known is not None and known.left > 0 and not known.scannable and not self.counts

    @property
    def gone(self) -> bool:
        """It was taken out of the order."""
        return self.item.quantity == 0


def item_views(facts: guards.Facts, codes: Sequence[MarkingCode]) -> list[ItemView]:
    """Every unit that has a code; before the parcel is packed, those that lack one too. The first of them is the next."""
    awaited = facts.task.stage in (Stage.NEW, Stage.ASSEMBLING)
    found: list[ItemView] = []
    first = True
    for item in facts.items:
        units = [Unit(code.unit, code.kind, code) for code in codes if code.item_id == item.pk]
        if awaited:
            lacking = _lacking(facts, item, units)
            if lacking and first:
                lacking[0] = Unit(lacking[0].number, lacking[0].kind, None, next=True)
                first = False
            units += lacking
        shown = sorted(units, key=lambda unit: (unit.kind, unit.number))
        found.append(ItemView(item, shown, guards.taken_kinds(facts.task, item), _counts(facts, item, units)))
    return found


def _lacking(facts: guards.Facts, item: TaskItem, units: Sequence[Unit]) -> list[Unit]:
    taken = {(unit.kind, unit.number) for unit in units}
    return [
        Unit(number, kind, None)
        for kind in guards.needed_kinds(facts.task, item)
        for number in range(1, item.quantity + 1)
        if (kind, number) not in taken
    ]


def _counts(facts: guards.Facts, item: TaskItem, units: Sequence[Unit]) -> list[Count]:
    good = [unit.kind for unit in units if unit.code is not None and unit.code.state != CodeState.REFUSED]
    kinds = guards.needed_kinds(facts.task, item) if item.quantity else []
    return [Count(kind, min(good.count(kind), item.quantity), item.quantity) for kind in kinds]


def dress(codes: Sequence[MarkingCode], account: MarketplaceAccount) -> None:
    """Codes short enough for a line, decisions in words, and how the marketplace keeps them."""
    for code in codes:
        vars(code)["shown"] = masking.code(code.value)
        vars(code)["decision"] = registry.word_name(account.kind, "decision", code.detail) if code.detail else ""
        vars(code)["kept"] = " · ".join(f"{name}: {masking.plain(value)}" for name, value in code.echo.items() if value)
