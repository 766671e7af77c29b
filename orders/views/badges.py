"""Badges of pickers: who has one, a new one for a lost one, and signing off at a station."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from backoffice.models import User
from backoffice.text import whole
from orders.models import Badge
from orders.queries import pickers
from orders.services.warehouse import badges as service

from .common import back_url, page, person, question, say, see_other

#: Whoever issues badges prints them too: a printed one signs its owner in.
ISSUE = "orders.change_badge"


@page("orders.view_badge")
def badges(request: HttpRequest) -> HttpResponse:
    """Everybody who may assemble, with his badge."""
    shown = {"people": pickers.pickers(), "may_issue": person(request).has_perm(ISSUE)}
    return render(request, "orders/shift/badges.html", shown)


@page(ISSUE, "GET", "POST")
def give(request: HttpRequest, user_id: int) -> HttpResponse:
    """A first badge, or the next issue of one that was seen: the one before stops working, which is asked first."""
    user = User.objects.select_related("badge").filter(pk=user_id).first()
    if user is None:
        raise Http404
    if request.method != "POST":
        return question(request, _asking(user))
    seen = whole(request.POST.get("seen", ""))
    badge = service.issue(user) if seen is None else service.renew(user, seen=seen)
    text = _("Badge no. %(serial)d of %(name)s is valid now. Print it.")
    return say(request, see_other(reverse("badges")), text % {"serial": badge.serial, "name": user.short_name})


def _asking(user: User) -> dict[str, Any]:
    """What a new badge costs. The answer names the issue that was seen: of two answers the second changes nothing."""
    badge: Badge | None = getattr(user, "badge", None)
    words = {"name": user.short_name, "serial": badge.serial if badge else 0}
    text = _("Badge no. %(serial)d of %(name)s stops working at once, at every station. Print the new one.") % words
    return {
        "id": "question",
        "title": (_("Issue a new badge to %(name)s?") if badge else _("Issue a badge to %(name)s?")) % words,
        "text": text if badge else "",
        "button": pgettext("badge", "Issue a new one") if badge else pgettext("badge", "Issue"),
        "tone": "danger" if badge else "",
        "hidden": {"seen": badge.serial} if badge else {},
        "action": reverse("badge_give", args=[user.pk]),
        "back_url": reverse("badges"),
        "open": True,
    }


@page("orders.work_task", "POST")
def sign_off(request: HttpRequest) -> HttpResponse:
    """Whoever picked here by his badge goes; the one who is signed in picks himself. Said twice is said."""
    service.sign_out(request.session)
    return see_other(back_url(request, reverse("shift")))
