"""The board of refused scans: what goes wrong at the tables, seen by the lead while it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice import text
from orders import scanwords
from orders.codes.problem import CODES
from orders.enums import CodeKind
from orders.models import Scan
from orders.queries import refused as queries
from orders.queries.refused import Sift

from .common import htmx, page

LONGEST_TEXT = 200
#: What the reasons of refusals are called where they are counted.
REASONS: dict[str, str | Promise] = {
    "already_done": _("done already"),
    "already_queued": _("asked already"),
    "account_off": _("account of the carrier is off"),
    "carrier_account": _("no such carrier"),
    "closed": _("wave is closed"),
    "code_refused": _("a code was refused"),
    "codes_missing": _("marking codes are missing"),
    "country": _("country of origin is missing"),
    "delivery_type": _("another kind of delivery"),
    "forbidden": _("not allowed to this person"),
    "gone": _("code has left that order"),
    "has_barcode": _("a barcode was to be scanned"),
    "mask": _("another form of the code is wanted"),
    "needs_code": _("a marking code was to be scanned"),
    "not_begun": _("task not begun yet"),
    "not_saved": _("order not saved yet"),
    "nothing": _("nothing to take back"),
    "nothing_new": _("nothing left to begin"),
    "number_in_use": _("parcel of another order"),
    "order": _("no such order"),
    "other_goods": _("code of other goods"),
    "person": _("person may not pick"),
    "picked_all": _("one too many"),
    "stale": _("changed meanwhile"),
    "taken": _("task of somebody else"),
    "told": _("packed already"),
    "too_late": _("too late"),
    "training": _("real work and exercise mixed"),
    "unsupported": _("marketplace has no such step"),
    "which": _("several codes to choose from"),
    "in_use": _("the code is in use"),
    "stage": _("not at this stage"),
    "enough": _("one too many"),
    "no_codes": _("no code needed"),
    "training_code": _("code of the training sheet"),
    "real_code": _("real code on an exercise"),
    "foreign_item": _("wrong item"),
    "gtin": _("code of other goods"),
    "wrong_gtin": _("code of other goods"),
    "not_found": _("no such task"),
    "unknown": _("nothing has this number"),
    "not_picked": _("units not scanned yet"),
    "no_task": _("no task was open"),
    "badge": _("badge is out of date"),
    "busy": _("somebody else was at it"),
    "kind": _("kind of code unknown"),
    "item": _("item unknown"),
}

_MALFORMED: dict[str, str | Promise] = {
    "empty": _("nothing was read"),
    "too_long": _("several scans ran together"),
    "mixed_layout": _("mixed keyboard layouts"),
    "gs_lost": _("the separator was lost"),
    "tail_missing": _("end of the code is missing"),
    "tail_cut": _("end of the code is missing"),
    "link": _("a link, not a code"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One scan as shown."""

    scan: Scan
    what: str
    title: str
    text: str
    kind: str


@page("orders.view_shift")
def refused(request: HttpRequest) -> HttpResponse:
    """The newest first. Its own refresh asks for what is newer than the first row only, so nothing moves under one's hands."""
    now, given = timezone.now(), request.GET.dict()
    sift = Sift.of(given)
    live = bool(htmx(request)) and "newer" in given
    if live:
        return _news(request, sift, given["newer"])
    found = queries.page(sift, given)
    first_page = not found.previous
    shown: dict[str, Any] = {
        "now": now,
        "rows": [_row(scan) for scan in found.rows],
        "sift": sift,
        "people": queries.people(now),
        "counts": _counts(sift, queries.reasons_today(now)),
        "reason_word": reason_word(sift.reason) if sift.reason else "",
        "poll": _poll(sift, found.rows) if first_page else "",
        "previous": _address(sift, before=found.previous),
        "next": _address(sift, after=found.next),
        "first": _address(sift),
    }
    return render(request, "orders/scans.html", shown)


def _news(request: HttpRequest, sift: Sift, cursor: str) -> HttpResponse:
    """Rows to be put above those that are there, and the counts; nothing when nothing came."""
    rows = queries.newer(sift, cursor)
    if not rows:
        return HttpResponse(status=204)
    now = timezone.now()
    shown = {
        "now": now,
        "rows": [_row(scan) for scan in rows],
        "counts": _counts(sift, queries.reasons_today(now)),
        "poll": _poll(sift, rows),
        "sift": sift,
    }
    return render(request, "orders/scans/news.html", shown)


def _poll(sift: Sift, rows: list[Scan]) -> str:
    """Where the refresh asks: what is newer than the first row, or anything at all where there is none yet."""
    return _address(sift, newer=queries.NEWEST.cursor(rows[0]) if rows else "0-0")


def _counts(sift: Sift, rows: list[tuple[str, int]]) -> list[tuple[str | Promise, int, str, bool]]:
    """(word, how often, address that shows only those or all again, whether it is chosen)."""
    found = []
    for reason, count in rows:
        chosen = reason == sift.reason
        there = _address(Sift(sift.user_id, "" if chosen else reason))
        found.append((reason_word(reason), count, there, chosen))
    return found


def _address(sift: Sift, **cursor: str) -> str:
    """Nothing for a cursor that leads nowhere."""
    if cursor and not any(cursor.values()):
        return ""
    given = {"person": sift.user_id or "", "reason": sift.reason, **cursor}
    told = {name: value for name, value in given.items() if value}
    return f"{reverse('refused_scans')}?{urlencode(told)}" if told else reverse("refused_scans")


def _row(scan: Scan) -> Row:
    title, words = (text.one_line(said, LONGEST_TEXT) for said in scanwords.said(scan))
    kind = str(CodeKind(scan.kind).label) if scan.kind in CodeKind.values else ""
    return Row(scan, queries.shown(scan.raw), title or str(reason_word(scan.reason)), words, kind)


def reason_word(reason: str) -> str | Promise:
    """A reason in a word or two; one that nobody named as it is."""
    if reason in REASONS:
        return REASONS[reason]
    if reason in CODES:
        return _MALFORMED.get(reason, _("malformed code"))
    return reason.replace("_", " ")
