"""Shapes of the API: what comes in is checked by them, what goes out is described by them (``queries.api`` makes it)."""

from __future__ import annotations

import json
from typing import Any

from drf_standardized_errors.openapi_serializers import ClientErrorEnum, ValidationErrorEnum
from rest_framework import serializers

from carriers.enums import CarrierKind
from carriers.statuses import Finality, TrackingStatus
from orders.enums import (
    DETAIL_ACTIONS,
    TASK_ACTIONS,
    ActionKind,
    ActionState,
    AttentionKind,
    CodeKind,
    CodeState,
    EntryKind,
    MarketplaceKind,
    ReactionMode,
    ReactionState,
    Severity,
    Source,
    Stage,
)

ACTION_CHOICES = [(kind.value, kind.label) for kind in (*TASK_ACTIONS, *DETAIL_ACTIONS)]
Shape = serializers.Serializer[Any]


class KindsField(serializers.ListField):
    """Kinds of marking codes."""

    child = serializers.ChoiceField(CodeKind.choices)


class OrderRefSerializer(Shape):
    """The order of a task."""

    id = serializers.IntegerField()
    external_id = serializers.CharField(help_text="number at the marketplace")
    marketplace = serializers.ChoiceField(MarketplaceKind.choices)
    account = serializers.IntegerField()


class ItemSerializer(Shape):
    id = serializers.IntegerField()
    external_id = serializers.CharField(allow_blank=True)
    article = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    barcodes = serializers.ListField(child=serializers.CharField())
    quantity = serializers.IntegerField(min_value=0, help_text="0: taken out of the order")
    price = serializers.DecimalField(max_digits=14, decimal_places=2)
    currency = serializers.CharField(help_text="ISO 4217")
    code_kinds = KindsField(allow_null=True, help_text="kinds of codes it takes; null: those of the task")
    required_kinds = KindsField(
        allow_null=True, help_text="kinds each unit needs; null: as the marketplace tells of the task"
    )


class CodeSerializer(Shape):
    id = serializers.IntegerField()
    item = serializers.IntegerField()
    unit = serializers.IntegerField(min_value=1, help_text="which piece of the item, from 1")
    kind = serializers.ChoiceField(CodeKind.choices)
    value = serializers.CharField(help_text="whole, with its GS separators (U+001D)")
    state = serializers.ChoiceField(CodeState.choices)
    detail = serializers.CharField(allow_blank=True, help_text="what the marketplace said of it")


class TaskSerializer(Shape):
    id = serializers.IntegerField()
    order = OrderRefSerializer()
    external_id = serializers.CharField()
    stage = serializers.ChoiceField(Stage.choices)
    marketplace_status = serializers.DictField(
        child=serializers.CharField(allow_blank=True), help_text="the marketplace's own words"
    )
    items = ItemSerializer(many=True)
    code_kinds = serializers.ListField(child=serializers.ChoiceField(CodeKind.choices))
    codes = CodeSerializer(many=True)
    allowed_actions = serializers.ListField(child=serializers.ChoiceField(ACTION_CHOICES))
    cancel_requested_at = serializers.DateTimeField(allow_null=True, help_text="the buyer wants to cancel since")
    assignee = serializers.CharField(allow_null=True, help_text="sign-in name of who assembles it")
    deadline_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField(help_text="the marketplace's clock")
    updated_at = serializers.DateTimeField()


class AddressSerializer(Shape):
    full = serializers.CharField()
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)


class AttentionSerializer(Shape):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(AttentionKind.choices)
    severity = serializers.ChoiceField(Severity.choices)
    title = serializers.CharField()
    todo = serializers.CharField(allow_blank=True)
    account = serializers.IntegerField(allow_null=True)
    order = serializers.IntegerField(allow_null=True)
    task = serializers.IntegerField(allow_null=True)
    shipment = serializers.IntegerField(allow_null=True)
    carrier_account = serializers.IntegerField(allow_null=True)
    count = serializers.IntegerField(help_text="how often it was raised while open")
    opened_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    assignee = serializers.IntegerField(allow_null=True, help_text="id of the user who sees to it")
    snoozed_until = serializers.DateTimeField(allow_null=True, help_text="put off until then; over when it is past")
    resolved_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_blank=True)


class ShipmentSerializer(Shape):
    """A parcel with a carrier."""

    id = serializers.IntegerField()
    order = serializers.IntegerField()
    carrier = serializers.ChoiceField(CarrierKind.choices)
    carrier_account = serializers.IntegerField()
    number = serializers.CharField(help_text="as the carrier writes it")
    status = serializers.ChoiceField(TrackingStatus.choices)
    finality = serializers.ChoiceField(Finality.choices, help_text="only what is final makes a marketplace act")
    raw_status = serializers.CharField(allow_blank=True, help_text="the carrier's own word")
    raw_title = serializers.CharField(allow_blank=True, help_text="the carrier's words for people")
    checked_at = serializers.DateTimeField(allow_null=True, help_text="when the carrier was last asked")
    changed_at = serializers.DateTimeField(allow_null=True, help_text="since when the status stands, by our clock")


class OrderSerializer(Shape):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    marketplace = serializers.ChoiceField(MarketplaceKind.choices)
    account = serializers.IntegerField()
    stage = serializers.ChoiceField(Stage.choices)
    address = AddressSerializer(allow_null=True, help_text="null without the right to see buyers")
    comment = serializers.CharField(allow_null=True, help_text="null without the right to see buyers")
    deadline_at = serializers.DateTimeField()
    tasks = TaskSerializer(many=True)
    shipments = ShipmentSerializer(many=True)
    attention = AttentionSerializer(many=True)
    is_test = serializers.BooleanField(help_text="made to try things out; left out of lists unless test=true")
    facts = serializers.DictField(
        help_text="what else the marketplace tells: payment, totals, delivery; nothing personal"
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ActionErrorSerializer(Shape):
    code = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True, help_text="the marketplace's own words")


class ActionSerializer(Shape):
    id = serializers.IntegerField()
    task = serializers.IntegerField()
    kind = serializers.ChoiceField(ActionKind.choices)
    state = serializers.ChoiceField(ActionState.choices)
    attempts = serializers.IntegerField()
    error = ActionErrorSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class EntrySerializer(Shape):
    id = serializers.IntegerField()
    task = serializers.IntegerField(allow_null=True)
    shipment = serializers.IntegerField(allow_null=True)
    source = serializers.ChoiceField(Source.choices)  # type: ignore[assignment]  # a field, not the argument of one
    kind = serializers.ChoiceField(EntryKind.choices)
    code = serializers.CharField(allow_blank=True, help_text="the raw word")
    status = serializers.CharField(allow_blank=True)
    title = serializers.CharField()
    happened_at = serializers.DateTimeField(help_text="the source's clock")
    recorded_at = serializers.DateTimeField(help_text="our clock")
    actor = serializers.CharField(allow_null=True, help_text="sign-in name")
    correction = serializers.BooleanField()


class ReactionSerializer(Shape):
    """What followed from a carrier's word: suggested, or done by itself."""

    id = serializers.IntegerField()
    order = serializers.IntegerField()
    task = serializers.IntegerField()
    shipment = serializers.IntegerField()
    status = serializers.ChoiceField(
        TrackingStatus.choices, help_text="the word of the carrier that it follows from, as ours"
    )
    action_kind = serializers.ChoiceField(ACTION_CHOICES, help_text="what is asked of the marketplace")
    reason = serializers.CharField(allow_blank=True, help_text="that would be told to the marketplace")
    date = serializers.DateField(allow_null=True)
    state = serializers.ChoiceField(ReactionState.choices)
    mode = serializers.ChoiceField(ReactionMode.choices, help_text="of the rule then")
    rule_version = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True, help_text="why it is left to a person, or was not done")
    due_at = serializers.DateTimeField(allow_null=True, help_text="until then it waits for a correction")
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(allow_null=True, help_text="sign-in name")


class ReceiptEntrySerializer(Shape):
    """An entry of the timeline, in short."""

    id = serializers.IntegerField()
    source = serializers.ChoiceField(Source.choices)  # type: ignore[assignment]  # a field, not the argument of one
    kind = serializers.ChoiceField(EntryKind.choices)
    code = serializers.CharField(allow_blank=True)
    status = serializers.CharField(allow_blank=True)
    happened_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    correction = serializers.BooleanField()


class ReceiptActionSerializer(Shape):
    """What was sent."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(ActionKind.choices)
    state = serializers.ChoiceField(ActionState.choices)


class ReceiptSerializer(ReactionSerializer):
    """Why something was suggested, or done by itself, and what came of it."""

    inputs = serializers.DictField(help_text="what the rule looked at; nothing personal")
    entries = ReceiptEntrySerializer(many=True, help_text="the carrier's words it rests on")
    story = ReceiptEntrySerializer(many=True, help_text="what became of it, the oldest first")
    action = ReceiptActionSerializer(allow_null=True, help_text="null where nothing was sent")


class TakeSerializer(Shape):
    code = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=64, help_text="the buyer's, where the action needs it"
    )


class DismissSerializer(Shape):
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)


class ErrorSerializer(Shape):
    code = serializers.CharField()
    detail = serializers.CharField(help_text="in the language of the request")
    attr = serializers.CharField(allow_null=True)


class ConflictSerializer(Shape):
    type = serializers.ChoiceField(ClientErrorEnum.choices)
    errors = ErrorSerializer(many=True)  # type: ignore[assignment]  # fields are taken out of the class when it is made


class UnprocessableSerializer(Shape):
    type = serializers.ChoiceField(ValidationErrorEnum.choices)
    errors = ErrorSerializer(many=True)  # type: ignore[assignment]  # fields are taken out of the class when it is made


class WishSerializer(Shape):
    """What is asked of the marketplace."""

    kind = serializers.ChoiceField(ACTION_CHOICES)
    code = serializers.CharField(required=False, default="", allow_blank=True, max_length=32, help_text="the buyer's")
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    date = serializers.DateField(required=False, allow_null=True, default=None)
    data = serializers.DictField(  # type: ignore[assignment]  # fields are taken out of the class when it is made
        required=False,
        default=dict,
        help_text="of a detail action: items by the marketplace's id, dates ISO. move_date, extend_storage {date} · "
        "send_track {track, service} · set_number {number} · set_boxes {boxes: [[{item, count}]]} · "
        "change_items {items: {item: count that stays}} · give_digital {keys: {item: [key]}, slip, until}",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Digital keys travel as the buyer's code does: kept encrypted until they are sent."""
        data = dict(attrs["data"])
        keys = data.pop("keys", None)
        code = json.dumps(keys, ensure_ascii=False) if keys is not None else attrs["code"]
        return {**attrs, "data": data, "code": code}


class NewCodeSerializer(Shape):
    """``item`` and ``kind`` are found from the value when left out; ``override`` accepts a warning (a check digit)."""

    item = serializers.IntegerField(required=False, allow_null=True, default=None)
    kind = serializers.ChoiceField(CodeKind.choices, required=False, allow_blank=True, default="")
    value = serializers.CharField(trim_whitespace=False, allow_blank=True, help_text="as scanned; keep U+001D")
    country = serializers.CharField(required=False, default="", allow_blank=True, max_length=3)
    override = serializers.BooleanField(required=False, default=False)


class NewShipmentSerializer(Shape):
    order = serializers.IntegerField(max_value=2**63 - 1)
    carrier_account = serializers.IntegerField(max_value=2**63 - 1)
    number = serializers.CharField(max_length=300, help_text="as it stands on the parcel")


class DetachSerializer(Shape):
    reason = serializers.CharField(max_length=200)


class ResolutionSerializer(Shape):
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)
