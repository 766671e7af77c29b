"""What happens on the warehouse floor: waves, picked units, shortages, shifts, badges, and which barcode is which article's."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.enums import ShortageReason


class Wave(models.Model):
    """Tasks that one person assembles together; they point at it. Written by ``services.waves`` and ``services.endings``."""

    picker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picker")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    #: Ids of the tasks in the order in which they came: where one stands is its number, also after another has left.
    slots = models.JSONField(_("places"), default=list, blank=True)

    class Meta:
        verbose_name = _("wave")
        verbose_name_plural = _("waves")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["picker"], condition=models.Q(closed_at__isnull=True), name="wave_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Pick(models.Model):
    """One unit of an item that was taken off the shelf and verified by its barcode. Written by ``services.picking`` only.

    Taking it back is a fact too: the row stays, with the time it was undone.
    """

    item = models.ForeignKey("orders.TaskItem", models.CASCADE, related_name="picks", verbose_name=_("item"))
    unit = models.PositiveIntegerField(_("unit"))
    scan = models.ForeignKey(
        "orders.Scan", models.SET_NULL, null=True, blank=True, related_name="picks", verbose_name=_("scan")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    picked_at = models.DateTimeField(_("picked"), default=timezone.now)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        verbose_name = _("picked unit")
        verbose_name_plural = _("picked units")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item", "unit"], condition=models.Q(undone_at__isnull=True), name="pick_unit_once"
            ),
            models.CheckConstraint(condition=models.Q(unit__gt=0), name="pick_unit_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.unit}"


class Shortage(models.Model):
    """Units of an item that could not be found or sold; one open row an item.

    Written by ``services.shortages``, settled by ``services.endings``.
    """

    item = models.ForeignKey("orders.TaskItem", models.CASCADE, related_name="shortages", verbose_name=_("item"))
    quantity = models.PositiveIntegerField(_("units missing"), default=1)
    reason = models.CharField(_("reason"), max_length=16, choices=ShortageReason.choices)
    note = models.CharField(_("note"), max_length=300, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reported by"),
    )
    reported_at = models.DateTimeField(_("reported"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("settled by")
    )

    class Meta:
        verbose_name = _("shortage")
        verbose_name_plural = _("shortages")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(settled_at__isnull=True), name="shortage_open_once"
            ),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="shortage_positive"),
            models.CheckConstraint(condition=models.Q(reason__in=ShortageReason.values), name="shortage_reason_known"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["-reported_at", "-id"], condition=models.Q(settled_at__isnull=True), name="shortage_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.quantity}"


class Shift(models.Model):
    """A person at work, from the start of the shift to its end. Written by ``services.shifts`` only; one open row a person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="shifts", verbose_name=_("user"))
    station = models.CharField(_("station"), max_length=40, blank=True)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    note = models.CharField(_("note for the next shift"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user"], condition=models.Q(ended_at__isnull=True), name="shift_open_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-started_at"], name="shift_of_user"),
            models.Index(fields=["-ended_at"], name="shift_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at:%Y-%m-%d %H:%M}"


class Badge(models.Model):
    """A picker's badge; its barcode holds ``serial``, so a lost one is replaced by the next. Written by ``services.badges`` only."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="badge", verbose_name=_("user"))
    serial = models.PositiveIntegerField(_("issue"), default=1)
    issued_at = models.DateTimeField(_("issued"), default=timezone.now)

    class Meta:
        verbose_name = _("badge")
        verbose_name_plural = _("badges")

    def __str__(self) -> str:
        return f"{self.user_id}-{self.serial}"


class ArticleBarcode(models.Model):
    """Which barcode stands for which article, as marketplaces have told. Written by ``services.articles`` only.

    ``value``: digits of a GTIN filled up to 14, any other barcode as it is.
    """

    value = models.CharField(_("barcode"), max_length=64)
    article = models.CharField(_("article"), max_length=255)
    name = models.CharField(_("name"), max_length=300, blank=True)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)

    class Meta:
        verbose_name = _("barcode of an article")
        verbose_name_plural = _("barcodes of articles")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["value", "article"], name="barcode_of_article_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["article"], name="barcode_article")]

    def __str__(self) -> str:
        return f"{self.value}: {self.article}"
