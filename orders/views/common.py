"""What all pages share: who may enter, the frame's counts, refusals in place, ways back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme, urlsafe_base64_decode, urlsafe_base64_encode
from django_htmx.http import reswap, retarget, trigger_client_event
from django_htmx.middleware import HtmxDetails

from backoffice import secrets
from backoffice.errors import DomainError
from backoffice.models import User
from orders.queries import board as boards
from orders.queries.board import Board
from orders.services.actors import Actor, staff

P = ParamSpec("P")
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
            _hang(request)
            try:
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
    return staff(person(request))


def htmx(request: HttpRequest) -> HtmxDetails:
    found: HtmxDetails = vars(request)["htmx"]
    return found


def board_of(request: HttpRequest, *, tabs: bool = False) -> Board:
    """Accounts and counts, read once a request."""
    known: Board | None = vars(request).get("board")
    if known is None:
        known = vars(request)["board"] = boards.load(person(request).pk, tabs=tabs)
    return known


def _hang(request: HttpRequest) -> None:
    """The hooks of the frame: read only when a whole page is drawn."""
    vars(request)["nav_counts"] = lambda: board_of(request).nav
    vars(request)["sync_state"] = lambda: board_of(request).sync


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
def seal_search(text: str) -> str:
    text = text.strip()[:LONGEST_SEARCH]
    return urlsafe_base64_encode(secrets.seal(text.encode())) if text else ""


def open_search(sealed: str) -> str:
    """The text again; nothing when it is not ours."""
    try:
        return secrets.unseal(urlsafe_base64_decode(sealed)).decode() if sealed else ""
    except (InvalidToken, ValueError):
        return ""
