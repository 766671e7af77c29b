"""What is printed: sheets and labels of tasks, pick lists, command barcodes, badges. Pages to look at, sized to be printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, pgettext_lazy

from backoffice.text import whole
from orders import barcodes, signs
from orders.enums import Stage
from orders.marketplaces import registry
from orders.queries import printing as queries
from orders.queries.board import Board
from orders.queries.printing import Line, Sheet
from orders.signs import Command

from .badges import ISSUE
from .common import board_of, page, see_other

SHEET, SMALL, LARGE = "sheet", "58x40", "75x120"
FORMS = {
    SHEET: pgettext_lazy("print", "Sheet A4"),
    SMALL: pgettext_lazy("print", "Label 58×40"),
    LARGE: pgettext_lazy("print", "Label 75×120"),
}
#: Sides of a QR module and the room for a linear code, in millimetres.
SIZES = {SHEET: (1.0, 80), SMALL: (0.75, 54), LARGE: (1.0, 69)}
HEIGHTS = {SHEET: 12, SMALL: 7, LARGE: 16}
#: Items that have room.
LINES = {SHEET: 10**6, SMALL: 1, LARGE: 5}
#: So few have room for long names on the large label.
ROOMY = 3
COMMANDS: tuple[tuple[Command, str, Promise, Promise], ...] = (
    (
        Command.NEXT,
        "arrow-right",
        pgettext_lazy("command", "Next"),
        gettext_lazy("Opens the next task of the wave, or the most urgent free one."),
    ),
    (
        Command.START,
        "play",
        pgettext_lazy("command", "Start"),
        gettext_lazy("Begins the task on the screen, or all new ones of the wave."),
    ),
    (Command.READY, "package-check", pgettext_lazy("command", "Ready"), gettext_lazy("Packs the task on the screen.")),
    (Command.UNDO, "undo-2", pgettext_lazy("command", "Undo"), gettext_lazy("Takes the last scan back.")),
    (
        Command.PRINT,
        "printer",
        pgettext_lazy("command", "Print"),
        gettext_lazy("Shows the sheet of the task on the screen."),
    ),
)


@dataclass(frozen=True, slots=True)
class Paper:
    """A task on paper: its sign as both kinds of barcodes, and words."""

    sheet: Sheet
    sign: str
    square: SafeString
    bars: SafeString
    marketplace: str
    delivery: str
    most: int

    @property
    def lines(self) -> Sequence[Line]:
        return self.sheet.lines[: self.most]

    @property
    def room(self) -> str:
        """How large the goods may be written: few of them have room for long names."""
        return "roomy single" if len(self.lines) == 1 else "roomy" if len(self.lines) <= ROOMY else ""

    @property
    def more(self) -> int:
        """Items that the paper has no room for."""
        return len(self.sheet.lines) - len(self.lines)


@dataclass(frozen=True, slots=True)
class Card:
    """A barcode with its words. ``title``: what it does, or whose it is."""

    title: str | Promise
    text: str | Promise
    sign: str
    square: SafeString
    bars: SafeString
    icon: str = ""


@page("orders.work_task")
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """A sheet or a label of one task."""
    return _print(request, [task_id], reverse("task", args=[task_id]))


@page("orders.work_task", "GET", "POST")
def many(request: HttpRequest) -> HttpResponse:
    """The same of several tasks, one after the other. POST is a selection: it becomes an address that can be reloaded."""
    if request.method == "POST":
        ids = _numbers(request.POST.getlist("task"))
        return see_other(f"{reverse('print_many')}?{urlencode({'ids': ','.join(map(str, ids))})}")
    return _print(request, _numbers(request.GET.get("ids", "").split(",")), reverse("tasks"))


def _numbers(texts: Sequence[str]) -> list[int]:
    found = [pk for text in texts if (pk := whole(text)) is not None]
    return list(dict.fromkeys(found))[: queries.MOST]


def _print(request: HttpRequest, ids: Sequence[int], back: str) -> HttpResponse:
    form = request.GET.get("form", SHEET)
    form = form if form in FORMS else SHEET
    board = board_of(request)
    papers = [_paper(sheet, form) for sheet in queries.sheets(ids, board, parcels=form == LARGE)]
    if not papers:
        raise Http404
    shown: dict[str, Any] = {
        "papers": papers,
        "form": form,
        "forms": [(name, label, _address(request, name)) for name, label in FORMS.items()],
        "back": back,
        "stickers": [paper.sheet.task for paper in papers if _has_sticker(paper.sheet, board)],
    }
    return render(request, "print/tasks.html", shown)


def _address(request: HttpRequest, form: str) -> str:
    asked = request.GET.copy()
    asked["form"] = form
    return f"{request.path}?{asked.urlencode(safe=',')}"


def _has_sticker(sheet: Sheet, board: Board) -> bool:
    """Whether the marketplace prints a label for it."""
    offer, closed = board.offer(sheet.task.account_id), (Stage.NEW, Stage.WAITING, Stage.CANCELLED)
    return bool(offer and sheet.task.delivery_type in offer.labelled and sheet.task.stage not in closed)


def _paper(sheet: Sheet, form: str) -> Paper:
    sign, kind = signs.of_task(sheet.task.pk), sheet.account.kind
    return Paper(
        sheet,
        sign,
        barcodes.qr(sign, module=SIZES[form][0]),
        barcodes.code128(sign, height=HEIGHTS[form], fits=SIZES[form][1]),
        sheet.account.get_kind_display(),
        registry.word_name(kind, "deliveryType", sheet.task.delivery_type),
        LINES[form],
    )


@page("orders.work_task")
def wave(request: HttpRequest, wave_id: int) -> HttpResponse:
    """The pick list of a wave."""
    found = queries.pick_list(wave_id, board_of(request))
    if found is None:
        raise Http404
    card = _card(signs.of_wave(wave_id), "", "")
    return render(request, "print/wave.html", {"found": found, "card": card, "back": reverse("tasks")})


@page("orders.work_task")
def commands(request: HttpRequest) -> HttpResponse:
    """Command barcodes, to hang up at the bench."""
    cards = [_card(signs.of_command(name), title, text, icon) for name, icon, title, text in COMMANDS]
    return render(request, "print/commands.html", {"cards": cards, "back": reverse("tasks")})


@page(ISSUE)
def badges(request: HttpRequest) -> HttpResponse:
    """Badges of people: of those who are named, else of all who have one."""
    found = queries.badges(_numbers(request.GET.getlist("user")))
    cards = [
        _card(signs.of_badge(badge.user_id, badge.serial), badge.user.short_name, badge.user.get_username())
        for badge in found
    ]
    return render(request, "print/badges.html", {"cards": cards, "back": reverse("tasks")})


def _card(sign: str, title: str | Promise, text: str | Promise, icon: str = "") -> Card:
    return Card(title, text, sign, barcodes.qr(sign, module=1.0), barcodes.code128(sign, height=14, fits=80), icon)
