"""Forms of the warehouse pages. They take what was typed apart; what is allowed is decided by the services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters as filters
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxValueValidator, ProhibitNullCharactersValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.text import whole
from carriers.models import CarrierAccount
from orders.enums import CallOutcome, ReactionMode
from orders.filters import OrderFilter, TaskFilter
from orders.marketplaces import registry
from orders.models import AssemblyTask
from orders.queries.board import Board
from orders.services.reacting import rules
from orders.widgets import DayInput, Radios, Reason, reason_field

#: A hundred thousand lines take less.
MOST_BYTES = 20 * 1024 * 1024
#: What a column of ids can hold.
LARGEST_ID = 2**63 - 1
#: Values and their words.
Choices = list[tuple[str, str]]


class RawField(forms.CharField):
    """What a scanner sent, untouched: control characters are part of a code, and a bad one is answered, not dropped."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)
        self.validators = [each for each in self.validators if not isinstance(each, ProhibitNullCharactersValidator)]


class ScanForm(forms.Form):
    """One scan. ``again`` is the id of a scan to be taken in spite of its warning."""

    raw = RawField(required=False)
    nonce = forms.CharField(required=False, max_length=64)
    kind = forms.CharField(required=False, max_length=16)
    item = forms.IntegerField(required=False, min_value=1)
    again = forms.IntegerField(required=False, min_value=1)
    country = forms.CharField(required=False, max_length=3)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("raw") and not data.get("again"):
            self.add_error("raw", _("Nothing was read. Scan again."))
        return data


class AnyScanForm(forms.Form):
    """One scan made anywhere. ``keys``: what its keys give in the layout scanners are made for; ``at``: its browser's clock, ms."""

    raw = RawField(required=False)
    keys = RawField(required=False)
    nonce = forms.CharField(max_length=64)
    at = forms.IntegerField(required=False, min_value=1, max_value=2**53)
    task = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    wave = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    again = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("raw") and not data.get("again"):
            self.add_error("raw", _("Nothing was read. Scan again."))
        return data


class CodeForm(forms.Form):
    """A code to be looked up, as a scanner sends it."""

    code = RawField(max_length=600)


class UndoForm(forms.Form):
    """Which scan is to be taken back; the last one when it is left out."""

    scan = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    nonce = forms.CharField(max_length=64)


class EntryForm(forms.Form):
    """A code typed in by hand: which kind, which item, what. ``example``: how Russia is written, where a country goes with it."""

    raw = RawField(label=_("Code"), max_length=600)
    kind = forms.ChoiceField(label=_("Kind of code"), required=False)
    item = forms.ChoiceField(label=_("Item"), required=False)
    country = forms.CharField(label=_("Country of origin"), required=False, max_length=3)

    def __init__(self, kinds: Choices, items: Choices, *, example: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.fields["raw"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false", "autofocus": True}
        for name, choices in (("kind", kinds), ("item", items)):
            known = choices if len(choices) == 1 else [("", _("find by the code")), *choices]
            only = forms.HiddenInput() if len(choices) <= 1 else None
            label = self.fields[name].label
            self.fields[name] = forms.ChoiceField(label=label, required=False, choices=known, widget=only)
            if len(choices) == 1:
                self.initial[name] = choices[0][0]
        if example:
            self.fields["country"].help_text = _("E.g. %(example)s for Russia.") % {"example": example}
        else:
            del self.fields["country"]


class ActForm(forms.Form):
    """One request to the marketplace. ``seen``: the stage the page showed; ``nonce`` makes the same form one request."""

    kind = forms.CharField(max_length=16)
    seen = forms.CharField(max_length=20, required=False)
    nonce = forms.CharField(max_length=64, required=False)
    reason = forms.CharField(max_length=200, required=False)
    code = forms.CharField(max_length=64, required=False)
    date = forms.CharField(max_length=10, required=False)

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).split())


class DeskForm(forms.Form):
    """What is looked for at the desk: typed or scanned, as it is."""

    find = RawField(max_length=600, required=False)


class CallForm(forms.Form):
    """A call to the buyer made just now. ``nonce`` makes a button pressed twice one call."""

    outcome = forms.ChoiceField(choices=CallOutcome.choices)
    nonce = forms.CharField(max_length=64, required=False)


class FindForm(forms.Form):
    """An order to be looked for at the marketplace of an account."""

    account = forms.IntegerField(min_value=1)
    number = forms.CharField(max_length=80)


class AttachForm(forms.Form):
    """A parcel's number and who carries it. Without a carrier the number decides, where only one of them writes it so.

    Without a number the carrier is asked for parcels of the order; ``ask`` means that, and the only carrier is meant by it.
    """

    ask = forms.BooleanField(required=False, widget=forms.HiddenInput)

    number = forms.CharField(
        label=_("Number of the parcel"),
        max_length=80,
        required=False,
        help_text=_("Leave it empty, and the carrier is asked for the order's own number."),
    )
    account = forms.TypedChoiceField(label=_("Carrier"), required=False, coerce=int, empty_value=None)

    def __init__(self, accounts: Sequence[CarrierAccount], *more: Any, **options: Any) -> None:
        super().__init__(*more, **options)
        self.known = [account.pk for account in accounts]
        self.has_accounts = bool(accounts)
        choices = [(str(account.pk), f"{account.get_kind_display()} · {account.title}") for account in accounts]
        one = len(choices) == 1
        known = choices if one else [("", _("by the number")), *choices]
        self.fields["account"].widget.choices = self.fields["account"].choices = known  # type: ignore[attr-defined]  # of choices
        self.fields["number"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("number") or data.get("account") or self.errors:
            return data
        if data.get("ask") and len(self.known) == 1:
            data["account"] = self.known[0]
        elif data.get("ask") and self.known:
            self.add_error("account", _("Choose the carrier to ask."))
        else:
            self.add_error("number", _("Enter the number, or choose the carrier to ask."))
        return data


class ReplaceForm(forms.Form):
    """The number that takes the place of another."""

    number = forms.CharField(label=_("New number"), max_length=80)

    def __init__(self, *more: Any, **options: Any) -> None:
        super().__init__(*more, **options)
        self.fields["number"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}


class DetachForm(forms.Form):
    """Why a parcel is taken off its order."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class DismissForm(forms.Form):
    """Why a suggestion does not fit."""

    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class RuleForm(forms.Form):
    """How far what a carrier says may go by itself. ``locked``: it has not been tried on history lately."""

    mode = forms.ChoiceField(label=_("What is done with it"), choices=ReactionMode.choices)
    grace_minutes = forms.IntegerField(
        label=_("Wait before what cannot be taken back, minutes"), min_value=0, max_value=rules.MOST_GRACE
    )
    cap_per_hour = forms.IntegerField(label=_("At most an hour by itself"), min_value=0, max_value=rules.MOST_AN_HOUR)

    def __init__(self, *more: Any, locked: bool = False, **options: Any) -> None:
        super().__init__(*more, **options)
        if locked:
            why = _("Try it on history first: the result of the last seven days counts.")
            self.fields["mode"].widget = Radios({ReactionMode.AUTOMATIC.value: str(why)})
        else:
            self.fields["mode"].widget = Radios({})
        self.fields["mode"].widget.choices = ReactionMode.choices

    def field_of(self, code: str) -> str:
        """The field a refusal of the service belongs to."""
        return {"grace": "grace_minutes", "cap": "cap_per_hour"}.get(code, "mode")


class ImportForm(forms.Form):
    """A file of parcels' numbers."""

    file = forms.FileField(
        label=_("File, CSV or XLSX"), widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"})
    )

    def clean_file(self) -> UploadedFile[Any]:
        chosen: UploadedFile[Any] = self.cleaned_data["file"]
        if (chosen.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("The file is too large. Split it into smaller ones."))
        return chosen


class StepForm(forms.Form):
    """What a question asks besides "yes": a reason, or the day something really happened."""

    date = forms.CharField(label=_("Delivered on another day"), required=False, widget=DayInput)

    def __init__(self, reasons: Sequence[Reason], days: tuple[str, str] | None, **options: Any) -> None:
        """``days``: the first and the last one that may be chosen, None without a day."""
        super().__init__(**options)
        if reasons:
            self.fields["reason"] = reason_field(reasons)
        if days:
            self.fields["date"].widget.attrs |= {"min": days[0], "max": days[1]}
            self.fields["date"].help_text = _("Leave it empty when it was today.")
        else:
            del self.fields["date"]


class NumbersField(forms.TypedMultipleChoiceField):
    """Ids that only have to be numbers here: which of them exist is known to the service."""

    def valid_value(self, value: Any) -> bool:
        return whole(str(value)) is not None


class ManyForm(forms.Form):
    """Tasks chosen in the queue, and what to do with them."""

    kind = forms.CharField(max_length=16)
    task = NumbersField(coerce=int, required=False)


class NoteForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class IdFilter(filters.NumberFilter):  # type: ignore[misc]  # django-filter has no types
    """The id of a row; a number that no id can be is ignored, as anything else that makes no sense."""

    def get_max_validator(self) -> MaxValueValidator:
        return MaxValueValidator(LARGEST_ID)


class QueueFilter(TaskFilter):
    """The filters of the queue. Accounts are known to the page already, so none of them costs a statement."""

    account = IdFilter("account_id", label=_("Account"))
    delivery = filters.ChoiceFilter("delivery_type", label=_("Delivery"), choices=())
    mine = filters.BooleanFilter(method="of_me", label=_("Mine"), widget=forms.CheckboxInput)
    person = IdFilter("assignee_id", label=_("Person"))
    stage = None
    has_attention = None

    def __init__(self, *args: Any, board: Board, **options: Any) -> None:
        super().__init__(*args, **options)
        self.filters["delivery"].extra["choices"] = delivery_choices(board)

    def of_me(self, rows: QuerySet[AssemblyTask], _name: str, value: bool) -> QuerySet[AssemblyTask]:
        return rows.filter(assignee_id=self.request.user.pk) if value and self.request else rows


class OrdersFilter(OrderFilter):
    """The filters of the order list."""

    account = IdFilter("account_id", label=_("Account"))


def delivery_choices(board: Board) -> list[tuple[str, str]]:
    """Ways of delivery of the connected marketplaces, in words."""
    found: dict[str, str] = {}
    for account in board.shops:
        offer = board.offer(account.pk)
        for value in offer.delivery_types if offer else ():
            found[value] = registry.word_name(account.kind, "deliveryType", value)
    return list(found.items())
