"""Open questions, and the managers' view of accounts and jobs."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import wording
from orders.forms import NoteForm
from orders.models import Attention, MarketplaceAccount
from orders.queries import dashboard as queries
from orders.services import accounts
from orders.services import attention as service

from .common import actor, back_url, board_of, page, person, say, see_other
from .task import raw_page


def asked(rows: Iterable[Attention]) -> list[tuple[Attention, str, str]]:
    """Each question with its words and what to do about it."""
    return [(row, *wording.attention_text(row, row.account.kind if row.account else "")) for row in rows]


@page("orders.view_attention")
def attention(request: HttpRequest) -> HttpResponse:
    """What waits for a person, by kind, the urgent first."""
    groups, more = queries.groups()
    shown = {
        "now": timezone.now(),
        "groups": [(group, asked(group.rows)) for group in groups],
        "more": more,
        "may_resolve": person(request).has_perm("orders.change_attention"),
        "may_see_raw": person(request).has_perm("backoffice.view_rawpayload"),
    }
    return render(request, "orders/attention.html", shown)


@page("orders.change_attention", "POST")
def resolve(request: HttpRequest, attention_id: int) -> HttpResponse:
    """Close a question with a note. Closed twice is closed."""
    if not Attention.objects.filter(pk=attention_id).exists():
        raise Http404
    form = NoteForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else request.POST.get("note", "")[:500]
    service.resolve(attention_id, actor=actor(request), note=note)
    return say(request, see_other(back_url(request, reverse("attention"))), _("Done: the question is closed."))


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
    found = queries.dashboard()
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
    return say(request, see_other(reverse("dashboard")), text)
