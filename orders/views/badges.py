"""Badges of pickers: who has one, a new one for a lost one, and signing off at a station."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from backoffice.models import User
from orders.queries import pickers
from orders.services import badges as service

from .common import back_url, page, say, see_other


@page("orders.view_badge")
def badges(request: HttpRequest) -> HttpResponse:
    """Everybody who may assemble, with his badge."""
    return render(request, "orders/shift/badges.html", {"people": pickers.pickers(), "print_url": _print_url()})


def _print_url() -> str:
    """Where badges are printed, if that is built in."""
    try:
        return reverse("print_badges")
    except NoReverseMatch:
        return ""


@page("orders.view_badge", "POST")
def give(request: HttpRequest, user_id: int) -> HttpResponse:
    """A first badge, or the next issue of one that was seen: the one before stops working."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise Http404
    seen = request.POST.get("seen", "")
    badge = service.renew(user, seen=int(seen)) if seen.isascii() and seen.isdigit() else service.issue(user)
    text = _("Badge no. %(serial)d of %(name)s is valid now. Print it.")
    return say(request, see_other(reverse("badges")), text % {"serial": badge.serial, "name": user.short_name})


@page("orders.work_task", "POST")
def sign_off(request: HttpRequest) -> HttpResponse:
    """Whoever picked here by his badge goes; the one who is signed in picks himself. Said twice is said."""
    service.sign_out(request.session)
    return see_other(back_url(request, reverse("shift")))
