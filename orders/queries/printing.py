"""What is printed, in a fixed number of statements: sheets and labels of tasks, pick lists, badges, codes of exercises."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.db.models import QuerySet

from backoffice import faces
from orders import masking
from orders.enums import Stage
from orders.models import AssemblyTask, Badge, Buyer, MarketplaceAccount, Shipment, TaskItem, Wave
from orders.services import guards
from orders.services.warehouse import waves

from .board import Board
from .parcels import parcels as parcels_of

#: Tasks on one print.
MOST = 100
#: Parcels that a label has room for.
MOST_PARCELS = 2
#: Exercises whose codes are printed together.
MOST_EXERCISES = 20
_TO_PACK = (Stage.NEW, Stage.ASSEMBLING)


@dataclass(frozen=True, slots=True)
class Line:
    """An item on paper; ``kinds``: codes that each of its units needs."""

    item: TaskItem
    kinds: Sequence[str]

    @property
    def words(self) -> list[str]:
        return [str(faces.CODE_WORDS.get(kind, kind.upper())) for kind in self.kinds]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A task on paper. ``recipient`` is masked; nothing else of the buyer is printed. ``parcels``: of its order."""

    task: AssemblyTask
    account: MarketplaceAccount
    lines: Sequence[Line]
    recipient: str = ""
    parcels: Sequence[Shipment] = ()

    @property
    def units(self) -> int:
        return sum(line.item.quantity for line in self.lines)


@dataclass(slots=True)
class Article:
    """A line of a pick list: an article with its units over all tasks of the wave."""

    article: str
    name: str = ""
    barcodes: list[str] = field(default_factory=list)
    quantity: int = 0
    parts: list[tuple[AssemblyTask, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PickList:
    wave: Wave
    tasks: Sequence[AssemblyTask]
    articles: Sequence[Article]
    training: bool

    @property
    def units(self) -> int:
        return sum(line.quantity for line in self.articles)


def sheets(ids: Sequence[int], board: Board, *, parcels: bool = False) -> list[Sheet]:
    """These tasks in the order given, without those that are not there: two statements, and one for their ``parcels``."""
    rows = AssemblyTask.objects.filter(pk__in=ids[:MOST]).select_related("order__buyer", "assignee")
    rows = rows.defer("order__buyer__phones", "order__buyer__address", "order__buyer__codes", "order__buyer__handover")
    found = {sheet.task.pk: sheet for sheet in _sheets(rows, board)}
    wanted = [found[pk] for pk in dict.fromkeys(ids) if pk in found]
    if not parcels:
        return wanted
    known = parcels_of({sheet.task.order_id for sheet in wanted}, reactions=False)
    return [replace(sheet, parcels=known.of_order(sheet.task.order_id)[:MOST_PARCELS]) for sheet in wanted]


def exercises(board: Board) -> list[Sheet]:
    """Exercises that wait to be packed, the most urgent first: two statements."""
    rows = AssemblyTask.objects.filter(account__training=True, stage__in=_TO_PACK).select_related("order")
    return _sheets(rows.order_by("deadline_at", "pk")[:MOST_EXERCISES], board, personal=False)


def _sheets(rows: QuerySet[AssemblyTask], board: Board, *, personal: bool = True) -> list[Sheet]:
    tasks = list(rows)
    items = _items([task.pk for task in tasks])
    return [
        Sheet(
            task,
            board.by_id[task.account_id],
            [Line(item, guards.needed_kinds(task, item)) for item in items[task.pk]],
            _recipient(task) if personal else "",
        )
        for task in tasks
    ]


def _items(task_ids: Sequence[int]) -> dict[int, list[TaskItem]]:
    """Items that are part of the order still, by task."""
    found: dict[int, list[TaskItem]] = defaultdict(list)
    for item in TaskItem.objects.filter(task_id__in=task_ids, quantity__gt=0):
        found[item.task_id].append(item)
    return found


def _recipient(task: AssemblyTask) -> str:
    buyer: Buyer | None = getattr(task.order, "buyer", None)
    return masking.name(buyer.name) if buyer else ""


def pick_list(wave_id: int, board: Board) -> PickList | None:
    """A wave by article: three statements. Templates find the number of a task in the wave as ``task.slot``."""
    wave = Wave.objects.select_related("picker").filter(pk=wave_id).first()
    if wave is None:
        return None
    tasks = list(AssemblyTask.objects.filter(wave=wave).order_by("deadline_at", "pk"))
    places = waves.slots(wave, [task.pk for task in tasks])
    for task in tasks:
        vars(task)["slot"] = places[task.pk]
    items = _items([task.pk for task in tasks])
    lines: dict[str, Article] = {}
    for task in tasks:
        for item in items[task.pk]:
            _add(lines.setdefault(item.article, Article(item.article)), task, item)
    training = any(board.by_id[task.account_id].training for task in tasks)
    return PickList(wave, tasks, sorted(lines.values(), key=lambda line: line.article.casefold()), training)


def _add(line: Article, task: AssemblyTask, item: TaskItem) -> None:
    line.name = line.name or item.name
    line.barcodes += [barcode for barcode in item.barcodes if barcode not in line.barcodes]
    line.quantity += item.quantity
    line.parts.append((task, item.quantity))


def badges(user_ids: Sequence[int]) -> list[Badge]:
    """Badges of these people who work here, or of all of them: one statement."""
    rows = Badge.objects.select_related("user").filter(user__is_active=True)
    rows = rows.filter(user_id__in=user_ids) if user_ids else rows
    return list(rows.order_by("user__last_name", "user__first_name", "user__username")[:MOST])
