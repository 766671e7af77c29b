"""Training: the switch, what it is, and the codes of goods that do not exist."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.frame import TRAINING, in_training
from orders import barcodes, fakecodes, signs
from orders.enums import CodeKind
from orders.models import TaskItem
from orders.queries import printing as queries
from orders.queries.printing import Line, Sheet
from orders.services.warehouse import practice

from .common import actor, board_of, page, picker, say, see_other

#: Units of an item whose codes are printed.
MOST_UNITS = 12


@dataclass(frozen=True, slots=True)
class Unit:
    """A code of one unit, drawn. ``text``: what may be read of it."""

    kind: CodeKind
    number: int
    drawing: SafeString
    text: str


@dataclass(frozen=True, slots=True)
class Goods:
    """An item of an exercise: its barcode, and the codes of its units."""

    item: TaskItem
    barcode: SafeString
    text: str
    units: list[Unit]


@page("orders.work_task")
def training(request: HttpRequest) -> HttpResponse:
    """What it is, and the switch."""
    board = board_of(request)
    shown = {
        "now": timezone.now(),
        "on": in_training(request),
        "accounts": [account for account in board.accounts if account.training],
        "next": _next(request.GET.get("next", "")),
    }
    return render(request, "orders/training/page.html", shown)


@page("orders.work_task", "POST")
def start(request: HttpRequest) -> HttpResponse:
    """From now on this browser shows exercises and nothing else. Idempotent."""
    practice.begin(actor=picker(request))
    request.session[TRAINING] = True
    return see_other(_next(request.POST.get("next", "")) or reverse("tasks"))


@page("orders.work_task", "POST")
def stop(request: HttpRequest) -> HttpResponse:
    """Back to real work. Idempotent."""
    practice.end(people=(actor(request), picker(request)))
    request.session.pop(TRAINING, None)
    there = _next(request.POST.get("next", "")) or reverse("tasks")
    return say(request, see_other(there), _("The training is over: from here on everything is real."), "info")


def _next(address: str) -> str:
    return address if url_has_allowed_host_and_scheme(address, None) else ""


@page("orders.work_task")
def codes(request: HttpRequest) -> HttpResponse:
    """Barcodes and marking codes of the goods of exercises that wait to be packed."""
    sheets = queries.exercises(board_of(request))
    shown = {"papers": [(sheet, _sign(sheet), _goods(sheet)) for sheet in sheets], "back": reverse("training")}
    return render(request, "orders/training/codes.html", shown)


def _sign(sheet: Sheet) -> tuple[str, SafeString]:
    sign = signs.of_task(sheet.task.pk)
    return sign, barcodes.qr(sign, module=0.75)


def _goods(sheet: Sheet) -> list[Goods]:
    return [
        Goods(line.item, barcodes.of_goods(text), text, _units(line))
        for line in sheet.lines
        for text in [(line.item.barcodes or [fakecodes.gtin(line.item)])[0]]
    ]


def _units(line: Line) -> list[Unit]:
    numbers = range(1, min(line.item.quantity, MOST_UNITS) + 1)
    return [_unit(fakecodes.of_unit(line.item, number, kind), number) for number in numbers for kind in line.kinds]


def _unit(fake: fakecodes.Fake, number: int) -> Unit:
    if fake.parts:
        shown = f"(01){fake.parts['01']}(21){fake.parts['21']}"
        return Unit(fake.kind, number, barcodes.datamatrix(fake.parts), shown)
    drawing = barcodes.of_goods(fake.value) if fake.kind == CodeKind.GTIN else barcodes.code128(fake.value, height=12)
    return Unit(fake.kind, number, drawing, fake.value)
