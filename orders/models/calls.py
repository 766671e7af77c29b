"""Calls to buyers."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.enums import CallOutcome


class BuyerCall(models.Model):
    """One call to the buyer of a task, as the person who made it tells. Written by ``services.calls`` only,
    and changed once at most: when its end is told.

    ``seconds``: how long the line was open; None when nobody measured it.
    """

    task = models.ForeignKey("orders.AssemblyTask", models.PROTECT, related_name="calls", verbose_name=_("task"))
    at = models.DateTimeField(_("called"))
    outcome = models.CharField(_("outcome"), max_length=12, choices=CallOutcome.choices)
    seconds = models.PositiveIntegerField(_("seconds"), null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    nonce = models.CharField(_("nonce"), max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("call to a buyer")
        verbose_name_plural = _("calls to buyers")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(outcome__in=CallOutcome.values), name="call_outcome_known"),
            models.UniqueConstraint(fields=["nonce"], condition=~models.Q(nonce=""), name="call_nonce_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["task", "at"], name="call_of_task")]

    def __str__(self) -> str:
        return f"{self.outcome} {self.pk}"
