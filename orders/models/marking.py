"""Identifiers of single units, and every attempt to read one."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.codes import UNIT_KINDS
from orders.enums import LIVE_CODE_STATES, CodeKind, CodeState, ScanOutcome


class MarkingCode(models.Model):
    """One code on one unit. Written by ``services.marking`` only. ``echo``: the code as the marketplace keeps it.

    ``identity`` is what makes two scans the same code (``orders.codes.identity``); one live row of a unit kind may hold it.
    """

    task = models.ForeignKey("orders.AssemblyTask", models.PROTECT, related_name="codes", verbose_name=_("task"))
    item = models.ForeignKey("orders.TaskItem", models.PROTECT, related_name="codes", verbose_name=_("item"))
    unit = models.PositiveIntegerField(_("unit"), default=1)
    kind = models.CharField(_("kind"), max_length=8, choices=CodeKind.choices)
    value = models.CharField(_("value"), max_length=512)
    identity = models.CharField(_("identity"), max_length=512, editable=False)
    country = models.CharField(_("country"), max_length=3, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=CodeState.choices, default=CodeState.PENDING)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    echo = models.JSONField(_("as the marketplace keeps it"), default=dict, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )
    created_at = models.DateTimeField(_("scanned"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("marking code")
        verbose_name_plural = _("marking codes")
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["identity", "-id"], name="code_identity")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "identity"],
                condition=models.Q(state__in=[s.value for s in LIVE_CODE_STATES], kind__in=sorted(UNIT_KINDS)),
                name="code_live_once",
            ),
            models.UniqueConstraint(
                fields=["item", "unit", "kind"],
                condition=models.Q(state__in=[s.value for s in LIVE_CODE_STATES]),
                name="code_unit_once",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=CodeKind.values), name="code_kind_known"),
            models.CheckConstraint(condition=models.Q(unit__gt=0), name="code_unit_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Scan(models.Model):
    """One attempt to read something, good or bad; every one is kept. Written by ``services.marking`` only."""

    task = models.ForeignKey(
        "orders.AssemblyTask", models.PROTECT, null=True, blank=True, related_name="scans", verbose_name=_("task")
    )
    code = models.ForeignKey(
        MarkingCode, models.SET_NULL, null=True, blank=True, related_name="scans", verbose_name=_("marking code")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    raw = models.CharField(_("raw"), max_length=600)
    kind = models.CharField(_("kind"), max_length=16, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=ScanOutcome.choices)
    reason = models.CharField(_("reason"), max_length=64, blank=True)
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    nonce = models.CharField(
        _("nonce"), max_length=64, blank=True, help_text=_("the same form posted twice is one scan")
    )
    scanned_at = models.DateTimeField(_("scanned"), auto_now_add=True)
    effect = models.CharField(
        _("did"), max_length=16, blank=True, help_text=_("what it changed, and undoing takes back")
    )
    station = models.CharField(_("station"), max_length=40, blank=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("undone by")
    )

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["nonce"], condition=~models.Q(nonce=""), name="scan_nonce_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-scanned_at", "-id"], name="scan_newest"),
            models.Index(fields=["user", "-scanned_at", "-id"], name="scan_of_user"),
            models.Index(
                fields=["-scanned_at", "-id"],
                condition=models.Q(outcome=ScanOutcome.REFUSED.value),
                name="scan_refused",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.pk}"
