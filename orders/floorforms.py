"""Forms of the floor: which tasks a wave takes, and what is missing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.enums import ShortageReason
from orders.services.warehouse import shortages, waves
from orders.widgets import Radios

#: What fits on a small trolley.
USUAL = 5
Choices = list[tuple[str, str]]


class WaveForm(forms.Form):
    """How many tasks, and which."""

    count = forms.IntegerField(label=_("How many tasks"), min_value=1, max_value=waves.MOST, initial=USUAL)
    account = forms.ChoiceField(label=_("Shop"), required=False)
    delivery = forms.ChoiceField(label=_("Delivery"), required=False)
    single = forms.BooleanField(label=_("Orders of one article first"), required=False)

    def __init__(self, shops: Choices, deliveries: Choices, *more: Any, **options: Any) -> None:
        super().__init__(*more, **options)
        self._offer("account", [("", _("All shops")), *shops])
        self._offer("delivery", [("", _("Any delivery")), *deliveries])

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
        if len(choices) < 3:  # there is nothing to choose
            self.fields.pop(name)

    def choice(self) -> waves.Choice:
        """The form is valid."""
        data = self.cleaned_data
        account = data.get("account")
        return waves.Choice(int(account) if account else None, data.get("delivery") or "", data["single"])


class AddForm(forms.Form):
    """A task by its number, or what a scanner reads off its sheet."""

    number = forms.CharField(max_length=80)


class MissingForm(forms.Form):
    """How many units are missing, why, and a word for whoever settles it."""

    quantity = forms.IntegerField(label=_("Units missing"), min_value=1)
    reason = forms.ChoiceField(label=_("Reason"), choices=ShortageReason.choices, widget=Radios({}))
    note = forms.CharField(label=_("Note"), max_length=shortages.LONGEST_NOTE, required=False)

    def __init__(self, most: int, *more: Any, **options: Any) -> None:
        super().__init__(*more, **options)
        self.fields["quantity"].widget.attrs |= {"max": most, "inputmode": "numeric"}
        self.fields["note"].widget.attrs |= {"autocomplete": "off"}

    def report(self) -> shortages.Report:
        """The form is valid."""
        data = self.cleaned_data
        return shortages.Report(data["quantity"], data["reason"], data["note"].strip())

    def tell(self, code: str, text: Any) -> None:
        """Say a refusal where it belongs."""
        self.add_error(code if code in self.fields else None, str(text))
