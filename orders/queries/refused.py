"""Refused scans, the newest first: what was held in the hand, who held it, and why it was no good."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from backoffice.models import User
from backoffice.text import whole
from orders import codes, masking, signs
from orders.enums import ScanOutcome
from orders.models import Scan

from . import keyset

SIZE = 30
#: More reasons than that are no help.
MOST_REASONS = 12
NEWEST = keyset.Order("scanned_at", newest_first=True)
#: What was typed may be a person: words, Russian letters, an address of mail, or a phone. No code is without a digit.
_PERSONAL = re.compile(r"[^\W\d_a-zA-Z]|[a-zA-Z]\s+[a-zA-Z]|@")
_PHONE = re.compile(r"\+\s*\d[\d\s().-]{8,}\d|[78]\d{10}")


@dataclass(frozen=True, slots=True)
class Sift:
    """What the board shows: scans of one person, of one reason; None and "" for all."""

    user_id: int | None = None
    reason: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> Sift:
        return cls(whole(params.get("person", "")), params.get("reason", "")[:64])


def refused(sift: Sift) -> QuerySet[Scan]:
    """Refused scans at tasks and at none. What went wrong at a test order or an exercise is no trouble of the day."""
    at = Q(task=None) | Q(task__is_test=False)
    rows = Scan.objects.filter(at, outcome=ScanOutcome.REFUSED)
    if sift.user_id is not None:
        rows = rows.filter(user_id=sift.user_id)
    return rows.filter(reason=sift.reason) if sift.reason else rows


def page(sift: Sift, params: Mapping[str, str]) -> keyset.Slice[Scan]:
    """One page with people and tasks: one statement."""
    return keyset.page(refused(sift).select_related("user", "task__account"), params, NEWEST, SIZE)


def newer(sift: Sift, cursor: str) -> list[Scan]:
    """What came after the newest row that is shown: one statement. More than a page is a page."""
    after = keyset.parse(cursor)
    rows = refused(sift).select_related("user", "task__account")
    if after is not None:
        rows = rows.filter(NEWEST.beyond(after, back=True))
    return list(rows.order_by(*NEWEST.sorting(back=False))[:SIZE])


def reasons_today(now: datetime) -> list[tuple[str, int]]:
    """How often each reason was met since midnight, the most frequent first: one statement."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = refused(Sift()).filter(scanned_at__gte=midnight).order_by().values_list("reason").annotate(n=Count("pk"))
    return sorted(rows, key=lambda row: (-row[1], row[0]))[:MOST_REASONS]


def people(now: datetime) -> list[User]:
    """Who had a scan refused today: one statement."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    who = refused(Sift()).filter(scanned_at__gte=midnight, user_id__isnull=False).order_by().values("user_id")
    return list(User.objects.filter(pk__in=who).order_by("first_name", "username", "pk"))


def shown(raw: str) -> str:
    """What was scanned, short and without a person in it: a code as elsewhere, a phone by its last digits, words hidden."""
    understood = codes.read(raw)
    sign = signs.parse(understood.value) or signs.parse(raw)
    if sign is not None and sign.command is not None:
        return signs.of_command(sign.command)
    text = (understood.value or raw).strip()
    if _PHONE.fullmatch(raw.strip()) and not understood.gtin:
        return masking.phone(raw)
    if not text:
        return ""
    hidden = _PERSONAL.search(text) or not any(map(str.isdigit, text))
    return masking.HIDDEN if hidden else masking.code(masking.plain(masking.code(text, 60)))
