"""What all pages share: who may enter, the frame's counts, refusals in place, ways back."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme, urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget, trigger_client_event
from django_htmx.middleware import HtmxDetails

from backoffice import secrets
from backoffice.errors import DomainError
from backoffice.frame import Under, in_training
from backoffice.models import User
from backoffice.text import whole
from orders.queries import board as boards
from orders.queries.board import Board
from orders.services.actors import Actor, staff
from orders.services.warehouse import badges, training

from . import stations

P = ParamSpec("P")
M = TypeVar("M", bound=Model)
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
LONGEST_SEARCH = 200


def page(permission: str, *methods: str) -> Callable[[View[P]], View[P]]:
    """A page for signed-in people with a permission. A refusal of our rules is shown where the person is."""
    allowed = methods or ("GET",)

    def wrap(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in (*allowed, *(("HEAD",) if "GET" in allowed else ())):
                return HttpResponseNotAllowed(allowed)
            if not person(request).has_perm(permission):
                raise PermissionDenied
            _hang(request, kwargs)
            try:
                _keep_apart(request, kwargs)
                response = view(request, *args, **kwargs)
            except DomainError as error:
                response = refused(request, error)
            # Addresses and names must not stay in a cache; a fragment and a page of one address differ by this header.
            patch_cache_control(response, private=True, no_store=True)
            patch_vary_headers(response, ["HX-Request"])
            return response

        return login_required(guarded)

    return wrap


def person(request: HttpRequest) -> User:
    """The one who is signed in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def actor(request: HttpRequest) -> Actor:
    return staff(person(request), training=in_training(request))


def picker(request: HttpRequest) -> Actor:
    """Who holds the goods: the one whose badge was scanned at this browser, else the one who is signed in.

    For scanning, picking and taking tasks only. What a marketplace is asked for and whose data is shown is done by ``actor``,
    and permissions are always those of the one who is signed in.
    """
    known: Actor | None = vars(request).get("picker")
    if known is None:
        owner = badges.signed_in(request.session)
        known = vars(request)["picker"] = staff(owner, training=in_training(request)) if owner else actor(request)
    return known


def htmx(request: HttpRequest) -> HtmxDetails:
    found: HtmxDetails = vars(request)["htmx"]
    return found


def board_of(request: HttpRequest, *, tabs: bool = False) -> Board:
    """Accounts and counts, read once a request."""
    known: Board | None = vars(request).get("board")
    if known is None:
        hand = request.session.get(badges.PICKER) or person(request).pk
        known = boards.load(person(request).pk, hand, tabs=tabs, training=in_training(request))
        vars(request)["board"] = known
    return known


def visible(request: HttpRequest, rows: QuerySet[M]) -> QuerySet[M]:
    """Tasks or orders that a person may work on now: exercises in training, everything else out of it. No statement of its own.

    By the accounts the page knows: a join could lead a database away from the index that sorts the list.
    """
    exercises = [account.pk for account in board_of(request).accounts if account.training]
    if in_training(request):
        return rows.filter(account_id__in=exercises)
    return rows.exclude(account_id__in=exercises) if exercises else rows


def _named(request: HttpRequest, given: Mapping[str, Any]) -> tuple[str, list[Any]] | None:
    """What a request is about: by its address, else by the tasks or the wave of its form."""
    known = training.names()
    for name, value in given.items():
        if name.removesuffix("_id") in known:
            return name.removesuffix("_id"), [value]
    for name in ("task", "wave"):
        ids = [pk for text in request.POST.getlist(name) if (pk := whole(text)) is not None]
        if ids:
            return name, ids
    return None


def _keep_apart(request: HttpRequest, given: Mapping[str, Any]) -> None:
    """Whatever a form does, it does nothing to a real order in training and nothing to an exercise out of it: one statement."""
    named = _named(request, given) if request.method == "POST" else None
    if named is not None:
        training.judge(in_training(request), training.sides(*named))


def _exercise(request: HttpRequest, given: Mapping[str, Any]) -> bool | None:
    """Whether the page is about an exercise. A statement only where accounts for training are."""
    named = _named(request, given)
    if named is None or not any(account.training for account in board_of(request).accounts):
        return None
    found = training.sides(*named)
    return True in found if found else None


def _hang(request: HttpRequest, given: Mapping[str, Any]) -> None:
    """The hooks of the frame: read only when a whole page is drawn."""
    vars(request)["exercise"] = lambda: _exercise(request, given)
    vars(request)["nav_counts"] = lambda: board_of(request).nav
    vars(request)["nav_under"] = lambda: _under(request)
    vars(request)["sync_state"] = lambda: board_of(request).sync
    vars(request)["shift_state"] = lambda: stations.shift_state(request)
    vars(request)["picker_name"] = lambda: stations.picker_name(request)


def _under(request: HttpRequest) -> dict[str, Under]:
    """The wave that is open at this browser stands below the assembly."""
    number = board_of(request).wave
    if number is None or not person(request).has_perm("orders.work_task"):
        return {}
    words = _("Wave %(number)s") % {"number": number}
    return {"tasks": Under(words, reverse("wave", args=[number]), "layers")}


def nonce() -> str:
    """Makes a form one form, however often it is sent."""
    return uuid.uuid4().hex


def refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A refusal of our rules: a notice in place for a fragment, a page of its own otherwise."""
    if htmx(request):
        return reswap(retarget(_notice(request, error), "#notices"), "innerHTML")
    back = back_url(request, "/")
    return render(request, "orders/refused.html", {"error": error, "back": back}, status=error.http_status)


def _notice(request: HttpRequest, error: DomainError) -> HttpResponse:
    context = {"level": "error", "text": error.message}
    return render(request, "components/notice.html", context, status=error.http_status)


def question(request: HttpRequest, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    """Something to be asked first: a dialog over the page, or a page of its own."""
    if htmx(request):
        response = render(request, "orders/parts/ask.html", shown, status=status)
        return reswap(retarget(response, "#question-place"), "innerHTML")
    template = "components/code_page.html" if shown.get("coded") else "components/confirm_page.html"
    return render(request, template, shown, status=status)


def say(request: HttpRequest, response: HttpResponse, text: Any, level: str = "success") -> HttpResponse:
    """Good news for a person: a toast after a fragment, a message on the next whole page."""
    if htmx(request):
        return trigger_client_event(response, "toast", {"text": str(text), "level": level})
    messages.add_message(request, getattr(messages, level.upper()), text)
    return response


def back_url(request: HttpRequest, otherwise: str) -> str:
    """Where the form says it came from, when that is here."""
    there = request.POST.get("back", "")
    if there and url_has_allowed_host_and_scheme(there, None):
        parts = urlsplit(there)
        return parts._replace(scheme="", netloc="", fragment="").geturl()
    return otherwise


def see_other(url: str) -> HttpResponseRedirect:
    """After a form: the page again, so that reloading it repeats nothing."""
    return HttpResponseRedirect(url)


# What people search for may be a name or a phone, and those have no place in an address: it travels sealed.
def seal_search(text: str, most: int = LONGEST_SEARCH) -> str:
    text = text.strip()[:most]
    return urlsafe_base64_encode(secrets.seal(text.encode())) if text else ""


def open_search(sealed: str) -> str:
    """The text again; nothing when it is not ours."""
    try:
        return secrets.unseal(urlsafe_base64_decode(sealed)).decode() if sealed else ""
    except (InvalidToken, ValueError):
        return ""
