"""The board of divergences: what marketplace, carrier and we say of an order, side by side, and what settles it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise

from carriers.statuses import FACES, TrackingStatus
from orders import trackwords
from orders.enums import DETAIL_ACTIONS
from orders.presenting import parcelcards
from orders.queries import divergence as queries
from orders.queries.board import Board
from orders.queries.divergence import Offered, Row

from .actions import QUESTIONS
from .common import board_of, htmx, nonce, page, person
from .details import CARDS


@dataclass(frozen=True, slots=True)
class ShownAction:
    """A button: ``url`` of its question, or nothing where it is posted at once."""

    offered: Offered
    label: str | Promise
    url: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """``tone``: of the carrier's word."""

    row: Row
    tone: str
    reaction: parcelcards.ShownReaction | None
    actions: list[ShownAction]


@page("orders.view_attention")
def divergence(request: HttpRequest) -> HttpResponse:
    """The most urgent first, then the oldest. A fragment for the refresh by the clock."""
    board = board_of(request)
    found = queries.page(request.GET.dict(), board)
    shown: dict[str, Any] = {
        "now": timezone.now(),
        "rows": [_shown(row, board) for row in found.rows],
        "open": board.counts.get("divergence", 0),
        "previous": _address(before=found.previous),
        "next": _address(after=found.next),
        "may_resolve": person(request).has_perm("orders.change_attention"),
        "nonce": nonce(),
    }
    live = htmx(request) and htmx(request).target == "queue"
    return render(request, "orders/parts/divergence.html" if live else "orders/divergence.html", shown)


def _address(**cursor: str) -> str:
    return f"{reverse('divergence')}?{urlencode(cursor)}" if any(cursor.values()) else ""


def _shown(row: Row, board: Board) -> ShownRow:
    offer = board.offer(row.question.account_id) if row.question.account_id in board.by_id else None
    known = row.reaction
    told = parcelcards.reaction(known, marketplace=row.kind, coded=offer.coded if offer else ()) if known else None
    rest = [each for each in row.actions if known is None or each.kind != known.kind]
    status = row.carrier.value
    face = FACES.get(TrackingStatus(status)) if status in TrackingStatus.values else None
    many = len({each.task.pk for each in rest}) > 1
    return ShownRow(row, face.tone if face else "plain", told, [_action(each, many) for each in rest])


def _action(each: Offered, numbered: bool) -> ShownAction:
    """A question where the action has one, a form of its own where it is a detail; the others are posted at once.

    ``numbered``: the order has several tasks, so the button says which one it is for.
    """
    label: str | Promise = trackwords.BUTTONS.get(each.kind, each.kind.label)
    if numbered:
        label = f"{label} · {each.task.external_id}"
    if each.kind in DETAIL_ACTIONS and each.kind in CARDS:
        return ShownAction(each, label, reverse("task", args=[each.task.pk]))
    if each.kind in QUESTIONS:
        return ShownAction(each, label, reverse("task_ask", args=[each.task.pk, each.kind.value]))
    return ShownAction(each, label, "")
