"""Marking codes inside a task: the rows are written by the marking services, whose refusals are errors of the form."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from backoffice.adminkit import Pages
from backoffice.errors import DomainError
from orders.enums import LIVE_CODE_STATES, CodeKind
from orders.models import AssemblyTask, MarkingCode, TaskItem
from orders.services import actors
from orders.services.warehouse import marking

from .common import actor


class CodeForm(forms.ModelForm[MarkingCode]):
    """One code. A stored one can only be taken off; a new one is given to the service as it is."""

    item = forms.ChoiceField(required=False, label=gettext_lazy("item"))
    kind = forms.ChoiceField(required=False, choices=[("", "—"), *CodeKind.choices], label=gettext_lazy("kind"))
    value = forms.CharField(
        strip=False, label=gettext_lazy("value"), widget=forms.TextInput(attrs={"size": 40, "autocomplete": "off"})
    )
    override = forms.BooleanField(required=False, label=gettext_lazy("accept warnings"))

    class Meta:
        model = MarkingCode
        fields: ClassVar = ["item", "kind", "value"]

    def __init__(self, *args: Any, items: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [("", "—"), *items]  # type: ignore[attr-defined]  # a choice field
        if self.instance.pk:
            for name in ("item", "kind", "value", "override"):
                self.fields[name].disabled = True

    def _post_clean(self) -> None:
        """What a good code is, the service says."""

    def entry(self) -> marking.Entry:
        said = self.cleaned_data
        item = int(said["item"]) if said.get("item") else None
        return marking.Entry(said["value"], said["kind"], item, override=said["override"])


class CodeFormSet(BaseInlineFormSet[MarkingCode, AssemblyTask, CodeForm]):
    """Does what was asked while it is checked, in a savepoint: only so can a refusal become an error beside its field.

    Either all of it is done or nothing; ``save`` has nothing left to do.
    """

    actor: ClassVar[actors.Actor]

    @cached_property
    def items(self) -> list[tuple[str, str]]:
        rows = TaskItem.objects.filter(task=self.instance).order_by("pk")
        return [(str(row.pk), f"{row.article} × {row.quantity}") for row in rows]

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "items": self.items}

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        self._done: tuple[list[MarkingCode], list[MarkingCode]] = ([], [])
        with transaction.atomic():
            refused = [*self._remove(), *self._add()]
            if refused:
                transaction.set_rollback(True)
        texts = [text for text in refused if text]
        if texts:
            raise ValidationError(texts)

    def _remove(self) -> list[str]:
        refused = []
        for form in self.deleted_forms:
            if form.instance.pk:
                try:
                    self._done[1].append(marking.remove_code(form.instance.pk, actor=self.actor))
                except DomainError as error:
                    refused.append(str(error.message))
        return refused

    def _add(self) -> list[str]:
        """Refusals stand at the form; here an empty text only says that there was one."""
        refused = []
        for form in self.forms:
            if form.instance.pk or not form.has_changed() or form in self.deleted_forms:
                continue
            try:
                self._done[0].append(marking.add_or_explain(self.instance.pk, form.entry(), actor=self.actor))
            except DomainError as error:
                form.add_error("value", str(error.message))
                refused.append("")
        return refused

    def save(self, commit: bool = True) -> list[MarkingCode]:
        self.new_objects, self.deleted_objects = self._done
        self.changed_objects: list[Any] = []
        return []


class CodesInline(admin.TabularInline[MarkingCode, AssemblyTask]):
    """Live codes of a task."""

    model = MarkingCode
    form = CodeForm
    formset = CodeFormSet  # type: ignore[assignment]  # the stub knows formsets of its own form only
    extra = 1
    fields = ("item", "unit", "kind", "value", "override", "state", "detail")
    readonly_fields = ("unit", "state", "detail")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MarkingCode]:
        return super().get_queryset(request).filter(state__in=LIVE_CODE_STATES)

    def get_formset(self, request: HttpRequest, obj: AssemblyTask | None = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.actor = actor(request)
        return formset


@admin.register(MarkingCode)
class Codes(Pages[MarkingCode]):
    """All codes, those taken off too. They are changed in their task."""

    list_display = ("id", "kind", "value", "task", "item", "unit", "state", "detail", "created_by", "created_at")
    list_select_related = ("task", "item", "created_by")
    list_filter = ("kind", "state")
    search_fields = ("identity__startswith", "task__external_id__startswith")
    ordering = ("-id",)
