"""What all admin pages share: one site, lists that count nothing, and buttons that call services.

Pages of the admin show rows; whatever changes one goes through a service, so the rules are those of every other face.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, update_wrapper
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.sites import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backoffice.errors import DomainError, UpstreamError

M = TypeVar("M", bound=Model)
Text = str | Promise
#: Rows a list can be paged through; what is older is found by search and filters.
REACH = 2000


class Site(AdminSite):
    """Staff only: others who are signed in are told so instead of being asked to sign in again."""

    site_title = gettext_lazy("Backoffice")
    site_header = gettext_lazy("Backoffice")
    index_title = gettext_lazy("Settings and records")

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            self._refuse_strangers(request)
            answer: HttpResponse = inner(request, *args, **kwargs)
            return answer

        return update_wrapper(guarded, inner)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one sign-in page for all."""
        self._refuse_strangers(request)
        index = reverse("admin:index", current_app=self.name)
        if self.has_permission(request):
            return HttpResponseRedirect(index)
        return redirect_to_login(request.GET.get("next") or index, settings.LOGIN_URL)

    def _refuse_strangers(self, request: HttpRequest) -> None:
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied


class Bounded(Paginator[Any]):
    """Counts what can be paged through, never the table."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list  # the admin gives a queryset
        return len(rows.order_by().values_list("pk", flat=True)[:REACH])


@dataclass(frozen=True, slots=True)
class Field:
    """Something a button asks for: ``kind`` is the type of an HTML input."""

    name: str
    label: Text
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Button:
    """One thing to do with a row. ``do`` calls a service and gives the sentence to show; its refusals are shown as such."""

    name: str
    label: Text
    permission: str
    do: Callable[[HttpRequest, Any], Text]
    fields: tuple[Field, ...] = ()
    shown: Callable[[Any], bool] = lambda _row: True


class Pages(admin.ModelAdmin[M]):
    """Rows to look at, with buttons. Nothing can be added, changed or deleted unless a subclass says how."""

    paginator = Bounded
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count the table once a choice
    list_per_page = 50
    list_max_show_all = 0
    change_form_template = "admin/with_buttons.html"
    buttons: ClassVar[tuple[Button, ...]] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        press = self.admin_site.admin_view(require_POST(self.press))
        return [path("<path:object_id>/do/<slug:name>/", press, name=self.address("do")), *super().get_urls()]

    def address(self, name: str) -> str:
        """The name of an address of this model."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj") or context.get("original")
        if row is not None:
            context["buttons"] = [button for button in self.buttons if self._offered(request, button, row)]
            context["press"] = f"admin:{self.address('do')}"
        return super().render_change_form(request, context, *args, **kwargs)

    def _offered(self, request: HttpRequest, button: Button, row: Any) -> bool:
        return request.user.has_perm(button.permission) and button.shown(row)

    def press(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Do what the button says and tell what came of it. 404 for a row or button that is not there, 403 without the right."""
        button = next((each for each in self.buttons if each.name == name), None)
        row = self.get_object(request, object_id)
        if button is None or row is None:
            raise Http404
        if not (self.has_view_permission(request, row) and request.user.has_perm(button.permission)):
            raise PermissionDenied
        told(request, lambda: button.do(request, row))
        return HttpResponseRedirect(reverse(f"admin:{self.address('change')}", args=[row.pk]))


def told(request: HttpRequest, work: Callable[[], Text]) -> bool:
    """Show what ``work`` says, or why it was refused; whether it went well."""
    try:
        messages.success(request, str(work()))
    except DomainError as error:
        messages.error(request, str(error.message))
        return False
    except UpstreamError as error:
        messages.error(request, f"{error.message} ({error})")
        return False
    return True


def for_each(request: HttpRequest, rows: Iterable[M], work: Callable[[M], Any]) -> None:
    """The same for many rows, each on its own; one message an outcome, with how many rows had it."""
    outcomes: Tally[tuple[bool, str]] = Tally()
    for row in rows:
        try:
            work(row)
            outcomes[True, _("Done")] += 1
        except DomainError as error:
            outcomes[False, str(error.message)] += 1
    tell_outcomes(request, outcomes)


def tell_outcomes(request: HttpRequest, outcomes: Tally[tuple[bool, str]]) -> None:
    """One message an outcome: (whether it went well, what it was) and how often."""
    for (good, text), count in outcomes.most_common():
        level = messages.SUCCESS if good else messages.WARNING
        messages.add_message(request, level, f"{text}: {count}" if good else f"{count} × {text}")


class Lines(admin.TabularInline[Any, Any]):
    """Rows of another table below one, to look at."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in self.fields or () if isinstance(name, str)]
