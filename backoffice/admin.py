"""Admin of what both apps stand on: people, tokens, jobs, budgets, counters, changes of upstreams."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice import drift, people
from backoffice.adminkit import Bounded, Button, Pages, Text
from backoffice.models import ApiToken, Counter, JobState, Lease, RateBudget, UpstreamDrift, User

admin.site.unregister(Group)  # roles are made by a migration; a changed one would no longer mean what it says


class PersonForm(forms.ModelForm[User]):
    """A user and his role."""

    role = forms.ChoiceField(choices=people.Role.choices, label=gettext_lazy("Role"))

    class Meta:
        model = User
        fields: ClassVar = ["username", "first_name", "last_name", "email", "is_active", "language"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["role"].initial = people.role_of(self.instance)


class NewPersonForm(forms.ModelForm[User]):
    """A new user: name, role and password; the rest is filled in on his page."""

    role = forms.ChoiceField(choices=people.Role.choices, label=gettext_lazy("Role"))
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = User
        fields: ClassVar = ["username"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(username=self.cleaned_data.get("username", "")))
        return password


@admin.register(User)
class People(UserAdmin[User]):
    """Users with roles. Rights come from the role only."""

    paginator = Bounded
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    form = PersonForm
    add_form = NewPersonForm
    list_display = ("username", "first_name", "last_name", "roles", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "role", "is_active")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email", "language")}),
        (gettext_lazy("Record"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "role", "password")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=gettext_lazy("role"))
    def roles(self, row: User) -> str:
        return ", ".join(people.label(group.name) for group in row.groups.all())

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Nobody locks himself out."""
        mine = ["is_active"] if obj is not None and obj.pk == request.user.pk else []
        return [*super().get_readonly_fields(request, obj), *mine]

    def get_form(self, request: HttpRequest, obj: User | None = None, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, *args, **kwargs)
        form.base_fields["role"].disabled = obj is not None and obj.pk == request.user.pk
        return form

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """What he did stays his: he is switched off instead."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        role = people.Role(form.cleaned_data["role"])
        if change:
            obj.save(update_fields=[name for name in form.changed_data if name != "role"])
            people.set_role(obj, role=role)
            return
        made = people.create_user(obj.username, role=role, password=form.cleaned_data["password"])
        obj.__dict__.update(made.__dict__)


class TokenForm(forms.ModelForm[ApiToken]):
    """Whom a new token belongs to, what it may do and how long it lives."""

    scopes = forms.MultipleChoiceField(
        choices=ApiToken.Scope.choices, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Scopes")
    )
    days = forms.IntegerField(min_value=1, max_value=3650, required=False, label=gettext_lazy("Days until it expires"))

    class Meta:
        model = ApiToken
        fields: ClassVar = ["user"]


@admin.register(ApiToken)
class Tokens(Pages[ApiToken]):
    """API tokens: issued here, shown once, taken back by deleting them."""

    form = TokenForm
    fields = ("user", "scopes", "days")
    autocomplete_fields = ("user",)
    list_display = ("prefix", "user", "scopes", "created_at", "expires_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("prefix", "user__username")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        if obj is None:
            return self.fields
        return ("prefix", "user", "scopes", "created_at", "expires_at", "last_used_at")

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        made, plain = ApiToken.issue(obj.user, form.cleaned_data["scopes"], form.cleaned_data["days"])
        obj.__dict__.update(made.__dict__)
        obj.plain = plain  # type: ignore[attr-defined]  # for this answer only

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """The text of the token, in this answer only: not in a message, which would lie in a cookie."""
        context = {**self.admin_site.each_context(request), "title": _("New API token"), "token": obj.plain}  # type: ignore[attr-defined]
        answer = TemplateResponse(request, "admin/token_once.html", context)
        answer["Cache-Control"] = "no-store"
        return answer


@admin.register(JobState)
class Jobs(Pages[JobState]):
    """The last run of each job."""

    list_display = ("name", "started_at", "finished_at", "ok_at", "seconds", "error")
    search_fields = ("name", "error")
    ordering = ("name",)


@admin.register(Counter)
class Counters(Pages[Counter]):
    """Sums per day."""

    list_display = ("day", "name", "value")
    list_filter = ("name",)
    ordering = ("-day", "name")


@admin.register(RateBudget)
class Budgets(Pages[RateBudget]):
    """What is left of the call budgets."""

    list_display = ("key", "tokens", "updated_at", "blocked_until")
    search_fields = ("key",)
    ordering = ("key",)


@admin.register(Lease)
class Leases(Pages[Lease]):
    """Who runs what right now."""

    list_display = ("name", "holder", "until")
    ordering = ("name",)


def _seen(_request: HttpRequest, row: UpstreamDrift) -> Text:
    drift.mark_seen([row.pk])
    return _("Marked as seen.")


@admin.register(UpstreamDrift)
class Drift(Pages[UpstreamDrift]):
    """What upstreams sent that we do not know."""

    list_display = ("upstream", "place", "kind", "name", "count", "first_seen_at", "last_seen_at", "known")
    list_filter = ("known", "upstream", "kind")
    search_fields = ("place", "name")
    ordering = ("known", "-last_seen_at")
    fields = ("upstream", "place", "kind", "name", "count", "first_seen_at", "last_seen_at", "known", "example")
    readonly_fields = ("example",)
    actions = ("mark_seen",)
    buttons = (
        Button("seen", gettext_lazy("Seen"), "backoffice.change_upstreamdrift", _seen, shown=lambda row: not row.known),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[UpstreamDrift]:
        """Lists do without the samples: each one would be decrypted."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        return rows.defer("sample") if match and match.url_name and match.url_name.endswith("changelist") else rows

    @admin.display(description=gettext_lazy("sample"))
    def example(self, row: UpstreamDrift) -> str:
        return str(row.sample)

    def has_mark_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("backoffice.change_upstreamdrift")

    @admin.action(description=gettext_lazy("Mark as seen"), permissions=["mark"])
    def mark_seen(self, request: HttpRequest, rows: QuerySet[UpstreamDrift]) -> None:
        count = drift.mark_seen(list(rows.values_list("pk", flat=True)))
        self.message_user(
            request, ngettext("%(count)d marked as seen.", "%(count)d marked as seen.", count) % {"count": count}
        )
