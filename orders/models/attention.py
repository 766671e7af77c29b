"""An open question for a person."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.enums import AttentionKind, Severity


class Attention(models.Model):
    """Written by ``services.attention`` only. ``key`` tells the question apart: one open row per key."""

    kind = models.CharField(_("kind"), max_length=24, choices=AttentionKind.choices)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity.choices, default=Severity.WARNING)
    key = models.CharField(_("key"), max_length=160, editable=False)
    account = models.ForeignKey(
        "orders.MarketplaceAccount",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="attention",
        verbose_name=_("account"),
    )
    order = models.ForeignKey(
        "orders.Order", models.CASCADE, null=True, blank=True, related_name="attention", verbose_name=_("order")
    )
    task = models.ForeignKey(
        "orders.AssemblyTask", models.CASCADE, null=True, blank=True, related_name="attention", verbose_name=_("task")
    )
    shipment = models.ForeignKey(
        "orders.Shipment", models.CASCADE, null=True, blank=True, related_name="attention", verbose_name=_("shipment")
    )
    carrier_account = models.ForeignKey(
        "carriers.CarrierAccount", models.CASCADE, null=True, blank=True, related_name="+",
        verbose_name=_("carrier account"),
    )  # fmt: skip
    payload = models.ForeignKey(
        "backoffice.RawPayload", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("raw payload")
    )
    facts = models.JSONField(_("facts"), default=dict, blank=True, help_text=_("nothing personal"))
    count = models.PositiveIntegerField(_("times"), default=1)
    opened_at = models.DateTimeField(_("opened"))
    last_seen_at = models.DateTimeField(_("last seen"))
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("handled by")
    )
    snoozed_until = models.DateTimeField(_("put off until"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("resolved by"),
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("attention")
        verbose_name_plural = _("attention")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(resolved_at__isnull=True), name="attention_open_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["severity", "-opened_at", "id"],
                condition=models.Q(resolved_at__isnull=True),
                name="attention_open",
            ),
            models.Index(fields=["-opened_at", "-id"], name="attention_newest"),
            models.Index(fields=["key"], name="attention_key"),  # what was asked once and is not asked again
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
