"""The frame around every page: places to go, theme, state of synchronisation.

Pages below may hang two things on the request, as values or as functions called only when a frame is drawn:
``request.nav_counts`` ({"tasks": 24, "attention": 5}) and ``request.sync_state`` (a ``SyncState``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import Resolver404, get_urlconf, resolve
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from .models import User

THEME_COOKIE: Final = "theme"
COOKIE_SECONDS: Final = 365 * 24 * 3600
SEEK_PATH: Final = "/scan/"


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the rail; ``thumb`` also puts it into the bottom bar of a phone, ``hot`` makes its count red."""

    key: str
    label: Promise
    path: str
    icon: str
    staff: bool = False
    thumb: bool = True
    hot: bool = False


@dataclass(frozen=True, slots=True)
class SyncState:
    """When all accounts last answered, and what is wrong, in words for staff."""

    at: datetime | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A place as one request sees it."""

    place: Place
    count: int
    current: bool


PLACES: Final = (
    Place("tasks", pgettext_lazy("menu", "Assembly"), "/tasks/", "package"),
    Place("orders", pgettext_lazy("menu", "Orders"), "/orders/", "list"),
    Place("attention", pgettext_lazy("menu", "Attention"), "/attention/", "bell", hot=True),
    Place("divergence", pgettext_lazy("menu", "Divergences"), "/divergence/", "arrow-down-up"),
    Place("carriers", pgettext_lazy("menu", "Carriers"), "/carriers/", "truck", staff=True, thumb=False),
    Place("dashboard", pgettext_lazy("menu", "Dashboard"), "/dashboard/", "chart-column", staff=True),
    Place("admin", pgettext_lazy("menu", "Admin"), "/admin/", "settings", staff=True, thumb=False),
)


class Frame:
    """What ``base.html`` shows around a page; everything is worked out only when it is asked for."""

    seek_path = SEEK_PATH

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def links(self) -> list[Link]:
        counts = _given(self._request, "nav_counts") or {}
        return [self._link(place, counts) for place in places_of(self._user)]

    @cached_property
    def thumbs(self) -> list[Link]:
        return [link for link in self.links if link.place.thumb]

    @cached_property
    def sync(self) -> SyncState | None:
        state: SyncState | None = _given(self._request, "sync_state")
        return state

    @property
    def themes(self) -> list[tuple[str, str, str]]:
        icons = {"auto": "sun-moon", "light": "sun", "dark": "moon"}
        return [(value, str(label), icons[value]) for value, label in User.Theme.choices]

    @property
    def theme(self) -> str:
        """auto, light or dark: the person's own choice, else that of this browser."""
        return theme_of(self._request)

    @property
    def role(self) -> Promise | str:
        return role_of(self._user)

    @property
    def here(self) -> str:
        return self._request.get_full_path()

    @property
    def _user(self) -> User | AnonymousUser:
        return getattr(self._request, "user", AnonymousUser())

    def _link(self, place: Place, counts: Mapping[str, int]) -> Link:
        return Link(place, counts.get(place.key, 0), self._request.path.startswith(place.path))


def places_of(user: User | AnonymousUser) -> list[Place]:
    """The places this person may enter and that exist."""
    if not user.is_authenticated:
        return []
    return [place for place in PLACES if (user.is_staff or not place.staff) and _exists(place.path, get_urlconf())]


def start_of(user: User | AnonymousUser) -> str:
    """The key of the place where this person's work begins."""
    if user.is_superuser:
        return "admin"
    return "dashboard" if user.is_staff else "tasks"


def theme_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(THEME_COOKIE) or getattr(getattr(request, "user", None), "theme", "")
    return chosen if chosen in User.Theme.values else User.Theme.AUTO


def role_of(user: User | AnonymousUser) -> Promise | str:
    """The role as shown beside the name, without a query: its rights are in the groups."""
    if user.is_superuser:
        return pgettext_lazy("role", "administrator")
    return pgettext_lazy("role", "manager") if user.is_staff else pgettext_lazy("role", "warehouse")


@lru_cache(maxsize=64)
def _exists(path: str, urlconf: str | None) -> bool:
    try:
        resolve(path, urlconf)
    except Resolver404:
        return False
    return True


def _given(request: HttpRequest, name: str) -> Any:
    value: Any | Callable[[], Any] = getattr(request, name, None)
    return value() if callable(value) else value
