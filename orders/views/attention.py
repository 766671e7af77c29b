"""The attention inbox: questions by kind with what settles them, who sees to them, and what is put off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from backoffice import words
from backoffice.errors import DomainError
from orders import wording
from orders.forms import NoteForm
from orders.inboxforms import GiveForm, LaterForm
from orders.models import Attention, MarketplaceAccount
from orders.presenting.settling import Press, presses
from orders.queries import dashboard as queries
from orders.queries import inbox as inboxes
from orders.queries.board import number
from orders.queries.inbox import Group, Inbox, Show
from orders.services import accounts
from orders.services import attention as service
from orders.services.buyers import OPEN_RAW

from .common import actor, back_url, board_of, page, person, question, say, see_other
from .task import raw_page

TABS: Mapping[Show, Promise] = {
    Show.ALL: pgettext_lazy("questions", "All"),
    Show.MINE: pgettext_lazy("questions", "Mine"),
    Show.FREE: pgettext_lazy("questions", "Nobody's"),
    Show.SNOOZED: pgettext_lazy("questions", "Put off"),
}


def asked(rows: Iterable[Attention]) -> list[tuple[Attention, str, str]]:
    """Each question with its words and what to do about it."""
    return [(row, *wording.attention_text(row, row.account.kind if row.account else "")) for row in rows]


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question as the inbox shows it; ``number``: of the task, where the question is about its order."""

    row: Attention
    title: str
    todo: str
    presses: list[Press]
    number: str = ""


@page("orders.view_attention")
def attention(request: HttpRequest) -> HttpResponse:
    """What waits for a person, by kind, the urgent first; one kind page by page."""
    found = inboxes.inbox(request.GET.dict(), person(request).pk, exercises=board_of(request).training)
    show = inboxes.show_of(request.GET.get("show", ""))
    shown = {
        "now": timezone.now(),
        "inbox": found,
        "show": show.value,
        "tabs": _tabs(found, show),
        "groups": [(group, _questions(request, found, group), _address(show, group.kind)) for group in found.groups],
        "previous": _address(show, found.kind, before=found.previous) if found.previous else "",
        "next": _address(show, found.kind, after=found.next) if found.next else "",
        "up": _address(show) if found.kind else "",
        "may_resolve": person(request).has_perm("orders.change_attention"),
        "may_see_raw": person(request).has_perms(OPEN_RAW),
    }
    return render(request, "orders/attention.html", shown)


def _tabs(found: Inbox, show: Show) -> list[tuple[Promise, str, str, bool]]:
    """Word, count, address, whether it is the one shown."""
    return [
        (word, number(found.counts.get(each.value, 0)), _address(each.value), each == show)
        for each, word in TABS.items()
    ]


def _questions(request: HttpRequest, found: Inbox, group: Group) -> list[ShownQuestion]:
    shown = []
    for row, title, todo in asked(group.rows):
        action = row.facts.get("action")
        failed = found.failed.get(action) if isinstance(action, int) else None
        number_of = found.numbers.get(row.order_id or 0, "")
        shown.append(ShownQuestion(row, title, todo, presses(row, failed, person(request)), number_of))
    return shown


def _address(show: str, kind: str = "", **cursor: str) -> str:
    given = {name: value for name, value in {"show": show, "kind": kind, **cursor}.items() if value}
    return f"{reverse('attention')}?{urlencode(given)}" if given else reverse("attention")


def _row(attention_id: int) -> Attention:
    rows = Attention.objects.select_related("account", "assignee")
    row = rows.filter(pk=attention_id).first()
    if row is None:
        raise Http404
    return row


def _back(request: HttpRequest) -> str:
    given = request.GET.get("back", "") if request.method == "GET" else ""
    return given or back_url(request, reverse("attention"))


def _ask(
    request: HttpRequest, row: Attention, action: str, form: Any, titles: tuple[str, str], *, status: int = 200
) -> HttpResponse:
    """``titles``: of the question and of its button."""
    text = wording.attention_text(row, row.account.kind if row.account else "")[0]
    shown = {
        "id": "question",
        "title": titles[0],
        "text": text,
        "form": form,
        "action": reverse(action, args=[row.pk]),
        "button": titles[1],
        "hidden": {"back": _back(request)},
        "back_url": reverse("attention"),
        "open": True,
    }
    return question(request, shown, status)


@page("orders.change_attention", "GET", "POST")
def resolve(request: HttpRequest, attention_id: int) -> HttpResponse:
    """Close a question with a note. Closed twice is closed."""
    row = _row(attention_id)
    form = NoteForm(request.POST or None)
    if request.method != "POST":
        return _ask(request, row, "attention_resolve", form, (_("Is it settled?"), _("It is settled")))
    note = form.cleaned_data["note"] if form.is_valid() else request.POST.get("note", "")[:500]
    service.resolve(attention_id, actor=actor(request), note=note)
    return say(request, see_other(_back(request)), _("Done: the question is closed."))


@page("orders.change_attention", "POST")
def take(request: HttpRequest, attention_id: int) -> HttpResponse:
    """I see to it, or not any more."""
    row, me = _row(attention_id), person(request)
    leaves = request.POST.get("leave") == "1"
    if leaves and row.assignee_id != me.pk:
        return see_other(_back(request))  # somebody else has it by now
    service.assign(row.pk, None if leaves else me)
    text = _("It is nobody's now.") if leaves else _("It is yours now.")
    return say(request, see_other(_back(request)), text)


@page("orders.change_attention", "GET", "POST")
def give(request: HttpRequest, attention_id: int) -> HttpResponse:
    """Somebody else sees to it."""
    row, people = _row(attention_id), inboxes.people()
    form = GiveForm(people, request.POST or None, initial={"user": row.assignee_id or ""})
    titles = (_("Who sees to it?"), _("Assign"))
    if request.method != "POST" or not form.is_valid():
        status = 200 if request.method != "POST" else 422
        return _ask(request, row, "attention_give", form, titles, status=status)
    chosen = next((user for user in people if user.pk == form.cleaned_data["user"]), None)
    service.assign(row.pk, chosen)
    text = _("%(name)s sees to it.") % {"name": chosen.short_name} if chosen else _("It is nobody's now.")
    return say(request, see_other(_back(request)), text)


@page("orders.change_attention", "GET", "POST")
def later(request: HttpRequest, attention_id: int) -> HttpResponse:
    """Put a question off; it comes back by itself."""
    row, now = _row(attention_id), timezone.now()
    form = LaterForm(request.POST if request.method == "POST" else None)
    titles = (_("Put it off until when?"), _("Put off"))
    if request.method != "POST":
        return _ask(request, row, "attention_later", form, titles)
    if form.is_valid():
        try:
            service.snooze(row.pk, form.until(now))
        except DomainError as error:
            if error.code != "until":
                raise
            form.add_error("time", str(error.message))
        else:
            text = _("Put off until %(time)s.") % {"time": words.moment(form.until(now), now)}
            return say(request, see_other(_back(request)), text)
    return _ask(request, row, "attention_later", form, titles, status=422)


@page("orders.change_attention", "POST")
def wake(request: HttpRequest, attention_id: int) -> HttpResponse:
    """What was put off is asked again now."""
    service.snooze(_row(attention_id).pk, None)
    return say(request, see_other(_back(request)), _("It is asked again."))


@page("backoffice.view_rawpayload")
def raw(request: HttpRequest, attention_id: int) -> HttpResponse:
    """The text that could not be read."""
    found = Attention.objects.select_related("payload").filter(pk=attention_id).first()
    if found is None or found.payload is None:
        raise Http404
    title = str(found.facts.get("external_id", "")) or str(found.pk)
    return raw_page(request, found.payload, up=reverse("attention"), title=title)


@page("orders.view_marketplaceaccount")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Accounts and their health, open work, urgent questions, upstream changes, failing jobs."""
    board = board_of(request, tabs=True)
    found = queries.dashboard(training=board.training)
    shown = {
        "now": timezone.now(),
        "board": board,
        "tabs": board.tabs(""),
        "found": found,
        "questions": asked(found.questions),
        "may_change": person(request).has_perm("orders.change_marketplaceaccount"),
    }
    return render(request, "orders/dashboard.html", shown)


@page("orders.change_marketplaceaccount", "POST")
def resume(request: HttpRequest, account_id: int) -> HttpResponse:
    """Let calls of a paused account go out again."""
    account = MarketplaceAccount.objects.filter(pk=account_id).first()
    if account is None:
        raise Http404
    accounts.resume(account, actor=actor(request))
    text = _("%(title)s is running again.") % {"title": account.title}
    return say(request, see_other(back_url(request, reverse("dashboard"))), text)
