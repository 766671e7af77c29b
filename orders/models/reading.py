"""What is to be read anew, and small lists of a marketplace that are kept here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderToRead(models.Model):
    """An order that somebody said has changed: a notification, or an action of ours. Written by ``services.reread`` only.

    It may be one we do not know yet. The row goes when the order has been read after ``asked_at``.
    """

    account = models.ForeignKey(
        "orders.MarketplaceAccount", models.CASCADE, related_name="to_read", verbose_name=_("account")
    )
    external_id = models.CharField(_("number at the marketplace"), max_length=80)
    asked_at = models.DateTimeField(_("asked"))
    tries = models.PositiveIntegerField(_("tries"), default=0)

    class Meta:
        verbose_name = _("order to read")
        verbose_name_plural = _("orders to read")
        constraints: ClassVar = [models.UniqueConstraint(fields=["account", "external_id"], name="read_once")]
        indexes: ClassVar = [models.Index(fields=["account", "asked_at"], name="read_next")]

    def __str__(self) -> str:
        return self.external_id


class DeliveryServiceName(models.Model):
    """A delivery service of the marketplace that a track number may name. Written by ``services.tracks`` only."""

    account = models.ForeignKey(
        "orders.MarketplaceAccount", models.CASCADE, related_name="+", verbose_name=_("account")
    )
    external_id = models.CharField(_("number at the marketplace"), max_length=40)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        verbose_name = _("delivery service")
        verbose_name_plural = _("delivery services")
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["account", "external_id"], name="service_once")]

    def __str__(self) -> str:
        return self.name
