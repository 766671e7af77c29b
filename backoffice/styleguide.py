"""Every component in every state on one page: for people who build pages, for screenshots and for tests.

Open to staff, and to everybody while DEBUG is on. All data here is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from . import faces
from .frame import SyncState


@dataclass(frozen=True, slots=True)
class SampleEntry:
    """A timeline entry as the timeline component reads it."""

    source: str
    title: str
    happened_at: datetime
    recorded_at: datetime
    actor: str = ""
    code: str = ""
    correction: bool = False


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A row of the queue."""

    kind: str
    article: str
    name: str
    place: str
    note: str
    due: datetime
    codes: tuple[str, int, int]
    who: str
    button: str


class SampleForm(forms.Form):
    """One field of each kind."""

    title = forms.CharField(label=_("Title"), help_text=_("How people call it."))
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "—"), ("stock", _("Out of stock"))], required=False)
    comment = forms.CharField(label=_("Comment"), widget=forms.Textarea(attrs={"rows": 2}), required=False)
    sure = forms.BooleanField(label=_("I have checked the parcel"), required=False)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The style page. 403 without the right to see it."""
    _admit(request)
    now = timezone.now().replace(second=7, microsecond=0)
    request.nav_counts = {"tasks": 24, "attention": 5}  # type: ignore[attr-defined]  # the frame's own hook
    request.sync_state = SyncState(now - timedelta(seconds=20))  # type: ignore[attr-defined]  # the same
    for level, text in SAMPLE_MESSAGES:
        messages.add_message(request, level, text)
    return render(request, "styleguide/page.html", _sample(now))


@require_safe
def confirm(request: HttpRequest) -> HttpResponse:
    """A confirmation as a page of its own, as a browser without JavaScript gets it."""
    _admit(request)
    question = {"title": _("Cancel the order?"), "text": CANCEL_TEXT, "button": _("Cancel the order"), "tone": "danger"}
    return render(request, "components/confirm_page.html", {**question, "action": "#", "back_url": "/styleguide/"})


SAMPLE_MESSAGES = (
    (messages.SUCCESS, _("Confirmed: 24 tasks.")),
    (messages.WARNING, _("2 tasks wait for a code.")),
    (messages.ERROR, _("The marketplace did not answer. Nothing was lost, it is asked again by itself.")),
)
CANCEL_TEXT = _("The marketplace will be told at once. This cannot be taken back.")


def _admit(request: HttpRequest) -> None:
    if not (settings.DEBUG or request.user.is_staff):
        raise PermissionDenied


def _sample(now: datetime) -> dict[str, Any]:
    bound = SampleForm({"title": "", "reason": "stock", "sure": "on"})
    bound.add_error(None, forms.ValidationError(_("Somebody else has changed this meanwhile. Look again and repeat.")))
    return {
        "now": now,
        "stages": list(faces.STAGES),
        "action_states": list(faces.ACTION_STATES),
        "deadlines": [now + delta for delta in _DELTAS],
        "window_start": now + timedelta(days=1, hours=-2),
        "window_end": now + timedelta(days=1),
        "amounts": [(Decimal("2819"), "RUB"), (Decimal("28.4"), "BYN"), (Decimal("-1234567.5"), "KZT"), (None, "RUB")],
        "path": [(stage, stage.replace("_", " ").capitalize()) for stage in _PATH],
        "rows": _rows(now),
        "entries": _entries(now),
        "form": bound,
        "empty_form": SampleForm(),
        "links": [(_("Open"), "#"), (_("Swap them"), "#")],
        "cancel_text": CANCEL_TEXT,
    }


_PATH = ("new", "assembling", "ready", "delivering", "received")
_DELTAS = (
    timedelta(days=-3),
    timedelta(hours=-2, minutes=-10),
    timedelta(minutes=-25),
    timedelta(0),
    timedelta(minutes=40),
    timedelta(hours=2, minutes=10),
    timedelta(hours=4),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=20),
)


def _rows(now: datetime) -> list[SampleRow]:
    def row(kind: str, article: str, name: str, place: str, **rest: Any) -> SampleRow:
        given = {"note": "", "who": "", "button": "confirm", "codes": ("", 0, 0), **rest}
        return SampleRow(kind, article, name, place, due=now + given.pop("left"), **given)

    return [
        row(
            "wildberries",
            "one-ring-7548",
            "Кольцо, серебро 925 · 1 шт",
            "Челябинск, 51-я ул. Арабкира, 10А",
            note="Упакуйте в плёнку",
            left=timedelta(minutes=-25),
            codes=("uin", 0, 1),
            who="Анна К.",
            button="assemble",
        ),
        row(
            "yandex_market",
            "MUG-1",
            "Кружка с единорогом · 2 шт",
            "Москва, Льва Толстого, 16",
            note="Позвонить за час",
            left=timedelta(minutes=40),
            codes=("sgtin", 1, 2),
        ),
        row(
            "wildberries",
            "phone-x11-128",
            "Смартфон X11, 128 ГБ · 1 шт",
            "Казань, Баумана, 7",
            left=timedelta(hours=4),
            codes=("imei", 1, 1),
        ),
        row(
            "yandex_market",
            "SOFA-3",
            "Диван трёхместный · 1 шт",
            "Пермь, Ленина, 64",
            note="4 этаж, ручной подъём",
            left=timedelta(days=1),
        ),
    ]


def _entries(now: datetime) -> list[SampleEntry]:
    def entry(source: str, title: str, minutes: float, late: float = 0, **rest: Any) -> SampleEntry:
        happened = now - timedelta(minutes=minutes)
        return SampleEntry(source, title, happened, happened + timedelta(minutes=late), **rest)

    return [
        entry("staff", "Код 1 принят на кружку 1 из 2", 1, actor="Анна К."),
        entry("marketplace", "Коды сохранены", 2),
        entry("carrier", "Доставлен → Новый: оператор исправил ошибку", 16, late=14, code="NEW", correction=True),
        entry("carrier", "Курьер: доставлен (предварительно)", 30, code="COURIERDELIVERED"),
        entry("api", "Примечание добавлено", 60 * 20, actor="1С"),
        entry("system", "Заказ получен и сохранён целиком", 60 * 26),
        entry("weather", "Неизвестный источник", 60 * 26),
    ]
