"""One fact about an order, never changed, never deleted."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.enums import EntryKind, Source


class AppendOnlyError(TypeError):
    """Somebody tried to change or delete a timeline entry."""


def _refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
    raise AppendOnlyError("timeline entries are never changed and never deleted")


class TimelineQuerySet(models.QuerySet["TimelineEntry"]):
    update = _refuse
    delete = _refuse
    bulk_update = _refuse
    update_or_create = _refuse


class TimelineEntry(models.Model):
    """Written by ``services.timeline`` only, in the transaction of the change.

    ``happened_at`` is the source's clock, ``recorded_at`` ours. ``dedupe_key`` is the hash of the entry's natural key.
    """

    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="timeline", verbose_name=_("order"))
    task = models.ForeignKey(
        "orders.AssemblyTask", models.PROTECT, null=True, blank=True, related_name="timeline", verbose_name=_("task")
    )
    shipment = models.ForeignKey(
        "orders.Shipment", models.PROTECT, null=True, blank=True, related_name="timeline", verbose_name=_("shipment")
    )
    source = models.CharField(_("source"), max_length=12, choices=Source.choices)
    kind = models.CharField(_("kind"), max_length=24, choices=EntryKind.choices)
    code = models.CharField(_("raw word"), max_length=80, blank=True)
    status = models.CharField(_("status"), max_length=40, blank=True)
    data = models.JSONField(_("facts"), default=dict, blank=True, help_text=_("nothing personal"))
    happened_at = models.DateTimeField(_("happened"))
    recorded_at = models.DateTimeField(_("recorded"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("actor")
    )
    correction = models.BooleanField(_("correction"), default=False)
    dedupe_key = models.CharField(_("key against doubles"), max_length=32, unique=True, editable=False)

    objects = TimelineQuerySet.as_manager()

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline entries")
        indexes: ClassVar = [models.Index(fields=["order", "happened_at", "id"], name="timeline_order")]

    def __str__(self) -> str:
        return f"{self.source} {self.kind} {self.code}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert only: an entry that has been stored raises ``AppendOnlyError``."""
        if not self._state.adding:
            _refuse()
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    delete = _refuse
