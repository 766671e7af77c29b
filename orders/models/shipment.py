"""Parcels of orders, what they make us do, and how far that may go by itself."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from carriers.statuses import Finality, TrackingStatus
from orders.enums import ActionKind, ReactionMode, ReactionState

ATTACHED = models.Q(detached_at__isnull=True)


class Shipment(models.Model):
    """A parcel with a carrier and a number, belonging to an order.

    Attached and detached by ``services.shipments``; what its carrier says is written by ``services.tracking`` only.
    ``status`` is the carrier's snapshot, never a rank; ``problem``: why the carrier tells nothing of the number
    (``carriers.types.ProblemKind``). ``final_at``: since when the status is final.
    """

    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="shipments", verbose_name=_("order"))
    carrier_account = models.ForeignKey(
        "carriers.CarrierAccount", models.PROTECT, related_name="+", verbose_name=_("carrier account")
    )
    number = models.CharField(_("number at the carrier"), max_length=80, db_index=True)
    status = models.CharField(
        _("tracking status"), max_length=32, choices=TrackingStatus.choices, default=TrackingStatus.UNKNOWN
    )
    finality = models.CharField(_("finality"), max_length=12, choices=Finality.choices, default=Finality.OPEN)
    needs_look = models.BooleanField(_("needs a look"), default=False)
    raw_status = models.CharField(_("carrier's word"), max_length=80, blank=True)
    raw_title = models.CharField(_("carrier's words for people"), max_length=300, blank=True)
    problem = models.CharField(_("problem"), max_length=12, blank=True)
    problem_detail = models.CharField(_("what the carrier said"), max_length=300, blank=True)
    returned = models.BooleanField(_("on its way back"), null=True, blank=True)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    details = models.JSONField(_("other facts"), default=dict, blank=True, help_text=_("nothing personal"))
    digest = models.CharField(_("hash of what the carrier said"), max_length=32, blank=True, editable=False)
    raw = models.ForeignKey(
        "backoffice.RawPayload", models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("raw payload"),
    )  # fmt: skip
    replaced_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaces", verbose_name=_("replaced by")
    )
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True)
    checked_at = models.DateTimeField(_("asked about"), null=True, blank=True)
    news_at = models.DateTimeField(_("last news"), null=True, blank=True)
    final_at = models.DateTimeField(_("final since"), null=True, blank=True)
    next_poll_at = models.DateTimeField(_("ask next at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    created_at = models.DateTimeField(_("attached"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("attached by"),
    )
    detached_at = models.DateTimeField(_("detached"), null=True, blank=True)
    detach_reason = models.CharField(_("detached because"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["carrier_account", "number"], condition=ATTACHED, name="shipment_once"),
            models.CheckConstraint(condition=models.Q(status__in=TrackingStatus.values), name="shipment_status_known"),
            models.CheckConstraint(condition=models.Q(finality__in=Finality.values), name="shipment_finality_known"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["carrier_account", "next_poll_at", "id"],
                condition=models.Q(next_poll_at__isnull=False),
                name="shipment_due",
            ),
            models.Index(fields=["-created_at", "-id"], name="shipment_newest"),
        ]

    def __str__(self) -> str:
        return self.number


class ReactionRule(models.Model):
    """What a carrier's word may make us do, for one carrier account. Written by ``services.reactions`` only.

    ``grace_minutes``: how long what cannot be taken back waits for a correction. ``cap_per_hour``: more automatic actions than
    that in an hour become suggestions. ``killed``: nothing is done by itself until a person takes it back. ``version``
    grows with each change and stands on each receipt.
    """

    carrier_account = models.OneToOneField(
        "carriers.CarrierAccount", models.CASCADE, primary_key=True, related_name="+", verbose_name=_("carrier account")
    )
    mode = models.CharField(_("mode"), max_length=10, choices=ReactionMode.choices, default=ReactionMode.SUGGEST)
    grace_minutes = models.PositiveIntegerField(_("wait, minutes"), default=30)
    cap_per_hour = models.PositiveIntegerField(_("at most an hour"), default=100)
    killed = models.BooleanField(_("stopped"), default=False)
    rehearsed_at = models.DateTimeField(_("tried on history"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("reaction rule")
        verbose_name_plural = _("reaction rules")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(mode__in=ReactionMode.values), name="reaction_mode_known"),
        ]

    def __str__(self) -> str:
        return f"{self.carrier_account_id} {self.mode}"


class Reaction(models.Model):
    """What followed from a carrier's word: the receipt of a suggestion or of an automatic action. Written by ``services.reactions``.

    Once a shipment, task, status and kind. ``inputs``: what the rule looked at; ``entries``: ids of the timeline entries it rests on.
    ``due_at``: until then it waits for a correction, and a person may stop it.
    """

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="reactions", verbose_name=_("shipment"))
    task = models.ForeignKey("orders.AssemblyTask", models.PROTECT, related_name="reactions", verbose_name=_("task"))
    status = models.CharField(_("tracking status"), max_length=32, choices=TrackingStatus.choices)
    kind = models.CharField(_("action"), max_length=16, choices=ActionKind.choices)
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    date = models.DateField(_("day"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=ReactionState.choices)
    mode = models.CharField(_("mode"), max_length=10, choices=ReactionMode.choices)
    rule_version = models.PositiveIntegerField(_("version of the rule"))
    inputs = models.JSONField(_("inputs"), default=dict, help_text=_("nothing personal"))
    entries = models.JSONField(_("rests on"), default=list)
    due_at = models.DateTimeField(_("acts at"), null=True, blank=True)
    action = models.ForeignKey(
        "orders.MarketplaceAction", models.SET_NULL, null=True, blank=True, related_name="reactions",
        verbose_name=_("action sent"),
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shipment", "task", "status", "kind"], name="reaction_once"),
            models.CheckConstraint(condition=models.Q(state__in=ReactionState.values), name="reaction_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at", "id"], condition=models.Q(state="waiting"), name="reaction_due"),
            models.Index(fields=["decided_at"], condition=models.Q(state="acted"), name="reaction_acted"),
            models.Index(
                fields=["task", "state"], condition=models.Q(state__in=["suggested", "waiting"]), name="reaction_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
