"""One buyer's purchase at one marketplace."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.fields.json import KT
from django.utils.translation import gettext_lazy as _

from orders.enums import OPEN_STAGES, Stage

#: Our own number of an order, among what else is known of it: matched with what carriers tell.
OWN_NUMBER = KT("data__facts__own_number")


class Order(models.Model):
    """One address, one delivery window. Created by ``services.intake``; ``stage`` follows its tasks (``services.stages``)."""

    account = models.ForeignKey(
        "orders.MarketplaceAccount", models.PROTECT, related_name="orders", verbose_name=_("account")
    )
    external_id = models.CharField(_("number at the marketplace"), max_length=80, db_index=True)
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices, default=Stage.NEW)
    delivery_type = models.CharField(_("delivery"), max_length=32, blank=True)
    window_from = models.DateTimeField(_("delivery from"), null=True, blank=True)
    window_to = models.DateTimeField(_("delivery until"), null=True, blank=True)
    deadline_at = models.DateTimeField(_("deadline"))
    is_business = models.BooleanField(_("business order"), default=False)
    is_test = models.BooleanField(_("test order"), default=False)
    data = models.JSONField(_("other facts"), default=dict, blank=True, help_text=_("nothing personal"))
    created_at = models.DateTimeField(_("ordered"), help_text=_("the marketplace's clock"))
    recorded_at = models.DateTimeField(_("received by us"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions: ClassVar = [("see_buyers", "Can see buyers' personal data")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "external_id"], name="order_once"),
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="order_stage_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="order_newest"),
            models.Index(fields=["updated_at", "id"], name="order_updated"),
            models.Index(fields=["deadline_at", "id"], name="order_deadline"),
            models.Index(fields=["stage", "-created_at", "-id"], name="order_stage_newest"),
            models.Index(
                fields=["stage", "deadline_at", "id"],
                condition=models.Q(stage__in=[s.value for s in OPEN_STAGES]),
                name="order_open",
            ),
            models.Index(OWN_NUMBER, name="order_own_number"),
        ]

    def __str__(self) -> str:
        return self.external_id
