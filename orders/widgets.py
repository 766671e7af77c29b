"""Controls of forms that Django does not bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason of an action: its raw word, the same for people, and why it cannot be given yet."""

    value: str
    word: str
    why_not: str = ""


class Radios(forms.RadioSelect):
    """Choices one under the other; one in ``off`` (value → why) cannot be chosen and says so."""

    def __init__(self, off: Mapping[str, str]) -> None:
        super().__init__()
        self.off = off

    def create_option(self, name: str, value: Any, *more: Any, **options: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *more, **options)
        why = self.off.get(str(value), "")
        if why:
            option["attrs"] |= {"disabled": True}
        return option | {"why": why}


class DayInput(forms.DateInput):
    """A calendar of the browser: it takes and gives ISO dates, whatever the language of the page."""

    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


def reason_field(reasons: Sequence[Reason]) -> forms.ChoiceField:
    """A field of reasons; those that cannot be given yet are off."""
    off = {reason.value: reason.why_not for reason in reasons if reason.why_not}
    return forms.ChoiceField(
        label=_("Reason"), choices=[(reason.value, reason.word) for reason in reasons], widget=Radios(off)
    )
