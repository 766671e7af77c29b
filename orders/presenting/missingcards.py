"""What stands at an item of a task when goods are missing: the marketplace's rules, and the ways out as links."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import pgettext

from orders import floorwords
from orders.enums import ActionKind
from orders.queries import detail, floor, units
from orders.queries.floor import FloorItem
from orders.services.warehouse import shortages


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out as a link: where to, and what it is called; ``danger``: it ends the order."""

    text: str
    href: str
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """What stands at an item of a task: ``may`` report it missing, or what is missing with the ways out."""

    may: bool = False
    rules: tuple[str, ...] = ()
    exits: tuple[Exit, ...] = ()


def dress(shown: detail.TaskPage) -> list[units.ItemView]:
    """The items of a task's page, each with its card as ``item.missing_card``. No statement."""
    may = shown.task.stage in shortages.REPORTED_IN
    for view in shown.items:
        known = floor.of(view.item)
        card = _card(shown, known) if known and known.missing else Card(may and view.item.quantity > 0)
        vars(view.item)["missing_card"] = card
    return list(shown.items)


def _card(shown: detail.TaskPage, known: FloorItem) -> Card:
    if shown.offer is None or known.missing is None:
        return Card()
    ways = shortages.ways(shown.facts, known.item, known.missing.quantity, offer=shown.offer, order=shown.task.order)
    return Card(rules=tuple(floorwords.rules(ways)), exits=tuple(_exits(shown.task.pk, ways)))


def _exits(task_id: int, ways: shortages.Ways) -> list[Exit]:
    found = []
    if ways.take_out and not ways.take_out.refusal:
        kind = ActionKind.CHANGE_ITEMS
        found.append(Exit(pgettext("button", "Take it out…"), reverse("task_detail", args=[task_id, kind.value])))
    if ways.cancel and not ways.cancel.refusal:
        asked = reverse("task_ask", args=[task_id, ActionKind.CANCEL.value])
        given = f"?{urlencode({'reason': ways.cancel.given})}" if ways.cancel.given else ""
        found.append(Exit(pgettext("button", "Cancel the order…"), asked + given, danger=True))
    return found
