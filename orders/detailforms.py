"""Forms of the actions that change the details of an order. They take what was typed apart; the services judge it.

Each gives with ``wish`` what goes into ``outbox.Wish``: shapes in ``orders.services.sending.details``.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.marketplaces import facts
from orders.models import AssemblyTask, TaskItem
from orders.services.sending import detaildata, details
from orders.widgets import DayInput, Reason, reason_field


@dataclass(frozen=True, slots=True)
class Ground:
    """What a form is built from: the task with its order, its items that are left, reasons and delivery services."""

    task: AssemblyTask
    items: Sequence[TaskItem]
    reasons: Sequence[Reason] = ()
    services: Sequence[tuple[str, str]] = ()

    @property
    def delivery(self) -> facts.DeliveryFacts:
        return facts.of_order(self.task.order.data).delivery


class DetailForm(forms.Form):
    """``rules``: what people read before they fill it in. ``main``: where an error is said that names no field of the form."""

    rules: ClassVar[Sequence[str | Promise]] = ()
    main: ClassVar[str] = ""

    def __init__(self, ground: Ground, *more: Any, **options: Any) -> None:
        super().__init__(*more, **options)
        self.ground = ground
        self.build()

    def build(self) -> None:
        """Fields that depend on the task."""

    def wish(self) -> dict[str, Any]:
        """Parts of the wish; the form is valid."""
        return {"data": dict(self.cleaned_data)}

    @property
    def groups(self) -> list[tuple[str, list[BoundField]]]:
        """Fields under their headings."""
        return [("", self.visible_fields())]

    @property
    def again(self) -> bool:
        """It was not sent to be done but to be drawn anew."""
        return False

    @property
    def kept(self) -> dict[str, str]:
        """What the form has to bring back unseen."""
        return {}

    def tell(self, code: str, text: str | Promise) -> None:
        """Say a refusal where it belongs."""
        field = code.removesuffix("_required")
        place = field if field in self.fields else self.main
        self.add_error(place if place in self.fields else None, str(text))


class MoveDateForm(DetailForm):
    """The day a delivery is moved to, and on whose wish."""

    date = forms.CharField(label=gettext_lazy("New day of delivery"), widget=DayInput)

    def build(self) -> None:
        self.fields["date"].widget.attrs |= {"min": timezone.localdate().isoformat()}
        if self.ground.reasons:
            self.fields["reason"] = reason_field(self.ground.reasons)

    def wish(self) -> dict[str, Any]:
        return {"data": {"date": self.cleaned_data["date"]}, "reason": self.cleaned_data.get("reason", "")}


class StorageForm(DetailForm):
    """Until when the parcel waits at the pick-up point."""

    rules = (gettext_lazy("The marketplace takes this once, and by 30 days at most."),)
    date = forms.CharField(label=gettext_lazy("Keep it until"), widget=DayInput)

    def build(self) -> None:
        known = self.ground.delivery.storage_until
        present = dt.date.fromisoformat(known) if known else timezone.localdate()
        first = max(present, timezone.localdate()) + dt.timedelta(days=1)
        last = present + details.MOST_STORAGE
        self.fields["date"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}


class TrackForm(DetailForm):
    """A number of a parcel and who carries it."""

    track = forms.CharField(label=gettext_lazy("Track number"), max_length=detaildata.LONGEST_TRACK)
    service = forms.ChoiceField(label=gettext_lazy("Delivery service"))

    def build(self) -> None:
        self.fields["track"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        known = list(self.ground.services)
        if known:
            self.fields["service"] = forms.ChoiceField(
                label=self.fields["service"].label, choices=[("", "—"), *known], initial=self.ground.delivery.service_id
            )
            return
        self.fields["service"] = forms.CharField(
            label=gettext_lazy("Number of the delivery service"),
            max_length=18,
            initial=self.ground.delivery.service_id,
            help_text=gettext_lazy("The list of services has not come from the marketplace yet."),
        )


class NumberForm(DetailForm):
    """The order's number in the shop's own system."""

    rules = (gettext_lazy("It can be set once and cannot be changed."),)
    number = forms.CharField(label=gettext_lazy("Our number"), max_length=details.LONGEST_NUMBER)

    def build(self) -> None:
        self.fields["number"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}


class BoxesForm(DetailForm):
    """How many boxes there are and what lies in each. All in one box needs no counts."""

    rules = (gettext_lazy("Everything lies in one box, unless you enter more: then you are asked what lies in which."),)
    main = "many"
    many = forms.IntegerField(
        label=gettext_lazy("Boxes"), min_value=1, max_value=detaildata.MOST_BOXES, initial=1,
    )  # fmt: skip

    def build(self) -> None:
        for box in range(1, self.boxes + 1) if self.boxes > 1 else ():
            for item in self.ground.items:
                self.fields[_place(box, item)] = forms.IntegerField(
                    label=_("%(article)s, of %(count)d") % {"article": item.article, "count": item.quantity},
                    min_value=0,
                    max_value=item.quantity,
                    required=False,
                )

    @property
    def boxes(self) -> int:
        """As many as are asked for."""
        try:
            asked = int(self.data.get("many", 1))
        except ValueError:
            return 1
        return min(max(asked, 1), detaildata.MOST_BOXES)

    @property
    def again(self) -> bool:
        """The number of boxes was changed: their contents have not been asked for yet."""
        return self.boxes > 1 and self.data.get("drawn") != str(self.boxes)

    @property
    def kept(self) -> dict[str, str]:
        return {"drawn": str(self.boxes)}

    @property
    def groups(self) -> list[tuple[str, list[BoundField]]]:
        return [("", [self["many"]]), *self._of_boxes()]

    def _of_boxes(self) -> Iterator[tuple[str, list[BoundField]]]:
        for box in range(1, self.boxes + 1) if self.boxes > 1 else ():
            title = _("Box %(number)d") % {"number": box}
            yield title, [self[_place(box, item)] for item in self.ground.items]

    def wish(self) -> dict[str, Any]:
        if self.boxes == 1:
            return {"data": {"boxes": [[_line(item, item.quantity) for item in self.ground.items]]}}
        return {"data": {"boxes": [self._box(box) for box in range(1, self.boxes + 1)]}}

    def _box(self, box: int) -> list[dict[str, Any]]:
        counts = [(item, self.cleaned_data.get(_place(box, item)) or 0) for item in self.ground.items]
        return [_line(item, count) for item, count in counts if count]


def _place(box: int, item: TaskItem) -> str:
    return f"b{box}_{item.pk}"


def _line(item: TaskItem, count: int) -> dict[str, Any]:
    return {"item": item.external_id, "count": count}


class ItemsForm(DetailForm):
    """How many of each item stay in the order."""

    rules = details.ITEM_RULES
    sure = forms.BooleanField(label=gettext_lazy("Yes, take them out of the order"))

    def build(self) -> None:
        sure = self.fields.pop("sure")
        for item in self.ground.items:
            self.fields[f"stay_{item.pk}"] = forms.IntegerField(
                label=_stays(item), min_value=0, max_value=item.quantity, initial=item.quantity
            )
        if self.ground.reasons:
            self.fields["reason"] = reason_field(self.ground.reasons)
        self.fields["sure"] = sure

    def wish(self) -> dict[str, Any]:
        left = {item.external_id: self.cleaned_data[f"stay_{item.pk}"] for item in self.ground.items}
        return {"data": {"items": left}, "reason": self.cleaned_data.get("reason", "")}


def _stays(item: TaskItem) -> str:
    return _("%(article)s: stay of %(count)d") % {"article": item.article, "count": item.quantity}


class KeysForm(DetailForm):
    """Keys of digital goods, one a line."""

    rules = (gettext_lazy("The buyer gets them at once, and the order is then received. This cannot be taken back."),)
    slip = forms.CharField(
        label=gettext_lazy("How to use the key"),
        max_length=detaildata.LONGEST_SLIP,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    until = forms.CharField(label=gettext_lazy("Can be used until"), widget=DayInput)

    def build(self) -> None:
        tail = {name: self.fields.pop(name) for name in ("slip", "until")}
        for item in self.ground.items:
            rows = forms.Textarea(
                attrs={"rows": min(max(item.quantity, 2), 8), "autocomplete": "off", "spellcheck": "false"}
            )
            self.fields[f"keys_{item.pk}"] = forms.CharField(label=_keys(item), widget=rows)
        self.fields |= tail
        self.fields["until"].widget.attrs |= {"min": timezone.localdate().isoformat()}

    def wish(self) -> dict[str, Any]:
        keys = {item.external_id: self._lines(item) for item in self.ground.items}
        data = {"slip": self.cleaned_data["slip"], "until": self.cleaned_data["until"]}
        return {"data": data, "code": json.dumps(keys, ensure_ascii=False)}

    def _lines(self, item: TaskItem) -> list[str]:
        lines = str(self.cleaned_data[f"keys_{item.pk}"]).splitlines()
        return [line.strip() for line in lines if line.strip()]


def _keys(item: TaskItem) -> str:
    text = ngettext("%(article)s: %(count)d key", "%(article)s: %(count)d keys, one a line", item.quantity)
    return text % {"article": item.article, "count": item.quantity}


#: What a form starts with when the marketplace refused the last one.
def initial(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Fields by name from the payload of an action."""
    data = payload.get("data") or {}
    return {**{name: value for name, value in data.items() if isinstance(value, str)}, **_reason(payload)}


def _reason(payload: Mapping[str, Any]) -> dict[str, str]:
    return {"reason": str(payload["reason"])} if payload.get("reason") else {}
