"""API tokens: who calls, and what the token lets him do.

A token narrows what its user may do and never widens it: the scope of the token and the permission of the user are both
needed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from backoffice import clock
from backoffice.backends import with_roles
from backoffice.models import ApiToken, User

if TYPE_CHECKING:  # at run time REST framework's views import this module
    from rest_framework.views import APIView

KEYWORD = "Token"
NOTE_USE_EVERY = timedelta(minutes=1)
LONGEST = 200


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Token <token>``. ``request.auth`` is the :class:`ApiToken`; only its hash is looked up."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """None when another kind of sign-in is meant. Raises ``AuthenticationFailed``."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != KEYWORD.lower().encode():
            return None
        if len(words) != 2 or len(words[1]) > LONGEST:
            raise exceptions.AuthenticationFailed(_("The header must read: Authorization: Token <token>."))
        token = _find(words[1].decode("latin-1"))
        _note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return KEYWORD


def _find(plain: str) -> ApiToken:
    """The token with its user and the ids of his groups: one statement."""
    known = ApiToken.objects.select_related("user").filter(digest=ApiToken.hash(plain))
    rows = list(known.annotate(role_id=F("user__groups")))
    if not rows or not rows[0].user.is_active:
        raise exceptions.AuthenticationFailed(_("This token is not valid."))
    token = rows[0]
    with_roles(token.user, [row.role_id for row in rows if row.role_id])
    if token.expires_at and token.expires_at <= clock.now():
        raise exceptions.AuthenticationFailed(_("This token has expired. Ask for a new one."))
    return token


def _note_use(token: ApiToken) -> None:
    now = clock.now()
    if token.last_used_at and token.last_used_at > now - NOTE_USE_EVERY:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - NOTE_USE_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    token.last_used_at = now


class HasScope(BasePermission):
    """Reading needs the scope ``read``, everything else ``act``; and the user the permission that the view names.

    A view names them as ``required_permissions = {"read": "orders.view_assemblytask", "act": "orders.act_task"}``, or
    leaves them out and has a ``queryset``: then they are ``view_`` and ``change_`` of its model.
    """

    message = _("You may not do this: the token has no scope for it, or your role has no permission.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        if not user.is_authenticated:
            return False
        scope = ApiToken.Scope.READ if request.method in SAFE_METHODS else ApiToken.Scope.ACT
        if isinstance(request.auth, ApiToken) and scope not in request.auth.scopes:
            return False
        return user.has_perm(_permission(view, scope))


def _permission(view: APIView, scope: ApiToken.Scope) -> str:
    named: dict[str, str] = getattr(view, "required_permissions", {})
    if scope in named:
        return named[scope]
    queryset = getattr(view, "queryset", None)
    if queryset is None:
        raise ImproperlyConfigured(f"{type(view).__name__} names no permission to {scope}")
    meta = queryset.model._meta  # noqa: SLF001 - Django's documented way to a model's names
    action = "view" if scope == ApiToken.Scope.READ else "change"
    return f"{meta.app_label}.{action}_{meta.model_name}"
