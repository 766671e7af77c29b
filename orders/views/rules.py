"""Rules of carrier accounts: how far what a carrier says may go by itself. Tried on history before it becomes automatic."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.errors import DomainError
from carriers.models import CarrierAccount
from orders import trackwords
from orders.enums import ActionKind, ReactionMode
from orders.forms import RuleForm
from orders.queries import reactions as queries
from orders.services.reacting import reactions, receipts
from orders.services.reacting.rehearsal import Rehearsal

from .common import actor, page, person, say, see_other

MAY_SEE = "orders.view_reactionrule"
MAY_CHANGE = "orders.change_reactionrule"
#: What may be switched on from the result of a trial, the careful way first.
SWITCHES = (
    (ReactionMode.SHADOW.value, gettext_lazy("Start a trial run")),
    (ReactionMode.AUTOMATIC.value, gettext_lazy("Switch automatic on")),
)


@page(MAY_SEE)
def carriers(request: HttpRequest) -> HttpResponse:
    """Carrier accounts, each with its rule."""
    return _answer(request)


def _answer(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    forms: dict[int, RuleForm] = more.pop("forms", {})
    rows = queries.rule_rows()
    shown = {
        "now": timezone.now(),
        "rows": [(row, forms.get(row.account.pk) or _form(row)) for row in rows],
        "may_change": person(request).has_perm(MAY_CHANGE),
        **more,
    }
    return render(request, "orders/carriers.html", shown, status=status)


def _form(row: queries.RuleRow) -> RuleForm:
    rule = row.rule
    given = {"mode": rule.mode, "grace_minutes": rule.grace_minutes, "cap_per_hour": rule.cap_per_hour}
    return RuleForm(
        initial=given, locked=not row.may_start and rule.mode != ReactionMode.AUTOMATIC, prefix=row.account.pk
    )


def _account(account_id: int) -> CarrierAccount:
    found = CarrierAccount.objects.filter(pk=account_id).first()
    if found is None:
        raise Http404
    return found


@page(MAY_CHANGE, "POST")
def change(request: HttpRequest, account_id: int) -> HttpResponse:
    """How far it goes, how long it waits, how much an hour."""
    account = _account(account_id)
    form = RuleForm(request.POST, prefix=account_id)
    if not form.is_valid():
        return _answer(request, status=422, forms={account_id: form})
    try:
        reactions.change_rule(account, actor=actor(request), **form.cleaned_data)
    except DomainError as error:
        form.add_error(form.field_of(error.code), str(error.message))
        return _answer(request, status=error.http_status, forms={account_id: form})
    return _done(request, _("The rule of %(title)s is changed.") % {"title": account.title})


@page(MAY_CHANGE, "POST")
def kill(request: HttpRequest, account_id: int) -> HttpResponse:
    """Nothing more is done by itself, at once."""
    account = _account(account_id)
    reactions.kill(account, actor=actor(request))
    return _done(request, _("%(title)s: nothing is done by itself any more.") % {"title": account.title})


@page(MAY_CHANGE, "POST")
def unkill(request: HttpRequest, account_id: int) -> HttpResponse:
    account = _account(account_id)
    reactions.unkill(account, actor=actor(request))
    return _done(request, _("%(title)s: the rule works again.") % {"title": account.title})


def _done(request: HttpRequest, text: str | Promise) -> HttpResponse:
    return say(request, see_other(reverse("carriers")), text)


@page(MAY_CHANGE, "POST")
def rehearse(request: HttpRequest, account_id: int) -> HttpResponse:
    """The rule over the last days: how often it would have acted, and where the carrier took its word back later."""
    account = _account(account_id)
    found = reactions.rehearse(account)
    rule = reactions.rule_of(account)
    shown = {
        "now": timezone.now(),
        "account": account,
        "found": found,
        "rule": rule,
        "wrong": _wrong(found),
        "doubts": _doubts(found),
        "best": _best(found),
        "automatic": rule.mode == ReactionMode.AUTOMATIC,
        "switches": SWITCHES,
    }
    return render(request, "orders/rule_rehearsal.html", shown)


def _best(found: Rehearsal) -> str:
    """What the result speaks for."""
    good = found.acted and not found.wrong_count
    return ReactionMode.AUTOMATIC.value if good else ReactionMode.SHADOW.value


def _doubts(found: Rehearsal) -> list[tuple[int, str]]:
    """Why a person would have been asked, the most frequent first."""
    ordered = sorted(found.doubts.items(), key=lambda pair: (-pair[1], pair[0].value))
    return [(count, str(receipts.HANDS[hand])) for hand, count in ordered]


def _wrong(found: Rehearsal) -> list[dict[str, Any]]:
    return [
        {
            "row": each,
            "action": ActionKind(each.kind).label,
            "status": trackwords.status(each.status),
            "then": trackwords.status(each.then) if each.then else _("taken off the order"),
        }
        for each in found.wrong
    ]
