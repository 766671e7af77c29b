"""Credentials and settings for one marketplace cabinet."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.secrets import EncryptedJSONField
from orders.enums import MarketplaceKind


class MarketplaceAccount(models.Model):
    """Written by ``services.accounts`` (settings, pause) and ``services.sync`` (cursors, health)."""

    kind = models.CharField(_("marketplace"), max_length=32, choices=MarketplaceKind.choices)
    title = models.CharField(_("title"), max_length=120)
    base_url = models.URLField(_("base URL"), max_length=300)
    dialect = models.CharField(_("dialect"), max_length=32, help_text=_("which of the marketplace's APIs is spoken"))
    options = models.JSONField(_("options"), default=dict, blank=True)
    credentials = EncryptedJSONField(verbose_name=_("credentials"), editable=False)
    training = models.BooleanField(
        _("for training"), default=False, help_text=_("its orders are exercises and stand apart; only with a sandbox")
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    paused_reason = models.CharField(_("paused because"), max_length=300, blank=True)
    cursors = models.JSONField(_("cursors"), default=dict, blank=True, editable=False)
    hook_digest = models.CharField(
        _("hash of the notification address"), max_length=64, blank=True, editable=False, db_index=True
    )
    last_ok_at = models.DateTimeField(_("last good sync"), null=True, blank=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=500, blank=True, editable=False)
    last_error_at = models.DateTimeField(_("last error at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("marketplace account")
        verbose_name_plural = _("marketplace accounts")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind__in=MarketplaceKind.values), name="account_kind_known"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> str:
        """``wildberries:1``: how commands and logs name an account."""
        return f"{self.kind}:{self.pk or 'new'}"

    @property
    def active(self) -> bool:
        return self.enabled and not self.paused_reason
