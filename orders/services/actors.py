"""Who does something: a person at a page, a program at the API, the marketplace, or we ourselves."""

from __future__ import annotations

from dataclasses import dataclass

from backoffice.models import User
from orders.enums import Source


@dataclass(frozen=True, slots=True)
class Actor:
    """``training``: the person learns and may touch exercises only; False: real work only; None: it makes no difference."""

    source: Source
    user: User | None = None
    training: bool | None = None

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user else None


SYSTEM = Actor(Source.SYSTEM)
MARKETPLACE = Actor(Source.MARKETPLACE)


def staff(user: User, *, training: bool | None = None) -> Actor:
    return Actor(Source.STAFF, user, training)


def program(user: User) -> Actor:
    return Actor(Source.API, user)
