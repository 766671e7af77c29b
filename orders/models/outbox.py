"""What we ask marketplaces to do, and each attempt to tell them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.enums import OPEN_ACTION_STATES, ActionKind, ActionState, Source

OPEN_ACTION = models.Q(state__in=[state.value for state in OPEN_ACTION_STATES])


class MarketplaceAction(models.Model):
    """One request in the outbox. Written by ``services.outbox`` only.

    ``subject`` tells open actions of one kind apart where a task may have several (the code kind of PUT_CODES).
    ``payload`` holds nothing personal; the buyer's code of a receive or reject is in :class:`Buyer`.
    """

    task = models.ForeignKey("orders.AssemblyTask", models.PROTECT, related_name="actions", verbose_name=_("task"))
    account = models.ForeignKey(
        "orders.MarketplaceAccount", models.PROTECT, related_name="actions", verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=ActionKind.choices)
    subject = models.CharField(_("subject"), max_length=16, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=ActionState.choices, default=ActionState.QUEUED)
    payload = models.JSONField(_("payload"), default=dict, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("actor")
    )
    source = models.CharField(_("source"), max_length=12, choices=Source.choices, default=Source.STAFF)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    solo = models.BooleanField(_("send alone"), default=False)
    not_before = models.DateTimeField(_("not before"))
    keep_trying_until = models.DateTimeField(_("keep trying until"), null=True, blank=True)
    claim = models.UUIDField(_("claim"), null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True, editable=False)
    error_code = models.CharField(_("error"), max_length=80, blank=True)
    error_detail = models.CharField(_("what the marketplace said"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("requested"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("outbox")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "kind", "subject"], condition=OPEN_ACTION, name="action_open_once"),
            models.CheckConstraint(condition=models.Q(state__in=ActionState.values), name="action_state_known"),
            models.CheckConstraint(condition=models.Q(kind__in=ActionKind.values), name="action_kind_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "state", "not_before"], condition=OPEN_ACTION, name="action_due"),
            models.Index(fields=["-created_at", "-id"], name="action_newest"),
            models.Index(fields=["claim"], condition=models.Q(claim__isnull=False), name="action_claim"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_ACTION_STATES


class RequestKey(models.Model):
    """The idempotency key of a client and the action it got for it. Written by ``services.outbox`` only.

    ``digest`` is a keyed hash of the request: it tells another request under the same key, and nothing of its content.
    """

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("who"))
    key = models.CharField(_("idempotency key"), max_length=128)
    digest = models.CharField(_("hash of the request"), max_length=64, blank=True)
    action = models.ForeignKey(MarketplaceAction, models.CASCADE, related_name="keys", verbose_name=_("action"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints: ClassVar = [models.UniqueConstraint(fields=["actor", "key"], name="request_key_once")]

    def __str__(self) -> str:
        return self.key


class BulkRun(models.Model):
    """Many tasks, one action: the frozen list of ids between rehearsal and result. Written by ``services.bulk`` only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=ActionKind.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("actor"))
    task_ids = models.JSONField(_("tasks"))
    refused = models.JSONField(_("refused before sending"), default=dict)
    action_ids = models.JSONField(_("actions"), default=dict, help_text=_("task id → action id"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)

    class Meta:
        verbose_name = _("bulk run")
        verbose_name_plural = _("bulk runs")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ActionAttempt(models.Model):
    """One action in one call: written before the call leaves and again when it has answered."""

    class Outcome(models.TextChoices):
        OPEN = "", _("no answer yet")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        LATER = "later", _("later")
        UNCERTAIN = "uncertain", _("uncertain")
        CREDENTIALS = "credentials", _("credentials refused")

    action = models.ForeignKey(MarketplaceAction, models.CASCADE, related_name="tries", verbose_name=_("action"))
    call = models.UUIDField(_("call"), help_text=_("the same for all actions that travelled in one call"))
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices, default=Outcome.OPEN, blank=True)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    error_code = models.CharField(_("error"), max_length=80, blank=True)
    error_detail = models.CharField(_("what the marketplace said"), max_length=500, blank=True)
    request_id = models.CharField(_("request id"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["call"], name="attempt_call")]

    def __str__(self) -> str:
        return f"{self.action_id} {self.outcome}"
