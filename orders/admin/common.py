"""Who acts in the admin."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from backoffice.models import User
from orders.services.actors import Actor, staff


def actor(request: HttpRequest) -> Actor:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return staff(request.user)
