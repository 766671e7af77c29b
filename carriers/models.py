"""Credentials and settings for one carrier contract."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.secrets import EncryptedJSONField

from .enums import CarrierKind


class CarrierAccount(models.Model):
    """Written by ``carriers.services`` only."""

    kind = models.CharField(_("carrier"), max_length=32, choices=CarrierKind.choices)
    title = models.CharField(_("title"), max_length=120)
    base_url = models.URLField(_("base URL"), max_length=300)
    dialect = models.CharField(_("dialect"), max_length=32, help_text=_("which of the carrier's formats is spoken"))
    options = models.JSONField(_("options"), default=dict, blank=True)
    credentials = EncryptedJSONField(verbose_name=_("credentials"), editable=False)
    training = models.BooleanField(
        _("for training"), default=False, help_text=_("its parcels are exercises; only with a sandbox")
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    paused_reason = models.CharField(_("paused because"), max_length=300, blank=True)
    cursors = models.JSONField(_("cursors"), default=dict, blank=True, editable=False)
    last_ok_at = models.DateTimeField(_("last good call"), null=True, blank=True, editable=False)
    last_news_at = models.DateTimeField(_("last news"), null=True, blank=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=500, blank=True, editable=False)
    last_error_at = models.DateTimeField(_("last error at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("carrier account")
        verbose_name_plural = _("carrier accounts")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind__in=CarrierKind.values), name="carrier_kind_known"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> str:
        """``measoft:1``: how commands and logs name an account."""
        return f"{self.kind}:{self.pk or 'new'}"

    @property
    def active(self) -> bool:
        return self.enabled and not self.paused_reason
