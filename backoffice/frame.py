"""The frame around every page: places to go, theme, state of synchronisation.

Pages below may hang things on the request, as values or as functions called only when a frame is drawn:
``request.nav_counts`` ({"tasks": 24, "attention": 5}), ``request.nav_under`` ({"tasks": an ``Under``}, what stands below a
place while it is there), ``request.sync_state`` (a ``SyncState``), ``request.shift_state`` (a ``ShiftState``),
``request.picker_name`` (who picks at this browser by his badge) and ``request.exercise`` (whether the page is about an
exercise; None when it is about no order).
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
#: In the session while a person is in training, and where that is begun and ended.
TRAINING: Final = "training"
TRAINING_PATH: Final = "/training/"
SHIFT_PATH: Final = "/shift/"


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
class ShiftState:
    """The shift of the person at this browser; ``done``: tasks packed in it, None while that is not known here."""

    since: datetime
    station: str = ""
    done: int | None = None


@dataclass(frozen=True, slots=True)
class Under:
    """Something open below a place of the rail."""

    label: str
    path: str
    icon: str


@dataclass(frozen=True, slots=True)
class Link:
    """A place as one request sees it. ``under``: what is open below it, and ``within``: the page is that one."""

    place: Place
    count: int
    current: bool
    under: Under | None = None
    within: bool = False


PLACES: Final = (
    Place("tasks", pgettext_lazy("menu", "Assembly"), "/tasks/", "package"),
    Place("orders", pgettext_lazy("menu", "Orders"), "/orders/", "list"),
    Place("attention", pgettext_lazy("menu", "Attention"), "/attention/", "bell", hot=True),
    Place("divergence", pgettext_lazy("menu", "Divergences"), "/divergence/", "arrow-down-up", thumb=False),
    Place("desk", pgettext_lazy("menu", "Codes"), "/desk/", "calculator"),
    Place("codes", pgettext_lazy("menu", "Marking"), "/codes/", "qr-code", thumb=False),
    Place("scans", pgettext_lazy("menu", "Refused scans"), "/scans/", "scan-barcode", staff=True, thumb=False),
    Place("carriers", pgettext_lazy("menu", "Carriers"), "/carriers/", "truck", staff=True, thumb=False),
    Place("dashboard", pgettext_lazy("menu", "Dashboard"), "/dashboard/", "chart-column", staff=True),
    Place("admin", pgettext_lazy("menu", "Admin"), "/admin/", "settings", staff=True, thumb=False),
)
#: The bottom bar of a phone: what hands go to most stands first; places that are not named follow.
THUMBS: Final = ("tasks", "attention", "desk", "orders")


class Frame:
    """What ``base.html`` shows around a page; everything is worked out only when it is asked for."""

    seek_path = SEEK_PATH

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def links(self) -> list[Link]:
        counts, below = (_given(self._request, name) or {} for name in ("nav_counts", "nav_under"))
        return [self._link(place, counts, below.get(place.key)) for place in places_of(self._user)]

    @cached_property
    def thumbs(self) -> list[Link]:
        wanted = [link for link in self.links if link.place.thumb]
        order = {key: n for n, key in enumerate(THUMBS)}
        return sorted(wanted, key=lambda link: order.get(link.place.key, len(order)))

    @property
    def others(self) -> list[Link]:
        """Places that a phone has no room for in its bottom bar: they stand in the person's menu."""
        return [link for link in self.links if not link.place.thumb]

    @cached_property
    def sync(self) -> SyncState | None:
        state: SyncState | None = _given(self._request, "sync_state")
        return state

    @cached_property
    def shift(self) -> ShiftState | None:
        state: ShiftState | None = _given(self._request, "shift_state")
        return state

    @property
    def shift_path(self) -> str:
        """Where a shift begins and ends; nothing on a page that knows of no shifts."""
        return SHIFT_PATH if hasattr(self._request, "shift_state") and _exists(SHIFT_PATH, get_urlconf()) else ""

    @cached_property
    def picker(self) -> str:
        return _given(self._request, "picker_name") or ""

    @cached_property
    def training(self) -> str:
        """Which banner of training a page has: "on", "real" (in training at a real order), "exercise" (the reverse), or none."""
        exercise: bool | None = _given(self._request, "exercise")
        if in_training(self._request):
            return "real" if exercise is False else "on"
        return "exercise" if exercise else ""

    @property
    def training_path(self) -> str:
        """Where training begins and ends; nothing where there is no such page."""
        return TRAINING_PATH if _exists(TRAINING_PATH, get_urlconf()) else ""

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

    @property
    def under(self) -> Under | None:
        """What is open below a place: the menu of a phone has it, which has no rail."""
        return next((link.under for link in self.links if link.under), None)

    def _link(self, place: Place, counts: Mapping[str, int], under: Under | None) -> Link:
        here = self._request.path
        within = under is not None and here.startswith(under.path)
        return Link(place, counts.get(place.key, 0), here.startswith(place.path), under, within)


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


def in_training(request: HttpRequest) -> bool:
    """Whether this browser shows exercises instead of real work."""
    session = getattr(request, "session", None)
    return bool(session is not None and session.get(TRAINING))


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
