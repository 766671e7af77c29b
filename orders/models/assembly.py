"""The unit a marketplace tracks and takes actions on, and its lines."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Right
from django.utils.translation import gettext_lazy as _

from orders.enums import OPEN_STAGES, Stage

OPEN = models.Q(stage__in=[stage.value for stage in OPEN_STAGES])


class AssemblyTask(models.Model):
    """Created by ``services.intake``; ``stage`` is written by ``services.stages`` only, ``assignee`` and
    ``wave`` by ``services.assembly``.

    ``moved_at``: when its stage or words were last written here; ``said_at``: the marketplace's own time of those words.
    ``cancel_requested_at``: since when the buyer's wish to cancel waits for an answer (``services.statuses``).
    """

    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="tasks", verbose_name=_("order"))
    account = models.ForeignKey(
        "orders.MarketplaceAccount", models.PROTECT, related_name="tasks", verbose_name=_("account")
    )
    external_id = models.CharField(_("number at the marketplace"), max_length=80, db_index=True)
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices, default=Stage.NEW)
    marketplace_status = models.JSONField(
        _("marketplace status"), default=dict, blank=True, help_text=_("the marketplace's own words")
    )
    delivery_type = models.CharField(_("delivery"), max_length=32, blank=True)
    code_kinds = models.JSONField(_("codes it takes"), default=list, blank=True)
    required_kinds = models.JSONField(_("codes it needs"), default=list, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("assembled by"),
    )
    wave = models.ForeignKey(
        "orders.Wave", models.SET_NULL, null=True, blank=True, related_name="tasks", verbose_name=_("wave")
    )
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    deadline_at = models.DateTimeField(_("deadline"))
    created_at = models.DateTimeField(_("ordered"), help_text=_("the marketplace's clock"))
    recorded_at = models.DateTimeField(_("received by us"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    sweep_at = models.DateTimeField(_("next status check"), null=True, blank=True)
    needs_asked_at = models.DateTimeField(_("needed codes asked for"), null=True, blank=True, editable=False)
    buyer_asked_at = models.DateTimeField(_("buyer asked for"), null=True, blank=True)
    buyer_due_at = models.DateTimeField(_("ask for the buyer at"), null=True, blank=True)
    raw = models.ForeignKey(
        "backoffice.RawPayload",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("raw order"),
    )
    raw_digest = models.CharField(_("hash of the raw order"), max_length=32, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    is_test = models.BooleanField(_("test order"), default=False, editable=False)
    moved_at = models.DateTimeField(_("status written"), null=True, blank=True, editable=False)
    said_at = models.DateTimeField(_("status said"), null=True, blank=True, editable=False)
    cancel_requested_at = models.DateTimeField(_("buyer wants to cancel since"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("assembly task")
        verbose_name_plural = _("assembly tasks")
        permissions: ClassVar = [
            ("work_task", "Can assemble tasks and enter codes"),
            ("act_task", "Can ask the marketplace to do something"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "external_id"], name="task_once"),
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="task_stage_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["stage", "deadline_at", "id"], condition=OPEN, name="task_queue"),
            models.Index(fields=["deadline_at", "id"], condition=OPEN, name="task_due"),
            models.Index(fields=["-created_at", "-id"], name="task_newest"),
            models.Index(fields=["updated_at", "id"], name="task_updated"),
            models.Index(Right("external_id", 4), name="task_tail"),
            models.Index(fields=["account", "sweep_at"], condition=models.Q(sweep_at__isnull=False), name="task_sweep"),
            models.Index(
                fields=["account", "buyer_due_at"],
                condition=models.Q(buyer_due_at__isnull=False),
                name="task_buyer_due",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN_STAGES


class TaskItem(models.Model):
    """A line of a task. Money is a Decimal with the ISO 4217 letters of its currency; both prices are kept.

    ``code_kinds`` and ``required_kinds`` are its own; None where those of the task hold for all its items. A line that
    was taken out of the order has the quantity 0.
    """

    task = models.ForeignKey(AssemblyTask, models.CASCADE, related_name="items", verbose_name=_("task"))
    external_id = models.CharField(_("number at the marketplace"), max_length=80, blank=True)
    article = models.CharField(_("article"), max_length=255, db_index=True)
    name = models.CharField(_("name"), max_length=300, blank=True)
    barcodes = models.JSONField(_("barcodes"), default=list, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=2)
    final_price = models.DecimalField(_("buyer pays"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    converted_price = models.DecimalField(_("converted price"), max_digits=14, decimal_places=2, null=True, blank=True)
    converted_final_price = models.DecimalField(
        _("buyer pays, converted"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    converted_currency = models.CharField(_("converted currency"), max_length=3, blank=True)
    code_kinds = models.JSONField(_("codes it takes"), null=True, blank=True)
    required_kinds = models.JSONField(_("codes it needs"), null=True, blank=True)
    data = models.JSONField(_("other facts"), default=dict, blank=True)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(price__gte=0), name="item_price_not_negative"),
        ]

    def __str__(self) -> str:
        return self.article

    @property
    def total(self) -> Decimal:
        """What the buyer pays for all units."""
        return (self.price if self.final_price is None else self.final_price) * self.quantity
